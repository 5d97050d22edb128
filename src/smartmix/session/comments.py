"""Comments of a TOML document: each belongs to the key or entry it stands at, and follows it when that moves.

A person may leave a comment above or behind any key and above any ``[[entry]]``; it follows that entry by its
name (id, address, file), also when entries move. Comments of entries that are gone are kept at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

Place = tuple[str, ...]

_IDENTITY_KEYS = ("file", "id", "ref", "name", "time_s")
# tomlkit takes seconds for long lanes, and a list without comments has nothing to find.
_PLAIN_LIST = re.compile(
    r"""(?<==\ )\[[-+\d\s.,eE\[\]]*(?:"(?:hold|linear)"[-+\d\s.,eE\[\]]*)*\](?=[ \t]*(?:\#|$))""",
    re.MULTILINE | re.VERBOSE,
)


@dataclass
class Comments:
    """Comments of a document by place: above a key or entry, behind it, and at the end of an entry."""

    above: dict[Place, list[str]] = field(default_factory=dict)
    behind: dict[Place, str] = field(default_factory=dict)
    below: dict[Place, list[str]] = field(default_factory=dict)

    def take(self, kind: str, place: Place) -> list[str]:
        """The comment lines at a place, removed from the store."""
        if kind == "behind":
            behind = self.behind.pop(place, "")
            return [behind] if behind else []
        return (self.above if kind == "above" else self.below).pop(place, [])

    def left(self) -> list[str]:
        """What nobody took: comments of entries that are gone, in file order."""
        places = [*self.above, *self.behind, *self.below]
        lines = [
            line
            for p in dict.fromkeys(places)
            for k in ("above", "behind", "below")
            for line in self.take(k, p)
        ]
        return [line for line in lines if line]


def comments_of(text: str) -> Comments:
    """All comments of a TOML text by the entry they belong to; the text must be valid TOML."""
    import tomlkit

    return _Collector().collect(tomlkit.parse(_PLAIN_LIST.sub("[]", text)))


class _Collector:
    """Walks a parsed document in the order of its text and hands each comment to what follows it."""

    def __init__(self) -> None:
        self.comments = Comments()
        self.pending: list[str] = []
        self.table: Place = ()

    def collect(self, document: Any) -> Comments:
        self._walk(document.body, ())
        self._end_table(())
        if any(self.pending):
            self.comments.below.setdefault(("",), []).extend(_stripped(self.pending))
        return self.comments

    def _walk(self, body: Any, place: Place) -> None:
        from tomlkit import items

        counter: dict[Place, int] = {}
        for key, item in body:
            if key is None:
                if isinstance(item, items.Comment):
                    self.pending.append(item.trivia.comment)
                elif isinstance(item, items.Whitespace) and "\n" in item.as_string():
                    self.pending.append("")
            elif isinstance(item, items.AoT):
                for table in item.body:
                    self._header(table, numbered((*place, key.key, identity(table)), counter))
            elif isinstance(item, items.Table):
                self._header(item, (*place, key.key))
            else:
                self._key(item, (*place, key.key))

    def _header(self, table: Any, place: Place) -> None:
        if not table.is_super_table():
            self._end_table(place)
            self._attach(table, place)
            self.table = place
        self._walk(table.value.body, place)

    def _end_table(self, following: Place) -> None:
        """Comments above the last blank line before a header end the entry before it."""
        if self.table and "" in self.pending:
            cut = len(self.pending) - self.pending[::-1].index("")
            ended = _stripped(self.pending[:cut])
            if ended:
                self.comments.below.setdefault(self.table, []).extend(ended)
            self.pending = self.pending[cut:]

    def _key(self, item: Any, place: Place) -> None:
        self._attach(item, place)
        inside = _comments_in_array(item.as_string()) if hasattr(item, "append") else []
        if inside:
            self.comments.above.setdefault(place, []).extend(inside)

    def _attach(self, item: Any, place: Place) -> None:
        above = _stripped(self.pending)
        self.pending = []
        if above:
            self.comments.above.setdefault(place, []).extend(above)
        if item.trivia.comment:
            self.comments.behind[place] = item.trivia.comment


def _stripped(lines: list[str]) -> list[str]:
    """Lines without blank ones at either end."""
    kept = list(lines)
    while kept and not kept[0]:
        kept.pop(0)
    while kept and not kept[-1]:
        kept.pop()
    return kept


def _comments_in_array(text: str) -> list[str]:
    return [m[1] for m in re.finditer(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'|(#[^\n]*)", text) if m[1]]


def identity(entry: Any) -> str:
    """What names an entry of a list: its file, id, address, name or time; "" for one without."""
    for key in _IDENTITY_KEYS:
        if key in entry:
            return str(entry[key])
    return ""


def numbered(place: Place, counter: dict[Place, int]) -> Place:
    """A place with how often it has come so far (from 1): two entries of one name stay apart."""
    counter[place] = counter.get(place, 0) + 1
    return (*place, str(counter[place]))
