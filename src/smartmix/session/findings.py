"""What intake found out about a session: done, decided, or to be asked, each in one plain sentence."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from typing import Literal

FindingKind = Literal[
    "corrected", "asked", "missing", "set_aside", "muted", "paired", "related", "moved", "resampled", "guessed",
    "kept", "noted",
]  # fmt: skip
ORDER: tuple[FindingKind, ...] = (
    "corrected", "asked", "missing", "set_aside", "muted", "paired", "related", "moved", "resampled", "guessed",
    "kept", "noted",
)  # fmt: skip
"""The order people read them in: what changes the sound most and rests on a guess comes first."""
LONGEST_NAME = 80
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found while opening. ``tracks`` are ids; ``question`` is True where a person has to decide.

    Kinds: corrected (a wrong sample rate in a header) · asked (could be one or the other) · missing · set_aside
    (a file or folder that takes no part) · muted · paired (two mono files, one stereo track) · related (a wet print
    and its dry track) · moved (placed by the start time in the file) · resampled · guessed (roles, the rough) ·
    kept (looked like a double, is none) · noted.
    """

    kind: FindingKind
    text: str
    tracks: tuple[str, ...] = ()
    question: bool = False


@dataclass
class Notices:
    """Findings in the order they were made."""

    findings: list[Finding] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """The sentences, in the order they were found."""
        return [finding.text for finding in self.findings]

    def leave_out(self, name: str, why: str) -> None:
        """Note that a sound file cannot be used, and why."""
        self.unusable.append(name)
        self.add(why, "set_aside")

    def add(
        self, text: str, kind: FindingKind = "noted", tracks: tuple[str, ...] = (), *, question: bool = False
    ) -> None:
        """Note one more thing, once."""
        if text not in self.lines:
            self.findings.append(Finding(kind, text, tracks, question))

    def rename(self, ids: dict[str, str]) -> None:
        """Tracks have got other ids: follow them."""
        self.findings = [
            replace(f, tracks=tuple(dict.fromkeys(ids.get(t, t) for t in f.tracks))) for f in self.findings
        ]

    def ordered(self) -> tuple[Finding, ...]:
        """As people read them: corrections, then questions, then what was done, by kind."""
        return tuple(
            sorted(self.findings, key=lambda f: (f.kind != "corrected", not f.question, ORDER.index(f.kind)))
        )


def plain_name(name: str) -> str:
    """A file name that can be shown anywhere: one line, nothing that steers a terminal or turns a line round."""
    text = "".join(_plain(c) for c in name)
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"


def _plain(character: str) -> str:
    if character in "\n\r\t\u2028\u2029":
        return " "
    hidden = character in _BIDI_CONTROLS or unicodedata.category(character) in ("Cc", "Cs")
    return "\ufffd" if hidden else character
