"""What an import keeps of a .dawproject, so that an export can write it back with only the changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.files import write_text
from smartmix.errors import InteropError

if TYPE_CHECKING:
    from smartmix.interop.model import Project

ORIGINAL = "original.dawproject"
NOTE = "kept.json"


def keep(project: Project, folder: Path, ids: dict[str, str]) -> None:
    """Copy the file that was read into ``folder``, with a note of which track of it became which of the session.

    ``ids``: the project's track id by the session's.
    """
    from smartmix.interop.dawproject.read import Origin

    origin = project.origin
    if not isinstance(origin, Origin):
        raise InteropError(f"{project.name}: was not read from a DAWproject file")
    shutil.copyfile(origin.path, folder / ORIGINAL)
    came_from = str(origin.path.resolve().parent)
    note = {"format": 1, "file": ORIGINAL, "folder": came_from, "tracks": ids}
    write_text(folder / NOTE, json.dumps(note, indent=1) + "\n")


def kept_folder(folder: Path) -> Path | None:
    """Where the project lay when it came in; None where a note does not say."""
    try:
        said = json.loads((folder / NOTE).read_text(encoding="utf-8")).get("folder")
    except (OSError, ValueError, AttributeError):
        return None
    return Path(said) if isinstance(said, str) and said else None


def kept_ids(folder: Path) -> dict[str, str]:
    """The project's track ids by the session's; InteropError for a note that was damaged."""
    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        ids = dict(note["tracks"]) if note["format"] == 1 else {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InteropError(f"{folder / NOTE}: cannot be read ({error})") from None
    return {str(mine): str(theirs) for mine, theirs in ids.items()}
