"""smartmix: an assistant mix engineer that can be scripted.

The names below are what programs may rely on; each is imported when it is first used, so that ``import smartmix``
costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartmix.analysis.analysing import analyze
    from smartmix.analysis.loudness import measure_loudness
    from smartmix.audio import Audio
    from smartmix.errors import SmartmixError
    from smartmix.mastering.master import master
    from smartmix.matching.match import match_eq
    from smartmix.plan import MixPlan, Move, load_plan, save_plan
    from smartmix.rendering import render
    from smartmix.report import write_report
    from smartmix.session import Session
    from smartmix.workflow.mix import mix
    from smartmix.workflow.suggesting import suggest

_HOMES = {
    "Audio": "audio",
    "MixPlan": "plan",
    "Move": "plan",
    "Session": "session",
    "SmartmixError": "errors",
    "analyze": "analysis",
    "load_plan": "plan",
    "master": "mastering",
    "match_eq": "matching",
    "measure_loudness": "analysis",
    "mix": "workflow",
    "render": "rendering",
    "save_plan": "plan",
    "suggest": "workflow.suggesting",
    "write_report": "report",
}

__all__ = [
    "Audio",
    "MixPlan",
    "Move",
    "Session",
    "SmartmixError",
    "__version__",
    "analyze",
    "load_plan",
    "master",
    "match_eq",
    "measure_loudness",
    "mix",
    "render",
    "save_plan",
    "suggest",
    "write_report",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name in _HOMES:
        return getattr(import_module(f"smartmix.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'smartmix' has no attribute {name!r}")


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("smartmix")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0+source"


def __dir__() -> list[str]:
    return __all__
