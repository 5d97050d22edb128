"""How much each track's level in the mix differs from the plain sum."""

from __future__ import annotations

import numpy as np

from smartmix.analysis.analysis import FRAME_RATE_HZ, Analysis
from smartmix.automation.targets import is_locked, tracks_of
from smartmix.plan import MixPlan
from smartmix.plan.conflicts import resolve
from smartmix.plan.move import Value
from smartmix.plan.ranges import is_return
from smartmix.session import Session
from smartmix.session.routing import bus_gain_db
from smartmix.units import mean_db


def level_changes(session: Session, analysis: Analysis, plan: MixPlan) -> dict[str, float]:
    """Change of each audible track's level in dB by faders, trims and groups; a moving fader counts where the track
    sounds.
    """
    changes = {t.id: t.gain_db + bus_gain_db(session, t.id) for t in session.audible_tracks}
    for move in resolve(plan)[0]:
        for item in move.sets:
            if item.ref.device not in ("fader", "trim") or is_return(item.ref.track):
                continue
            for track in tracks_of(session, item.ref.track, item.ref.device):
                if item.ref.track == track.id or not is_locked(session, plan, track):
                    changes[track.id] += _mean_gain_db(analysis, track.id, item.value, move.span_s)
    return changes


def _mean_gain_db(analysis: Analysis, track: str, value: Value, span_s: tuple[float, float] | None) -> float:
    if isinstance(value, str):
        return 0.0
    if span_s is None and not isinstance(value, tuple):
        return value
    active = analysis.tracks[track].features.active
    times = (np.arange(active.size) + 0.5) / FRAME_RATE_HZ
    gain_db = (
        np.interp(times, [p.time_s for p in value], [p.value for p in value])
        if isinstance(value, tuple)
        else np.full(times.size, value)
    )
    if span_s is not None:
        gain_db = np.where((times >= span_s[0]) & (times < span_s[1]), gain_db, 0.0)
    return mean_db(gain_db[active]) if active.any() else 0.0
