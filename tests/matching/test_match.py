"""The tone of a recording, the curve between two, and what may not be in it: level, pauses, notes, empty bands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

import smartmix
from smartmix.audio.io import read
from smartmix.errors import AudioError, AudioShapeError, SmartmixError
from smartmix.matching import GRID_HZ, Tone, ToneMeter, match_curve, match_eq, match_tones, measure_tone
from smartmix.matching.tone import tone_of_blocks
from smartmix.processors import ParametricEQ

RATE = 48_000
Samples = NDArray[np.float32]
HEARD = (GRID_HZ > 60.0) & (GRID_HZ < 14_000.0)


def pink(seconds: float = 6.0, seed: int = 0, channels: int = 1, rate: int = RATE) -> Samples:
    frames = int(seconds * rate)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((channels, frames)))
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.shape[1]), 20.0 * frames / rate))
    noise = np.fft.irfft(spectrum, frames)
    return np.asarray(0.1 * noise / noise.std(), np.float32)


def tone_control() -> ParametricEQ:
    eq = ParametricEQ()
    for number, (shape, hz, gain_db, q) in enumerate(
        [("low_shelf", 150.0, 3.0, 0.7), ("bell", 700.0, -4.0, 0.9), ("high_shelf", 5000.0, 3.0, 0.7)], 1
    ):
        for key, value in (("shape", shape), ("freq_hz", hz), ("gain_db", gain_db), ("q", q)):
            eq.set(f"band{number}.{key}", value)
    return eq


def melody(semitones: float, seed: int = 3, seconds: float = 8.0) -> Samples:
    """Notes of a scale with the harmonics of a fixed resonance: the key moves, the instrument does not."""
    rng = np.random.default_rng(seed)
    length = int(0.4 * RATE)
    time = np.arange(length) / RATE
    notes = []
    for _ in range(int(seconds / 0.4)):
        f0 = 220.0 * 2.0 ** ((semitones + rng.choice([0, 2, 4, 5, 7, 9, 11, 12])) / 12.0)
        k = np.arange(1, int(16_000.0 / f0))[:, np.newaxis]
        level = 1.0 / (1.0 + (k * f0 / 900.0) ** 2) + 0.15 * np.exp(-(np.log2(k * f0 / 3000.0) ** 2) / 0.3)
        note = (level * np.sin(2.0 * np.pi * k * f0 * time + rng.uniform(0.0, 6.28, k.shape))).sum(axis=0)
        notes.append(note * np.minimum(1.0, 40.0 * time) * np.minimum(1.0, 40.0 * time[::-1]))
    sound = np.concatenate(notes)
    return np.asarray(0.1 * sound / sound.std(), np.float32)[np.newaxis]


def independent_ltas_db(audio: Samples, rate: int = RATE) -> NDArray[np.float64]:
    """Third-octave means of scipy's Welch spectrum at the grid's frequencies."""
    hz, power = signal.welch(audio.astype(np.float64), rate, "hann", 16_384, axis=-1)
    power = power.mean(axis=0)
    return np.array(
        [10.0 * np.log10(power[np.abs(np.log2(np.maximum(hz, 1.0) / f)) < 1.0 / 6.0].mean()) for f in GRID_HZ]
    )


def test_band_powers_are_those_of_welch() -> None:
    """A chirp has a smooth spectrum that both estimates see alike, whatever their bins."""
    time = np.arange(10 * RATE) / RATE
    chirp = 0.1 * signal.chirp(time % 0.5, 20.0, 0.5, 19_500.0, "linear")
    audio = np.asarray(np.stack([chirp, 0.5 * chirp]), np.float32)
    tone = measure_tone(audio, RATE)
    hz, density = signal.welch(audio.astype(np.float64), RATE, "hann", 8192, axis=-1, detrend=False)
    expected = np.interp(GRID_HZ, hz, density.mean(axis=0)) * GRID_HZ * (2.0 ** (1 / 48) - 2.0 ** (-1 / 48))
    off = 10.0 * np.log10(tone.band_power / expected)
    assert np.abs(off[(GRID_HZ > 400.0) & (GRID_HZ < 18_000.0)]).max() < 0.5
    assert tone.band_power.sum() == pytest.approx(np.mean(audio.astype(np.float64) ** 2), rel=0.03)
    assert tone.loudness_lufs == pytest.approx(
        smartmix.measure_loudness(audio, RATE).integrated_lufs, abs=0.2
    )


@pytest.mark.parametrize("cut", [1, 777, 8192])
def test_any_cut_gives_the_same_tone(cut: int) -> None:
    audio = pink(0.6 if cut == 1 else 3.0, channels=2)
    blocks = [audio[:, at : at + cut] for at in range(0, audio.shape[1], cut)]
    whole, pieces = measure_tone(audio, RATE), tone_of_blocks(blocks, RATE, 2)
    np.testing.assert_allclose(pieces.band_power, whole.band_power, rtol=1e-12)


def test_a_known_eq_is_found_and_level_does_not_count() -> None:
    """The reference is other noise at another level behind the EQ: curve, bands and filter all say the EQ."""
    known = tone_control()
    source, reference = pink(12.0, 1), 0.25 * known(pink(12.0, 2), RATE)
    match = match_eq(source, reference, RATE)
    truth = known.response_db(GRID_HZ)
    truth = truth - np.average(truth[HEARD] - match.intended_db[HEARD])
    assert np.abs(match.intended_db - truth)[HEARD].max() < 0.6
    assert np.abs(match.achieved_db - match.intended_db)[HEARD].max() < 0.35
    assert match.curve.offset_db == pytest.approx(20.0 * np.log10(0.25), abs=1.0)


def test_pauses_and_hiss_between_do_not_count() -> None:
    source, reference = pink(6.0, 1), tone_control()(pink(6.0, 2), RATE)
    white = np.random.default_rng(5).standard_normal((1, 10 * RATE)) * 10.0 ** (-45.0 / 20.0)
    with_pause = np.concatenate([reference, white.astype(np.float32)], axis=1)
    plain, paused = (
        match_curve(measure_tone(source, RATE), measure_tone(r, RATE)).db for r in (reference, with_pause)
    )
    assert np.abs(plain - paused).max() < 0.3


def test_the_key_is_not_in_the_curve() -> None:
    """One instrument in two keys, three semitones apart: nothing to change where both play."""
    source, reference = measure_tone(melody(0.0), RATE), measure_tone(melody(3.0, seed=4), RATE)
    curve = match_curve(source, reference)
    played = (GRID_HZ > 300.0) & (GRID_HZ < 12_000.0)
    naive = _narrow_db(reference) - _narrow_db(source)
    naive = naive - naive[played].mean()
    assert np.sqrt(np.mean(naive[played] ** 2)) > 2.0
    assert np.sqrt(np.mean(curve.db[played] ** 2)) < 0.4
    assert np.abs(curve.db).max() < 2.0
    assert curve.notes[played].mean() > 0.6


def test_noise_is_smoothed_narrowly() -> None:
    curve = match_curve(measure_tone(pink(6.0, 1), RATE), measure_tone(pink(6.0, 2), RATE))
    assert curve.notes.max() < 0.1
    assert np.abs(curve.db).max() < 0.7


def _narrow_db(tone: Tone) -> NDArray[np.float64]:
    """Level in sixths of an octave: what a match without care for notes would take."""
    power = np.convolve(tone.band_power, np.ones(4), mode="same")
    return np.asarray(10.0 * np.log10(power))


def low_passed(audio: Samples, hz: float) -> Samples:
    taps = signal.firwin(511, hz, fs=RATE)
    return np.asarray(signal.oaconvolve(audio, taps[np.newaxis], axes=-1), np.float32)


def test_nothing_is_lifted_where_there_is_nothing() -> None:
    source, reference = low_passed(pink(6.0, 1), 6000.0), pink(6.0, 2)
    for one, other in ((source, reference), (reference, source)):
        match = match_eq(one, other, RATE, limit_db=12.0)
        beyond = GRID_HZ > 9000.0
        assert np.abs(match.intended_db[beyond]).max() < 0.2
        assert np.abs(match.achieved_db[beyond]).max() < 0.6
        assert match.confidence[beyond].max() == 0.0


def test_rates_may_differ_and_the_lower_one_decides() -> None:
    low = pink(6.0, 2, rate=16_000)
    curve = match_curve(measure_tone(pink(6.0, 1), RATE), measure_tone(low, 16_000))
    assert np.all(curve.db[GRID_HZ > 7300.0] == 0.0)
    assert np.abs(curve.db).max() < 1.2


def test_amount_and_limit() -> None:
    source, reference = measure_tone(pink(6.0, 1), RATE), measure_tone(low_passed(pink(6.0, 2), 300.0), RATE)
    whole = match_tones(source, reference, limit_db=4.0)
    assert 3.0 < np.abs(whole.intended_db).max() <= 4.0 + 1e-9
    np.testing.assert_allclose(
        match_tones(source, reference, limit_db=4.0, amount=1.5).intended_db, 1.5 * whole.intended_db
    )
    nothing = match_tones(source, reference, amount=0.0)
    assert nothing.eq.settings() == {}
    audio = pink(0.1)
    np.testing.assert_array_equal(nothing.eq(audio, RATE), audio)


def test_a_short_recording_counts_by_its_length() -> None:
    reference = tone_control()(pink(6.0, 2), RATE)
    short, long = (
        match_curve(measure_tone(pink(s, 1), RATE), measure_tone(reference, RATE)) for s in (1.2, 6.0)
    )
    assert short.confidence.max() < 0.45
    assert np.abs(short.db).max() < 0.6 * np.abs(long.db).max()


@pytest.mark.parametrize("phase", ["minimum", "linear"])
def test_the_filter_does_what_was_intended(phase: str) -> None:
    """Measured on audio by another spectrum estimate."""
    match = match_eq(pink(6.0, 1), tone_control()(pink(6.0, 2), RATE), RATE)
    audio = pink(8.0, 9)
    change = independent_ltas_db(match.filtered(audio, phase)) - independent_ltas_db(audio)  # type: ignore[arg-type]
    off = np.abs(change - match.intended_db)[HEARD]
    assert off.mean() < 0.05
    assert off.max() < 0.4


def test_the_linear_filter_is_symmetric() -> None:
    match = match_eq(pink(4.0, 1), tone_control()(pink(4.0, 2), RATE), RATE)
    taps = match.fir("linear", 4096)
    np.testing.assert_array_equal(taps[1:2048], taps[:2048:-1])
    with pytest.raises(SmartmixError, match="taps"):
        match.fir("linear", 4095)
    with pytest.raises(SmartmixError, match="phase"):
        match.fir("zero")  # type: ignore[arg-type]


def test_octaves_tell_intended_and_achieved() -> None:
    match = match_eq(pink(6.0, 1), tone_control()(pink(6.0, 2), RATE), RATE)
    assert [o.centre_hz for o in match.octaves] == [31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16_000]
    inside = (1000.0 / np.sqrt(2.0) <= GRID_HZ) & (1000.0 * np.sqrt(2.0) > GRID_HZ)
    assert match.octaves[5].intended_db == pytest.approx(match.intended_db[inside].mean())
    errors = np.abs(match.achieved_db - match.intended_db)
    assert max(o.max_error_db for o in match.octaves) == pytest.approx(errors[GRID_HZ > 23.0].max(), abs=0.05)
    assert sum(o.mean_error_db for o in match.octaves) / 10 < 0.3


def test_the_change_in_loudness_is_what_the_meter_reads() -> None:
    source = pink(6.0, 1)
    match = match_eq(source, tone_control()(pink(6.0, 2), RATE), RATE)
    before, after = (
        smartmix.measure_loudness(a, RATE).integrated_lufs for a in (source, match.eq(source, RATE))
    )
    assert match.loudness_change_lu == pytest.approx(after - before, abs=0.1)


def test_what_cannot_be_matched_is_refused() -> None:
    audio = pink(1.0)
    with pytest.raises(AudioError, match="silent"):
        match_eq(audio, np.zeros((1, RATE), np.float32), RATE)
    with pytest.raises(AudioShapeError):
        match_eq(audio[0], audio, RATE)
    with pytest.raises(AudioError, match="finite"):
        match_eq(audio, np.where(np.arange(RATE) == 5, np.nan, audio), RATE)
    for wrong in ({"bands": 0}, {"bands": 25}, {"amount": 1.6}, {"limit_db": 0.5}, {"limit_db": 13.0}):
        with pytest.raises(SmartmixError, match=next(iter(wrong))):
            match_eq(audio, audio, RATE, **wrong)


def test_memory_does_not_grow() -> None:
    meter = ToneMeter(RATE, 1)
    block = pink(2.0)
    for _ in range(3):
        meter.push(block)
    assert meter.tone().heard_s == pytest.approx(6.0, abs=0.3)


def test_real_songs(dev_songs: Path) -> None:
    """Two real mixes: the curve re-measured on audio behind filter and bands."""
    source = read(dev_songs / "eif_caesium" / "_mix.flac")
    reference = read(dev_songs / "audiokit_funk_loop" / "_mix.flac")
    excerpt = source.samples[:, : 12 * source.sample_rate]
    match = match_tones(
        measure_tone(excerpt, source.sample_rate), measure_tone(reference.samples, reference.sample_rate)
    )
    before = independent_ltas_db(excerpt, source.sample_rate)
    sure = match.confidence > 0.5
    for made, mean_db in ((match.filtered(excerpt), 0.35), (match.eq(excerpt, source.sample_rate), 1.0)):
        change = independent_ltas_db(made, source.sample_rate) - before
        assert np.abs(change - match.intended_db)[sure].mean() < mean_db
