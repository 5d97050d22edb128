"""``smartmix check``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartmix.cli import output
from smartmix.cli.target import Ceiling, delivery
from smartmix.errors import SmartmixError

if TYPE_CHECKING:
    from smartmix.mastering.check import Check

CHECK_FAILED, ALL_FAILED = 1, 2


def check(  # noqa: PLR0917 (one per option)
    files: Annotated[list[Path], typer.Argument(help="Finished sound files.")],
    target: Annotated[
        str,
        typer.Option(
            "--target", help="Name of the delivery target, or a loudness in LUFS.", metavar="LUFS|NAME"
        ),
    ] = "streaming",
    ceiling: Ceiling = None,
    codecs: Annotated[
        list[str] | None,
        typer.Option("--codec", help="Also as mp3, ogg, opus or m4a: encoded and decoded. May be repeated."),
    ] = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Hold files to a delivery target: loudness, peaks, mono, clipping, ends, format, dither.

    Exit code 0: all pass; 1: some do not; 2: none could be read; 3: some could not be read.
    """
    from smartmix.mastering.check import check_file

    wanted = delivery(target, ceiling)
    checks: list[Check] = []
    failed: list[dict[str, object]] = []
    with output.progress_bar(quiet=quiet) as progress:
        for count, file in enumerate(files):
            if progress is not None:
                progress(file.name, count / len(files))
            try:
                checks.append(check_file(file, wanted, codecs=codecs or ()))
            except SmartmixError as error:
                output.say(f"error: {' '.join(str(error).split())}")
                failed.append({"file": file, "error": str(error)})
    if as_json:
        rows = [{**asdict(c.inspection), "passed": c.passed, "findings": c.findings} for c in checks]
        output.print_json({"format": 1, "target": wanted.name, "files": rows, "failed": failed})
    elif checks:
        from smartmix.report.check_text import print_checks

        print_checks(checks, output.console(quiet=quiet))
    if failed:
        raise typer.Exit(output.SOME_FAILED if checks else ALL_FAILED)
    if not all(item.passed for item in checks):
        raise typer.Exit(CHECK_FAILED)
