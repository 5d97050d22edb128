"""The rule that nothing is written among the inputs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.errors import SmartmixError

if TYPE_CHECKING:
    from smartmix.session.session import Session

WAV_SUFFIXES = (".wav", ".wave", ".bwf", ".rf64")


def plan_file(path: Path) -> Path:
    """The plan.toml a person means who names it or the folder it lies in: the output of a pass, an import."""
    return path / "plan.toml" if path.is_dir() else path


def plan_file_if_given(path: Path | None) -> Path | None:
    """The same for an option that may be left out."""
    return None if path is None else plan_file(path)


PLAN_HELP = "The plan.toml of a pass, or its folder."
"""What ``--plan`` and PLAN take, wherever ``plan_file`` reads them."""


def wav_name(path: Path) -> Path:
    """The path, if its name says WAV, which is what is written; else a SmartmixError."""
    if path.suffix.lower() not in WAV_SUFFIXES and not path.is_dir():
        raise SmartmixError(f"{path}: a WAV file is written; choose a name that ends in .wav")
    return path


def outside_inputs(session: Session, path: Path) -> Path:
    """The path, if it lies outside the folders of the session and its tracks; else a SmartmixError."""
    resolved = path.resolve()
    for folder in sorted({session.root, *(track.path.parent for track in session.tracks)}):
        if resolved.is_relative_to(folder.resolve()):
            raise SmartmixError(
                f"{path}: nothing is written among the inputs; choose a place outside {folder}"
            )
    return path
