"""``smartmix mix`` and ``smartmix demo``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smartmix.cli import output
from smartmix.cli.habits import NoHabits, your_habits
from smartmix.cli.target import Ceiling, Target, goal

if TYPE_CHECKING:
    from smartmix.mastering import Target as Delivery
    from smartmix.session import Session
    from smartmix.workflow import MixResult


class Accept(StrEnum):
    """Which proposed moves go into the mix without asking."""

    CONFIDENT = "confident"
    ALL = "all"
    NONE = "none"


SessionPath = Annotated[Path, typer.Argument(help="A folder of tracks, or a session.toml.")]
Cuts = Annotated[
    int | None,
    typer.Option(
        "--moves", min=0, max=10, help="At most so many cuts to make room for one track; 3 if not given."
    ),
]
Rough = Annotated[Path | None, typer.Option("--rough", help="The rough mix, if the folder does not name it.")]
NoModels = Annotated[bool, typer.Option("--no-models", help="Leave out what needs torch.")]


References = Annotated[
    list[Path] | None,
    typer.Option(
        "--reference",
        help="A song the mix is to sound like: EQ goes 35 % of the way, at most 3 dB. May be repeated.",
    ),
]


def with_references(song: Session, files: list[Path] | None) -> Session:
    """The session with the references named here in place of its own; SmartmixError for one that is not there."""
    from dataclasses import replace

    from smartmix.errors import SmartmixError

    if not files:
        return song
    for file in files:
        if not file.is_file():
            raise SmartmixError(f"--reference {file}: no such file")
    return replace(song, references=tuple(files))


def mix(  # noqa: PLR0913, PLR0917 (one per option)
    session: SessionPath,
    out: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results, outside the session.")],
    rough: Rough = None,
    target: Target = None,
    ceiling: Ceiling = None,
    accept: Annotated[
        Accept, typer.Option(help="Which proposed moves to take: those it is sure of, all, or none.")
    ] = Accept.CONFIDENT,
    notes: Annotated[
        list[str] | None,
        typer.Option("--note", help="A client's note: '1:12 vocal up; kick muddy'. May be repeated."),
    ] = None,
    chains: Annotated[
        list[str] | None,
        typer.Option(
            "--chain",
            help="Plugins for a track, a bus, a kind of track or the mix: vocal=FILE, mix=FILE, drums=none. May be "
            "repeated.",
        ),
    ] = None,
    reference: References = None,
    moves: Cuts = None,
    no_habits: NoHabits = False,
    no_models: NoModels = False,
    client: Annotated[bool, typer.Option("--client", help="Also write client.html, a plain page.")] = False,
    explain: output.Explained = output.Explain.ENGINEER,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
) -> None:
    """Mix and master a session, every move explained.

    Writes mix.wav (32-bit float, no limiter), master.wav (24 bit), plan.toml, analysis.json and report.html.
    Decisions in a plan.toml from an earlier pass are kept. Without --target the master follows the rough mix,
    or aims at -14 LUFS, with at most 3 dB of limiting.
    """
    from smartmix.session import Session

    wanted = goal(target, ceiling)
    racked = named_chains(chains or [])
    song = with_references(Session.open(session, rough=rough), reference)
    habits = None if no_habits else your_habits(song, out / "plan.toml", quiet=quiet, keep=not dry_run)
    opinions = {"most_cuts": moves, "models": not no_models, "habits": habits}
    if dry_run:
        _check_chains(song, racked, quiet=quiet)
        asked = {"accept": accept.value, "notes": notes or []} | opinions
        _propose(song, out, asked, force=force, as_json=as_json, quiet=quiet)
        output.end_for(song.unusable)
        return
    options: dict[str, Any] = {"target_lufs": wanted.target_lufs, "ceiling_dbtp": wanted.ceiling_dbtp}
    options |= {"accept": accept.value, "force": force, "notes": notes or []}
    options |= {"chains": racked} | opinions
    learner = explain is output.Explain.LEARNER
    result = _run(song, out, options, wanted.named, client=client, learner=learner, quiet=quiet)
    if as_json:
        from smartmix.report.data import result_data

        output.print_json(result_data(result))
    else:
        from smartmix.report import print_result

        print_result(result, output.console(quiet=quiet), learner=learner)
    output.end_for(song.unusable)


def _check_chains(song: Session, named: dict[str, str], *, quiet: bool) -> None:
    """Whose the chains would be; an error for a name or file that is not there."""
    from smartmix.workflow.chains import owned_chains

    for owner, file in owned_chains(song, named).items():
        output.say(f"{owner} would run through {file or 'no chain'}", quiet=quiet)


def named_chains(texts: list[str]) -> dict[str, str]:
    """``NAME=FILE`` options as a table; SmartmixError for one that is neither."""
    from smartmix.errors import SmartmixError

    table: dict[str, str] = {}
    for text in texts:
        name, equals, file = text.partition("=")
        if not name.strip() or not equals or not file.strip():
            raise SmartmixError(f"--chain {text}: expected NAME=FILE, such as vocal=my_chain.toml")
        table[name.strip()] = file.strip()
    return table


def _unmet(result: MixResult, named: Delivery) -> tuple[str, ...]:
    """Everything by which ``smartmix check`` turns the master down for the delivery that was asked for."""
    from dataclasses import replace

    from smartmix.mastering.check import judge
    from smartmix.mastering.inspect import inspect_file

    held = replace(named, ceiling_dbtp=result.master.ceiling_dbtp)
    fails = {
        f.name: f.text
        for f in judge(inspect_file(result.files["master"]), held).findings
        if f.state == "fail"
    }
    if not result.master.reached:  # said already, with the reason
        fails.pop("loudness", None)
    told = [f"master.wav is not what {named.title} asks for: {name}: {text}" for name, text in fails.items()]
    if fails.keys() & {"sample rate", "bits"}:
        told.append(f"A file of the right format: smartmix master mix.wav --target {named.name}")
    return tuple(told)


def _run(
    song: Session,
    out: Path,
    options: dict[str, Any],
    named: Delivery | None,
    *,
    client: bool,
    learner: bool,
    quiet: bool,
) -> MixResult:
    from dataclasses import replace

    from smartmix.audio.files import check_target
    from smartmix.report import write_report
    from smartmix.workflow import mix as run_mix

    pages = {"report": out / "report.html"} | ({"client": out / "client.html"} if client else {})
    if client and out.is_dir():
        check_target(pages["client"], force=options["force"])
    with output.progress_bar(quiet=quiet) as progress:
        result = run_mix(song, out, progress=progress, **options)
    told = () if named is None else _unmet(result, named)
    master = replace(result.master, notes=(*result.master.notes, *told))
    result = replace(result, files=result.files | pages, master=master, notices=(*result.notices, *told))
    for name, page in pages.items():
        write_report(result, page, client=name == "client", learner=learner, force=options["force"])
    return result


def _propose(
    song: Session, out: Path, asked: dict[str, Any], *, force: bool, as_json: bool, quiet: bool
) -> None:
    """Analysis and plan as the pass would make them, shown and thrown away."""
    from smartmix.plan import load_plan
    from smartmix.report.plan_text import print_plan
    from smartmix.workflow.dropped import no_longer_in_the_mix
    from smartmix.workflow.pass_folder import check_output
    from smartmix.workflow.propose import material_notice, propose

    folder = check_output(song, out, force=force)
    plan_file = folder / "plan.toml"
    earlier = load_plan(plan_file) if plan_file.exists() else None
    with output.progress_bar(quiet=quiet) as progress:
        proposal = propose(song, earlier=earlier, progress=progress, **asked)
    if as_json:
        from smartmix.report.data import plan_data

        output.print_json(plan_data(proposal.plan))
        return
    console = output.console(quiet=quiet)
    gone = no_longer_in_the_mix(earlier, proposal.plan, asked["accept"])
    for notice in (*gone, *song.notices, *material_notice(song, proposal.analysis)):
        output.say(notice, quiet=quiet)
    print_plan(proposal.plan, console)
    output.say(f"nothing was written; the results would be in {folder}", quiet=quiet)


def demo(
    directory: Annotated[Path, typer.Argument(help="Folder to make the demo song in.")],
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Write a demo song made by code.

    Tracks with planted problems, and a rough mix.
    """
    from smartmix.synth.demo import write_demo

    with output.progress_bar(quiet=quiet) as progress:
        write_demo(directory, force=force, progress=progress)
    if as_json:
        files = sorted(p.name for p in directory.iterdir() if p.is_file())
        output.print_json({"format": 1, "directory": directory, "files": files})
    else:
        console = output.console(quiet=quiet)
        console.print(f"The demo song is in {directory}.", soft_wrap=True)
        console.print(f"Next: smartmix mix {directory} -o {directory.parent / 'out'}", soft_wrap=True)
