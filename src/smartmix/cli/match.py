"""``smartmix match``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from smartmix.cli import output


class Phase(StrEnum):
    """Phase of a written filter."""

    MINIMUM = "minimum"
    LINEAR = "linear"


def match(  # noqa: PLR0913, PLR0917 (one per option)
    source: Annotated[Path, typer.Argument(help="The recording to be changed.")],
    reference: Annotated[Path, typer.Argument(help="The recording it should sound like.")],
    preset: Annotated[
        Path | None, typer.Option("--output", "-o", help="Preset file (.toml) of the bands to write.")
    ] = None,
    bands: Annotated[int, typer.Option(help="At most this many bands.", min=1, max=24)] = 10,
    amount: Annotated[int, typer.Option(help="How much of it, %.", min=0, max=150)] = 100,
    limit: Annotated[float, typer.Option(help="Most change before the amount, dB.", min=1.0, max=12.0)] = 6.0,
    plot: Annotated[
        Path | None, typer.Option(help="SVG file of both spectra and the curve to write.")
    ] = None,
    fir: Annotated[
        Path | None,
        typer.Option(help="WAV file to write: the exact curve as an impulse response, 32-bit float."),
    ] = None,
    phase: Annotated[Phase, typer.Option(help="Of the impulse response.")] = Phase.MINIMUM,
    force: output.Force = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print, but write nothing.")] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """The EQ that brings the tone of one recording to that of another.

    Prints the bands and, octave by octave, what was intended and what they achieve. Level, pauses and the notes that
    were played do not count; nothing is lifted where there is nothing. Without -o the preset is written as
    "SOURCE to REFERENCE.toml" in the current folder.
    """
    from smartmix.matching.match import match_files
    from smartmix.report.match_outputs import MatchOutputs
    from smartmix.report.match_text import match_data, print_match

    wanted = MatchOutputs.of(source, reference, preset=preset, plot=plot, fir=fir, phase=phase.value)
    if not dry_run:
        wanted.check(force=force)
    found = match_files(source, reference, bands, amount=amount / 100.0, limit_db=limit)
    written = [] if dry_run else wanted.write(found, force=force)
    names = (source.name, reference.name)
    if as_json:
        output.print_json(match_data(found, names) | {"files": written})
        return
    console = output.console(quiet=quiet)
    print_match(found, names, console)
    for file in written:
        console.print(f"wrote {file}", soft_wrap=True)
