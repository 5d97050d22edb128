"""Room and echoes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.signal import butter, sosfilt

from plots.signals import RATE, Values, db_of, impulse
from plots.svg import Axis, Line, Panel, db, time
from smartmix.processors import Delay, Reverb


def octave(audio: np.ndarray, hz: float) -> Values:
    edges = [hz / np.sqrt(2.0), hz * np.sqrt(2.0)]
    return np.asarray(sosfilt(butter(2, edges, "bandpass", fs=RATE, output="sos"), audio.astype(np.float64)))


def decay_db(audio: np.ndarray) -> Values:
    """Schroeder's backward integral, both sides."""
    energy = np.cumsum((audio**2).sum(axis=0)[::-1])[::-1]
    return np.asarray(10.0 * np.log10(energy / energy[0] + 1e-12))


def reverb() -> list[Panel]:
    out = Reverb(mix=1.0)(impulse(3.0), RATE)
    t = np.arange(out.shape[1]) / RATE
    bands = [Line(f"{hz:g} Hz", t, decay_db(octave(out, hz))) for hz in (125.0, 1000.0, 4000.0, 8000.0)]
    asked = [Line("", [0.0, s], [0.0, -60.0], reference=True) for s in (0.5, 1.0, 2.0)]
    decays = [
        Line(f"{s:g} s", t, decay_db(octave(Reverb(mix=1.0, decay_s=s)(impulse(3.0), RATE), 1000.0)))
        for s in (0.5, 1.0, 2.0)
    ]
    early = slice(0, round(0.12 * RATE))
    ms = t[early] * 1000.0
    return [
        Panel("Decay by octave, decay_s 1.6, damping_hz 6000", time(2.4, 0.4, "s"), db(-60, 0, 10), bands),
        Panel(
            "Decay at 1 kHz; dashed: decay_s as asked", time(2.4, 0.4, "s"), db(-60, 0, 10), [*decays, *asked]
        ),
        Panel(
            "The first 120 ms, left: reflections, then the late part",
            time(120, 20),
            Axis(-0.16, 0.16, "amplitude", (-0.16, -0.08, 0.0, 0.08, 0.16)),
            [Line("", *_peaks(ms, out[0, early]))],
        ),
        Panel(
            "Normalised echo density, windows of 20 ms",
            time(300, 50),
            Axis(0.0, 1.2, "", (0, 0.2, 0.4, 0.6, 0.8, 1, 1.2)),
            _density(out),
        ),
    ]


def _peaks(x: Values, y: np.ndarray) -> tuple[Values, Values]:
    """Per column of the panel the largest sample of either sign, as a zigzag."""
    count = 150
    edges = np.linspace(0, y.size, count + 1).astype(int)
    xs, ys = [], []
    for a, b in pairwise(edges):
        xs += [x[a], x[a]]
        ys += [float(y[a:b].min()), float(y[a:b].max())]
    return np.array(xs), np.array(ys)


def _density(out: np.ndarray) -> list[Line]:
    at_ms = np.arange(20.0, 300.0, 4.0)
    lines = []
    for name, side in zip(("left", "right"), out.astype(np.float64), strict=True):
        values = []
        for ms in at_ms:
            middle = round(ms * 1e-3 * RATE)
            piece = side[middle - 480 : middle + 481]
            weight = np.hanning(piece.size + 2)[1:-1]
            weight /= weight.sum()
            deviation = np.sqrt(np.sum(weight * piece**2))
            values.append(float(np.sum(weight * (np.abs(piece) > deviation)) / 0.317311))
        lines.append(Line(name, at_ms, values))
    return [*lines, Line("Gaussian noise", [0.0, 300.0], [1.0, 1.0], reference=True)]


def delay() -> list[Panel]:
    one = impulse(2.0)
    one[1] = 0.0
    straight = Delay(mix=1.0, time_ms=250.0, feedback=0.6)(one, RATE)
    crossing = Delay(mix=1.0, time_ms=250.0, feedback=0.6, ping_pong=True)(impulse(2.0), RATE)
    return [
        Panel("250 ms, feedback 0.6", time(2000, 250), db(-42, 0, 6), _echoes(straight, ("echoes",))),
        Panel("Ping-pong", time(2000, 250), db(-42, 0, 6), _echoes(crossing, ("left", "right"))),
        Panel("What each echo has left of the spectrum", *_spectra(straight)),
    ]


def _echoes(out: np.ndarray, names: tuple[str, ...]) -> list[Line]:
    """A stick for each echo: its energy."""
    lines = []
    for name, side in zip(names, out, strict=False):
        sizes = [
            np.sqrt(np.sum(side[k * 12_000 : k * 12_000 + 9000].astype(np.float64) ** 2)) for k in range(1, 8)
        ]
        x = np.repeat(250.0 * np.arange(1, 8), 3)
        y = np.stack([np.full(7, -42.0), db_of(np.array(sizes)), np.full(7, np.nan)], axis=1).ravel()
        lines.append(Line(name, x, np.where(y < -42.0, np.nan, y)))
    return lines


def _spectra(out: np.ndarray) -> tuple[Axis, Axis, list[Line]]:
    hz = np.geomspace(20.0, 20_000.0, 200)
    n = np.arange(9000)
    lines = []
    for k in (1, 2, 4):
        piece = out[0, k * 12_000 : k * 12_000 + 9000].astype(np.float64)
        levels = [abs(np.dot(piece, np.exp(-2j * np.pi * f / RATE * n))) for f in hz]
        lines.append(Line(f"echo {k}", hz, db_of(np.array(levels))))
    ticks = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
    return Axis(20.0, 20_000.0, "Hz", ticks, log=True), db(-48, 6, 6), lines
