"""What a delivered file says about itself: title, artist and so on, the time it starts, how loud it is."""

from __future__ import annotations

import datetime
import math
import re
import struct
from dataclasses import dataclass
from typing import Protocol

from smartmix.audio.riff import riff_chunk
from smartmix.errors import AudioError


class LoudnessFigures(Protocol):
    """What a Broadcast Wave chunk says about loudness (``measure_loudness`` gives it)."""

    @property
    def integrated_lufs(self) -> float:
        """Integrated loudness."""
        ...

    @property
    def range_lu(self) -> float:
        """Loudness range."""
        ...

    @property
    def true_peak_dbtp(self) -> float:
        """Highest true peak."""
        ...

    @property
    def momentary_max_lufs(self) -> float:
        """Loudest 0.4 s."""
        ...

    @property
    def short_term_max_lufs(self) -> float:
        """Loudest 3 s."""
        ...


_FORMS = {
    "isrc": (re.compile(r"[A-Za-z]{2}-?[A-Za-z0-9]{3}-?\d{2}-?\d{5}"), "such as QZ-AB1-26-00001"),
    "date": (re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?"), "such as 2026 or 2026-11-22"),
    "track": (re.compile(r"\d{1,4}(/\d{1,4})?"), "such as 3 or 3/12"),
}


def _decoded(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace")


@dataclass(frozen=True, slots=True)
class Tags:
    """Plain text fields; empty ones are not written.

    ``track`` is "3" or "3/12", ``date`` "2026", "2026-11" or "2026-11-22", ``isrc`` "QZ-AB1-26-00001" or without the
    hyphens (ISO 3901:2019: two letters, three letters or digits, seven digits); it is written in capitals without them,
    as ID3 and the Broadcast Wave chunk have it. AudioError for others.
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    track: str = ""
    date: str = ""
    genre: str = ""
    comment: str = ""
    isrc: str = ""
    copyright: str = ""

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            text = getattr(self, name)
            if not text.isascii():  # bytes of a file name that are no UTF-8 as Windows would show them
                plain = text.encode("utf-8", "surrogateescape")
                object.__setattr__(self, name, _decoded(plain))
        for name, (form, expected) in _FORMS.items():
            text = getattr(self, name)
            if text and not form.fullmatch(text):
                raise AudioError(f"tag {name} = {text!r}: expected {expected}")
        object.__setattr__(self, "isrc", self.isrc.replace("-", "").upper())
        _check_date(self.date)
        number, _, songs = self.track.partition("/")
        if songs and int(number) > int(songs):
            raise AudioError(f"tag track = {self.track!r}: there are only {songs}")


def _check_date(text: str) -> None:
    year, month, day = (*(int(part) for part in text.split("-") if part), 1, 1, 1)[:3]
    try:
        datetime.date(year, month, day)
    except ValueError:
        raise AudioError(f"tag date = {text!r}: there is no such day") from None


_INFO = {
    "title": b"INAM",
    "artist": b"IART",
    "album": b"IPRD",
    "track": b"ITRK",
    "date": b"ICRD",
    "genre": b"IGNR",
    "comment": b"ICMT",
    "copyright": b"ICOP",
}
_NOT_GIVEN = 0x7FFF
"""A loudness field of bext that says nothing (EBU Tech 3285, version 2)."""


def info_chunk(tags: Tags) -> bytes:
    """A LIST chunk of kind INFO, UTF-8; empty without any tag. It has no place for an ISRC."""
    parts = [
        riff_chunk(name, getattr(tags, field).encode("utf-8") + b"\0")
        for field, name in _INFO.items()
        if getattr(tags, field)
    ]
    return riff_chunk(b"LIST", b"INFO" + b"".join(parts)) if parts else b""


def bext_chunk(tags: Tags, *, start_frames: int = 0, loudness: LoudnessFigures | None = None) -> bytes:
    """The Broadcast Wave chunk, version 2 (EBU Tech 3285): title, start (frames since midnight), loudness.

    No date or time of making is written (the same input gives the same bytes) unless ``tags.date`` is a whole day.
    Its length does not depend on what it says.
    """
    values = [_NOT_GIVEN] * 5
    if loudness is not None:
        values = [
            _hundredths(value)
            for value in (
                loudness.integrated_lufs,
                loudness.range_lu,
                loudness.true_peak_dbtp,
                loudness.momentary_max_lufs,
                loudness.short_term_max_lufs,
            )
        ]
    description = " - ".join(part for part in (tags.artist, tags.title) if part)
    date = tags.date if len(tags.date) == 10 else ""
    body = b"".join(
        (
            _text(description, 256),
            _text("smartmix", 32),
            _text(tags.isrc, 32),
            _text(date, 10),
            _text("00:00:00" if date else "", 8),
            struct.pack("<Q", start_frames),
            struct.pack("<H", 2),
            bytes(64),  # no UMID
            struct.pack("<5h", *values),
            bytes(180),
        )
    )
    return riff_chunk(b"bext", body)


def _hundredths(value: float) -> int:
    """A loudness as the chunk holds it: hundredths, rounded half away from 0; "not given" for what has none."""
    if not math.isfinite(value) or abs(value) > 99.99:
        return _NOT_GIVEN
    return int(math.copysign(math.floor(100.0 * abs(value) + 0.5), value))


def _text(text: str, size: int) -> bytes:
    """ASCII in a field of fixed length, as the standard has it; what is not ASCII becomes a question mark."""
    return text.encode("ascii", "replace")[:size].ljust(size, b"\0")
