"""Level and position."""

from __future__ import annotations

import numpy as np

from plots.signals import RATE, Values, db_of, hz_grid, impulse, spectrum_db, stereo
from plots.svg import HZ, Axis, Line, Panel, db, time
from smartmix import _core
from smartmix.processors import Gain, Pan, StereoWidth


def ones(seconds: float) -> np.ndarray:
    return stereo(np.full(round(seconds * RATE), 0.25))


def milliseconds(frames: int) -> Values:
    return np.asarray(np.arange(frames) * 1000.0 / RATE)


def gain() -> list[Panel]:
    audio = ones(0.06)
    lane = [(0.01, 0.0), (0.03, -24.0), (0.03, -24.0), (0.05, 6.0)]
    out = Gain()(audio, RATE, automation={"gain_db": lane})
    change_db = db_of(out[0] / audio[0])
    return [
        Panel(
            "A lane of three points: straight in dB",
            time(60, 10),
            db(-30, 12, 6),
            [Line("gain", milliseconds(out.shape[1]), change_db)],
        ),
        Panel(
            "The same as a factor",
            time(60, 10),
            Axis(0.0, 2.0, "", (0.0, 0.5, 1.0, 1.5, 2.0)),
            [Line("factor", milliseconds(out.shape[1]), out[0] / audio[0])],
        ),
    ]


def pan() -> list[Panel]:
    positions = np.linspace(-1.0, 1.0, 81)
    sides = np.array([Pan(float(p))(ones(0.001), RATE)[:, -1] / 0.25 for p in positions])
    power = 10.0 * np.log10(0.5 * (sides**2).sum(axis=1))
    axis = Axis(-1.0, 1.0, "pan", (-1.0, -0.5, 0.0, 0.5, 1.0))
    return [
        Panel(
            "Levels of the sides",
            axis,
            db(-30, 6, 6),
            [
                Line("left", positions, db_of(sides[:, 0], -40.0)),
                Line("right", positions, db_of(sides[:, 1], -40.0)),
                Line("power of both", positions, power, reference=True),
            ],
        )
    ]


def stereo_width() -> list[Panel]:
    hz = hz_grid()
    apart = impulse(0.5)
    apart[1] *= -1.0
    corners = [
        Line(f"{corner:g} Hz", hz, spectrum_db(StereoWidth(mono_below_hz=corner)(apart, RATE), hz))
        for corner in (60.0, 120.0, 300.0)
    ]
    left = impulse(0.5)
    left[1] = 0.0
    out = StereoWidth(mono_below_hz=120.0)(left, RATE)
    leaks = spectrum_db(out[::-1], hz)
    total = spectrum_db((out[:1] + out[1:]) * np.float32(1.0), hz)
    return [
        Panel("Side behind the high pass", HZ, db(-42, 6, 6), corners),
        Panel(
            "A source hard on the left, mono below 120 Hz",
            HZ,
            db(-42, 6, 6),
            [
                Line("left", hz, spectrum_db(out, hz)),
                Line("right", hz, leaks),
                Line("mono sum", hz, total, reference=True),
            ],
        ),
    ]


def strip() -> list[Panel]:
    frames = round(0.1 * RATE)
    bank = _core.StripBank(float(RATE), [1], [False], 1)
    bank.set(0, "send1.level_db", -12.0)
    fader, place = bank.parameter_index("fader.gain_db"), bank.parameter_index("pan.pan")
    rows = [(0.02, fader, -12.0, 0.02), (0.06, place, 1.0, 0.03)]
    out = bank.process(
        [np.full((1, frames), 0.25, np.float32)],
        [round(at * RATE) for at, *_ in rows],
        [0] * len(rows),
        [index for _, index, *_ in rows],
        [value for *_, value, _ in rows],
        [round(length * RATE) for *_, length in rows],
    )
    names = ("left of the sum", "right of the sum", "left of the send")
    return [
        Panel(
            "Fader to −12 dB at 20 ms, pan at 60 ms, send at −12 dB",
            time(100, 20),
            db(-48, 6, 6),
            [
                Line(name, milliseconds(frames), db_of(out[row] / 0.25, -60.0))
                for row, name in enumerate(names)
            ],
        )
    ]
