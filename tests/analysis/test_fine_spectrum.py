"""The fine spectrum, the rings and the bulges read from it, against theory and signals made without smartmix."""

from __future__ import annotations

import numpy as np
import pytest

from smartmix.analysis import fine_spectrum
from smartmix.analysis.bulge import find_bulge
from smartmix.analysis.fine_spectrum import FineSpectrum, FineSpectrumMeter
from smartmix.analysis.resonance import find_resonances, over_surroundings_db
from smartmix.suggesters.corrective_eq import is_ring
from sources import RATE, noise, sine
from tones import bass_line, drone_under_chords, drum_room, lead_on_one_note, rbj_bell, same_hit


def spectrum(x: np.ndarray, rate: int = RATE, block: int = 65_536) -> FineSpectrum:
    meter = FineSpectrumMeter(rate)
    for start in range(0, x.shape[1], block):
        meter.push(np.ascontiguousarray(x[:, start : start + block], dtype=np.float32))
    found = meter.facts()
    assert found is not None
    return found


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_band_powers_of_white_noise_are_those_of_theory(rate):
    facts = spectrum(noise(20, rate, level=0.1), rate)
    mean = np.mean(10.0 ** (facts.levels_db.astype(float) / 10.0), axis=0)
    width = facts.band_hz * (2.0 ** (0.5 / 24) - 2.0 ** (-0.5 / 24))
    expected = 0.01 * width / (rate / 2.0)
    wide = facts.band_hz > 400.0
    assert np.abs(10.0 * np.log10(mean / expected))[wide].max() < 1.0
    assert abs(10.0 * np.log10(mean[wide].sum() / expected[wide].sum())) < 0.05


def test_a_sine_reads_its_power_at_its_place():
    facts = spectrum(sine(1000.0, 4, level=0.5))
    power = 10.0 ** (facts.levels_db.astype(float) / 10.0)
    assert 10.0 * np.log10(power.sum(axis=1)).mean() == pytest.approx(-9.03, abs=0.05)
    assert facts.band_hz[power.mean(axis=0).argmax()] == pytest.approx(1000.0)


@pytest.mark.parametrize("hz", [90.0, 125.0, 250.0])
def test_a_low_note_is_not_read_half_a_bin_off(hz):
    facts = spectrum(sine(hz, 4))
    power = np.mean(10.0 ** (facts.levels_db.astype(float) / 10.0), axis=0)
    assert np.sum(power * facts.band_hz) / np.sum(power) == pytest.approx(hz, abs=0.5)


def test_blocks_change_nothing_and_silence_has_no_spectrum():
    x = noise(3.0)
    whole, pieces = spectrum(x), spectrum(x, block=997)
    assert np.array_equal(whole.levels_db, pieces.levels_db) and np.array_equal(whole.times_s, pieces.times_s)
    meter = FineSpectrumMeter(RATE)
    meter.push(np.zeros((2, RATE), np.float32))
    assert meter.facts() is None
    assert FineSpectrumMeter(RATE).facts() is None


def test_a_long_source_is_thinned_out_evenly(monkeypatch):
    monkeypatch.setattr(fine_spectrum, "MOST_FRAMES", 32)
    facts = spectrum(noise(20.0))
    assert 16 <= len(facts.times_s) < 32
    assert np.allclose(np.diff(facts.times_s), np.diff(facts.times_s)[0])
    assert facts.times_s[-1] > 18.0


def test_over_surroundings_is_what_it_says():
    levels = np.random.default_rng(0).uniform(-60, -20, (3, 80))
    over = over_surroundings_db(levels)
    power = 10.0 ** (levels / 10.0)
    for k in (16, 40, 63):
        core = 10 * np.log10(power[:, k - 1 : k + 2].mean(axis=1))
        sides = [10 * np.log10(power[:, a:b].mean(axis=1)) for a, b in ((k - 16, k - 4), (k + 5, k + 17))]
        assert over[:, k] == pytest.approx(core - np.maximum(*sides))
    assert np.isnan(over[:, :16]).all() and np.isnan(over[:, -16:]).all()


@pytest.mark.parametrize("hz", [470.0, 905.0, 2330.0, 4700.0])
def test_a_ring_in_a_dense_track_is_found_at_its_place(hz):
    dirty = spectrum(rbj_bell(drum_room(), hz, 9.0, 8.0))
    (ring,) = [r for r in find_resonances(dirty, least_db=4.5) if is_ring(r)]
    assert ring.hz == pytest.approx(hz, rel=0.03)
    assert 5.0 <= ring.over_db <= 9.0  # the surroundings hold the skirts of the bell, the core is 1/8 octave
    assert 4.0 <= ring.q <= 10.0
    assert [r for r in find_resonances(spectrum(drum_room()), least_db=4.5) if is_ring(r)] == []


@pytest.mark.parametrize("made", [bass_line, lead_on_one_note, drone_under_chords, same_hit])
def test_notes_drones_and_the_colour_of_one_sound_are_no_rings(made):
    x = made() + noise(12.0, level=1e-4)
    assert [r for r in find_resonances(spectrum(x), least_db=4.5) if is_ring(r)] == []


@pytest.mark.parametrize("hz", [200.0, 1230.0])
def test_hum_and_whistles_in_a_track_are_no_rings(hz):
    """A line that never stops is for the hum report: a bell would only take the music around it."""
    x = drum_room() + 0.05 * np.sin(2 * np.pi * hz * np.arange(12 * RATE) / RATE)
    assert [r for r in find_resonances(spectrum(x), least_db=4.5) if is_ring(r)] == []


def test_a_bulge_is_measured_against_the_rest_of_the_track():
    pink = np.cumsum(noise(12.0, level=1.0, seed=8), axis=1)
    pink = 0.5 * (noise(12.0, level=0.02, seed=9) + 0.002 * (pink - pink.mean()))
    clean, dirty = spectrum(pink), spectrum(rbj_bell(pink, 3200.0, 8.0, 1.0))
    before, after = find_bulge(clean, 2000.0, 5000.0), find_bulge(dirty, 2000.0, 5000.0)
    assert before is not None and after is not None
    assert after.over_trend_db - before.over_trend_db == pytest.approx(
        4.5, abs=1.5
    )  # the bell lifts what the trend is drawn through, too
    assert after.over_sides_db - before.over_sides_db > 2.5
    assert after.hz == pytest.approx(3200.0, rel=0.15)
    assert find_bulge(spectrum(noise(1.0)), 2000.0, 5000.0) is None


def test_a_known_length_changes_nothing() -> None:
    """What is left out from the start is what would have been dropped on the way."""
    rng = np.random.default_rng(5)
    rate, seconds = 8_000, 300
    told, untold = FineSpectrumMeter(rate, rate * seconds), FineSpectrumMeter(rate)
    for _ in range(seconds // 5):
        block = (0.1 * rng.standard_normal((1, rate * 5))).astype(np.float32)
        told.push(block)
        untold.push(block)
    a, b = told.facts(), untold.facts()
    assert a is not None and b is not None
    np.testing.assert_array_equal(a.times_s, b.times_s)
    np.testing.assert_array_equal(a.levels_db, b.levels_db)
