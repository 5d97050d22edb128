"""Sound files of a REAPER project that goes to another folder than it came from: found, copied, named anew."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.files import AtomicFile, check_target, readable_errors
from smartmix.errors import InteropError
from smartmix.interop.finding import find
from smartmix.interop.model import Loss
from smartmix.interop.names import file_name, seen_from
from smartmix.interop.rpp.text import Block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartmix.interop.formats import AudioChoice
    from smartmix.interop.rpp.text import Line


def copy_sounds(places: dict[Path, str], path: Path, *, force: bool) -> None:
    """Copy sound files to where a project at ``path`` names them. Before anything is written: OutputExistsError for one
    that is there without ``force``, InteropError for one that is to be copied itself.
    """
    for file, said in places.items():
        target = path.parent / said
        target.parent.mkdir(exist_ok=True)
        if target.exists() and any(target.samefile(each) for each in places):
            if target.samefile(file):
                continue
            raise InteropError(
                f"{target}: is a recording that is to be copied; choose another name for the project"
            )
        check_target(target, force=force)
    for file, said in places.items():
        target = path.parent / said
        if target.exists() and target.samefile(file):
            continue
        with AtomicFile(target, force=force) as copy, readable_errors(target), file.open("rb") as source:
            shutil.copyfileobj(source, copy.stream, 1 << 20)


@dataclass(slots=True)
class Moving:
    """The files of a project that came from ``home`` and goes to ``path``: ``copies``, what it will call each file that
    is to be copied, and ``losses``.
    """

    home: Path | None
    path: Path
    audio: AudioChoice
    copies: dict[Path, str] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)
    _behind: dict[str, None] = field(default_factory=dict)

    def take(self, whole: Block) -> None:
        """Every FILE line whose file is not found from the new folder by the name it has: named anew, or said."""
        for track in whole.blocks("TRACK"):
            name = " ".join(track.words("NAME")[:1])
            for line in _file_lines(track):
                self._one(line, name)
        if self._behind:
            names = ", ".join(list(self._behind)[:4]) + (" ..." if len(self._behind) > 4 else "")
            done = f"they lie in {self.home}: put {self.path.name} there, or bring them along"
            self.losses.append(Loss("project", f"sound files ({names})", done))

    def _one(self, line: Line, track: str) -> None:
        said, here = line.words[1], self.path.resolve().parent
        beside = here / said.replace("\\", "/")
        if _is_file(beside) and (self.home is None or self.home == here):
            return
        found = find(said, self.home) if self.home is not None else None
        file = None if found is None else found.path
        plain = file is None and self.home is not None and _is_file(self.home / said)
        if file is None and not plain:
            if not _is_file(beside):
                done = "it was not there when the project came in, or is gone; the item stays silent"
                self.losses.append(Loss(track, f"{said[-80:]}: the file is not there", done))
            return
        assert self.home is not None
        there = file if file is not None else self.home / said
        if _is_file(beside) and beside.samefile(there):
            return
        if found is not None and not found.as_said:
            what = f"not where the project says: {said[-80:]} ({there} goes along)"
            self.losses.append(Loss(track, what, "check that it is the one"))
        if self.audio == "none":
            self._behind[Path(said.replace("\\", "/")).name] = None
        elif self.audio == "link" or plain:
            line.put(1, seen_from(here, there))
        else:
            line.put(1, self._copied(there))

    def _copied(self, file: Path) -> str:
        known = next((said for each, said in self.copies.items() if each == file), None)
        if known is None:
            known = f"{self.path.stem} audio/{file_name(file.stem, file.suffix, self._used)}"
            self.copies[file] = known
        return known


def _file_lines(block: Block) -> Iterator[Line]:
    """The FILE lines of all sources in a block, however deep."""
    for part in block.parts:
        if isinstance(part, Block):
            yield from _file_lines(part)
        elif block.key == "SOURCE" and part.key == "FILE" and len(part.words) > 1:
            yield part


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
