"""24-bit WAV files, the usual tracks of a session, read without libsndfile: the same samples in a quarter of the
time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smartmix.audio.riff import riff_chunks

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

    from smartmix.audio.buffer import Samples

_SAMPLE_BYTES = 3
_TOP_BYTES = np.int32(-256)
"""Of four bytes the upper three: the lowest belongs to the sample before."""
_STEP = np.float32(2.0**-31)


def pcm24_start(path: Path, channels: int) -> int | None:
    """Where the samples of a WAV or RF64 file of whole 24-bit numbers begin, bytes; None for every other file, and
    for one that libsndfile might read in another way: several formats or pieces of data, more room than three bytes a
    sample.
    """
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
            return None
        formats, starts = [], []
        for name, size in riff_chunks(file):
            if name == b"fmt " and size >= 16:
                formats.append(file.read(16))
            elif name == b"data":
                starts.append(file.tell() if formats else 0)
    if len(formats) != 1 or len(starts) != 1:
        return None
    code, told, block, bits = (int.from_bytes(formats[0][at : at + 2], "little") for at in (0, 2, 12, 14))
    plain = code in (1, 0xFFFE) and told == channels and block == _SAMPLE_BYTES * channels and bits == 24
    return starts[0] or None if plain else None


class Pcm24Reader:
    """Blocks of an open file whose samples begin at byte ``start``; the same bits as libsndfile gives."""

    def __init__(self, file: IO[bytes], start: int, channels: int, first_frame: int = 0) -> None:
        self._file = file
        self._channels = channels
        self._bytes = bytearray()
        file.seek(start + first_frame * channels * _SAMPLE_BYTES)

    def read(self, frames: int) -> Samples:
        """The next ``frames`` as (channels, frames) float32; fewer where the file ends."""
        frame_bytes = self._channels * _SAMPLE_BYTES
        # One byte in front: each sample is read as the upper end of four.
        if len(self._bytes) < 1 + frames * frame_bytes:
            self._bytes = bytearray(1 + frames * frame_bytes)
        got = self._file.readinto(memoryview(self._bytes)[1 : 1 + frames * frame_bytes]) // frame_bytes  # type: ignore[attr-defined]
        shape, strides = (self._channels, got), (_SAMPLE_BYTES, frame_bytes)
        four = np.ndarray(shape, np.dtype("<i4"), self._bytes, 0, strides)
        samples: Samples = np.bitwise_and(four, _TOP_BYTES, order="C").astype(np.float32)
        samples *= _STEP
        return samples
