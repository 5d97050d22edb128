"""Which tracks a word of a note means: a track's own name, a group, a role as engineers call it, or all of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property

from smartmix.session.roles import ROLES, family
from smartmix.session.routing import bus_members
from smartmix.session.session import Session, Track
from smartmix.suggesters.notes.request import Phrase
from smartmix.suggesters.notes.small_words import FILLERS, REFERENCES, TURNS
from smartmix.suggesters.notes.tokens import plain
from smartmix.suggesters.notes.vocabulary import DEGREES, SIZES, trade_words

MIX = "mix"
_MIX_WORDS = "mix, whole mix, whole song, whole thing, everything, entire mix, full mix, master"
_FAMILY_WORDS = {
    "drums": "drums, drum kit, kit, drum, drumkit",
    "bass": "bass, basses, bass guitar",
    "guitars": "guitars, guitar, gtrs, gtr, gits",
    "keys": "keys, keyboards, keyboard",
    "vocals": "vocals, voxes, voices, vox group, singing, all vocals",
    "effects": "effects, fx, sound effects",
}
_LEAD_WORDS = "vocal, vox, voice, singer, lead vocal, lead vox, lead vocals, main vocal, lead singer, voc"
_PLURALS = {
    "snares": "snare",
    "kicks": "kick",
    "synths": "synth",
    "pads": "pad",
    "pianos": "piano",
    "organs": "organ",
    "brasses": "brass",
    "horns": "brass",
    "horn": "brass",
    "shakers": "percussion",
    "tambourine": "percussion",
    "perc": "percussion",
    "harmonies": "backing_vocal",
    "harmony": "backing_vocal",
    "backings": "backing_vocal",
    "backing vocals": "backing_vocal",
    "rooms": "room",
}
_SHORTEST_PART = 2
"""A single word of a track's name stands for it from this many letters on ("arp" for "Synth_Arp")."""
_SMALL_WORDS = frozenset(("and", "but", "plus", "yet", "up", "to")) | REFERENCES | TURNS
_SIDE_WORDS = {-1: {"l", "left", "lt", "links"}, 1: {"r", "right", "rt", "rechts"}}


@dataclass(frozen=True, slots=True)
class Meant:
    """The tracks a phrase means; ``bus`` when it is a whole group with a fader of its own, ``label`` to call it by."""

    label: str
    tracks: tuple[Track, ...]
    bus: str | None = None


class Names:
    """The names one may use for the tracks of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_target(self, words: Phrase) -> bool:
        """Whether these words name a track, a group or a kind of track, present in this session or not."""
        return words in self._own or words in _spoken() or self._part(words) is not None

    def meant(self, words: Phrase, side: int = 0) -> Meant | None:
        """The tracks these words mean, muted ones left out; None when this session has none such."""
        meant = self._own.get(words) or self._by_kind(words) or self._part(words)
        if meant is None or side == 0:
            return meant
        chosen = tuple(t for t in meant.tracks if side_of(t) == side)
        return Meant(chosen[0].name if len(chosen) == 1 else meant.label, chosen) if chosen else None

    @cached_property
    def _own(self) -> dict[Phrase, Meant]:
        """Names from the session itself: groups and buses, then tracks, which win."""
        table: dict[Phrase, Meant] = {}
        heard = self._session.audible_tracks
        for group in sorted({t.group for t in heard if t.group}):
            table[_words(group)] = Meant(group, tuple(t for t in heard if t.group == group))
        for bus in self._session.buses:
            tracks = self._members(bus.id)
            if tracks:
                table[_words(bus.name)] = Meant(bus.name, tracks, bus.id)
        called: dict[Phrase, list[Track]] = {}
        for track in heard:
            for name in {_words(track.name), _words(track.id), _without_number(_words(track.name))} - {()}:
                called.setdefault(name, []).append(track)
        for name, alike in called.items():  # "01 Gtr" and "02 Gtr": "gtr" is both of them
            label = alike[0].name if len(alike) == 1 else " ".join(name)
            table[name] = Meant(label, tuple(alike))
        return table

    @cached_property
    def patterns(self) -> dict[str, Phrase]:
        """Patterns of names of more than one plain word, the longest first: "lead_vox.2", "gtr-l 1", "LeadVox"."""
        found = {}
        for words in sorted(self._own, key=lambda w: (-len("".join(w)), w)):
            pieces = [p for word in words for p in re.findall(r"\d+|[^\W\d_]+", word)]
            if len(pieces) > 1 and not all(p.isdigit() for p in pieces):
                name = r"[\s_.\-]*".join(re.escape(p) for p in pieces)
                found[rf"(?<!\w){name}(?!\w|\s*(?:db|s\b|sec|hz|khz|%)|[:.]\d)"] = words
        return found

    def _members(self, bus_id: str) -> tuple[Track, ...]:
        found = bus_members(self._session, bus_id)
        return tuple(t for t in self._session.audible_tracks if t.id in found)

    def _by_kind(self, words: Phrase) -> Meant | None:
        kind = _spoken().get(words)
        heard = self._session.audible_tracks
        if kind == MIX:
            return Meant("the mix", heard)
        if kind is None:
            return None
        what, _, name = kind.partition(":")
        if what == "family":
            tracks = tuple(t for t in heard if family(t.role) == name)
            return self._group(name, tracks)
        tracks = tuple(t for t in heard if t.role == name)
        if not tracks and name == "lead":
            tracks = tuple(t for t in heard if t.role == "lead_vocal")
        if not tracks and name in ("synth", "guitar"):
            return self._group(family(name), tuple(t for t in heard if family(t.role) == family(name)))
        label = tracks[0].name if len(tracks) == 1 else ROLES[name].label
        return Meant(label, tracks) if tracks else None

    def _group(self, name: str, tracks: tuple[Track, ...]) -> Meant | None:
        """A family, by its bus where exactly these tracks have one."""
        if not tracks:
            return None
        if len(tracks) == 1:
            return Meant(tracks[0].name, tracks)
        same = [b for b in self._session.buses if set(self._members(b.id)) == set(tracks)]
        return Meant(same[0].name, tracks, same[0].id) if same else Meant(name, tracks)

    def _part(self, words: Phrase) -> Meant | None:
        """Tracks with this word in their name ("crunchy" for "Gtr Crunchy L")."""
        word = words[0]
        known = word in DEGREES or word in SIZES or word in FILLERS or words in trade_words()
        known = known or word in _SMALL_WORDS or (word.isdigit() and len(word) < 3)
        if len(words) != 1 or len(word) < _SHORTEST_PART or known:
            return None
        tracks = tuple(t for t in self._session.audible_tracks if word in _words(t.name))
        label = tracks[0].name if len(tracks) == 1 else word
        return Meant(label, tracks) if tracks else None


def side_of(track: Track) -> int:
    """-1 for a track that is panned left or called so ("Gtr L"), 1 for the right, 0 for neither."""
    for side, words in _SIDE_WORDS.items():
        if set(_words(track.name)) & words:
            return side
    return (track.pan > 0.1) - (track.pan < -0.1)


def _words(name: str) -> Phrase:
    split = re.sub(r"(?<=[a-z\u00df-\u00ff])(?=[A-Z\u00c0-\u00de])", " ", name)
    return tuple(w for w in re.split(r"[\W_]+", plain(split)) if w)


def _without_number(words: Phrase) -> Phrase:
    """A track name without the number in front of it: "04 OH" is "oh"."""
    return words[1:] if len(words) > 1 and words[0].isdigit() else words


@cache
def _spoken() -> dict[Phrase, str]:
    """Words for kinds of tracks: "role:kick", "family:drums" or the mix."""
    table = {tuple(w.split()): f"role:{role}" for role, info in ROLES.items() for w in info.words}
    table |= {tuple(w.split()): f"role:{role}" for w, role in _PLURALS.items()}
    table |= {tuple(w.strip().split()): "role:lead_vocal" for w in _LEAD_WORDS.split(",")}
    table = {
        words: kind for words, kind in table.items() if words[-1] not in ("up", "down")
    }  # "snare up" is a wish
    for name, words in _FAMILY_WORDS.items():
        table |= {tuple(w.strip().split()): f"family:{name}" for w in words.split(",")}
    return table | {tuple(w.strip().split()): MIX for w in _MIX_WORDS.split(",")}
