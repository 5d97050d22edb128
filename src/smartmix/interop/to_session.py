"""A DAW session as a folder to mix: tracks from 0:00, the engineer's faders as they stood, what they did as moves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from smartmix.errors import AudioError, InteropError, OutputExistsError, PlanError, SessionError
from smartmix.interop.bench import bench
from smartmix.interop.formats import format_of
from smartmix.interop.imported import Imported, with_files
from smartmix.interop.made import NOTE, Made
from smartmix.interop.names import shown_name
from smartmix.interop.room import check_room, stray_losses
from smartmix.interop.session_maker import SessionMaker
from smartmix.plan import load_plan
from smartmix.progress import silent
from smartmix.session import session as sessions
from smartmix.session.rough_names import IMPORTED

if TYPE_CHECKING:
    from smartmix.interop.model import Project
    from smartmix.progress import Progress

__all__ = ["Imported", "foretold", "import_project"]


def import_project(
    file: str | Path,
    folder: str | Path,
    *,
    rough: bool = True,
    force: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Make a session of a DAW's project file, in a new folder.

    Each audio track becomes one file from 0:00 (clips placed, cut and faded as in the DAW, before its faders). Faders,
    pans, mutes and groups go into session.toml; rides, EQ bands and compressors into plan.toml as moves of a person;
    with ``rough`` the mix of all that is rendered to rough.wav, the brief of the next pass. What is not understood
    stays in interop/, from where an export writes it back. InteropError for a file that cannot be read,
    OutputExistsError for a folder that holds something, without ``force``, which replaces an earlier import in it:
    files that no import has made, and those that were changed since, are never written over.
    """
    file, folder = Path(file), Path(folder)
    form = format_of(file)
    if folder.exists() and not folder.is_dir():
        raise OutputExistsError(f"{folder}: is a file; choose a folder")
    if folder.resolve() == file.resolve().parent:
        raise OutputExistsError(f"{folder}: is the project's own folder; choose a new one")
    earlier = Made.of(folder)
    if folder.is_dir() and any(folder.iterdir()) and not force:
        way = ", or --force to replace the import in it" if earlier.files else ""
        raise OutputExistsError(f"{folder}: is not empty; choose a new folder{way}")
    if not folder.parent.is_dir():
        raise InteropError(f"{folder}: there is no folder {folder.parent}; create it first")
    project = shown(form.read(file))
    with bench(folder) as place:
        made = place / "session"
        made.mkdir()
        importing = SessionMaker(project, file, made, form)
        try:
            done = importing.done(rough=rough, progress=progress or silent)
            sessions.Session.open(made)
            load_plan(made / "plan.toml")
        except (AudioError, PlanError, SessionError, InteropError) as error:
            told = str(error).replace(f"{made}/", "").removeprefix(f"{file}: ")
            way = "; lower its fader or those of its groups in the DAW" if " in all = " in told else ""
            raise InteropError(f"{file}: {told}{way}") from None
        _keep_off_recordings(importing.project, made, folder)
        _keep_off_others(earlier, made)
        _put(made, earlier)
    opened = sessions.Session.open(folder)
    return replace(done, folder=folder, session=opened, plan=load_plan(folder / "plan.toml"))


def foretold(file: str | Path, folder: str | Path | None = None) -> Project:
    """What an import would read: the project with the sound files it would find, and what would be lost; nothing is
    written. InteropError for a file that cannot be read, or that would not find room where ``folder`` is to be.
    """
    file = Path(file)
    target = Path(folder or file).resolve()
    form = format_of(file)
    project = shown(form.read(file))
    with TemporaryDirectory(prefix="smartmix-") as loose:
        found = with_files(project, file, form, Path(loose))
        try:
            check_room(found, next(p for p in (target, *target.parents) if p.is_dir()), rough=True)
        except InteropError as error:
            raise InteropError(f"{file}: {error}") from None
        return replace(found, losses=(*found.losses, *stray_losses(found)))


def _keep_off_recordings(project: Project, made: Path, folder: Path) -> None:
    """OutputExistsError where a file of the session would take the place of one that the project plays."""
    theirs = {
        clip.file.resolve() for track in project.tracks for clip in track.clips if clip.file is not None
    }
    for path in made.rglob("*"):
        target = folder / path.relative_to(made)
        if target.resolve() in theirs:
            raise OutputExistsError(f"{target}: is a recording of the project; choose a new folder")


def _keep_off_others(earlier: Made, made: Path) -> None:
    """OutputExistsError where a new file would take the place of one that no import has made, or that was changed
    since: a sound, decisions in plan.toml, a chain.
    """
    for path in sorted(p for p in made.rglob("*") if p.is_file()):
        name = path.relative_to(made).as_posix()
        target = earlier.folder / name
        if not (target.exists() or target.is_symlink()) or name == f"{IMPORTED}/{NOTE}":
            continue
        if name not in earlier.files:
            raise OutputExistsError(f"{target}: was not made by an import; choose a new folder")
        if not earlier.is_as_made(name):
            raise OutputExistsError(f"{target}: was changed since it was imported; choose a new folder")


def _put(made: Path, earlier: Made) -> None:
    """Move what was made to its place: at once where nothing is there, else file by file in place of the earlier
    import, of which nothing stays that nobody has touched.
    """
    folder = earlier.folder
    if not folder.is_dir() or not any(folder.iterdir()):
        made.replace(folder)
        return
    stale = [name for name in earlier.files if not (made / name).exists() and earlier.is_as_made(name)]
    for path in sorted(made.rglob("*")):
        target = folder / path.relative_to(made)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            path.replace(target)
    for name in stale:
        (folder / name).unlink(missing_ok=True)


def shown(project: Project) -> Project:
    """The project with names that people, files and session.toml can hold."""
    return replace(
        project,
        name=shown_name(project.name),
        tracks=tuple(replace(track, name=shown_name(track.name)) for track in project.tracks),
        markers=tuple(replace(marker, name=shown_name(marker.name)) for marker in project.markers),
        losses=tuple(replace(loss, where=shown_name(loss.where)) for loss in project.losses),
    )
