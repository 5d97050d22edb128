"""How much each track's level in the mix differs from the plain sum."""

from __future__ import annotations

import numpy as np

from smartmix.analysis.analysis import FRAME_RATE_HZ, Analysis
from smartmix.plan import MixPlan, MoveSet
from smartmix.plan.conflicts import resolve
from smartmix.session import Session
from smartmix.units import mean_db


def level_changes(session: Session, analysis: Analysis, plan: MixPlan) -> dict[str, float]:
    """Change of each audible track's level in dB by faders and trims; a moving fader counts where the track sounds."""
    changes = {track.id: track.gain_db for track in session.audible_tracks}
    for move in resolve(plan)[0]:
        for item in move.sets:
            if item.ref.device in ("fader", "trim") and item.ref.track in changes:
                changes[item.ref.track] += _mean_gain_db(analysis, item)
    return changes


def _mean_gain_db(analysis: Analysis, item: MoveSet) -> float:
    value = item.value
    if isinstance(value, str):
        return 0.0
    if not isinstance(value, tuple):
        return value
    active = analysis.tracks[item.ref.track].features.active
    times = (np.arange(active.size) + 0.5) / FRAME_RATE_HZ
    gain_db = np.interp(times, [p.time_s for p in value], [p.value for p in value])
    return mean_db(gain_db[active]) if active.any() else 0.0
