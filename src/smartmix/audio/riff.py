"""The chunks of RIFF and RF64 files, walked without trusting what the file says about itself."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

MOST_CHUNKS = 1_000
"""Files have a dozen; one made to keep a reader busy may claim millions of empty ones (house)."""


def riff_chunk(name: bytes, body: bytes) -> bytes:
    """A chunk with its head, padded to an even length."""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def riff_chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Name and stated size of each chunk of an open RIFF or RF64 file past its 12-byte head; the file stands at the
    chunk's body. Sizes are followed, never trusted: one that points past the end ends the walk.
    """
    long_data_bytes: int | None = None
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return
        name, size = head[:4], int(struct.unpack("<I", head[4:])[0])
        at = file.tell()
        if name == b"data" and size == 0xFFFFFFFF and long_data_bytes is not None:
            size = long_data_bytes
        yield name, size
        if name == b"ds64" and size >= 16:
            file.seek(at + 8)
            body = file.read(8)
            long_data_bytes = int(struct.unpack("<Q", body)[0]) if len(body) == 8 else None
        # A seek beyond what a file offset may be is an OSError or an OverflowError, on some systems a surprise.
        if at + size + size % 2 >= 1 << 62:
            return
        file.seek(at + size + size % 2)
