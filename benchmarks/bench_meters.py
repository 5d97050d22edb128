"""CPU time of the loudness meter against libebur128 (C interface and pyebur128) on the same audio.

    python benchmarks/bench_meters.py [--quick]        SMARTMIX_BENCH_FILE=song.wav takes a real song

The do-nothing row only reads the samples: what any meter has to pay. libebur128 is asked for integrated loudness,
range and true peak, all in one state. The naive row is K-weighting by scipy in double and the gating in numpy,
integrated loudness only.
"""

from __future__ import annotations

import os

import numpy as np
import pyebur128
from numpy.typing import NDArray
from scipy import signal

import libebur128
from harness import Row, alternate, compare, run_alone
from smartmix import _core
from smartmix.audio import io

RATE = 48_000
Samples = NDArray[np.float32]
ALL = libebur128.MODE_I | libebur128.MODE_LRA | libebur128.MODE_TRUE_PEAK
C_API = "libebur128 I+LRA+TP (C)"


def programme(seconds: float) -> Samples:
    """A limited mix of tones and hits: quiet and loud parts, peaks at the ceiling."""
    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * RATE)) / RATE
    out = np.zeros((2, t.size), np.float32)
    for c in range(2):
        for hz in rng.uniform(50.0, 8_000.0, 12):
            out[c] += np.sin(2 * np.pi * (hz * t + rng.random())).astype(np.float32) * np.float32(0.05)
    out *= (0.5 + 0.5 * np.sin(2 * np.pi * t / 11.0)).astype(np.float32)
    hits = 0.3 * np.exp(-((t * 2.0) % 1.0) * 25.0)
    out += hits.astype(np.float32) * rng.standard_normal(out.shape, np.float32)
    return _core.TruePeakLimiter(RATE, 2).process(2.0 * out)


def through_pyebur128(interleaved: Samples, channels: int, rate: int) -> float:
    mode = pyebur128.MeasurementMode
    state = pyebur128.R128State(channels, rate, mode.MODE_I | mode.MODE_LRA | mode.MODE_TRUE_PEAK)
    state.add_frames(interleaved, interleaved.size // channels)
    pyebur128.get_loudness_range(state)
    for channel in range(channels):
        pyebur128.get_true_peak(state, channel)
    return float(pyebur128.get_loudness_global(state))


def ours(samples: Samples, rate: int, *, true_peak: bool) -> float:
    meter = _core.LoudnessMeter(rate, samples.shape[0], true_peak)
    meter.process(samples)
    meter.momentary_max_lufs()
    meter.short_term_max_lufs()
    meter.range_lu()
    if true_peak:
        meter.true_peak_dbtp()
    return meter.integrated_lufs()


def naive(samples: Samples, rate: int) -> float:
    b0_b1_b2_a1_a2 = _core.k_weighting_coefficients(rate)
    sections = np.insert(b0_b1_b2_a1_a2, 3, 1.0, axis=1)
    weighted = signal.sosfilt(sections, samples.astype(np.float64), axis=1)
    step = rate // 10
    count = weighted.shape[1] // step
    cells = np.square(weighted[:, : count * step]).reshape(samples.shape[0], count, step).sum(axis=(0, 2))
    power = np.convolve(cells, np.ones(4), "valid") / (4 * step)
    level = -0.691 + 10.0 * np.log10(power + 1e-30)
    gate = -0.691 + 10.0 * np.log10(power[level > -70.0].mean()) - 10.0
    return float(-0.691 + 10.0 * np.log10(power[(level > -70.0) & (level > gate)].mean()))


def rows(quick: bool = False) -> list[Row]:
    samples, rate = programme(10.0 if quick else 60.0), RATE
    if "SMARTMIX_BENCH_FILE" in os.environ:
        audio = io.read(os.environ["SMARTMIX_BENCH_FILE"])
        samples, rate = audio.samples, audio.sample_rate
    channels = samples.shape[0]
    interleaved = np.ascontiguousarray(samples.T).ravel()
    jobs = {
        C_API: lambda: libebur128.measure(interleaved, channels, rate, ALL),
        "pyebur128 I+LRA+TP": lambda: through_pyebur128(interleaved, channels, rate),
        "libebur128 I+LRA (C)": lambda: libebur128.measure(interleaved, channels, rate, ALL & ~48),
        "sum of the array": samples.sum,
        "I in numpy and scipy": lambda: naive(samples, rate),
        "meter I+S+M+LRA": lambda: ours(samples, rate, true_peak=False),
        "meter I+S+M+LRA+TP": lambda: ours(samples, rate, true_peak=True),
    }
    times = alternate(jobs, 3 if quick else 5)
    wide = _core.kernel_isa() != "baseline"
    gate, aim = (15.0, 30.0) if wide else (7.0, 14.0)
    what = f"{samples.shape[1] / rate:.0f} s, {channels} ch, {rate} Hz"
    return [
        compare(times, "meter I+S+M+LRA+TP", C_API, gate=gate, aim=aim, note=what),
        compare(times, "meter I+S+M+LRA+TP", "pyebur128 I+LRA+TP", note=what),
        compare(times, "meter I+S+M+LRA", "libebur128 I+LRA (C)", note=what),
        compare(times, "sum of the array", C_API, kind="do nothing"),
        compare(times, "I in numpy and scipy", C_API, kind="naive"),
    ]


if __name__ == "__main__":
    run_alone(rows)
