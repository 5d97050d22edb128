"""Who may give way to whom, and in which bands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import Analysis
from smartmix.analysis.masking_pairs import one_sound, priority_of
from smartmix.session.session import Session, Track
from smartmix.suggesters.limits import CUT_DB
from smartmix.suggesters.unmask.covered import Covered
from smartmix.suggesters.unmask.exact import UNHEARD_WEIGHT, Giver
from smartmix.suggesters.unmask.scene import Scene

Array = NDArray[np.float64]
LEAST_PRIORITY_APART = 0.1
"""Tracks that matter alike do not give way to each other: that is an arrangement (house)."""
MOST_GIVERS = 4
LEAST_SHARE = 0.02
"""A track that does less of the covering than this is left alone."""
HEARD_SHARE = 0.05
"""A band counts as heard with a twentieth of the loudness of the track's loudest band."""
FUNDAMENTAL_TOP = 2.0
FUNDAMENTAL_BOTTOM = 0.7
"""From half an octave under the lowest note to an octave over it is the body of a track: never cut for another one."""
LEAST_HZ = 60.0
STRONG = 0.8
"""A told priority from which a track is one that must be heard."""


def must_be_heard(session: Session) -> list[Track]:
    """The tracks room is made for, those that matter most first: what the person says, else lead voices, else lead
    instruments. Of a choir nobody has named a lead of, none: which voice should lead is not ours to say."""
    told = [t for t in session.audible_tracks if t.priority is not None and t.priority >= STRONG]
    for roles in (("lead_vocal",), ("lead",)):
        leads = [
            t
            for t in session.audible_tracks
            if t.role in roles and (t.priority is None or t.priority >= STRONG)
        ]
        if leads:
            told += [t for t in leads if t not in told]
            break
    return sorted(told, key=lambda t: -priority_of(t))


def givers_for(
    session: Session, analysis: Analysis, scene: Scene, covered: Covered, locks: frozenset[str]
) -> list[Giver]:
    """Who may give way to a covered track, those that cover most first, with the room each has left in each band.

    Not what matters as much, is the same source, is locked or protected, what nobody knows the role of, or what may be
    the same recording: there a person has to decide which of the two plays.
    """
    apart = one_sound(session) | _asked_about(session)
    wanted = session.track(scene.facts.tracks[covered.track])
    most = priority_of(wanted)
    found: list[tuple[float, Giver]] = []
    for index, name in enumerate(scene.facts.tracks):
        track = session.track(name)
        alike = (wanted.id, name) in apart or priority_of(track) > most - LEAST_PRIORITY_APART
        nobody = track.role == "unknown" and track.priority is None
        if index == covered.track or alike or nobody or track.locked or track.protect or name in locks:
            continue
        lost = np.maximum(covered.alone - covered.table[0], 0.0)
        blame = float((covered.share[index] * lost).sum() / max(float(lost.sum()), 1e-9))
        giver = _giver(analysis, scene, covered, index)
        if blame >= LEAST_SHARE and giver is not None:
            found.append((blame, giver))
    found.sort(key=lambda item: -item[0])
    return [giver for _, giver in found[:MOST_GIVERS]]


def _asked_about(session: Session) -> set[tuple[str, str]]:
    """Pairs of ids, in either order, that an open question of the intake is about."""
    pairs = [f.tracks for f in session.findings if f.question and len(f.tracks) == 2]
    return {pair for a, b in pairs for pair in ((a, b), (b, a))}


def _giver(analysis: Analysis, scene: Scene, covered: Covered, index: int) -> Giver | None:
    heard = scene.cells.heard_sone[index][covered.cells].astype(np.float64).mean(axis=(0, 1))
    if heard.max() <= 0.0:
        return None
    weight = np.where(heard >= HEARD_SHARE * heard.max(), 1.0, UNHEARD_WEIGHT)
    room = np.clip(CUT_DB + np.minimum(scene.eq_db[index], 0.0), 0.0, CUT_DB)
    room[scene.band_hz < LEAST_HZ] = 0.0
    facts = analysis.tracks[scene.facts.tracks[index]]
    lowest = facts.lowest_note_hz
    if lowest is not None:
        body = (scene.band_hz >= FUNDAMENTAL_BOTTOM * lowest) & (scene.band_hz <= FUNDAMENTAL_TOP * lowest)
        room[body] = 0.0
    return Giver(index, room, weight) if (room > 0.5).any() else None
