"""``smartmix prints``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartmix.cli import output
from smartmix.cli.mix import SessionPath
from smartmix.cli.paths import PLAN_HELP, plan_file
from smartmix.cli.render import Bits
from smartmix.cli.target import Ceiling, Target, format_told, goal, word_length

if TYPE_CHECKING:
    from smartmix.workflow.prints import PrintSheet


class Bus(StrEnum):
    """What the limiter of the main does to the prints."""

    LINKED = "linked"
    RECOMPUTED = "recomputed"


class Dither(StrEnum):
    """Noise that takes the place of rounding errors."""

    TPDF = "tpdf"
    SHAPED = "shaped"
    NONE = "none"


class Format(StrEnum):
    """Kind of file."""

    WAV = "wav"
    FLAC = "flac"
    MP3 = "mp3"
    OGG = "ogg"
    OPUS = "opus"
    M4A = "m4a"


def prints(  # noqa: PLR0913, PLR0917 (one per option)
    session: SessionPath,
    plan: Annotated[Path, typer.Option("--plan", help=PLAN_HELP, callback=plan_file)],
    out: Annotated[Path, typer.Option("--output", "-o", help="Folder for the prints, outside the session.")],
    which: Annotated[
        str | None,
        typer.Option(
            help="Some of main,vocal-up,vocal-down,instrumental,tv,a-cappella,stems; all without it."
        ),
    ] = None,
    bus: Annotated[
        Bus, typer.Option(help="linked: the main's gain reduction, prints null; recomputed: their own.")
    ] = Bus.LINKED,
    target: Target = None,
    ceiling: Ceiling = None,
    bits: Annotated[
        Bits | None, typer.Option(help="16 or 24 bit (dithered), or 32f; the named target's, else 24.")
    ] = None,
    dither: Annotated[Dither, typer.Option(help="Of 16 and 24 bit files.")] = Dither.TPDF,
    form: Annotated[Format, typer.Option("--format", help="Kind of file.")] = Format.WAV,
    version: Annotated[
        str, typer.Option("--label", "--print-version", help="Goes into the names: v3, mix 2 ...")
    ] = "",
    artist: Annotated[str, typer.Option(help="Artist, for the tags.")] = "",
    album: Annotated[str, typer.Option(help="Album, for the tags.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be printed; write nothing.")
    ] = False,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Print a session: main, vocal up and down, instrumental, TV, a cappella, stems.

    All are as long as the main, from 0:00, and go through one gain and limiter. sheet.txt (with a label, "sheet -
    LABEL.txt") says what is in each.
    """
    from smartmix.audio.files import check_target, write_text
    from smartmix.audio.tags import Tags
    from smartmix.cli.paths import outside_inputs
    from smartmix.plan import load_plan
    from smartmix.session import Session
    from smartmix.workflow.print_parts import KINDS, parts_of
    from smartmix.workflow.prints import PrintSettings, file_name, make_prints, sheet_name
    from smartmix.workflow.renamed import under_plan_names

    decided = load_plan(plan)
    song = under_plan_names(Session.open(session), decided)
    chosen = tuple(part.strip() for part in which.split(",") if part.strip()) if which else KINDS
    wanted = goal(target, ceiling)
    length = word_length(None if bits is None else bits.value, target)
    settings = PrintSettings(
        bus.value,
        wanted.target_lufs,
        wanted.ceiling_dbtp,
        length,
        dither.value,
        f".{form.value}",
        version,
        Tags(artist=artist, album=album),
    )
    paper = out / sheet_name(version)
    outside_inputs(song, paper)
    if dry_run:
        parts, notices = parts_of(song, chosen)
        for part in parts:
            output.console(quiet=quiet).print(file_name(song, part.title, settings), soft_wrap=True)
        for notice in notices:
            output.say(notice, quiet=quiet)
        return
    if out.is_dir():
        check_target(paper, force=force)
    with output.progress_bar(quiet=quiet) as progress:
        sheet = make_prints(song, decided, out, chosen, settings, force=force, progress=progress)
    if form in {Format.WAV, Format.FLAC}:
        for note in format_told(target, [song.sample_rate], length):
            output.say(f"Note: {note}.", quiet=quiet)
    text = _sheet(sheet)
    write_text(paper, text, force=force)
    if as_json:
        output.print_json({"format": 1, "sheet": sheet})
    else:
        output.console(quiet=quiet).print(text.rstrip(), soft_wrap=True)
    output.end_for(song.unusable)


def _sheet(sheet: PrintSheet) -> str:
    from smartmix.report.print_sheet import print_sheet

    return print_sheet(sheet)
