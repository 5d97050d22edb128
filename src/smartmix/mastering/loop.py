"""The loudness loop: which gain into the limiter brings a mix to its target."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from smartmix import _core
from smartmix.analysis.loudness import Loudness, read_meter
from smartmix.figures import number
from smartmix.mastering.limited import LimitedStream, Source

if TYPE_CHECKING:
    from smartmix.mastering.spool import Spool
    from smartmix.progress import Progress

AIM_LU = 0.03
"""The loop stops this close to the target, inside the 0.05 LU it aims at."""
USELESS_SLOPE = 0.15
"""LU per dB of drive that steps reckon with at least."""
FLAT_SLOPE = 0.08
"""LU per dB of drive below which more drive only flattens the sound: where it falls to that a mix is loudest."""
SCAN_DB, HARD_DB = 3.0, 6.0
"""The steps in which that place is looked for, and the gain reduction from which on it may have been passed."""
MAX_PASSES = 12
MAX_CORRECTIONS = 4
LOWEST_CEILING_DBTP = -24.0
MAX_STEP_DB = 6.0
MAX_DRIVE_DB = 60.0
CAP_SLACK_DB = 0.01
_PEAK_SLACK_DB = 0.002  # kept under the ceiling for the dither of 24 bits


@dataclass(frozen=True, slots=True)
class Goal:
    """What the loop aims at. ``max_reduction_db`` None: the target is met whatever it takes.

    ``further``: what a person does to get past that cap, as a sentence.
    """

    target_lufs: float
    ceiling_dbtp: float
    max_reduction_db: float | None
    further: str = "Ask for a target to go further"


@dataclass(frozen=True, slots=True)
class Start:
    """Where the search begins, when something is known already: gain, LU per dB there, and how near is near enough.

    ``room``: where the last pass is kept, so that it need not run again to be written.
    """

    gain_db: float = 0.0
    slope: float = 1.0
    aim_lu: float = AIM_LU
    room: Spool | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """One run through the limiter: what went in (gain, limiter ceiling) and what came out."""

    gain_db: float
    limiter_ceiling_dbtp: float
    loudness: Loudness
    max_reduction_db: float
    mean_reduction_db: float

    @property
    def lufs(self) -> float:
        """Integrated loudness of the limited audio."""
        return self.loudness.integrated_lufs


@dataclass(frozen=True, slots=True)
class Outcome:
    """The pass to print, why it is not the target (empty if it is), and how many passes it took."""

    chosen: Pass
    reason: str
    passes: int
    last: bool = True
    """Whether the chosen pass is the one that ran last (and so is the one in the room of the start)."""


def find_gain(
    source: Source, goal: Goal, progress: Progress | None = None, start: Start | None = None
) -> Outcome:
    """Drive the limiter until the integrated loudness meets the goal, and say so if it cannot.

    Secant steps on the gain, with the slope held between 0.15 and 1 LU per dB. A cap on the gain reduction
    lowers the loudness instead. Silence, or audio too short to have a loudness, is left at gain 0 (or ``start``).
    """
    return _Search(source, goal, progress, start or Start()).run()


class _Search:
    def __init__(self, source: Source, goal: Goal, progress: Progress | None, start: Start) -> None:
        self._source = source
        self._goal = goal
        self._start = start
        self._progress = progress
        self._ceiling_dbtp = goal.ceiling_dbtp
        self._passes: list[Pass] = []

    def run(self) -> Outcome:
        chosen = self._try(self._start.gain_db)
        if not math.isfinite(chosen.lufs):
            return self._end(chosen, "there is no loudness to aim with: silence, or shorter than 0.4 s")
        cap_gain_db = math.inf  # the gain at which the reduction just keeps to its cap, once that is known
        while len(self._passes) < MAX_PASSES:
            missing = self._goal.target_lufs - chosen.lufs
            wanted_db = chosen.gain_db + self._step(missing)
            excess = self._excess(chosen)
            if excess > 0.0:
                cap_gain_db = min(cap_gain_db, chosen.gain_db - excess - CAP_SLACK_DB)
                chosen = self._try(min(wanted_db, cap_gain_db))
            elif abs(missing) <= self._start.aim_lu:
                return self._beyond() if self._may_be_past_the_most(chosen) else self._end(chosen, "")
            elif missing > 0.0 and chosen.gain_db >= cap_gain_db - CAP_SLACK_DB:
                return self._end(chosen, self._cap_reason(chosen))
            elif missing > 0.0 and (self._slope() < FLAT_SLOPE or chosen.gain_db >= MAX_DRIVE_DB):
                return self._beyond()
            else:
                chosen = self._try(min(wanted_db, cap_gain_db, MAX_DRIVE_DB))
        return self._settle()

    def _step(self, missing: float) -> float:
        step = missing / min(max(self._slope(), USELESS_SLOPE), 1.0)
        return step if len(self._passes) == 1 else max(-MAX_STEP_DB, min(MAX_STEP_DB, step))

    def _slope(self) -> float:
        """LU per dB between the last two passes; the start's where there is nothing to tell it from."""
        if len(self._passes) < 2:
            return self._start.slope
        before, last = self._passes[-2:]
        driven = last.gain_db - before.gain_db
        return (last.lufs - before.lufs) / driven if abs(driven) > 1e-6 else 1.0

    def _excess(self, done: Pass) -> float:
        """How far the gain reduction is past its cap, dB."""
        if self._goal.max_reduction_db is None:
            return 0.0
        return max(0.0, done.max_reduction_db - self._goal.max_reduction_db)

    def _try(self, gain_db: float) -> Pass:
        done = self._measure(gain_db)
        for _ in range(MAX_CORRECTIONS):
            over = done.loudness.true_peak_dbtp - (self._goal.ceiling_dbtp - _PEAK_SLACK_DB)
            if over <= 0.0 or self._ceiling_dbtp <= LOWEST_CEILING_DBTP:
                break
            # The limiter itself is exact up to 0.45 of the sample rate; this is for what it could not see.
            self._ceiling_dbtp = max(self._ceiling_dbtp - over - _PEAK_SLACK_DB, LOWEST_CEILING_DBTP)
            done = self._measure(gain_db)
        return done

    def _measure(self, gain_db: float) -> Pass:
        number = len(self._passes) + 1
        stream = LimitedStream(self._source, gain_db, self._ceiling_dbtp)
        meter = _core.LoudnessMeter(self._source.sample_rate, self._source.channels)
        done = 0
        room = self._start.room
        if room is not None:
            room.clear()
        for block in stream:
            meter.process(block)
            done += block.shape[1]
            if room is not None:
                room.add(block)
            if self._progress is not None:
                self._progress(f"loudness pass {number}", done / max(self._source.frames, 1))
        self._passes.append(
            Pass(
                gain_db,
                self._ceiling_dbtp,
                read_meter(meter),
                stream.max_reduction_db,
                stream.mean_reduction_db,
            )
        )
        return self._passes[-1]

    def _may_be_past_the_most(self, chosen: Pass) -> bool:
        """Whether the way to a pass led over a place where more drive did next to nothing."""
        if self._goal.max_reduction_db is not None or chosen.max_reduction_db < HARD_DB:
            return False
        by_gain = {round(one.gain_db, 6): one for one in self._passes if one.gain_db <= chosen.gain_db + 1e-6}
        return min(_slopes([by_gain[gain] for gain in sorted(by_gain)])) < 2.0 * FLAT_SLOPE

    def _beyond(self) -> Outcome:
        """The target, if more drive is still worth it there; else the loudest it makes. That is one loudness for one
        mix, whatever was asked for.
        """
        most = self._most()
        missing = self._goal.target_lufs - most.lufs
        if self._excess(most) > 0.0:
            return self._settle()
        if missing > self._start.aim_lu:
            return self._end(most, self._unreachable_reason(most))
        return self._between(most)

    def _most(self) -> Pass:
        """The pass with as much drive as still brings 0.08 LU per dB: past it loudness hardly rises. It is looked for
        upwards from where the limiter begins, so that it is the same whatever was tried before.
        """
        first = self._passes[0]
        gain_db = first.gain_db + self._goal.ceiling_dbtp - first.loudness.true_peak_dbtp
        curve = [self._try(gain_db)]
        while gain_db < MAX_DRIVE_DB and (len(curve) < 3 or _slopes(curve)[-1] >= FLAT_SLOPE):
            gain_db = min(gain_db + SCAN_DB, MAX_DRIVE_DB)
            curve.append(self._try(gain_db))
        return self._try(min(_where_flat(curve), MAX_DRIVE_DB))

    def _between(self, most: Pass) -> Outcome:
        """The target, which lies between a pass under it and the loudest."""
        target, chosen = self._goal.target_lufs, most
        for _ in range(MAX_CORRECTIONS + 2):
            if abs(chosen.lufs - target) <= self._start.aim_lu:
                break
            below = max((p for p in self._passes if p.lufs <= target), key=lambda p: p.lufs)
            above = min((p for p in self._passes if p.lufs > target), key=lambda p: p.lufs)
            share = (target - below.lufs) / (above.lufs - below.lufs)
            chosen = self._try(below.gain_db + share * (above.gain_db - below.gain_db))
        return self._end(chosen, "")

    def _settle(self) -> Outcome:
        """Out of passes: the closest one that keeps to the cap."""
        within = [one for one in self._passes if self._excess(one) <= 0.0] or self._passes
        closest = min(within, key=lambda one: abs(one.lufs - self._goal.target_lufs))
        if abs(closest.lufs - self._goal.target_lufs) <= 0.1:
            return self._end(closest, "")
        return self._end(closest, self._unreachable_reason(closest))

    def _end(self, chosen: Pass, reason: str) -> Outcome:
        return Outcome(chosen, reason, len(self._passes), chosen is self._passes[-1])

    def _unreachable_reason(self, chosen: Pass) -> str:
        return (
            f"{number(self._goal.target_lufs)} LUFS is not reachable under {number(self._goal.ceiling_dbtp)} "
            f"dBTP: more gain only feeds the limiter; the most is {number(chosen.lufs)} LUFS"
        )

    def _cap_reason(self, chosen: Pass) -> str:
        return (
            f"{number(self._goal.target_lufs)} LUFS would take more than {self._goal.max_reduction_db:g} dB of "
            f"gain reduction; the most within that is {number(chosen.lufs)} LUFS. {self._goal.further}"
        )


def _slopes(curve: list[Pass]) -> list[float]:
    """LU per dB from each pass to the next."""
    return [(b.lufs - a.lufs) / (b.gain_db - a.gain_db) for a, b in pairwise(curve)]


def _where_flat(curve: list[Pass]) -> float:
    """The gain at which the slope falls to the flat one, on straight lines between the middles of readings."""
    middles = [(a.gain_db + b.gain_db) / 2.0 for a, b in pairwise(curve)]
    for (low, above), (high, under) in pairwise(zip(middles, _slopes(curve), strict=True)):
        if above >= FLAT_SLOPE > under:
            return low + (above - FLAT_SLOPE) / (above - under) * (high - low)
    return curve[-1].gain_db
