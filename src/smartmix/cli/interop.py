"""``smartmix export`` and ``smartmix import``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartmix.cli import output
from smartmix.cli.paths import plan_file, plan_file_if_given
from smartmix.errors import SmartmixError

if TYPE_CHECKING:
    from smartmix.interop.model import Loss
    from smartmix.plan import MixPlan
    from smartmix.session import Session


class Audio(StrEnum):
    """What becomes of the sound files: inside (or beside) the project, named where they lie, or named only."""

    COPY = "copy"
    LINK = "link"
    NONE = "none"


PRINTS = "prints"


def export(  # noqa: PLR0913, PLR0917 (one per option)
    session: Annotated[
        Path,
        typer.Argument(
            metavar="SESSION|OUT", help="Folder of tracks, session.toml, or the output of a pass."
        ),
    ],
    to: Annotated[
        str,
        typer.Option("--to", help="dawproject (Bitwig, Studio One, Cubase ...), rpp (REAPER), or prints."),
    ],
    out: Annotated[Path, typer.Option("--output", "-o", help="Project file to write; a folder for prints.")],
    plan: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            help="The plan.toml of a pass, or its folder; left out: the one in SESSION.",
            callback=plan_file_if_given,
        ),
    ] = None,
    audio: Annotated[
        Audio, typer.Option(help="Sound files inside the project, linked where they lie, or named only.")
    ] = Audio.COPY,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be lost; write nothing.")
    ] = False,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Hand the mix to a DAW: original tracks, groups, faders, pans, rides, EQ, plugins, markers, tempo.

    Every move's sentence is in its track's comment. What a format has no words for comes as a print on a muted track
    beside the original, and is listed. prints is for any other DAW: processed tracks from 0:00 that give the mix at
    unity, a MIDI file with tempo and markers, and a settings sheet.
    """
    from smartmix.audio.files import check_target
    from smartmix.cli.paths import outside_inputs
    from smartmix.interop.export import export_session, foretell
    from smartmix.interop.formats import FORMATS
    from smartmix.interop.prints import export_prints

    if to not in (*FORMATS, PRINTS):
        raise SmartmixError(f"--to {to}: expected one of {', '.join((*FORMATS, PRINTS))}")
    if to == PRINTS and audio.value != "copy":
        raise SmartmixError(f"--audio {audio.value}: prints are sound; leave it out")
    if to != PRINTS and not dry_run:
        check_target(out, force=force)  # before the tracks are listened to
    song, decided = _opened(session, plan)
    outside_inputs(song, out)
    if dry_run:
        losses = foretell(song, decided, to)
        _tell({"format": 1, "file": None, "losses": losses}, losses, "", as_json=as_json, quiet=quiet)
        return
    with output.progress_bar(quiet=quiet) as progress:
        if to == PRINTS:
            made = export_prints(song, decided, out, force=force, progress=progress)
        else:
            made = export_session(song, decided, out, to, audio=audio.value, force=force, progress=progress)
    data = {"format": 1, "file": made.file, "tracks": made.tracks, "moves": made.moves}
    data |= {"printed": made.printed, "losses": made.losses}
    _tell(data, made.losses, f"wrote {made.file}: {_tracks(made.tracks)}", as_json=as_json, quiet=quiet)
    output.end_for(song.unusable)


def import_(  # noqa: PLR0917 (one per option)
    file: Annotated[Path, typer.Argument(help="The DAW's project file (.dawproject or .rpp).")],
    out: Annotated[Path, typer.Option("--output", "-o", help="New folder for the session.")],
    no_rough: Annotated[
        bool, typer.Option("--no-rough", help="Do not render the DAW's faders as the rough mix.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read the file and say what it holds.")] = False,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Make a session of a DAW's project: tracks from 0:00, faders, pans, groups, rides, EQ, markers, tempo.

    Its faders are the rough mix of the next pass. What smartmix does not understand is kept, and written back by
    `smartmix export`.
    """
    from smartmix.interop.to_session import foretold, import_project

    if dry_run:
        project = foretold(file, out)
        names = [{"name": t.name, "kind": t.kind, "clips": len(t.clips)} for t in project.tracks]
        sounding = sum(
            t.kind != "master" and any(c.file is not None for c in t.clips) for t in project.tracks
        )
        data: dict[str, object] = {"format": 1, "folder": None, "tracks": names, "losses": project.losses}
        line = f"{project.name}: {_tracks(sounding)} with sound"
        _tell(data, project.losses, line, as_json=as_json, quiet=quiet)
        return
    with output.progress_bar(quiet=quiet) as progress:
        made = import_project(file, out, rough=not no_rough, force=force, progress=progress)
    plugins = [{"track": track, "plugin": plugin} for track, plugin in made.plugins]
    tracks = [track.id for track in made.session.tracks]
    data = {"format": 1, "folder": made.folder, "tracks": tracks, "moves": len(made.plan.moves)}
    data |= {"plugins": plugins, "losses": made.losses}
    moves = len(made.plan.moves)
    line = f"wrote {made.folder}: {_tracks(len(tracks))}, {moves} move{'s' * (moves != 1)} of the engineer"
    _tell(data, made.losses, line, as_json=as_json, quiet=quiet)


def _tracks(count: int) -> str:
    return "1 track" if count == 1 else f"{count} tracks"


def _opened(session: Path, plan: Path | None) -> tuple[Session, MixPlan]:
    """The session and the plan to hand over, the session's tracks under the ids the plan has for them."""
    from smartmix.plan import MixPlan, load_plan
    from smartmix.session import Session
    from smartmix.workflow.renamed import under_plan_names

    if plan is None and session.is_dir() and (session / "analysis.json").is_file():
        from smartmix.workflow.pass_folder import session_of_pass

        out, found = session, session_of_pass(session)
        if found is None:
            raise SmartmixError(
                f"{out}: is the output of a pass whose session has moved: smartmix export SESSION --plan {out}"
            )
        session, plan = found, plan_file(out)
    song = Session.open(session)
    if plan is None:
        own = song.root / "plan.toml"
        return song, load_plan(own) if own.is_file() else MixPlan(song.name)
    decided = load_plan(plan)
    return under_plan_names(song, decided), decided


def _tell(
    data: dict[str, object], losses: tuple[Loss, ...], line: str, *, as_json: bool, quiet: bool
) -> None:
    """What was done, and what was lost."""
    if as_json:
        output.print_json(data)
        return
    from smartmix.report.printable import printable

    console = output.console(quiet=quiet)
    if line:
        console.print(printable(line), soft_wrap=True)
    if losses:
        console.print("Not carried over:")
    for loss in losses:
        console.print(printable(f"  {loss}"), soft_wrap=True)
