"""REAPER's envelopes as controls: points, the fader they add to, the scale they are drawn on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from smartmix.errors import InteropError
from smartmix.interop.lanes import added, decibel_points, to_db, without_between
from smartmix.interop.model import Control
from smartmix.interop.rpp.pan_law import PanLaw
from smartmix.parameter import Breakpoint

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smartmix.interop.rpp.text import Block

LARGEST = 1e9
"""No time, rate or gain of a song is past this."""
_HEARD_LANES = ("VOLENV", "PANENV2", "AUXVOLENV", "MASTERVOLENV2", "MASTERPANENV2")
_KNEE, _RISE = (0.8376, 4.1605, 17.2065), (0.38791, 36.6992)
"""REAPER's fader: height, middle (dB) and width (dB) of a knee; height and width (dB) of a rise."""
_FADER_STEP_DB, _QUIETEST_DB = 1.8, -100.0
_TRIM, _BYPASSED = 0, 5


def number_at(words: Sequence[str], index: int, default: float, what: str) -> float:
    """A word as a number; InteropError for one that no song has."""
    if index >= len(words):
        return default
    try:
        value = float(words[index])
    except ValueError:
        value = math.nan
    if not abs(value) <= LARGEST:
        raise InteropError(f"{what}: {words[index][:40]!r}, expected a number a song can have")
    return value


@dataclass(frozen=True, slots=True)
class Mode:
    """What an automation mode makes of a lane: in trim/read (0) a fader adds to it, in others it stands in the fader's
    place; with 5 all lanes are bypassed. ``mode``: AUTOMODE, or GLOBAL_AUTO where that is not -1.
    """

    mode: int = _TRIM

    @property
    def adds(self) -> bool:
        """Whether the fader adds to its lane."""
        return self.mode == _TRIM

    @property
    def bypassed(self) -> bool:
        """Whether lanes are not heard."""
        return self.mode >= _BYPASSED


def mode_over(root: Block) -> Mode | None:
    """What the whole project makes of automation, where GLOBAL_AUTO says so."""
    over = int(number_at(root.words("GLOBAL_AUTO"), 0, -1.0, "GLOBAL_AUTO"))
    return Mode(over) if over >= 0 else None


def mode_of(words: Sequence[str], over: Mode | None, what: str) -> Mode:
    """The automation mode in a line's words; ``over`` is what the whole project says, if anything."""
    return over if over is not None else Mode(int(number_at(words, 0, 0.0, what)))


def level(still: float, lane: Block | None, mode: Mode, what: str) -> Control:
    """A fader (linear gain) and its lane, in dB."""
    points = _points(lane, mode, what)
    if not points:
        return Control(to_db(still))
    assert lane is not None
    scaled = lane.words("VOLTYPE")[:1] not in ([], ["0"])
    drawn = _fader_lines(points) if scaled else decibel_points(points)
    base = to_db(still) if mode.adds else 0.0
    moved = tuple(Breakpoint(p.time_s, p.value + base, p.curve) for p in drawn)
    return Control(moved[0].value, moved)


def place(still: float, lane: Block | None, mode: Mode, what: str) -> Control:
    """A pan knob and its lane in REAPER's own law. A lane counts left as positive, the knob right."""
    base = min(max(still, -1.0), 1.0)
    points = _points(lane, mode, what)
    if not points:
        return Control(base)
    start = base if mode.adds else 0.0
    moved = tuple(Breakpoint(p.time_s, min(max(start - p.value, -1.0), 1.0), p.curve) for p in points)
    return Control(moved[0].value, moved)


def resting(control: Control) -> Control:
    """A control whose lane does not move, without the lane."""
    return Control(control.value) if len({p.value for p in control.points}) == 1 else control


def level_and_pan(volume: Control, pan: Control, law: PanLaw) -> tuple[Control, Control]:
    """Fader and pan as smartmix has them, where the project pans by another law; lanes that do not move are none."""
    volume = resting(volume)
    ours, gain = law.told_lane(resting(pan))
    return (volume if gain.is_neutral else added(volume, gain)), ours


def is_on(lane: Block) -> bool:
    """Whether an envelope is switched on."""
    return lane.words("ACT")[:1] != ["0"]


def bent(lane: Block) -> bool:
    """Whether an envelope that is switched on has points that are neither straight nor a hold."""
    if not is_on(lane) or not lane.key.startswith(_HEARD_LANES):
        return False
    return any(line.words[3:4] not in ([], ["0"], ["1"]) for line in lane.lines("PT"))


def _points(lane: Block | None, mode: Mode, what: str) -> list[Breakpoint]:
    """The points of a lane that is heard; shapes other than a hold count as straight."""
    if lane is None or not is_on(lane) or mode.bypassed:
        return []
    rows = [line.words[1:] for line in lane.lines("PT")]
    points = [
        Breakpoint(
            number_at(row, 0, 0.0, what),
            number_at(row, 1, 0.0, what),
            "hold" if row[2:3] == ["1"] else "linear",
        )
        for row in rows
    ]
    return sorted(points, key=lambda point: point.time_s)


def _fader_lines(points: Sequence[Breakpoint]) -> tuple[Breakpoint, ...]:
    """Points (linear gain) of a lane with fader scaling (VOLTYPE 1) as a ride in dB.

    Such a lane runs straight on the fader's scale: a curve of the level, fitted to positions others have measured on
    renders (docs/interop.md), within 0.03 dB of them from +12 to -66 dB.
    """
    drawn: list[Breakpoint] = []
    for start, end in pairwise(points):
        drawn.append(Breakpoint(start.time_s, to_db(start.value), start.curve))
        if start.curve == "linear" and end.time_s > start.time_s:
            drawn += _between(start, end)
    drawn += [Breakpoint(p.time_s, to_db(p.value), p.curve) for p in points[-1:]]
    return without_between(drawn)


def _between(start: Breakpoint, end: Breakpoint) -> Iterator[Breakpoint]:
    first, last = (max(to_db(p.value), _QUIETEST_DB) for p in (start, end))
    low, high = _position(first), _position(last)
    steps = math.ceil(abs(last - first) / _FADER_STEP_DB - 1e-6)
    for step in range(1, steps):
        level_db = first + step / steps * (last - first)
        share = (_position(level_db) - low) / (high - low)
        yield Breakpoint(start.time_s + share * (end.time_s - start.time_s), level_db)


def _position(level_db: float) -> float:
    """Where a level lies on the fader, in a scale of its own."""
    height, middle, width = _KNEE
    knee = height / (1.0 + math.exp((middle - level_db) / width))
    return knee + _RISE[0] * math.exp(level_db / _RISE[1])
