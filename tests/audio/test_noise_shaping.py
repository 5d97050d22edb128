"""Shaped dither: the noise follows its filter, the filter follows the ear, and its mean in dB is what theory says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import freqz, welch

from smartmix.audio.dither import TpdfDither
from smartmix.audio.noise_shaping import STEEPEST_DB, ShapedDither, shaping_taps, threshold_in_quiet_db

RATES = (44_100, 48_000, 96_000, 192_000)


def response_db(rate: int, hz: np.ndarray) -> np.ndarray:
    return 20 * np.log10(np.abs(freqz(np.concatenate([[1.0], shaping_taps(rate)]), worN=hz, fs=rate)[1]))


@pytest.mark.parametrize("rate", [8_000, *RATES])
def test_no_shape_is_cheaper_than_theory_allows(rate: int) -> None:
    """Gerzon and Craven: the mean over frequency of a shape in dB is at least 0, and 0 for a minimum-phase filter."""
    hz = np.linspace(0, rate / 2, 20_001)[:-1]
    assert np.mean(response_db(rate, hz)) == pytest.approx(0.0, abs=0.01)
    assert np.abs(np.roots(np.concatenate([[1.0], shaping_taps(rate)]))).max() < 1.0


@pytest.mark.parametrize("rate", RATES)
def test_the_noise_is_where_its_filter_says(rate: int) -> None:
    silence = np.zeros((1, 1 << 18), np.float32)
    noise = ShapedDither(16, 1, rate).quantise(silence)[:, 0].astype(float)
    hz, power = welch(noise, rate, nperseg=1024)
    white = 3 / 12 / (rate / 2)
    inner = slice(4, -4)
    measured_db = 10 * np.log10(power[inner] / white)
    assert np.abs(measured_db - response_db(rate, hz[inner])).mean() < 0.4
    assert np.abs(measured_db - response_db(rate, hz[inner])).max() < 2.5


@pytest.mark.parametrize("rate", RATES)
def test_less_of_it_is_heard(rate: int) -> None:
    """Weighted by the threshold in quiet it lies at least 9 dB under plain dither (more where there is room above)."""
    silence = np.zeros((1, 1 << 17), np.float32)

    def heard_db(codes: np.ndarray) -> float:
        hz, power = welch(codes[:, 0].astype(float), rate, nperseg=2048)
        use = (hz > 50) & (hz < 16_000)
        return float(10 * np.log10(np.sum(power[use] * 10 ** (-0.1 * threshold_in_quiet_db(hz[use])))))

    better = heard_db(TpdfDither(16, 1).quantise(silence)) - heard_db(
        ShapedDither(16, 1, rate).quantise(silence)
    )
    assert better > 9.0
    assert STEEPEST_DB == 30.0


def test_the_threshold_has_the_shape_of_iso_226() -> None:
    """ISO 226:2003 up to 6.3 kHz; above, the formula climbs earlier (25 dB at 12.5 kHz where the standard has 12)."""
    for hz, spl, off in (
        (100, 26.5, 5.0),
        (1000, 2.4, 2.5),
        (3150, -6.0, 2.0),
        (6300, 7.7, 6.0),
    ):
        assert float(threshold_in_quiet_db(np.array(hz))) == pytest.approx(spl, abs=off)


def test_channels_are_apart_and_cuts_do_not_matter() -> None:
    x = (0.1 * np.random.default_rng(1).standard_normal((2, 5000))).astype(np.float32)
    whole = ShapedDither(16, 2, 48_000, seed=3).quantise(x)
    cut = ShapedDither(16, 2, 48_000, seed=3)
    parts = [cut.quantise(np.ascontiguousarray(p)) for p in np.split(x, [1, 2, 700, 4999], axis=1)]
    assert np.array_equal(np.concatenate(parts), whole)
    other = x.copy()
    other[1] = 0.0
    assert np.array_equal(ShapedDither(16, 2, 48_000, seed=3).quantise(other)[:, 0], whole[:, 0])


def test_full_scale_holds_and_the_noise_stays_small_after_it() -> None:
    loud = np.zeros((1, 30_000), np.float32)
    loud[0, 5000:6000] = 4.0
    dither = ShapedDither(16, 1, 44_100)
    codes = dither.quantise(loud)[:, 0]
    assert dither.clipped_samples == 1000 and codes[5000:6000].max() == 32_767
    assert np.abs(codes[6050:]).max() < 40
