"""One cached track on disk: its samples before the fader, in blocks that each carry a checksum.

Layout, little-endian: a header of 64 bytes (magic, key, channels, frames), then blocks of BLOCK_FRAMES frames, each
(channels, BLOCK_FRAMES) float32 followed by a 64-bit checksum; the last block is filled up with zeros. Reading gives
back the very bits that were written.
"""

from __future__ import annotations

import contextlib
import os
import struct
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import numpy as np

from smartmix.audio.buffer import Samples
from smartmix.audio.io import reblock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BLOCK_FRAMES = 16_384
_MAGIC = b"SMIXPRE1"
_HEADER = struct.Struct("<8s32sIQ12x")
_CHECK_BYTES = 8


class DamagedEntryError(Exception):
    """An entry whose bytes are not the ones that were written; ``key`` names it."""

    def __init__(self, key: str) -> None:
        super().__init__(f"cache entry {key} is damaged")
        self.key = key


@dataclass(frozen=True, slots=True)
class Shape:
    """Channels and frames of an entry."""

    channels: int
    frames: int

    @property
    def bytes(self) -> int:
        """Size of the file."""
        blocks = -(-self.frames // BLOCK_FRAMES)
        return _HEADER.size + blocks * (self.channels * BLOCK_FRAMES * 4 + _CHECK_BYTES)


class EntryReader:
    """The samples of an entry, block by block; DamagedEntryError when it is not what was written.

    Opening checks name, shape and size; each block's checksum is checked as it is read. The file stays readable when
    it is removed meanwhile.
    """

    def __init__(self, path: Path, key: str, frames: int, block_frames: int) -> None:
        self._key = key
        self._file = path.open("rb")
        try:
            self._shape = self._checked(os.fstat(self._file.fileno()).st_size, frames)
        except BaseException:
            self._file.close()
            raise
        self.channels = self._shape.channels
        self.bytes = self._shape.bytes
        self._blocks = reblock(self._read(), block_frames, 0, frames)
        self._direct = self._read() if block_frames == BLOCK_FRAMES else None

    def take(self, frames: int) -> Samples:
        """The next block (channels, frames)."""
        if self._direct is not None:
            block = next(self._direct)
            return block if block.shape[1] == frames else np.ascontiguousarray(block[:, :frames])
        return next(self._blocks)

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _checked(self, size: int, frames: int) -> Shape:
        header = self._file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            raise DamagedEntryError(self._key)
        magic, key, channels, stored = _HEADER.unpack(header)
        shape = Shape(channels, stored)
        fits = magic == _MAGIC and key == bytes.fromhex(self._key) and channels in (1, 2) and stored == frames
        if not fits or size != shape.bytes:
            raise DamagedEntryError(self._key)
        return shape

    def _read(self) -> Iterator[Samples]:
        words = self.channels * BLOCK_FRAMES
        for index in range(-(-self._shape.frames // BLOCK_FRAMES)):
            buffer = np.empty(words + _CHECK_BYTES // 4, np.float32)
            if self._file.readinto(buffer.data.cast("B")) != buffer.nbytes:
                raise DamagedEntryError(self._key)
            if buffer[words:].view(np.uint64)[0] != _checksum(buffer[:words], index):
                raise DamagedEntryError(self._key)
            yield buffer[:words].reshape(self.channels, BLOCK_FRAMES)


class EntryWriter:
    """Takes a track's samples block by block; the entry appears when all have come, or not at all.

    A disk that is full or a folder that is gone ends the writing without a word: the render goes on.
    """

    def __init__(self, path: Path, key: str, shape: Shape) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}-{os.getpid()}.part")
        self._shape = shape
        self._left = shape.frames
        self._index = 0
        self._pending: list[Samples] = []
        self._file: IO[bytes] | None = None
        with contextlib.suppress(OSError):
            self._file = self._part.open("wb")
            self._write(_HEADER.pack(_MAGIC, bytes.fromhex(key), shape.channels, shape.frames))

    @property
    def is_open(self) -> bool:
        """Whether it still takes blocks."""
        return self._file is not None

    def push(self, block: Samples) -> None:
        """The next block (channels, any length)."""
        if self._file is None:
            return
        self._pending.append(block)
        self._left -= block.shape[1]
        held = sum(part.shape[1] for part in self._pending)
        if held < BLOCK_FRAMES and self._left > 0:
            return
        whole = np.concatenate(self._pending, axis=1) if len(self._pending) > 1 else self._pending[0]
        at = 0
        while held - at >= BLOCK_FRAMES:
            self._write_block(whole[:, at : at + BLOCK_FRAMES])
            at += BLOCK_FRAMES
        rest = whole[:, at:]
        if self._left <= 0 and rest.shape[1]:
            self._write_block(np.pad(rest, ((0, 0), (0, BLOCK_FRAMES - rest.shape[1]))))
            rest = rest[:, :0]
        self._pending = [rest.copy()] if rest.shape[1] else []

    def finish(self) -> bool:
        """Put the entry in place if all its frames have come; whether it is there."""
        if self._file is None or self._left != 0:
            self.abandon()
            return False
        try:
            self._file.close()
            self._part.replace(self._path)
        except OSError:
            self.abandon()
            return False
        self._file = None
        return True

    def abandon(self) -> None:
        """Leave nothing behind."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
        self._file = None
        self._pending = []
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)

    def _write_block(self, block: Samples) -> None:
        data = np.ascontiguousarray(block, np.float32).reshape(-1)
        self._write(data.data.cast("B"))
        self._write(_checksum(data, self._index).tobytes())
        self._index += 1

    def _write(self, data: bytes | memoryview) -> None:
        if self._file is None:
            return
        try:
            self._file.write(data)
        except OSError:
            self.abandon()


def _checksum(words: Samples, index: int) -> np.uint64:
    """Sum of the block's 64-bit words and its number: any changed bit and any swapped block changes it."""
    total = int(np.add.reduce(words.view(np.uint64), dtype=np.uint64))
    return np.uint64((total + index * 0x9E37_79B9_7F4A_7C15 + 1) % 2**64)
