"""The instruments and their parts, against filters, tunings and formants measured from outside."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import signal

from smartmix.synth import recording
from smartmix.synth.demo import DemoSong
from smartmix.synth.keys import pad_loop
from smartmix.synth.shaping import curve, edges_faded, highpass, lowpass, resonator, room, saturated, through
from smartmix.synth.song import BEAT_S, DURATION_S, MELODY, drum_hits, harmony, keys_notes, section
from smartmix.synth.strings import OPEN_GUITAR, Pluck, ring
from smartmix.synth.voice import Singer, SungNote, sing

RATE = 48_000


@pytest.mark.parametrize("frames", [5_000, 300_000])
@pytest.mark.parametrize(("kind", "cutoff_hz", "order"), [("lowpass", 1000.0, 1), ("highpass", 80.0, 2)])
def test_filters_are_butterworths(frames: int, kind: str, cutoff_hz: float, order: int) -> None:
    sound = np.random.default_rng(1).standard_normal(frames)
    expected = signal.sosfilt(signal.butter(order, cutoff_hz, kind, fs=RATE, output="sos"), sound)
    filtered = through(sound, (lowpass if kind == "lowpass" else highpass)(cutoff_hz, order))
    assert np.abs(filtered - expected).max() < 1e-6


def test_resonator_is_klatts() -> None:
    sound = np.random.default_rng(2).standard_normal(20_000)
    radius = np.exp(-np.pi * 80.0 / RATE)
    b, c = 2.0 * radius * np.cos(2.0 * np.pi * 700.0 / RATE), -(radius**2)
    expected = signal.lfilter([1.0 - b - c], [1.0, -b, -c], sound)
    assert np.abs(through(sound, resonator(700.0, 80.0)) - expected).max() < 1e-9


def test_long_sounds_are_filtered_without_seams() -> None:
    """What comes out of blocks is what one long convolution gives, look-ahead and room included."""
    sound = np.random.default_rng(3).standard_normal(400_000)
    responses = (curve((50, -6), (500, 0), (5000, -20)), room("test", decay_s=0.3, level_db=-6.0))
    size = 1 << 20
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    expected = np.fft.irfft(np.fft.rfft(sound, size) * responses[0](z) * responses[1](z), size)[: sound.size]
    assert np.abs(through(sound, *responses) - expected).max() < 1e-4 * np.abs(expected).max()


def test_curve_has_its_levels_and_no_delay() -> None:
    click = np.zeros(300_000)
    click[150_000] = 1.0
    shaped = through(click, curve((100, -12), (1000, 0), (10_000, -6)))
    assert int(np.argmax(np.abs(shaped))) == 150_000
    spectrum = np.abs(np.fft.rfft(shaped))
    for at_hz, level_db in ((100, -12.0), (1000, 0.0), (10_000, -6.0)):
        assert 20.0 * np.log10(spectrum[round(at_hz * 300_000 / RATE)]) == pytest.approx(level_db, abs=0.1)


def test_saturation_is_tanh_half_a_frame_late_and_folds_less() -> None:
    t = np.arange(200_000) / RATE
    slow = 0.5 * np.sin(2.0 * np.pi * 50.0 * t)
    gain = 10.0 ** (12.0 / 20.0)
    between = 0.5 * (slow[1:] + slow[:-1])
    assert np.abs(saturated(slow, 12.0)[1:] - np.tanh(gain * between) / gain).max() < 1e-5
    tone = np.sin(2.0 * np.pi * 9000.0 * t)
    # the fifth harmonic of 9 kHz folds back to 3 kHz
    folded = [
        np.abs(np.fft.rfft(x[:48_000]))[3000] for x in (saturated(tone, 12.0), np.tanh(gain * tone) / gain)
    ]
    assert folded[0] < 0.5 * folded[1]


def test_fades_reach_silence_at_both_ends() -> None:
    faded = edges_faded(np.ones(4800), 0.01, 0.02)
    assert faded[0] == 0.0
    assert abs(faded[-1]) < 1e-9
    assert faded[480:3840] == pytest.approx(1.0)


@pytest.mark.parametrize("frequency_hz", [43.65, 110.0, 329.63])
def test_string_is_in_tune_and_dies_away(frequency_hz: float) -> None:
    sound = ring(frequency_hz, [Pluck(0.0, 1.0)], 2.0, OPEN_GUITAR, np.random.default_rng(4)).astype(
        np.float64
    )
    spectrum = np.abs(np.fft.rfft(sound[4800:76_800] * np.hanning(72_000), 1 << 20))
    bins = np.arange(spectrum.size) * RATE / (1 << 20)
    near = (bins > 1.94 * frequency_hz) & (bins < 2.06 * frequency_hz)
    found_hz = bins[near][np.argmax(spectrum[near])] / 2.0
    assert abs(1200.0 * np.log2(found_hz / frequency_hz)) < 3.0
    early, late = (np.sqrt(np.mean(sound[round(s * RATE) :][:9600] ** 2)) for s in (0.1, 1.6))
    assert late < 0.5 * early
    # the transform's end does not fold back over the attack: nothing sounds before the pluck
    later = ring(frequency_hz, [Pluck(0.5, 1.0)], 2.0, OPEN_GUITAR, np.random.default_rng(4))
    assert np.abs(later[:23_000]).max() < 2e-3 * np.abs(later).max()


def pitch_hz(samples: np.ndarray) -> float:
    piece = samples * np.hanning(samples.size)
    lags = np.fft.irfft(np.abs(np.fft.rfft(piece, 1 << 17)) ** 2)
    low, high = RATE // 600, RATE // 150
    return RATE / float(low + np.argmax(lags[low:high]))


def test_singer_hits_the_notes_of_the_melody(demo: DemoSong) -> None:
    sos = signal.butter(4, 120.0, "highpass", fs=RATE, output="sos")
    voice = signal.sosfiltfilt(sos, demo.tracks[recording.LEAD_VOCAL].samples[0].astype(np.float64))
    for name in ("verse 1", "chorus 1"):
        for note in (note for phrase in MELODY[name] for note in phrase if note.beats >= 1.0):
            middle_s = section(name).start_s + (note.beat + 0.5 * note.beats) * BEAT_S
            found_hz = pitch_hz(voice[round((middle_s - 0.09) * RATE) : round((middle_s + 0.09) * RATE)])
            cents = 1200.0 * np.log2(found_hz / (440.0 * 2.0 ** ((note.midi - 69) / 12.0)))
            assert abs(cents) < 60.0, (name, note, cents)


def vowel_power_db(vowel: str, low_hz: float, high_hz: float) -> float:
    notes = [[SungNote(1.0, 3.0, 53.0, "", vowel)]]
    voice = sing(notes, Singer("test", vibrato_cents=0.0), 4 * RATE)[round(1.5 * RATE) : round(2.8 * RATE)]
    frequency_hz, power = signal.welch(voice.astype(np.float64), RATE, nperseg=4096)
    inside = power[(frequency_hz >= low_hz) & (frequency_hz < high_hz)].sum()
    return float(10.0 * np.log10(inside / power[frequency_hz > 100.0].sum()))


def test_vowels_have_their_formants() -> None:
    assert vowel_power_db("a", 700.0, 1400.0) > vowel_power_db("i", 700.0, 1400.0) + 10.0
    assert vowel_power_db("i", 2400.0, 3600.0) > vowel_power_db("u", 2400.0, 3600.0) + 10.0
    assert vowel_power_db("u", 250.0, 550.0) > vowel_power_db("a", 250.0, 550.0) + 5.0


def test_an_s_hisses_where_the_voice_does_not() -> None:
    notes = [[SungNote(1.0, 2.0, 60.0, "s", "o")]]
    voice = sing(notes, Singer("test"), 3 * RATE).astype(np.float64)
    hiss, vowel = voice[round(0.93 * RATE) : round(0.98 * RATE)], voice[round(1.3 * RATE) : round(1.6 * RATE)]

    def ratio_db(sound: np.ndarray) -> float:
        frequency_hz, power = signal.welch(sound, RATE, nperseg=2048)
        high, low = (
            power[(frequency_hz >= a) & (frequency_hz < b)].sum() for a, b in ((4500, 10_000), (150, 4000))
        )
        return float(10.0 * np.log10(high / low))

    assert ratio_db(hiss) > 3.0
    assert ratio_db(vowel) < -15.0


def test_pad_loop_has_no_seam_and_its_chord() -> None:
    loop = pad_loop((57, 60, 64), "test")
    jump = abs(loop[0] - loop[-1])
    assert jump < 4.0 * np.sqrt(np.mean(np.diff(loop) ** 2))
    spectrum = np.abs(np.fft.rfft(loop)) ** 2
    bin_hz = RATE / loop.size
    for midi in (57, 60, 64):
        centre = round(440.0 * 2.0 ** ((midi - 69) / 12.0) / bin_hz)
        assert spectrum[centre - 8 : centre + 9].sum() > 100.0 * spectrum[centre - 60 : centre - 43].sum()


def test_score_stays_within_the_song_and_the_key() -> None:
    assert pytest.approx(45.0) == DURATION_S
    assert all(0.0 <= hit.beat * BEAT_S < DURATION_S and 0.0 < hit.strength <= 1.0 for hit in drum_hits())
    assert all((note.beat + note.beats) * BEAT_S <= DURATION_S for note in keys_notes())
    assert [harmony(69, 2), harmony(71, 2), harmony(60, -3)] == [72, 74, 55]
    for name, phrases in MELODY.items():
        notes = [note for phrase in phrases for note in phrase]
        assert all(a.beat + a.beats <= b.beat for a, b in itertools.pairwise(notes))
        assert section(name).start_s + (notes[-1].beat + notes[-1].beats) * BEAT_S <= DURATION_S
