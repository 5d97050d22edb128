"""One effect in a stream, and what it takes out measured beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from smartmix.audio.buffer import Samples
from smartmix.processors import Processor
from smartmix.units import power_to_db

APART_MS = 5.0
"""Changes closer together than this are one place."""


class Stage:
    """An effect that blocks run through; its latency stays in, and what it took out is counted."""

    def __init__(self, kind: str, effect: Processor, sample_rate: float, channels: int) -> None:
        self.kind = kind
        self.effect = effect
        self.sample_rate = sample_rate
        effect.process(np.zeros((channels, 0), np.float32), sample_rate, reset=False)
        self.latency_frames = effect.latency_frames
        self.places = 0
        self.peak = 0.0
        self._past = np.zeros((channels, self.latency_frames), np.float32)
        self._energy = 0.0
        self._samples = 0
        self._last_change = -(10**9)
        self._frame = 0

    def push(self, block: Samples) -> Samples:
        """The next block through the effect, late by its latency."""
        dry = np.concatenate((self._past, block), axis=1)
        self._past = np.ascontiguousarray(dry[:, block.shape[1] :])
        out = self.effect.process(np.ascontiguousarray(block), self.sample_rate, reset=False)
        self._count(dry[:, : block.shape[1]] - out)
        return out

    def _count(self, removed: Samples) -> None:
        changed = np.flatnonzero(np.any(removed != 0.0, axis=0))
        self._samples += removed.size
        if changed.size:
            self._energy += float(np.sum(np.square(removed, dtype=np.float64)))
            self.peak = max(self.peak, float(np.abs(removed).max()))
            at = np.concatenate(([self._last_change], changed + self._frame))
            self.places += int((np.diff(at) > 0.001 * APART_MS * self.sample_rate).sum())
            self._last_change = int(at[-1])
        self._frame += removed.shape[1]

    @property
    def changed(self) -> bool:
        """Whether any bit was."""
        return self.places > 0

    @property
    def removed_dbfs(self) -> float:
        """RMS of what was taken out, over the whole recording; -inf when nothing was."""
        return power_to_db(self._energy / self._samples) if self._energy > 0.0 else -np.inf


def through(stages: list[Stage], blocks: Iterable[Samples], channels: int) -> Iterator[Samples]:
    """Blocks through all stages in turn, their latency taken out: as many frames as went in, lined up with them.

    Each stage hears silence after the end, and not what the one before makes of silence.
    """
    lined_up: Iterator[Samples] = iter(blocks)
    for stage in stages:
        lined_up = _through_one(stage, lined_up, channels)
    return lined_up


def _through_one(stage: Stage, blocks: Iterator[Samples], channels: int) -> Iterator[Samples]:
    late = stage.latency_frames
    silence = (np.zeros((channels, late), np.float32) for _ in range(1 if late else 0))
    skip = late
    for block in chain(blocks, silence):
        out = stage.push(block)
        begin = min(skip, out.shape[1])
        skip -= begin
        if begin < out.shape[1]:
            yield np.ascontiguousarray(out[:, begin:])
