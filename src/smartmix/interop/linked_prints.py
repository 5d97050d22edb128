"""Sound files of a linked project that nobody recorded: prints and turned copies, in a folder of its own beside it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.errors import InteropError
from smartmix.interop.bench import Shelf, none_left_over
from smartmix.interop.fetching import EXTERNAL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smartmix.interop.formats import Format
    from smartmix.interop.model import Project

SHELF = "prints"


class LinkedPrints:
    """The folder "NAME prints" beside a project at ``path``. Where it ``replaces`` a project there, the files of the
    folder that the old one names make room for those of the new one; all others stay.
    """

    def __init__(self, path: Path, form: Format, *, replaces: bool) -> None:
        self.folder = path.with_name(f"{path.stem} {SHELF}")
        self.path, self.form, self.replaces = path, form, replaces

    def shelf(self, place: Path) -> Shelf:
        """Where the files are made, under the names they will have."""
        there = [file.name for file in self.folder.iterdir()] if self.folder.is_dir() else []
        own = self._own()
        return Shelf(place / SHELF, tuple(name for name in there if name not in own))

    @contextmanager
    def put(self, project: Project, shelf: Shelf) -> Iterator[Project]:
        """Inside: the project with the files of its shelf in the folder. Where that ends badly, new ones go again."""
        made = sorted(shelf.folder.iterdir()) if shelf.folder.name == SHELF and shelf.folder.is_dir() else []
        places = {file: self.folder / file.name for file in made}
        with none_left_over(places.values()):
            if places:
                self.folder.mkdir(exist_ok=True)
            for file, target in places.items():
                file.replace(target)
            tracks = [
                replace(track, clips=tuple(replace(c, file=places.get(c.file, c.file)) for c in track.clips))  # type: ignore[arg-type]
                for track in project.tracks
            ]
            yield replace(project, tracks=tuple(tracks))

    def _own(self) -> frozenset[str]:
        """Names of the files in the folder that belong to the project that is to be replaced."""
        if not (self.replaces and self.path.is_file()):
            return frozenset()
        try:
            old = self.form.read(self.path)
        except InteropError:
            return frozenset()
        here = self.path.parent
        files = [here / clip.member.removeprefix(EXTERNAL) for track in old.tracks for clip in track.clips]
        return frozenset(file.name for file in files if file.parent == self.folder)
