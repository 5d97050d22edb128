"""Messages between us and a plugin's process: a JSON line with raw bytes behind it. Nothing is ever unpickled."""

from __future__ import annotations

import json
import os
import select
import struct
import time
from typing import Any

_LENGTHS = struct.Struct("<II")
MOST_BYTES = 1 << 29


class EndedError(Exception):
    """The other side has closed the pipe: its process is gone."""


class TooLateError(Exception):
    """No answer within the time it was given."""


def send(fd: int, message: dict[str, Any], blob: bytes = b"") -> None:
    """Write a whole message; EndedError when nobody reads any more."""
    text = json.dumps(message).encode()
    data = memoryview(_LENGTHS.pack(len(text), len(blob)) + text + blob)
    try:
        while data:
            data = data[os.write(fd, data) :]
    except (BrokenPipeError, OSError):
        raise EndedError from None


def receive(fd: int, timeout_s: float | None = None) -> tuple[dict[str, Any], bytes]:
    """Read a whole message; EndedError at the end of the pipe, TooLateError after ``timeout_s`` seconds."""
    until = None if timeout_s is None else time.monotonic() + timeout_s
    text_bytes, blob_bytes = _LENGTHS.unpack(_exactly(fd, _LENGTHS.size, until))
    if text_bytes + blob_bytes > MOST_BYTES:
        raise EndedError
    text = _exactly(fd, text_bytes, until)
    blob = _exactly(fd, blob_bytes, until)
    try:
        return json.loads(text), blob
    except ValueError:
        raise EndedError from None


def _exactly(fd: int, count: int, until: float | None) -> bytes:
    parts: list[bytes] = []
    while count:
        if until is not None:
            poll = select.poll()
            poll.register(fd, select.POLLIN)
            if not poll.poll(max(1000.0 * (until - time.monotonic()), 0.0)):
                raise TooLateError
        part = os.read(fd, min(count, 1 << 20))
        if not part:
            raise EndedError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
