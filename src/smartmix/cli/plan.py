"""``smartmix suggest`` and ``smartmix plan``: see, decide, take back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smartmix.cli import output
from smartmix.cli.habits import NoHabits, your_habits
from smartmix.cli.mix import Cuts, NoModels, References, Rough, SessionPath, with_references
from smartmix.cli.paths import PLAN_HELP, plan_file
from smartmix.errors import PlanError, SmartmixError

if TYPE_CHECKING:
    from smartmix.plan import MixPlan, Move
    from smartmix.workflow.owners import Owners

PlanFile = Annotated[Path, typer.Argument(help=PLAN_HELP, metavar="PLAN", callback=plan_file)]
MoveIds = Annotated[list[str], typer.Argument(help="Ids of moves, as plan show lists them.", metavar="ID...")]
NEGATIVE_NUMBERS = {"ignore_unknown_options": True}

app = typer.Typer(help="See a plan and decide about its moves.", no_args_is_help=True, rich_markup_mode=None)


def suggest(  # noqa: PLR0913, PLR0917 (one per option)
    session: SessionPath,
    out: Annotated[Path | None, typer.Option("--output", "-o", help="plan.toml to write.")] = None,
    rough: Rough = None,
    reference: References = None,
    moves: Cuts = None,
    no_habits: NoHabits = False,
    no_models: NoModels = False,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Propose moves; nothing is accepted or rendered."""
    from smartmix.cli.paths import outside_inputs
    from smartmix.plan import save_plan
    from smartmix.session import Session
    from smartmix.workflow.propose import propose

    song = with_references(Session.open(session, rough=rough), reference)
    habits = None if no_habits else your_habits(song, None, quiet=quiet)
    opinions: dict[str, Any] = {"most_cuts": moves, "habits": habits, "models": not no_models}
    if out is not None:
        _check_plan_target(outside_inputs(song, out), force=force)
    with output.progress_bar(quiet=quiet) as progress:
        plan = propose(song, accept="none", progress=progress, **opinions).plan
    if out is not None:
        save_plan(plan, out, force=force)
        output.say(f"wrote {out}", quiet=quiet)
    _show(plan, as_json=as_json, quiet=quiet)
    output.end_for(song.unusable)


def _check_plan_target(path: Path, *, force: bool) -> None:
    from smartmix.audio.files import check_target

    check_target(path, force=force)


@app.command("show")
def show(
    file: PlanFile,
    explain: output.Explained = output.Explain.ENGINEER,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """List every move with its status, settings and reason."""
    from smartmix.plan import load_plan

    _show(load_plan(file), as_json=as_json, quiet=quiet, learner=explain is output.Explain.LEARNER)


@app.command("accept")
def accept(file: PlanFile, ids: MoveIds, as_json: output.Json = False, quiet: output.Quiet = False) -> None:
    """Put moves into the mix."""
    _decide(file, lambda plan: plan.accept(ids), as_json=as_json, quiet=quiet)


@app.command("reject")
def reject(file: PlanFile, ids: MoveIds, as_json: output.Json = False, quiet: output.Quiet = False) -> None:
    """Take moves out of the mix; they are not proposed again."""
    _decide(file, lambda plan: plan.reject(ids), as_json=as_json, quiet=quiet)


@app.command("edit", context_settings=NEGATIVE_NUMBERS)
def edit(  # noqa: PLR0917 (one per option)
    file: PlanFile,
    move: Annotated[str, typer.Argument(help="Id of the move.", metavar="ID")],
    setting: Annotated[str, typer.Argument(help="Number or address of the setting, as plan show lists it.")],
    value: Annotated[str, typer.Argument(help="The value you want, in the setting's unit.")],
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Choose another value for one setting of a move; the move is then in the mix."""
    _decide(file, lambda plan: _edited(plan, move, setting, value), as_json=as_json, quiet=quiet)


@app.command("add", context_settings=NEGATIVE_NUMBERS)
def add(  # noqa: PLR0913, PLR0917 (one per option)
    file: PlanFile,
    track: Annotated[str, typer.Argument(help="Id of the track, or of a return (return-reverb).")],
    fader: Annotated[
        str | None, typer.Option(help="Fader change in dB, or a ride: '1:04=-2 1:35=0'.", metavar="DB")
    ] = None,
    trim: Annotated[str | None, typer.Option(help="Trim change in dB.", metavar="DB")] = None,
    pan: Annotated[str | None, typer.Option(help="Pan position: L30, C, R100.", metavar="POSITION")] = None,
    polarity: Annotated[
        str | None, typer.Option(help="inverted, left_inverted, right_inverted or normal.", metavar="WORD")
    ] = None,
    shift: Annotated[
        str | None, typer.Option(help="Time shift in ms, negative is earlier.", metavar="MS")
    ] = None,
    bell: Annotated[
        tuple[float, float, float] | None,
        typer.Option(help="Bell: Hz, dB, Q.", metavar="HZ DB Q"),
    ] = None,
    high_pass: Annotated[float | None, typer.Option(help="High-pass frequency, Hz (12 dB/oct).")] = None,
    compressor: Annotated[
        tuple[float, float] | None,
        typer.Option(help="Compressor: threshold in dB, ratio; automatic times.", metavar="DB RATIO"),
    ] = None,
    de_esser: Annotated[
        tuple[float, float] | None,
        typer.Option(help="De-esser: around this Hz, by at most this many dB.", metavar="HZ DB"),
    ] = None,
    send: Annotated[
        tuple[str, float] | None,
        typer.Option(help="Send to reverb or delay at this level.", metavar="EFFECT DB"),
    ] = None,
    duck: Annotated[
        tuple[str, float, float] | None,
        typer.Option(
            help="Duck under a track: its id, threshold in dB on it, ratio.", metavar="KEY DB RATIO"
        ),
    ] = None,
    duck_band: Annotated[
        tuple[str, float, float, float] | None,
        typer.Option(
            help="Duck a band under a track: its id, Hz, at most this many dB, threshold in dB on it.",
            metavar="KEY HZ DB DB",
        ),
    ] = None,
    span: Annotated[str | None, typer.Option(help="Only here, for example 1:04-1:35.")] = None,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Add a move of your own: one setting of the track, named by one option."""
    from smartmix.workflow.owners import Owners

    asked = {
        "fader": fader,
        "trim": trim,
        "pan": pan,
        "polarity": polarity,
        "shift": shift,
        "bell": bell,
        "high_pass": high_pass,
        "compressor": compressor,
        "de_esser": de_esser,
        "send": send,
        "duck": duck,
        "duck_band": duck_band,
    }
    where = None if span is None else _span(span)
    owners = Owners.beside(file)
    _decide(file, lambda plan: _with_own(plan, track, asked, where, owners), as_json=as_json, quiet=quiet)


_Asked = Mapping[str, str | float | tuple[str | float, ...] | None]

_KNOBS = {
    "fader": ("fader/gain_db", "dB"),
    "trim": ("trim/gain_db", "dB"),
    "pan": ("pan/pan", ""),
    "polarity": ("input/polarity", ""),
    "shift": ("input/shift_ms", "ms"),
}


def _with_own(
    plan: MixPlan, track: str, asked: _Asked, where: tuple[float, float] | None, owners: Owners
) -> MixPlan:
    """The plan with the one move that was asked for."""
    from smartmix.plan import own
    from smartmix.plan.edits import parse_value, person_move

    wanted = {name: value for name, value in asked.items() if value is not None}
    if len(wanted) != 1:
        options = " ".join(f"--{name.replace('_', '-')}" for name in asked)
        raise SmartmixError(f"plan add: got {len(wanted)} settings, expected one of {options}")
    ((name, value),) = wanted.items()
    owners.check(plan, track, name)
    if name in _KNOBS:
        knob, unit = _KNOBS[name]
        return plan.add(person_move(plan, f"{track}/{knob}", parse_value(str(value), unit), span_s=where))
    if name in ("duck", "duck_band"):
        make_with_plan: Callable[..., Move] = getattr(own, f"{name}_move")
        return plan.add(make_with_plan(plan, track, value, span_s=where))
    make: Callable[..., Move] = getattr(own, f"{name}_move")
    return plan.add(make(track, *(value if isinstance(value, tuple) else (value,)), span_s=where))


@app.command("undo")
def undo(file: PlanFile, as_json: output.Json = False, quiet: output.Quiet = False) -> None:
    """Take your last decision back, or the restore of a snapshot."""
    from smartmix.plan import load_plan
    from smartmix.plan.snapshots import undo_restore
    from smartmix.report.plan_text import differences

    before = load_plan(file)
    after = undo_restore(file)
    if after is None:
        _decide(file, _undone, as_json=as_json, quiet=quiet)
    else:
        _tell(file, differences(before, after), as_json=as_json, quiet=quiet)


def _undone(plan: MixPlan) -> MixPlan:
    """The plan without a person's last decision; what smartmix took into the mix by itself is none."""
    if plan.history and plan.history[-1].by == "policy":
        raise PlanError(
            "nothing to undo: no decision of yours is left; reject or edit what smartmix took into the mix"
        )
    return plan.undo()


SnapshotName = Annotated[str, typer.Argument(help="Name of the snapshot.", metavar="NAME")]


@app.command("snapshot")
def snapshot(
    file: PlanFile,
    name: SnapshotName,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Keep the plan as it stands, under a name."""
    from smartmix.plan.snapshots import take_snapshot

    kept = take_snapshot(file, name, force=force)
    if as_json:
        output.print_json({"format": 1, "snapshot": name, "file": kept})
    else:
        output.console(quiet=quiet).print(f"kept as {name} ({kept})", soft_wrap=True)


@app.command("snapshots")
def snapshots(file: PlanFile, as_json: output.Json = False, quiet: output.Quiet = False) -> None:
    """List the snapshots of a plan."""
    from smartmix.plan.snapshots import list_snapshots

    names = list_snapshots(file)
    if as_json:
        output.print_json({"format": 1, "snapshots": names})
        return
    for name in names or ["no snapshots"]:
        output.console(quiet=quiet).print(name, soft_wrap=True)


@app.command("restore")
def restore(
    file: PlanFile, name: SnapshotName, as_json: output.Json = False, quiet: output.Quiet = False
) -> None:
    """Make the plan what it was in a snapshot; what it is now is kept as plan.toml.bak."""
    from smartmix.plan import load_plan
    from smartmix.plan.snapshots import restore_snapshot
    from smartmix.report.plan_text import differences

    before = load_plan(file) if file.exists() else None
    after = restore_snapshot(file, name)
    lines = differences(before, after) if before is not None else []
    if as_json:
        output.print_json({"format": 1, "file": file, "differences": lines})
        return
    for line in lines or ["nothing changed"]:
        output.console(quiet=quiet).print(line, soft_wrap=True)


@app.command("diff")
def diff(
    old: Annotated[
        Path,
        typer.Argument(
            help="The earlier plan.toml, its folder, or the name of a snapshot of NEW.", metavar="OLD"
        ),
    ],
    new: Annotated[
        Path, typer.Argument(help="The later plan.toml, or its folder.", metavar="NEW", callback=plan_file)
    ],
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Show what changed between two plans."""
    from smartmix.plan import load_plan
    from smartmix.report.plan_text import differences

    lines = differences(load_plan(_plan_or_snapshot(old, new)), load_plan(new))
    if as_json:
        output.print_json({"format": 1, "differences": lines})
        return
    console = output.console(quiet=quiet)
    for line in lines or ["no difference"]:
        console.print(line, soft_wrap=True)


def _plan_or_snapshot(old: Path, new: Path) -> Path:
    """The file, or the snapshot of ``new`` of that name."""
    from smartmix.plan.snapshots import list_snapshots, snapshot_path

    if not old.exists() and str(old) in list_snapshots(new):
        return snapshot_path(new, str(old))
    return plan_file(old)


def _show(plan: MixPlan, *, as_json: bool, quiet: bool, learner: bool = False) -> None:
    if as_json:
        from smartmix.report.data import plan_data

        output.print_json(plan_data(plan))
        return
    from smartmix.report.plan_text import print_plan

    print_plan(plan, output.console(quiet=quiet), learner=learner)


def _decide(file: Path, decision: Callable[[MixPlan], MixPlan], *, as_json: bool, quiet: bool) -> None:
    """Load, decide, save, and say what changed."""
    from smartmix.plan import load_plan, save_plan
    from smartmix.report.plan_text import differences

    before = load_plan(file)
    after = decision(before)
    save_plan(after, file, force=True)
    _tell(file, differences(before, after), as_json=as_json, quiet=quiet)


def _tell(file: Path, lines: list[str], *, as_json: bool, quiet: bool) -> None:
    if as_json:
        output.print_json({"format": 1, "file": file, "differences": lines})
        return
    console = output.console(quiet=quiet)
    for line in lines or ["nothing changed: it was decided like this already"]:
        console.print(line, soft_wrap=True)


def _edited(plan: MixPlan, key: str, setting: str, text: str) -> MixPlan:
    from smartmix.plan.edits import parse_value

    which = int(setting) if setting.isdigit() else setting
    sets = enumerate(plan.move(key).sets)
    unit = next((item.unit for index, item in sets if which in (index, str(item.ref))), "")
    return plan.edit(key, which, parse_value(text, unit))


def _span(text: str) -> tuple[float, float]:
    """Seconds of a stretch written 1:04-1:35."""
    from smartmix.plan.edits import parse_time_s

    parts = text.replace("\u2013", "-").split("-")
    if len(parts) != 2:
        raise SmartmixError(f"span {text!r}: expected two times, for example 1:04-1:35")
    start_s, end_s = (parse_time_s(part) for part in parts)
    if not start_s < end_s:
        raise SmartmixError(f"span {text!r}: the end must come after the start")
    return start_s, end_s
