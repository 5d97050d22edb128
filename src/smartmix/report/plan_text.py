"""A plan and an analysis in the terminal: what is decided, what waits, what changed between two plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from smartmix.plan.conflicts import held_back
from smartmix.plan.lessons import lesson
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move, MoveSet
from smartmix.plan.titles import title_in_force
from smartmix.report import words
from smartmix.report.room import room_lines
from smartmix.report.settings import parameter_name, value_words
from smartmix.session.intake import slug

if TYPE_CHECKING:
    from rich.console import Console

STATUS_ORDER = ("accepted", "edited", "proposed", "stale", "rejected")
SHOWN_SETTINGS = 12


def print_plan(plan: MixPlan, console: Console, *, learner: bool = False) -> None:
    """Every move by status, with its settings numbered as ``plan edit`` takes them; for a ``learner`` with what to
    listen for.
    """
    name = words.printable(plan.session)
    in_force = len(plan.in_force)
    console.print(Text(f"{name}: {words.count(len(plan.moves), 'move')}, {in_force} in force", style="bold"))
    held = held_back(plan)
    for status in STATUS_ORDER:
        for move in plan.moves:
            if move.status == status:
                _print_move(move, console)
                if move.id in held:
                    console.print(Text(f"    {words.sentence(held[move.id])}"), soft_wrap=True)
                if learner:
                    _print_lesson(move, console)
    for line in room_lines(plan.moves, {}):
        console.print(Text(f"\n{words.closed(line)}"), soft_wrap=True)


def _print_lesson(move: Move, console: Console) -> None:
    told = lesson(move, {})
    for title, text in (("For the ear", told.listen_for), ("The fault", told.fault)):
        console.print(Text(f"    {title}: {words.sentence(text)}"), soft_wrap=True)


def _print_move(move: Move, console: Console) -> None:
    sure = f"{words.confidence_word(move.confidence)} {move.confidence * 100:.0f} %"
    if move.authority == "person":
        sure = "yours"
    head = Text.assemble(
        (f"\n{move.id}", "cyan"),
        f"  {move.status}  ",
        (f"{_titled(move)}{_where(move)}", "bold"),
        (f"  ({sure})", "dim"),
    )
    console.print(head, soft_wrap=True)
    for index, item in enumerate(move.sets[:SHOWN_SETTINGS]):
        edited = "" if item.chosen is None else f"  (suggested {value_words(item, item.suggested)})"
        value = value_words(item, item.value)
        console.print(
            Text(f"    {index}  {words.printable(str(item.ref))} = {value}{edited}"), soft_wrap=True
        )
    if len(move.sets) > SHOWN_SETTINGS:
        console.print(Text(f"    and {len(move.sets) - SHOWN_SETTINGS} more settings"))
    for line in (move.reason, move.result, move.cost):
        if line:
            console.print(Text(f"    {words.prose(line)}"), soft_wrap=True)


def differences(old: MixPlan, new: MixPlan) -> list[str]:
    """What differs between two plans, one line each: moves gone, moves new, decisions and values changed."""
    before = {move.id: move for move in old.moves}
    after = {move.id: move for move in new.moves}
    lines = [f"- {_short(move)}" for key, move in before.items() if key not in after]
    lines += [f"+ {_short(move)}" for key, move in after.items() if key not in before]
    for key, move in after.items():
        if key in before:
            lines += [f"~ {_short(move)}: {text}" for text in _changes(before[key], move)]
    return lines


def _short(move: Move) -> str:
    return f"{move.id} {_titled(move)}{_where(move)}"


def _where(move: Move) -> str:
    """The stretch a move covers, unless its title says it."""
    where = words.span(move.span_s) if move.span_s else ""
    return f", {where}" if where and where not in title_in_force(move) else ""


def _titled(move: Move) -> str:
    """The move's title with the track in front, once; settings of a person's own move, which has no more to say."""
    title = words.prose(title_in_force(move))
    if move.grouped:
        return title
    track = words.printable(move.track)
    start = slug(title.partition(":")[0]) if ":" in title else ""
    if start and (track.removeprefix("bus-") == start or track.startswith(f"{start}-")):
        return title
    if move.authority == "person":
        values = own_values(move)
        title = title if values in title else f"{title} {values}"
    return f"{track}: {title}"


def own_values(move: Move) -> str:
    """What a person asked for, in figures: "+1.5 dB", "300 Hz, −2.0 dB, Q 1.2"."""
    return ", ".join(
        f"{'Q ' if item.ref.parameter.endswith('.q') else ''}{value_words(item, item.value)}"
        for item in move.sets
        if not isinstance(item.value, str)
    )


def _changes(old: Move, new: Move) -> list[str]:
    changes = []
    if old.status != new.status:
        changes.append(f"{old.status} → {new.status}")
    if old.span_s != new.span_s:
        spans = [words.span(m.span_s) if m.span_s else "whole song" for m in (old, new)]
        changes.append(" → ".join(spans))
    values = {str(item.ref): item for item in old.sets}
    for item in new.sets:
        name = _knob(item, new)
        earlier = values.pop(str(item.ref), None)
        now = value_words(item, item.value)
        if earlier is None:
            changes.append(f"{name} {now} is new")
        elif earlier.value != item.value:
            changes.append(f"{name} {value_words(earlier, earlier.value)} → {now}")
    changes += [f"{_knob(item, old)} is gone" for item in values.values()]
    return changes


def _knob(item: MoveSet, move: Move) -> str:
    """The parameter of a setting, with its track where the move concerns another or several."""
    name = parameter_name(item)
    return name if item.ref.track == move.track else f"{words.printable(item.ref.track)} {name}"
