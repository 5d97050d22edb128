"""Saturation."""

from __future__ import annotations

import numpy as np

from plots.signals import RATE, Values, db_of, sine, stereo
from plots.svg import Axis, Line, Panel, db
from smartmix.processors import Saturation

CHARACTERS = ("tape", "tube", "clip")


def lines_db(out: np.ndarray) -> Values:
    """Levels of whole hertz over the last second."""
    return db_of(np.abs(np.fft.rfft(out[0, -RATE:].astype(np.float64))) / (0.5 * RATE), -200.0)


def saturation() -> list[Panel]:
    return [_curves(), _harmonics(), _aliasing(), _levels()]


def _curves() -> Panel:
    ramp = sine(400.0, 0.5)
    found = []
    for character in CHARACTERS:
        out = Saturation(drive_db=12.0, character=character, auto_level=False)(stereo(ramp), RATE)[0]
        period = slice(150 * 120 - 30, 150 * 120 + 31)
        found.append(Line(character, ramp[period], out[period]))
    straight = np.array([-1.0, 1.0])
    return Panel(
        "12 dB of drive, a full-scale sine, offset taken out",
        Axis(-1.0, 1.0, "in", (-1.0, -0.5, 0.0, 0.5, 1.0)),
        Axis(-1.0, 1.0, "out", (-1.0, -0.5, 0.0, 0.5, 1.0)),
        [*found, Line("drive 0", straight, straight, reference=True)],
    )


def _harmonics() -> Panel:
    orders = np.arange(1, 13)
    found = []
    for character in CHARACTERS:
        out = Saturation(drive_db=12.0, character=character)(stereo(sine(1000.0, 2.0, 0.5)), RATE)
        levels = lines_db(out)
        own = levels[1000:12_001:1000] - levels[1000]
        # One stick for each harmonic.
        x = np.repeat(orders + 0.18 * (CHARACTERS.index(character) - 1), 3)
        y = np.stack([np.full(12, -100.0), own, np.full(12, np.nan)], axis=1).ravel()
        found.append(Line(character, x, y))
    return Panel(
        "Harmonics of 1 kHz at −6 dBFS, 12 dB of drive",
        Axis(0.5, 12.5, "harmonic", tuple(range(1, 13))),
        db(-100, 0, 20, "dB of the first"),
        found,
    )


def _aliasing() -> Panel:
    drives = np.arange(3.0, 30.1, 3.0)
    found = []
    for oversampling in ("2x", "4x", "8x"):
        worst = []
        for drive_db in drives:
            levels = []
            for hz in (5003, 11_003, 14_983):
                run = Saturation(drive_db=float(drive_db), oversampling=oversampling)
                spectrum = lines_db(run(stereo(sine(float(hz), 1.5)), RATE)[:1])
                first = spectrum[hz]
                spectrum[::hz] = -200.0
                levels.append(spectrum.max() - first)
            worst.append(max(levels))
        found.append(Line(oversampling, drives, worst))
    naive = [_plain_aliasing(float(d)) for d in drives]
    return Panel(
        "Loudest alias of full-scale tones of 5 to 15 kHz, tape",
        Axis(0.0, 30.0, "dB of drive", (0, 6, 12, 18, 24, 30)),
        db(-120, 0, 20, "dB of the first"),
        [*found, Line("no oversampling", drives, naive, reference=True)],
    )


def _plain_aliasing(drive_db: float) -> float:
    factor, worst = 10.0 ** (drive_db / 20.0) - 1.0, -200.0
    for hz in (5003, 11_003, 14_983):
        driven = factor * sine(float(hz), 1.0)
        spectrum = lines_db((driven / np.sqrt(1.0 + driven**2))[np.newaxis])
        first = spectrum[hz]
        spectrum[::hz] = -200.0
        worst = max(worst, float(spectrum.max() - first))
    return worst


def _levels() -> Panel:
    drives = np.arange(0.0, 36.1, 3.0)
    noise = np.random.default_rng(1).standard_normal(RATE)
    spectrum = np.fft.rfft(noise) / np.sqrt(np.maximum(np.arange(RATE // 2 + 1), 20.0))
    pink = np.fft.irfft(spectrum, RATE)
    pink *= 10.0**-0.9 / pink.std()
    found = []
    for character in CHARACTERS:
        powers = [
            Saturation(drive_db=float(d), character=character, oversampling="2x")(stereo(pink), RATE)[0].std()
            for d in drives
        ]
        found.append(Line(character, drives, db_of(np.array(powers) / pink.std())))
    return Panel(
        "RMS of matched pink noise of −18 dBFS RMS",
        Axis(0.0, 36.0, "dB of drive", (0, 6, 12, 18, 24, 30, 36)),
        db(-3, 3, 1),
        found,
    )
