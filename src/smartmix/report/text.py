"""The outcome of a pass in the terminal: before and after, the moves, problems, where the files are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from smartmix.figures import format_time
from smartmix.plan.lessons import lesson
from smartmix.report import words
from smartmix.report.analysis_text import problem_line, problems_in_order
from smartmix.report.asked import lines as needs_you_lines
from smartmix.report.asked import note_lines
from smartmix.report.limiting import bands_told
from smartmix.report.moves import VERDICT_WORDS, split, track_names, unmoved
from smartmix.report.room import room_lines
from smartmix.report.tables import MEASURES

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from smartmix.mastering.result import MasterResult
    from smartmix.workflow.result import MixResult, MoveOutcome

PROGRAMME_STYLES = {"rough": "yellow", "mix": "bold cyan", "master": "magenta"}
SHOWN_PROBLEMS = 8


def print_result(result: MixResult, console: Console, *, learner: bool = False) -> None:
    """The whole outcome, for a ``learner`` with what to listen for; plain lines of any length when the console is not a
    terminal, for grep and logs.
    """
    session = result.session
    audible = words.count(len(session.audible_tracks), "track")
    title = f"{words.printable(session.name)}: {audible}, {format_time(session.duration_s)}"
    _line(console, title, style="bold")
    _bullets(console, "Needs you:", needs_you_lines(result))
    console.print()
    console.print(figures(result, plain=not console.is_terminal))
    console.print()
    _line(console, master_line(result.master))
    _print_notes(result, console)
    _print_plugins(result.plugins, console)
    names = track_names(result) if learner else None
    print_moves(result.outcomes, console, plugins=result.plugins, lessons_for=names)
    room = [words.closed(line) for line in room_lines(result.plan.moves, track_names(result))]
    if room:
        console.print()
    _bullets(console, "Which few do most:", room)
    _print_limiter(result, console)
    _print_problems(result, console)
    _print_files(result, console)


def figures(result: MixResult, *, plain: bool = False) -> Table:
    """The before/after table; ``plain`` leaves out rules and colour."""
    from rich.box import SIMPLE_HEAD

    table = Table(box=None if plain else SIMPLE_HEAD, pad_edge=False, header_style="" if plain else "bold")
    table.add_column("")
    for programme in result.programmes:
        style = "" if plain else PROGRAMME_STYLES.get(programme.name, "")
        table.add_column(Text(programme.name), justify="right", style=style, no_wrap=True)
    table.add_column("unit", style="" if plain else "dim")
    for measure in MEASURES:
        cells: list[RenderableType] = [Text(measure.shown(p)) for p in result.programmes]
        table.add_row(measure.name, *cells, measure.unit)
    return table


def master_line(master: MasterResult) -> str:
    """The verdict on the master in one sentence."""
    loudness = words.loudness(master.loudness)
    peak = words.level(master.loudness.true_peak_dbtp, "dBTP")
    target = f"{words.level(master.target_lufs, 'LUFS')} ({_why(master)})"
    reached = "reached" if master.reached else "not reached"
    line = (
        f"Master: {loudness}, {peak}; target {target} {reached}; "
        f"gain {words.change(master.gain_db)}, {words.limiter(master)}."
    )
    return f"{line} {words.sentence(master.reason)}".rstrip()


def _why(master: MasterResult) -> str:
    """Where the target comes from; at an amount of the level, how much of the way to which one."""
    source = words.target_source(master.target_source)
    share = 1.0 if master.plan is None else master.plan.stage("level").share
    if master.plan is None or share == 1.0:
        return source
    aim = words.level(master.plan.level.target_lufs, "LUFS")
    return f"{100.0 * share:g} % of the way to {aim}, {source}"


def _print_plugins(lines: Sequence[str], console: Console) -> None:
    if lines:
        console.print()
        _bullets(console, "Plugins:", [words.closed(line) for line in lines])


def print_moves(
    outcomes: Iterable[MoveOutcome],
    console: Console,
    *,
    plugins: Sequence[str] = (),
    lessons_for: dict[str, str] | None = None,
) -> None:
    """The moves in the mix, those that wait for a decision, and why the others were set aside; with the names of
    tracks, also what a learner is told.
    """
    applied, waiting, rest = split(outcomes)
    _moves(console, "Moves in the mix:", applied, lessons_for)
    _moves(console, "Waiting for your ears, not in the mix:", waiting, lessons_for)
    if not applied:
        console.print()
        _line(console, unmoved(plugins))
    _moves(console, "Set aside:", rest)


def _moves(
    console: Console, title: str, outcomes: Sequence[MoveOutcome], lessons_for: dict[str, str] | None = None
) -> None:
    if not outcomes:
        return
    console.print()
    _line(console, title, style="bold")
    for outcome in outcomes:
        move = outcome.move
        sure = f"{words.confidence_word(move.confidence)} {move.confidence * 100:.0f} %"
        if move.authority == "person":
            sure = "yours"
        head = Text.assemble((f"  {move.id}", "cyan"), "  ", (sure, "dim"))
        if outcome.verdict not in ("applied", "proposed"):
            head.append(f", {VERDICT_WORDS[outcome.verdict]}")
        console.print(head, soft_wrap=True)
        measured = f"Measured: {words.sentence(outcome.measured)}" if outcome.measured else ""
        lines: tuple[str, ...] = (
            words.explanation(outcome.sentence),
            words.sentence(outcome.verdict_reason),
            measured,
        )
        if lessons_for is not None:
            told = lesson(move, lessons_for)
            lines += (
                f"For the ear: {words.sentence(told.listen_for)}",
                f"The fault: {words.sentence(told.fault)}",
            )
        for line in lines:
            if line:
                _indented(console, line)


def _print_notes(result: MixResult, console: Console) -> None:
    if result.plan.notes:
        console.print()
        _bullets(console, "Notes:", note_lines(result))


def _print_limiter(result: MixResult, console: Console) -> None:
    if result.limiter is None:
        return
    names = {t.id: words.printable(t.name) for t in result.session.tracks}
    most = [
        f"{names.get(s.track, s.track)} {s.share * 100:.0f} % ({s.band})"
        for s in result.limiter.shares[:4]
        if s.share >= 0.01
    ]
    console.print()
    where = bands_told(result.limiter.bands, 0.1)
    _line(
        console, f"What's hitting the limiter: {', '.join(most)}.{f' Of the mix: {where}.' if where else ''}"
    )


def _print_problems(result: MixResult, console: Console) -> None:
    found = problems_in_order(result.analysis.problems)
    names = {t.id: words.printable(t.name) for t in result.session.tracks}
    lines = [
        (words.sentence if problem.serious else words.closed)(problem_line(problem, names))
        for problem in found[:SHOWN_PROBLEMS]
    ]
    if len(found) > SHOWN_PROBLEMS:
        lines.append(f"And {len(found) - SHOWN_PROBLEMS} more in the report.")
    if lines:
        console.print()
    _bullets(console, "Problems in the sources:", lines)


def _print_files(result: MixResult, console: Console) -> None:
    if not result.files:
        return
    console.print()
    _line(console, "Where to look:", style="bold")
    width = max(len(name) for name in result.files)
    for name, path in result.files.items():
        _line(console, f"  {name.ljust(width)}  {words.printable(str(path))}")


def _bullets(console: Console, title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    _line(console, title, style="bold")
    for line in lines:
        _indented(console, line)


def _indented(console: Console, text: str) -> None:
    if console.is_terminal:
        console.print(Padding(Text(text), (0, 0, 0, 4)))
    else:
        _line(console, f"    {text}")


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)
