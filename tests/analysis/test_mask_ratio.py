"""The coders' signal-to-mask ratio: its parts against their published values, and that it agrees who covers whom."""

from __future__ import annotations

import numpy as np
import pytest

from smartmix.analysis import measure_masking, measure_signal_to_mask
from smartmix.analysis.mask_ratio import bark, spreading, threshold_offset_db
from smartmix.errors import AudioError

RATE = 48_000


def tone(hz, level_db, seconds=1.0):
    t = np.arange(round(seconds * RATE)) / RATE
    return (10 ** (level_db / 20) * np.sin(2 * np.pi * hz * t))[np.newaxis].astype(np.float32)


def noise(low_hz, high_hz, level_db, seconds=1.0):
    rng = np.random.default_rng(6)
    spectrum = np.fft.rfft(rng.standard_normal(round(seconds * RATE)))
    hz = np.fft.rfftfreq(round(seconds * RATE), 1 / RATE)
    x = np.fft.irfft(np.where((hz > low_hz) & (hz < high_hz), spectrum, 0))
    return (10 ** (level_db / 20) * x / x.std())[np.newaxis].astype(np.float32)


def test_scales_of_the_papers():
    """Critical-band edges at whole barks (Zwicker 1961), 10 and 25 dB per bark, 5.5 dB and 14.5 + z."""
    np.testing.assert_allclose(bark(np.array([100.0, 510, 1270, 2700, 6400])), [1, 5, 10, 15, 20], atol=0.2)
    db = 10 * np.log10(spreading(48)[:, 20])
    assert db.max() == pytest.approx(0, abs=0.5)
    assert db[35] - db[33] == pytest.approx(-10, abs=0.5) and db[8] - db[6] == pytest.approx(25, abs=1)
    np.testing.assert_allclose(threshold_offset_db(np.array([0.0, -60.0]), 48)[:, 19], [5.5, 14.5 + 9.75])


@pytest.mark.parametrize(("level_db", "covered"), [(-20.0, False), (-60.0, True)])
def test_a_tone_in_noise_is_heard_or_not(level_db, covered):
    measured = measure_signal_to_mask({"tone": tone(1000, level_db), "noise": noise(700, 1400, -20)}, RATE)
    assert (measured.covered_share[0] > 0.9) == covered
    assert (measured.ratio_db[0] < 0) == covered
    assert measured.pair_share[0, 1] == pytest.approx(measured.covered_share[0])


def test_a_gain_on_everything_changes_nothing_and_what_is_far_off_covers_nothing():
    tracks = {"low": noise(100, 300, -20), "high": noise(3000, 9000, -20)}
    plain = measure_signal_to_mask(tracks, RATE)
    quiet = measure_signal_to_mask({name: part * np.float32(0.01) for name, part in tracks.items()}, RATE)
    np.testing.assert_allclose(quiet.covered_share, plain.covered_share, atol=0.01)
    assert plain.covered_share.max() < 0.1


def test_both_measures_rank_cuts_in_a_masker_alike():
    """The louder the masker, the less is heard: by the loudness model and by the coders' rule."""
    voice = sum(tone(hz, -30) for hz in (440, 880, 1320, 1760))
    shares, ratios = [], []
    for level_db in (-50, -35, -25, -15):
        tracks = {"voice": voice, "guitar": noise(300, 2500, level_db)}
        shares.append(measure_masking(tracks, RATE).heard_share()[0])
        ratios.append(measure_signal_to_mask(tracks, RATE).ratio_db[0])
    assert np.all(np.diff(shares) < 0) and np.all(np.diff(ratios) < 0)


def test_silence_and_what_it_does_not_take():
    silent = measure_signal_to_mask({"a": np.zeros((2, 4000), np.float32), "b": tone(500, -20)}, RATE)
    assert np.isfinite(silent.ratio_db).all() and silent.covered_share.max() == 0
    with pytest.raises(AudioError, match="at least one"):
        measure_signal_to_mask({}, RATE)
    with pytest.raises(AudioError, match="vox"):
        measure_signal_to_mask({"vox": np.full((1, 4000), np.nan)}, RATE)
