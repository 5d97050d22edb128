"""How many frames a WAV or AIFF header promises: the library that reads them accepts files cut short."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import IO

from smartmix.audio.riff import MOST_CHUNKS, riff_chunks

_LENGTH_UNKNOWN_MARGIN = 1 << 16


def declared_frames(path: Path) -> int | None:
    """Frames the header of a WAV, RF64 or AIFF file promises; None for other files and for unknown length.

    Programs that write to a pipe cannot know the length and leave a value next to 2^31 or 2^32: that is
    unknown.
    """
    with path.open("rb") as file:
        head = file.read(12)
        kind, form = head[:4], head[8:12]
        if kind in (b"RIFF", b"RF64") and form == b"WAVE":
            return _wav_frames(file)
        if kind == b"FORM" and form in (b"AIFF", b"AIFC"):
            return _aiff_frames(file)
    return None


def _wav_frames(file: IO[bytes]) -> int | None:
    frame_bytes = 0
    for name, size in riff_chunks(file):
        if name == b"data":
            return None if frame_bytes == 0 or _is_unknown(size) else size // frame_bytes
        if name == b"fmt " and size >= 14:
            body = file.read(14)
            # Other codes are compressed: their block size is not a frame.
            frame_bytes = _le16(body, 12) if _le16(body, 0) in (1, 3, 0xFFFE) else 0
    return None


def _aiff_frames(file: IO[bytes]) -> int | None:
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return None
        size = int(struct.unpack(">I", head[4:])[0])
        if head[:4] == b"COMM":
            body = file.read(6)
            return int(struct.unpack(">I", body[2:])[0]) if len(body) == 6 else None
        file.seek(size + size % 2, 1)
    return None


def _le16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _is_unknown(size: int) -> bool:
    near = (1 << 31, 1 << 32)
    return size == 0 or any(top - _LENGTH_UNKNOWN_MARGIN <= size < top for top in near)
