"""``smartmix``: the entry point, and what every command shares: errors in one line, exit codes, --version."""

from __future__ import annotations

import errno
import re
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from smartmix.cli import (
    album,
    batch,
    check,
    clean,
    doctor,
    habits,
    interop,
    listen,
    live,
    master,
    match,
    measure,
    mix,
    note,
    plan,
    plugins,
    prints,
    render,
    stems,
    training,
)
from smartmix.cli.stops import tidy_when_told_to_end
from smartmix.errors import SmartmixError

BAD_INPUT, INTERRUPTED = 2, 130
_HIDDEN = re.compile(r"/\.smartmix-[^/:\s]+(/[^:]*)?(?=:)")
_ADVICE = {
    errno.ENOSPC: ". Free some space or choose another folder",
    errno.EDQUOT: ". Free some space or choose another folder",
    errno.EROFS: ". Choose another folder",
    errno.EACCES: ". Choose another folder",
    errno.ENAMETOOLONG: ". Choose a shorter name",
}
"""What a person does about what the system said."""


class Commands(TyperGroup):
    """A group whose commands end a user's mistake with one line and exit code 2, and Ctrl-C with 130."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except SmartmixError as error:
            _complain(str(error))
        except BrokenPipeError:
            raise
        except OSError as error:
            told = f"{error.filename}: {error.strerror}" if error.filename else str(error)
            _complain(told + _ADVICE.get(error.errno or 0, ""))
        except KeyboardInterrupt:
            typer.echo("interrupted; nothing was left half-written", err=True)
            raise typer.Exit(INTERRUPTED) from None
        raise typer.Exit(BAD_INPUT)


def _complain(message: str) -> None:
    from smartmix.report.printable import printable

    plain = _HIDDEN.sub("", message)  # where something was being made is no place a person knows
    typer.echo(f"error: {printable(' '.join(plain.split()))}", err=True)


app = typer.Typer(
    cls=Commands,
    name="smartmix",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"smartmix {doctor.version_of('smartmix') or 'not installed as a package'}")
        raise typer.Exit


@app.callback()
def smartmix(
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and end.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """Tracks in; a mix, a master and a plan out, every move explained.

    Exit codes: 0 done, 1 a check failed, 2 bad input, 3 some of several failed, 130 interrupted.
    """


app.command("mix")(mix.mix)
app.command("demo")(mix.demo)
app.command("analyze")(measure.analyze)
app.command("meter")(measure.meter)
app.command("match")(match.match)
app.command("note")(note.note)
app.command("suggest")(plan.suggest)
app.add_typer(plan.app, name="plan")
app.add_typer(habits.app, name="habits")
app.add_typer(plugins.app, name="plugins")
app.command("render")(render.render)
app.command("master")(master.master)
app.command("album")(album.album)
app.command("stems")(stems.stems)
app.command("prints")(prints.prints)
app.command("check")(check.check)
app.command("listen")(listen.listen)
app.command("live")(live.live)
app.command("clean")(clean.clean)
app.command("batch", cls=batch.BatchCommand)(batch.batch)
app.command("export")(interop.export)
app.command("import")(interop.import_)
app.command("train")(training.train)
app.command("evaluate")(training.evaluate)
app.command("doctor")(doctor.doctor)


def main() -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a true minus gets a question mark, not a traceback.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    tidy_when_told_to_end()
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
