"""How right the loudness model and the masking meter are: the tables of docs/dsp/masking.md.

    python benchmarks/masking_accuracy.py

Rows: the standard's values with mosqito (ISO 532-1, another model) beside them where it is installed, a do-nothing row
(loudness by level alone: 2 sone for each 10 dB over 40) and a planted-fault row (skirts that do not move with level);
critical ratios; growth of partial loudness; narrow-band maskers; through the meter: forward masking with do-nothing,
naive (power decays with 8 to 30 ms, BS.1387) and planted-fault (half the times) rows, steady maskers, tones.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix import _core

RATE = 48_000
FULL_SCALE_DB_SPL = 100.0
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
    print("\npartial over unmasked loudness of a 1 kHz tone in noise of 40 dB/Hz (Lochner and Burger 1961)")
    print("dB over threshold   published   noise 50..8000 Hz   500..1500 Hz   its own place")
    threshold = 40 + critical_ratio_db(1000, 40)
    for over, published in {5: 0.267, 10: 0.463, 20: 0.712, 30: 0.845}.items():
        shares = []
        for low, high in ((50, 8000), (500, 1500)):
            signal, masker = patterns(tone(1000, threshold + over), noise(low, high, 40, 5))
            left, quiet = _core.partial_specific_loudness(signal, masker), _core.specific_loudness(signal)
            shares.append(float(left.sum() / quiet.sum()))
        place = int(np.argmax(signal))
        shares.append(float(left[place] / quiet[place]))
        print(f"{over:17d}   {published:9.3f}   {shares[0]:17.3f}   {shares[1]:12.3f}   {shares[2]:13.3f}")


def show_narrow_maskers() -> None:
    print(
        "\nthreshold of a tone in noise one critical band wide, dB re the noise (Fastl and Zwicker -2, -3, -5)"
    )
    for hz, width, value in ((250, 100, -2), (1000, 160, -3), (4000, 700, -5)):
        band = noise(hz - width / 2, hz + width / 2, 60 - 10 * np.log10(width))
        signal, masker = patterns(tone(hz, 60), band)
        ours = -10 * np.log10((signal / _core.masked_threshold(masker)).max())
        print(f"{hz:6d} Hz {ours:6.1f}   published {value}")


def cells(*tracks: Array) -> dict[str, Array]:
    meter = _core.MaskingMeter(float(RATE), [1] * len(tracks), FULL_SCALE_DB_SPL)
    meter.process([track[np.newaxis].astype(np.float32) for track in tracks])
    meter.finish()
    return meter.take_cells()


def sine(hz: float, level_db: float, seconds: float) -> Array:
    t = np.arange(round(seconds * RATE)) / RATE
    return np.sqrt(2) * 10 ** ((level_db - FULL_SCALE_DB_SPL) / 20) * np.sin(2 * np.pi * hz * t)


def burst(hz: float, level_db: float, from_s: float, seconds: float) -> Array:
    """A tone in 0.9 s, its edges 5 ms of raised cosine."""
    x, t = np.zeros(round(0.9 * RATE)), np.arange(round(seconds * RATE)) / RATE
    edge = np.sin(np.pi / 2 * np.clip(np.minimum(t, seconds - t) / 0.005, 0, 1)) ** 2
    x[round(from_s * RATE) :][: t.size] = sine(hz, level_db, seconds)[: t.size] * edge
    return x


def threshold_db(heard: Callable[[float], float], least: float) -> float:
    low, high = -20.0, 110.0
    for _ in range(11):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if heard(middle) > least else (middle, high)
    return 0.5 * (low + high)


def probe_threshold_db(hz: float, delay_ms: float, masker: Array | None) -> float:
    """A tone of 10 ms, heard when it is as loud as 2.4 phon in one hop, after what ends at 0.5 s."""

    def heard(level_db: float) -> float:
        probe = burst(hz, level_db, 0.5 + delay_ms / 1000, 0.01)
        return float(cells(probe, *([] if masker is None else [masker]))["beside_all"][:, 0].sum())

    return threshold_db(heard, 0.0029 / 24)


def show_forward_masking() -> None:
    delays = (5, 10, 20, 40, 80, 160)
    print("\nthreshold over that in quiet after 200 ms of an 80 dB tone, dB, by delay (ms)")
    print(f"{'':34s}" + "".join(f"{ms:7d}" for ms in delays))
    law = [0.351 * (2.252 - np.log10(ms)) * 80 for ms in delays]
    print(f"{'Jesteadt, Bacon and Lehman 1982':34s}" + "".join(f"{value:7.1f}" for value in law))
    print(f"{'do nothing':34s}" + "".join(f"{0.0:7.1f}" for _ in delays))
    for name, share in (("naive: 10.2 ms (1 kHz), power", 1.0), ("planted fault: half of that", 0.5)):
        decayed = [max(80 - 3 - 10.6 - 4.343 * ms / (10.2 * share), 0.0) for ms in delays]
        print(f"{name:34s}" + "".join(f"{value:7.1f}" for value in decayed))
    for hz in (250.0, 1000.0, 4000.0):
        masker, quiet = burst(hz, 80, 0.3, 0.2), probe_threshold_db(hz, 10, None)
        raised = [probe_threshold_db(hz, ms, masker) - quiet for ms in delays]
        print(f"{f'the meter, {hz:.0f} Hz':34s}" + "".join(f"{value:7.1f}" for value in raised))
    print("growth from 50 to 90 dB of masker, 10 ms (Schairer et al. 2008: 22.2 at 250 Hz, 15.0 at 4 kHz)")
    for hz in (250.0, 4000.0):
        low, high = (probe_threshold_db(hz, 10, burst(hz, level, 0.3, 0.2)) for level in (50, 90))
        print(f"{hz:6.0f} Hz {high - low:6.1f}")


def band(low_hz: float, high_hz: float, level_db: float, seed: int) -> Array:
    x = np.random.default_rng(seed).standard_normal(4 * RATE)
    hz = np.fft.rfftfreq(x.size, 1 / RATE)
    y = np.fft.irfft(np.where((hz > low_hz) & (hz < high_hz), np.fft.rfft(x), 0))
    return np.asarray(y * 10 ** ((level_db - FULL_SCALE_DB_SPL) / 20) / np.sqrt(np.mean(y**2)))


def show_steady_maskers() -> None:
    print(
        "\nheard from, dB re a masker of 60 dB in one critical band (published: tone over noise -14.5 - bark)"
    )
    print("             tone in noise   noise in noise   noise beside tone   published")
    for hz, width, published in ((250.0, 100.0, -17.0), (1000.0, 160.0, -23.0), (4000.0, 700.0, -31.8)):
        low, high = hz - width / 2, hz + width / 2
        pairs = (
            (sine(hz, 0, 4), band(low, high, 60, 1)),
            (band(low, high, 0, 9), band(low, high, 60, 1)),
            (band(low, high, 0, 9), sine(hz, 60, 4)),
        )
        found = []
        for covered, covering in pairs:

            def heard(level_db: float, covered: Array = covered, covering: Array = covering) -> float:
                parts = cells(covered * 10 ** (level_db / 20), covering)["beside_all"]
                return float(np.median(parts[8:-1, 0].sum(axis=1)))

            found.append(threshold_db(heard, 0.0029) - 60)
        print(f"{hz:6.0f} Hz {found[0]:15.1f} {found[1]:16.1f} {found[2]:19.1f} {published:11.1f}")


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
    show_forward_masking()
    show_steady_maskers()
    show_tones_of_the_meter()


if __name__ == "__main__":
    main()
