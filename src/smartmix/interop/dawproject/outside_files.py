"""Sound files outside an archive that goes to another folder than it came from: taken inside, or named anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.interop.dawproject.numbers import switch
from smartmix.interop.dawproject.write import AUDIO_FOLDER
from smartmix.interop.finding import find
from smartmix.interop.model import Loss
from smartmix.interop.names import file_name, seen_from

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from smartmix.interop.formats import AudioChoice


@dataclass(slots=True)
class OutsideFiles:
    """The outside files of a project that came from ``home`` and goes to ``path``: ``inside``, what the archive will
    call each file that it takes in, and ``losses``.
    """

    home: Path | None
    path: Path
    audio: AudioChoice
    inside: dict[Path, str] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    changed: bool = False
    _behind: dict[str, None] = field(default_factory=dict)

    def take(self, root: Element, names: Iterable[str]) -> None:
        """Every outside file that is not found from the new folder by the name it has. ``names``: what the archive
        holds.
        """
        if self.home is None or self.home == self.path.resolve().parent:
            return
        used = {Path(name).name.casefold() for name in names}
        for file in root.iter("File"):
            if switch(file.get("external"), False):
                self._one(file, self.home, used)
        if self._behind:
            listed = ", ".join(list(self._behind)[:4]) + (" ..." if len(self._behind) > 4 else "")
            done = f"they lie in {self.home}: put {self.path.name} there, or bring them along"
            self.losses.append(Loss("project", f"sound files ({listed})", done))

    def _one(self, file: Element, home: Path, used: set[str]) -> None:
        said, here = str(file.get("path")), self.path.resolve().parent
        found, beside = find(said, home), find(said, here)
        if found is None or (beside is not None and beside.as_said and not found.as_said):
            if beside is None or not beside.as_said:
                done = "it was not there when the project came in, or is gone; its clips stay silent"
                self.losses.append(Loss("project", f"{said[-80:]}: the file is not there", done))
            return
        there = found.path
        if beside is not None and beside.path.samefile(there) and beside.as_said:
            return
        if not found.as_said:
            what = f"not where the project says: {said[-80:]} ({there} goes along)"
            self.losses.append(Loss("project", what, "check that it is the one"))
        if self.audio == "none":
            self._behind[there.name] = None
            return
        self.changed = True
        if self.audio == "link":
            file.set("path", seen_from(here, there))
            return
        if there not in self.inside:
            self.inside[there] = f"{AUDIO_FOLDER}/{file_name(there.stem, there.suffix, used)}"
        file.set("path", self.inside[there])
        file.set("external", "false")
