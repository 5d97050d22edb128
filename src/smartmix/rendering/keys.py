"""What a cached track is known by: the bytes of its files and everything that shapes it before the fader."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import soundfile
import soxr

from smartmix import _core
from smartmix.rendering.chains import chain_digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartmix.automation.events import CompiledMix, EventStream, StripSettings
    from smartmix.session.session import Session

KEY_VERSION = 1
"""Changes when the samples before the fader would come out otherwise from the same files and settings, for a reason
the native library's own hash does not show."""
SETTLED_NS = 2_000_000_000
"""A file younger than this when it is looked at may change again without its time changing (coarse clocks)."""
_CHUNK_BYTES = 1 << 20
_AFTER = ("fader.", "width.", "pan.", "send")


def is_before_fader(parameter_id: str) -> bool:
    """Whether a strip parameter acts on what the cache holds."""
    return not parameter_id.startswith(_AFTER)


def keys_left(strip: StripSettings, done: Callable[[str], bool]) -> StripSettings:
    """The strip without the keys of what somebody else has ``done``."""
    keys = {part: key for part, key in strip.keys.items() if not done(f"{part}.key")}
    return replace(strip, keys=keys)


def track_key(session: Session, compiled: CompiledMix, index: int, folder: Path) -> str:
    """Key of strip ``index``: content of the files, rate, place, polarity, settings and events up to the compressor,
    length, and the code that computes them. Known files are remembered in ``folder`` by path, size and time.
    """
    strip = compiled.strips[index]
    told: dict[str, object] = {
        "version": KEY_VERSION,
        "code": _code(),
        "session": [session.sample_rate, session.frames],
        **_sound(session, strip, compiled.events.of_strips([index]), folder),
    }
    if strip.chain:
        told["chain"] = chain_digest(strip.chain)
    if strip.keys:
        told["keys"] = sorted(
            (part, _key(session, compiled, key, folder)) for part, key in strip.keys.items()
        )
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _sound(session: Session, strip: StripSettings, events: EventStream, folder: Path) -> dict[str, object]:
    """A track as it is read, and its settings and events up to the compressor."""
    track = session.track(strip.track_id)
    files = [track.path] if track.right_path is None else [track.path, track.right_path]
    return {
        "files": [content_hash(path, folder) for path in files],
        "played_at_hz": track.sample_rate,
        "offset_frames": track.offset_frames + strip.shift_frames,
        "polarity": strip.polarity,
        "settings": sorted((k, v) for k, v in strip.static.items() if is_before_fader(k)),
        "events": _events(events),
    }


def _key(session: Session, compiled: CompiledMix, track_id: str, folder: Path) -> dict[str, object]:
    """A track that is listened to."""
    index = next(i for i, strip in enumerate(compiled.keys) if strip.track_id == track_id)
    return _sound(session, compiled.keys[index], compiled.key_events.of_strips([index]), folder)


def content_hash(path: Path, folder: Path) -> str:
    """SHA-256 of a file's bytes; remembered in ``folder`` as long as path, size and time of the file stay."""
    info, name = path.stat(), str(path.resolve())
    known = {"path": name, "bytes": info.st_size, "mtime_ns": info.st_mtime_ns}
    note = folder / f"{hashlib.sha256(name.encode()).hexdigest()}.file"
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        remembered = json.loads(note.read_text(encoding="utf-8"))
        digest = remembered.pop("sha256")
        if remembered == known and isinstance(digest, str):
            return digest
    with path.open("rb") as file:
        hasher = hashlib.sha256()
        while chunk := file.read(_CHUNK_BYTES):
            hasher.update(chunk)
    digest = hasher.hexdigest()
    if time.time_ns() - info.st_mtime_ns > SETTLED_NS:
        with contextlib.suppress(OSError):
            _write(note, json.dumps({**known, "sha256": digest}))
    return digest


def _write(note: Path, text: str) -> None:
    note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = note.with_name(f".{note.name}-{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(note)


def _events(of_strip: EventStream) -> str:
    """Digest of the events of a strip up to its compressor, by name, so that other strips do not matter."""
    events = of_strip.without(lambda name: not is_before_fader(name))
    digest = hashlib.sha256()
    for name in sorted(events.parameter_ids):
        mine = events.params == events.parameter_ids.index(name)
        if mine.any():
            digest.update(name.encode())
            for column in (events.frames, events.values, events.ramp_frames):
                digest.update(column[mine].tobytes())
    return digest.hexdigest()


@cache
def _code() -> list[str]:
    """What computes the samples: the native library itself, its kernels here, the decoder and the resampler."""
    library = hashlib.sha256(Path(_core.__file__).read_bytes()).hexdigest()
    kernels = str(_core.build_info()["kernels"])
    return [library, kernels, str(soundfile.__libsndfile_version__), str(soxr.__version__)]
