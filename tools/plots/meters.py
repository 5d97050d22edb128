"""Loudness and true peak."""

from __future__ import annotations

import numpy as np

from plots.signals import RATE, sine, stereo
from plots.svg import HZ, Axis, Line, Panel, db, time
from smartmix import _core
from smartmix.analysis import measure_loudness


def loudness() -> list[Panel]:
    hz = np.geomspace(20.0, 20_000.0, 60)
    reads = [measure_loudness(stereo(sine(float(f), 1.0, 0.1)), RATE).integrated_lufs for f in hz]
    reference = measure_loudness(stereo(sine(1000.0, 1.0, 0.1)), RATE).integrated_lufs
    return [
        Panel(
            "K-weighting: reading of a sine against 1 kHz",
            HZ,
            db(-16, 6, 2),
            [Line("measured", hz, np.array(reads) - reference)],
        ),
        _gating(),
    ]


def _gating() -> Panel:
    """Speech with pauses: what the gates leave out of the integrated figure."""
    noise = np.random.default_rng(2).standard_normal(24 * RATE)
    t = np.arange(noise.size) / RATE
    level_db = np.select([t < 6.0, t < 9.0, t < 17.0, t < 20.0], [-20.0, -45.0, -26.0, -80.0], -20.0)
    audio = stereo(noise * 10.0 ** (level_db / 20.0))
    meter = _core.LoudnessMeter(RATE, 2, False)
    meter.process(audio)
    blocks = -0.691 + 10.0 * np.log10(np.maximum(np.asarray(meter.gating_blocks()), 1e-12))
    at = 0.4 + 0.1 * np.arange(blocks.size)
    integrated = meter.integrated_lufs()
    counted = blocks[blocks > -70.0]
    relative = -0.691 + 10.0 * np.log10(np.mean(10.0 ** ((counted + 0.691) / 10.0))) - 10.0
    return Panel(
        "Gating: blocks under the dashed line do not count",
        time(24, 4, "s"),
        db(-80, 0, 10, "LUFS"),
        [
            Line("400 ms blocks", at, blocks),
            Line(
                f"integrated {integrated:.1f} LUFS".replace("-", "−"), [0.0, 24.0], [integrated, integrated]
            ),
            Line("gate", [0.0, 24.0], [relative, relative], reference=True),
        ],
    )


def masking() -> list[Panel]:
    """How far a tone reaches, and what noise leaves of one."""
    hz = np.asarray(_core.ear_channels_hz())
    levels = np.arange(0.0, 101.0, 5.0)
    tone = np.array([1000.0])
    reach = [
        Line(f"{level:g} dB", hz, _excitation_db(tone, level)) for level in (20.0, 40.0, 60.0, 80.0, 100.0)
    ]
    noise_hz = np.geomspace(50.0, 15_000.0, 600)
    noise = np.asarray(_core.excitation_patterns(noise_hz, _noise_powers(noise_hz, 40.0)[None, :]))[0]
    quiet, beside = [], []
    for level in levels:
        signal = np.asarray(_core.excitation_patterns(tone, np.array([[10.0 ** (level / 10.0)]])))[0]
        step = 0.1  # cam between channels
        quiet.append(step * float(np.sum(_core.specific_loudness(signal))))
        beside.append(step * float(np.sum(_core.partial_specific_loudness(signal, noise))))
    sone = Axis(0.001, 100.0, "sone", (0.001, 0.01, 0.1, 1, 10, 100), log=True)
    return [
        Panel("Excitation of a 1 kHz tone", HZ, db(0, 100, 20), reach),
        Panel(
            "Loudness of a 1 kHz tone",
            Axis(0.0, 100.0, "dB SPL", (0, 20, 40, 60, 80, 100)),
            sone,
            [
                Line("alone", levels, np.clip(quiet, 1e-3, None)),
                Line("beside noise of 40 dB/Hz", levels, np.clip(beside, 1e-3, None)),
            ],
        ),
    ]


def _excitation_db(hz: np.ndarray, level: float) -> np.ndarray:
    pattern = np.asarray(_core.excitation_patterns(hz, np.array([[10.0 ** (level / 10.0)]])))[0]
    return np.clip(10.0 * np.log10(np.maximum(pattern, 1e-12)), 0.0, 100.0)


def _noise_powers(hz: np.ndarray, per_hz_db: float) -> np.ndarray:
    """The power of noise that lies around each component."""
    return 10.0 ** (per_hz_db / 10.0) * np.gradient(hz)


def true_peak() -> list[Panel]:
    share = np.linspace(0.02, 0.48, 60)
    even = np.arange(4, 41, 2)  # frames to a period: the samples can miss the top by half of one
    found = [_readings(1.0 / float(n)) for n in even]
    fine = [_readings(float(f))[0] for f in share]
    axis = Axis(0.0, 0.5, "of the sample rate", (0.0, 0.1, 0.2, 0.3, 0.4, 0.5))
    magnified = Axis(-0.01, 0.01, "dB", (-0.01, -0.005, 0.0, 0.005, 0.01))
    low = Axis(0.0, 0.25, "of the sample rate", (0.0, 0.05, 0.1, 0.15, 0.2, 0.25))
    return [
        Panel(
            "Sines at 0 dBTP, eight phases, worst reading",
            low,
            db(-4, 1, 1),
            [
                Line(name, 1.0 / even, [r[i] for r in found])
                for i, name in enumerate(("true peak", "sample peak"))
            ],
        ),
        Panel("True peak, magnified", axis, magnified, [Line("true peak", share, fine)]),
    ]


def _readings(share: float) -> tuple[float, float]:
    """Of the meter and of the samples, furthest from the truth, for sines of this share of the sample rate."""
    worst, lowest = 0.0, 0.0
    n = np.arange(4800)
    faded = np.minimum(1.0, np.minimum(n, n[::-1]) / 1000.0)
    for phase in 2.0 * np.pi * share * np.arange(8) / 8.0:
        tone = np.sin(2.0 * np.pi * share * n + phase) * faded
        meter = _core.LoudnessMeter(RATE, 1)
        meter.process(tone[np.newaxis].astype(np.float32))
        error = meter.take_true_peak_dbtp()
        worst = error if abs(error) > abs(worst) else worst
        lowest = min(lowest, 20.0 * np.log10(np.abs(tone).max()))
    return worst, lowest
