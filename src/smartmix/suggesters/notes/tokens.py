"""A note cut into typed pieces: times, dB figures, names, trade words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from smartmix.suggesters.notes.request import When
from smartmix.suggesters.notes.small_words import FILLER_PHRASES, FILLERS, REFERENCES, TURNS, TYPOS
from smartmix.suggesters.notes.vocabulary import DEGREES, SIZES, trade_words

Kind = Literal[
    "target", "trade", "degree", "size", "db", "number", "when", "pan", "and", "stop", "against", "turn", "filler",
    "unknown",
]  # fmt: skip

LONGEST_PHRASE = 5
_TIME = r"\d{1,3}:\d{2}(?::\d{2})?(?:\.\d+)?|\d+(?:\.\d+)?\s?(?:s|sec|secs|seconds)\b"
_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?|\.\d+)"
_FOREIGN = r"(?:hz|khz|k|ms|samples?|bpm|cents?|lufs?|dbfs|dbtp|lu|percent|oct|x)\b|%|:1\b"
_PIECE = re.compile(
    rf"""(?P<range>(?:(?:from\s+)?(?:{_TIME})\s*(?:-|to|till|until|through|thru)
        |between\s+(?:{_TIME})\s*(?:-|to|and))\s*(?:{_TIME}))
    |(?P<onward>(?:from|after)\s+(?:{_TIME})(?:\s+on(?:wards?)?\b)?|(?:{_TIME})\s+onwards?\b)
    |(?P<until>(?:until|till|before|up\s+to)\s+(?:{_TIME}))
    |(?P<time>(?:@\s?)?(?:{_TIME}))
    |(?P<bars>(?:from\s+)?(?:bar|measure)s?\s+\d+\s*(?:-|to|through|thru)\s*(?:(?:bar|measure)\s+)?\d+)
    |(?P<turn>(?:from|after|until|till|before|up\s+to)\s+(?:the\s+)?(?:bar|measure)s?\s+\d+
        |\b(?:to|at)\s+(?!{_TIME}){_NUMBER}(?![\d.:])(?:\s*db\w*)?(?!\s*%?\s*(?:left|right)\b))
    |(?P<bar>(?:bar|measure)s?\s+\d+)
    |(?P<db>(?:{_NUMBER}\s*(?:-|to|or)\s*)?{_NUMBER}\s*(?:dbs?|decibels?)\b|half\s+a\s+db\b|\b(?:a|one)\s+db\b)
    |(?P<pan>\b[lr]\s?\d{{1,3}}\b|\b(?:hard|fully|full)\s+(?:left|right)\b|\b(?:left|right)\s+\d{{1,3}}\b(?:\s?%)?
        |\b\d{{1,3}}\s*%?\s+(?:left|right)\b|\b(?:left|right|cent(?:er|re)|middle)\b)
    |(?P<foreign>{_NUMBER}\s*(?:{_FOREIGN}))
    |(?P<number>(?<!\w)[+-]\d+(?:\.\d+)?(?![\w:])|\b\d+\.\d+(?![\w:]))
    |(?P<stop>[;\n!?]+|\.+(?=\s|$)|,)
    |(?P<word>\w+)""",
    re.VERBOSE,
)
_UNDERSTOOD_AS = (
    (r"(\d),(\d{1,2})(?=\s*db)", r"\1.\2"),
    (r"\b(\d{1,2})\s?m(?:in(?:ute)?s?)?\s?(?:and\s)?(\d{2})\s?(?:s(?:ec(?:ond)?s?)?)?\b", r"\1:\2"),
    (r"\b(\d{1,2})\s?m(?:in(?:ute)?s?)?\s?(?:and\s)?(\d)\s?s(?:ec(?:ond)?s?)?\b", r"\1:0\2"),
    (r"\b(\d{1,2})\s?min(?:ute)?s?(?:\s+mark)?\b", r"\1:00"),
    (r"(?<![\d:.])(\d{1,3})\s*(?:-|to)\s*(\d{1,3})\s?(?:s|secs?|seconds)\b", r"\1s-\2s"),
    (r"\b(\d{1,3}):(\d{2})\s*(?:-|to)\s*(\d{2})(?![\d:.]|\s*(?:s\b|sec|db|%|hz|left|right))", r"\1:\2-\1:\3"),
    (r"\b(?:a\s+)?couple\s+(?:of\s+)?(?=db)", "2 "),
    (r"\b(?:one|1)\s+and\s+a\s+half\s+(?=db)", "1.5 "),
    (r"\bto\s+(?=much\b|many\b|little\b)", "too "),
    (r"(?:^|(?<=[.,;!?\n]\s)|(?<=and\s))drop\b(?!\s+\d)|\bdrop(?=\s+(?:the|that)\b)", "take down"),
    (r"\bride(?=\s+the\b)", "bring"),
    (r"\b(?:take|shave|knock)\s+([^,;.]{1,12}?\bdbs?|\d+\s?dbs?)\s+off\b", r"\1 down"),
    (r"\btwo\b", "2"),
    (r"\bthree\b", "3"),
    (r"\bfour\b", "4"),
    (r"\bw/o\b", "without"),
    (r"\bw/\s?", "with "),
    (r"\s&\s", " and "),
    (r"\babit\b", "a bit"),
)
"""Ways of writing that mean the same: decimal commas, "1m23", "2 min", "0:21-24", number words."""
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
    folded = re.sub(r"\b(\d{1,2})['\u2019](\d{2})(?:[\"\u201d]|'')?(?!\d)", r"\1:\2", folded)
    return re.sub(r"[\u2010-\u2015\u2212]", "-", re.sub(r"['\u2018\u2019`\u00b4]", "", folded))


def tokens_of(
    text: str,
    is_target: Callable[[tuple[str, ...]], bool],
    sections: frozenset[str],
    own_names: Mapping[str, tuple[str, ...]] | None = None,
) -> list[Token]:
    """The typed pieces of a note. ``is_target`` says whether words name a track or group, ``sections`` holds the
    names of the song's own sections in plain words, ``own_names`` patterns of track names that are more than one plain
    word ("lead_vox.2") with the words they stand for: they are found before anything else in the text is.
    """
    source = plain(text)
    if re.match(r"\s*1[.)]\s", source):
        source = re.sub(r"(?:^|\s)\d{1,2}[.)]\s+", "\n", source)  # a numbered list
    for pattern, meaning in _UNDERSTOOD_AS:
        source = re.sub(pattern, meaning, source)
    if not own_names:
        return _tokens(source, is_target, sections)
    found: list[Token] = []
    at = 0
    for match in re.finditer("|".join(own_names), source):
        found += _tokens(source[at : match.start()], is_target, sections)
        words = next(words for pattern, words in own_names.items() if re.fullmatch(pattern, match[0]))
        found.append(Token("target", match[0], words))
        at = match.end()
    return found + _tokens(source[at:], is_target, sections)


def _tokens(
    source: str, is_target: Callable[[tuple[str, ...]], bool], sections: frozenset[str]
) -> list[Token]:
    found: list[Token] = []
    words: list[str] = []
    for match in _PIECE.finditer(source):
        kind = str(match.lastgroup)
        if kind == "word":
            parts = [w for w in match[0].split("_") if w]
            words.extend(TYPOS.get(w, w) for w in parts)
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
    if kind in ("turn", "foreign"):
        return Token("turn", text)
    if kind == "number":
        return Token("number", text, float(text))
    if any(int(s) > 59 for s in re.findall(r":(\d{2})", text)):
        return Token("turn", text)
    return Token("when", text, _when(kind, text))


def _decibels(text: str) -> float:
    if text.startswith("half"):
        return 0.5
    figures = re.findall(r"(?<![\d.])[+-]?(?:\d+\.?\d*|\.\d+)", re.sub(r"\b(?:to|or)\b", " ", text))
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
    if kind in ("bars", "bar"):
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
    if text in FILLER_PHRASES:
        return Token("filler", text)
    if text in DEGREES:
        return Token("degree", text, DEGREES[text])
    if text in SIZES:
        return Token("size", text, SIZES[text])
    if text in TURNS:
        return Token("turn", text)
    return _single(text, is_target) if len(words) == 1 else None


def _single(text: str, is_target: Callable[[tuple[str, ...]], bool]) -> Token:
    if text.isdigit() and len(text) < 9:
        return Token("target", text, (text,)) if is_target((text,)) else Token("number", text, float(text))
    if is_target((text,)):
        return Token("target", text, (text,))
    if text in ("l", "r"):
        return Token("pan", "left" if text == "l" else "right")
    if text in REFERENCES:
        return Token("against", text)
    if text in ("and", "plus", "n"):
        return Token("and", text)
    if text in ("but", "yet"):
        return Token("stop", text)
    return Token("filler" if text in FILLERS else "unknown", text)


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
