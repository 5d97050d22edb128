"""Clicks: planted spikes and splices are found at their places; drums, plucks, saws and voices are left in peace."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from smartmix.analysis.clicks import ORDER, Click, ClickMeter, predictor
from sources import RATE, melody, noise


def clicks_of(samples: np.ndarray, block: int = 65_536) -> tuple[Click, ...]:
    samples = np.atleast_2d(samples).astype(np.float32)
    meter = ClickMeter(RATE, samples.shape[0])
    for start in range(0, samples.shape[1], block):
        meter.push(samples[:, start : start + block])
    return meter.facts()


def sung(seconds: float = 8.0) -> np.ndarray:
    notes = melody([220, 262, 247, 294, 330, 262, 247, 220])[0]
    return 2.0 * notes[: int(seconds * RATE)] + noise(seconds, level=2e-4)[0]


def test_predictor_finds_the_coefficients_of_a_known_resonance():
    """Oracle: a signal made by a known recursion, whose prediction error filter is that recursion."""
    truth = signal.zpk2tf([], 0.95 * np.exp(1j * np.array([0.3, -0.3, 1.1, -1.1])), 1.0)[1]
    x = signal.lfilter([1.0], truth, np.random.default_rng(0).standard_normal(40_000))
    found = predictor(x[:20_000], x[20_000:])
    assert found.size == ORDER + 1
    assert np.allclose(found[:5], truth, atol=0.05) and np.abs(found[5:]).max() < 0.05


def test_spikes_and_splices_in_sound_are_found_where_they_are():
    x = sung()
    places = (0.513, 2.251, 3.902)
    for place in places:
        x[int(place * RATE)] += 0.15
    cut = int(5.37 * RATE)
    spliced = np.concatenate((x[:cut], x[cut + 331 :]))
    found = clicks_of(spliced)
    assert [c.time_s for c in found] == pytest.approx([*places, 5.37], abs=0.001)
    assert all(c.in_sound for c in found)
    assert found[0].height == pytest.approx(0.15, rel=0.3)


def test_a_click_in_a_pause_is_found_and_a_note_is_not_a_click():
    x = np.zeros(6 * RATE)
    x[RATE : 3 * RATE] = sung(2.0)
    x[4 * RATE] = 0.02
    found = clicks_of(x)
    assert [round(c.time_s, 3) for c in found] == [4.0] and not found[0].in_sound
    assert clicks_of(sung()) == ()


def test_saws_drums_plucks_and_noise_hold_no_clicks():
    t = np.arange(6 * RATE) / RATE
    for hz in (31.0, 82.0, 440.0):
        assert clicks_of(0.5 * signal.sawtooth(2 * np.pi * hz * t)) == ()
        assert clicks_of(0.5 * signal.square(2 * np.pi * hz * t)) == ()
    rng = np.random.default_rng(1)
    hits = np.exp(-(t % 0.4) / 0.03) * rng.standard_normal(t.size)
    plucks = np.exp(-(t % 0.5) / 0.1) * np.sin(2 * np.pi * 330 * t)
    assert clicks_of(0.5 * hits) == () and clicks_of(0.5 * plucks) == ()
    assert clicks_of(0.3 * rng.standard_normal(t.size)) == ()


def test_a_stick_in_running_sound_is_no_click():
    """It stands alone like a click, but stays unpredictable for a millisecond or two."""
    x = sung()
    t = np.arange(int(0.008 * RATE)) / RATE
    for number in range(12):
        start = int((0.4 + 0.6 * number) * RATE)
        stick = np.random.default_rng(number).standard_normal(t.size) * np.exp(-t / 0.0012)
        x[start : start + t.size] += 0.15 * stick
    assert clicks_of(x) == ()


def test_both_channels_count_once_and_blocks_do_not_matter():
    x = np.stack((sung(4.0), sung(4.0)))
    x[:, int(1.3 * RATE)] += 0.2
    whole = clicks_of(x)
    assert len(whole) == 1
    assert [clicks_of(x, block) for block in (977, 48_000)] == [whole, whole]
