"""Habits at work: suggestions moved a little the way the person always moves them, and said so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from smartmix.analysis.analysis import Analysis
from smartmix.figures import number
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.roles import ROLES
from smartmix.session.session import Session, Track
from smartmix.suggesters.habits.decisions import FADER, HABIT, quantity_of
from smartmix.suggesters.habits.file import HabitsFile
from smartmix.suggesters.habits.ridge import Habit, learn_habits
from smartmix.suggesters.limits import FADER_DB, FADER_PRINTS_DB, SMALLEST_CUT_DB, SMALLEST_FADER_DB

LARGEST_DB = 1.5
"""A habit moves a suggestion by at most this (house: what a fader may move beside a rough)."""
BOOST_DB, CUT_DB = 1.5, 3.0
SEND_RANGE_DB = (-60.0, 0.0)
LISTEN, LIKELY = 0.6, 0.72
VERY_PLAIN_Z = 3.0
"""A fader that no one suggested but habit moves unasked only where the habit is this plain."""
SOURCE = "habits"

Plain = dict[tuple[str, str], Habit]


@dataclass(frozen=True, slots=True)
class _Song:
    """What habits must know of a song: its tracks, whose habits speak, whether a rough leads, how far faders may go."""

    tracks: dict[str, Track]
    habits: Plain
    has_rough: bool
    fader_db: float


@dataclass(frozen=True, slots=True)
class _Worked:
    """A setting with what a habit did to it."""

    setting: MoveSet
    habit: Habit | None
    amount_db: float = 0.0


def plain_habits(held: HabitsFile, song: str) -> Plain:
    """The habits that may speak in this song, by role and quantity: from other songs, and only the plain ones."""
    if not held.on:
        return {}
    return {(h.role, h.quantity): h for h in learn_habits(held.without(song).songs) if h.is_plain}


def with_habits(session: Session, analysis: Analysis, moves: Sequence[Move], held: HabitsFile) -> list[Move]:
    """The moves as this person would have them: faders, EQ gains and sends of each role up or down by its habit.

    At most 1.5 dB, never past the limits of such moves; a move that becomes too small to hear goes. A role whose
    fader nobody suggests to move gets a fader move of its own, not taken unasked unless the habit is very plain. A
    person's own moves, rides and moves for a part of the song stay as they are.
    """
    habits = plain_habits(held, session.name)
    if not habits:
        return list(moves)
    tracks = {track.id: track for track in session.audible_tracks}
    most = FADER_PRINTS_DB if analysis.material == "prints" else FADER_DB
    song = _Song(tracks, habits, analysis.rough is not None, most)
    worked = [_moved(move, song) for move in moves]
    kept = [move for move in worked if move is not None]
    return [*kept, *_of_its_own(session, analysis, moves, habits)]


def _moved(move: Move, song: _Song) -> Move | None:
    if move.authority == "person" or move.span_s is not None:
        return move
    worked = [_setting(move, s, song) for s in move.sets]
    if not any(w.habit for w in worked):
        return move
    heard = [w for w in worked if not (w.habit and _too_small(w.setting))]
    if not any(_says_something(w.setting) for w in heard):
        return None
    told = list(dict.fromkeys(because(w.habit) for w in heard if w.habit))
    evidence = tuple(_evidence(w, song.tracks) for w in heard if w.habit)
    return replace(
        move,
        sets=tuple(w.setting for w in heard),
        reason=" ".join([move.reason, *told]).strip(),
        title=_title(move, heard),
        interval=_interval(move, heard),
        evidence=(*move.evidence, *evidence),
    )


def _setting(move: Move, setting: MoveSet, song: _Song) -> _Worked:
    track, quantity = song.tracks.get(setting.ref.track), quantity_of(move, setting)
    habit = song.habits.get((track.role, quantity)) if track is not None and quantity is not None else None
    if habit is None or quantity is None or not isinstance(setting.suggested, float):
        return _Worked(setting, None)
    if sum(quantity_of(move, s) is not None and s.ref.track == setting.ref.track for s in move.sets) > 1:
        return _Worked(setting, None)  # several bands at once: which one the habit is about nobody knows
    wanted = setting.suggested + float(np.clip(habit.mean_db, -LARGEST_DB, LARGEST_DB))
    low, high = _limits(quantity, setting.suggested, song.fader_db)
    if song.has_rough and habit.role == "lead_vocal" and quantity == FADER:
        low = max(low, min(0.0, setting.suggested))  # with a rough the lead vocal never comes down unasked
    value = round(float(np.clip(wanted, low, high)), 2)
    if value == setting.suggested:
        return _Worked(setting, None)
    return _Worked(replace(setting, suggested=value), habit, value - setting.suggested)


def _limits(quantity: str, suggested: float, fader_db: float) -> tuple[float, float]:
    """How far a habit may take a setting: the house limits, or where the suggestion already stands beyond them."""
    if quantity == FADER:
        low, high = -fader_db, fader_db
    else:
        low, high = SEND_RANGE_DB if quantity == "send" else (-CUT_DB, BOOST_DB)
    return min(low, suggested), max(high, suggested)


def _too_small(setting: MoveSet) -> bool:
    least = {"fader": SMALLEST_FADER_DB, "eq": SMALLEST_CUT_DB}.get(setting.ref.device, 0.0)
    return isinstance(setting.suggested, float) and abs(setting.suggested) < least


def _says_something(setting: MoveSet) -> bool:
    """Whether a setting changes the sound by itself: a band's frequency without its gain does not."""
    return setting.ref.parameter.rpartition(".")[2] not in ("freq_hz", "q", "shape", "slope_db_oct")


def _title(move: Move, worked: list[_Worked]) -> str:
    """A fader's title tells its figure: the new one."""
    only = worked[0]
    if move.grouped or len(worked) != 1 or only.habit is None or only.habit.quantity != FADER:
        return move.title
    head, mark, _ = move.title.rpartition(": fader ")
    return f"{head}{mark}{number(float(str(only.setting.suggested)), plus=True)} dB" if mark else move.title


def _interval(move: Move, worked: list[_Worked]) -> tuple[float, float] | None:
    """The move's interval, shifted with it and widened by what is unknown of the habit."""
    only = [w for w in worked if w.habit is not None]
    if move.interval is None or move.grouped or len(only) != 1 or only[0].habit is None:
        return move.interval
    shift, half = only[0].amount_db, (move.interval[1] - move.interval[0]) / 2.0
    middle = (move.interval[0] + move.interval[1]) / 2.0 + shift
    spread = (only[0].habit.interval_db[1] - only[0].habit.interval_db[0]) / 2.0
    wide = float(np.hypot(half, spread))
    return middle - wide, middle + wide


def because(habit: Habit) -> str:
    """The habit in words: "Because you usually want lead vocals 1.2 dB further up than suggested (in 7 songs)." """
    way = "up" if habit.mean_db > 0 else "down"
    amount = number(abs(habit.mean_db))
    what = ROLES[habit.role].label
    where = {FADER: "on the fader", "send": "on the send"}.get(
        habit.quantity, f"in the {habit.quantity[3:]}s" if habit.quantity.startswith("eq") else ""
    )
    return f"Because you usually set {what} {amount} dB further {way} {where} than suggested ({habit.songs} songs)."


def _evidence(worked: _Worked, tracks: dict[str, Track]) -> Evidence:
    assert worked.habit is not None
    track = worked.setting.ref.track
    text = f"{tracks[track].name}: {number(worked.amount_db, plus=True)} dB of this is your habit"
    return Evidence(HABIT, text, worked.amount_db, "dB", (track,))


def _of_its_own(session: Session, analysis: Analysis, moves: Sequence[Move], habits: Plain) -> list[Move]:
    """Fader moves for roles with a habit that no suggestion moves (their group's fader counts as theirs)."""
    groups = {bus.id: bus.members for bus in session.buses}
    moved = {s.ref.track for m in moves for s in m.sets if s.ref.device == "fader"}
    moved |= {member for bus in moved & set(groups) for member in groups[bus]}
    found = []
    for track in session.audible_tracks:
        habit = habits.get((track.role, FADER))
        if habit is None or track.id in moved or track.locked or track.id not in analysis.tracks:
            continue
        change = round(float(np.clip(habit.mean_db, -LARGEST_DB, LARGEST_DB)), 1)
        if not (analysis.rough is not None and track.role == "lead_vocal" and change < 0):
            found.append(_fader(track, habit, change))
    return found


def _fader(track: Track, habit: Habit, change: float) -> Move:
    ref = ParamRef(track.id, "fader", "gain_db")
    setting = MoveSet(ref, "dB", 0.0, change)
    plain = abs(habit.mean_db) >= VERY_PLAIN_Z * habit.sd_db
    return Move(
        id=move_id(track.id, SOURCE, "fader"),
        track=track.id,
        title=f"{track.name}: fader {number(change, plus=True)} dB",
        source=SOURCE,
        confidence=LIKELY if plain else LISTEN,
        reason=because(habit),
        sets=(setting,),
        interval=habit.interval_db,
        result="Where you would have put it, if this song is like the others.",
        cost="A habit, not a fact about this song: reject it here and it weakens.",
        benefit=abs(change) / 2.0,
        evidence=(_evidence(_Worked(setting, habit, change), {track.id: track}),),
    )
