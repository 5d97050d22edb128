"""Where the rough lies on the session's time line, to the sample, and tracks and rough read side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.cross_spectra import CrossMeter, CrossSpectra
from smartmix.audio.panning import pan_gains
from smartmix.progress import Progress
from smartmix.session.routing import bus_gain_db
from smartmix.session.session import Session, Track
from smartmix.session.source import stream_placed_source
from smartmix.units import db_to_gain

Floats = NDArray[np.float32]

BLOCK_FRAMES = 65_536
COARSE = 8
"""The long search runs at this fraction of the sample rate."""
LONGEST_LAG_S = 30.0
LONGEST_SEARCH_S = 600.0
"""The search listens to this much of a song."""
FINE_S = 12.0
CLEAR = 8.0
"""A lag is believed when its peak stands this many times the spread of the correlation over it."""


def cross_session(session: Session, *, progress: Progress | None = None) -> tuple[CrossSpectra, float] | None:
    """Cross-spectra of the audible tracks (at the session's gains and pans) and the rough, and how late the rough is
    in seconds. None without a rough or tracks. Files are read twice: once to line them up.
    """
    rough, tracks = session.rough, session.audible_tracks
    if rough is None or not tracks:
        return None
    placed = replace(rough, id="rough", offset_frames=0)
    lag = sample_lag(*_monos(session, tracks, placed), session.sample_rate)
    late = replace(placed, offset_frames=-lag)
    frames = max([session.frames, *(_end(t, session) for t in tracks), 1])
    meter = CrossMeter(session.sample_rate, tuple(t.id for t in tracks), frames)
    for done, block in enumerate(_blocks(session, (*tracks, late), frames)):
        if progress is not None:
            progress("holding the tracks against the rough", min(1.0, done * BLOCK_FRAMES / frames))
        meter.push(block)
    return meter.finish(), lag / session.sample_rate


def sample_lag(summed: Floats, rough: Floats, sample_rate: int) -> int:
    """How many samples late the rough is against the sum (both mono); 0 when no lag stands out.

    Correlation of the whitened signals: first at an eighth of the rate over +-30 s, then to the sample.
    """
    found = _peak(_decimated(summed), _decimated(rough), round(LONGEST_LAG_S * sample_rate / COARSE))
    if found is None:
        return 0
    middle = found * COARSE
    size = round(FINE_S * sample_rate)
    start = _loudest_start(summed, size)
    first = np.asarray(summed[start : start + size])
    begin = start + middle
    second = rough[max(begin, 0) : max(begin + size, 0)]
    second = np.pad(second, (max(-begin, 0), 0))[:size]
    fine = _peak(first, second, 4 * COARSE)
    return middle + (0 if fine is None else fine)


def _peak(first: Floats, second: Floats, reach: int) -> int | None:
    """The lag of ``second`` at which the whitened signals agree most, in samples; None where nothing stands out."""
    if min(first.size, second.size) < 16 or not np.any(first) or not np.any(second):
        return None
    size = 1 << math.ceil(math.log2(first.size + second.size))
    cross = np.fft.rfft(second, size) * np.conj(np.fft.rfft(first, size))
    cross /= np.sqrt(np.abs(cross)) + 1e-20
    correlation = np.abs(np.fft.irfft(cross, size))
    reach = min(reach, size // 2 - 1)
    window = np.concatenate((correlation[-reach:], correlation[: reach + 1]))
    best = int(np.argmax(window))
    return best - reach if window[best] > CLEAR * float(np.sqrt(np.mean(correlation**2))) else None


def _decimated(x: Floats) -> Floats:
    whole = x[: x.size // COARSE * COARSE]
    return np.asarray(whole.reshape(-1, COARSE).mean(axis=1), dtype=np.float32)


def _loudest_start(x: Floats, size: int) -> int:
    if x.size <= size:
        return 0
    energy = np.cumsum(np.square(x[: x.size // size * size].reshape(-1, size)).sum(axis=1), dtype=np.float64)
    return int(np.argmax(np.diff(energy, prepend=0.0))) * size


def _monos(session: Session, tracks: tuple[Track, ...], rough: Track) -> tuple[Floats, Floats]:
    """Plain sum and rough, both sides' mean, as far as the search listens."""
    frames = min(
        round(LONGEST_SEARCH_S * session.sample_rate),
        max(session.frames, *(_end(t, session) for t in tracks), 1),
    )
    total = np.zeros(frames, np.float32)
    at = 0
    for block in _blocks(session, tracks, frames):
        mono = block.sum(axis=0).mean(axis=0)
        total[at : at + mono.size] += mono[: frames - at]
        at += mono.size
    reach = frames + round(LONGEST_LAG_S * session.sample_rate)
    pieces = [b[0].mean(axis=0) for b in _blocks(session, (rough,), reach)]
    return total, np.concatenate(pieces)


def _end(track: Track, session: Session) -> int:
    own = round(track.frames * session.sample_rate / track.sample_rate) if track.sample_rate else 0
    return track.offset_frames + own


def _blocks(session: Session, tracks: tuple[Track, ...], frames: int) -> Iterator[Floats]:
    """Blocks (tracks, 2, frames) on the session's grid, at the session's gains and pans."""
    streams = [
        stream_placed_source(t, sample_rate=session.sample_rate, block_frames=BLOCK_FRAMES) for t in tracks
    ]
    gains = [
        np.float32(db_to_gain(t.gain_db + bus_gain_db(session, t.id)))
        * np.array(pan_gains(t.pan), np.float32)
        for t in tracks
    ]
    for start in range(0, frames, BLOCK_FRAMES):
        size = min(BLOCK_FRAMES, frames - start)
        block = np.zeros((len(tracks), 2, size), np.float32)
        for index, (stream, gain) in enumerate(zip(streams, gains, strict=True)):
            samples = next(stream, None)
            if samples is None:
                continue
            for side in (0, 1):
                row = samples[min(side, samples.shape[0] - 1)][:size]
                block[index, side, : row.size] = row * gain[side]
        yield block
