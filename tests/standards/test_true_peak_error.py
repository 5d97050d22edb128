"""The uncertainty said of a true peak: it holds for hostile content, and is next to nothing up to 0.45 fs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import ellip, sosfilt

from smartmix import _core
from smartmix.analysis.loudness import measure_loudness
from standards.oracles import fft_peak_dbtp
from standards.test_limiter import HOSTILE
from standards.test_loudness import band_noise

RATE = 48_000


@pytest.mark.parametrize("name", HOSTILE)
def test_the_32x_peak_of_hostile_signals_is_within_what_is_said(name: str) -> None:
    read = measure_loudness(HOSTILE[name], RATE)
    assert read.true_peak_error_db is not None
    assert abs(fft_peak_dbtp(HOSTILE[name]) - read.true_peak_dbtp) <= read.true_peak_error_db + 0.03


@pytest.mark.parametrize("highest", [0.46, 0.47, 0.48, 0.49, 0.5])
def test_the_32x_peak_of_hot_noise_is_within_what_is_said(highest: float) -> None:
    for seed in range(3):
        x = band_noise(12_000, highest, seed)
        read = measure_loudness(x, RATE)
        assert read.true_peak_error_db is not None
        assert abs(fft_peak_dbtp(x) - read.true_peak_dbtp) <= read.true_peak_error_db + 0.03


def test_up_to_045_fs_nothing_is_said_and_hot_content_is_never_silent_about_it() -> None:
    for seed in range(3):
        said = measure_loudness(band_noise(12_000, 0.45, seed), RATE).true_peak_error_db
        assert said is not None and said < 0.05
        said = measure_loudness(band_noise(12_000, 0.5, seed), RATE).true_peak_error_db
        assert said is not None and said > 0.3
    assert measure_loudness(np.zeros((1, 100), np.float32), RATE).true_peak_error_db == 0.0


def test_the_filter_is_scipys_and_the_highest_channel_counts() -> None:
    x = np.random.default_rng(0).standard_normal((3, 9_000)).astype(np.float32) * np.array(
        [[0.1], [0.5], [0.2]], np.float32
    )
    expected = np.abs(sosfilt(ellip(6, 0.1, 60, 0.94, "high", output="sos"), x.astype(float), axis=1)).max()
    meter = _core.NearNyquistMeter(3)
    for start in range(0, 9_000, 1_000):
        meter.process(np.ascontiguousarray(x[:, start : start + 1_000]))
    assert meter.peak == pytest.approx(expected, rel=1e-9)
    with pytest.raises(ValueError, match="expected 1 to 8"):
        _core.NearNyquistMeter(9)
