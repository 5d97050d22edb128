"""The file formats there are: what writes and what reads each. Loaded by name, so a format costs nothing unused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, cast

from smartmix.errors import InteropError

if TYPE_CHECKING:
    from smartmix.interop.model import Loss, Project

AudioChoice = Literal["copy", "link", "none"]
"""Whether an export carries the sound files with it, names them where they are, or names what is to be put there."""


class Writer(Protocol):
    """``write(project, path, audio=..., origin=..., force=...)``: writes a project file and returns what it could not
    say. ``origin``: the folder an import of this format kept its file's own parts in (None: a new project).
    """

    def __call__(
        self, project: Project, path: Path, *, audio: AudioChoice, origin: Path | None, force: bool
    ) -> tuple[Loss, ...]:
        """Write the file."""
        ...


Reader = Callable[[Path], "Project"]
"""``read(path)``: the project in a file, sound files not yet taken out. InteropError for one that is damaged."""
Keeper = Callable[["Project", Path, "dict[str, str]"], None]
"""``keep(project, folder, ids)``: puts what the writer will need of the original into ``folder``; ``ids`` maps the
session's track ids to the project's.
"""


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its name on the command line, the ending of its files, and the module with write, read and keep."""

    name: str
    suffix: str
    module: str
    carries: frozenset[str]
    """What it can say beside tracks, faders, pans, mutes and sends: of "eq", "compressor", "own_devices" (both are
    smartmix's own and do all that they do here), "vst3", "dry_wet", "polarity", "trim", "clip_gain", "regions",
    "pan_law" (smartmix's own). What is missing is printed onto a muted sibling, or put where it does the same.
    """
    adds: bool = True
    """Whether new tracks and sound files can be put into a file that was imported."""

    @property
    def write(self) -> Writer:
        """The function that writes a file."""
        return cast("Writer", import_module(self.module).write)

    @property
    def read(self) -> Reader:
        """The function that reads a file."""
        return cast("Reader", import_module(self.module).read)

    @property
    def keep(self) -> Keeper:
        """The function that keeps a read file's own parts for the way back."""
        return cast("Keeper", import_module(self.module).keep)


FORMATS: dict[str, Format] = {
    item.name: item
    for item in (
        Format(
            "dawproject",
            ".dawproject",
            "smartmix.interop.dawproject",
            frozenset({"eq", "compressor", "vst3"}),
        ),
        Format(
            "rpp",
            ".rpp",
            "smartmix.interop.rpp",
            frozenset(
                {"eq", "compressor", "own_devices", "vst3", "dry_wet", "regions", "clip_gain", "pan_law"}
            ),
            adds=False,
        ),
    )
}


def format_of(path: Path) -> Format:
    """The format of a file by its ending; InteropError names the endings there are."""
    for item in FORMATS.values():
        if path.suffix.lower() == item.suffix:
            return item
    raise InteropError(
        f"{path}: expected a file that ends in {' or '.join(f.suffix for f in FORMATS.values())}"
    )
