"""Time stamps of Broadcast Wave files, and files that lie about their own sizes."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from smartmix.audio.broadcast import time_reference
from smartmix.audio.declared import declared_frames
from smartmix.audio.riff import MOST_CHUNKS

FMT = struct.pack("<HHIIHH", 1, 1, 48_000, 96_000, 2, 16)


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(body) if size is None else size) + body + bytes(len(body) % 2)


def bext(reference: int) -> bytes:
    # EBU Tech 3285: 256 description, 32 originator, 32 reference, 10 date, 8 time, then the time reference.
    fields = (256, 32, 32, 10, 8)
    return (
        b"".join(b"x" * n for n in fields)
        + struct.pack("<II", reference & 0xFFFFFFFF, reference >> 32)
        + bytes(256)
    )


def wave(*chunks: bytes, kind: bytes = b"RIFF") -> bytes:
    body = b"".join(chunks)
    return kind + struct.pack("<I", len(body) + 4 if kind == b"RIFF" else 0xFFFFFFFF) + b"WAVE" + body


def written(folder: Path, data: bytes) -> Path:
    path = folder / "x.wav"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("reference", [0, 1, 172_800_000, 2**32 + 5, 2**64 - 1])
def test_a_time_reference_is_64_bits_wherever_the_chunk_stands(tmp_path: Path, reference: int) -> None:
    data, stamped = chunk(b"data", bytes(8)), chunk(b"bext", bext(reference))
    for order in (
        (stamped, chunk(b"fmt ", FMT), data),
        (chunk(b"fmt ", FMT), chunk(b"junk", b"abc"), data, stamped),
    ):
        assert time_reference(written(tmp_path, wave(*order))) == reference


def test_rf64_sizes_lead_past_the_data(tmp_path: Path) -> None:
    sizes = struct.pack("<QQQI", 0, 6, 3, 0)
    data = b"data" + struct.pack("<I", 0xFFFFFFFF) + bytes(6)
    stamped = chunk(b"bext", bext(77))
    path = written(tmp_path, wave(chunk(b"ds64", sizes), chunk(b"fmt ", FMT), data, stamped, kind=b"RF64"))
    assert time_reference(path) == 77
    assert declared_frames(path) == 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"RIFF\x04\x00\x00\x00WAVE",
        wave(chunk(b"fmt ", FMT), chunk(b"data", b"")),
        wave(chunk(b"bext", bext(5)[:300], size=602)),
        wave(chunk(b"bext", b"", size=0)),
        wave(chunk(b"LIST", b"", size=0xFFFFFFFF), chunk(b"bext", bext(5))),
        wave(chunk(b"ds64", struct.pack("<QQ", 2**64 - 1, 2**64 - 1)), b"data\xff\xff\xff\xff", kind=b"RF64"),
        b"FORM\x00\x00\x00\x04AIFF",
        b"\x00" * 5_000,
    ],
    ids=[
        "empty",
        "head",
        "no chunks",
        "no bext",
        "cut",
        "tiny",
        "past the end",
        "rf64 2^64",
        "aiff",
        "zeros",
    ],
)
def test_lying_sizes_give_no_stamp_and_no_error(tmp_path: Path, data: bytes) -> None:
    path = written(tmp_path, data)
    assert time_reference(path) is None
    declared_frames(path)


def test_millions_of_empty_chunks_are_not_walked(tmp_path: Path) -> None:
    empty = chunk(b"junk", b"")
    path = written(tmp_path, wave(empty * (MOST_CHUNKS + 1), chunk(b"bext", bext(5))))
    assert time_reference(path) is None
    path = written(tmp_path, wave(empty * (MOST_CHUNKS - 1), chunk(b"bext", bext(5))))
    assert time_reference(path) == 5
    path.write_bytes(b"FORM\x00\x00\x00\x04AIFF" + chunk(b"junk", b"") * 3_000_000)
    assert declared_frames(path) is None


def test_a_folder_or_nothing_has_no_stamp(tmp_path: Path) -> None:
    assert time_reference(tmp_path) is None
    assert time_reference(tmp_path / "none.wav") is None
