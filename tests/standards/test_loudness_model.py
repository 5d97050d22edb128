"""The loudness model against the values of ANSI S3.4-2007, thresholds and masking data, and a second model in numpy."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from smartmix import _core
from standards import loudness_oracle as oracle

HZ = _core.ear_channels_hz()
# ANSI S3.4-2007, table 7: a 1 kHz tone in a free field, dB SPL to sone.
TONES = {10: 0.029, 15: 0.070, 20: 0.142, 25: 0.255, 30: 0.422, 35: 0.662, 40: 0.997, 45: 1.461, 50: 2.098}
TONES |= {55: 2.970, 60: 4.166, 65: 5.813, 70: 8.102, 75: 11.326, 80: 15.980, 85: 22.929, 90: 33.216}
TONES |= {95: 48.242, 100: 70.362, 105: 103.274, 110: 152.776, 115: 227.855, 120: 341.982}
# Two digits in the standard.
FAINT_TONES = {0: 0.0011, 1: 0.0018, 2: 0.0028, 3: 0.0044, 4: 0.0065, 5: 0.0088, 7.5: 0.017}


def pattern(hz, levels_db):
    powers = 10 ** (np.atleast_2d(np.asarray(levels_db, float)) / 10)
    return _core.excitation_patterns(np.atleast_1d(np.asarray(hz, float)), powers)[0]


def sone(hz, levels_db):
    return float(_core.specific_loudness(pattern(hz, levels_db)).sum() * 0.1)


def noise(low_hz, high_hz, density_db, step_hz=1.0):
    """White noise as components: Hz and levels."""
    hz = np.arange(low_hz + step_hz / 2, high_hz, step_hz)
    return hz, np.full(hz.size, density_db + 10 * np.log10(step_hz))


def pink(density_db):
    hz = np.arange(50.0, 15_001.0, 10.0)
    return hz, density_db - 10 * np.log10(hz / 1000) + 10


def joined(a, b):
    return np.r_[a[0], b[0]], np.r_[a[1], b[1]]


STANDARD = {
    **{f"1 kHz {level} dB": ((1000.0, level), value) for level, value in TONES.items()},
    **{
        f"3 kHz {level} dB": ((3000.0, level), value)
        for level, value in {20: 0.35, 40: 1.8, 60: 7.1, 80: 27.5}.items()
    },
    "100 Hz 50 dB": ((100.0, 50), 0.345),
    "100 Hz wide, 40 dB/Hz": (noise(950, 1050, 40), 4.25),
    "1 kHz wide, 40 dB/Hz": (noise(500, 1500, 40), 14.29),
    "100 Hz wide, 60 dB": (noise(950, 1050, 40), 4.25),
    "1 kHz wide, 60 dB": (noise(500, 1500, 30), 8.02),
    **{f"pink {level} dB": (pink(level), value) for level, value in {0: 3.62, 20: 16.0, 40: 49.28}.items()},
    "1.5 + 1.6 + 1.7 kHz": (([1500, 1600, 1700], [60] * 3), 6.35),
    "1 + 1.6 + 2.4 kHz": (([1000, 1600, 2400], [60] * 3), 12.62),
    "100 to 1000 Hz": ((np.arange(100, 1001, 100), [30] * 10), 1.99),
    "tone in noise": (joined(noise(950, 1050, 40), ([1000.0], [60.0])), 5.14),
}


@pytest.mark.parametrize("name", STANDARD)
def test_values_of_the_standard(name):
    sound, expected = STANDARD[name]
    assert sone(*sound) == pytest.approx(expected, rel=0.015)


@pytest.mark.parametrize("level", FAINT_TONES)
def test_values_of_the_standard_near_the_threshold(level):
    assert sone(1000.0, level) == pytest.approx(FAINT_TONES[level], rel=0.05)


@pytest.mark.parametrize("fault", ["no middle ear", "fixed skirts", "no threshold"])
def test_the_standard_would_catch(fault):
    assert any(abs(oracle.sone(*sound, fault) / value - 1) > 0.015 for sound, value in STANDARD.values())


def test_thresholds_in_quiet_are_those_of_iso_389_7():
    """A tone at ISO 389-7's threshold has one and the same loudness, 2.4 phon of 1 kHz, within 0.5 dB."""
    thresholds = {50: 44, 63: 37.5, 80: 31.5, 100: 26.5, 125: 22.1, 160: 17.9, 200: 14.4, 250: 11.4, 315: 8.6}
    thresholds |= {400: 6.2, 500: 4.4, 630: 3, 800: 2.2, 1000: 2.4, 1250: 3.5, 1600: 1.7, 2000: -1.3}
    thresholds |= {
        2500: -4.2,
        3150: -6,
        4000: -5.4,
        5000: -1.5,
        6300: 6,
        8000: 12.6,
        10_000: 13.9,
        12_500: 12.3,
    }
    level = np.arange(-10, 50, 0.25)
    for hz, threshold in thresholds.items():
        around = level[np.abs(level - threshold) < 2]
        loudness = np.array([sone(float(hz), at) for at in around])
        assert np.interp(_core.sone_of_phon(2.4), loudness, around) == pytest.approx(threshold, abs=0.5), hz


def sounds():
    rng = np.random.default_rng(5)
    for _ in range(12):
        count = int(rng.integers(1, 40))
        yield np.sort(rng.uniform(30, 14_000, count)), rng.uniform(-10, 85, count)


def test_the_same_as_a_second_model():
    for (hz, levels), (other_hz, other_levels) in zip(sounds(), list(sounds())[::-1], strict=True):
        signal, other = pattern(hz, levels), pattern(other_hz, other_levels)
        np.testing.assert_allclose(signal, oracle.excitation(hz, levels), rtol=1e-9)
        # The tables of A are read at other points: 0.1 %.
        np.testing.assert_allclose(
            _core.specific_loudness(signal), oracle.specific(signal), rtol=1e-3, atol=1e-9
        )
        left = np.clip(oracle.partial(np.maximum(signal, 1e-30), other), 0, oracle.specific(signal))
        np.testing.assert_allclose(_core.partial_specific_loudness(signal, other), left, rtol=2e-3, atol=1e-5)


def test_excitations_of_sounds_add_up_to_that_of_their_sum():
    rng = np.random.default_rng(1)
    hz = np.sort(rng.uniform(40, 12_000, 60))
    powers = 10 ** (rng.uniform(0, 8, (5, hz.size)))
    apart = _core.excitation_patterns(hz, powers)
    together = _core.excitation_patterns(hz, powers.sum(axis=0, keepdims=True))
    np.testing.assert_allclose(apart.sum(axis=0), together[0], rtol=1e-12)
    alone = _core.excitation_patterns(hz, powers[:1])[0]
    assert np.abs(10 * np.log10(alone / apart[0])).max() > 0.5  # the mix does shape the filters


def critical_ratio_db(hz: float, density_db: float, *, outer_ear: bool = True) -> float:
    """Level of a just heard tone over the density of flat noise: Es reaches the threshold in its best channel."""
    hz_noise = np.arange(20.0, min(6 * hz, 16_000), max(5.0, hz / 400))
    both_hz = np.r_[hz, hz_noise]
    powers = np.zeros((2, both_hz.size))
    powers[0, 0] = 10**6.0
    powers[1, 1:] = 10 ** (density_db / 10) * (hz_noise[1] - hz_noise[0])
    if not outer_ear:
        powers /= 10 ** (oracle.within(oracle.EAR[:, 0], oracle.EAR[:, 1], both_hz) / 10)
    tone, masker = _core.excitation_patterns(both_hz, powers)
    return 60 - 10 * np.log10((tone / _core.masked_threshold(masker)).max()) - density_db


CRITICAL_RATIOS_DB = {125: 18.5, 250: 16.5, 500: 17, 1000: 18, 2000: 20, 4000: 23, 8000: 26.5}


@pytest.mark.parametrize("hz", CRITICAL_RATIOS_DB)
def test_critical_ratios_of_hawkins_and_stevens(hz):
    """Noise through earphones (no gain of the outer ear), 51 dB per ERB, where the filters have their plain shape, and
    40 dB/Hz, where they are wider.
    """
    plain_db = 51 - 10 * np.log10(24.673 * (0.004368 * hz + 1))
    assert critical_ratio_db(hz, plain_db, outer_ear=False) == pytest.approx(CRITICAL_RATIOS_DB[hz], abs=1.0)
    assert critical_ratio_db(hz, 40, outer_ear=False) == pytest.approx(CRITICAL_RATIOS_DB[hz], abs=1.0)


def bark(hz):
    return 13 * np.arctan(0.00076 * hz) + 3.5 * np.arctan((hz / 7500) ** 2)


@pytest.mark.parametrize("level", [40, 60, 80, 90])
def test_slopes_of_excitation_are_terhardts(level):
    """dB per bark beside a 1 kHz tone, straight line from 1 to 3 bark away (below: 1 to 2.5)."""
    db = 10 * np.log10(pattern(1000.0, level))
    away = bark(HZ) - bark(1000.0)
    upper = (away > 1) & (away < 3)
    lower = (away < -1) & (away > -2.5)
    assert -np.polyfit(away[upper], db[upper], 1)[0] == pytest.approx(24 + 0.23 - 0.2 * level, abs=1.0)
    assert np.polyfit(away[lower], db[lower], 1)[0] == pytest.approx(27, abs=2.5)


def test_a_notch_in_noise_frees_the_tone_as_a_roex_filter_says():
    """Masker power left by notches of 0.1 to 0.4 of 1 kHz on both sides, against Patterson's closed form."""
    left = []
    for g in (0.0, 0.1, 0.2, 0.3, 0.4):
        below, above = noise(200, 1000 - 1000 * g, 40, 2.0), noise(1000 + 1000 * g, 1800, 40, 2.0)
        at = int(np.argmin(np.abs(HZ - 1000)))
        left.append(10 * np.log10(pattern(*joined(below, above))[at]))
    p = 30.2
    closed = [10 * np.log10((2 + p * g) * np.exp(-p * g) / 2) for g in (0.1, 0.2, 0.3, 0.4)]
    np.testing.assert_allclose(np.array(left[1:]) - left[0], closed, atol=2.5)


def partial_sone(signal, masker):
    return float(_core.partial_specific_loudness(signal, masker).sum() * 0.1)


def test_a_flat_spectrum_of_third_octaves():
    """ANSI S3.4-2007's example of 26 bands, 50 Hz to 16 kHz, of one level each: components fill the bands evenly."""
    centres = 1000 * 10 ** (np.arange(-13, 13) / 10)
    for level, value in {0: 0.071, 10: 0.67, 20: 2.51, 30: 6.26, 40: 12.7, 50: 23.3}.items():
        hz, levels = [], []
        for centre in centres:
            low, high = centre * 10**-0.05, centre * 10**0.05
            inside, flat = noise(low, high, level - 10 * np.log10(high - low), (high - low) / 12)
            hz.append(inside)
            levels.append(flat)
        assert sone(np.concatenate(hz), np.concatenate(levels)) == pytest.approx(value, rel=0.015)


def test_what_a_masker_leaves():
    """Never more than in quiet, less for each dB more of masker, all of it beside a faint or far one."""
    tone = pattern(1000.0, 60)
    quiet = sone(1000.0, 60)
    left = [partial_sone(tone, pattern(*noise(100, 5000, density, 10.0))) for density in range(-40, 60, 4)]
    assert all(a >= b for a, b in pairwise(left)) and left[0] <= quiet
    assert left[0] == pytest.approx(quiet, rel=0.01) and left[-1] < 0.01
    assert partial_sone(tone, pattern(8000.0, 60)) == pytest.approx(quiet, rel=0.02)
    assert partial_sone(tone, np.zeros(372)) == pytest.approx(quiet, rel=1e-12)
    louder = [
        partial_sone(pattern(1000.0, level), pattern(*noise(100, 5000, 30, 10.0)))
        for level in range(40, 90, 3)
    ]
    assert all(a < b for a, b in pairwise(louder))


@pytest.mark.parametrize("hz", [250.0, 1000.0, 4000.0])
def test_a_tone_at_its_masked_threshold_is_as_loud_as_one_in_quiet_at_its_threshold(hz):
    masker = noise(50, 8000, 40, 10.0)
    tone = pattern(hz, 40 + critical_ratio_db(hz, 40.0))
    left = partial_sone(tone, pattern(*masker))
    assert 0.5 < left / float(_core.sone_of_phon(2.4)) < 8


def test_phon_and_sone():
    levels = np.linspace(0, 120, 241)
    np.testing.assert_allclose(_core.phon_of_sone(_core.sone_of_phon(levels)), levels, atol=1e-9)
    assert float(_core.phon_of_sone(sone(1000.0, 57.3))) == pytest.approx(57.3, abs=0.01)
    assert float(_core.phon_of_sone(0.0)) == 0


def test_what_it_does_not_take():
    with pytest.raises(ValueError, match="above 0 Hz"):
        _core.excitation_patterns(np.array([0.0]), np.ones((1, 1)))
    with pytest.raises(ValueError, match="not negative"):
        _core.excitation_patterns(np.array([100.0]), -np.ones((1, 1)))
    with pytest.raises(ValueError, match="components"):
        _core.excitation_patterns(np.array([100.0]), np.ones(1))
    with pytest.raises(ValueError, match="372"):
        _core.specific_loudness(np.ones(5))
