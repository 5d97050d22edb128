"""Edits as people type them: values ("-2.5 dB", "L30", "1:04=-2 1:35=0") and moves of their own."""

from __future__ import annotations

import math
import re

from smartmix.errors import PlanError
from smartmix.figures import MINUS
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import MAX_LANE_POINTS, Move, MoveSet, Value, move_id
from smartmix.plan.ranges import Range, check_address, check_value, range_of

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_TITLES = {
    ("fader", "gain_db"): "fader",
    ("trim", "gain_db"): "trim",
    ("pan", "pan"): "pan",
    ("input", "polarity"): "polarity",
    ("input", "shift_ms"): "shift",
}
_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)")


def parse_value(text: str, unit: str) -> Value:
    """A value a person typed for a parameter with this unit ("dB", "Hz", "" ...).

    A number may carry its unit ("-2.5 dB", "2.8 kHz"); a pan may be "L30", "C" or "R30"; "1:04=-2 1:35=0"
    is a lane; any other single word is a choice ("bell"). PlanError for anything else, also for a decimal
    comma.
    """
    plain = text.strip().replace(MINUS, "-")
    if "=" in plain:
        return _parse_lane(plain, unit)
    number = _parse_number(plain, unit)
    if number is not None:
        return number
    if re.fullmatch(r"[A-Za-z][A-Za-z_]*|[a-z0-9]+(-[a-z0-9]+)+", plain) and unit == "":
        return plain  # a choice, or the id of a track
    comma = "; write a decimal point" if "," in plain else ""
    expected = f"a number in {unit}" if unit else "a number, a word or a pan position like L30"
    raise PlanError(f"value {text!r}: expected {expected}{comma}")


def parse_time_s(text: str) -> float:
    """Seconds of a time a person typed: "64", "1:04", "1:04.5", "1:02:03"."""
    match = _TIME.fullmatch(text.strip())
    if not match:
        raise PlanError(f"time {text!r}: expected minutes:seconds such as 1:04")
    hours, minutes, seconds = (float(part) if part else 0.0 for part in match.groups())
    if (":" in text and seconds >= 60.0) or (match[1] and minutes >= 60.0):
        raise PlanError(f"time {text!r}: expected less than 60 after each colon")
    return hours * 3600.0 + minutes * 60.0 + seconds


def person_move(
    plan: MixPlan,
    ref: ParamRef | str,
    value: Value,
    *,
    reason: str = "",
    span_s: tuple[float, float] | None = None,
    who: str = "person",
) -> Move:
    """A move of a person's own for ``MixPlan.add``: one setting, with an id not yet taken.

    PlanError for an address there is not, a value out of range, or a part of the song for what holds for all of it.
    """
    ref = ParamRef.parse(ref) if isinstance(ref, str) else ref
    check_value(check_address(ref), value)
    taken = {move.id for move in plan.moves}
    names = (
        move_id(ref.track, "person", str(ref), f"{span_s or ''}{n or ''}") for n in range(len(taken) + 1)
    )
    allowed = range_of(ref)
    if allowed is not None and allowed.fixed and span_s is not None:
        raise PlanError(f"{ref}: holds for the whole song; leave the span out")
    before: Value = _before(allowed) if allowed else 0.0
    return Move(
        id=next(name for name in names if name not in taken),
        track=ref.track,
        title=_TITLES.get((ref.device, ref.parameter), f"{ref.device} {ref.parameter}"),
        source=who,
        confidence=1.0,
        reason=reason,
        sets=(MoveSet(ref, allowed.unit if allowed else "", before, value),),
        authority="person",
        span_s=span_s,
    )


def _before(allowed: Range) -> Value:
    """Where a knob stands that nobody has touched."""
    if allowed.names_track:
        return ""
    return allowed.default if not allowed.choices else allowed.choices[0]


def _parse_lane(text: str, unit: str) -> Value:
    points: list[Breakpoint] = []
    for part in text.split():
        time, sign, value = part.partition("=")
        number = _parse_number(value, unit) if sign else None
        if number is None:
            raise PlanError(f"lane point {part!r}: expected time=value such as 1:04=-2")
        points.append(Breakpoint(parse_time_s(time), number))
    times = [p.time_s for p in points]
    if times != sorted(times):
        raise PlanError(f"lane {text!r}: expected rising times")
    if len(points) > MAX_LANE_POINTS:
        raise PlanError(f"lane of {len(points)} points: expected at most {MAX_LANE_POINTS}")
    return tuple(points)


def _parse_number(text: str, unit: str) -> float | None:
    side = re.fullmatch(r"(?:([LR])(\d+(?:\.\d+)?)|C)", text, re.IGNORECASE)
    if side and unit == "":
        return 0.0 if side[1] is None else float(side[2]) / 100.0 * (-1.0 if side[1] in "lL" else 1.0)
    kilo = r"\s*k(?:hz)?|\s*hz" if unit.casefold() == "hz" else rf"\s*{re.escape(unit)}" if unit else ""
    match = (
        re.fullmatch(rf"({_NUMBER})({kilo})?", text, re.IGNORECASE) if kilo else re.fullmatch(_NUMBER, text)
    )
    if not match:
        return None
    factor = 1000.0 if kilo and match[2] and match[2].strip().casefold().startswith("k") else 1.0
    value = float(match[1] if kilo else match[0]) * factor
    return value if math.isfinite(value) else None
