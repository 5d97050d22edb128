"""``smartmix render``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from smartmix.cli import output
from smartmix.cli.mix import SessionPath
from smartmix.cli.paths import PLAN_HELP, plan_file


class Bits(StrEnum):
    """Word length of a written file: 16 or 24 bit with dither, or 32-bit float."""

    SIXTEEN = "16"
    TWENTY_FOUR = "24"
    FLOAT = "32f"


def render(  # noqa: PLR0913, PLR0917 (one per option)
    session: SessionPath,
    plan: Annotated[Path, typer.Option("--plan", help=PLAN_HELP, callback=plan_file)],
    out: Annotated[Path, typer.Option("--output", "-o", help="WAV file to write, outside the session.")],
    scale: Annotated[
        float, typer.Option(help="How much of every move, 0 to 1.5; 0 is the plain sum.", min=0.0, max=1.5)
    ] = 1.0,
    solo_move: Annotated[
        str | None, typer.Option(help="Only this move, whatever its status, behind the trims in force.")
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Render every track anew and keep nothing for the next time.")
    ] = False,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Render a plan to a 32-bit float WAV without limiting.

    Tracks are kept as they are before their fader, in your cache folder (SMARTMIX_CACHE, at most
    SMARTMIX_CACHE_GIB): a new balance then takes a moment. The samples are the same with and without.
    """
    from smartmix.audio.files import check_target
    from smartmix.automation import compile_plan
    from smartmix.cli.paths import outside_inputs, wav_name
    from smartmix.plan import load_plan
    from smartmix.rendering import RenderCache, render_file
    from smartmix.session import Session
    from smartmix.workflow.habits import keep_decisions
    from smartmix.workflow.renamed import under_plan_names

    opened = Session.open(session)
    decided = load_plan(plan)
    song = under_plan_names(opened, decided)
    check_target(outside_inputs(song, wav_name(out)), force=force)
    notices = compile_plan(song, decided, scale=scale, solo_move=solo_move).notices
    cache = None if no_cache else RenderCache.of_user(song.root)
    told: list[str] = []
    with output.progress_bar(quiet=quiet) as progress:
        render_file(
            song,
            decided,
            out,
            force=force,
            scale=scale,
            solo_move=solo_move,
            progress=progress,
            cache=cache,
            notices=told,
        )
    notices = (*notices, *told, *(problem for problem in (keep_decisions(song, decided),) if problem))
    for notice in notices:
        output.say(notice, quiet=quiet)
    if as_json:
        moves = [solo_move] if solo_move else [m.id for m in decided.in_force]
        output.print_json({"format": 1, "file": out, "scale": scale, "moves": moves, "notices": notices})
    else:
        output.console(quiet=quiet).print(f"wrote {out}", soft_wrap=True)
    output.end_for(song.unusable)
