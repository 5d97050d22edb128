"""The outcome of a pass, for a person: one self-contained page (html) and the terminal (text).

The names below are imported when first used: the words for the terminal must not wait for the drawings of the
page.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartmix.report.html import render_html, write_report
    from smartmix.report.text import print_result

_HOMES = {"print_result": "text", "render_html": "html", "write_report": "html"}

__all__ = ["print_result", "render_html", "write_report"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"smartmix.report.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'smartmix.report' has no attribute {name!r}")
