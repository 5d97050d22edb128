"""What mends."""

from __future__ import annotations

import numpy as np

from plots.signals import RATE, Samples, Values, sine
from plots.svg import Axis, Line, Panel, db, time
from smartmix.processors import Declick, Declip, PlosiveControl, Processor


def music(seconds: float) -> Values:
    """Three tones and a little noise."""
    rng = np.random.default_rng(3)
    tones = sine(220.0, seconds, 0.2) + sine(667.0, seconds, 0.1) + sine(1510.0, seconds, 0.05)
    return np.asarray(tones + 0.002 * rng.standard_normal(tones.size))


def one(values: Values) -> Samples:
    return values[np.newaxis].astype(np.float32)


def error_db(effect: Processor, damaged: Values, clean: Values, where: slice | np.ndarray) -> float:
    """What is left of the damage against the damage, dB."""
    out = effect(one(damaged), RATE)[0].astype(np.float64)
    left = np.sum(np.square((out - clean)[where])) + 1e-20
    return float(10.0 * np.log10(left / np.sum(np.square((damaged - clean)[where]))))


def scratched(clean: Values, frames: int, height: float) -> tuple[Values, np.ndarray]:
    """A click every third of a second or so."""
    rng = np.random.default_rng(frames)
    damaged, where = clean.copy(), np.zeros(clean.size, dtype=bool)
    for at in range(9000, clean.size - 9000, 8_437):
        damaged[at : at + frames] += height * rng.choice([-1.0, 1.0], frames)
        where[at - 20 : at + frames + 20] = True
    return damaged, where


def declick() -> list[Panel]:
    return [_click_shape(), _click_lengths(), _click_heights()]


def _click_shape() -> Panel:
    clean = music(1.0)
    damaged, _ = scratched(clean, 24, 0.4)
    out = Declick(amount=1.0)(one(damaged), RATE)[0]
    near = slice(9000 - 60, 9000 + 100)
    ms = np.arange(160) * 1000.0 / RATE
    return Panel(
        "Half a millisecond of crackle over three tones",
        time(3.5, 0.5),
        Axis(-0.8, 0.8, "sample", (-0.8, -0.4, 0.0, 0.4, 0.8)),
        [
            Line("in", ms, damaged[near]),
            Line("out", ms, out[near]),
            Line("before the damage", ms, clean[near], reference=True),
        ],
    )


def _click_lengths() -> Panel:
    clean = music(1.6)
    frames = np.array([1, 2, 4, 8, 16, 32, 64, 90])
    left = []
    for count in frames:
        damaged, where = scratched(clean, int(count), 0.4)
        left.append(error_db(Declick(amount=1.0), damaged, clean, where))
    return Panel(
        "What is left of clicks of one height",
        Axis(1.0, 100.0, "frames long", (1, 2, 5, 10, 20, 50, 100), log=True),
        db(-60, 0, 10, "dB of the damage"),
        [Line("declick", frames, left)],
    )


def _click_heights() -> Panel:
    clean = music(1.6)
    heights_db = np.arange(-48.0, -5.0, 7.0)
    found = []
    for threshold in (8.0, 12.0, 18.0):
        left = []
        for height_db in heights_db:
            damaged, where = scratched(clean, 4, float(10.0 ** (height_db / 20.0)))
            left.append(error_db(Declick(amount=1.0, threshold_db=threshold), damaged, clean, where))
        found.append(Line(f"{threshold:g} dB", heights_db, left))
    return Panel(
        "Clicks of four frames: what is left, by threshold",
        db(-48, 0, 6, "dBFS high"),
        db(-60, 0, 10, "dB of the damage"),
        found,
    )


def declip() -> list[Panel]:
    return [_clip_shape(), _clip_depths()]


def _clip_shape() -> Panel:
    clean = music(1.0)
    limit = 0.6 * np.abs(clean).max()
    damaged = np.clip(clean, -limit, limit)
    out = Declip(amount=1.0)(one(damaged), RATE)[0]
    at = int(np.argmax(np.abs(clean[20_000:24_000]))) + 20_000
    near = slice(at - 200, at + 280)
    ms = np.arange(480) * 1000.0 / RATE
    return Panel(
        "Three tones clipped 4.4 dB under their peak",
        time(10.0, 2.0),
        Axis(-0.4, 0.4, "sample", (-0.4, -0.2, 0.0, 0.2, 0.4)),
        [
            Line("in", ms, damaged[near]),
            Line("out", ms, out[near]),
            Line("before the damage", ms, clean[near], reference=True),
        ],
    )


def _clip_depths() -> Panel:
    clean = music(1.0)
    depths = np.arange(1.0, 12.1, 2.2)
    left = []
    for depth_db in depths:
        limit = np.abs(clean).max() * 10.0 ** (-depth_db / 20.0)
        damaged = np.clip(clean, -limit, limit)
        left.append(error_db(Declip(amount=1.0, longest_ms=4.0), damaged, clean, np.abs(clean) >= limit))
    return Panel(
        "What is left of the error on the clipped samples",
        Axis(0.0, 12.0, "dB under the peak", (0, 2, 4, 6, 8, 10, 12)),
        db(-50, 0, 10, "dB of the damage"),
        [Line("declip", depths, left)],
    )


def plosive_control() -> list[Panel]:
    return [_pops()]


def _pops() -> Panel:
    rng = np.random.default_rng(5)
    t = np.arange(4 * RATE) / RATE
    voice = sum(0.1 / k * np.sin(2.0 * np.pi * 140.0 * k * t) for k in range(1, 12))
    voice = voice * (0.55 + 0.45 * np.sin(2.0 * np.pi * 3.0 * t)) + 1e-4 * rng.standard_normal(t.size)
    popped = voice.copy()
    at, frames = 3 * RATE, round(0.09 * RATE)
    s = np.arange(frames) / RATE
    popped[at : at + frames] += 0.6 * np.sin(2.0 * np.pi * 45.0 * s) * np.exp(-s / 0.03)
    lines = []
    for name, sound in (
        ("in", popped),
        ("out", PlosiveControl(range_db=24.0)(one(popped), RATE)[0].astype(np.float64)),
    ):
        lines.append(Line(name, (t[at - 4800 : at + 14_400] - 2.9) * 1000.0, _lows_db(sound, at)))
    lines.append(
        Line("the voice alone", lines[0].x, _lows_db(np.asarray(voice, dtype=np.float64), at), reference=True)
    )
    return Panel("Power under 100 Hz while a p blows", time(400.0, 100.0), db(-80, 0, 10, "dBFS"), lines)


def _lows_db(sound: Values, at: int) -> Values:
    """Level under 100 Hz, 20 ms at a time."""
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(sound.size, 1.0 / RATE)
    lows = np.fft.irfft(spectrum * np.clip((120.0 - hz) / 40.0, 0.0, 1.0), sound.size)
    power = np.convolve(lows**2, np.hanning(960) / np.hanning(960).sum(), "same")
    return np.asarray(10.0 * np.log10(power[at - 4800 : at + 14_400] + 1e-10))
