"""Client notes: what a person wrote ("1:12 vocal up; kick muddy"), as moves that quote it. A table, no guessing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from smartmix.figures import number
from smartmix.plan.move import Move
from smartmix.plan.note import ClientNote
from smartmix.suggesters.locks import without_locked
from smartmix.suggesters.notes import dynamics, levels, space
from smartmix.suggesters.notes.build import Ask, CannotDoError
from smartmix.suggesters.notes.parse import parse_note
from smartmix.suggesters.notes.request import Request
from smartmix.suggesters.notes.targets import Meant, Names
from smartmix.suggesters.notes.tokens import plain
from smartmix.suggesters.notes.tone import CURVES, tone
from smartmix.suggesters.notes.vocabulary import Axis
from smartmix.suggesters.notes.when import Span, UnknownPlaceError, spans_of
from smartmix.suggesters.suggester import Context

__all__ = ["Reading", "read_notes"]

LONGEST_NOTE = 2000
"""Characters of a note that are read."""

_ANSWERS: dict[Axis, Callable[[Ask], list[Move]]] = {
    "level": levels.level,
    "mute": levels.mute,
    "pan": levels.pan,
    "width": levels.width,
    "polarity": levels.polarity,
    "reverb": space.reverb,
    "delay": space.delay,
    "esses": dynamics.esses,
    "even": dynamics.even,
    "punch": dynamics.punch,
}
_ANSWERS |= {axis: tone for axis, _ in CURVES}  # type: ignore[misc]

_WITHOUT_DB: frozenset[Axis] = frozenset(
    ("mute", "pan", "width", "polarity", "reverb", "delay", "even", "punch", "rumble")
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the notes of a song come to: the notes with the ids of their moves and what was not read, the moves,
    and the tracks a client wants left alone.
    """

    notes: tuple[ClientNote, ...]
    moves: tuple[Move, ...]
    leave_alone: frozenset[str]
    replaced: frozenset[str] = frozenset()
    """Ids of suggested moves a note answers itself."""


def read_notes(context: Context, texts: Iterable[str], others: Sequence[Move] = ()) -> Reading:
    """Moves for the client's notes, each quoting the words it answers; the same notes, the same moves.

    A note that names no track, no trade word of the table, or a place the song does not have leads to no move and is
    named in ``unread`` with the reason. ``others`` are moves suggested already: rides of a stretch whose level a
    note is about are answered by it (``Reading.replaced``). Two notes that ask for the same thing at the same place
    make one move.
    """
    names = Names(context.session)
    sections = frozenset(plain(s.name) for s in context.session.sections)
    notes, moves, left, replaced = [], dict[str, Move](), set[str](), set[str]()
    for text in texts:
        requests, unread = parse_note(text[:LONGEST_NOTE], names.is_target, sections, names.patterns)
        if len(text) > LONGEST_NOTE:
            unread.append(f"what comes after {LONGEST_NOTE} characters: make it a note of its own")
        made: list[str] = []
        alone: set[str] = set()
        for request in requests:
            said = " ".join(request.text.split())
            for phrase in request.targets:
                try:
                    meant = _meant(names, request, phrase)
                    if request.axis == "leave":
                        alone.update(t.id for t in meant.tracks)
                        continue
                    ask = _ask(context, text, request, meant, others)
                    answers, held = _free(context, _ANSWERS[request.axis](ask))
                    unread += [f'"{said}": {title} is locked' for title in held]
                    if request.axis in ("level", "mute"):
                        ids = {t.id for t in meant.tracks}
                        replaced |= {o.id for o in others if levels.replaced_by(o, ids, ask.spans)}
                except (CannotDoError, UnknownPlaceError) as refusal:
                    unread.append(f'"{said}": {refusal}')
                    continue
                unread += [
                    f'"{said}": another wish about the same was taken: {moves[m.id].title}'
                    for m in answers
                    if m.id in moves and moves[m.id].title != m.title
                ]
                made += [m.id for m in answers if m.id not in made]
                moves |= {m.id: m for m in answers if m.id not in moves}
        left |= alone
        notes.append(ClientNote(text, tuple(made), tuple(dict.fromkeys(unread)), tuple(sorted(alone))))
    return Reading(tuple(notes), tuple(moves.values()), frozenset(left), frozenset(replaced))


def _free(context: Context, answers: Sequence[Move]) -> tuple[list[Move], list[str]]:
    """The moves without what the session locks, and the titles of those that are nothing without it."""
    kept = [(m, without_locked(m, context.session)) for m in answers]
    return [free for _, free in kept if free is not None], [m.title for m, free in kept if free is None]


def _meant(names: Names, request: Request, phrase: tuple[str, ...]) -> Meant:
    meant = names.meant(phrase, request.side)
    if meant is None:
        raise CannotDoError(f"no {' '.join(phrase)} among the tracks of this session")
    return meant


def _ask(context: Context, note: str, request: Request, meant: Meant, others: Sequence[Move]) -> Ask:
    if request.axis not in _ANSWERS:
        raise CannotDoError("there is no move for that")
    if request.amount_db is not None and request.axis in _WITHOUT_DB:
        raise CannotDoError("a figure in dB is not read for this; say it without, or with a touch or a lot")
    if request.amount_db is not None and request.amount_db > levels.GREATEST_DB:
        raise CannotDoError(
            f"{number(request.amount_db)} dB is more than {levels.GREATEST_DB:.0f} dB; set it by hand if it is meant"
        )
    spans = spans_of(request.when, context.session, _active(context, meant))
    return Ask(context, note, request, meant, spans, tuple(others))


def _active(context: Context, meant: Meant) -> tuple[Span, ...]:
    """When any of the tracks sounds, in order and apart."""
    tracks = context.analysis.tracks
    spans = sorted(span for t in meant.tracks if t.id in tracks for span in tracks[t.id].active_spans_s)
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
