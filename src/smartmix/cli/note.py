"""``smartmix note``: what a client wrote, as proposed moves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartmix.cli import output
from smartmix.cli.mix import Rough, SessionPath
from smartmix.cli.paths import plan_file_if_given

if TYPE_CHECKING:
    from smartmix.plan import MixPlan

PlanOption = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        "-p",
        help="plan.toml (or its folder) to add the moves to, as proposed; made if it is not there.",
        callback=plan_file_if_given,
    ),
]


def note(  # noqa: PLR0917 (one per option)
    session: SessionPath,
    texts: Annotated[
        list[str],
        typer.Argument(help="The note, for example: '1:12 vocal up; kick muddy'.", metavar="NOTE..."),
    ],
    plan: PlanOption = None,
    rough: Rough = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be proposed; write nothing.")
    ] = False,
) -> None:
    """Turn a client's note into proposed moves that quote it.

    Reads a table of trade words (muddy, boxy, harsh, thin, buried, up, down, drier, wider ...) with times,
    sections, tracks and groups; says what it could not read. Without --plan nothing is written.
    """
    from smartmix.cli.paths import outside_inputs
    from smartmix.plan import load_plan, save_plan
    from smartmix.session import Session
    from smartmix.workflow.note import take_notes

    song = Session.open(session, rough=rough)
    target = None if plan is None else outside_inputs(song, plan)
    earlier = load_plan(target) if target is not None and target.exists() else None
    with output.progress_bar(quiet=quiet) as progress:
        told = take_notes(song, earlier, texts, progress=progress)
    if target is not None and not dry_run:
        save_plan(told, target, force=True)
    if as_json:
        output.print_json(_data(told, texts))
    else:
        _show(told, texts, target, written=target is not None and not dry_run, quiet=quiet)
    output.end_for(song.unusable)


def _data(plan: MixPlan, texts: list[str]) -> dict[str, object]:
    from smartmix.report.data import plan_data

    wanted = {id_ for n in plan.notes if n.text in texts for id_ in n.moves}
    moves = [m for m in plan_data(plan)["moves"] if m["id"] in wanted]
    return {"format": 1, "notes": [n for n in plan.notes if n.text in texts], "moves": moves}


def _show(plan: MixPlan, texts: list[str], target: Path | None, *, written: bool, quiet: bool) -> None:
    from smartmix.plan.titles import title_in_force

    console = output.console(quiet=quiet)
    for told in plan.notes:
        if told.text not in texts:
            continue
        console.print(f"\u201c{told.text}\u201d", soft_wrap=True)
        for id_ in told.moves:
            move = plan.move(id_)
            console.print(f"  {id_}  {title_in_force(move)}  ({move.status})", soft_wrap=True)
            console.print(f"    {move.reason}", soft_wrap=True)
        for track in told.left_alone:
            console.print(f"  {track}: left alone, as asked", soft_wrap=True)
        for line in told.unread:
            console.print(f"  not done: {line}", soft_wrap=True)
    if written:
        output.say(f"wrote {target}", quiet=quiet)
