"""How much of each stage: ``35``, or ``eq=35,width=0,dynamics=40``."""

from __future__ import annotations

import math
from collections.abc import Mapping

from smartmix.errors import SmartmixError
from smartmix.mastering.stage import MOST_AMOUNT, STAGES

Amount = float | Mapping[str, float]
"""Percent of every stage, or of those that are named (the others 100)."""


def amounts(given: Amount) -> dict[str, float]:
    """Percent for every stage. SmartmixError names a stage that does not exist or a figure out of 0 to 150."""
    if isinstance(given, Mapping):
        unknown = sorted(set(given) - set(STAGES))
        if unknown:
            raise SmartmixError(f"amount of {unknown[0]!r}: expected one of {', '.join(STAGES)}")
        named = dict(given)
    else:
        named = dict.fromkeys(STAGES, given)
    for stage, percent in named.items():
        if isinstance(percent, bool) or not isinstance(percent, int | float):
            raise SmartmixError(f"amount {stage} = {percent!r}: expected a number in %")
        if not (math.isfinite(percent) and 0.0 <= percent <= MOST_AMOUNT):
            raise SmartmixError(f"amount {stage} = {percent:g}: expected 0 to {MOST_AMOUNT:g} %")
    return {stage: float(named.get(stage, 100.0)) for stage in STAGES}


def parse_amounts(text: str) -> Amount:
    """``"35"`` or ``"eq=35,width=0"`` as a person writes it. SmartmixError says what was expected."""
    try:
        if "=" not in text:
            return float(text.strip().removesuffix("%"))
        named: dict[str, float] = {}
        for part in text.split(","):
            name, _, percent = part.partition("=")
            if name.strip() in named:
                raise SmartmixError(f"--amount {text!r}: {name.strip()!r} is there twice")
            named[name.strip()] = float(percent.strip().removesuffix("%"))
    except ValueError:
        raise SmartmixError(
            f"--amount {text!r}: expected a percentage, or stages with theirs such as eq=35,width=0"
        ) from None
    amounts(named)
    return named
