"""``smartmix analyze`` and ``smartmix meter``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smartmix.cli import output
from smartmix.cli.mix import Rough, SessionPath
from smartmix.errors import SmartmixError

if TYPE_CHECKING:
    from smartmix.analysis.loudness import Loudness

ALL_FAILED = 2


def analyze(  # noqa: PLR0917 (one per option)
    session: SessionPath,
    out: Annotated[Path | None, typer.Option("--output", "-o", help="Folder for analysis.json.")] = None,
    rough: Rough = None,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Measure tracks, sum and rough mix; find problems."""
    from smartmix.analysis import analyze as run_analysis
    from smartmix.audio.files import check_target, write_text
    from smartmix.cli.paths import outside_inputs
    from smartmix.report.analysis_text import print_analysis
    from smartmix.report.data import analysis_data
    from smartmix.session import Session

    song = Session.open(session, rough=rough)
    file = None if out is None else out / "analysis.json"
    if file is not None:
        outside_inputs(song, file)
        if file.parent.is_dir():
            check_target(file, force=force)
    with output.progress_bar(quiet=quiet) as progress:
        facts = run_analysis(song, progress=progress)
    if file is not None:
        from smartmix.analysis.storage import to_json

        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, to_json(facts), force=force)
        output.say(f"wrote {file}", quiet=quiet)
    if as_json:
        output.print_json(analysis_data(facts))
    else:
        print_analysis(song, facts, output.console(quiet=quiet))
    output.end_for(song.unusable)


def meter(
    files: Annotated[list[Path], typer.Argument(help="Sound files.")],
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Loudness and true peak of sound files.

    After ITU-R BS.1770 and EBU R 128. A bad file does not stop the others (exit code 3).
    """
    from smartmix.analysis.loudness import measure_blocks
    from smartmix.audio.io import probe, stream
    from smartmix.report.analysis_text import print_loudness

    measured: list[tuple[Path, Loudness]] = []
    failed: list[dict[str, Any]] = []
    with output.progress_bar(quiet=quiet) as progress:
        for number, file in enumerate(files):
            if progress is not None:
                progress(file.name, number / len(files))
            try:
                info = probe(file)
                loudness = measure_blocks(stream(file), info.sample_rate, info.channels)
                measured.append((file, loudness))
            except SmartmixError as error:
                output.say(f"error: {' '.join(str(error).split())}")
                failed.append({"file": file, "error": str(error)})
    if as_json:
        data = [{"file": file} | {k: getattr(m, k) for k in m.__dataclass_fields__} for file, m in measured]
        output.print_json({"format": 1, "files": data, "failed": failed})
    elif measured:
        print_loudness(measured, output.console(quiet=quiet))
    if failed:
        raise typer.Exit(output.SOME_FAILED if measured else ALL_FAILED)
