"""Features against constructions whose answer is known, in numpy and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import signal

from smartmix.analysis import measure_spectrum, measure_stereo
from smartmix.analysis.active import active_frames, mean_level, spans
from smartmix.analysis.bands import BANDS, erb_bands
from smartmix.analysis.stereo import mono_loss_db
from smartmix.errors import AudioShapeError
from sources import RATE, facts_of, noise, sine


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_100, 48_000, 96_000])
def test_band_edges_are_equal_steps_on_the_erb_scale(rate):
    centres, edges = erb_bands(rate)
    numbers = 21.4 * np.log10(1 + 0.00437 * edges.astype(float))
    assert np.ptp(np.diff(numbers)) < 1e-3
    assert edges[0] == pytest.approx(30.0) and edges[-1] == pytest.approx(min(16_000, 0.45 * rate), rel=1e-5)
    assert np.all((centres > edges[:-1]) & (centres < edges[1:]))


@pytest.mark.parametrize("rate", [11_025, 44_100, 48_000])
def test_band_powers_agree_with_welch(rate):
    x = noise(6.0, rate, seed=3)
    spectrum = measure_spectrum(x, rate)
    hz, density = signal.welch(x[0], rate, nperseg=8192)
    for band in (3, 15, 30):
        low, high = spectrum.band_edges_hz[band : band + 2]
        use = (hz >= low) & (hz < high)
        expected = density[use].mean() * (high - low)
        assert spectrum.power_db[band] == pytest.approx(10 * math.log10(expected), abs=1.0)
    inside = 10 ** (spectrum.power_db.astype(float) / 10)
    whole = signal.sosfiltfilt(
        signal.butter(8, [30, min(16_000, 0.45 * rate)], "band", fs=rate, output="sos"), x[0]
    )
    assert 10 * math.log10(inside.sum() / np.mean(whole**2)) == pytest.approx(0.0, abs=0.15)


@pytest.mark.parametrize("at", [0.5003, 0.5401, 0.5799, 0.61])
def test_power_of_a_click_does_not_depend_on_where_it_falls(at):
    x = np.zeros((1, RATE), np.float32)
    x[0, round(at * RATE)] = 1.0
    facts = facts_of(x)
    top = erb_bands(RATE)[1][-1] - 30.0
    expected = 1.0 / (RATE / 10) * top / (RATE / 2)
    assert facts.features.band_power.sum() == pytest.approx(expected, rel=0.01)


def test_features_do_not_depend_on_the_blocks():
    x = noise(2.3, channels=2, seed=5)
    x[:, 30_000:50_000] = 0.0
    whole, pieces = facts_of(x, block=200_000), facts_of(x, block=777)
    for name in ("band_power", "left_power", "right_power"):
        np.testing.assert_array_equal(getattr(whole.features, name), getattr(pieces.features, name))
    np.testing.assert_allclose(whole.features.loudness_lufs, pieces.features.loudness_lufs, atol=1e-4)
    assert whole.lowest_note_hz == pieces.lowest_note_hz
    assert whole.active_spans_s == pieces.active_spans_s


def test_k_weighted_frames_against_scipy():
    """K-weighting by the coefficients BS.1770 prints for 48 kHz, filtered by scipy."""
    x = noise(2.0, seed=8)
    shelf = signal.lfilter(
        [1.53512485958697, -2.69169618940638, 1.19839281085285],
        [1.0, -1.69065929318241, 0.73248077421585],
        x[0],
    )
    weighted = signal.lfilter([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621], shelf)
    power = (weighted.reshape(-1, RATE // 10) ** 2).mean(axis=1)
    expected = -0.691 + 10 * np.log10(2 * power)
    np.testing.assert_allclose(facts_of(x).features.loudness_lufs, expected, atol=0.01)


def test_a_mono_source_counts_on_both_sides():
    x = noise(2.0, seed=2)
    mono, stereo = facts_of(x), facts_of(np.repeat(x, 2, axis=0))
    assert mono.active_lufs == pytest.approx(stereo.active_lufs, abs=1e-3)
    np.testing.assert_allclose(mono.features.left_power, stereo.features.right_power, rtol=1e-5)
    assert mono.loudness.integrated_lufs == pytest.approx(stereo.loudness.integrated_lufs - 3.01, abs=0.01)


def test_sides_are_kept_apart():
    x = np.concatenate((noise(1.0, seed=1), 0.5 * noise(1.0, seed=1)))
    features = facts_of(x).features
    ratio = 10 * np.log10(features.left_power.sum() / features.right_power.sum())
    assert ratio == pytest.approx(6.02, abs=0.02)
    np.testing.assert_allclose(
        features.band_power, (features.left_power + features.right_power) / 2, rtol=1e-5
    )


@pytest.mark.parametrize(("frames", "channels"), [(0, 1), (1, 1), (1, 2), (100, 2), (10_000, 1)])
@pytest.mark.parametrize("level", [0.0, 0.3])
def test_short_and_silent_sources_have_sound_facts(frames, channels, level):
    facts = facts_of(np.full((channels, frames), level, np.float32))
    assert facts.features.band_power.shape == (max(1, math.ceil(frames / 4800)), BANDS)
    assert np.all(np.isfinite(facts.features.band_power))
    assert not math.isnan(facts.active_lufs) and not math.isnan(facts.crest_db)
    assert facts.lowest_note_hz is None or facts.lowest_note_hz > 0
    if level == 0.0:
        assert facts.active_lufs == -math.inf and facts.active_spans_s == () and facts.correlation == 1.0


def test_more_than_two_channels_are_refused():
    with pytest.raises(AudioShapeError, match="1 or 2 channels"):
        facts_of(np.zeros((3, 100)))


def test_active_frames_leave_out_spill_noise_and_silence():
    level = np.full(100, -20.0)
    level[30:60] = -50.0
    level[60:80] = -np.inf
    active = active_frames(level)
    assert active[:30].all() and not active[30:80].any() and active[80:].all()
    assert spans(active, 10.0) == ((0.0, 3.0), (8.0, 10.0))
    assert mean_level(level, active) == pytest.approx(-20.0)


def test_active_frames_keep_quiet_playing_and_follow_the_fader():
    rng = np.random.default_rng(1)
    level = np.concatenate((rng.normal(-20, 2, 80), rng.normal(-34, 1, 80)))
    assert active_frames(level).mean() > 0.95
    np.testing.assert_array_equal(active_frames(level), active_frames(level - 12.0))
    assert not active_frames(np.full(50, -75.0)).any()


def test_crest_of_a_sine_and_of_a_sine_with_pauses():
    assert facts_of(sine(997, 2.0)).crest_db == pytest.approx(3.01, abs=0.05)
    gated = sine(997, 4.0)
    gated[:, RATE : 3 * RATE] = 0.0
    assert facts_of(gated).crest_db == pytest.approx(3.01, abs=0.3)


def test_stereo_image_against_theory():
    mid, side = noise(4.0, seed=1), noise(4.0, seed=2)
    cases = {
        "mono": (np.concatenate((mid, mid)), 1.0, -np.inf, 0.0),
        "independent": (np.concatenate((mid, side)), 0.0, 0.0, 3.01),
        "side 6 dB down": (np.concatenate((mid + 0.5 * side, mid - 0.5 * side)), 0.6, -6.02, 0.97),
    }
    for samples, correlation, width_db, loss_db in cases.values():
        image = measure_stereo(samples, RATE)
        assert image.correlation == pytest.approx(correlation, abs=0.02)
        assert image.mono_loss_db == pytest.approx(loss_db, abs=0.1)
        assert np.mean(image.band_mono_loss_db) == pytest.approx(loss_db, abs=0.15)
        assert np.mean(image.band_correlation) == pytest.approx(correlation, abs=0.03)
        if np.isfinite(width_db):
            assert image.width_db == pytest.approx(width_db, abs=0.15)
        else:
            assert image.width_db < -100
    assert measure_stereo(np.concatenate((mid, -mid)), RATE).correlation == pytest.approx(-1.0)
    assert measure_stereo(mid, RATE).width_db == -np.inf
    assert measure_stereo(np.zeros((2, 100), np.float32), RATE).mono_loss_db == 0.0
    assert mono_loss_db(0.0, 1.0, 1.0) == pytest.approx(3.0103, abs=1e-3)
    assert mono_loss_db(-1.0, 1.0, 1.0) == 120.0


def test_a_millisecond_between_the_sides_nulls_500_hz_in_mono():
    x = noise(4.0, seed=4)[0]
    image = measure_stereo(np.stack((x[48:], x[:-48])), RATE)
    hit = int(np.argmin(np.abs(image.band_hz - 500)))
    assert int(np.argmax(image.band_mono_loss_db[: hit + 4])) == pytest.approx(hit, abs=1)
    assert image.band_mono_loss_db[hit] > 10
