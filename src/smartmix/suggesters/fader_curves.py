"""Where the faders stand over time once moves are in force: what later opinions have to listen through."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ
from smartmix.plan.move import Move, MoveSet
from smartmix.session.routing import bus_members
from smartmix.session.session import Session

Curve = NDArray[np.float64]


def fader_curves(session: Session, moves: Iterable[Move], frames: int) -> dict[str, Curve]:
    """dB per 10 Hz frame by track id, for the tracks that moves touch; bus faders are folded into their members."""
    curves: dict[str, Curve] = {}
    for move in moves:
        for setting in move.sets:
            if (setting.ref.device, setting.ref.parameter) != ("fader", "gain_db"):
                continue
            drawn = _drawn(setting, move.span_s, frames)
            for track in sorted(bus_members(session, setting.ref.track)):
                curves[track] = curves.get(track, np.zeros(frames)) + drawn
    return curves


def _drawn(setting: MoveSet, span_s: tuple[float, float] | None, frames: int) -> Curve:
    times = (np.arange(frames) + 0.5) / FRAME_RATE_HZ
    value = setting.value
    if isinstance(value, str):
        return np.zeros(frames)
    drawn = (
        np.interp(times, [p.time_s for p in value], [p.value for p in value])
        if isinstance(value, tuple)
        else np.full(frames, value)
    )
    return drawn if span_s is None else np.where((times >= span_s[0]) & (times < span_s[1]), drawn, 0.0)
