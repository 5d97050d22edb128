"""The signals of EBU Tech 3341 and Tech 3342 (2023), Table 1, that can be made from their description.

Left out: 3341-7, -8 and 3342-5, -6, which are recordings of real programmes. Levels are those of a sine's
peak in dBFS, in both channels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    name: str
    measure: str  # integrated, range, peak, momentary_max, short_term_max, *_steady, *_each
    expected: float | list[float]
    below: float  # how far under and over the expected value a meter may be
    above: float


def tone(rate: int, parts: list[tuple[float, float | None]]) -> NDArray[np.float32]:
    """Stereo 1 kHz with one phase throughout; parts are (seconds, level or None for silence)."""
    frames = [round(seconds * rate) for seconds, _ in parts]
    period = rate // math.gcd(rate, 1000)  # frames after which 1 kHz repeats exactly
    sine = np.resize(np.sin(2.0 * np.pi * 1000.0 / rate * np.arange(period)), sum(frames))
    start = 0
    for length, (_, db) in zip(frames, parts, strict=True):
        sine[start : start + length] *= 0.0 if db is None else 10.0 ** (db / 20.0)
        start += length
    return np.tile(sine.astype(np.float32), (2, 1))


def loudness_cases(rate: int) -> list[tuple[Case, NDArray[np.float32]]]:
    def level(name: str, measure: str, expected: float | list[float], *parts: tuple[float, float | None]):
        return Case(name, measure, expected, 0.1, 0.1), tone(rate, list(parts))

    steps = range(20)
    cases = [
        level("3341-1", "integrated", -23.0, (20, -23)),
        level("3341-2", "integrated", -33.0, (20, -33)),
        level("3341-3", "integrated", -23.0, (10, -36), (60, -23), (10, -36)),
        level("3341-4", "integrated", -23.0, (10, -72), (10, -36), (60, -23), (10, -36), (10, -72)),
        level("3341-5", "integrated", -23.0, (20, -26), (20.1, -20), (20, -26)),
        level("3341-9", "short_term_steady", -23.0, *[(1.34, -20), (1.66, -30)] * 5),
        level(
            "3341-11",
            "short_term_each",
            [-38.0 + i for i in steps],
            *[part for i in steps for part in ((i * 0.15, None), (3, -38 + i), (3 - i * 0.15, None))],
        ),
        level("3341-12", "momentary_steady", -23.0, *[(0.18, -20), (0.22, -30)] * 25),
        level(
            "3341-14",
            "momentary_each",
            [-38.0 + i for i in steps],
            *[part for i in steps for part in ((i * 0.02, None), (0.4, -38 + i), (0.4 - i * 0.02, None))],
        ),
    ]
    for i in steps:
        cases.append(
            level(f"3341-10-{i + 1}", "short_term_max", -23.0, (i * 0.15, None), (3, -23), (1, None))
        )
        cases.append(
            level(f"3341-13-{i + 1}", "momentary_max", -23.0, (i * 0.02, None), (0.4, -23), (1, None))
        )
    return cases


def range_cases(rate: int) -> list[tuple[Case, NDArray[np.float32]]]:
    levels = {10.0: (-20, -30), 5.0: (-20, -15), 20.0: (-40, -20), 15.0: (-50, -35, -20, -35, -50)}
    return [
        (Case(f"3342-{i}", "range", expected, 1.0, 1.0), tone(rate, [(20, db) for db in parts]))
        for i, (expected, parts) in enumerate(levels.items(), start=1)
    ]


def surround_case(rate: int) -> tuple[Case, NDArray[np.float32]]:
    """3341-6: L R C Ls Rs."""
    one = tone(rate, [(20, 0.0)])[0]
    gains = 10.0 ** (np.array([-28.0, -28.0, -24.0, -30.0, -30.0]) / 20.0)
    return Case("3341-6", "integrated", -23.0, 0.1, 0.1), np.ascontiguousarray(
        gains[:, None] * one, np.float32
    )


def peak_cases(rate: int) -> list[tuple[Case, NDArray[np.float32]]]:
    cases = []
    sines = [
        (15, 4, 0.5, 0.0, -6.0),
        (16, 4, 0.5, 45.0, -6.0),
        (17, 6, 0.5, 60.0, -6.0),
        (18, 8, 0.5, 67.5, -6.0),
        (19, 4, 1.41, 45.0, 3.0),
    ]
    for number, divisor, amplitude, degrees, expected in sines:
        n = np.arange(round(0.5 * rate))
        sine = amplitude * np.sin(2.0 * np.pi * n / divisor + np.deg2rad(degrees))
        cases.append((Case(f"3341-{number}", "peak", expected, 0.4, 0.2), _stereo(_faded(sine, rate))))
    for offset in range(4):
        burst = _burst(rate)[offset::4]
        cases.append((Case(f"3341-{20 + offset}", "peak", 0.0, 0.4, 0.2), _stereo(burst)))
    return cases


def _stereo(x: Signal) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.stack([x, x]), np.float32)


def _faded(x: Signal, rate: int) -> Signal:
    fade = round(0.01 * rate)
    slope = 0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)
    y = x.copy()
    y[:fade] *= slope
    y[-fade:] *= slope[::-1]
    return y


def _burst(rate: int) -> Signal:
    """fs/6 at half scale with one period of fs/4 at full scale in it, at 4 fs, ready to be decimated."""
    n = rate  # a quarter of a second at 4 fs
    half = n // 2 // 24 * 24
    wave = 0.5 * np.sin(2.0 * np.pi * np.arange(n) / 24)
    period = np.sin(2.0 * np.pi * np.arange(16) / 16)
    x = _faded(np.concatenate([wave[:half], period, wave[: n - half - 16]]), 4 * rate)
    taps = np.arange(-512, 513)
    low_pass = np.sinc(taps / 4.0) * np.kaiser(1025, 8.0)
    return np.convolve(x, low_pass / low_pass.sum(), "same")
