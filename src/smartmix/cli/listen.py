"""``smartmix listen``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartmix.cli import output
from smartmix.cli.mix import SessionPath
from smartmix.cli.paths import PLAN_HELP, plan_file
from smartmix.errors import SmartmixError


def listen(  # noqa: PLR0913, PLR0917 (one per option)
    session: SessionPath,
    move: Annotated[str, typer.Argument(help="Id of the move.", metavar="ID")],
    plan: Annotated[Path, typer.Option("--plan", help=PLAN_HELP, callback=plan_file)],
    out: Annotated[Path, typer.Option("--output", "-o", help="Folder for the clips, outside the session.")],
    solo: Annotated[bool, typer.Option("--solo", help="The track alone instead of the mix.")] = False,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Where to begin, as m:ss; without it, where most changes."),
    ] = None,
    seconds: Annotated[float, typer.Option(help="Length of the clips.", min=1.0, max=60.0)] = 12.0,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Hear one move: without it, with it, its opposite, and what it changed (delta), at equal loudness.

    Writes FLAC files named after the move, whatever its status; everything else is as the plan has it in force.
    The opposite (a cut turned into a boost) makes the fault plain; not every move has one.
    """
    from smartmix.audio.files import check_target, write_bytes
    from smartmix.cli.paths import outside_inputs
    from smartmix.figures import format_time, number
    from smartmix.plan import load_plan
    from smartmix.session import Session
    from smartmix.workflow.listen import move_clips
    from smartmix.workflow.renamed import under_plan_names

    decided = load_plan(plan)
    song = under_plan_names(Session.open(session), decided)
    files = {name: out / f"{move}-{name}.flac" for name in ("without", "with", "opposite", "delta")}
    outside_inputs(song, out / "clip.flac")
    if out.is_dir():
        for file in files.values():
            check_target(file, force=force)
    start_s = None if at is None else _seconds(at)
    clips = move_clips(
        song, decided, move, place="track" if solo else "mix", start_s=start_s, length_s=seconds
    )
    if not clips:
        raise SmartmixError(f"{move}: nothing is heard there; choose another place with --at")
    out.mkdir(parents=True, exist_ok=True)
    for clip in clips:
        write_bytes(files[clip.name], clip.flac, force=force)
    if as_json:
        rows = [
            {"clip": c.name, "file": files[c.name], "start_s": c.start_s, "gain_db": c.gain_db} for c in clips
        ]
        output.print_json({"format": 1, "move": move, "clips": rows})
        return
    screen = output.console(quiet=quiet)
    for clip in clips:
        gain = f"{number(clip.gain_db, plus=True)} dB"
        screen.print(f"{files[clip.name]}  from {format_time(clip.start_s)}, {gain}", soft_wrap=True)
    if len(clips) == 2 or all(clip.name != "delta" for clip in clips):
        screen.print("with and without are the same there: the move changes nothing that is heard")


def _seconds(text: str) -> float:
    """Seconds of "1:04", "64" or "1:02:03"."""
    try:
        parts = [float(part) for part in text.split(":")]
    except ValueError:
        parts = []
    if not 1 <= len(parts) <= 3 or any(part < 0.0 for part in parts):
        raise SmartmixError(f"--at {text!r}: expected a time such as 1:04")
    return sum(part * 60.0**power for power, part in enumerate(reversed(parts)))
