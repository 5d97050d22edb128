"""Files that got another name after a plan was made: the session under the ids the plan knows its tracks by."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from smartmix.plan import MixPlan
from smartmix.session import Session, Track
from smartmix.session.buses import default_buses
from smartmix.session.role_names import role_from_name
from smartmix.session.source import stream_placed_source


def under_plan_names(session: Session, plan: MixPlan) -> Session:
    """The session in which a renamed file has the id the plan has for its samples, so that decisions find it.

    Only files the plan has no name for are read, and only when it names tracks the session does not have. A file whose
    samples changed as well is not found here: the next pass recognises it by its sound.
    """
    here = {t.id for t in session.tracks}
    gone = {digest: id_ for id_, digest in plan.input_hashes.items() if id_ not in here and id_ != "rough"}
    if not gone:
        return session
    names: dict[str, str] = {}
    for track in session.tracks:
        if track.id not in plan.input_hashes and (id_ := gone.pop(_digest(session, track), None)) is not None:
            names[track.id] = id_
    return session_under(session, names) if names else session


def session_under(session: Session, names: Mapping[str, str]) -> Session:
    """The session with these tracks' ids changed (new id by old), also in buses, wet prints and locks.

    A track whose file name says no role gets the one its new id says, and so a place in the default buses.
    """
    tracks = tuple(_under(t, names) for t in session.tracks)
    if session.buses == default_buses(session.tracks):
        buses = default_buses(tracks)
    else:
        buses = tuple(replace(b, members=tuple(names.get(m, m) for m in b.members)) for b in session.buses)
    locks = frozenset(_lock(lock, names) for lock in session.locks)
    match = tuple((names.get(owner, owner), file) for owner, file in session.match)
    return replace(session, tracks=tracks, buses=buses, locks=locks, match=match)


def _under(track: Track, names: Mapping[str, str]) -> Track:
    if track.child_of is not None and track.child_of in names:
        track = replace(track, child_of=names[track.child_of])
    if track.id not in names:
        return track
    id_ = names[track.id]
    role = role_from_name(id_.replace("-", " ")) if track.role == "unknown" else track.role
    source = track.role_source if role == track.role else "name"
    return replace(track, id=id_, role=role, role_source=source)


def _lock(lock: str, names: Mapping[str, str]) -> str:
    """A lock is a track's id, or an address that begins with it."""
    name, slash, rest = lock.partition("/")
    return f"{names.get(name, name)}{slash}{rest}"


def _digest(session: Session, track: Track) -> str:
    """The hash of a track's samples, as ``Analysis.input_hashes`` has it."""
    digest = hashlib.sha256()
    for block in stream_placed_source(track, sample_rate=session.sample_rate):
        digest.update(np.ascontiguousarray(block.T).data)
    return digest.hexdigest()
