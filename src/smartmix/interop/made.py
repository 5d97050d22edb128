"""The files an import made: what another import may replace, and which sounds are still those that came."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.files import write_text
from smartmix.errors import SmartmixError
from smartmix.session.rough_names import IMPORTED

if TYPE_CHECKING:
    from smartmix.plan.mixplan import MixPlan
    from smartmix.session.session import Session

NOTE, PLAN = "made.json", "plan.toml"
"""What lies in the import's folder: what it made, and the moves as they came."""
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """Files of a ``folder`` that an import made, each with its size and digest, by path in the folder; ``sounds``:
    those of the session's tracks by id.
    """

    folder: Path
    files: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    sounds: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Made:
        """What an import made in a folder; nothing where no note says so, or the note is damaged."""
        try:
            note = json.loads((folder / IMPORTED / NOTE).read_text(encoding="utf-8"))
            files = {str(name): (int(size), str(digest)) for name, (size, digest) in note["files"].items()}
            sounds = {str(id_): str(name) for id_, name in note["sounds"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(folder)
        return cls(folder, files, sounds)

    def is_as_made(self, name: str) -> bool:
        """Whether a file is still byte for byte what the import wrote."""
        path = self.folder / name
        size, digest = self.files.get(name, (-1, ""))
        return path.is_file() and path.stat().st_size == size and _digest(path) == digest

    def other_sounds(self, session: Session) -> frozenset[str]:
        """Ids of the session's tracks that play another sound than the one that came in."""
        return frozenset(
            track.id
            for track in session.tracks
            if (name := self.sounds.get(track.id)) is not None
            and not (
                track.right_path is None
                and track.path.resolve() == (self.folder / name).resolve()
                and self.is_as_made(name)
            )
        )


def plan_as_made(folder: Path) -> MixPlan | None:
    """The plan as an import wrote it, whatever became of the one beside session.toml; None where none was kept."""
    from smartmix.plan import load_plan

    path = folder / IMPORTED / PLAN
    try:
        return load_plan(path) if path.is_file() else None
    except SmartmixError:
        return None


def note_made(folder: Path, sounds: Mapping[str, Path]) -> None:
    """Write down every file there is in a folder, which an import has just made; ``sounds`` are its tracks' by id."""
    files = {
        path.relative_to(folder).as_posix(): [path.stat().st_size, _digest(path)]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    named = {id_: path.relative_to(folder).as_posix() for id_, path in sounds.items()}
    note = {"format": 1, "files": files, "sounds": named}
    write_text(folder / IMPORTED / NOTE, json.dumps(note, indent=1) + "\n")


def _digest(path: Path) -> str:
    total = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            total.update(block)
    return total.hexdigest()
