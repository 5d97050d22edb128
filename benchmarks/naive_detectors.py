"""The naive row of benchmarks/detectors_table.py: one plain threshold or peak per fault."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import signal

import detector_cases as cases
from detector_cases import RATE, Audio, Plant, Truth

STEP_S = 0.01


def clipping(x: Audio) -> Truth:
    """Three samples in a row at the file's peak."""
    peak = float(np.abs(x).max())
    top = np.abs(x) >= 0.999 * peak
    flat = np.any(top[:, :-2] & top[:, 1:-1] & top[:, 2:])
    return [(20 * np.log10(peak),)] if flat else []


def offset(x: Audio) -> Truth:
    mean = float(np.abs(x.mean(axis=1)).max())
    return [(20 * np.log10(mean),)] if mean > 0.005 else []


def clicks(x: Audio) -> Truth:
    """Second differences 12 times their median absolute value over."""
    bend = np.abs(np.diff(x.mean(axis=0), n=2))
    over = np.flatnonzero(bend > 12 * np.median(bend[bend > 0])) / RATE
    return _apart(over)


def hum(x: Audio) -> Truth:
    """The stronger of the lines at 50 and 60 Hz, if it stands 20 dB over the median around."""
    mono = x.mean(axis=0)
    power = np.abs(np.fft.rfft(mono * np.hanning(mono.size))) ** 2
    bin_hz = RATE / mono.size
    lines = []
    for mains in (50.0, 60.0):
        at = round(mains / bin_hz)
        over = power[at - 2 : at + 3].max() / np.median(power[at - 60 : at + 60])
        lines.append((over, mains))
    over, mains = max(lines)
    return [(mains,)] if over > 100.0 else []


def noise(x: Audio) -> Truth:
    """The quietest 50 ms."""
    whole = x.shape[1] // 2400 * 2400
    level = np.mean(np.square(x[:, :whole].mean(axis=0).reshape(-1, 2400)), axis=1)
    return [(float(10 * np.log10(level.min() + 1e-20)),)]


def esses(x: Audio) -> Truth:
    """More at 4.5 to 10 kHz than half of what is under."""
    high, low = _levels(x, (4500, 10_000)), _levels(x, (150, 4000))
    return _apart(np.flatnonzero(high > 0.5 * low + 1e-9) * STEP_S + 0.005)


def plosives(x: Audio) -> Truth:
    """15 dB over the median under 90 Hz."""
    low = _levels(x, (10, 90))
    return _apart(np.flatnonzero(low > 10**1.5 * np.median(low) + 1e-9) * STEP_S + 0.005)


def sides(x: Audio) -> Truth:
    return [(-1.0,)] if len(x) == 2 and float(np.vdot(x[0], x[1])) < 0.0 else []


def delay(x: Audio) -> Truth:
    """The largest of the plain cross-correlation."""
    if len(x) < 2:
        return []
    cross = signal.correlate(x[1], x[0], method="fft")
    at = int(np.argmax(np.abs(cross)))
    return [(float(at - x.shape[1] + 1), float(np.sign(cross[at])))]


def _levels(x: Audio, band_hz: tuple[float, float]) -> np.ndarray:
    """Power of a band per 10 ms."""
    sos = signal.butter(2, band_hz, "band", fs=RATE, output="sos")
    y = np.square(signal.sosfilt(sos, x.mean(axis=0)))
    return np.asarray(y[: y.size // 480 * 480].reshape(-1, 480).mean(axis=1))


def _apart(times_s: np.ndarray) -> Truth:
    """One alarm for all that lies within 50 ms."""
    kept: list[float] = []
    for time in times_s.tolist():
        if not kept or time - kept[-1] > 0.05:
            kept.append(time)
    return [(time,) for time in kept]


NAIVE: dict[Plant, Callable[[Audio], Truth]] = {
    cases.clipped: clipping,
    cases.offset: offset,
    cases.clicked: clicks,
    cases.hummed: hum,
    cases.noisy: noise,
    cases.hissed: esses,
    cases.popped: plosives,
    cases.turned: sides,
    cases.second_microphone: delay,
}
