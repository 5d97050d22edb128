"""Matching one recording to another."""

from __future__ import annotations

import numpy as np

from plots.signals import RATE, Values
from plots.svg import HZ, Line, Panel, db
from smartmix.matching import GRID_HZ, match_curve, match_eq, measure_tone
from smartmix.processors import ParametricEQ

SECONDS = 6


def _pink(seed: int) -> Values:
    frames = SECONDS * RATE
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((1, frames)))
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.shape[1]), 20.0 * SECONDS))
    noise = np.fft.irfft(spectrum, frames)
    return np.asarray(0.1 * noise / noise.std(), np.float32)


def _desk() -> ParametricEQ:
    eq = ParametricEQ()
    settings = [("low_shelf", 150.0, 3.0, 0.7), ("bell", 700.0, -4.0, 0.9), ("high_shelf", 5000.0, 3.0, 0.7)]
    for number, (shape, hz, gain_db, q) in enumerate(settings, 1):
        for key, value in (("shape", shape), ("freq_hz", hz), ("gain_db", gain_db), ("q", q)):
            eq.set(f"band{number}.{key}", value)
    return eq


def _melody(semitones: float, seed: int) -> Values:
    """One instrument in a key: partials under a fixed spectrum, 0.4 s a note."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(0.4 * RATE)) / RATE
    notes = []
    for _ in range(15):
        f0 = 220.0 * 2.0 ** ((semitones + rng.choice([0, 2, 4, 5, 7, 9, 11, 12])) / 12.0)
        k = np.arange(1, int(8000.0 / f0))[:, np.newaxis]
        level = 1.0 / (1.0 + (k * f0 / 900.0) ** 2)
        note = (level * np.sin(2.0 * np.pi * k * f0 * time + rng.uniform(0.0, 6.28, k.shape))).sum(axis=0)
        notes.append(note * np.minimum(1.0, 40.0 * time) * np.minimum(1.0, 40.0 * time[::-1]))
    sound = np.concatenate(notes)
    return np.asarray(0.1 * sound / sound.std(), np.float32)[np.newaxis]


def match() -> list[Panel]:
    known = _desk()
    found = match_eq(_pink(1), known(_pink(2), RATE), RATE, bands=4)
    truth = known.response_db(GRID_HZ)
    source, reference = (measure_tone(_melody(*of), RATE) for of in ((0.0, 3), (3.0, 4)))
    keys = match_curve(source, reference)
    narrow = [
        10.0 * np.log10(np.convolve(t.band_power, np.ones(4), "same") + 1e-15) for t in (source, reference)
    ]
    played = (GRID_HZ > 250.0) & (GRID_HZ < 8000.0)
    naive = narrow[1] - narrow[0]
    naive = naive - naive[played].mean()
    return [
        Panel(
            "Noise to other noise behind an EQ: the EQ is found",
            HZ,
            db(-6, 6, 2),
            [
                Line("intended", GRID_HZ, found.intended_db),
                Line("4 bands", GRID_HZ, found.achieved_db),
                Line(
                    "the EQ, level-free",
                    GRID_HZ,
                    truth - (truth - found.intended_db)[60:200].mean(),
                    reference=True,
                ),
            ],
        ),
        Panel(
            "One instrument in two keys: the notes stay out",
            HZ,
            db(-12, 12, 4),
            [
                Line("match curve", GRID_HZ, keys.db),
                Line("sixths of an octave", GRID_HZ[played], naive[played], reference=True),
            ],
        ),
    ]
