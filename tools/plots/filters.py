"""Equalisers."""

from __future__ import annotations

import numpy as np

from plots.dynamics import step_response
from plots.signals import RATE, Values, hz_grid, sine, stereo
from plots.svg import HZ, Axis, Line, Panel, db, time
from smartmix.processors import DynamicEQ, LinearPhaseEQ, ParametricEQ


def bell_db(hz: Values, freq_hz: float, gain_db: float, q: float) -> Values:
    """The analog bell of the cookbook."""
    s, a = 1j * hz / freq_hz, 10.0 ** (gain_db / 40.0)
    return np.asarray(20.0 * np.log10(np.abs((s * s + s * a / q + 1.0) / (s * s + s / (a * q) + 1.0))))


def shelf_db(hz: Values, freq_hz: float, gain_db: float, q: float) -> Values:
    """The analog high shelf of the cookbook."""
    s, a = 1j * hz / freq_hz, 10.0 ** (gain_db / 40.0)
    root = np.sqrt(a) / q
    return np.asarray(20.0 * np.log10(np.abs(a * (a * s * s + s * root + 1.0) / (s * s + s * root + a))))


def eq(shape: str, freq_hz: float, gain_db: float = 0.0, q: float = 0.7071, slope: int = 12) -> ParametricEQ:
    made = ParametricEQ()
    band = made.band1
    band.shape, band.freq_hz, band.gain_db, band.q, band.slope_db_oct = shape, freq_hz, gain_db, q, slope
    return made


def _at_44k1(freq_hz: float) -> ParametricEQ:
    made = eq("bell", freq_hz, 9.0, 1.0)
    made(np.zeros((1, 16), np.float32), 44_100)
    return made


def parametric_eq() -> list[Panel]:
    hz = hz_grid()
    bells = []
    for freq_hz, gain_db, q in ((100.0, 6.0, 1.0), (1000.0, -9.0, 2.0), (12_000.0, 9.0, 1.0)):
        bells.append(Line(f"{freq_hz:g} Hz", hz, eq("bell", freq_hz, gain_db, q).response_db(hz)))
        bells.append(Line("", hz, bell_db(hz, freq_hz, gain_db, q), reference=True))
    bells[-1] = Line("dashed: analog", hz, bell_db(hz, 12_000.0, 9.0, 1.0), reference=True)
    shelves = [
        Line("low shelf", hz, eq("low_shelf", 120.0, 6.0).response_db(hz)),
        Line("high shelf", hz, eq("high_shelf", 9000.0, 8.0).response_db(hz)),
        Line("tilt", hz, eq("tilt", 800.0, -6.0).response_db(hz)),
        Line("analog", hz, shelf_db(hz, 9000.0, 8.0, 0.7071), reference=True),
    ]
    slopes = [
        Line(f"{slope}", hz, eq("high_pass", 200.0, slope=slope).response_db(hz)) for slope in (6, 12, 24, 48)
    ]
    top = np.linspace(2000.0, 20_000.0, 120)
    off = [
        Line(
            f"{freq_hz / 1000:g} kHz",
            top,
            _at_44k1(freq_hz).response_db(top) - bell_db(top, freq_hz, 9.0, 1.0),
        )
        for freq_hz in (4000.0, 8000.0, 12_000.0, 16_000.0)
    ]
    return [
        Panel("Bells at 48 kHz", HZ, db(-12, 12, 3), bells),
        Panel("Shelves and tilt", HZ, db(-12, 12, 3), shelves),
        Panel("High pass at 200 Hz, dB per octave", HZ, db(-60, 6, 6), slopes),
        Panel(
            "Bells of 9 dB, q 1, at 44.1 kHz: off the analog one by",
            Axis(2000.0, 20_000.0, "Hz", (2000, 5000, 8000, 12_000, 16_000, 20_000)),
            db(-1.5, 1.5, 0.5),
            off,
        ),
    ]


def linear_phase_eq() -> list[Panel]:
    hz = hz_grid()
    effect = LinearPhaseEQ()
    band = effect.band1
    band.shape, band.freq_hz, band.gain_db, band.q = "bell", 1000.0, 6.0, 2.0
    click = np.zeros((1, 4800), np.float32)
    click[0, 2400] = 1.0
    same = eq("bell", 1000.0, 6.0, 2.0)
    milliseconds = (np.arange(4800) - 2400) / 48.0
    ring = slice(2400 - 192, 2400 + 193)
    amplitude = Axis(-0.06, 0.06, "amplitude", (-0.06, -0.03, 0.0, 0.03, 0.06))
    return [
        Panel(
            "A bell of 6 dB at 1 kHz, q 2: one magnitude",
            HZ,
            db(-2, 8, 2),
            [
                Line("linear phase", hz, effect.response_db(hz)),
                Line("parametric", hz, same.response_db(hz), reference=True),
            ],
        ),
        Panel(
            "Its click: half of the ringing comes before",
            Axis(-4.0, 4.0, "ms", (-4, -3, -2, -1, 0, 1, 2, 3, 4)),
            amplitude,
            [
                Line("linear phase", milliseconds[ring], effect(click, RATE)[0, ring]),
                Line("parametric", milliseconds[ring], same(click, RATE)[0, ring]),
            ],
        ),
    ]


def dynamic_eq() -> list[Panel]:
    effect = DynamicEQ()
    band = effect.band1
    band.shape, band.freq_hz, band.q, band.threshold_db, band.range_db = "bell", 300.0, 1.4, -30.0, -8.0
    levels = np.arange(-60.0, 0.1, 2.0)
    out = []
    for level_db in levels:
        tone = stereo(sine(300.0, 0.5, 10.0 ** (level_db / 20.0)))
        made = effect(tone, RATE)
        out.append(20.0 * np.log10(np.abs(made[0, -4800:]).max()))
    return [
        Panel(
            "A tone in the band: threshold −30 dB, range −8 dB",
            db(-60, 0, 10, "dB in"),
            db(-60, 0, 10, "dB out"),
            [Line("dynamic EQ", levels, out), Line("unity", levels, levels, reference=True)],
        ),
        Panel(
            "Gain at 300 Hz as the tone rises by 20 dB and falls",
            time(1000, 200),
            db(-10, 2, 2),
            [Line("gain", *step_response(effect, -34.0, -14.0, 300.0))],
        ),
    ]
