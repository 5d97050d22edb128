"""CPU time of the meter against libebur128, on the same audio in one process.

    python benchmarks/bench_meters.py [FILE | SECONDS]

Rows alternate, each runs five times, the median counts. The do-nothing row only reads the samples: what any
meter has to pay. libebur128 is asked for integrated loudness, range and true peak, all in one state.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pyebur128
from numpy.typing import NDArray

from smartmix import _core
from smartmix.audio import io

RATE = 48_000


def programme(seconds: float) -> NDArray[np.float32]:
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


def libebur128(samples: NDArray[np.float32], interleaved: NDArray[np.float32], rate: int) -> float:
    mode = pyebur128.MeasurementMode
    state = pyebur128.R128State(samples.shape[0], rate, mode.MODE_I | mode.MODE_LRA | mode.MODE_TRUE_PEAK)
    state.add_frames(interleaved, samples.shape[1])
    pyebur128.get_loudness_range(state)
    for channel in range(samples.shape[0]):
        pyebur128.get_true_peak(state, channel)
    return pyebur128.get_loudness_global(state)


def ours(samples: NDArray[np.float32], rate: int, *, true_peak: bool) -> float:
    meter = _core.LoudnessMeter(rate, samples.shape[0], true_peak)
    meter.process(samples)
    meter.momentary_max_lufs()
    meter.short_term_max_lufs()
    meter.range_lu()
    if true_peak:
        meter.true_peak_dbtp()
    return meter.integrated_lufs()


def main() -> None:
    asked = sys.argv[1] if len(sys.argv) > 1 else "60"
    if asked.replace(".", "").isdigit():
        samples, rate = programme(float(asked)), RATE
    else:
        audio = io.read(asked)
        samples, rate = audio.samples, audio.sample_rate
    interleaved = np.ascontiguousarray(samples.T).ravel()
    limiter = _core.TruePeakLimiter(rate, samples.shape[0])
    rows: dict[str, Callable[[], object]] = {
        "libebur128 I + LRA + TP": lambda: libebur128(samples, interleaved, rate),
        "do nothing (sum of the array)": samples.sum,
        "smartmix I + S + M + LRA": lambda: ours(samples, rate, true_peak=False),
        "smartmix I + S + M + LRA + TP": lambda: ours(samples, rate, true_peak=True),
        "smartmix limiter, +6 dB": lambda: limiter.process(samples, 2.0),
        "smartmix limiter, -12 dB (idle)": lambda: limiter.process(samples, 0.25),
    }
    times: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(5):
        for name, work in rows.items():
            start = time.process_time()
            work()
            times[name].append(time.process_time() - start)
    seconds = samples.shape[1] / rate
    rival = statistics.median(times["libebur128 I + LRA + TP"])
    print(f"{seconds:.0f} s, {samples.shape[0]} channels, {rate} Hz, kernels: {_core.kernel_isa()}")
    for name, taken in times.items():
        middle = statistics.median(taken)
        speed = f"{seconds / middle:8.0f} x real time  {rival / middle:6.2f} x libebur128"
        print(f"{name:34s} {1e3 * middle:8.2f} ms  {speed}")


if __name__ == "__main__":
    main()
