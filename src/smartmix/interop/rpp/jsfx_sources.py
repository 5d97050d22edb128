"""The sources of our JSFX beside a project, where REAPER or a person finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.audio.files import check_target, readable_errors, write_text
from smartmix.interop.model import Loss
from smartmix.interop.rpp.devices import track_effects
from smartmix.interop.rpp.jsfx import FOLDER, files_of, source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from smartmix.interop.model import Track

_DONE = (
    f"where REAPER says that they are missing, copy Effects/{FOLDER}, beside the project, into the folder Effects of "
    "REAPER's resource folder, once for all projects"
)


def check_sources(tracks: Iterable[Track], path: Path, *, force: bool) -> None:
    """OutputExistsError where another file lies in the place of a source, without ``force``."""
    for target, text in _sources(tracks, path).items():
        if target.exists() and not _lies_there(target, text):
            check_target(target, force=force)


def source_files(tracks: Iterable[Track], path: Path) -> list[Path]:
    """Where ``put_sources`` writes."""
    return list(_sources(tracks, path))


def put_sources(tracks: Iterable[Track], path: Path, *, force: bool) -> tuple[Loss, ...]:
    """Write the sources that the tracks' devices need into "Effects/smartmix" beside the project, and say so.

    One that is there with the same text stays. Errors as ``check_sources``.
    """
    sources = _sources(tracks, path)
    for target, text in sources.items():
        if _lies_there(target, text):
            continue
        with readable_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_text(target, text, force=force)
    said = "smartmix's equaliser and compressor are JSFX, which REAPER compiles"
    return (Loss("project", said, _DONE),) if sources else ()


def _sources(tracks: Iterable[Track], path: Path) -> dict[Path, str]:
    effects = [effect for track in tracks for effect in track_effects(track)[0]]
    return {path.parent / "Effects" / FOLDER / file: source(file) for file in files_of(effects)}


def _lies_there(target: Path, text: str) -> bool:
    return target.is_file() and target.read_bytes() == text.encode()
