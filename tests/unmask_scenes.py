"""Scenes with a known best answer, for the tests and the table of unmasking."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import signal

from sources import RATE

Audio = np.ndarray
Sources = dict[str, tuple[str, Audio]]
SECONDS = 12.0
FORMANTS = ((600, 120, 1.0), (1100, 150, 0.5), (2600, 250, 0.3), (3400, 300, 0.2))


@cache
def voice(seconds: float = SECONDS, level_db: float = -24.0) -> Audio:
    """A sung line: 220 Hz and neighbours with a spectrum of formants at 600, 1100, 2600 and 3400 Hz, in syllables."""
    t = np.arange(int(seconds * RATE)) / RATE
    note = np.repeat([220.0, 247.0, 262.0, 220.0, 196.0, 233.0], RATE // 2)
    f0 = np.resize(note, t.size) * (1.0 + 0.006 * np.sin(2 * np.pi * 5.2 * t))
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    wave = np.zeros(t.size)
    for k in range(1, 40):
        hz = 220.0 * k
        gain = sum(a / (1.0 + ((hz - f) / w) ** 2) for f, w, a in FORMANTS)
        wave += (gain + 0.02) * np.sin(k * phase + 0.7 * k)
    syllables = np.clip(1.4 * np.sin(2 * np.pi * 1.7 * t) + 0.7, 0.0, 1.0)
    return _at_level(wave * syllables, level_db)


@cache
def bumped_noise(bump_hz: float, q: float, level_db: float, *, bump_db: float = 12.0, seed: int = 1) -> Audio:
    """A sustained guitar, as noise: pink, with a bump, between 100 Hz and 8 kHz."""
    rng = np.random.default_rng(seed)
    size = int(SECONDS * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(size))
    hz = np.maximum(np.fft.rfftfreq(size, 1.0 / RATE), 1.0)
    bump = 10 ** (bump_db / 20) / np.sqrt(1.0 + (q * (hz / bump_hz - bump_hz / hz)) ** 2)
    wave = np.fft.irfft(spectrum / np.sqrt(hz) * (1.0 + bump), size)
    wave = signal.sosfilt(signal.butter(2, (100.0, 8000.0), "band", fs=RATE, output="sos"), wave)
    return _at_level(wave, level_db)


def at_1800() -> Sources:
    """A guitar with its bump where the words are: cut there."""
    return {"vox": ("lead_vocal", voice()), "gtr": ("electric_guitar", bumped_noise(1800.0, 1.2, -18.0))}


def at_600() -> Sources:
    """A guitar with its bump where the vowels are."""
    return {
        "vox": ("lead_vocal", voice()),
        "gtr": ("electric_guitar", bumped_noise(600.0, 0.7, -19.0, seed=2)),
    }


def two_givers() -> Sources:
    """Two instruments, each over the voice in a place of its own."""
    return {
        "vox": ("lead_vocal", voice()),
        "gtr": ("electric_guitar", bumped_noise(700.0, 0.9, -22.0, seed=3)),
        "pad": ("pad", bumped_noise(3000.0, 0.9, -22.0, seed=4)),
    }


def drummed() -> Sources:
    """Hits as loud as they are short: what lies between them is not theirs to give."""
    t = np.arange(int(SECONDS * RATE)) / RATE
    hits = bumped_noise(2500.0, 0.7, -18.0, seed=7)[0] * np.exp(-(t % 0.5) / 0.04)
    pad = bumped_noise(1500.0, 0.7, -26.0, seed=8)
    return {
        "vox": ("lead_vocal", voice()),
        "snare": ("snare", _at_level(hits, -18.0)),
        "pad": ("pad", pad),
    }


def same_spectrum() -> Sources:
    """The covering track has just the spectrum of the covered one: no EQ can tell them apart."""
    rng = np.random.default_rng(5)
    wave = voice()[0]
    spectrum = np.abs(np.fft.rfft(wave))
    smooth = np.maximum(signal.fftconvolve(spectrum, np.ones(2001) / 2001, "same"), 1e-6)
    noise = np.fft.irfft(smooth * np.exp(2j * np.pi * rng.random(smooth.size)), wave.size)
    return {"vox": ("lead_vocal", voice()), "pad": ("pad", _at_level(noise, -18.0))}


def apart() -> Sources:
    """Three tracks that do not meet: nothing is to be done."""
    rng = np.random.default_rng(6)
    t = np.arange(int(SECONDS * RATE)) / RATE
    bass = np.sin(2 * np.pi * 55.0 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * t))
    high = signal.sosfilt(
        signal.butter(6, 9000.0, "high", fs=RATE, output="sos"), rng.standard_normal(t.size)
    )
    return {
        "vox": ("lead_vocal", voice(level_db=-20.0)),
        "bass": ("bass", _at_level(bass, -26.0)),
        "shaker": ("percussion", _at_level(high, -44.0)),
    }


def second_half() -> Sources:
    """As ``at_1800``, but she sings in the second half only."""
    wave = voice().copy()
    wave[:, : wave.shape[1] // 2] = 0.0
    return at_1800() | {"vox": ("lead_vocal", wave)}


def _at_level(wave: Audio, level_db: float) -> Audio:
    return (wave / np.sqrt(np.mean(wave**2)) * 10 ** (level_db / 20)).astype(np.float32)[np.newaxis]
