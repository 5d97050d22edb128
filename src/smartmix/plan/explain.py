"""Sentences: a move in the words of the trade. Track, what, where; because; result; cost."""

from __future__ import annotations

from smartmix.figures import span
from smartmix.plan.merging import FROM_NOTE
from smartmix.plan.move import CONFIDENT, Move, MoveSet
from smartmix.plan.phrases import decibels, device_key, device_words, figure, setting_words
from smartmix.plan.titles import title_in_force
from smartmix.session.returns import RETURNS
from smartmix.session.session import Session

__all__ = ["confidence_word", "decibels", "figure", "sentence", "what"]

SURE = 0.85


def sentence(move: Move, session: Session) -> str:
    """One move as an engineer would say it, with how sure it is.

    "GTR L: -2.5 dB at 310 Hz, Q 1.2, chorus 1 only (1:04-1:35). It sits 4 dB over the vocal ... Likely
    (0.78)." (with a true minus and en dashes). An edited value is given with the one that was suggested.
    """
    where = _where(move, session)
    head = f"{_subject(move, session)}: {what(move, session)}{f', {where}' if where else ''}."
    parts = [move.reason, move.result, move.cost, _standing(move)]
    names = tuple(track.name for track in session.tracks)
    return " ".join([head, *(_closed(part, names) for part in parts if part.strip())])


def what(move: Move, session: Session) -> str:
    """The settings of a move in words: "-2.5 dB at 310 Hz, Q 1.2", "fader +1.0 dB", "compress 3:1 over -24.0 dB"."""
    if not move.sets:
        return move.title
    if move.grouped:
        same_knob = len({(s.ref.device, s.ref.parameter) for s in move.sets}) == 1
        return ", ".join(
            f"{_track_name(s.ref.track, session)} {setting_words(s, bare=same_knob)}" for s in move.sets
        )
    told: dict[tuple[str, str], list[MoveSet]] = {}
    for setting in move.sets:
        told.setdefault((setting.ref.track, device_key(setting)), []).append(setting)
    return ", ".join(_of_track(track, sets, move, session) for (track, _), sets in told.items())


def _of_track(track: str, sets: list[MoveSet], move: Move, session: Session) -> str:
    """Settings of one device; those of another track than the move's, or of a group's fader, say so."""
    words = device_words(sets)
    if track != move.track:
        return f"{_track_name(track, session)}: {words}"
    return f"group {words}" if any(bus.id == track for bus in session.buses) else words


def confidence_word(confidence: float) -> str:
    """ "sure" from 0.85, "likely" from 0.7, else "have a listen"."""
    if confidence >= SURE:
        return "sure"
    return "likely" if confidence >= CONFIDENT else "have a listen"


def _subject(move: Move, session: Session) -> str:
    return title_in_force(move) if move.grouped else _track_name(move.track, session)


def _track_name(track_id: str, session: Session) -> str:
    """The name of a track, bus or return."""
    names = {"mix": "Mix"} | {item.id: item.name for item in RETURNS}
    names |= {bus.id: bus.name for bus in session.buses} | {track.id: track.name for track in session.tracks}
    return names.get(track_id, track_id)


def _where(move: Move, session: Session) -> str:
    if move.span_s is None:
        return ""
    start, end = move.span_s
    inside = [s for s in session.sections if s.start_s < end and s.end_s > start]
    exact = inside and abs(inside[0].start_s - start) < 1.0 and abs(inside[-1].end_s - end) < 1.0
    if exact and len(inside) <= 3:
        return f"{' and '.join(s.name for s in inside)} only ({span(move.span_s)})"
    return f"only {span(move.span_s)}"


def _standing(move: Move) -> str:
    """Who says so and how sure: a person's move names the person, any other its confidence."""
    if move.authority == "person":
        if move.source == FROM_NOTE:
            return "Asked for in a note"
        return f"Asked for by {move.source}" if move.source not in ("", "person") else "Your own move"
    word = confidence_word(move.confidence)
    words = f"{word[0].upper()}{word[1:]} ({move.confidence:.2f})"
    return f"{words}; edited by you" if move.status == "edited" else words


def _closed(part: str, names: tuple[str, ...]) -> str:
    """A part as a sentence with its full stop; a track's name in front keeps its spelling."""
    text = " ".join(part.split())
    if not text.startswith(names):
        text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?\u2026" else text + "."
