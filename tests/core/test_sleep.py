"""A room or an echo whose input has long been silent has nothing to do, and nobody hears that it does nothing."""

from __future__ import annotations

import numpy as np
import pytest

from properties.support import Samples, noise, prepared, run, same_bits

SETTINGS = {
    "reverb": {"decay_s": 0.15, "mix": 0.5, "size": 0.2, "pre_delay_ms": 10.0},
    "delay": {"time_ms": 40.0, "feedback": 0.3, "mix": 0.5},
}
FRAMES = 240_000


def burst_pause_burst(pause: float) -> Samples:
    audio = np.full((2, FRAMES), pause, dtype=np.float32)
    audio[:, :4000] = noise(2, 4000)
    audio[:, -30_000:-26_000] = noise(2, 4000, seed=2)
    return audio


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_sleep_is_the_same_in_any_blocks(name: str) -> None:
    audio = burst_pause_burst(0.0)
    events = [(150_000, 0, 0.3 if name == "reverb" else 70.0, 500)]  # a setting that moves meanwhile
    whole = run(prepared(name, SETTINGS[name]), audio, events)
    for cuts in (
        list(range(64, FRAMES, 64)),
        list(range(1, FRAMES, 997)),
        [FRAMES - 30_001, FRAMES - 29_999],
    ):
        assert same_bits(run(prepared(name, SETTINGS[name]), audio, events, cuts), whole)


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_it_wakes_as_if_it_had_never_slept(name: str) -> None:
    """-0.0 is silence that keeps it awake."""
    asleep = run(prepared(name, SETTINGS[name]), burst_pause_burst(0.0))
    awake = run(prepared(name, SETTINGS[name]), burst_pause_burst(-0.0))
    assert np.abs(asleep - awake).max() < 1e-8
    assert np.abs(asleep[:, -26_000:]).max() > 1e-3
    slept = asleep[:, FRAMES - 60_000 : FRAMES - 31_000]
    assert not slept.any()
    assert awake[:, 100_000 : FRAMES - 31_000].any() or name == "delay"


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_long_echoes_are_not_cut_off(name: str) -> None:
    """Silence shorter than twice the tail, and no frame of it is lost."""
    settings = (
        {"decay_s": 3.0, "mix": 1.0} if name == "reverb" else {"time_ms": 900.0, "feedback": 0.7, "mix": 1.0}
    )
    asleep, awake = (run(prepared(name, settings), burst_pause_burst(zero)) for zero in (0.0, -0.0))
    assert np.array_equal(asleep, awake)
