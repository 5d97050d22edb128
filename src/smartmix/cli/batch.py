"""``smartmix batch``: one command on many files or songs."""

from __future__ import annotations

import contextlib
import io
import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from smartmix.cli import output
from smartmix.errors import SmartmixError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.batch import BatchResult, Done
    from smartmix.batch.gather import Command

_OWN_OPTIONS = ("-o", "--output", "--json", "-q", "--quiet", "--force", "--dry-run")
_ONE_FILE_OPTIONS = ("--save-plan",)
_REST = "smartmix.batch.rest"


class Engine(StrEnum):
    """Who does the work: processes of this machine, or the workers of a Dask cluster."""

    LOCAL = "local"
    DASK = "dask"


class What(StrEnum):
    """Commands that can be run on many inputs."""

    MASTER = "master"
    CLEAN = "clean"
    MIX = "mix"
    ANALYZE = "analyze"
    CHECK = "check"


def _command(what: What) -> Command:
    from smartmix.batch.gather import Command

    takes, makes = {
        What.MASTER: ("file", ".wav"),
        What.CLEAN: ("file", ".wav"),
        What.MIX: ("session", "folder"),
        What.ANALYZE: ("session", "folder"),
        What.CHECK: ("file", "data"),
    }[what]
    return Command(what.value, takes, makes)


class BatchCommand(TyperCommand):
    """Keeps what stands behind ``--``: the options of the command that is run on each input."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse what stands before ``--``."""
        before, rest = (args, []) if "--" not in args else _cut(args)
        ctx.meta[_REST] = rest
        return super().parse_args(ctx, before)


def _cut(args: list[str]) -> tuple[list[str], list[str]]:
    at = args.index("--")
    return args[:at], args[at + 1 :]


def batch(  # noqa: PLR0913, PLR0917 (one per option)
    ctx: typer.Context,
    command: Annotated[What, typer.Argument(help="What to do with each.")],
    inputs: Annotated[
        list[Path], typer.Argument(help="Sound files or folders of them; for mix and analyze, songs.")
    ],
    out: Annotated[Path, typer.Option("--output", "-o", help="Folder for the results and the ledger.")],
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", help="How many at a time; without it, one per core.", min=1, max=256),
    ] = None,
    retries: Annotated[
        int, typer.Option(help="Further tries of an input whose process died.", min=0, max=10)
    ] = 1,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds one input may take (local engine).", min=1.0)
    ] = None,
    engine: Annotated[Engine, typer.Option(help="Processes here, or a Dask cluster.")] = Engine.LOCAL,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of a running Dask cluster: tcp://host:8786.")
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with an earlier batch: only what is missing, failed or changed."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")] = False,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Run one command on many inputs: smartmix batch master ALBUM -o OUT -- --target -14.

    Options of the command itself stand behind --. A bad file, or one that takes its process down, costs only itself;
    what is done is written down in OUT/batch.sqlite, and --resume goes on from there. Exit code 3 when some failed.
    """
    from smartmix.batch import jobs_for, run_batch

    chosen = _command(command)
    rest = list(ctx.meta.get(_REST, []))
    todo = jobs_for(chosen, inputs, out, rest)
    _check_options(command, rest, todo[0].words)
    if dry_run:
        _print_dry(todo, as_json=as_json, quiet=quiet)
        return
    with output.progress_bar(quiet=quiet) as progress:
        result = run_batch(
            todo,
            run_words,
            out,
            processes=jobs,
            retries=retries,
            timeout_s=timeout,
            engine="dask" if engine is Engine.DASK else "local",
            scheduler=scheduler,
            resume=resume,
            force=force,
            progress=progress,
        )
    _print(result, command, as_json=as_json, quiet=quiet)
    if result.worst_code:
        raise typer.Exit(result.worst_code)


def run_words(words: tuple[str, ...]) -> Done:
    """Run one command line in this process, as a single run of it would go; what it says is kept, not shown."""
    from smartmix.batch import Done
    from smartmix.cli.main import app

    said, put_out = io.StringIO(), io.StringIO()
    code = 0
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(put_out):
            app(list(words), standalone_mode=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 2
    except Exception as error:
        return Done(2, f"{type(error).__name__}: {error}")
    lines = [line for line in said.getvalue().splitlines() if line.strip()]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
    message = errors[-1] if errors else lines[-1] if code and lines else ""
    return Done(code, message, put_out.getvalue().strip())


def _check_options(command: What, rest: Sequence[str], words: Sequence[str]) -> None:
    """Say a wrong option before the first file is touched."""
    own = next((word for word in rest if word.partition("=")[0] in _OWN_OPTIONS), None)
    if own is not None:
        raise SmartmixError(f"{own} is an option of the batch: it stands before --")
    one = next((word for word in rest if word.partition("=")[0] in _ONE_FILE_OPTIONS), None)
    if one is not None:
        raise SmartmixError(f"{one}: every job would write the same file; leave it out")
    from typer.main import get_command

    from smartmix.cli.main import app

    commands: Any = get_command(app)
    try:
        commands.commands[command.value].make_context(command.value, list(words[1:]))
    except Exception as error:
        said = getattr(error, "format_message", None)  # click's own errors have a sentence for people
        if said is None:
            raise
        raise SmartmixError(f"smartmix {command.value}: {said()}") from None


def _print_dry(todo: Sequence[Any], *, as_json: bool, quiet: bool) -> None:
    if as_json:
        rows = [{"input": job.source, "output": job.output, "words": job.words} for job in todo]
        output.print_json({"format": 1, "jobs": rows})
        return
    screen = output.console(quiet=quiet)
    for job in todo:
        screen.print(f"{job.source} -> {job.output}", soft_wrap=True)
    screen.print(f"{len(todo)} to do; nothing was done")


def _print(result: BatchResult, what: What, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        rows = [
            {
                "input": job.source,
                "output": job.output,
                "ok": done.ok,
                "code": done.code,
                "message": done.message,
                "attempts": done.attempts,
                "seconds": done.seconds,
                "result": _data(done.data),
            }
            for job, done in result.outcomes
        ]
        output.print_json({"format": 1, "ran": result.ran, "failed": len(result.failed), "jobs": rows})
        return
    for job, done in result.failed:
        why = (done.message or "no reason given").removeprefix(f"{job.source}: ")
        output.say(f"failed: {job.source}: {why}")
    for job, done in result.outcomes:
        if done.ok and done.attempts > 1:
            output.say(f"{job.source}: done at try {done.attempts}", quiet=quiet)
    failing = _say_what_fails(result) if what is What.CHECK else 0
    good = len(result.outcomes) - len(result.failed)
    before = len(result.outcomes) - result.ran
    told = f", {before} of them before" if before else ""
    text = f"{good} of {len(result.outcomes)} done{told}, in {result.seconds:.0f} s"
    if what is What.CHECK:
        text += f": {good - failing} pass, {failing} fail, {len(result.failed)} could not be read"
    output.console(quiet=quiet).print(text)


def _say_what_fails(result: BatchResult) -> int:
    """A line for each file that fails its check, with the points; how many they are."""
    from smartmix.report.words import printable, prose

    count = 0
    for job, done in result.outcomes:
        found = _data(done.data or _text(job.output)) if done.ok else None
        files = found.get("files", []) if isinstance(found, dict) else []
        points = [f for file in files for f in file.get("findings", []) if f.get("state") == "fail"]
        if points:
            count += 1
            told = "; ".join(f"{point.get('name')} {prose(str(point.get('text')))}" for point in points)
            output.say(f"fails: {printable(str(job.source))}: {told}")
    return count


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def _data(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text
