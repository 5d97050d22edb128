"""Stretches of two tracks that can be compared: read where both sound most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ, TrackFacts
from smartmix.session.session import Session, Track
from smartmix.session.source import stream_source

FEWEST_FRAMES = 5
"""Half a second in which both sound is the least that is compared."""
GATE_S = 0.005
GATE_DB = 15.0
"""Of a close microphone only what lies within this of its loud moments is its own drum; the rest is spill."""
HOLD_S = 0.06


def both_sound_s(first: TrackFacts, second: TrackFacts, window_s: float) -> float | None:
    """Start of the window in which both sound most, seconds; None when they hardly do."""
    frames = min(first.features.active.size, second.features.active.size)
    both = (first.features.active[:frames] & second.features.active[:frames]).astype(np.float64)
    if both.sum() < FEWEST_FRAMES:
        return None
    width = min(frames, int(window_s * FRAME_RATE_HZ))
    counts = np.convolve(both, np.ones(width), "valid")
    return float(np.argmax(counts)) / FRAME_RATE_HZ


def excerpt(session: Session, track: Track, at_s: float, length_s: float) -> NDArray[np.float64]:
    """Samples of a track (channels, frames) from a session time on, at the session's rate, silence around them."""
    rate = session.sample_rate
    start = round(at_s * rate) - track.offset_frames
    wanted = round(length_s * rate)
    lead = min(max(0, -start), wanted)
    whole = np.zeros((max(1, track.channels), wanted))
    at = lead
    for block in stream_source(track, sample_rate=rate, start_frame=max(0, start), frames=wanted - lead):
        whole[:, at : at + block.shape[1]] = block[:, : wanted - at]
        at += block.shape[1]
    return whole


def own_hits(close: NDArray[np.float64], sample_rate: float) -> NDArray[np.float64]:
    """A close microphone (frames,) where its own drum sounds, silence elsewhere (edges of 5 ms)."""
    step = max(1, round(GATE_S * sample_rate))
    pieces = close[: close.size // step * step].reshape(-1, step)
    level = np.sqrt(np.mean(np.square(pieces), axis=1))
    if level.size == 0 or not level.any():
        return close
    hold = max(1, round(HOLD_S / GATE_S))
    loud = level >= np.percentile(level[level > 0.0], 99.0) * 10.0 ** (-GATE_DB / 20.0)
    held = np.convolve(loud, np.ones(hold), "full")[: loud.size] > 0.0
    held = held | np.append(held[1:], False)
    gain = np.interp(np.arange(close.size), step * (np.arange(held.size) + 0.5), held.astype(np.float64))
    return np.asarray(close * gain)
