"""Loudest sections first: the gain a whole song will need, foretold from the parts the limiter works hardest on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from smartmix import _core
from smartmix.audio.buffer import Samples
from smartmix.mastering.limited import LimitedStream, Source
from smartmix.mastering.loop import MAX_DRIVE_DB, USELESS_SLOPE, Goal, Start
from smartmix.mastering.spool import Spool
from smartmix.matching.grid import Floats
from smartmix.units import db_to_gain

SHARE = 8
"""A part in so many of the song is heard, and at least this many blocks."""
FEWEST_BLOCKS, MOST_BLOCKS = 4, 24
TURNS = 3
RUN_IN = 4
"""The first part in so many of a block is not counted."""
FORETOLD_LU = 0.02


@dataclass(frozen=True, slots=True)
class Outline:
    """Blocks of a song: the peak and the energy of each, K-weighted; its loudness and true peak without a limiter."""

    peaks: Floats
    energies: Floats
    lufs: float
    true_peak_dbtp: float


class OutlineMeter:
    """Watches blocks go by; any song has one outline, whatever is done with the blocks."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._meter = _core.LoudnessMeter(sample_rate, channels)
        self._peaks: list[float] = []
        self._energies: list[float] = []

    def watch(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """The same blocks."""
        for block in blocks:
            self._meter.process(block)
            self._peaks.append(float(max(block.max(initial=0.0), -block.min(initial=0.0))))
            self._energies.append(float(np.vdot(block, block)))
            yield block

    @property
    def outline(self) -> Outline:
        """What was seen."""
        return Outline(
            np.array(self._peaks),
            np.array(self._energies),
            self._meter.integrated_lufs(),
            self._meter.true_peak_dbtp(),
        )


def foretold(outline: Outline, spool: Spool, source: Source, goal: Goal) -> Start:
    """Gain and slope to begin the search with.

    Where nothing reaches the ceiling the gain is exact. Else every so many of the blocks that do, from the loudest on,
    run through a limiter at the gain in question; what they lose by how far they are over the ceiling is what the
    others lose.
    """
    if not math.isfinite(outline.lufs):
        return Start()
    plain = goal.target_lufs - outline.lufs
    if outline.true_peak_dbtp + plain <= goal.ceiling_dbtp:
        return Start(plain)
    if goal.max_reduction_db is not None:  # no use in looking beyond what the cap allows
        most = goal.ceiling_dbtp + goal.max_reduction_db - outline.true_peak_dbtp
        if most < plain:
            return Start(most)
    parts = _hardest(outline, db_to_gain(goal.ceiling_dbtp - plain))
    gain, slope = plain, 1.0
    seen: list[tuple[float, float]] = []
    for _ in range(TURNS):
        lufs = outline.lufs + gain - _lost_lu(outline, parts, spool, source, (gain, goal.ceiling_dbtp))
        seen.append((gain, lufs))
        if len(seen) > 1 and abs(seen[-1][0] - seen[-2][0]) > 1e-3:
            slope = (seen[-1][1] - seen[-2][1]) / (seen[-1][0] - seen[-2][0])
            slope = min(max(slope, USELESS_SLOPE), 1.0)
        missing = goal.target_lufs - lufs
        if abs(missing) <= FORETOLD_LU:
            break
        gain = min(gain + missing / slope, plain + 2.0 * TURNS, MAX_DRIVE_DB)
    return Start(gain, slope)


def _hardest(outline: Outline, limit: float) -> list[int]:
    """Numbers of the blocks to hear: spread over the ranks of those that pass the limit."""
    over = [int(i) for i in np.argsort(-outline.peaks) if outline.peaks[i] > limit]
    count = min(len(over), MOST_BLOCKS, max(FEWEST_BLOCKS, outline.peaks.size // SHARE))
    return sorted({over[i] for i in np.linspace(0, max(len(over) - 1, 0), count).astype(int)}) if over else []


def _lost_lu(
    outline: Outline, parts: list[int], spool: Spool, source: Source, drive: tuple[float, float]
) -> float:
    """Loudness the limiter takes from the song at a gain and ceiling, LU."""
    gain_db, ceiling_dbtp = drive
    gain, limit = db_to_gain(gain_db), db_to_gain(ceiling_dbtp)
    over_db = 20.0 * np.log10(np.maximum(outline.peaks * gain / limit, 1e-6))
    lost = []
    for number in parts:
        block = next(spool.blocks(number, 1))
        limited = _limited(block, source.sample_rate, drive)
        tail = block.shape[1] // RUN_IN  # the limiter comes from silence, and so does the weighting
        was, now = (_energy(each, source.sample_rate, tail) for each in (block, limited))
        lost.append(10.0 * math.log10(max(was * gain**2, 1e-20) / max(now, 1e-20)))
    rank = np.argsort(over_db[parts])
    known = np.concatenate([[0.0], over_db[parts][rank]])
    figures = np.concatenate([[0.0], np.array(lost)[rank]])
    lost_db = np.interp(np.maximum(over_db, 0.0), np.maximum.accumulate(known), figures)
    loud = outline.energies * (outline.energies > 0.1 * outline.energies.mean())
    left = (loud * np.power(10.0, -lost_db / 10.0)).sum()
    return float(10.0 * math.log10(max(loud.sum(), 1e-20) / max(left, 1e-20)))


def _limited(block: Samples, sample_rate: int, drive: tuple[float, float]) -> Samples:
    part = Source(lambda: iter([block]), sample_rate, len(block), block.shape[1])
    return np.concatenate(list(LimitedStream(part, *drive)), axis=1)


def _energy(block: Samples, sample_rate: int, begin: int) -> float:
    """K-weighted energy of a piece from a frame on."""
    meter = _core.LoudnessMeter(sample_rate, len(block), False)
    meter.process(block)
    return float(np.sum(meter.energies_10ms()[begin * 100 // sample_rate :]))
