"""The rule that nothing is written among the inputs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.errors import SmartmixError

if TYPE_CHECKING:
    from smartmix.session.session import Session


def outside_inputs(session: Session, path: Path) -> Path:
    """The path, if it lies outside the folders of the session and its tracks; else a SmartmixError."""
    resolved = path.resolve()
    for folder in sorted({session.root, *(track.path.parent for track in session.tracks)}):
        if resolved.is_relative_to(folder.resolve()):
            raise SmartmixError(
                f"{path}: nothing is written among the inputs; choose a place outside {folder}"
            )
    return path
