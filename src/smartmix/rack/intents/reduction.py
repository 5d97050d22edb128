"""How much a compressor takes away, heard from outside: its output with the threshold set against that with it open."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples
from smartmix.rack.intents.probe import Curves

WINDOW_S = 0.02
PEAK_PERCENTILE = 95.0
"""What is exceeded in a twentieth of the time is "on peaks": a needle's deepest swings, not one drum hit."""
ACTIVE_DB = 25.0
"""A window counts while it is at most this far under the loud ones (their 95th percentile) ..."""
SILENT_DB = -60.0
"""... and over this (dBFS)."""
EMPTY = 1e-20

Powers = NDArray[np.float64]


def powers(audio: Samples, sample_rate: float, from_hz: float = 0.0, to_hz: float = np.inf) -> Powers:
    """Power of each 10 ms (windows of 20 ms) in a part of the spectrum, summed over channels; 1.0 is full scale."""
    length = 2 * round(WINDOW_S * sample_rate / 2)
    hop = length // 2
    if audio.shape[1] < length:
        audio = np.pad(audio, ((0, 0), (0, length - audio.shape[1])))
    frames = np.lib.stride_tricks.sliding_window_view(audio, length, axis=1)[:, ::hop]
    window = np.sqrt(np.hanning(length + 1)[:-1]).astype(np.float32)
    if from_hz <= 0.0 and not np.isfinite(to_hz):
        whole: Powers = np.square(frames * window, dtype=np.float64).sum(axis=(0, 2))
        return whole / float(window.sum())
    hz = np.fft.rfftfreq(length, 1.0 / sample_rate)
    inside = (hz >= from_hz) & (hz < to_hz)
    total: Powers = np.zeros(frames.shape[1])
    for channel in frames:
        total += np.square(np.abs(np.fft.rfft(channel * window, axis=1)[:, inside])).sum(axis=1)
    return total * (2.0 / (length * float(window.sum())))


def trace_db(held: Powers, opened: Powers) -> Curves:
    """The reduction in each window, dB; 0 and above is less sound than with an open threshold."""
    return np.asarray(10.0 * np.log10(np.maximum(opened, EMPTY) / np.maximum(held, EMPTY)))


def active(opened: Powers) -> NDArray[np.bool_]:
    """The windows in which the track sounds."""
    level = 10.0 * np.log10(np.maximum(opened, EMPTY))
    return np.asarray(level > max(np.percentile(level, PEAK_PERCENTILE) - ACTIVE_DB, SILENT_DB))


def on_peaks_db(held: Powers, opened: Powers) -> float:
    """The reduction that is exceeded in a twentieth of the time the track sounds, dB; 0 for silence."""
    sounding = active(opened)
    if not sounding.any():
        return 0.0
    return float(np.percentile(trace_db(held, opened)[sounding], PEAK_PERCENTILE))
