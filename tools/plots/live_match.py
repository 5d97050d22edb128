"""The EQ that learns."""

from __future__ import annotations

import numpy as np
from scipy import signal

from plots.signals import RATE, Samples, Values, stereo
from plots.svg import HZ, Axis, Line, Panel, db
from smartmix.processors import MatchEQ


def _noise(seed: int, seconds: float) -> Values:
    return 0.05 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))


def _tones() -> tuple[Samples, Samples]:
    """Dull, with a bump at 300 Hz; and open."""
    dull = signal.lfilter([0.35], [1.0, -0.65], _noise(1, 6.0))
    dull = (
        signal.sosfilt(signal.butter(2, [220.0, 420.0], "bandpass", output="sos", fs=RATE), 2.0 * dull) + dull
    )
    open_ = signal.lfilter([0.8], [1.0, -0.2], _noise(2, 6.0))
    return stereo(dull), stereo(open_)


def _taught(**settings: float | str) -> MatchEQ:
    source, reference = _tones()
    eq = MatchEQ(learn_reference=True, **settings)
    eq(reference, RATE)
    eq.learn_reference, eq.learn_source = False, True
    eq(source, RATE)
    eq.learn_source = False
    return eq


def match_eq() -> list[Panel]:
    eq = _taught()
    hz = eq.point_hz.astype(np.float64)
    eq(np.zeros((2, 10), np.float32), RATE)
    goal = eq.correction_db().astype(np.float64)
    eq.write_curve("reference_b_1_db", eq.learned_db())
    eq.target = "b"
    eq(np.zeros((2, 10), np.float32), RATE)
    eq.target = "a"
    ways = []
    for number in range(4):
        ways.append(Line(f"{0.5 * number + 0.5:g} s", hz, eq.correction_db().astype(np.float64)))
        eq(np.zeros((2, RATE // 2), np.float32), RATE, reset=False)
        ways[-1] = Line(ways[-1].name, hz, eq.correction_db().astype(np.float64))
    tones = [
        Line(name, hz, eq.learned_db(which).astype(np.float64) + 70.0)
        for name, which in (("source", "source"), ("reference", "reference_a"))
    ]
    fir = eq.response_db(hz)
    return [
        Panel("What it has learned, 24 bands to the octave", HZ, db(-20, 30, 10), tones),
        Panel(
            "The curve, and the filter at 50, 100 and 150 %",
            HZ,
            db(-12, 12, 4),
            [
                *(Line(f"{percent} %", hz, _at(eq, percent, hz)) for percent in (50, 100, 150)),
                Line("curve", hz, goal, reference=True),
            ],
        ),
        Panel(
            "On its way, with morph_s at 1 s: all of it alike",
            HZ,
            db(-8, 8, 4),
            [*ways, Line("goal", hz, goal, reference=True)],
        ),
        Panel(
            "The filter is the curve: what is left",
            HZ,
            Axis(-0.1, 0.1, "dB", (-0.1, -0.05, 0.0, 0.05, 0.1)),
            [Line("minimum phase", hz, fir - goal)],
        ),
    ]


def _at(eq: MatchEQ, percent: int, hz: Values) -> Values:
    eq.amount_percent = percent
    response = eq.response_db(hz)
    eq.amount_percent = 100
    return response
