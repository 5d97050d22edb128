"""Test signals against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from smartmix.errors import AudioError
from smartmix.synth.signals import impulse, pink_noise, sine, sweep, white_noise


def test_sine_is_a_single_line_at_its_level() -> None:
    audio = sine(1000.0, 1.0, peak_dbfs=-6.0)
    spectrum = np.abs(np.fft.rfft(audio.samples[0].astype(np.float64))) / 24_000
    assert 20.0 * np.log10(spectrum[1000]) == pytest.approx(-6.0, abs=1e-3)
    assert np.delete(spectrum, 1000).max() < 1e-7


def test_a_long_sine_keeps_its_phase() -> None:
    audio = sine(997.0, 60.0, peak_dbfs=0.0)
    last = np.arange(59 * 48_000, 60 * 48_000)
    exact = np.sin(2.0 * np.pi * ((997 * last) % 48_000) / 48_000.0)
    assert np.abs(audio.samples[0, last] - exact).max() < 1e-6


@pytest.mark.parametrize("make", [white_noise, pink_noise])
def test_noise_has_its_level_in_every_channel_and_independent_channels(make) -> None:  # type: ignore[no-untyped-def]
    audio = make(4.0, rms_dbfs=-23.0, channels=2)
    assert 10.0 * np.log10(np.mean(audio.samples.astype(np.float64) ** 2, axis=1)) == pytest.approx(
        -23.0, abs=1e-3
    )
    assert abs(np.corrcoef(audio.samples)[0, 1]) < 0.05
    assert np.array_equal(audio.samples, make(4.0, rms_dbfs=-23.0, channels=2).samples)
    assert not np.array_equal(audio.samples, make(4.0, rms_dbfs=-23.0, channels=2, name="other").samples)


def test_pink_noise_has_equal_power_in_every_octave() -> None:
    audio = pink_noise(20.0)
    frequency_hz, power = signal.periodogram(audio.samples[0].astype(np.float64), 48_000)
    octaves = [
        power[(frequency_hz >= f) & (frequency_hz < 2 * f)].sum() for f in (50, 200, 800, 3200, 12_000)
    ]
    assert 10.0 * np.log10(octaves) == pytest.approx(10.0 * np.log10(np.mean(octaves)), abs=0.4)


def test_sweep_spends_equal_time_in_every_octave() -> None:
    audio = sweep(100.0, 1600.0, 4.0, peak_dbfs=0.0)
    crossings = np.flatnonzero(np.diff(np.signbit(audio.samples[0])))
    for second, expected_hz in enumerate((141.42, 282.84, 565.69, 1131.37)):
        near = crossings[np.abs(crossings - (second + 0.5) * 48_000) < 2400]
        assert 24_000.0 / np.mean(np.diff(near)) == pytest.approx(expected_hz, rel=0.02)


def test_impulse_is_one_sample() -> None:
    audio = impulse(0.1, at_s=0.01, peak_dbfs=-6.0)
    assert np.flatnonzero(audio.samples[0]).tolist() == [480]
    assert audio.samples[0, 480] == pytest.approx(10.0 ** (-6.0 / 20.0))


def test_signals_that_cannot_be_are_refused() -> None:
    with pytest.raises(AudioError, match="24000"):
        sine(24_000.0, 1.0)
    with pytest.raises(AudioError, match="above 0"):
        sweep(0.0, 100.0, 1.0)
    with pytest.raises(AudioError, match="one frame"):
        white_noise(0.0)
