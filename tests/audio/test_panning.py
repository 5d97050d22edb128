"""The pan law in Python is the native mixer's."""

from __future__ import annotations

import numpy as np
import pytest

from smartmix import _core
from smartmix.audio.panning import pan_gains, pan_of

PANS = (-1.0, -0.8, -0.3, 0.0, 0.25, 0.9, 1.0)


@pytest.mark.parametrize("pan", PANS)
def test_the_law_is_the_one_the_mixer_uses(pan: float) -> None:
    bank = _core.StripBank(48_000.0, [1])
    bank.set(0, "pan.pan", pan)
    bank.reset()
    mixed = bank.process([np.ones((1, 64), np.float32)])
    assert pan_gains(pan) == pytest.approx(tuple(mixed[:, -1]), abs=1e-7)
    assert sum(gain * gain for gain in pan_gains(pan)) == pytest.approx(2.0)


def test_the_centre_is_unity_and_the_ends_are_silent_on_the_far_side() -> None:
    assert pan_gains(0.0) == (1.0, 1.0)
    assert (pan_gains(-1.0)[1], pan_gains(1.0)[0]) == (0.0, 0.0)


@pytest.mark.parametrize("pan", [p for p in PANS if abs(p) < 1.0])
def test_a_pan_is_found_from_the_difference_of_its_sides(pan: float) -> None:
    left, right = pan_gains(pan)
    assert pan_of(20.0 * np.log10(right / left)) == pytest.approx(pan, abs=1e-9)
