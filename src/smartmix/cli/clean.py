"""``smartmix clean``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartmix.cli import output
from smartmix.cli.render import Bits
from smartmix.errors import SmartmixError


def clean(  # noqa: PLR0913, PLR0917 (one per option)
    file: Annotated[Path, typer.Argument(help="The recording, one or two channels.")],
    out: Annotated[Path | None, typer.Option("--output", "-o", help="WAV file to write.")] = None,
    noise: Annotated[bool, typer.Option("--noise", help="Steady noise.")] = False,
    hum: Annotated[bool, typer.Option("--hum", help="Mains hum, 50 or 60 Hz and harmonics.")] = False,
    rumble: Annotated[bool, typer.Option("--rumble", help="Rumble and DC under 20 Hz.")] = False,
    clicks: Annotated[bool, typer.Option("--clicks", help="Clicks and crackle.")] = False,
    clips: Annotated[bool, typer.Option("--clips", help="Clipped tops; the output gets louder.")] = False,
    plosives: Annotated[bool, typer.Option("--plosives", help="Pops of a voice.")] = False,
    reduction: Annotated[
        float, typer.Option(help="How far the noise goes down, in dB.", min=0.0, max=40.0)
    ] = 12.0,
    noise_span: Annotated[
        str | None, typer.Option(metavar="FROM-TO", help="Seconds with nothing but noise, such as 0.2-1.5.")
    ] = None,
    delta: Annotated[bool, typer.Option("--delta", help="Write what is taken out instead.")] = False,
    bits: Annotated[Bits, typer.Option(help="16 or 24 bit (dithered), or 32f.")] = Bits.FLOAT,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Take noise, hum, rumble, clicks, clipping or plosives out of a recording.

    Without any of --noise to --plosives: rumble, clicks, hum and noise. What is not found is not touched (as
    32f, bit for bit); what was found, and how much was taken out, is said.
    """
    from smartmix.audio.files import check_target
    from smartmix.cleanup import CleanSettings, clean_file
    from smartmix.cli.paths import wav_name

    if out is None and not dry_run:
        raise SmartmixError("expected --output FILE.wav, or --dry-run to only look")
    target = None if dry_run or out is None else wav_name(out)
    if target is not None and target.exists() and file.exists() and target.samefile(file):
        raise SmartmixError(f"{target}: is the input; inputs are never touched, choose another name")
    if target is not None:
        check_target(target, force=force)
    asked = {
        "noise": noise or noise_span is not None,
        "hum": hum,
        "rumble": rumble,
        "clicks": clicks,
        "clips": clips,
        "plosives": plosives,
    }
    kinds = tuple(kind for kind, wanted in asked.items() if wanted) or CleanSettings().kinds
    settings = CleanSettings(kinds=kinds, reduction_db=reduction, noise_span_s=_span(noise_span))
    with output.progress_bar(quiet=quiet) as progress:
        report = clean_file(
            file,
            target,
            settings,
            delta=delta,
            bits="32f" if bits is Bits.FLOAT else 16 if bits is Bits.SIXTEEN else 24,
            force=force,
            progress=progress,
        )
    if as_json:
        output.print_json({"format": 1, "clean": report})
        return
    screen = output.console(quiet=quiet)
    for finding in report.findings:
        screen.print(f"{finding.kind}: {finding.text}", soft_wrap=True)
    if target is not None:
        screen.print(f"wrote {target}{' (what is taken out)' if delta else ''}", soft_wrap=True)


def _span(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    first, dash, last = text.partition("-")
    try:
        if not dash:
            raise ValueError
        return float(first), float(last)
    except ValueError:
        raise SmartmixError(f'--noise-span {text!r}: expected seconds FROM-TO, such as "0.2-1.5"') from None
