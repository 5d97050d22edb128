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
    album: Annotated[
        bool, typer.Option("--album", help="Also of all files together: one gate over all of them.")
    ] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Loudness and true peak of sound files.

    After ITU-R BS.1770 and EBU R 128. PLR: true peak over integrated loudness; PSR: the smallest true peak over
    short-term loudness. A true peak with ± has content next to half the sample rate, where meters differ.
    A bad file does not stop the others (exit code 3).
    """
    from smartmix.analysis.album import album_loudness
    from smartmix.analysis.loudness import ProgrammeMeter
    from smartmix.audio.io import probe, stream
    from smartmix.report.analysis_text import print_loudness

    measured: list[tuple[Path, Loudness]] = []
    meters: list[ProgrammeMeter] = []
    failed: list[dict[str, Any]] = []
    with output.progress_bar(quiet=quiet) as progress:
        for number, file in enumerate(files):
            if progress is not None:
                progress(file.name, number / len(files))
            try:
                info = probe(file)
                heard = ProgrammeMeter(info.sample_rate, info.channels)
                for block in stream(file):
                    heard.push(block)
                measured.append((file, heard.loudness()))
                meters.append(heard)
            except SmartmixError as error:
                output.say(f"error: {' '.join(str(error).split())}")
                failed.append({"file": file, "error": str(error)})
    together = album_loudness(meters, [loudness for _, loudness in measured]) if album and measured else None
    if as_json:
        data = [{"file": file} | {k: getattr(m, k) for k in m.__dataclass_fields__} for file, m in measured]
        found = {"format": 1, "files": data, "failed": failed}
        output.print_json(found | {"album": together} if album else found)
    elif measured:
        print_loudness(measured, output.console(quiet=quiet), together)
    if failed:
        raise typer.Exit(output.SOME_FAILED if measured else ALL_FAILED)
