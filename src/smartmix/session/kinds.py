"""smartmix's own TOML files told apart by their keys: which one was given where another was expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from smartmix.errors import SmartmixError

Name = Literal["plan", "session", "master", "chain", "habits"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file: keys that no other has, what it is, which command takes it, how to say it was expected."""

    keys: frozenset[str]
    words: str
    taken_by: str
    expected: str


_KINDS: dict[Name, _Kind] = {
    "plan": _Kind(
        frozenset(("session", "move", "inputs", "history", "note")),
        "the plan of a mix",
        "play it with smartmix render SESSION --plan {path}",
        "the plan of a mix (plan.toml)",
    ),
    "session": _Kind(
        frozenset(("track", "bus", "rough", "material", "tempo", "section", "references", "match")),
        "a session",
        "mix it with smartmix mix {path}",
        "a folder of tracks or a session.toml",
    ),
    "master": _Kind(
        frozenset(("stage", "level")),
        "the plan of a master",
        "play it with smartmix master MIX --plan {path}",
        "the plan of a master (NAME_master.toml)",
    ),
    "chain": _Kind(
        frozenset(("device",)),
        "a chain file",
        "give it to smartmix mix SESSION --chain TRACK={path}",
        "a chain file",
    ),
    "habits": _Kind(
        frozenset(("song", "on")),
        "a file of habits",
        "smartmix habits shows yours",
        "a file of habits (habits.toml)",
    ),
}


def refuse_other_kinds(
    data: Mapping[str, Any], expected: Name, path: Path, error: type[SmartmixError]
) -> None:
    """``error`` for a document that plainly is another of smartmix's files: what it is, and which command takes it."""
    wanted = _KINDS[expected]
    if wanted.keys & data.keys():
        return
    for kind in _KINDS.values():
        if kind.keys & data.keys():
            advice = kind.taken_by.format(path=path)
            raise error(f"{path}: this is {kind.words}: {advice}; expected {wanted.expected}")
