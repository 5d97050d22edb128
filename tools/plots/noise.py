"""Steady noise, hum and rumble."""

from __future__ import annotations

import numpy as np
from scipy.signal import welch

from plots.signals import RATE, Values, db_of, sine
from plots.svg import Axis, Line, Panel, db, time
from smartmix.processors import HumRemoval, NoiseReduction, RumbleFilter

LOG_HZ = Axis(50.0, 20_000.0, "Hz", (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000), log=True)


def _noise(seconds: float, level_db: float) -> Values:
    return np.asarray(
        10.0 ** (level_db / 20.0) * np.random.default_rng(1).standard_normal(round(seconds * RATE))
    )


def _spectrum(name: str, audio: np.ndarray, hz_from: float, hz_to: float, size: int) -> Line:
    hz, power = welch(audio.astype(np.float64), RATE, nperseg=size)
    part = (hz >= hz_from) & (hz <= hz_to)
    return Line(name, hz[part], 10.0 * np.log10(power[part] + 1e-20))


def _levels(name: str, audio: np.ndarray, cell_s: float = 0.02) -> Line:
    cell = round(cell_s * RATE)
    rows = audio[: audio.size // cell * cell].astype(np.float64).reshape(-1, cell)
    t = (np.arange(len(rows)) + 0.5) * cell_s
    return Line(name, t, db_of(np.sqrt(np.mean(rows**2, axis=1)), -120.0))


def noise_reduction() -> list[Panel]:
    gate = (np.arange(4 * RATE) % RATE > RATE // 2).astype(np.float64)
    noisy = (sine(1000.0, 4.0, 0.2) * gate + _noise(4.0, -50.0)).astype(np.float32)
    learner = NoiseReduction(profile="learning")
    learner(noisy[np.newaxis, : RATE // 2], RATE)
    profile = learner.read_curve("noise1_db")

    def cleaned(reduction_db: float, smoothing: float = 0.5) -> np.ndarray:
        effect = NoiseReduction(reduction_db=reduction_db, smoothing=smoothing, profile="learned")
        effect.write_curve("noise1_db", profile)
        return effect(noisy[np.newaxis], RATE)[0]

    by_itself = NoiseReduction(reduction_db=20.0)(noisy[np.newaxis], RATE)[0]
    return [
        Panel(
            "A tone that comes and goes in noise, 20 dB",
            time(4.0, 0.5, "s"),
            db(-80, -10, 10),
            [
                _levels("in", noisy),
                _levels("learned", cleaned(20.0)),
                _levels("automatic", by_itself),
            ],
        ),
        Panel(
            "Noise alone, dBFS/Hz; reduction 6, 12, 24 dB",
            LOG_HZ,
            db(-130, -80, 10),
            [
                _spectrum(name, audio[round(3.05 * RATE) : round(3.45 * RATE)], 50.0, 20_000.0, 2048)
                for name, audio in (
                    ("in", noisy),
                    ("6 dB", cleaned(6.0)),
                    ("12 dB", cleaned(12.0)),
                    ("24 dB", cleaned(24.0)),
                )
            ],
        ),
    ]


def hum_removal() -> list[Panel]:
    t = np.arange(8 * RATE) / RATE
    hum = sum(0.01 / k * np.sin(2.0 * np.pi * 50.03 * k * t + k) for k in range(1, 9))
    voice = 0.1 * np.sin(2.0 * np.pi * 330.0 * t) * (t % 1.0 < 0.6)
    dirty = (hum + voice + _noise(8.0, -80.0)).astype(np.float32)[np.newaxis]
    finder = HumRemoval(amount=1.0)
    automatic = finder(dirty, RATE)[0]
    known = HumRemoval(amount=1.0, profile="learned")
    known.write_curve("mains_hz", finder.read_curve("found_mains_hz"))
    known.write_curve("lines1_db", finder.read_curve("found1_db"))
    learned = known(dirty, RATE)[0]
    last = slice(4 * RATE, 8 * RATE)
    lines = Axis(20.0, 500.0, "Hz", (20, 50, 100, 150, 200, 300, 400, 500))
    return [
        Panel(
            "Spectrum of hum at 50.03 Hz, a note at 330 Hz",
            lines,
            db(-110, -10, 20),
            [
                _spectrum("in", dirty[0, last], 20.0, 500.0, 32_768),
                _spectrum("out", learned[last], 20.0, 500.0, 32_768),
            ],
        ),
        Panel(
            "What is left of the hum beside the note",
            time(8.0, 1.0, "s"),
            db(-100, -30, 10),
            [
                _levels("hum", hum, 0.1),
                _levels("automatic", automatic - (dirty[0] - hum), 0.1),
                _levels("learned", learned - (dirty[0] - hum), 0.1),
            ],
        ),
    ]


def rumble_filter() -> list[Panel]:
    audio = (0.02 + sine(1000.0, 4.0, 0.05)).astype(np.float32)[np.newaxis]
    clean = sine(1000.0, 4.0, 0.05).astype(np.float32)[np.newaxis]
    cell = RATE // 50

    def mean(values: np.ndarray) -> Values:
        return np.asarray(values.astype(np.float64).reshape(-1, cell).mean(axis=1))

    t = (np.arange(mean(audio[0]).size) + 0.5) / 50.0
    effect = RumbleFilter(amount=1.0)
    impulse = np.zeros((1, 4 * RATE), np.float32)
    impulse[0, 0] = 1.0
    hz = np.geomspace(2.0, 200.0, 120)
    n = np.arange(impulse.shape[1])
    responses = []
    for slope in ("12", "24"):
        out = RumbleFilter(amount=1.0, engage="always", slope_db_oct=slope)(impulse, RATE)[0]
        h = np.array([np.dot(out.astype(np.float64), np.exp(-2j * np.pi * f / RATE * n)) for f in hz])
        responses.append(Line(f"{slope} dB/oct", hz, db_of(np.abs(h))))
    return [
        Panel(
            "A tone on 0.02 of DC: what is left of the DC",
            time(4.0, 0.5, "s"),
            Axis(-0.01, 0.03, "", (-0.01, 0, 0.01, 0.02, 0.03)),
            [
                Line("in", t, mean(audio[0])),
                Line("out", t, mean(effect(audio, RATE)[0])),
                Line("clean", t, mean(effect(clean, RATE)[0])),
            ],
        ),
        Panel(
            "Response when engaged, freq_hz 20",
            Axis(2.0, 200.0, "Hz", (2, 5, 10, 20, 50, 100, 200), log=True),
            db(-60, 6, 12),
            responses,
        ),
    ]
