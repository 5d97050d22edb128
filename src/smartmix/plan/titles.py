"""The title of a move as it stands in the mix: a value that a person edited is in it, not the one suggested."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from smartmix.figures import number
from smartmix.plan.phrases import figure, shape_word

if TYPE_CHECKING:
    from smartmix.plan.move import Move, MoveSet, Value


def title_in_force(move: Move) -> str:
    """The title with the chosen values in the place of the suggested ones that it tells.

    "GTR: high-pass at 40 Hz" edited to 55 Hz is "GTR: high-pass at 55 Hz". A title without figures stays. Where one
    figure stands for several settings that now differ, it is followed by "(edited)".
    """
    if all(setting.chosen is None for setting in move.sets):
        return move.title
    head, mark, told = move.title.partition(": ") if ": " in move.title else ("", "", move.title)
    wording: dict[str, set[str]] = {}
    for setting in move.sets:
        for old, new in _spellings(setting):
            if _in(old, told):
                wording.setdefault(old, set()).add(new)
    if any(len(news) > 1 for news in wording.values()):
        return f"{move.title} (edited)"
    if not wording:
        return move.title
    longest_first = sorted(wording, key=len, reverse=True)
    pattern = "|".join(_whole(old) for old in longest_first)
    return head + mark + re.sub(pattern, lambda found: min(wording[found[0]]), told)


def _spellings(setting: MoveSet) -> list[tuple[str, str]]:
    """How a title may tell the suggested value of a setting, each with the same for the value in force."""
    told = zip_longest(_told(setting, setting.suggested), _told(setting, setting.value), fillvalue="")
    return [(old, new) for old, new in told if old and new]


def _told(setting: MoveSet, value: Value) -> list[str]:
    if isinstance(value, str):
        return [shape_word(value)] if setting.ref.parameter.endswith(".shape") else []
    if isinstance(value, tuple):
        value = max((point.value for point in value), key=abs)
    key = setting.ref.parameter.rpartition(".")[2]
    if key == "shift_ms":
        return [f"{'earlier' if value < 0.0 else 'later'} by {number(abs(value), 2)} ms"]
    if key == "q":
        return [f"Q {value:g}"]
    if key.endswith("_db") or setting.unit.casefold() == "db":
        return [f"{number(value, plus=True)} dB", f"{number(value)} dB"]
    return [figure(setting, value)]


def _whole(text: str) -> str:
    """A pattern for a figure that is not the end of a longer one."""
    return rf"(?<![\w.,+\N{{MINUS SIGN}}-]){re.escape(text)}(?!\w)"


def _in(text: str, title: str) -> bool:
    return re.search(_whole(text), title) is not None
