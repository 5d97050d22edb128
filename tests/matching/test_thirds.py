"""Third octaves of a tone: their levels, how much they tell about the notes, and the curve that weighs them by it."""

from __future__ import annotations

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from smartmix.mastering.portrait import portrait_of
from smartmix.matching.grid import EDGES_HZ, GRID_HZ
from smartmix.matching.thirds import THIRDS_HZ, key_spread_db, thirds_curve, thirds_db
from smartmix.matching.tone import Tone

RATE = 44_100
MIDDLE = (THIRDS_HZ > 110.0) & (THIRDS_HZ < 9000.0)


def tone(power: NDArray[np.floating], rate: float = 192_000.0) -> Tone:
    return Tone(np.asarray(power, np.float64), 60.0, -20.0, rate)


def sloped(db_per_octave: float) -> NDArray[np.float64]:
    """Power per band of a noise that falls or rises evenly."""
    return np.asarray(10.0 ** (db_per_octave * np.log2(GRID_HZ / 1000.0) / 10.0) * np.diff(EDGES_HZ) / 1000.0)


def played(semitones: float, tilt_db: float = 0.0) -> Tone:
    """A bed of noise that falls by 4.5 dB per octave and a few partials that stand out of it; the tilt is of both."""
    power = sloped(-4.5)
    octaves = np.log2(GRID_HZ / 1000.0)
    for low in (135.0, 276.0, 552.0, 870.0, 1760.0, 3500.0, 5600.0):
        near = np.maximum(0.0, 1.0 - 24.0 * np.abs(octaves - np.log2(low / 1000.0) - semitones / 12.0))
        power = power + 2.5 * (low / 1000.0) ** -0.5 * near
    return tone(power * 10.0 ** (tilt_db * octaves / 6.0 / 10.0), RATE)


def test_a_third_octave_holds_what_lies_between_its_edges() -> None:
    """White noise: the power between two frequencies is their difference."""
    found = 10.0 ** (thirds_db(tone(sloped(0.0))) / 10.0)
    edge = 2.0 ** (1.0 / 6.0)
    np.testing.assert_allclose(found, THIRDS_HZ * (edge - 1.0 / edge) / 1000.0, rtol=2e-3)
    assert np.isnan(thirds_db(tone(sloped(0.0), 32_000.0))).tolist() == (THIRDS_HZ > 13_000.0).tolist()


def test_how_far_a_third_octave_moves_with_the_notes_is_what_moving_them_does() -> None:
    """Oracle: the recording itself, resampled to a semitone higher and lower."""
    rng = np.random.default_rng(2)
    t = np.arange(10 * RATE) / RATE
    lines = sum(np.sin(2.0 * np.pi * f * t + f) for f in (131.0, 222.0, 440.0, 590.0, 885.0, 1780.0, 3540.0))
    mono = (0.05 * lines + 0.02 * rng.standard_normal(t.size)).astype(np.float32)
    here = portrait_of([mono[np.newaxis]], RATE, 1).mid
    changes = []
    for semitones in (-1, 1):
        moved = soxr.resample(mono, RATE, RATE * 2.0 ** (-semitones / 12.0), "HQ").astype(np.float32)
        change = np.nan_to_num(thirds_db(portrait_of([moved[np.newaxis]], RATE, 1).mid) - thirds_db(here))
        changes.append(change - np.convolve(np.pad(change, 2, mode="edge"), np.full(5, 0.2), "valid"))
    oracle = np.sqrt(np.mean(np.square(changes), axis=0))[MIDDLE]
    found = key_spread_db(here)[MIDDLE]
    assert oracle.max() > 5.0
    assert np.abs(found - oracle).mean() < 0.25
    assert np.corrcoef(found, oracle)[0, 1] > 0.98


@pytest.mark.parametrize("db_per_octave", [-9.0, -3.0, 0.0, 6.0])
def test_a_slope_is_no_note(db_per_octave: float) -> None:
    assert key_spread_db(tone(sloped(db_per_octave)))[3:-3].max() < 0.02


@pytest.mark.parametrize("semitones", [-2, -1, 1, 2, 3])
def test_a_known_colour_is_found_through_other_notes(semitones: int) -> None:
    source, reference = played(0.0), played(semitones, tilt_db=6.0)
    exact = (thirds_db(reference) - thirds_db(source))[MIDDLE]
    right = np.log2(THIRDS_HZ / 1000.0)[MIDDLE]
    curve = thirds_curve(source, reference, 0.015, 15.0)
    found = np.interp(np.log2(THIRDS_HZ), np.log2(GRID_HZ), curve)[MIDDLE]
    errors = [float(np.std(each - right)) for each in (exact, found)]
    assert errors[1] < 0.7 * errors[0]
    assert np.polyfit(right, found, 1)[0] == pytest.approx(1.0, abs=0.35)


def test_with_no_smoothness_every_third_octave_is_met() -> None:
    source, reference = played(0.0), played(2.0, tilt_db=3.0)
    curve = thirds_curve(source, reference, 0.0, 15.0)
    behind = tone(source.band_power * 10.0 ** (curve / 10.0), RATE)
    apart = (thirds_db(behind) - thirds_db(reference))[MIDDLE]
    before = (thirds_db(source) - thirds_db(reference))[MIDDLE]
    assert np.std(before) > 1.5
    assert np.std(apart) < 0.4 * np.std(before)


def test_more_smoothness_prints_less_of_the_notes() -> None:
    source, reference = played(0.0), played(1.0)
    inside = (GRID_HZ > 110.0) & (GRID_HZ < 9000.0)
    sizes = [
        float(np.std(thirds_curve(source, reference, amount, 15.0)[inside])) for amount in (0.0, 0.03, 0.3)
    ]
    assert sizes[0] > 1.2 * sizes[1] > 1.44 * sizes[2]


def test_level_does_not_count_and_the_same_tone_asks_for_nothing() -> None:
    source, reference = played(0.0), played(1.0, tilt_db=4.0)
    louder = Tone(
        100.0 * reference.band_power, reference.heard_s, reference.loudness_lufs + 20.0, reference.sample_rate
    )
    np.testing.assert_allclose(
        thirds_curve(source, louder, 0.015, 15.0), thirds_curve(source, reference, 0.015, 15.0), atol=1e-6
    )
    assert np.abs(thirds_curve(source, source, 0.015, 15.0)).max() < 1e-9


def test_the_limit_holds_and_nothing_is_told_by_silence() -> None:
    dull, bright = tone(sloped(-9.0)), tone(sloped(3.0))
    assert np.abs(thirds_curve(dull, bright, 0.015, 4.0)).max() <= 4.0
    assert not thirds_curve(tone(np.zeros(GRID_HZ.size)), bright, 0.015, 15.0).any()
