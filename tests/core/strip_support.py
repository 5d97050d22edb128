"""How the tests of the strip bank run one: in blocks, with events, and against sums in double."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from properties.support import Samples, inside, noise
from smartmix import _core

RATE = 48_000.0
Event = tuple[int, int, int, float, int]
"""frame, strip, parameter index, value, ramp frames"""


def tracks(channels: list[int], frames: int, seed: int = 0) -> list[Samples]:
    return [noise(c, frames, seed=seed + i) for i, c in enumerate(channels)]


def bank_run(
    bank: _core.StripBank,
    inputs: list[Samples],
    events: list[Event] | None = None,
    cuts: list[int] | None = None,
) -> Samples:
    pieces = []
    for first, end in pairwise([0, *(cuts or []), inputs[0].shape[1]]):
        rows = [(f - first, s, p, v, r) for f, s, p, v, r in events or [] if first <= f < end]
        columns = [list(column) for column in zip(*rows, strict=True)] if rows else []
        pieces.append(bank.process([np.ascontiguousarray(x[:, first:end]) for x in inputs], *columns))
    return np.concatenate(pieces, axis=1)


def cuts_of(frames: int, seed: int) -> tuple[list[int], ...]:
    """Ways to cut `frames` frames into blocks: even ones, many of a single frame, any."""
    rng = np.random.default_rng(seed)
    return (
        list(range(64, frames, 64)),
        list(range(1, 600)),
        sorted({int(c) for c in rng.integers(1, frames, 30)}),
    )


def double_sum(inputs: list[Samples]) -> Samples:
    total = np.zeros((2, inputs[0].shape[1]))
    for x in inputs:
        total += x.astype(np.float64)
    return total.astype(np.float32)


def random_bank(
    channels: list[int],
    rng: np.random.Generator,
    *,
    dynamics: list[bool] | None = None,
    sends: int = 0,
) -> _core.StripBank:
    """Trim, four EQ bands, fader and pan anywhere, in every strip; dynamics and sends are left at rest."""
    bank = _core.StripBank(RATE, channels, dynamics, sends)
    for strip in range(len(channels)):
        for info in bank.parameters()[:21]:
            bank.set(strip, info.id, inside(info, rng.uniform(0.3, 0.8)))
        bank.set(strip, "fader.gain_db", rng.uniform(-20, 6))
        bank.set(strip, "pan.pan", rng.uniform(-1, 1))
    return bank


def random_events(
    bank: _core.StripBank, ids: list[str], frames: int, count: int, rng: np.random.Generator
) -> list[Event]:
    infos = {info.id: info for info in bank.parameters()}
    events: list[Event] = []
    for frame in np.sort(rng.integers(0, frames, count)):
        knob = str(rng.choice(ids))
        value = inside(infos[knob], rng.uniform(0.2, 0.8))
        ramp = int(rng.choice([0, 1, 31, 200, 900]))
        events.append(
            (int(frame), int(rng.integers(bank.strip_count)), bank.parameter_index(knob), value, ramp)
        )
    return events


def double(samples: Samples) -> NDArray[np.float64]:
    return samples.astype(np.float64)
