"""What a person decided in one plan, setting by setting: what was suggested, and what they wanted instead."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from smartmix.analysis.analysis import OCTAVE_GROUP_EDGES_HZ, OCTAVE_GROUPS
from smartmix.plan.merging import FROM_NOTE, decided_by_person

if TYPE_CHECKING:
    from smartmix.plan.mixplan import MixPlan
    from smartmix.plan.move import Move, MoveSet
    from smartmix.session.session import Session

HABIT = "habit"
"""Kind of evidence that says how much of a suggestion a habit put there, dB."""
FADER = "fader"
LARGEST_DB = 24.0
"""A wish beyond this is no amount: a fader pulled shut, a send switched off or on."""
QUANTITIES = (FADER, *(f"eq {group}" for group in OCTAVE_GROUPS), "send")
"""What habits are kept about: faders, EQ gains by octave group, send levels. All in dB."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One wish of a person about one kind of track: ``wanted_db`` beyond what was suggested, in one song.

    The mean over the song's tracks of this role, so that twelve backing vocals are one opinion.
    """

    role: str
    quantity: str
    wanted_db: float


def quantity_of(move: Move, setting: MoveSet) -> str | None:
    """What a setting is about, as one of QUANTITIES; None for what no habit is kept about.

    The tone of the client's own rough is theirs, not a suggestion to have habits about.
    """
    ref = setting.ref
    if not isinstance(setting.suggested, float):
        return None
    if ref.device == "fader" and ref.parameter == "gain_db":
        return FADER
    if ref.device == "send":
        return "send"
    if ref.device == "eq" and ref.parameter.endswith(".gain_db") and move.authority != "rough":
        band = ref.parameter.rpartition(".")[0]
        name = f"{band}.freq_hz"
        hz = next((s.value for s in move.sets if s.ref.track == ref.track and s.ref.parameter == name), None)
        if isinstance(hz, float):
            return f"eq {OCTAVE_GROUPS[int(np.searchsorted(OCTAVE_GROUP_EDGES_HZ, hz))]}"
    return None


def decisions_of(session: Session, plan: MixPlan) -> tuple[Decision, ...]:
    """A person's wishes in a plan of this session; () when no person has decided anything in it.

    Accepted: as suggested (0). Edited: the difference. Rejected: back to where it was. A person's own fader move is a
    wish beyond no suggestion; a fader nobody touched in a plan that was worked on is one that was right. What only a
    rule accepted, in such a plan, was left to stand. Answers to a client's notes are the client's wishes, and rides
    and choices are no amounts: neither counts.
    """
    if not any(entry.by == "person" for entry in plan.history) and not any(
        decided_by_person(plan, move) for move in plan.moves
    ):
        return ()
    role = {track.id: track.role for track in session.audible_tracks if track.role != "unknown"}
    wishes: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for track, what in role.items():
        wishes[what, FADER][track] = 0.0
    for move in plan.moves:
        if move.source == FROM_NOTE or move.span_s is not None:
            continue
        for setting in move.sets:
            quantity, track = quantity_of(move, setting), setting.ref.track
            wish = _wish(plan, move, setting)
            if quantity is not None and wish is not None and abs(wish) <= LARGEST_DB and track in role:
                here = wishes[role[track], quantity]
                here[track] = here.get(track, 0.0) + wish
    return tuple(
        Decision(what, quantity, round(float(np.mean(list(by_track.values()))), 3))
        for (what, quantity), by_track in sorted(wishes.items())
    )


def _wish(plan: MixPlan, move: Move, setting: MoveSet) -> float | None:
    """What was wanted beyond the suggestion, dB, as the suggestion was before any habit; None when undecided."""
    before, value = setting.before, setting.value
    if (
        not isinstance(before, float)
        or not isinstance(value, float)
        or not isinstance(setting.suggested, float)
    ):
        return None
    if move.authority == "person":
        return value - before if move.in_force else None
    if not move.in_force and not (move.status == "rejected" and decided_by_person(plan, move)):
        return None
    wanted = value if move.in_force else before
    return wanted - (setting.suggested - habit_db(move, setting.ref.track))


def habit_db(move: Move, track: str) -> float:
    """How much of the move's suggestion for a track an earlier habit put there, dB."""
    return sum(e.amount for e in move.evidence if e.kind == HABIT and track in e.tracks)
