"""The .vstpreset file: what a DAW saves of a VST3 plugin, readable by every other."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path

from smartmix.audio.files import write_bytes
from smartmix.errors import PluginError

# Header: "VST3", version, class id as 32 hexadecimal digits, offset of the list of chunks; then the chunks; then
# "List", their number, and name, offset and size of each (little endian). Steinberg, "VST 3 API: preset format".
_HEADER = struct.Struct("<4si32sq")
_ENTRY = struct.Struct("<4sqq")
_COMPONENT, _CONTROLLER = b"Comp", b"Cont"
MOST_CHUNKS = 128
MOST_BYTES = 1 << 28


@dataclass(frozen=True, slots=True)
class PluginState:
    """Everything a plugin remembers: whose it is, and the bytes of its two halves."""

    class_id: str
    component: bytes
    controller: bytes = b""

    @property
    def hash(self) -> str:
        """Names the state: two plugins with the same one are set alike."""
        digest = hashlib.sha256(self.class_id.encode())
        for part in (self.component, self.controller):
            digest.update(struct.pack("<q", len(part)) + part)
        return digest.hexdigest()[:16]


def read_preset(file: Path) -> PluginState:
    """Read a .vstpreset; PluginError saying what is wrong with a file that is none."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise PluginError(f"{file}: larger than {MOST_BYTES >> 20} MiB, not a preset")
        data = file.read_bytes()
    except OSError as error:
        raise PluginError(f"{file}: {error.strerror}") from None
    return parse_preset(data, str(file))


def parse_preset(data: bytes, source: str = "preset") -> PluginState:
    """The state in the bytes of a .vstpreset."""
    if len(data) < _HEADER.size or data[:4] != b"VST3":
        raise PluginError(f"{source}: not a .vstpreset file")
    _, _, class_id, at = _HEADER.unpack_from(data)
    chunks = _chunks(data, at, source)
    if _COMPONENT not in chunks:
        raise PluginError(f"{source}: a .vstpreset without a component state")
    name = class_id.decode("ascii", "replace").upper()
    return PluginState(name, chunks[_COMPONENT], chunks.get(_CONTROLLER, b""))


def _chunks(data: bytes, at: int, source: str) -> dict[bytes, bytes]:
    broken = PluginError(f"{source}: a .vstpreset that is damaged or cut short")
    if not _HEADER.size <= at <= len(data) - 8 or data[at : at + 4] != b"List":
        raise broken
    (count,) = struct.unpack_from("<i", data, at + 4)
    if not 0 <= count <= MOST_CHUNKS or at + 8 + count * _ENTRY.size > len(data):
        raise broken
    chunks: dict[bytes, bytes] = {}
    for k in range(count):
        name, offset, size = _ENTRY.unpack_from(data, at + 8 + k * _ENTRY.size)
        if offset < 0 or size < 0 or offset + size > len(data):
            raise broken
        chunks[name] = data[offset : offset + size]
    return chunks


def preset_bytes(state: PluginState) -> bytes:
    """The bytes of a .vstpreset."""
    parts = [(_COMPONENT, state.component)] + ([(_CONTROLLER, state.controller)] if state.controller else [])
    at, entries, body = _HEADER.size, b"", b""
    for name, part in parts:
        entries += _ENTRY.pack(name, at + len(body), len(part))
        body += part
    header = _HEADER.pack(b"VST3", 1, state.class_id.encode("ascii"), at + len(body))
    return header + body + b"List" + struct.pack("<i", len(parts)) + entries


def write_preset(file: Path, state: PluginState, *, force: bool = False) -> Path:
    """Write a .vstpreset, complete or not at all; OutputExistsError for one that is there, without ``force``."""
    return write_bytes(file, preset_bytes(state), force=force)
