"""The block of a VST3 in a REAPER project: who it is, which pins it has, and its state in base64.

``<VST "VST3: Name (Vendor)" File.vst3 0 "" NUMBER{CLASSID} ""`` and between the lines, decoded and strung together
(git-moss/ProjectConverter, VstChunkHandler.java; ReaTeam/Doc, "State Chunk Definitions"; all little endian):

- head: NUMBER, 0xFEED5EEE, inputs and a mask of 64 channels for each, outputs likewise, length of the payload, 1,
  0x0010FFFF;
- payload: length, 1, component state, length, 0, controller state: the two halves of a .vstpreset;
- tail: an empty program name, an empty preset name, 0x10 (32 bits).

NUMBER is FNV-1a (32 bits, the top one cleared) over the 16 bytes of the class id as Windows has a GUID in memory; so it
is in projects saved on Windows, macOS and Linux (tests have such pairs). REAPER finds a plugin by the class id.
"""

from __future__ import annotations

import base64
import re
import struct
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartmix.rack.preset_file import PluginState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OPAQUE = 0xFEED5EEE
_KNOWN, _FLAGS = 1, 0x0010FFFF
_TAIL = b"\0\0" + struct.pack("<I", 0x10)
_WIDTH = 128
_MOST_PINS = 1024
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_CLASS = re.compile(r"^\d*\{([0-9A-Fa-f]{32})\}?$")
_NAME = re.compile(
    r"^VST3(?P<instrument>i?): (?P<name>.*?)(?: \((?P<vendor>[^()]*(?:\([^()]*\))?[^()]*)\))?$"
)
_CHANNELS = re.compile(r" \((?:mono|\d+ch|\d+->\d+ch|\d+ out|\d+ in)\)$")


@dataclass(frozen=True, slots=True)
class Pins:
    """Which channels of the track each input takes and each output goes to: bit 0 is the left, bit 1 the right."""

    inputs: tuple[int, ...] = (1, 2)
    outputs: tuple[int, ...] = (1, 2)


STEREO, LEFT, RIGHT, ON_BOTH = Pins(), Pins((1,), (1,)), Pins((2,), (2,)), Pins((1,), (3,))
"""As it comes; one side alone; a plugin with one channel whose result plays on both sides."""


@dataclass(frozen=True, slots=True)
class Vst3Name:
    """What the opening line says: the class id is in the order of a .vstpreset header, "" where there is none."""

    name: str
    vendor: str
    file_name: str
    class_id: str
    instrument: bool = False


def plugin_number(class_id: str) -> int:
    """The number that REAPER has for a VST3 class (32 hex digits)."""
    value = 0x811C9DC5
    for byte in uuid.UUID(class_id).bytes_le:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value & 0x7FFFFFFF


def opening_words(name: Vst3Name) -> tuple[str, ...]:
    """The words of the opening line."""
    shown = f"VST3: {name.name} ({name.vendor})" if name.vendor else f"VST3: {name.name}"
    number = f"{plugin_number(name.class_id)}{{{name.class_id.upper()}}}"
    return ("VST", shown, name.file_name or f"{name.name}.vst3", "0", "", number, "")


def name_in(words: Sequence[str]) -> Vst3Name | None:
    """Who an opening line is about; None where it is no VST3."""
    if tuple(words[:1]) != ("VST",):
        return None
    found = _NAME.match(_CHANNELS.sub("", words[1])) if len(words) > 1 else None
    ids = [match[1].upper() for word in words[3:] if (match := _CLASS.match(word))]
    if found is None and not ids:
        return None
    if found is None:
        return Vst3Name(words[1], "", _at(words, 2), ids[0])
    return Vst3Name(
        found["name"], found["vendor"] or "", _at(words, 2), ids[0] if ids else "", bool(found["instrument"])
    )


def _at(words: Sequence[str], index: int) -> str:
    return words[index] if index < len(words) else ""


def state_lines(class_id: str, state: PluginState | None, pins: Pins = STEREO) -> tuple[str, ...]:
    """The lines between; without a state the plugin comes as it is when it is new."""
    halves = () if state is None else ((state.component, 1), (state.controller, 0))
    payload = b"".join(struct.pack("<II", len(half), flag) + half for half, flag in halves)
    head = struct.pack("<II", plugin_number(class_id), OPAQUE)
    for masks in (pins.inputs, pins.outputs):
        head += struct.pack(f"<I{len(masks)}Q", len(masks), *masks)
    head += struct.pack("<III", len(payload), _KNOWN, _FLAGS)
    return tuple(row for part in (head, payload, _TAIL) for row in _rows(part))


def _rows(data: bytes) -> list[str]:
    text = base64.b64encode(data).decode("ascii")
    return [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]


def read_state(class_id: str, lines: Iterable[str]) -> tuple[PluginState, Pins] | None:
    """The state and the pins in the lines of a block; None for what is cut short, or no state in a plugin's own bytes.

    Where a line ends says nothing: the lengths in the head and in the payload do.
    """
    data = b"".join(
        base64.b64decode(part + b"=" * (-len(part) % 4))
        for line in lines
        for part in _BASE64.findall(line.encode("utf-8", "surrogateescape"))
        if len(part.rstrip(b"=")) % 4 != 1
    )
    try:
        if struct.unpack_from("<I", data, 4)[0] != OPAQUE:
            return None
        inputs, at = _masks(data, 8)
        outputs, at = _masks(data, at)
        (size,) = struct.unpack_from("<I", data, at)
        payload = data[at + 12 : at + 12 + size]
        if size < 8 or len(payload) != size:
            return None
        halves = _halves(payload)
    except (struct.error, ValueError):
        return None
    return PluginState(class_id, halves[0], halves[1]), Pins(inputs, outputs)


def _masks(data: bytes, at: int) -> tuple[tuple[int, ...], int]:
    (count,) = struct.unpack_from("<I", data, at)
    if count > _MOST_PINS:
        raise ValueError(f"{count} pins")
    return struct.unpack_from(f"<{count}Q", data, at + 4), at + 4 + 8 * count


def _halves(payload: bytes) -> tuple[bytes, bytes]:
    """Component and controller state; the second may be missing."""
    found = {1: b"", 0: b""}
    at = 0
    for expected in (1, 0):
        if at == len(payload) and expected == 0:
            break
        size, flag = struct.unpack_from("<II", payload, at)
        half = payload[at + 8 : at + 8 + size]
        if flag != expected or len(half) != size:
            raise ValueError("no state of a VST3")
        found[flag] = half
        at += 8 + size
    return found[1], found[0]
