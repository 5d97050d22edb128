"""Noise reduction, hum removal and the rumble filter against what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from smartmix.processors import HumRemoval, NoiseReduction, RumbleFilter

RATE = 48_000
Values = NDArray[np.float64]


def level_db(x: NDArray[np.floating]) -> float:
    return float(10.0 * np.log10(np.mean(np.square(x, dtype=np.float64)) + 1e-30))


def white(seconds: float, level: float, seed: int = 1) -> Values:
    x = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return x * 10.0 ** (level / 20.0)


def notes(seconds: float, seed: int = 3) -> Values:
    """Notes with harmonics that start, decay and change twice a second; nothing steady, silence at the end of each."""
    t = np.arange(round(seconds * RATE)) / RATE
    rng = np.random.default_rng(seed)
    pitch = 110.0 * 2.0 ** (rng.integers(0, 24, 2 * round(seconds) + 2) / 12.0)
    hz = pitch[(2 * t).astype(int)]
    phase = np.cumsum(hz) / RATE
    shape = np.exp(-6.0 * (t % 0.5)) * (t % 0.5 < 0.4)
    return 0.2 * shape * sum(np.sin(2.0 * np.pi * k * phase) / k for k in range(1, 8))


def as_audio(*rows: Values) -> NDArray[np.float32]:
    return np.stack(rows).astype(np.float32)


def learned(noise: Values, **settings: float) -> NoiseReduction:
    effect = NoiseReduction(profile="learning")
    effect(as_audio(noise), RATE)
    effect.profile = "learned"
    effect(as_audio(noise[:RATE]), RATE)  # the last of it is told when learning ends
    for name, value in settings.items():
        effect.set(name, value)
    return effect


def test_a_learned_profile_is_the_density_of_the_noise() -> None:
    curve = learned(white(3.0, -40.0)).read_curve("noise1_db")
    density = -40.0 - 10.0 * np.log10(RATE / 2)
    assert np.mean(curve[2:-2]) == pytest.approx(density, abs=0.2)
    assert np.abs(curve[2:-2] - density).max() < 2.5


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000])
def test_a_profile_means_the_same_at_every_rate(rate: int) -> None:
    effect = NoiseReduction(reduction_db=20.0, profile="learned", smoothing=1.0)
    for name in ("noise1_db", "noise2_db"):
        effect.write_curve(name, np.full(1025, -40.0 - 10.0 * np.log10(rate / 2)))
    noise = np.random.default_rng(2).standard_normal((2, 2 * rate)).astype(np.float32) * 0.01
    out = effect(noise, rate)
    assert level_db(out[:, rate // 2 : -rate // 4]) == pytest.approx(-40.0 - 20.0, abs=1.5)


@pytest.mark.parametrize("reduction_db", [6.0, 12.0, 24.0])
def test_noise_alone_goes_down_by_the_reduction(reduction_db: float) -> None:
    noise = white(4.0, -45.0)
    for smoothing, part in ((1.0, 0.9), (0.5, 0.75)):
        effect = learned(white(3.0, -45.0, seed=9), reduction_db=reduction_db, smoothing=smoothing)
        down_db = level_db(noise) - level_db(effect(as_audio(noise), RATE)[0, RATE:-RATE])
        assert part * reduction_db < down_db < reduction_db + 0.1


def test_sound_over_the_noise_stays_and_the_rest_gets_quieter() -> None:
    sound, noise = notes(6.0), white(6.0, -45.0)
    out = learned(white(3.0, -45.0, seed=9), reduction_db=20.0)(as_audio(sound + noise), RATE)[0]
    gain = level_db(noise) - level_db(out - sound)
    assert gain > 6.0
    low = learned(white(3.0, -65.0, seed=9), reduction_db=20.0)(as_audio(sound + noise), RATE)[0]
    assert level_db(noise) - level_db(low - sound) < 1.0  # a wrong profile is seen


def test_smoothing_takes_the_musical_noise_out() -> None:
    """Kurtosis of the spectral powers of what is left of noise: bubbles are rare and loud."""

    def kurtosis(smoothing: float) -> float:
        effect = learned(white(3.0, -45.0, seed=9), reduction_db=20.0, smoothing=smoothing)
        left = effect(as_audio(white(4.0, -45.0)), RATE)[0, RATE:-RATE].astype(np.float64)
        frames = np.lib.stride_tricks.sliding_window_view(left, 2048)[::1024] * np.hanning(2048)
        power = np.abs(np.fft.rfft(frames)[:, 4:-4]) ** 2
        return float(np.mean(power**2) / np.mean(power) ** 2)

    assert kurtosis(1.0) < 2.5 < kurtosis(0.0)  # Gaussian noise has 2


def test_it_finds_the_floor_in_the_pauses() -> None:
    sound = notes(12.0) * (np.arange(12 * RATE) % (3 * RATE) < 2 * RATE)
    effect = NoiseReduction(reduction_db=20.0)
    out = effect(as_audio(sound + white(12.0, -55.0)), RATE)[0]
    found = effect.read_curve("found1_db")
    known = found > -200.0
    assert known.mean() > 0.8
    assert np.mean(found[known]) == pytest.approx(-55.0 - 10.0 * np.log10(RATE / 2), abs=1.0)
    last = slice(round(11.4 * RATE), round(11.9 * RATE))
    assert level_db(out[last]) < -70.0


@pytest.mark.parametrize("kind", ["notes", "tone", "decay", "dither", "silence"])
def test_automatic_leaves_clean_sound_alone_to_the_bit(kind: str) -> None:
    t = np.arange(8 * RATE) / RATE
    clean = {
        "notes": notes(8.0),
        "tone": 0.1 * np.sin(2.0 * np.pi * 440.0 * t),
        "decay": white(8.0, -10.0) * 10.0 ** (-30.0 * (t % 2.0) / 20.0),
        "dither": np.round(notes(8.0) * 32768.0 + np.random.default_rng(4).triangular(-1, 0, 1, t.size))
        / 32768.0,
        "silence": 0.0 * t,
    }[kind]
    audio = as_audio(clean, 0.5 * clean)
    assert np.array_equal(NoiseReduction(reduction_db=20.0)(audio, RATE), audio)


def test_delta_is_what_is_missing() -> None:
    audio = as_audio(notes(3.0) + white(3.0, -45.0))
    effect = learned(white(2.0, -45.0, seed=9), reduction_db=20.0)
    out = effect(audio, RATE)
    effect.delta = True
    assert np.abs(audio - out - effect(audio, RATE)).max() < 1e-7


def hum(seconds: float, hz: float, level: float, *, drift_hz: float = 0.0, harmonics: int = 8) -> Values:
    t = np.arange(round(seconds * RATE)) / RATE
    turns = np.cumsum(hz + drift_hz * np.sin(2.0 * np.pi * t / 20.0)) / RATE
    parts = [np.sin(2.0 * np.pi * k * turns + k) / k for k in range(1, harmonics + 1)]
    total = np.asarray(np.sum(parts, axis=0))
    return total * 10.0 ** ((level - level_db(total)) / 20.0)


@pytest.mark.parametrize("hz", [49.9, 50.03, 60.0])
def test_hum_is_found_and_goes(hz: float) -> None:
    added, sound = hum(16.0, hz, -45.0), notes(16.0)
    effect = HumRemoval(amount=1.0)
    out = effect(as_audio(sound + added), RATE)[0]
    assert effect.read_curve("found_mains_hz")[0] == pytest.approx(hz, abs=0.03)
    last = slice(10 * RATE, 16 * RATE)
    assert level_db((out - sound)[last]) < -51.0  # 1 dB more than measured


def test_the_levels_told_are_those_of_the_lines() -> None:
    effect = HumRemoval(amount=1.0)
    added = hum(10.0, 50.0, -40.0)
    effect(as_audio(added), RATE)
    size = np.sqrt(2.0 * 10.0 ** (level_db(added) / 10.0) / sum(1.0 / k**2 for k in range(1, 9)))
    lines = effect.read_curve("found1_db")[:8]
    np.testing.assert_allclose(lines, 20.0 * np.log10(size / np.arange(1, 9)), atol=0.3)


def known_hum(hz: float, added: Values) -> HumRemoval:
    finder = HumRemoval()
    finder(as_audio(added), RATE)
    effect = HumRemoval(amount=1.0, profile="learned")
    effect.write_curve("mains_hz", [hz])
    effect.write_curve("lines1_db", finder.read_curve("found1_db"))
    return effect


def test_hum_that_drifts_is_followed() -> None:
    added = hum(20.0, 50.0, -40.0, drift_hz=0.1)
    out = known_hum(50.0, hum(10.0, 50.0, -40.0))(as_audio(added), RATE)[0]
    assert level_db(out[4 * RATE :]) < -40.0 - 15.0
    off = known_hum(53.0, hum(10.0, 50.0, -40.0))(as_audio(added), RATE)[0]
    assert level_db(off[4 * RATE :]) > -42.0  # a planted fault is seen


def test_a_loud_note_on_a_harmonic_passes() -> None:
    """No more is taken than the hum was found to be: a note 30 dB over it loses less than half a dB."""
    added = hum(10.0, 50.0, -50.0)
    t = np.arange(10 * RATE) / RATE
    note = 0.3 * np.sin(2.0 * np.pi * 100.0 * t) * (t > 3.0)
    out = known_hum(50.0, added)(as_audio(added + note), RATE)[0]
    part = slice(5 * RATE, 9 * RATE)
    assert abs(level_db(out[part]) - level_db(note[part])) < 0.5


@pytest.mark.parametrize("kind", ["notes", "low note", "noise", "loop", "silence"])
def test_without_hum_no_bit_changes(kind: str) -> None:
    t = np.arange(10 * RATE) / RATE
    clean = {
        "notes": notes(10.0),
        "low note": 0.2 * sum(np.sin(2.0 * np.pi * 48.9994 * k * t) / k for k in range(1, 6)),  # G1
        "noise": white(10.0, -30.0),
        "loop": np.tile(white(0.5, -20.0) * np.exp(-20.0 * t[: RATE // 2]), 20),
        "silence": 0.0 * t,
    }[kind]
    audio = as_audio(clean, -clean)
    assert np.array_equal(HumRemoval(amount=1.0)(audio, RATE), audio)


def test_dc_and_rumble_go_and_nothing_else() -> None:
    sound = notes(6.0)
    turns = np.exp(2j * np.pi * 7.0 * np.arange(6 * RATE) / RATE)
    effect = RumbleFilter(amount=1.0, slope_db_oct="24")
    out = effect(as_audio(sound + 0.02 + 0.02 * turns.real), RATE)[0]
    last = slice(4 * RATE, 6 * RATE)  # whole periods
    assert abs(np.mean(out[last])) < 0.02 * 10.0 ** (-50.0 / 20.0)
    assert 2.0 * abs(np.mean((out - sound)[last] * turns[last])) < 0.02 * 10.0 ** (-30.0 / 20.0)
    audio = as_audio(sound, sound)
    assert np.array_equal(effect(audio, RATE), audio)


def test_the_rumble_filter_is_the_high_pass_it_says() -> None:
    audio = as_audio(white(1.0, -20.0))
    for slope, order in (("12", 2), ("24", 4)):
        out = RumbleFilter(amount=1.0, engage="always", slope_db_oct=slope, freq_hz=60.0)(audio, RATE)[0]
        wanted = sosfilt(butter(order, 60.0, "highpass", fs=RATE, output="sos"), audio[0].astype(np.float64))
        assert level_db(out - wanted) < level_db(wanted) - 100.0
