"""The text of a REAPER project as a tree that keeps every byte: what is parsed and not edited is written as it came.

A block opens with a line ``<TAG word word`` and ends with a line ``>``; everything between is lines and blocks. Words
are parted by spaces; one with spaces stands in ``"``, one with ``"`` in ``'``, one with both in backticks, and a
backtick in such a word becomes ``'`` (REAPER has no other escape). Texts are UTF-8; other bytes survive.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smartmix.errors import InteropError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 512 << 20
MOST_LINES = 20_000_000
DEEPEST = 256
_OPENS = re.compile(rb"[ \t]*<[A-Za-z_]")
_WORD = re.compile(rb"""[ \t]*("[^"]*"?|'[^']*'?|`[^`]*`?|[^ \t]+)""")
_BREAKS = re.compile(r"[\r\n\0]+")


@dataclass(slots=True)
class Line:
    """One line with its indent and its end, as bytes."""

    raw: bytes

    @property
    def body(self) -> bytes:
        """The line without its end."""
        return self.raw.rstrip(b"\r\n")

    @property
    def end(self) -> bytes:
        """How the line ends: LF, CR LF, or nothing at the end of a file."""
        return self.raw[len(self.body) :]

    @property
    def indent(self) -> bytes:
        """The blanks it begins with."""
        return self.raw[: len(self.raw) - len(self.raw.lstrip(b" \t"))]

    @property
    def words(self) -> list[str]:
        """Its words without quotes; the first of a block's line without "<"."""
        return [_plain(self.body[a:b]) for a, b in self._spans()]

    @property
    def key(self) -> str:
        """Its first word; "" for an empty line."""
        return next((_plain(self.body[a:b]) for a, b in self._spans()), "")

    def put(self, index: int, value: str) -> None:
        """Another word in place of one, or one more behind the last; nothing else of the line changes."""
        spans, new = list(self._spans()), quoted(value)
        if not 0 < index <= len(spans):
            raise IndexError(f"word {index} of {len(spans)}")
        if index == len(spans):
            self.raw = self.body.rstrip(b" \t") + b" " + new + self.end
        elif _plain(self.body[slice(*spans[index])]) != value:
            first, last = spans[index]
            self.raw = self.raw[:first] + new + self.raw[last:]

    def _spans(self) -> Iterator[tuple[int, int]]:
        body = self.body
        start = len(self.indent) + (1 if _OPENS.match(body) else 0)
        while (found := _WORD.match(body, start)) is not None:
            yield found.span(1)
            start = found.end()


@dataclass(slots=True)
class Block:
    """A block: its opening line, what is in it, its closing line. The file's root has neither line."""

    head: Line
    parts: list[Line | Block] = field(default_factory=list)
    tail: Line = field(default_factory=lambda: Line(b""))

    @property
    def key(self) -> str:
        """Its tag: "TRACK", "ITEM" ..."""
        return self.head.key

    def blocks(self, key: str) -> list[Block]:
        """The blocks in it with this tag, in order."""
        return [p for p in self.parts if isinstance(p, Block) and p.key == key]

    def block(self, key: str) -> Block | None:
        """The first block in it with this tag."""
        return next((p for p in self.parts if isinstance(p, Block) and p.key == key), None)

    def line(self, key: str) -> Line | None:
        """The first line in it with this first word."""
        return next((p for p in self.parts if isinstance(p, Line) and p.key == key), None)

    def lines(self, key: str = "") -> list[Line]:
        """The lines in it with this first word, or all of them."""
        return [p for p in self.parts if isinstance(p, Line) and (not key or p.key == key)]

    def words(self, key: str) -> list[str]:
        """The words behind the key of its first such line; empty where there is none."""
        line = self.line(key)
        return [] if line is None else line.words[1:]


def parse(data: bytes, what: str = "project") -> Block:
    """The tree of a project's bytes. InteropError for what is no such text, too large or too deep, with the line."""
    if len(data) > MOST_BYTES:
        raise InteropError(f"{what}: larger than {MOST_BYTES >> 20} MiB; it is not read")
    root = Block(Line(b""))
    open_blocks = [root]
    if data.startswith(BOM_UTF8):  # no REAPER writes one; editors on Windows do
        root.parts.append(Line(BOM_UTF8))
        data = data[len(BOM_UTF8) :]
    for number, raw in enumerate(_lines(data), 1):
        if number > MOST_LINES:
            raise InteropError(f"{what}: more than {MOST_LINES} lines")
        inner = open_blocks[-1]
        if raw.strip() == b">":
            if len(open_blocks) == 1:
                raise InteropError(f"{what}: line {number}: '>' closes a block that was never opened")
            inner.tail = Line(raw)
            open_blocks.pop()
        elif _OPENS.match(raw):
            if len(open_blocks) > DEEPEST:
                raise InteropError(f"{what}: line {number}: nested deeper than {DEEPEST}")
            made = Block(Line(raw))
            inner.parts.append(made)
            open_blocks.append(made)
        else:
            inner.parts.append(Line(raw))
    if len(open_blocks) > 1:
        tag = open_blocks[-1].key[:40]
        raise InteropError(f"{what}: ends inside <{tag}; the file is cut off or no REAPER project")
    return root


def _lines(data: bytes) -> list[bytes]:
    """Lines that end at LF, where a lone CR is part of its line; at CR in a file that has no LF."""
    end = b"\n" if b"\n" in data else b"\r"
    parts = data.split(end)
    return [part + end for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def written(root: Block) -> bytes:
    """The bytes of a tree."""
    chunks: list[bytes] = []
    waiting: list[Line | Block] = [root]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Line):
            chunks.append(part.raw)
            continue
        chunks.append(part.head.raw)
        waiting.append(part.tail)
        waiting.extend(reversed(part.parts))
    return b"".join(chunks)


def quoted(value: str) -> bytes:
    """A word as REAPER writes it; line breaks become blanks."""
    text = _BREAKS.sub(" ", value)
    bare = bool(text) and text[0] not in "\"'`" and " " not in text and "\t" not in text
    if not bare:
        mark = next((m for m in "\"'`" if m not in text), "")
        text = f"{mark}{text}{mark}" if mark else "`" + text.replace("`", "'") + "`"
    return text.encode("utf-8", "surrogateescape")


def _plain(word: bytes) -> str:
    if word[:1] in (b'"', b"'", b"`"):
        word = word[1:-1] if len(word) > 1 and word[-1:] == word[:1] else word[1:]
    return word.decode("utf-8", "surrogateescape")


def made_line(key: str, *words: str, depth: int, end: bytes = b"\n") -> Line:
    """A new line: its key as it is, its words quoted where they must be, two blanks of indent a level."""
    body = b" ".join([key.encode(), *(quoted(word) for word in words)])
    return Line(b"  " * depth + body + end)


def made_block(key: str, *words: str, depth: int, end: bytes = b"\n") -> Block:
    """A new, empty block."""
    head = made_line(f"<{key}", *words, depth=depth, end=end)
    return Block(head, [], Line(b"  " * depth + b">" + end))
