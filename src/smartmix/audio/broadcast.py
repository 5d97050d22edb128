"""When a recording starts: the time stamp of Broadcast Wave files (EBU Tech 3285, chunk ``bext``; RF64: Tech 3306)."""

from __future__ import annotations

import struct
from pathlib import Path

from smartmix.audio.riff import riff_chunks

_TIME_REFERENCE_AT = 338
"""Bytes before TimeReferenceLow: Description 256, Originator 32, OriginatorReference 32, date 10, time 8."""


def time_reference(path: Path) -> int | None:
    """Samples since midnight at which a WAV or RF64 file begins, at the file's own rate; None without a ``bext``
    chunk or when the file is no WAV. A file that cannot be read is None too: reading its sound will say why.
    """
    try:
        with path.open("rb") as file:
            head = file.read(12)
            if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:12] != b"WAVE":
                return None
            for name, size in riff_chunks(file):
                if name == b"bext" and size >= _TIME_REFERENCE_AT + 8:
                    body = file.read(_TIME_REFERENCE_AT + 8)[_TIME_REFERENCE_AT:]
                    return int(struct.unpack("<Q", body)[0]) if len(body) == 8 else None
    except OSError:
        return None
    return None
