"""``smartmix train`` and ``smartmix evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartmix.cli import output

MISSED = 1


def train(  # noqa: PLR0913, PLR0917 (one per option)
    out: Annotated[Path, typer.Option("--output", "-o", help="Folder for weights, card and curves.")],
    tracks: Annotated[
        int, typer.Option(min=2, help="Tracks to play of each role and family of sources.")
    ] = 32,
    steps: Annotated[int, typer.Option(min=1, help="Steps of the optimiser, 24 sessions each.")] = 400,
    seed: Annotated[int, typer.Option(min=0, help="Seed of sessions and weights.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="Processes that play tracks. [default: every core]"),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an earlier run stopped.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done; write nothing.")
    ] = False,
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Learn role and relative loudness from sessions made by code.

    Needs torch. Writes weights (safetensors), heads.json with their hash and figures, curves.csv, and a checkpoint
    that --resume goes on from. Nothing leaves this machine and nothing is downloaded.
    """
    from smartmix.rendering.threads import processors
    from smartmix.training.train import TrainOptions, plan_of_training
    from smartmix.training.train import train as run_training

    options = TrainOptions(tracks=tracks, steps=steps, seed=seed, device=device)
    if dry_run:
        output.say(plan_of_training(options, out, resume=resume, force=force), quiet=quiet)
        return
    with output.progress_bar(quiet=quiet) as progress:
        trained = run_training(
            options, out, resume=resume, force=force, processes=jobs or processors(), progress=progress
        )
    if as_json:
        output.print_json({"format": 1} | trained.data)
        return
    console = output.console(quiet=quiet)
    for line in trained.lines:
        console.print(line, soft_wrap=True)


def evaluate(  # noqa: PLR0917 (one per option)
    suite: Annotated[str, typer.Option(help="rough, balance, role or habits.")],
    songs: Annotated[
        Path | None, typer.Option(help="Folder of real sessions, one folder each; read only.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Folder that smartmix train wrote; else what is shipped.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of what is drawn.")] = 0,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer songs: for a look, not for a figure.")
    ] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Tables of what suggestions are worth, beside doing nothing and a simple rule.

    Exit code 1 when a gate is missed.
    """
    from smartmix.training.evaluate import evaluate as run_suite
    from smartmix.training.suites.result import SuiteOptions

    options = SuiteOptions(songs=songs, model=model, seed=seed, quick=quick)
    with output.progress_bar(quiet=quiet) as progress:
        result = run_suite(suite, options, progress=progress)
    if as_json:
        output.print_json({"format": 1, "passed": result.passed, "result": result})
    else:
        from smartmix.training.show import print_suite

        print_suite(result, output.console(quiet=quiet))
    if not result.passed:
        raise typer.Exit(MISSED)
