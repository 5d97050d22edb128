"""``smartmix album``."""

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


def album(  # noqa: PLR0913, PLR0917 (one per option)
    files: Annotated[list[Path], typer.Argument(help="The songs' mixes, in the order of the album.")],
    out: Annotated[Path, typer.Option("--output", "-o", help="Folder for the masters.")],
    target: Target = None,
    ceiling: Ceiling = None,
    deviation: Annotated[
        float,
        typer.Option(help="How much of each song's distance from the album is kept, %.", min=0.0, max=100.0),
    ] = 100.0,
    gap: Annotated[
        float | None, typer.Option(help="Seconds from a song's end to the next; without it, as they are.")
    ] = None,
    reference: Annotated[
        list[str] | None,
        typer.Option(
            "--reference",
            help="Recording all songs shall sound like, with a weight: b.wav:0.5.",
            metavar="FILE[:W]",
        ),
    ] = None,
    amount: Annotated[str, typer.Option(help="How much of the reference, %: 35, or eq=35,width=0.")] = "100",
    bits: Annotated[
        Bits | None, typer.Option(help="16 or 24 bit (dithered), or 32f; the named target's, else 24.")
    ] = None,
    rate: Annotated[
        int | None,
        typer.Option(help="Sample rate of the masters, Hz; each mix's own without it.", metavar="HZ"),
    ] = None,
    dither: Annotated[Dither, typer.Option(help="Of 16 and 24 bit files.")] = Dither.TPDF,
    form: Annotated[Format, typer.Option("--format", help="Kind of file.")] = Format.WAV,
    artist: Annotated[str, typer.Option(help="Artist, for the tags.")] = "",
    title: Annotated[str, typer.Option(help="Title of the album, for the tags.")] = "",
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Master songs as one album: to one loudness together, each as loud against the others as it was.

    Writes the masters, numbered and tagged, and album.txt.
    """
    from smartmix.audio.files import check_target, write_text
    from smartmix.audio.io import probe
    from smartmix.audio.tags import Tags
    from smartmix.mastering.album import AlbumSettings, master_album
    from smartmix.mastering.amounts import parse_amounts
    from smartmix.mastering.design import MasterSettings
    from smartmix.mastering.references import parse_reference
    from smartmix.report.album_text import album_text

    for file in files:
        if out.resolve() == file.resolve().parent:
            raise SmartmixError(f"{out}: nothing is written among the inputs; choose another folder")
    wanted = goal(target, ceiling)
    length = word_length(None if bits is None else bits.value, target)
    settings = AlbumSettings(
        MasterSettings(
            target=-14.0 if wanted.target_lufs is None else wanted.target_lufs,
            ceiling_dbtp=wanted.ceiling_dbtp,
            amount=parse_amounts(amount),
        ),
        deviation / 100.0,
        gap,
        length,
        dither.value,
        f".{form.value}",
        Tags(artist=artist, album=title),
        rate,
    )
    if out.is_dir():
        check_target(out / "album.txt", force=force)
    named = [parse_reference(text) for text in reference or ()]
    with output.progress_bar(quiet=quiet) as progress:
        made = master_album(files, out, settings, reference=named or None, force=force, progress=progress)
    if form in {Format.WAV, Format.FLAC}:
        rates = sorted({probe(song.file).sample_rate for song in made.songs})
        made = replace(made, notes=(*made.notes, *format_told(target, rates, length, option="--rate")))
    text = album_text(made)
    write_text(out / "album.txt", text, force=force)
    if as_json:
        output.print_json({"format": 1, "album": made})
    else:
        output.console(quiet=quiet).print(text.rstrip(), soft_wrap=True)
