"""A note cut into typed pieces: times, dB figures, names, trade words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from smartmix.suggesters.notes.request import When
from smartmix.suggesters.notes.vocabulary import DEGREES, FILLERS, SIZES, trade_words

Kind = Literal["target", "trade", "degree", "size", "db", "when", "pan", "and", "stop", "filler", "unknown"]

LONGEST_PHRASE = 5
_TIME = r"\d{1,3}:\d{2}(?::\d{2})?(?:\.\d+)?|\d+(?:\.\d+)?\s?(?:s|sec|secs|seconds)\b"
_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)"
_PIECE = re.compile(
    rf"""(?P<range>(?:from\s+|between\s+)?(?:{_TIME})\s*(?:-|to|till|until|and)\s*(?:{_TIME}))
    |(?P<onward>(?:from|after)\s+(?:{_TIME})(?:\s+on(?:wards?)?)?)
    |(?P<until>(?:until|till|before|up\s+to)\s+(?:{_TIME}))
    |(?P<time>@?\s?(?:{_TIME}))
    |(?P<bars>bars?\s+\d+(?:\s*(?:-|to)\s*\d+)?)
    |(?P<db>(?:{_NUMBER}\s*(?:-|to)\s*)?{_NUMBER}\s*db\b|half\s+a\s+db\b|\ba\s+db\b|\bone\s+db\b)
    |(?P<pan>\b[lr]\s?\d{{1,3}}\b|\b(?:hard|fully|full)\s+(?:left|right)\b|\b(?:left|right)\s+\d{{1,3}}\b
        |\b\d{{1,3}}\s*%?\s+(?:left|right)\b|\b(?:left|right|cent(?:er|re)|middle)\b)
    |(?P<stop>[;\n!?]+|\.(?=\s|$)|,)
    |(?P<word>\w+)""",
    re.VERBOSE,
)
_ORDINALS = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "last": -1,
}
_ORDINALS |= {"final": -1}
_SECTIONS = """intro, verse, verses, pre chorus, prechorus, chorus, choruses, hook, bridge, middle eight, middle 8,
    solo, outro, breakdown, drop, build, part a, part b, part c, part d, part e"""


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a note: its kind, the words it was written with, and what it stands for."""

    kind: Kind
    text: str
    value: object = None


def plain(text: str) -> str:
    """Lower case, straight apostrophes dropped, dashes and minus signs as "-"."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\u2010-\u2015\u2212]", "-", re.sub(r"['\u2018\u2019`\u00b4]", "", folded))


def tokens_of(
    text: str, is_target: Callable[[tuple[str, ...]], bool], sections: frozenset[str]
) -> list[Token]:
    """The typed pieces of a note. ``is_target`` says whether words name a track or group, ``sections`` holds the
    names of the song's own sections in plain words.
    """
    found: list[Token] = []
    words: list[str] = []
    source = plain(text)
    for match in _PIECE.finditer(source):
        kind = str(match.lastgroup)
        if kind == "word":
            words.append(match[0])
            continue
        if kind == "pan" and _part_of_name(source, match, is_target):
            words.extend(match[0].split())
            continue
        found += _phrases(words, is_target, sections)
        words = []
        found.append(_typed(kind, match[0]))
    return found + _phrases(words, is_target, sections)


def _part_of_name(source: str, match: re.Match[str], is_target: Callable[[tuple[str, ...]], bool]) -> bool:
    """Whether "left" or "right" ends a track's name ("gtr left"), so that it is no position."""
    before = source[: match.start()].split()[-3:]
    return any(is_target((*before[-n:], *match[0].split())) for n in range(1, len(before) + 1))


def _typed(kind: str, text: str) -> Token:
    if kind == "db":
        return Token("db", text, _decibels(text))
    if kind == "pan":
        return Token("pan", text, _position(text))
    if kind == "stop":
        return Token("stop", text)
    return Token("when", text, _when(kind, text))


def _decibels(text: str) -> float:
    if text.startswith("half"):
        return 0.5
    figures = re.findall(r"(?<![\d.])[+-]?(?:\d+\.?\d*|\.\d+)", text.replace(" to ", " "))
    if not figures:
        return 1.0
    values = [abs(float(figure)) for figure in figures]
    size = sum(values) / len(values)
    return -size if figures[0].startswith("-") else size


def _position(text: str) -> float | None:
    """-1 (left) to 1 (right); None for a bare "left" or "right", whose side is in the text."""
    if text.startswith(("cent", "middle")):
        return 0.0
    side = -1.0 if "left" in text or text.startswith("l") else 1.0
    if text.startswith(("hard", "full")):
        return side
    figure = re.search(r"\d+", text)
    return side * min(100.0, float(figure[0])) / 100.0 if figure else None


def _when(kind: str, text: str) -> When:
    if kind == "bars":
        bars = [int(n) for n in re.findall(r"\d+", text)]
        return When(bars=(bars[0], bars[-1]), text=text)
    times = [_seconds(t) for t in re.findall(_TIME, text)]
    if kind == "range":
        return When(min(times), max(times), text=text)
    if kind == "onward":
        return When(times[0], None, text=text)
    return When(0.0, times[0], text=text) if kind == "until" else When(times[0], times[0], text=text)


def _seconds(text: str) -> float:
    parts = [float(p) for p in re.sub(r"[^\d:.]", "", text).rstrip(".").split(":")]
    total = 0.0
    for part in parts:
        total = total * 60.0 + part
    return total


def _phrases(
    words: list[str], is_target: Callable[[tuple[str, ...]], bool], sections: frozenset[str]
) -> list[Token]:
    found = []
    at = 0
    while at < len(words):
        for length in range(min(LONGEST_PHRASE, len(words) - at), 0, -1):
            token = _phrase(tuple(words[at : at + length]), is_target, sections)
            if token is not None:
                found.append(token)
                break
        at += length
    return found


def _phrase(
    words: tuple[str, ...], is_target: Callable[[tuple[str, ...]], bool], sections: frozenset[str]
) -> Token | None:
    """What these words stand for as one phrase; a single word always stands for something."""
    text = " ".join(words)
    when = _section(words, sections)
    if when is not None:
        return Token("when", text, when)
    trade = trade_words().get(words)
    if len(words) > 1 and is_target(words):
        return Token("target", text, words)
    if trade is not None:
        return Token("trade", text, trade)
    if text in DEGREES:
        return Token("degree", text, DEGREES[text])
    if len(words) > 1:
        return None
    if is_target(words):
        return Token("target", text, words)
    if text in SIZES:
        return Token("size", text, SIZES[text])
    if text in ("and", "plus", "&", "n"):
        return Token("and", text)
    if text == "but":
        return Token("stop", text)
    return Token("filler" if text in FILLERS or text.isdigit() else "unknown", text)


def _section(words: tuple[str, ...], sections: frozenset[str]) -> When | None:
    """A section of the song: its own name, or a usual word for one with a number ("second verse", "chorus 2")."""
    text = " ".join(words)
    if text in sections:
        return When(section=text, text=text)
    usual = {name.strip() for name in _SECTIONS.split(",")}
    number: int | None = None
    if words[0] in _ORDINALS and len(words) > 1:
        number, words = _ORDINALS[words[0]], words[1:]
    elif len(words) > 1 and words[-1].isdigit() and " ".join(words) not in usual:
        number, words = int(words[-1]), words[:-1]
    name = " ".join(words)
    if name not in usual:
        return None
    singular = {"verses": "verse", "choruses": "chorus", "prechorus": "pre chorus"}.get(name, name)
    return When(section=singular, number=number, text=text)
