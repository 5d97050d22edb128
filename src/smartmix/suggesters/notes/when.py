"""Where in the song a note means: its times, bars and section words as spans in seconds."""

from __future__ import annotations

from smartmix.session.session import Section, Session
from smartmix.suggesters.notes.request import When
from smartmix.suggesters.notes.tokens import plain

Span = tuple[float, float]

AROUND_S = 8.0
"""A single time means the passage that sounds then, up to this long; so long a stretch where a track plays on and
on (house)."""
LEAD_S = 1.0
"""The stretch begins this much before the time that was written down: notes are written a little late (house)."""
BREATH_S = 2.5
"""Phrases this near to each other are one passage (house; as in the rides)."""
REACH_S = 3.0
"""A phrase that begins this soon after the time is the one that is meant (house)."""


class UnknownPlaceError(Exception):
    """The song has no such place; the text says why."""


def spans_of(when: tuple[When, ...], session: Session, active_s: tuple[Span, ...]) -> tuple[Span, ...]:
    """The spans a request is about, in order and apart; () for all of the song. UnknownPlaceError says
    what is missing.

    ``active_s`` are the spans in which the tracks that are meant sound: a single time is about the phrase it
    falls into.
    """
    found: list[Span] = []
    for part in when:
        found += _spans(part, session, active_s)
    if found and active_s and not any(_meet(span, active_s) for span in found):
        raise UnknownPlaceError("it is silent there")
    return _apart(found)


def _meet(span: Span, active_s: tuple[Span, ...]) -> bool:
    return any(start < span[1] and end > span[0] for start, end in active_s)


def _spans(when: When, session: Session, active_s: tuple[Span, ...]) -> list[Span]:
    if when.section:
        return _sections(when, session)
    start, end = when.start_s, when.end_s
    if when.bars is not None:
        start, end = _bars(when.bars, session)
    if start is None:
        return []
    if start >= session.duration_s:
        raise UnknownPlaceError(f"{when.text} lies past the end of the song")
    if end is None:
        return [(start, session.duration_s)]
    if end > start:
        return [(start, min(end, session.duration_s))]
    return [_around(start, session.duration_s, active_s)]


def _around(time_s: float, duration_s: float, active_s: tuple[Span, ...]) -> Span:
    following = [s for s in active_s if s[1] > time_s]
    if not following or following[0][0] - REACH_S > time_s:
        return _stretch(time_s, duration_s)
    start, end = following[0]
    if end - start > AROUND_S:
        first, last = _stretch(max(time_s, start), duration_s)
        return max(first, start), min(last, end)
    for phrase in following[1:]:
        if phrase[0] - end > BREATH_S or phrase[1] - start > AROUND_S:
            break
        end = phrase[1]
    return start, end


def _stretch(time_s: float, duration_s: float) -> Span:
    start = max(0.0, time_s - LEAD_S)
    return start, min(start + AROUND_S, duration_s)


def _sections(when: When, session: Session) -> list[Span]:
    exact = [s for s in session.sections if plain(s.name) == when.section]
    if exact:
        return [(s.start_s, s.end_s) for s in exact]
    of_name = [s for s in session.sections if _bare(s) == when.section]
    if when.number is None:
        chosen = of_name
    elif when.number == -1:
        chosen = of_name[-1:]
    else:
        chosen = of_name[when.number - 1 : when.number]
    if not chosen:
        known = ", ".join(s.name for s in session.sections)
        told = (
            f"sections: {known}"
            if known
            else "no sections are named; give times, or name them in session.toml"
        )
        raise UnknownPlaceError(f"there is no {when.text!r} ({told})")
    return [(s.start_s, s.end_s) for s in chosen]


def _bare(section: Section) -> str:
    """The name of a section without its number: "verse 2" is a verse."""
    return plain(section.name).rstrip(" 0123456789").replace("-", " ").strip()


def _bars(bars: tuple[int, int], session: Session) -> Span:
    """Seconds of bars counted from 1, the last one included."""
    if not session.tempo_map:
        raise UnknownPlaceError("bars need a tempo in session.toml; give times")
    first, last = bars
    return _bar_start(max(first, 1), session), _bar_start(max(last, first, 1) + 1, session)


def _bar_start(bar: int, session: Session) -> float:
    points = session.tempo_map
    time_s, number = points[0].time_s, 1.0
    for point, following in zip(points, [*points[1:], None], strict=True):
        bar_s = 60.0 / point.bpm * point.beats_per_bar * 4.0 / point.beat_unit
        bars_here = float("inf") if following is None else (following.time_s - point.time_s) / bar_s
        time_s = point.time_s
        if number + bars_here > bar:
            return time_s + (bar - number) * bar_s
        number += bars_here
    return time_s


def _apart(spans: list[Span]) -> tuple[Span, ...]:
    """Spans in order, those that touch joined."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span[0] <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], span[1]))
        else:
            joined.append(span)
    return tuple(joined)
