"""From what a person names to jobs: files and folders in, one output each, none of them on top of another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from smartmix.batch.job import Job, stamp_of
from smartmix.errors import SmartmixError

SOUND_SUFFIXES = frozenset(
    {".wav", ".wave", ".bwf", ".rf64", ".w64", ".flac", ".aif", ".aiff", ".aifc", ".caf"}
    | {".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac"}
)
"""Files of a folder that are taken as recordings."""


@dataclass(frozen=True, slots=True)
class Command:
    """How a command of the command line becomes a job.

    ``takes`` is "file" or "session" (a folder of tracks or its session.toml); ``makes`` is the ending of the file it
    writes, "folder", or "data" when what it prints is the result.
    """

    name: str
    takes: str
    makes: str


def jobs_for(
    command: Command, inputs: Sequence[Path], folder: Path, options: Sequence[str] = ()
) -> list[Job]:
    """A job for each input, in the order given; of a folder, each recording in it and below, by name.

    Results go to ``folder``: under the input's name, and under the folders it lay in below a folder that was named.
    Two that would fall on each other keep the ending of their input in the name, and those of several folders go into
    a folder each. Nothing is written among the inputs.
    SmartmixError for an input that is not there, none at all, one named twice, or a place to write among the inputs.
    """
    folder = folder.absolute()  # a worker may stand in another folder
    found = list(_found(command, inputs))
    if not found:
        raise SmartmixError(f"nothing to do: expected {_expected(command)}")
    twice = _twice([each.source.resolve() for each in found])
    if twice is not None:
        raise SmartmixError(f"{twice}: named twice")
    _refuse_among_inputs(folder, [each.source for each in found])
    jobs = _placed(command, found, folder, options)
    if _twice([job.output for job in jobs]) is not None:
        jobs = _placed(command, [each.under_its_folder() for each in found], folder, options)
    again = _twice([job.output for job in jobs])
    if again is not None:
        raise SmartmixError(
            f"{again}: two inputs would be written here; name their folders instead of the files, or run them apart"
        )
    return jobs


@dataclass(frozen=True, slots=True)
class _Input:
    """An input, the folders it lay in below what was named, and that folder ("" for a file or song by itself)."""

    source: Path
    below: Path = Path()
    named: str = ""

    def under_its_folder(self) -> _Input:
        return replace(self, below=self.named / self.below, named="")


def _placed(command: Command, found: Sequence[_Input], folder: Path, options: Sequence[str]) -> list[Job]:
    names = [_output_name(command, each.source, each.below) for each in found]
    taken = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else set()
    jobs = []
    for each, name in zip(found, names, strict=True):
        ending = each.source.suffix.lstrip(".") or "folder"
        own = name.with_name(f"{name.stem} ({ending}){name.suffix}") if name in taken else name
        jobs.append(_job(command, each.source, folder / own, options))
    return jobs


def _found(command: Command, inputs: Sequence[Path]) -> Iterable[_Input]:
    """Each input."""
    for named in inputs:
        if not named.exists():
            raise SmartmixError(f"{named}: no such file or folder")
        if command.takes == "session":
            yield _Input(named.absolute())
        elif named.is_dir():
            inside = sorted(p for p in named.rglob("*") if _is_recording(p, named))
            if not inside:
                raise SmartmixError(f"{named}: no recordings in it")
            for file in inside:
                yield _Input(file.absolute(), file.parent.relative_to(named), named.resolve().name)
        else:
            yield _Input(named.absolute())


def _is_recording(path: Path, top: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(top).parts)
    return not hidden and path.suffix.lower() in SOUND_SUFFIXES and path.is_file()


def _expected(command: Command) -> str:
    return "folders of tracks" if command.takes == "session" else "sound files or folders of them"


def _twice(paths: Sequence[Path]) -> Path | None:
    seen: set[Path] = set()
    for path in paths:
        if path in seen:
            return path
        seen.add(path)
    return None


def _refuse_among_inputs(folder: Path, sources: Sequence[Path]) -> None:
    resolved = folder.resolve()
    for source in sources:
        place = source.resolve() if source.is_dir() else source.parent.resolve()
        if resolved.is_relative_to(place):
            raise SmartmixError(
                f"{folder}: nothing is written among the inputs; choose a folder outside {place}"
            )


def _output_name(command: Command, source: Path, below: Path) -> Path:
    session = command.takes == "session"
    name = source.parent.name if session and source.is_file() else source.name if session else source.stem
    ending = {"folder": "", "data": ".json"}.get(command.makes, command.makes)
    return below / f"{name}{ending}"


def _job(command: Command, source: Path, output: Path, options: Sequence[str]) -> Job:
    target = () if command.makes == "data" else ("--output", str(output))
    # What is there was looked at before the batch began: a job that runs twice replaces its own result.
    force = () if command.makes == "data" else ("--force",)
    words = (command.name, str(source), *target, *force, "--json", *options)
    place = source.parent if command.takes == "session" and source.is_file() else source
    return Job(source, output, words, stamp_of(place))
