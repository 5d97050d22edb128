"""WAV files that say where they start: a ``bext`` chunk (EBU Tech 3285, version 1) in front of the samples."""

from __future__ import annotations

import struct
from typing import Any

from smartmix.audio.wav import WavWriter

_BODY = struct.Struct("<256s32s32s10s8sQH64s190s")
_UNKNOWN_32 = 0xFFFF_FFFF


class StampedWriter(WavWriter):
    """A ``WavWriter`` whose file begins ``start_frame`` frames after midnight, as DAWs place it by its time stamp.

    ``description`` is what people read in the file's properties (256 letters at most).
    """

    def __init__(self, *args: Any, start_frame: int = 0, description: str = "", **options: Any) -> None:
        self._chunk = _bext(start_frame, description)
        super().__init__(*args, **options)

    def _header(self) -> bytes:
        head = bytearray(super()._header())
        data, own = head[-8:], len(self._chunk)
        if head[:4] == b"RF64":
            (riff_bytes,) = struct.unpack_from("<Q", head, 20)
            struct.pack_into("<Q", head, 20, riff_bytes + own)
        else:
            (riff_bytes,) = struct.unpack_from("<I", head, 4)
            struct.pack_into("<I", head, 4, min(riff_bytes + own, _UNKNOWN_32))
        return bytes(head[:-8]) + self._chunk + bytes(data)


def _bext(start_frame: int, description: str) -> bytes:
    """The chunk: description, originator, no date (the same prints have the same bytes), time reference, version 1."""
    told = description.encode("ascii", "replace")[:256]
    body = _BODY.pack(told, b"smartmix", b"", b"", b"", max(start_frame, 0), 1, b"", b"")
    return b"bext" + struct.pack("<I", len(body)) + body
