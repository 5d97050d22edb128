"""Where a sound file that a project names lies on this machine."""

from __future__ import annotations

import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from smartmix.errors import AudioError
from smartmix.session.folder import SOUND_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartmix.interop.model import Clip

SAME_LENGTH = 0.01
"""A file whose length is further off than this share, and half a second, is another one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file; ``as_said``: it lies where the project says, and not only under its name somewhere near."""

    path: Path
    as_said: bool


def find(said: str, beside: Path) -> Found | None:
    """A sound file by the path a project has for it; else, as projects move, by the end of that path (the longest that
    is there) in the project's folder ``beside`` or in audio/ there. Only regular files that are named like sound files.

    Other systems tell no upper from lower case, and write accents in another way: what differs in that only is the
    same name, where nothing has it exactly.
    """
    if said.startswith("file:"):
        said = unquote(urlsplit(said).path)
    plain = said.replace("\\", "/")
    for spelled in (_exactly, _alike):
        for path in (Path(said), beside / plain):
            if there := spelled(path if path.is_absolute() else beside / path):
                return Found(there, as_said=True)
    for spelled in (_exactly, _alike):
        for path in _near(said, beside):
            if there := spelled(path):
                return Found(there, as_said=False)
    return None


def _near(said: str, beside: Path) -> Iterator[Path]:
    whole = PureWindowsPath(said)
    parts = [part for part in whole.parts if part not in ("..", ".", whole.anchor)]
    for count in range(len(parts)):
        yield beside.joinpath(*parts[count:])
    for part in parts[-1:]:
        yield beside / "audio" / part


def _exactly(path: Path) -> Path | None:
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return None
    return path if regular and path.suffix.lower() in SOUND_SUFFIXES else None


def _alike(path: Path) -> Path | None:
    """The path with each part that is not there replaced by the one entry of its folder that is spelled alike."""
    at = Path(path.anchor)
    for part in path.parts[1:] if path.anchor else path.parts:
        here = at / part
        if part != ".." and not _is_there(here):
            try:
                same = [entry for entry in at.iterdir() if _key(entry.name) == _key(part)]
            except (OSError, ValueError):
                return None
            if len(same) != 1:
                return None
            here = same[0]
        at = here
    return _exactly(at)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def contradiction(clip: Clip, file: Path) -> str:
    """In what a file is not the one that a project tells of; "" where nothing speaks against it."""
    from smartmix.audio.io import probe

    try:
        info = probe(file)
    except AudioError:
        return ""
    if clip.sample_rate and clip.sample_rate != info.sample_rate:
        return f"{info.sample_rate} Hz instead of {clip.sample_rate}"
    if clip.channels and clip.channels != info.channels:
        return f"{info.channels} channels instead of {clip.channels}"
    told_s = clip.frames / clip.sample_rate if clip.sample_rate else 0.0
    length_s = info.frames / info.sample_rate
    if told_s and abs(told_s - length_s) > max(SAME_LENGTH * told_s, 0.5):
        return f"{length_s:.1f} s long instead of {told_s:.1f}"
    return ""
