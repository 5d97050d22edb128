"""``evaluate``: runs one suite by name."""

from __future__ import annotations

import importlib
import importlib.util

from smartmix.errors import SmartmixError
from smartmix.progress import Progress
from smartmix.training.suites.result import SuiteOptions, SuiteResult

SUITES = ("rough", "balance", "role", "habits")


def suites() -> tuple[str, ...]:
    """The suites that are there."""
    return tuple(name for name in SUITES if importlib.util.find_spec(f"smartmix.training.suites.{name}"))


def evaluate(suite: str, options: SuiteOptions, *, progress: Progress | None = None) -> SuiteResult:
    """Run the suite: ``smartmix.training.suites.NAME.run(options, progress=...)``.

    Raises SmartmixError for an unknown name, or a folder of songs that is none.
    """
    if suite not in suites():
        raise SmartmixError(f"suite {suite!r}: expected one of {', '.join(suites())}")
    for folder in (options.songs, options.model):
        if folder is not None and not folder.is_dir():
            raise SmartmixError(f"{folder}: no such folder")
    module = importlib.import_module(f"smartmix.training.suites.{suite}")
    result: SuiteResult = module.run(options, progress=progress)
    return result
