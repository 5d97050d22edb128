"""Declared tails, measured: after full scale has stopped, what comes out beyond the tail is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from properties.support import SAMPLE_RATE, Samples, channel_count, prepared, random_settings, run
from smartmix import _core
from smartmix.processors import ParametricEQ

NAMES = _core.processor_names()
FLOOR = 1e-6
ECHO_FLOOR = 3.17e-5
"""Rooms and echoes end at -90 dB (csrc/dsp/ringing.hpp), everything else at -120."""
MAY_GO_UNHEARD = ("parametric_eq", "dynamic_eq")
"""A narrow band that nothing has set ringing still has its tail."""
SLACK_FRAMES = 4800
"""A tail may be three times too long, and this much, where a bound costs nobody anything."""


def full_scale(channels: int, kind: int) -> Samples:
    """A second at full scale: noise, a low square, a constant; the sides against each other."""
    frames = int(SAMPLE_RATE)
    t = np.arange(frames)
    shapes = [
        np.random.default_rng(kind).choice([-1.0, 1.0], frames),
        np.where(t // 960 % 2, 1.0, -1.0),
        np.ones(frames),
    ]
    sides = np.array([1.0, -0.5][:channels])[:, np.newaxis]
    return (sides * shapes[kind % 3]).astype(np.float32)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_heard_beyond_the_tail(name: str, seed: int) -> None:
    rng = np.random.default_rng(40 + seed)
    settings = random_settings(name, rng, groups_used=3)
    processor = prepared(name, settings)
    floor = ECHO_FLOOR if name in ("delay", "reverb") else FLOOR
    run(processor, full_scale(channel_count(name), seed))
    tail = processor.tail_frames
    left = run(processor, np.zeros((channel_count(name), tail + 12_000), dtype=np.float32))
    heard = np.flatnonzero(np.abs(left).max(axis=0) > floor)
    last = int(heard[-1]) + 1 if heard.size else 0
    assert last <= tail, settings
    if name not in MAY_GO_UNHEARD:
        assert tail <= 3 * last + SLACK_FRAMES, settings


@pytest.mark.parametrize(
    ("shape", "gain_db"), [("bell", 12.0), ("bell", -12.0), ("high_pass", 0.0), ("low_shelf", 9.0)]
)
@pytest.mark.parametrize(("hz", "q"), [(40.0, 8.0), (150.0, 1.0), (1000.0, 20.0)])
def test_the_tail_of_a_filter_is_not_much_too_long(shape: str, gain_db: float, hz: float, q: float) -> None:
    """A tone at the frequency of the band has it ringing."""
    eq = ParametricEQ()
    eq.band3.shape, eq.band3.freq_hz, eq.band3.gain_db, eq.band3.q = shape, hz, gain_db, q
    frames = int(4 * SAMPLE_RATE)
    tone = np.sin(2.0 * np.pi * hz * np.arange(frames) / SAMPLE_RATE)
    audio = np.concatenate([tone, np.zeros(frames)]).astype(np.float32)[np.newaxis]
    heard = np.flatnonzero(np.abs(eq(audio, SAMPLE_RATE)[0, frames:]) > FLOOR)
    assert heard[-1] < eq.tail_frames <= 1.6 * heard[-1] + 10


@pytest.mark.parametrize("name", NAMES)
def test_a_neutral_effect_has_no_tail_but_its_latency(name: str) -> None:
    if name in ("delay", "reverb", "linear_phase_eq"):
        return  # mix 0 keeps listening, and a filter of one tap is as long as any
    processor = prepared(name)
    assert processor.tail_frames <= processor.latency_frames
