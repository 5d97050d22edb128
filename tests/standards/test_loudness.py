"""Loudness and true peak against libebur128 and the band-limited signal, however the audio is cut."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis.loudness import measure_loudness
from smartmix.errors import AudioError, AudioShapeError
from standards.oracles import ebur128, fft_peak_dbtp

TABLE_48K = np.array(
    [  # ITU-R BS.1770-5 Annex 1, Tables 1 and 2
        [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)


def music(rate: int, seconds: float, channels: int = 2, seed: int = 0) -> NDArray[np.float32]:
    """Chords with a beat, hits of noise and pauses: levels that make both gates work."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * rate)) / rate
    out = np.zeros((channels, t.size))
    for c in range(channels):
        for hz in rng.uniform(40.0, min(9_000.0, 0.4 * rate), 8):
            swell = np.maximum(0, np.sin(2 * np.pi * 0.31 * t + c))
            out[c] += swell * np.sin(2 * np.pi * (hz * t + rng.random()))
    hits = rng.standard_normal(out.shape) * np.exp(-((t * 2.0) % 1.0) * 30.0)
    return (0.035 * out + 0.2 * hits * (np.sin(2 * np.pi * t / 9.0) > -0.3)).astype(np.float32)


def band_noise(frames: int, highest: float, seed: int) -> NDArray[np.float32]:
    """One channel of noise with content up to `highest` of the sample rate, faded at the ends, full scale."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(frames))
    spectrum[np.fft.rfftfreq(frames) > highest] = 0.0
    x = np.fft.irfft(spectrum, frames)
    fade = np.hanning(1000)[:500]
    x[:500] *= fade
    x[-500:] *= fade[::-1]
    return (x / np.abs(x).max())[None].astype(np.float32)


def figures(meter: _core.LoudnessMeter) -> list[float]:
    return [
        meter.integrated_lufs(),
        meter.momentary_max_lufs(),
        meter.short_term_max_lufs(),
        meter.range_lu(),
        meter.true_peak_dbtp(),
        meter.sample_peak_dbfs(),
        *meter.energies_10ms(),
    ]


def test_k_weighting_at_48_khz_is_the_recommendations_table() -> None:
    np.testing.assert_allclose(_core.k_weighting_coefficients(48_000.0), TABLE_48K, atol=1e-12, rtol=0)


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000, 192_000])
def test_integrated_loudness_is_libebur128s(rate: int) -> None:
    samples = music(rate, 8.0)
    meter = _core.LoudnessMeter(rate, 2)
    meter.process(samples)
    assert meter.integrated_lufs() == pytest.approx(ebur128(samples, rate)[0], abs=1e-3)


@pytest.mark.parametrize("channels", [1, 4, 5, 6])
def test_integrated_loudness_of_other_layouts_is_libebur128s(channels: int) -> None:
    samples = music(48_000, 6.0, channels)
    value = measure_loudness(samples, 48_000).integrated_lufs
    assert value == pytest.approx(ebur128(samples, 48_000)[0], abs=1e-3)


def test_hops_that_are_not_whole_frames_fall_where_they_should() -> None:
    rate = 11_025  # 110.25 frames per hop
    meter = _core.LoudnessMeter(rate, 1, False)
    x = np.zeros((1, 10 * rate), np.float32)
    x[0, 7 * rate :] = 0.5 * np.sin(2 * np.pi * 1000.0 / rate * np.arange(3 * rate))
    meter.process(x)
    energies = meter.energies_10ms()
    assert energies.size == 1000
    assert np.all(energies[:700] == 0.0)
    assert np.all(energies[700:] > 0.0)


@pytest.mark.parametrize("rate", [22_050, 48_000])
def test_any_cut_gives_the_same_figures_bit_for_bit(rate: int) -> None:
    samples = music(rate, 5.0)
    whole = _core.LoudnessMeter(rate, 2)
    whole.process(samples)
    rng = np.random.default_rng(5)
    for largest in (1_500, 40_000):
        cut = _core.LoudnessMeter(rate, 2)
        at = 0
        while at < samples.shape[1]:
            end = at + int(rng.integers(0, largest))
            cut.process(np.ascontiguousarray(samples[:, at:end]))
            at = end
        assert figures(cut) == figures(whole)
    whole.reset()
    whole.process(samples)
    assert figures(whole) == figures(cut)


def test_asking_in_the_middle_changes_nothing_and_a_short_prefix_is_its_own_file() -> None:
    samples = music(48_000, 4.0)
    asked = _core.LoudnessMeter(48_000.0, 2)
    asked.process(np.ascontiguousarray(samples[:, :100_001]))
    prefix = _core.LoudnessMeter(48_000.0, 2)
    prefix.process(np.ascontiguousarray(samples[:, :100_001]))
    assert figures(asked) == figures(prefix)
    asked.process(np.ascontiguousarray(samples[:, 100_001:]))
    whole = _core.LoudnessMeter(48_000.0, 2)
    whole.process(samples)
    assert figures(asked) == figures(whole)


@pytest.mark.parametrize("highest", [0.1, 0.3, 0.4, 0.45])
def test_true_peak_of_band_limited_noise_is_within_3_hundredths_of_a_db(highest: float) -> None:
    for seed in range(6):
        x = band_noise(20_000, highest, seed)
        value = measure_loudness(x, 48_000).true_peak_dbtp
        assert value == pytest.approx(fft_peak_dbtp(x), abs=0.03)


@pytest.mark.parametrize("frequency", [0.01, 0.25, 1 / 3, 0.41, 0.45])
def test_true_peak_of_a_sine_does_not_depend_on_where_its_samples_fall(frequency: float) -> None:
    fade = np.hanning(2_000)[:1_000]
    for phase in np.linspace(0.0, np.pi, 7):
        x = 0.7 * np.sin(2 * np.pi * frequency * np.arange(12_000) + phase)
        x[:1_000] *= fade
        x[-1_000:] *= fade[::-1]
        value = measure_loudness(x[None].astype(np.float32), 48_000).true_peak_dbtp
        assert value == pytest.approx(20 * np.log10(0.7), abs=0.03)


def test_a_peak_after_the_last_sample_counts() -> None:
    x = np.zeros((1, 3_000), np.float32)
    x[0, -2:] = (0.9, 0.9)
    assert measure_loudness(x, 48_000).true_peak_dbtp == pytest.approx(fft_peak_dbtp(x), abs=0.03)


def test_silence_and_short_audio_have_no_loudness() -> None:
    silent = measure_loudness(np.zeros((2, 48_000), np.float32), 48_000)
    assert silent.integrated_lufs == silent.true_peak_dbtp == silent.sample_peak_dbfs == -math.inf
    assert silent.range_lu == silent.plr_lu == 0.0
    short = measure_loudness(np.full((1, 1), 0.5, np.float32), 48_000)
    assert short.integrated_lufs == short.momentary_max_lufs == -math.inf
    assert short.true_peak_dbtp == pytest.approx(-6.02, abs=0.01)
    assert measure_loudness(np.zeros((2, 0), np.float32), 48_000).integrated_lufs == -math.inf


def test_one_bad_sample_does_not_poison_a_stream() -> None:
    samples = music(48_000, 3.0)
    bad = samples.copy()
    bad[0, 5_000] = np.nan
    bad[1, 7_000] = np.inf
    silenced = samples.copy()
    silenced[0, 5_000] = silenced[1, 7_000] = 0.0
    meters = [_core.LoudnessMeter(48_000.0, 2) for _ in range(2)]
    for meter, x in zip(meters, (bad, silenced), strict=True):
        meter.process(x)
    assert figures(meters[0]) == figures(meters[1])
    with pytest.raises(AudioError, match="frame 5000"):
        measure_loudness(bad, 48_000)


def test_layouts_that_cannot_be_meant_are_refused() -> None:
    with pytest.raises(AudioShapeError, match="channels, frames"):
        measure_loudness(np.zeros(48_000, np.float32), 48_000)
    with pytest.raises(AudioShapeError, match="at most 8"):
        measure_loudness(np.zeros((9, 48_000), np.float32), 48_000)
    with pytest.raises(AudioError, match="sample rate"):
        measure_loudness(np.zeros((2, 100), np.float32), 4_000)
