"""Moves and decisions in the precision of plan.toml, checked: what is saved reads back as it was."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from smartmix.errors import PlanError
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import MAX_LANE_POINTS, Move, MoveSet, Value
from smartmix.plan.ranges import check_value

if TYPE_CHECKING:
    from smartmix.plan.mixplan import HistoryEntry

VALUE_DECIMALS = 4
"""Decimals of settings (dB, Hz, Q, pan) and of times (0.1 ms): far below what can be heard."""
FACT_DECIMALS = 3
"""Decimals of evidence, confidence, interval and benefit."""


def tidy_value(value: Value) -> Value:
    """A value with the precision of plan.toml: floats to 4 decimals, -0 as 0; words stay."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        points = (Breakpoint(_number(p.time_s, "time"), _number(p.value, "value"), p.curve) for p in value)
        return tuple(points)
    return _number(value, "value")


def _number(value: float, what: str, decimals: int = VALUE_DECIMALS) -> float:
    if not math.isfinite(value):
        raise PlanError(f"{what} {value!r}: expected a finite number")
    return round(float(value), decimals) + 0.0


def _fact(value: float, what: str) -> float:
    return _number(value, what, FACT_DECIMALS)


def _pair(pair: tuple[float, float] | None, what: str, decimals: int) -> tuple[float, float] | None:
    if pair is None:
        return None
    low, high = (_number(x, what, decimals) for x in pair)
    if low > high:
        raise PlanError(f"{what} [{low:g}, {high:g}]: expected two rising numbers")
    return low, high


def tidy_move(move: Move) -> Move:
    """The move in file precision, checked. Idempotent."""
    try:
        if move.confidence < 0.0 or move.confidence > 1.0:
            raise PlanError(f"confidence {move.confidence!r}: expected 0 to 1")
        return replace(
            move,
            confidence=_fact(move.confidence, "confidence"),
            benefit=_fact(move.benefit, "benefit"),
            span_s=_pair(move.span_s, "span_s", VALUE_DECIMALS),
            interval=_pair(move.interval, "interval", FACT_DECIMALS),
            sets=tuple(tidy_set(s) for s in move.sets),
            evidence=tuple(_tidy_evidence(e) for e in move.evidence),
        )
    except PlanError as error:
        raise PlanError(f"move {move.id}: {error}") from None


def tidy_set(setting: MoveSet) -> MoveSet:
    """The setting in file precision; what may sound must be in range (``before`` only informs)."""
    ref = setting.ref
    before, suggested = tidy_value(setting.before), _sounding(ref, setting.suggested)
    chosen = None if setting.chosen is None else _sounding(ref, setting.chosen)
    return replace(setting, before=before, suggested=suggested, chosen=chosen)


def _sounding(ref: ParamRef, value: Value) -> Value:
    return tidy_value(check_value(ref, _checked_lane(ref, value)))


def _checked_lane(ref: ParamRef, value: Value) -> Value:
    if not isinstance(value, tuple):
        return value
    if not 1 <= len(value) <= MAX_LANE_POINTS:
        raise PlanError(f"{ref}: a lane of {len(value)} points; expected 1 to {MAX_LANE_POINTS}")
    times = [p.time_s for p in value]
    if any(not b >= a for a, b in pairwise(times)):
        raise PlanError(f"{ref}: lane times must rise, got {times}")
    return value


def _tidy_evidence(evidence: Evidence) -> Evidence:
    return replace(
        evidence,
        amount=_fact(evidence.amount, "amount"),
        band_hz=_pair(evidence.band_hz, "band_hz", VALUE_DECIMALS),
        span_s=_pair(evidence.span_s, "span_s", VALUE_DECIMALS),
    )


def tidy_entry(entry: HistoryEntry) -> HistoryEntry:
    """A decision in file precision."""
    before, after = (None if v is None else tidy_value(v) for v in (entry.before, entry.after))
    return replace(entry, before=before, after=after)
