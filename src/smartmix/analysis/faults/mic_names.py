"""Which tracks pick up the same source, read from their names and roles: in/out/sub, top/bottom, DI/amp, left/right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from smartmix.session.roles import ROLES, family
from smartmix.session.session import Session, Track
from smartmix.session.track_names import version_of

Position = Literal["", "in", "out", "sub", "top", "bottom", "di", "amp", "left", "right"]
PairKind = Literal["di_amp", "close", "sub", "sides"]

_WORDS: dict[Position, tuple[str, ...]] = {
    "in": ("in", "inside", "inner"),
    "out": ("out", "outside", "outer"),
    "sub": ("sub", "subkick"),
    "top": ("top",),
    "bottom": ("bottom", "btm", "bot", "under"),
    "di": ("di", "direct"),
    "amp": ("amp", "cab", "cabinet", "mic", "mike"),
    "left": ("l", "left"),
    "right": ("r", "right"),
}
_POSITION: dict[str, Position] = {word: position for position, words in _WORDS.items() for word in words}
_BY_ROLE: dict[str, tuple[Position, ...]] = {
    "kick": ("in", "out", "sub"),
    "snare": ("top", "bottom"),
    "toms": ("top", "bottom"),
}
_ORDER: tuple[Position, ...] = ("in", "", "top", "di", "left", "out", "sub", "bottom", "amp", "right")
"""The first of a source's microphones is the one the others are compared with."""
_ROLE_SOURCE = {"bass_di": "bass", "bass_amp": "bass", "electric_guitar": "guitar"}
_ROLE_POSITION: dict[str, Position] = {"bass_di": "di", "bass_amp": "amp"}
_OVERHEADS = ("overheads", "room")


@dataclass(frozen=True, slots=True)
class Microphone:
    """A track, where its microphone is, and what is left of its name that tells sources apart."""

    track: Track
    position: Position
    source: tuple[str, ...]


def name_words(name: str) -> list[str]:
    """Words of a track name, lower case: "01 KickIn" -> ["kick", "in"]; a leading track number is dropped."""
    words = re.findall(r"[^\W_]+", _spaced(name).lower())
    return words[1:] if len(words) > 1 and words[0].isdigit() else words


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def microphone(track: Track) -> Microphone:
    """Where a track's name says its microphone is."""
    allowed = (*_BY_ROLE.get(track.role, ("di", "amp")), "left", "right")
    words = name_words(track.name)
    position = _ROLE_POSITION.get(track.role, "")
    for word in words:
        if _POSITION.get(word) in allowed:
            position = _POSITION[word]
    role_words = (
        {part for text in ROLES[track.role].words for part in text.split()} if track.role in ROLES else set()
    )
    version = version_of(_spaced(track.name))
    # "bass amp FINAL(2)" is the amp of "bass di"; takes are performances, each with microphones of its own.
    plain = version.key if version.marks and "take" not in version.marks else words
    rest = [w for w in plain if w not in role_words and _POSITION.get(w) not in allowed]
    return Microphone(track, position, (_ROLE_SOURCE.get(track.role, track.role), *rest))


def same_source(session: Session) -> list[list[Microphone]]:
    """Groups of two or more audible tracks that pick up one source, the one to compare with first.

    A role must be known. Overheads and rooms are no pick-ups of one source: they are compared as a kit.
    """
    known = [
        microphone(t)
        for t in session.audible_tracks
        if t.role in ROLES and t.role != "unknown" and t.role not in _OVERHEADS
    ]
    ordered = sorted(known, key=lambda mic: mic.source)
    groups = []
    for _, members in groupby(ordered, key=lambda mic: mic.source):
        group = sorted(members, key=lambda mic: _ORDER.index(mic.position))
        if len({mic.position for mic in group}) == len(group) > 1:
            groups.append(group)
    places = {t.id: i for i, t in enumerate(session.tracks)}
    return sorted(groups, key=lambda group: min(places[mic.track.id] for mic in group))


def pairs(session: Session) -> Iterator[tuple[Track, Track, PairKind]]:
    """Every second track of a source with the first one, and what kind of pair they are."""
    for first, *others in same_source(session):
        for other in others:
            kind = _kind(first, other)
            if kind is not None:
                yield first.track, other.track, kind


def _kind(first: Microphone, second: Microphone) -> PairKind | None:
    places = {first.position, second.position}
    if places == {"di", "amp"}:
        return "di_amp"
    if family(first.track.role) == "drums" and places <= {"", "in", "out", "sub", "top", "bottom"}:
        return "sub" if "sub" in places else "close"
    if places == {"left", "right"}:
        return "sides" if first.track.channels == second.track.channels == 1 else None
    return None
