"""Clips of a DAW track as one sound file that begins at 0:00, as an engineer consolidates before handing over."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from smartmix.audio import io
from smartmix.audio.buffer import Samples
from smartmix.audio.wav import WavWriter
from smartmix.interop.looping import plain_clips
from smartmix.interop.model import Fades
from smartmix.units import db_to_gain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from smartmix.interop.model import Clip

BLOCK_FRAMES = io.DEFAULT_BLOCK_FRAMES


def consolidate(clips: Sequence[Clip], path: Path, sample_rate: int) -> int:
    """Write the clips that sound to a 32-bit float WAV from 0:00 on; how many channels it has (0: nothing sounds).

    Each clip starts on its nearest frame, resampled where its file has another rate; fades are straight lines of gain,
    clips that overlap add up, looped ones come round. A single clip at the project's rate keeps every sample as it is.
    Mono only where every file is. AudioError for a file that cannot be read, InteropError for a place no song has.
    """
    sounding = sorted((c for c in clips if not c.muted and c.file is not None), key=lambda c: c.time_s)
    if not sounding:
        return 0
    channels = min(max(io.probe(c.file).channels for c in sounding if c.file is not None), 2)
    plain = [piece for clip in sounding for piece in plain_clips(clip, _length_s(clip))]
    pieces = [piece for piece in (_Piece(clip, sample_rate, channels) for clip in plain) if piece.frames > 0]
    if not pieces:
        return 0
    end = max(piece.end for piece in pieces)
    with WavWriter(path, sample_rate, channels) as writer:
        for at in range(0, end, BLOCK_FRAMES):
            frames = min(BLOCK_FRAMES, end - at)
            block = np.zeros((channels, frames), np.float32)
            for piece in pieces:
                piece.add_to(block, at)
            writer.write(block)
    return channels


def _length_s(clip: Clip) -> float:
    assert clip.file is not None
    info = io.probe(clip.file)
    return info.frames / info.sample_rate if info.sample_rate else 0.0


class _Piece:
    """One clip on the time line, read along."""

    def __init__(self, clip: Clip, sample_rate: int, channels: int) -> None:
        assert clip.file is not None
        self._channels = channels
        self._clip = clip
        self.start = max(math.floor(clip.time_s * sample_rate + 0.5), 0)
        skipped = max(-math.floor(clip.time_s * sample_rate + 0.5), 0)
        self._first = math.floor(clip.start_s * sample_rate + 0.5) + skipped
        length = math.floor(clip.duration_s * sample_rate + 0.5) - skipped
        info = io.probe(clip.file)
        there = math.floor(info.frames * sample_rate / info.sample_rate + 0.5) - self._first
        self.frames = max(min(length, there), 0)
        self.end = self.start + self.frames
        own = Fades(clip.time_s, clip.time_s + clip.duration_s, clip.fade_in_s, clip.fade_out_s)
        self._fades = [
            _in_frames(fades, sample_rate) for fades in (own, *clip.outer) if fades.in_s or fades.out_s
        ]
        self._gain = db_to_gain(clip.gain_db)
        self._rate = sample_rate
        self._blocks: Iterator[Samples] | None = None
        self._rest = np.zeros((channels, 0), np.float32)
        self._given = 0

    def add_to(self, block: Samples, at: int) -> None:
        """Add what falls into a block that begins at frame ``at``."""
        low, high = max(at, self.start), min(at + block.shape[1], self.end)
        if low >= high:
            return
        samples = self._take(high - low)
        if self._fades or self._gain != 1.0:
            samples = samples * self._shape(low, high)
        block[:, low - at : high - at] += samples

    def _take(self, frames: int) -> Samples:
        if self._blocks is None:
            assert self._clip.file is not None
            self._blocks = io.stream(
                self._clip.file, sample_rate=self._rate, start_frame=self._first, frames=self.frames
            )
        while self._rest.shape[1] < frames:
            block = next(self._blocks, None)
            if block is None:
                block = np.zeros((self._channels, frames - self._rest.shape[1]), np.float32)
            if block.shape[0] != self._channels:
                block = (
                    np.repeat(block[:1], self._channels, axis=0)
                    if block.shape[0] == 1
                    else block[: self._channels]
                )
            self._rest = np.concatenate([self._rest, block], axis=1)
        given, self._rest = self._rest[:, :frames], self._rest[:, frames:]
        return given

    def _shape(self, low: int, high: int) -> Samples:
        """Gain and fades from frame ``low`` to ``high`` of the time line: a fade goes by its place in the item, however
        much of that its file fills.
        """
        at = np.arange(low, high, dtype=np.float64)
        shape = np.full(high - low, self._gain)
        for start, end, rise, fall in self._fades:
            if rise:
                shape *= np.clip((at - start + 0.5) / rise, 0.0, 1.0)
            if fall:
                shape *= np.clip((end - at - 0.5) / fall, 0.0, 1.0)
        return shape.astype(np.float32)


def _in_frames(fades: Fades, sample_rate: int) -> tuple[int, int, int, int]:
    """Start and end on their nearest frames, and the lengths of both fades."""
    start = math.floor(fades.start_s * sample_rate + 0.5)
    end = start + math.floor((fades.end_s - fades.start_s) * sample_rate + 0.5)
    return start, end, round(fades.in_s * sample_rate), round(fades.out_s * sample_rate)
