"""Write a .dawproject: an uncompressed ZIP (Cubase is reported to refuse packed presets), whole or not at all."""

from __future__ import annotations

import shutil
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.files import AtomicFile, readable_errors
from smartmix.errors import InteropError
from smartmix.interop.dawproject.document import Media, metadata_xml, project_xml, with_placed_trim
from smartmix.interop.model import Compressor, Loss, OtherDevice, Plugin
from smartmix.interop.names import file_name, seen_from

if TYPE_CHECKING:
    from smartmix.interop.formats import AudioChoice
    from smartmix.interop.model import Clip, Project, Track

AUDIO_FOLDER = "audio"
_THEN = (1980, 1, 1, 0, 0, 0)
"""No time of day in the archive: the same project gives the same bytes."""


def write(
    project: Project, path: Path, *, audio: AudioChoice, origin: Path | None, force: bool
) -> tuple[Loss, ...]:
    """Write a project as a .dawproject file and return what the format could not say.

    ``audio``: "copy" puts the sound files inside, "link" names them where they are, seen from the project file, "none"
    names them in a folder audio/ beside it. With ``origin`` (what an import kept) the imported file is written
    back with only the changes. Errors: OutputExistsError, InteropError for a sound file that is not there.
    """
    if origin is not None:
        from smartmix.interop.dawproject.write_back import write_back

        return write_back(project, path, origin=origin, audio=audio, force=force)
    media = media_of(project, path, audio)
    states = states_of(project)
    names = {base: name for base, (name, _) in states.items()}
    with (
        AtomicFile(path, force=force) as file,
        readable_errors(path),
        zipfile.ZipFile(file.stream, "w", zipfile.ZIP_STORED) as archive,
    ):
        put_bytes(archive, "metadata.xml", metadata_xml(project))
        put_bytes(archive, "project.xml", project_xml(project, media, names, written_by()))
        for name, preset in states.values():
            put_bytes(archive, name, preset)
        if audio == "copy":
            put_audio(archive, media)
    return tuple(unsaid(project))


def written_by() -> str:
    """The version of smartmix, for the project's Application."""
    try:
        return version("smartmix")
    except PackageNotFoundError:
        return "0"


def put_bytes(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    """One member of the archive."""
    archive.writestr(zipfile.ZipInfo(name, _THEN), data)


def put_audio(archive: zipfile.ZipFile, media: dict[Clip, Media]) -> None:
    """The sound files of the clips, each once."""
    done: set[str] = set()
    for clip, place in media.items():
        if place.path in done or clip.file is None:
            continue
        done.add(place.path)
        put_file(archive, place.path, clip.file)


def put_file(archive: zipfile.ZipFile, name: str, file: Path) -> None:
    """One sound file as a member of the archive."""
    info = zipfile.ZipInfo(name, _THEN)
    info.file_size = file.stat().st_size
    with file.open("rb") as source, archive.open(info, "w") as target:
        shutil.copyfileobj(source, target, 1 << 20)


def media_of(
    project: Project, path: Path, audio: AudioChoice, taken: frozenset[str] = frozenset()
) -> dict[Clip, Media]:
    """Where each clip's file lies; two clips of one file share it. InteropError for a file that is not there."""
    places: dict[Path, Media] = {}
    used = {name.casefold() for name in taken}
    media: dict[Clip, Media] = {}
    for track in project.tracks:
        for clip in track.clips:
            if clip.file is None or not (clip.file.is_file() or audio == "none"):
                raise InteropError(f"{track.name}: {clip.file or clip.member}: the sound file is not there")
            if clip.file not in places:
                places[clip.file] = _place(clip.file, track, path, audio, used)
            media[clip] = places[clip.file]
    return media


def _place(file: Path, track: Track, path: Path, audio: AudioChoice, used: set[str]) -> Media:
    if audio == "link":
        return Media(seen_from(path.parent, file), external=True)
    return Media(f"{AUDIO_FOLDER}/{file_name(track.name, file.suffix, used)}", external=audio == "none")


def states_of(project: Project) -> dict[str, tuple[str, bytes]]:
    """Plugin states by "track.deviceN": their name in the archive, and the .vstpreset."""
    states: dict[str, tuple[str, bytes]] = {}
    used: set[str] = set()
    for track in project.tracks:
        for number, device in enumerate(with_placed_trim(track).devices, 1):
            if isinstance(device, Plugin) and device.preset:
                name = file_name(f"{track.id} {device.name}", ".vstpreset", used)
                states[f"{track.id}.device{number}"] = (f"plugins/{name}", device.preset)
    return states


def unsaid(project: Project) -> list[Loss]:
    """What of the model the format has no words for."""
    losses = []
    for track in project.tracks:
        if any(clip.gain_db for clip in track.clips):
            losses.append(Loss(track.name, "gain of its clips", "turn them by hand"))
        for device in track.devices:
            if isinstance(device, OtherDevice):
                losses.append(Loss(track.name, device.name, "it is left out"))
            if isinstance(device, Compressor) and device.knee_db.value:
                losses.append(Loss(track.name, f"the compressor's knee of {device.knee_db.value:g} dB"))
    if any(marker.end_s is not None for marker in project.markers):
        losses.append(Loss("project", "where sections end", "markers say where they begin"))
    return losses
