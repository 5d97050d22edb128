"""A plan and an analysis in the terminal: what is decided, what waits, what changed between two plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move
from smartmix.report import words
from smartmix.report.settings import parameter_name, value_words

if TYPE_CHECKING:
    from rich.console import Console

STATUS_ORDER = ("accepted", "edited", "proposed", "stale", "rejected")
SHOWN_SETTINGS = 12


def print_plan(plan: MixPlan, console: Console) -> None:
    """Every move by status, with its settings numbered as ``plan edit`` takes them."""
    name = words.printable(plan.session)
    in_force = len(plan.in_force)
    console.print(Text(f"{name}: {words.count(len(plan.moves), 'move')}, {in_force} in force", style="bold"))
    for status in STATUS_ORDER:
        for move in plan.moves:
            if move.status == status:
                _print_move(move, console)


def _print_move(move: Move, console: Console) -> None:
    where = f", {words.span(move.span_s)}" if move.span_s else ""
    sure = f"{words.confidence_word(move.confidence)} {move.confidence * 100:.0f} %"
    head = Text.assemble(
        (f"\n{move.id}", "cyan"),
        f"  {move.status}  ",
        (f"{words.printable(move.track)}: {words.prose(move.title)}{where}", "bold"),
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
    return f"{move.id} {words.printable(move.track)}: {words.prose(move.title)}"


def _changes(old: Move, new: Move) -> list[str]:
    changes = []
    if old.status != new.status:
        changes.append(f"{old.status} → {new.status}")
    if old.span_s != new.span_s:
        spans = [words.span(m.span_s) if m.span_s else "whole song" for m in (old, new)]
        changes.append(" → ".join(spans))
    values = {str(item.ref): item for item in old.sets}
    for item in new.sets:
        earlier = values.pop(str(item.ref), None)
        now = value_words(item, item.value)
        if earlier is None:
            changes.append(f"{parameter_name(item)} {now} is new")
        elif earlier.value != item.value:
            changes.append(f"{parameter_name(item)} {value_words(earlier, earlier.value)} → {now}")
    changes += [f"{parameter_name(item)} is gone" for item in values.values()]
    return changes
