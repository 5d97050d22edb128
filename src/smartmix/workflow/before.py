"""What a track was before its move: known from the analysis where it plays as recorded, else measured."""

from __future__ import annotations

from smartmix.analysis import Analysis, TrackFacts
from smartmix.plan import MixPlan, Move
from smartmix.plan.staging import bypass
from smartmix.rendering import stream_track
from smartmix.session import Session
from smartmix.session.routing import bus_gain_db
from smartmix.workflow.after import Rendered, rendered


def track_before(
    session: Session, analysis: Analysis, plan: MixPlan, move: Move, track_id: str, *, bands: bool
) -> TrackFacts | Rendered:
    """The track as it plays without the move: at the session's gains and pan, behind the trims in force and its chain.

    ``bands`` asks for the band powers as well. The analysis knows tracks at unity gain only.
    """
    track, bare = session.track(track_id), bypass(plan, move.id)
    trimmed = any(s.ref.track == track_id for m in bare.moves for s in m.sets)
    chained = bool(plan.chains.get(track_id))
    if trimmed or chained or track.gain_db or track.pan or bus_gain_db(session, track_id):
        return rendered(stream_track(session, bare, track_id), session.sample_rate, bands=bands)
    return analysis.tracks[track_id]
