"""Everything a delivery is judged by, measured in one reading of the file."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.loudness import MAX_CHANNELS, Loudness, ProgrammeMeter
from smartmix.analysis.scan import SourceScan
from smartmix.analysis.stereo import stereo_figures
from smartmix.audio.io import probe, stream
from smartmix.errors import AudioError
from smartmix.units import gain_to_db

SILENCE_DBFS = -60.0
"""Quieter than this is silence at the ends of a programme (house)."""
_QUIET_STEPS = 3.0
_STILL_SHARE = 0.85
"""Of samples in a very quiet piece so many equal the one before: rounding without dither stands still. Triangular
dither alone gives 0.59 (1/8, 3/4, 1/8 squared and added up), and no piece of it is near this share."""
_STILL_PIECES = 4
"""So many such pieces tell: a fade without dither has noisy ones as well, which an average over all would hide."""
_PIECE = 1024
_BITS = {"PCM_16": 16, "PCM_24": 24, "PCM_S8": 8, "PCM_U8": 8, "PCM_32": 32}


@dataclass(frozen=True, slots=True)
class Inspection:
    """One file: its format, its loudness, and what may be wrong with it.

    ``bits`` is "16", "24", "32f" ... ; ``used_bits`` how many of them ever move (None for float and lossy files).
    ``dither`` is "seen", "not seen" or "cannot be told" (nothing quiet enough). Levels in dB; -inf for silence.
    """

    path: Path
    sample_rate: int
    channels: int
    frames: int
    bits: str
    used_bits: int | None
    loudness: Loudness
    correlation: float
    mono_loss_db: float
    dc_dbfs: float
    clip_runs: int
    first_clips_s: tuple[float, ...]
    head_silence_s: float
    tail_silence_s: float
    dither: str

    @property
    def silent(self) -> bool:
        """Whether nothing in it is louder than the silence at the ends of a programme, -60 dBFS."""
        return self.head_silence_s >= self.duration_s

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate


def inspect_file(path: str | Path) -> Inspection:
    """Read a file once, in blocks. AudioError when it cannot be read, is empty, or has more than eight channels."""
    info = probe(path)
    if info.channels > MAX_CHANNELS:
        raise AudioError(f"{path}: {info.channels} channels, expected at most {MAX_CHANNELS}")
    if info.frames == 0:
        raise AudioError(f"{path}: holds no samples")
    whole = _BITS.get(info.subtype)
    reading = _Reading(info.sample_rate, info.channels, whole)
    for block in stream(path):
        reading.push(block)
    left, right, cross = reading.sides
    correlation, _, loss = stereo_figures(left, right, cross)
    head, tail = reading.silence_frames
    return Inspection(
        path=info.path,
        sample_rate=info.sample_rate,
        channels=info.channels,
        frames=info.frames,
        bits=str(whole) if whole else "32f" if info.subtype in ("FLOAT", "DOUBLE") else info.subtype.lower(),
        used_bits=reading.used_bits,
        loudness=reading.meter.loudness(),
        correlation=correlation,
        mono_loss_db=loss,
        dc_dbfs=reading.dc_dbfs,
        clip_runs=reading.scan.clip_runs,
        first_clips_s=reading.scan.first_clips_s,
        head_silence_s=head / info.sample_rate,
        tail_silence_s=tail / info.sample_rate,
        dither=reading.dither,
    )


def blocks_loudness(blocks: Iterable[NDArray[np.float32]], sample_rate: int, channels: int) -> Loudness:
    """Loudness and true peak of what another file sounds like."""
    meter = ProgrammeMeter(sample_rate, channels)
    for block in blocks:
        meter.push(block)
    return meter.loudness()


class _Reading:
    """Sums over one file."""

    def __init__(self, sample_rate: int, channels: int, bits: int | None) -> None:
        self.meter = ProgrammeMeter(sample_rate, channels)
        self.scan = SourceScan(sample_rate, channels)
        self._sums = np.zeros(channels)
        self._frames = 0
        self._first, self._last = -1, -1
        self._silence = 10.0 ** (0.05 * SILENCE_DBFS)
        self._scale = float(2 ** (bits - 1)) if bits in (16, 24) else 0.0
        self._bits = bits
        self._codes = 0
        self._still, self._quiet = 0, 0
        self._pending = np.zeros((channels, 0), np.float32)

    def push(self, block: NDArray[np.float32]) -> None:
        block = self.scan.push(block)
        self.meter.push(block)
        self._sums += block.sum(axis=1, dtype=np.float64)
        loud = np.flatnonzero(np.abs(block).max(axis=0) > self._silence)
        if loud.size:
            self._first = self._frames + int(loud[0]) if self._first < 0 else self._first
            self._last = self._frames + int(loud[-1])
        self._frames += block.shape[1]
        if self._scale:
            self._look_at_codes(block)

    def _look_at_codes(self, block: NDArray[np.float32]) -> None:
        codes = np.rint(block.astype(np.float64) * self._scale).astype(np.int64)
        self._codes |= int(np.bitwise_or.reduce(codes, axis=None))
        whole = np.concatenate((self._pending, block), axis=1)
        pieces = whole.shape[1] // _PIECE
        self._pending = whole[:, pieces * _PIECE :]
        steps = np.rint(whole[:, : pieces * _PIECE].astype(np.float64) * self._scale).reshape(
            self._sums.size, pieces, _PIECE
        )
        level = np.sqrt(np.mean(np.square(steps), axis=2))
        for piece in steps[(level < _QUIET_STEPS) & (level > 0.0)]:
            # A piece with digital silence from somewhere on, or up to there, tells nothing about the rest of it.
            if piece[: _PIECE // 4].any() and piece[-_PIECE // 4 :].any():
                self._quiet += 1
                share = np.count_nonzero(piece[1:] == piece[:-1]) / (_PIECE - 1)
                self._still += int(share > _STILL_SHARE)

    @property
    def used_bits(self) -> int | None:
        """How many of the file's bits ever move: 16 for a 16-bit recording in a 24-bit file."""
        if not self._scale or self._bits is None:
            return None
        if self._codes == 0:
            return 0
        lowest = (self._codes & -self._codes).bit_length() - 1
        return self._bits - lowest

    @property
    def dither(self) -> str:
        if not self._scale or self._quiet < _STILL_PIECES:
            return "cannot be told"
        return "not seen" if self._still >= _STILL_PIECES else "seen"

    @property
    def dc_dbfs(self) -> float:
        """The largest offset of a channel."""
        offset = float(np.abs(self._sums).max()) / max(self._frames, 1)
        return gain_to_db(offset) if offset > 0.0 else -math.inf

    @property
    def silence_frames(self) -> tuple[int, int]:
        """Frames of silence before and after the programme; all of them at the head of a silent file."""
        if self._first < 0:
            return self._frames, 0
        return self._first, self._frames - 1 - self._last

    @property
    def sides(self) -> tuple[float, float, float]:
        """Mean powers of left and right and their product; a mono file is both."""
        frames = max(self.scan.frames, 1)
        if self.scan.channels == 2:
            left, right = (self.scan.squares / frames).tolist()
            return left, right, self.scan.cross / frames
        power = float(self.scan.squares[0]) / frames
        return power, power, power
