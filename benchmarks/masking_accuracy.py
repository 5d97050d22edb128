"""How right the loudness model and the masking meter are: the tables of docs/dsp/masking.md.

    python benchmarks/masking_accuracy.py

Rows: the standard's values with mosqito (ISO 532-1, another model) beside them where it is installed, a do-nothing row
(loudness by level alone: 2 sone for each 10 dB over 40) and a planted-fault row (skirts that do not move with level);
critical ratios; growth of partial loudness; narrow-band maskers; tones through the meter.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix import _core

RATE = 48_000
Array = NDArray[np.float64]
Spectrum = tuple[Array, Array]  # Hz, dB SPL


def tone(hz: float, level_db: float) -> Spectrum:
    return np.array([hz]), np.array([level_db])


def noise(low_hz: float, high_hz: float, density_db: float, step_hz: float = 1.0) -> Spectrum:
    hz = np.arange(low_hz + step_hz / 2, high_hz, step_hz)
    return hz, np.full(hz.size, density_db + 10 * np.log10(step_hz))


def pink(density_db: float) -> Spectrum:
    hz = np.arange(50.0, 15_001.0, 10.0)
    return hz, density_db - 10 * np.log10(hz / 1000) + 10


def patterns(*sounds: Spectrum) -> Array:
    hz = np.concatenate([sound[0] for sound in sounds])
    powers, at = np.zeros((len(sounds), hz.size)), 0
    for row, (_, levels) in zip(powers, sounds, strict=True):
        row[at : at + levels.size] = 10 ** (levels / 10)
        at += levels.size
    return _core.excitation_patterns(hz, powers)


def sone(sound: Spectrum) -> float:
    return float(_core.specific_loudness(patterns(sound)[0]).sum() * 0.1)


def by_level(sound: Spectrum) -> float:
    return float(2 ** ((10 * np.log10(np.sum(10 ** (sound[1] / 10))) - 40) / 10))


def mosqito_sone() -> Callable[[Spectrum], float] | None:
    try:
        module: Any = import_module("mosqito.sq_metrics")
    except ImportError:
        return None

    def measure(sound: Spectrum) -> float:
        rng = np.random.default_rng(0)
        t = np.arange(RATE) / RATE
        x = np.zeros(RATE)
        for hz, level in zip(*sound, strict=True):
            phase = 2 * np.pi * rng.random()
            x += np.sqrt(2) * 2e-5 * 10 ** (level / 20) * np.sin(2 * np.pi * hz * t + phase)
        return float(module.loudness_zwst(x, RATE)[0])

    return measure


def standard() -> dict[str, tuple[Spectrum, float]]:
    rows: dict[str, tuple[Spectrum, float]] = {}
    for level, value in {
        10: 0.029,
        20: 0.142,
        40: 0.997,
        60: 4.166,
        80: 15.98,
        100: 70.362,
        120: 341.982,
    }.items():
        rows[f"1 kHz {level} dB"] = tone(1000, level), value
    for level, value in {20: 0.35, 40: 1.8, 60: 7.1, 80: 27.5}.items():
        rows[f"3 kHz {level} dB"] = tone(3000, level), value
    rows["100 Hz 50 dB"] = tone(100, 50), 0.345
    rows["100 Hz wide 40 dB/Hz"] = noise(950, 1050, 40), 4.25
    rows["1 kHz wide 40 dB/Hz"] = noise(500, 1500, 40), 14.29
    for level, value in {0: 3.62, 20: 16.0, 40: 49.28}.items():
        rows[f"pink {level} dB/Hz at 1 kHz"] = pink(level), value
    rows["1.5+1.6+1.7 kHz 60 dB"] = (np.array([1500.0, 1600, 1700]), np.full(3, 60.0)), 6.35
    rows["1+1.6+2.4 kHz 60 dB"] = (np.array([1000.0, 1600, 2400]), np.full(3, 60.0)), 12.62
    rows["100 to 1000 Hz 30 dB"] = (np.arange(100.0, 1001, 100), np.full(10, 30.0)), 1.99
    return rows


def show_standard() -> None:
    other = mosqito_sone()
    print(
        f"{'ANSI S3.4-2007':26s} {'sone':>8s} {'ours':>8s} {'error':>7s} {'level alone':>12s} {'mosqito':>9s}"
    )
    for name, (sound, value) in standard().items():
        ours = sone(sound)
        zwicker = f"{other(sound):9.3f}" if other is not None else "        -"
        print(
            f"{name:26s} {value:8.3f} {ours:8.3f} {100 * (ours / value - 1):6.1f}% {by_level(sound):12.2f} {zwicker}"
        )


def critical_ratio_db(hz: float, density_db: float) -> float:
    flat = noise(20, min(6 * hz, 16_000), density_db, max(5.0, hz / 400))
    signal, masker = patterns(tone(hz, 60), flat)
    return float(60 - 10 * np.log10((signal / _core.masked_threshold(masker)).max()) - density_db)


def show_critical_ratios() -> None:
    print(
        "\ncritical ratio, dB (Hawkins and Stevens 1950 | 51 dB per ERB in the field | 40 dB/Hz in the field)"
    )
    for hz, value in {125: 18.5, 250: 16.5, 500: 17, 1000: 18, 2000: 20, 4000: 23, 8000: 26.5}.items():
        plain = 51 - 10 * np.log10(24.673 * (0.004368 * hz + 1))
        print(f"{hz:6d} Hz {value:6.1f} {critical_ratio_db(hz, plain):6.1f} {critical_ratio_db(hz, 40):6.1f}")


def show_growth() -> None:
    print(
        "\npartial over unmasked loudness of a 1 kHz tone in noise of 40 dB/Hz (published: Lochner and Burger 1961)"
    )
    threshold = 40 + critical_ratio_db(1000, 40)
    for over, published in {5: 0.267, 10: 0.463, 20: 0.712, 30: 0.845}.items():
        signal, masker = patterns(tone(1000, threshold + over), noise(50, 8000, 40, 5))
        left = float(_core.partial_specific_loudness(signal, masker).sum() * 0.1)
        print(
            f"{over:4d} dB over threshold {left / sone(tone(1000, threshold + over)):6.3f}   published {published:.3f}"
        )


def show_narrow_maskers() -> None:
    print(
        "\nthreshold of a tone in noise one critical band wide, dB re the noise (Fastl and Zwicker -2, -3, -5)"
    )
    for hz, width, value in ((250, 100, -2), (1000, 160, -3), (4000, 700, -5)):
        band = noise(hz - width / 2, hz + width / 2, 60 - 10 * np.log10(width))
        signal, masker = patterns(tone(hz, 60), band)
        ours = -10 * np.log10((signal / _core.masked_threshold(masker)).max())
        print(f"{hz:6d} Hz {ours:6.1f}   published {value}")


def show_tones_of_the_meter() -> None:
    print("\nphon of a tone through the meter, less the model's own")
    t = np.arange(RATE) / RATE
    worst = 0.0
    for hz in (40, 50, 63, 100, 120, 145, 250, 500, 950, 1100, 1350, 2000, 4000, 8000, 12_000):
        errors = []
        for level in (20, 40, 60, 80):
            x = np.sqrt(2) * 10 ** ((level - 100) / 20) * np.sin(2 * np.pi * hz * t)
            meter = _core.MaskingMeter(float(RATE), [1], 100.0)
            meter.process([x[np.newaxis].astype(np.float32)])
            meter.finish()
            expected = float(_core.phon_of_sone(sone(tone(hz, level))))
            error = float(_core.phon_of_sone(float(meter.take_cells()["alone"][1].sum()))) - expected
            errors.append(f"{error:6.2f}" if expected > 3 else "     -")
            worst = max(worst, abs(error) if expected > 3 else 0.0)
        print(f"{hz:6d} Hz {' '.join(errors)}")
    print(f"worst {worst:.2f} phon (gate 0.7)")


def main() -> None:
    show_standard()
    show_critical_ratios()
    show_growth()
    show_narrow_maskers()
    show_tones_of_the_meter()


if __name__ == "__main__":
    main()
