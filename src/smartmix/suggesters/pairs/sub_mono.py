"""Lows that belong in the middle: a stereo bass or kick whose sides do not agree is thin on one speaker."""

from __future__ import annotations

import numpy as np

from smartmix.analysis.analysis import TrackFacts
from smartmix.figures import number
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.plan.ranges import RANGES
from smartmix.session.session import Track
from smartmix.suggesters.suggester import Context
from smartmix.units import db_to_power

NAME = "sub-mono"
ROLES = ("kick", "bass", "bass_di", "bass_amp")
"""Where the lows are the point of the track; keys and rooms may be as wide as they are down there (house)."""
BELOW_HZ = 120.0
LOW_SHARE = 0.6
"""Of its power under 200 Hz: only then is what the whole track loses in mono what its lows lose."""
LOW_HZ = 200.0
LOSS_DB = 0.7
CLEAR_LOSS_DB = 1.5
OPPOSED_DB = 6.0
"""More than this is a polarity fault between the sides, which is another move's business (suggesters/repairs.py)."""


def sub_mono_moves(context: Context) -> list[Move]:
    """One for each stereo kick or bass that loses its lows in mono."""
    hz = context.analysis.band_hz
    moves = []
    for track in context.session.audible_tracks:
        facts = context.analysis.tracks[track.id]
        if track.locked or track.channels != 2 or track.role not in ROLES:
            continue
        if _low_share(facts, hz) >= LOW_SHARE and LOSS_DB <= facts.mono_loss_db < OPPOSED_DB:
            moves.append(_move(track, facts))
    return moves


def _low_share(facts: TrackFacts, hz: np.ndarray) -> float:
    power = db_to_power(facts.spectrum_db.astype(np.float64))
    total = float(power.sum())
    return float(power[hz < LOW_HZ].sum()) / total if total > 0.0 else 0.0


def _move(track: Track, facts: TrackFacts) -> Move:
    loss = number(facts.mono_loss_db)
    ref = ParamRef(track.id, "width", "mono_below_hz")
    return Move(
        id=move_id(track.id, NAME, "width"),
        track=track.id,
        title=f"{track.name}: mono below {BELOW_HZ:.0f} Hz",
        source=NAME,
        confidence=0.72 if facts.mono_loss_db >= CLEAR_LOSS_DB else 0.55,
        reason=f"It loses {loss} dB on one speaker: the sides disagree, and most of it is low.",
        sets=(MoveSet(ref, "Hz", RANGES["width", "mono_below_hz"].default, BELOW_HZ),),
        interval=(-facts.mono_loss_db, -0.3 * facts.mono_loss_db),
        result="The lows are the same on both sides; what one speaker plays does not change.",
        cost="Less width down there on headphones.",
        benefit=0.3 * facts.mono_loss_db,
        evidence=(
            Evidence(
                "mono", f"{loss} dB quieter in mono", facts.mono_loss_db, "dB", (track.id,), (20.0, LOW_HZ)
            ),
        ),
    )
