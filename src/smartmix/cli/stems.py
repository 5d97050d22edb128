"""``smartmix stems``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from smartmix.cli import output
from smartmix.cli.prints import Dither, Format
from smartmix.cli.render import Bits
from smartmix.cli.target import Ceiling, Target, format_told, goal, word_length
from smartmix.errors import SmartmixError


def stems(  # noqa: PLR0913, PLR0917 (one per option)
    files: Annotated[list[Path], typer.Argument(help="The stems of one song, all from 0:00.")],
    out: Annotated[Path, typer.Option("--output", "-o", help="Folder for the mastered stems.")],
    target: Target = None,
    ceiling: Ceiling = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            "--reference",
            help="Recording the sum shall sound like, with a weight: b.wav:0.5.",
            metavar="FILE[:W]",
        ),
    ] = None,
    amount: Annotated[str, typer.Option(help="How much of the reference, %: 35, or eq=35,width=0.")] = "100",
    bits: Annotated[
        Bits | None, typer.Option(help="16 or 24 bit (dithered), or 32f; the named target's, else 24.")
    ] = None,
    dither: Annotated[Dither, typer.Option(help="Of 16 and 24 bit files.")] = Dither.TPDF,
    form: Annotated[Format, typer.Option("--format", help="Kind of file.")] = Format.WAV,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Master the stems of a song through one shared chain: they still add up to the master of their sum.

    The chain is designed on the sum; dynamics and limiter do to every stem what they do to the sum.
    """
    from smartmix.audio.io import probe
    from smartmix.mastering.amounts import parse_amounts
    from smartmix.mastering.design import MasterSettings
    from smartmix.mastering.references import parse_reference
    from smartmix.mastering.stems import StemFiles, master_stems
    from smartmix.report import words
    from smartmix.report.text import master_line

    for file in files:
        if out.resolve() == file.resolve().parent:
            raise SmartmixError(f"{out}: nothing is written among the inputs; choose another folder")
    wanted = goal(target, ceiling)
    length = word_length(None if bits is None else bits.value, target)
    settings = MasterSettings(
        target=wanted.target_lufs, ceiling_dbtp=wanted.ceiling_dbtp, amount=parse_amounts(amount)
    )
    word: StemFiles = StemFiles(length, dither.value, f".{form.value}")
    named = [parse_reference(text) for text in reference or ()]
    with output.progress_bar(quiet=quiet) as progress:
        made = master_stems(
            files, out, settings, reference=named or None, form=word, force=force, progress=progress
        )
    if form in {Format.WAV, Format.FLAC}:
        unmet = format_told(target, [probe(files[0]).sample_rate], length)
        made = replace(made, notes=(*made.notes, *unmet))
    if as_json:
        output.print_json({"format": 1, "stems": made})
        return
    screen = output.console(quiet=quiet)
    screen.print(f"Of the sum: {master_line(made.master)}", soft_wrap=True)
    for file, loudness in made.files:
        level = (
            f"{words.level(loudness.integrated_lufs, 'LUFS')}, {words.level(loudness.true_peak_dbtp, 'dBTP')}"
        )
        screen.print(f"{file}  {level}", soft_wrap=True)
    for note in made.notes:
        screen.print(f"Note: {note}.", soft_wrap=True)
