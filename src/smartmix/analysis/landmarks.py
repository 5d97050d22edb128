"""What a revised file is recognised by: the highest peaks of a source and its level over time.

A landmark is a sample whose magnitude no other sample within half a second exceeds: it moves with the file, keeps its
value but for gain and polarity, and does not depend on where the file begins. ``likeness.match`` compares two.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.units import power_to_db

HOPS_PER_S = 100
REACH_HOPS = 49
"""No sample this near (0.49 s) is higher than a landmark. House: about one landmark a second."""
QUIETEST_LANDMARK = 10.0 ** (-90.0 / 20.0)
"""Peaks under -90 dBFS are dither, which no two exports share."""
LEVEL_RATE_HZ = 4.0
"""Rate of ``Fingerprint.levels_db``."""
HOPS_PER_LEVEL = 25
LEVEL_STEP_DB = 0.5
LOWEST_LEVEL_DB = -126.5
MOST_RATE_HZ = 1e6
MOST_FRAMES = 1 << 48
"""A file that tells of more has been damaged."""
"""Levels are kept in steps of half a dB from here up, one byte each; 0 is digital silence."""


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """Landmarks of one source on the session's time line, and its level.

    ``positions`` (landmarks,) frames at ``sample_rate``, rising; ``values`` (landmarks,) the samples there, of the
    louder side, with sign; ``levels`` (quarters of a second,) the mean square in steps of half a dB, 0 for silence;
    ``frames`` the length.
    """

    sample_rate: float
    frames: int
    positions: NDArray[np.int64]
    values: NDArray[np.float32]
    levels: NDArray[np.uint8]

    @property
    def levels_db(self) -> NDArray[np.float64]:
        """Mean square per quarter of a second, dBFS; -inf for digital silence."""
        level = LOWEST_LEVEL_DB + (self.levels.astype(np.float64) - 1.0) * LEVEL_STEP_DB
        return np.where(self.levels > 0, level, -np.inf)

    def to_plain(self) -> dict[str, object]:
        """For JSON: the arrays as base64 text (positions as steps int32, values float32, levels uint8, little end)."""
        steps = np.diff(self.positions, prepend=0)
        return {
            "sample_rate": self.sample_rate,
            "frames": self.frames,
            "position_steps": _text(steps, "<i4"),
            "values": _text(self.values, "<f4"),
            "levels": _text(self.levels, "u1"),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> Fingerprint:
        """What ``to_plain`` wrote. ValueError or KeyError for anything else."""
        steps = _array(plain["position_steps"], "<i4")
        positions = np.cumsum(steps, dtype=np.int64)
        values = _array(plain["values"], "<f4").astype(np.float32)
        if not np.isfinite(values).all() or (steps[1:] < 0).any():  # type: ignore[operator]
            raise ValueError("fingerprint: expected finite values, in order of time")
        if positions.size != values.size:
            raise ValueError(f"fingerprint: {positions.size} positions but {values.size} values")
        rate, frames = plain["sample_rate"], plain["frames"]
        if not isinstance(rate, (int, float)) or not isinstance(frames, int):
            raise ValueError("fingerprint: expected a sample rate and a number of frames")
        if not (1.0 <= rate <= MOST_RATE_HZ and 0 <= frames <= MOST_FRAMES):
            raise ValueError(
                f"fingerprint: expected a sample rate of 1 to {MOST_RATE_HZ:.0f} Hz and 0 to {MOST_FRAMES} frames"
            )
        return cls(float(rate), frames, positions, values, _array(plain["levels"], "u1").astype(np.uint8))


def _text(values: NDArray[np.generic], kind: str) -> str:
    return b64encode(np.ascontiguousarray(values.astype(kind)).tobytes()).decode("ascii")


def _array(text: object, kind: str) -> NDArray[np.generic]:
    if not isinstance(text, str):
        raise ValueError("fingerprint: expected base64 text")
    return np.frombuffer(b64decode(text, validate=True), dtype=kind)


class FingerprintMeter:
    """Collects a fingerprint from the hops of a native ``HopMeter`` (rows of ``take_hops``), in order, in any cuts."""

    def __init__(self, sample_rate: float) -> None:
        self._rate = float(sample_rate)
        self._hops = np.zeros((REACH_HOPS, 2), np.float32)
        self._first = -REACH_HOPS
        self._positions: list[NDArray[np.int64]] = []
        self._values: list[NDArray[np.float32]] = []
        self._levels: list[NDArray[np.uint8]] = []
        self._powers = np.zeros(0, np.float32)

    def push(self, hops: NDArray[np.float32]) -> None:
        """Take in the next rows of ``take_hops``."""
        self._hops = np.concatenate((self._hops, hops[:, 3:5]))
        self._find()
        self._powers = np.concatenate((self._powers, 0.5 * (hops[:, 0] + hops[:, 1])))
        whole = self._powers.size // HOPS_PER_LEVEL * HOPS_PER_LEVEL
        self._take_levels(self._powers[:whole].reshape(-1, HOPS_PER_LEVEL))
        self._powers = self._powers[whole:]

    def finish(self, frames: int) -> Fingerprint:
        """The fingerprint of a source that was ``frames`` long."""
        self._hops = np.concatenate((self._hops, np.zeros((REACH_HOPS, 2), np.float32)))
        self._find()
        if self._powers.size:
            self._take_levels(self._powers[np.newaxis])
        return Fingerprint(
            self._rate,
            frames,
            np.concatenate(self._positions) if self._positions else np.zeros(0, np.int64),
            np.concatenate(self._values) if self._values else np.zeros(0, np.float32),
            np.concatenate(self._levels) if self._levels else np.zeros(0, np.uint8),
        )

    def _find(self) -> None:
        """Landmarks among the hops that have REACH_HOPS on both sides; of equal ones the first."""
        ready = len(self._hops) - 2 * REACH_HOPS
        if ready <= 0:
            return
        size = np.abs(self._hops[:, 0])
        around = np.lib.stride_tricks.sliding_window_view(size, REACH_HOPS).max(axis=1)
        here = size[REACH_HOPS : REACH_HOPS + ready]
        highest = (here > around[:ready]) & (here >= around[REACH_HOPS + 1 :]) & (here >= QUIETEST_LANDMARK)
        at = np.flatnonzero(highest)
        if at.size:
            rows = self._hops[REACH_HOPS + at]
            starts = np.round((self._first + REACH_HOPS + at) * self._rate / HOPS_PER_S)
            self._positions.append((starts + rows[:, 1]).astype(np.int64))
            self._values.append(rows[:, 0])
        self._hops = self._hops[ready:]
        self._first += ready

    def _take_levels(self, powers: NDArray[np.float32]) -> None:
        if powers.size:
            level = power_to_db(powers.mean(axis=1, dtype=np.float64))
            steps = np.round((np.maximum(level, LOWEST_LEVEL_DB) - LOWEST_LEVEL_DB) / LEVEL_STEP_DB) + 1.0
            self._levels.append(np.where(np.isfinite(level), np.minimum(steps, 255.0), 0.0).astype(np.uint8))


def fingerprint(blocks: Iterable[NDArray[np.float32]], sample_rate: float, channels: int) -> Fingerprint:
    """The fingerprint of one source from its blocks (1 or 2 channels, frames) float32, in order and in any sizes."""
    meter, collector, frames = _core.HopMeter(float(sample_rate), channels), FingerprintMeter(sample_rate), 0
    for block in blocks:
        meter.process(np.ascontiguousarray(block, dtype=np.float32))
        collector.push(meter.take_hops())
        frames += block.shape[1]
    meter.finish()
    collector.push(meter.take_hops())
    return collector.finish(frames)
