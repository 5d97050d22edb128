"""Faults that show in the samples themselves: clipping, DC, digital silence, non-finite values. One pass, in
blocks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

CLIP_TOLERANCE = 1e-4
"""Samples this close to the file's peak belong to a flat top."""
CLIP_RUN_FRAMES = 3
CLIP_EDGE = 8e-4
"""A flat top is entered with a jump of at least this: the crown of a slow sine comes in more gently."""
LOWEST_CLIP_PEAK = 0.01
"""Quieter tops (-40 dBFS) are not looked at: the tolerance would be a large part of them."""
KEPT_TIMES = 8


@dataclass(slots=True)
class _ChannelClips:
    """Flat tops at the running peak of one channel."""

    runs: int = 0
    flat_frames: int = 0
    first_frames: list[int] = field(default_factory=list)
    open_frames: int = 0
    open_edge: float = 0.0
    last: float = 0.0

    def add(self, start: int, length: int, edge: float) -> None:
        """Count one finished run if it is flat, long enough, and was entered with a jump."""
        if length >= CLIP_RUN_FRAMES and edge >= CLIP_EDGE:
            self.runs += 1
            self.flat_frames += length
            if len(self.first_frames) < KEPT_TIMES:
                self.first_frames.append(start)


class SourceScan:
    """Running sums and flat tops of one source. Feed it blocks (channels, frames) in order; read the fields."""

    def __init__(self, sample_rate: float, channels: int) -> None:
        self.sample_rate = sample_rate
        self.channels = channels
        self.frames = 0
        self.peak = 0.0
        self.nonfinite = 0
        self.first_nonfinite_frame = -1
        self.squares = np.zeros(channels)
        self.cross = 0.0
        self._clips = [_ChannelClips() for _ in range(channels)]

    def push(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """Take in the next block; returns it with non-finite samples silenced."""
        block = self._silence_nonfinite(block)
        if block.shape[1] == 0:
            return block
        wide = block.astype(np.float64)
        self.squares += np.einsum("cn,cn->c", wide, wide)
        if self.channels == 2:
            self.cross += float(
                np.einsum("n,n->", wide[0], wide[1])
            )  # no BLAS: its threads spin between blocks
        self._scan_clips(np.abs(block))
        self.frames += block.shape[1]
        return block

    @property
    def mean_square(self) -> float:
        """Mean square over the channels."""
        return float(self.squares.sum()) / max(self.frames * self.channels, 1)

    @property
    def correlation(self) -> float:
        """Left/right correlation -1..1; 1 for mono and for silence, 0 when only one side sounds."""
        if self.channels == 1 or not self.squares.any():
            return 1.0
        if not self.squares.all():
            return 0.0
        return float(np.clip(self.cross / np.sqrt(self.squares[0] * self.squares[1]), -1.0, 1.0))

    @property
    def clip_runs(self) -> int:
        """Flat tops at the file's peak (3 samples or more, entered with a jump), all channels."""
        return sum(c.runs for c in self._finished())

    @property
    def flat_share(self) -> float:
        """Share of all samples that lie in flat tops: small for clipping, large for a square wave."""
        return sum(c.flat_frames for c in self._finished()) / max(self.frames * self.channels, 1)

    @property
    def first_clips_s(self) -> tuple[float, ...]:
        """When the first few flat tops begin, seconds."""
        frames = sorted(f for c in self._finished() for f in c.first_frames)[:KEPT_TIMES]
        return tuple(frame / self.sample_rate for frame in frames)

    def _silence_nonfinite(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        finite = np.isfinite(block)
        if finite.all():
            return block
        if self.nonfinite == 0:
            self.first_nonfinite_frame = self.frames + int(np.flatnonzero(~finite.all(axis=0))[0])
        self.nonfinite += int((~finite).sum())
        return np.where(finite, block, np.float32(0.0))

    def _scan_clips(self, level: NDArray[np.float32]) -> None:
        block_peak = float(level.max())
        if block_peak > self.peak + CLIP_TOLERANCE:
            self._clips = [_ChannelClips(last=c.last) for c in self._clips]
        self.peak = max(self.peak, block_peak)
        if self.peak < LOWEST_CLIP_PEAK:
            return
        for clips, row in zip(self._clips, level, strict=True):
            if float(row.max()) >= self.peak - CLIP_TOLERANCE or clips.open_frames:
                self._scan_channel(clips, row)
            clips.last = float(row[-1])

    def _scan_channel(self, clips: _ChannelClips, level: NDArray[np.float32]) -> None:
        flat = level >= self.peak - CLIP_TOLERANCE
        edges = np.flatnonzero(np.diff(np.concatenate(([False], flat, [False])).astype(np.int8)))
        starts, ends = edges[::2], edges[1::2]
        if clips.open_frames and not flat[0]:
            edge = max(clips.open_edge, clips.last - float(level[0]))
            clips.add(self.frames - clips.open_frames, clips.open_frames, edge)
            clips.open_frames = 0
        matters = (ends - starts >= CLIP_RUN_FRAMES) | (starts == 0) | (ends == level.size)
        for start, end in zip(starts[matters].tolist(), ends[matters].tolist(), strict=True):
            before = float(level[start - 1]) if start else clips.last
            edge, length, first = float(level[start]) - before, end - start, self.frames + start
            if start == 0 and clips.open_frames:
                edge, length, first = clips.open_edge, length + clips.open_frames, first - clips.open_frames
                clips.open_frames = 0
            if end == level.size:
                clips.open_frames, clips.open_edge = length, edge
            else:
                clips.add(first, length, max(edge, float(level[end - 1]) - float(level[end])))

    def _finished(self) -> list[_ChannelClips]:
        done = []
        for clips in self._clips:
            copy = _ChannelClips(clips.runs, clips.flat_frames, list(clips.first_frames))
            copy.add(self.frames - clips.open_frames, clips.open_frames, clips.open_edge)
            done.append(copy)
        return done
