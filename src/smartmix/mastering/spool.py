"""Blocks kept between two passes over them: on disk as float32, without a name and gone with the program, or here."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from smartmix.audio.buffer import Samples
from smartmix.audio.files import readable_errors


class Spool:
    """A recording of blocks that can be read again any number of times; ``clear`` begins anew.

    ``folder`` is where the room is taken from: that of the file to be written; None keeps it in memory. In a ``with``
    block.
    """

    def __init__(self, folder: Path | None, channels: int) -> None:
        self._folder, self._channels = folder, channels
        self._lengths: list[int] = []
        self._file: IO[bytes] | None = None
        self._held: list[Samples] = []

    def __enter__(self) -> Self:
        if self._folder is not None:
            with readable_errors(self._folder):
                self._file = tempfile.TemporaryFile(dir=self._folder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def clear(self) -> None:
        """Forget what is there."""
        self._lengths, self._held = [], []
        if self._file is not None:
            self._file.seek(0)

    def add(self, block: Samples) -> None:
        """Keep a block behind the others."""
        self._lengths.append(block.shape[1])
        if self._file is None or self._folder is None:
            self._held.append(block)
            return
        with readable_errors(self._folder):
            self._file.write(np.ascontiguousarray(block).data)

    def fill(self, blocks: Iterable[Samples]) -> None:
        """Keep all blocks instead of what is there."""
        self.clear()
        for block in blocks:
            self.add(block)

    def blocks(self, first: int = 0, count: int | None = None) -> Iterator[Samples]:
        """The blocks as they were added, from number ``first`` on."""
        last = None if count is None else first + count
        if self._file is None:
            yield from self._held[first:last]
            return
        at = 4 * self._channels * sum(self._lengths[:first])
        for frames in self._lengths[first:last]:
            size = 4 * self._channels * frames
            self._file.seek(at)
            yield np.frombuffer(self._file.read(size), np.float32).reshape(self._channels, frames)
            at += size
