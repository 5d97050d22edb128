"""Where words go: data on stdout, log and progress on stderr, colour and bars on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from smartmix.progress import Progress

PIPE_WIDTH = 4000
SOME_FAILED = 3
"""Exit code when some of several inputs could not be used and the rest is done."""

Json = Annotated[bool, typer.Option("--json", help="Data as JSON on stdout.")]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print nothing but errors (and data with --json).")
]


class Explain(StrEnum):
    """For whom moves are explained."""

    ENGINEER = "engineer"
    LEARNER = "learner"


Explained = Annotated[
    Explain,
    typer.Option("--explain", help="learner: also what to listen for, and how to hear the fault."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace outputs that are already there.")]


def end_for(unusable: tuple[str, ...]) -> None:
    """End with exit code 3 when sound files of the session had to be left out; else go on."""
    if unusable:
        raise typer.Exit(SOME_FAILED)


def console(*, quiet: bool = False) -> Console:
    """Standard output for people; ``quiet`` swallows everything."""
    from rich.console import Console

    # Into a pipe or a file every row stays on one line, whatever the width of the terminal beside it.
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(highlight=False, markup=False, emoji=False, quiet=quiet, width=width)


def say(text: str, *, quiet: bool = False) -> None:
    """One line of log on stderr."""
    if not quiet:
        from smartmix.report.printable import printable

        typer.echo(printable(text), err=True)


def print_json(data: object) -> None:
    """Data on stdout."""
    from smartmix.report.data import to_json

    typer.echo(to_json(data))


@contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Progress | None]:
    """A callback that moves a bar on stderr; None when nobody would see it (no terminal, or --quiet)."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    from smartmix.report.printable import printable

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=1.0)

        def show(what: str, fraction: float) -> None:
            bar.update(task, description=printable(what)[:48].ljust(48), completed=fraction)

        yield show
