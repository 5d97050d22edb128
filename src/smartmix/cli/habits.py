"""``smartmix habits``: what was learned from your decisions, yours to read, take along, switch off and throw away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartmix.cli import output
from smartmix.cli.paths import plan_file

if TYPE_CHECKING:
    from smartmix.session import Session
    from smartmix.suggesters.habits import Habit, HabitsFile

NoHabits = Annotated[
    bool, typer.Option("--no-habits", help="Suggest as the house does, whatever you usually make of it.")
]

app = typer.Typer(
    help="What smartmix learned from your decisions: read it, take it along, switch it off.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def your_habits(song: Session, plan: Path | None, *, quiet: bool, keep: bool = True) -> HabitsFile:
    """The person's habits for this song; the decisions of an earlier plan are taken in first."""
    from smartmix.workflow.habits import habits_for

    habits, problem = habits_for(song, plan, keep=keep)
    if problem:
        output.say(problem, quiet=quiet)
    return habits


@app.command("show")
def show(as_json: output.Json = False, quiet: output.Quiet = False) -> None:
    """What you usually make of suggestions, and what is not plain enough yet to be used."""
    from smartmix.report.words import count
    from smartmix.suggesters.habits import habits_path, learn_habits, load_habits

    held = load_habits()
    habits = learn_habits(held.songs)
    if as_json:
        rows = [
            {name: getattr(h, name) for name in ("role", "quantity", "mean_db", "sd_db", "songs", "is_plain")}
            for h in habits
        ]
        state = {"format": 1, "file": habits_path(), "on": held.on, "songs": list(held.songs)}
        output.print_json(state | {"habits": rows})
        return
    console = output.console(quiet=quiet)
    console.print(
        f"Habits are {'on' if held.on else 'off'}; {count(len(held.songs), 'song')} in {habits_path()}",
        soft_wrap=True,
    )
    for line in _lines(habits):
        console.print(line, soft_wrap=True)


def _lines(habits: tuple[Habit, ...]) -> list[str]:
    from smartmix.suggesters.habits.apply import because

    plain = [because(h) for h in habits if h.is_plain]
    waiting = len(habits) - len(plain)
    return [
        *(plain or ["Nothing is plain enough yet: it takes at least three songs and a clear direction."]),
        *([f"{waiting} more are looked at, and not used."] if waiting else []),
    ]


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="habits.toml to write.")],
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Write your habits to a file: for a backup, another computer, or to read."""
    from smartmix.audio.files import check_target
    from smartmix.suggesters.habits import load_habits, save_habits

    held = load_habits()
    check_target(file, force=force)
    save_habits(held, file)
    _done({"file": file, "songs": len(held.songs)}, f"wrote {file}", as_json=as_json, quiet=quiet)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A habits.toml that export wrote.", exists=True)],
    force: output.Force = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Take habits from a file; songs known already are replaced only with --force."""
    from dataclasses import replace

    from smartmix.report.words import count
    from smartmix.suggesters.habits import load_habits, save_habits

    held, new = load_habits(), load_habits(file)
    songs = held.songs | new.songs if force else new.songs | held.songs
    path = save_habits(replace(held, songs=songs))
    _done(
        {"file": path, "songs": len(songs)},
        f"{count(len(songs), 'song')} in {path}",
        as_json=as_json,
        quiet=quiet,
    )


@app.command("learn")
def learn(
    session: Annotated[Path, typer.Argument(help="A folder of tracks, or a session.toml.")],
    plan: Annotated[
        Path, typer.Argument(help="Its plan.toml (or folder), with your decisions.", callback=plan_file)
    ],
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Take the decisions of a plan in, as mix and render do by themselves."""
    from smartmix.plan import load_plan
    from smartmix.session import Session
    from smartmix.suggesters.habits import remember

    song = Session.open(session)
    taken = remember(song, load_plan(plan))
    text = f"took in what you decided in {song.name}" if taken else "no decision of yours to take in"
    _done({"song": song.name, "taken": taken}, text, as_json=as_json, quiet=quiet)


@app.command("reset")
def reset(
    force: Annotated[bool, typer.Option("--force", help="Really forget: this cannot be undone.")] = False,
    as_json: output.Json = False,
    quiet: output.Quiet = False,
) -> None:
    """Forget everything that was learned; needs --force."""
    from smartmix.errors import SmartmixError
    from smartmix.suggesters.habits import HabitsFile, habits_path, load_habits, save_habits

    path = habits_path()
    if not force:
        count = len(load_habits(path).songs)
        raise SmartmixError(f"{path}: {count} songs would be forgotten; export them first, or use --force")
    path.unlink(missing_ok=True)  # even a file that can no longer be read
    save_habits(HabitsFile(), path)
    _done({"file": path, "songs": 0}, f"forgotten ({path})", as_json=as_json, quiet=quiet)


@app.command("off")
def off(as_json: output.Json = False, quiet: output.Quiet = False) -> None:
    """Neither use habits nor learn any; what was learned is kept."""
    _switch(on=False, as_json=as_json, quiet=quiet)


@app.command("on")
def on(as_json: output.Json = False, quiet: output.Quiet = False) -> None:
    """Use and learn habits again."""
    _switch(on=True, as_json=as_json, quiet=quiet)


def _switch(*, on: bool, as_json: bool, quiet: bool) -> None:
    from dataclasses import replace

    from smartmix.suggesters.habits import load_habits, save_habits

    path = save_habits(replace(load_habits(), on=on))
    _done({"file": path, "on": on}, f"habits are {'on' if on else 'off'}", as_json=as_json, quiet=quiet)


def _done(data: dict[str, object], text: str, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        output.print_json({"format": 1} | data)
    else:
        output.console(quiet=quiet).print(text, soft_wrap=True)
