"""Takes with and without the faults that corrective EQ, de-essing and compression look for, made without smartmix."""

from __future__ import annotations

import numpy as np
from scipy import signal

from sources import RATE, melody, noise, tone

SCALE_HZ = 110.0 * 2.0 ** (np.array([0, 2, 3, 5, 7, 8, 10, 12, 14, 15, 17, 19]) / 12.0)


def rbj_bell(x: np.ndarray, hz: float, gain_db: float, q: float, rate: int = RATE) -> np.ndarray:
    """The cookbook's peaking EQ (R. Bristow-Johnson), written out here."""
    a, w = 10.0 ** (gain_db / 40.0), 2.0 * np.pi * hz / rate
    alpha = np.sin(w) / (2.0 * q)
    b = np.array([1 + alpha * a, -2 * np.cos(w), 1 - alpha * a])
    den = np.array([1 + alpha / a, -2 * np.cos(w), 1 - alpha / a])
    return signal.lfilter(b / den[0], den / den[0], x, axis=-1)


def pink(seconds: float = 12.0, rms: float = 0.05, seed: int = 11) -> np.ndarray:
    """Noise with the same power in every octave over 50 Hz (1, frames)."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(int(seconds * RATE)))
    hz = np.fft.rfftfreq(int(seconds * RATE), 1.0 / RATE)
    wave = np.fft.irfft(spectrum / np.sqrt(np.maximum(hz, 50.0)))
    return (rms * wave / wave.std())[np.newaxis]


def drum_room(seconds: float = 12.0, seed: int = 1) -> np.ndarray:
    """Bursts of pink noise at irregular times and in changing colours: dense, without a pitch (1, frames)."""
    rng = np.random.default_rng(seed)
    out = np.zeros(int(seconds * RATE))
    at = 0.0
    while at < seconds - 0.6:
        burst = rng.standard_normal(RATE // 2)
        tilted = signal.lfilter([1.0], [1.0, -0.9], burst) * np.exp(-np.arange(burst.size) / (0.15 * RATE))
        coloured = rbj_bell(tilted, float(rng.uniform(100, 6000)), float(rng.uniform(-9, 9)), 0.7)
        start = int(at * RATE)
        out[start : start + burst.size] += 0.05 * coloured
        at += float(rng.uniform(0.1, 0.3))
    return out[np.newaxis]


def bass_line(seconds: int = 12, seed: int = 2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return melody([float(hz) / 2.0 for hz in rng.choice(SCALE_HZ[:7], 2 * seconds)], 0.5)


def lead_on_one_note(seconds: int = 12) -> np.ndarray:
    """Every other note is the same A, the rest moves around it."""
    rng = np.random.default_rng(3)
    notes = [440.0 if k % 2 == 0 else float(rng.choice(SCALE_HZ) * 2.0) for k in range(2 * seconds)]
    return melody(notes, 0.5)


def drone_under_chords(seconds: int = 12) -> np.ndarray:
    """A held 220 Hz with its overtones under chords that change every second."""
    rng = np.random.default_rng(4)
    parts = [sum(melody([float(hz) * 2.0], 1.0) for hz in rng.choice(SCALE_HZ, 3)) for _ in range(seconds)]
    return np.concatenate(parts, axis=1) + 0.3 * tone(220.0, float(seconds))[np.newaxis]


def same_hit(seconds: float = 12.0) -> np.ndarray:
    """One snare sample with a ring of its own at 800 Hz, over and over."""
    rng = np.random.default_rng(5)
    hit = rng.standard_normal(RATE // 4) * np.exp(-np.arange(RATE // 4) / (0.05 * RATE))
    hit = rbj_bell(hit, 800.0, 12.0, 8.0)
    return 0.1 * np.tile(hit, int(seconds * 4))[np.newaxis]


def _vowel(hz: float, seconds: float) -> np.ndarray:
    """Harmonics in phase up to 3.5 kHz: pulses, as a glottis makes them."""
    t = np.arange(int(seconds * RATE)) / RATE
    wave = sum(np.cos(2 * np.pi * hz * k * t) / k**0.7 for k in range(1, int(3500.0 / hz) + 1))
    return np.asarray(wave * np.minimum(1.0, np.minimum(t, t[::-1]) / 0.02))


def voice(
    ess_db: float, seconds: int = 16, rms: float = 0.1, level_db: tuple[float, ...] = (0.0,)
) -> np.ndarray:
    """Vowels at rms 0.1 with an s of 90 ms (5 to 9 kHz noise) once a second, ``ess_db`` against the vowels; the
    seconds take the levels of ``level_db`` in turn.
    """
    rng = np.random.default_rng(6)
    sos = signal.butter(4, (5000.0, 9000.0), "band", fs=RATE, output="sos")
    parts = []
    for second in range(seconds):
        vowel = _vowel(float(SCALE_HZ[(5 * second) % 12]) * 2.0, 0.85)
        vowel *= rms / np.sqrt(np.mean(vowel**2))
        ess = signal.sosfilt(sos, rng.standard_normal(int(0.13 * RATE)))[-int(0.09 * RATE) :]
        ess *= rms * 10.0 ** (ess_db / 20.0) / np.sqrt(np.mean(ess**2))
        gap = np.zeros(RATE - vowel.size - ess.size)
        gain = 10.0 ** (level_db[second % len(level_db)] / 20.0)
        parts.append(gain * np.concatenate([ess, vowel, gap]))
    return np.concatenate(parts)[np.newaxis] + noise(seconds, level=1e-5)
