"""Which tracks are one sound to a listener: microphones of one source, a print and its dry track, doubles."""

from __future__ import annotations

from smartmix.analysis.faults.mic_names import same_source
from smartmix.session.roles import ROLES, family
from smartmix.session.session import Session, Track

_WHOLE_KIT = frozenset({"overheads", "room"})


def one_sound(session: Session) -> frozenset[tuple[str, str]]:
    """Pairs of ids (in either order) that do not compete: what one covers of the other is the same instrument.

    Microphones of one source, an effect print and its dry track, the overheads or room of a kit with its drums,
    and parts of one role in one group (doubles).
    """
    mics = [{mic.track.id for mic in group} for group in same_source(session)]
    tracks = session.audible_tracks
    return frozenset(
        (a.id, b.id)
        for a in tracks
        for b in tracks
        if a.id != b.id and (_related(a, b) or any({a.id, b.id} <= group for group in mics))
    )


def _related(a: Track, b: Track) -> bool:
    if b.id == a.child_of or a.id == b.child_of or (a.child_of and a.child_of == b.child_of):
        return True
    kit = family(a.role) == family(b.role) == "drums"
    if kit and (a.role in _WHOLE_KIT or b.role in _WHOLE_KIT):
        return True
    doubles = a.group is not None and a.group == b.group and a.role == b.role and a.role != "unknown"
    return doubles and not kit


def priority_of(track: Track) -> float:
    """How much a track matters, 0..1: what the person says, else by its role."""
    if track.priority is not None:
        return track.priority
    return ROLES[track.role].priority if track.role in ROLES else ROLES["unknown"].priority
