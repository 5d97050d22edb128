"""What turns down by level."""

from __future__ import annotations

import numpy as np

from plots.signals import RATE, Values, db_of, envelope_db, hz_grid, sine, steady_db, stereo
from plots.svg import HZ, Axis, Line, Panel, db, time
from smartmix.processors import Compressor, DeEsser, Gate, MultibandCompressor, Processor, TruePeakLimiter

LEVELS = np.arange(-60.0, 0.1, 2.0)


def curve_of(effect: Processor, hz: float = 1000.0) -> list[float]:
    return [steady_db(effect, float(level_db), hz) for level_db in LEVELS]


def step(low_db: float, high_db: float, hz: float = 2000.0) -> Values:
    """200 ms low, 300 ms high, 500 ms low."""
    t = np.arange(RATE) / RATE
    level_db = np.where((t >= 0.2) & (t < 0.5), high_db, low_db)
    return np.asarray(sine(hz, 1.0) * 10.0 ** (level_db / 20.0))


def step_response(
    effect: Processor, low_db: float, high_db: float, hz: float = 2000.0
) -> tuple[Values, Values]:
    """Gain in dB over time."""
    audio = step(low_db, high_db, hz)
    out = effect(stereo(audio), RATE)[0]
    gain_db = envelope_db(out, hz) - envelope_db(audio, hz)
    return np.asarray(np.arange(gain_db.size) * 1000.0 / RATE), gain_db


UNITY = Line("unity", LEVELS, LEVELS, reference=True)
IN, OUT = db(-60, 0, 10, "dB in"), db(-60, 0, 10, "dB out")


def compressor() -> list[Panel]:
    curves = [
        Line(
            f"{ratio:g}:1",
            LEVELS,
            curve_of(Compressor(threshold_db=-24.0, ratio=ratio, knee_db=6.0, attack_ms=1.0)),
        )
        for ratio in (2.0, 4.0, 20.0)
    ]
    knees = [
        Line(
            f"knee {knee:g} dB",
            LEVELS,
            curve_of(Compressor(threshold_db=-24.0, ratio=4.0, knee_db=knee, attack_ms=1.0)),
        )
        for knee in (0.0, 12.0, 24.0)
    ]
    steps = [
        Line(
            f"{attack:g} / {release:g} ms",
            *step_response(
                Compressor(threshold_db=-24.0, ratio=4.0, attack_ms=attack, release_ms=release), -40.0, -6.0
            ),
        )
        for attack, release in ((1.0, 50.0), (10.0, 100.0), (30.0, 250.0))
    ]
    automatic = [
        Line(name, *step_response(Compressor(threshold_db=-24.0, ratio=4.0, auto_times=on), -40.0, -6.0))
        for name, on in (("set", False), ("auto", True))
    ]
    return [
        Panel("Static curve, threshold −24 dB", IN, OUT, [*curves, UNITY]),
        Panel("The knee, 4:1", IN, OUT, [*knees, UNITY]),
        Panel("Gain of a tone stepping up by 34 dB and back", time(1000, 200), db(-15, 3, 3), steps),
        Panel("Automatic times, 10 / 100 ms", time(1000, 200), db(-15, 3, 3), automatic),
    ]


def gate() -> list[Panel]:
    curves = [
        Line(
            f"{ratio:g}:1",
            LEVELS,
            curve_of(Gate(threshold_db=-30.0, ratio=ratio, range_db=24.0, hysteresis_db=0.0)),
        )
        for ratio in (2.0, 4.0, 20.0)
    ]
    steps = [
        Line(
            f"hold {hold:g}, release {release:g} ms",
            *step_response(
                Gate(
                    threshold_db=-30.0,
                    ratio=20.0,
                    range_db=40.0,
                    attack_ms=2.0,
                    hold_ms=hold,
                    release_ms=release,
                ),
                -50.0,
                -6.0,
            ),
        )
        for hold, release in ((10.0, 50.0), (100.0, 150.0))
    ]
    return [
        Panel("Static curve, threshold −30 dB, range 24 dB", IN, db(-90, 0, 10, "dB out"), [*curves, UNITY]),
        Panel("Gain of a tone that comes at 200 ms and goes at 500", time(1000, 200), db(-45, 5, 5), steps),
    ]


def de_esser() -> list[Panel]:
    settings = {"freq_hz": 6500.0, "threshold_db": -36.0, "ratio": 4.0, "range_db": 12.0}
    curves = [
        Line(name, LEVELS, curve_of(DeEsser(**settings, shape=shape), 6500.0))
        for name, shape in (("bell", "bell"), ("high shelf", "high_shelf"))
    ]
    hz = hz_grid(110)
    found = []
    for name, shape in (("bell", "bell"), ("high shelf", "high_shelf")):
        levels = []
        for f in hz:
            # A loud tone in the band has it turned down; a quiet one beside it is measured.
            audio = sine(6500.0, 0.5, 0.4) + sine(float(f), 0.5, 0.004)
            out = DeEsser(**settings, shape=shape)(stereo(audio), RATE)[0, -RATE // 4 :].astype(np.float64)
            probe = np.exp(-2j * np.pi * float(f) / RATE * np.arange(RATE // 4)) * np.hanning(RATE // 4)
            before = np.dot(audio[-RATE // 4 :], probe)
            levels.append(20.0 * np.log10(abs(np.dot(out, probe)) / abs(before)))
        found.append(Line(name, hz, levels))
    return [
        Panel("A tone at 6.5 kHz, threshold −36 dB, 4:1, range 12 dB", IN, OUT, [*curves, UNITY]),
        Panel("Response while a loud tone at 6.5 kHz sounds", HZ, db(-15, 3, 3), found),
        Panel(
            "Gain of an s of 300 ms, attack 1 ms, release 60 ms",
            time(1000, 200),
            db(-15, 3, 3),
            [Line("gain at 6.5 kHz", *step_response(DeEsser(**settings), -60.0, -10.0, 6400.0))],
        ),
    ]


def multiband_compressor() -> list[Panel]:
    hz = hz_grid(40)
    lines = []
    for number, name in ((1, "low"), (2, "low middle"), (3, "high middle"), (4, "high")):
        effect = MultibandCompressor()
        for band in range(1, 5):
            effect.set(f"band{band}.threshold_db", -40.0)
            effect.set(f"band{band}.ratio", 20.0 if band == number else 1.0)
        lines.append(Line(name, hz, [steady_db(effect, -12.0, float(f), 0.5) + 12.0 for f in hz]))
    return [Panel("A tone at −12 dBFS; one band in turn at 20:1 over −40 dB", HZ, db(-32, 4, 4), lines)]


def true_peak_limiter() -> list[Panel]:
    hot = np.random.default_rng(4).standard_normal(RATE // 4) * 0.5
    burst = np.concatenate([0.05 * sine(997.0, 0.1), sine(997.0, 0.2, 4.0), 0.05 * sine(997.0, 0.5)])
    releases = []
    for release in (10.0, 40.0, 200.0):
        out = TruePeakLimiter(ceiling_dbtp=-1.0, release_ms=release)(stereo(burst), RATE)[0]
        period = 48
        count = out.size // period
        gain = np.abs(out[: count * period].reshape(count, period)).max(axis=1) / np.maximum(
            np.abs(burst[: count * period].reshape(count, period)).max(axis=1), 1e-9
        )
        releases.append(Line(f"{release:g} ms", np.arange(count) * period * 1000.0 / RATE, db_of(gain)))
    drives = np.arange(0.0, 24.1, 3.0)
    over, plain = [], []
    for drive_db in drives:
        audio = stereo(hot * 10.0 ** (float(drive_db) / 20.0))
        out = TruePeakLimiter(ceiling_dbtp=-1.0)(audio, RATE)
        over.append(_peak_between_db(out[0]) + 1.0)
        plain.append(_peak_between_db(np.clip(audio[0], -(10.0**-0.05), 10.0**-0.05)) + 1.0)
    return [
        Panel("Gain: 200 ms of a tone 13 dB over the ceiling", time(800, 100), db(-15, 3, 3), releases),
        Panel(
            "White noise: peak between the samples over the ceiling",
            Axis(0.0, 24.0, "dB of gain", (0, 6, 12, 18, 24)),
            db(-1, 10, 1),
            [Line("limiter", drives, over), Line("clipping the samples", drives, plain, reference=True)],
        ),
    ]


def _peak_between_db(x: np.ndarray) -> float:
    """Largest value of the band-limited signal, on 16 points to a sample."""
    spectrum = np.fft.rfft(x.astype(np.float64))
    fine = np.fft.irfft(np.pad(spectrum, (0, 15 * (spectrum.size - 1))), 16 * x.size) * 16.0
    return float(20.0 * np.log10(np.abs(fine).max()))
