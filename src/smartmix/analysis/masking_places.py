"""The worst places of a song: events of masking gathered by pair and part of the song, and put into words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from smartmix.analysis.masking_events import MaskingEvent
from smartmix.analysis.masking_facts import MaskedPlace, place_words
from smartmix.analysis.masking_pairs import one_sound, priority_of
from smartmix.session.session import Section, Session

WORST = 10
MOST_OF_A_PAIR = 2
"""A list in which one pair stands ten times tells less than one with five pairs (house)."""
LEAST_LOST_SHARE = 0.1
"""Losing less than this of its loudness a track is not said to be covered (house)."""
_PER_DOUBLING = 4.0
OVERLAP = 0.5
"""Events whose bands share half of the narrower one (in octaves) are one place."""
LEAST_INSIDE = 0.7
"""A place is told by the section that holds this share of it (house)."""


def worst_places(
    session: Session, events: Sequence[MaskingEvent], sections: Sequence[Section]
) -> tuple[MaskedPlace, ...]:
    """The ten gravest places: loudness lost times how long, times how much the covered track matters."""
    apart = one_sound(session)
    matters = {track.id: priority_of(track) for track in session.tracks}
    named = {track.id: track.name for track in session.tracks}
    groups: dict[tuple[str, str, int], list[MaskingEvent]] = {}
    for event in events:
        if (event.covered, event.covering) not in apart:
            key = (event.covered, event.covering, _section_index(event, sections))
            groups.setdefault(key, []).append(event)
    found: list[tuple[float, MaskedPlace]] = []
    for (covered, covering, index), members in groups.items():
        same = _alike(members)
        place = _place(same, (named[covered], named[covering]), sections[index] if index >= 0 else None)
        if place.lost_share >= LEAST_LOST_SHARE:
            lost = sum(event.weight for event in same)
            found.append((lost * _matters(matters[covered], matters[covering]), place))
    found.sort(key=lambda item: (-item[0], item[1].covered, item[1].covering, item[1].span_s))
    return _few_of_each(place for _, place in found)


def _matters(covered: float, covering: float) -> float:
    """How much a loss counts: a lead that hides a pad is meant to, a pad that hides a lead is not."""
    return float(covered * 2.0 ** (_PER_DOUBLING * (covered - covering)))


def _few_of_each(places: Iterable[MaskedPlace]) -> tuple[MaskedPlace, ...]:
    said: Counter[tuple[str, str]] = Counter()
    kept: list[MaskedPlace] = []
    for place in places:
        pair = (place.covered, place.covering)
        if said[pair] < MOST_OF_A_PAIR and len(kept) < WORST:
            said[pair] += 1
            kept.append(place)
    return tuple(kept)


def _section_index(event: MaskingEvent, sections: Sequence[Section]) -> int:
    """The section an event lies in for the most part, -1 for none."""
    inside = [min(event.end_s, s.end_s) - max(event.start_s, s.start_s) for s in sections]
    best = max(range(len(inside)), key=inside.__getitem__, default=-1)
    return best if best >= 0 and inside[best] > 0.0 else -1


def _alike(members: list[MaskingEvent]) -> list[MaskingEvent]:
    """The gravest event and those in the same band."""
    gravest = max(members, key=lambda event: event.weight)
    return [event for event in members if _share_band(event, gravest)]


def _share_band(a: MaskingEvent, b: MaskingEvent) -> bool:
    shared = min(a.high_hz, b.high_hz) / max(a.low_hz, b.low_hz)
    narrower = min(a.high_hz / a.low_hz, b.high_hz / b.low_hz)
    return bool(shared >= narrower**OVERLAP)


def _said(section: Section | None, span_s: tuple[float, float]) -> str:
    """The section's name, unless most of the span lies in others."""
    if section is None:
        return ""
    inside_s = min(span_s[1], section.end_s) - max(span_s[0], section.start_s)
    return section.name if inside_s >= LEAST_INSIDE * (span_s[1] - span_s[0]) else ""


def _place(events: list[MaskingEvent], names: tuple[str, str], section: Section | None) -> MaskedPlace:
    gravest = max(events, key=lambda event: event.weight)
    seconds = sum(event.end_s - event.start_s for event in events)
    over_db = sum(event.over_db * (event.end_s - event.start_s) for event in events) / seconds
    lost = sum(event.lost_share * (event.end_s - event.start_s) for event in events) / seconds
    span_s = (min(event.start_s for event in events), max(event.end_s for event in events))
    band_hz = (gravest.low_hz, gravest.high_hz)
    return MaskedPlace(
        covered=gravest.covered,
        covering=gravest.covering,
        band_hz=band_hz,
        span_s=span_s,
        seconds=seconds,
        over_db=over_db,
        lost_share=lost,
        section=section.name if section else "",
        text=place_words(names, band_hz, over_db, span_s, _said(section, span_s)),
    )
