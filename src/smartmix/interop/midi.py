"""A standard MIDI file with tempo, bars and markers, which every DAW takes for its time line (SMF format 1)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.model import Marker, Tempo

TICKS = 960
"""Ticks in a quarter note: a marker then lies within a quarter of a millisecond at 120 bpm."""
_LONGEST_US = 0xFF_FFFF
_TEMPO, _METER, _MARKER, _NAME, _END = 0x51, 0x58, 0x06, 0x03, 0x2F


def midi_file(name: str, tempo: Sequence[Tempo], markers: Sequence[Marker]) -> bytes:
    """The bytes of the file. Without a tempo it runs at 120 bpm in 4/4, so that markers are where they belong."""
    events: list[tuple[int, int, bytes]] = [(0, 0, _meta(_NAME, name.encode("utf-8")))]
    steps = [(t.time_s, t.bpm, t.numerator, t.denominator) for t in tempo] or [(0.0, 120.0, 4, 4)]
    if steps[0][0] > 0.0:
        steps.insert(0, (0.0, *steps[0][1:]))
    line: list[tuple[float, float, float]] = []
    for time_s, bpm, numerator, denominator in steps:
        at = _ticks(line, time_s)
        micros = min(max(round(60e6 / bpm), 1), _LONGEST_US)
        line.append((time_s, at, TICKS * 1e6 / micros))
        power = max(denominator.bit_length() - 1, 0)
        events.append((round(at), 1, _meta(_TEMPO, micros.to_bytes(3, "big"))))
        events.append((round(at), 2, _meta(_METER, bytes((min(numerator, 255), power, 24, 8)))))
    events += [(round(_ticks(line, m.time_s)), 3, _meta(_MARKER, m.name.encode("utf-8"))) for m in markers]
    events.sort(key=lambda event: event[:2])
    body, last = bytearray(), 0
    for at, _, event in events:
        body += _length(at - last) + event
        last = at
    body += b"\0" + _meta(_END, b"")
    head = struct.pack(">4sIHHH", b"MThd", 6, 1, 1, TICKS)
    return head + b"MTrk" + struct.pack(">I", len(body)) + bytes(body)


def _ticks(line: list[tuple[float, float, float]], time_s: float) -> float:
    """The tick at a time, by the tempo as the file rounds it: (seconds, ticks, ticks a second) of each step."""
    if not line:
        return 0.0
    before = [step for step in line if step[0] <= time_s] or line[:1]
    start_s, at, speed = before[-1]
    return at + max(time_s - start_s, 0.0) * speed


def _meta(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + _length(len(data)) + data


def _length(value: int) -> bytes:
    """A number in seven bits a byte, the highest first."""
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(0x80 | (value & 0x7F))
    return bytes(reversed(out))
