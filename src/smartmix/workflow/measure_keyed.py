"""What a move that listens to another track did: how much the one gives way while the other plays, and otherwise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.bands import erb_bands
from smartmix.figures import hertz, number
from smartmix.plan import MixPlan, Move
from smartmix.plan.staging import bypass
from smartmix.rendering import stream_track
from smartmix.session import Session
from smartmix.units import power_to_db
from smartmix.workflow.after import Rendered, rendered

PLAYS_WITHIN_DB = 15.0
SILENT_UNDER_DB = 25.0
"""Between the two the key is fading, and the release still lets go."""
LOUD_PERCENTILE = 95.0
LEAST_DB = 0.3
MOST_SHARE_BETWEEN = 0.4
"""What the track loses while the key is silent, of what it loses under it: more is a level change, not room made."""
FEWEST_FRAMES = 5
HALF_WIDTH = 2.0**0.5

Frames = NDArray[np.bool_]
Levels = NDArray[np.float64]


def keyed_outcome(session: Session, plan: MixPlan, move: Move, key: str) -> tuple[str, bool]:
    """In words, and whether the track gives way under the key and is left alone without it."""
    track, rate = move.sets[0].ref.track, session.sample_rate
    bare = bypass(plan, move.id)
    inside = _inside(move, rate)
    before = _power(rendered(stream_track(session, bare, track), rate, bands=True), inside)
    after = _power(rendered(stream_track(session, plan, track, solo_move=move.id), rate, bands=True), inside)
    heard = _power(rendered(stream_track(session, bare, key), rate, bands=True), inside)
    plays, silent = _apart(heard)
    sounds = before > before.max() * 1e-4 if before.size else np.zeros(0, np.bool_)
    under, between = _change_db(before, after, plays & sounds), _change_db(before, after, silent & sounds)
    where, name = _where(move), session.track(key).name
    if under is None:
        return f"it does not play together with {name}", False
    text = f"{number(under, plus=True)} dB{where} while {name} plays"
    if between is None:
        return f"{text}, which is all the time: a static cut would do the same", False
    text += f", {number(between, plus=True)} dB while it does not"
    return text, abs(under) >= LEAST_DB and abs(between) <= MOST_SHARE_BETWEEN * abs(under)


def _inside(move: Move, rate: int) -> Frames:
    """The bands that are looked at: half an octave to each side of a bell, or all."""
    centres = erb_bands(rate)[0]
    hz = _bell_hz(move)
    if hz is None:
        return np.ones(centres.shape, np.bool_)
    inside = (centres >= hz / HALF_WIDTH) & (centres <= hz * HALF_WIDTH)
    inside[int(np.argmin(np.abs(np.log(centres / hz))))] = True
    return np.asarray(inside)


def _bell_hz(move: Move) -> float | None:
    found = [
        s.value for s in move.sets if s.ref.device == "dynamic_eq" and s.ref.parameter.endswith(".freq_hz")
    ]
    return next((hz for hz in found if isinstance(hz, float)), None)


def _where(move: Move) -> str:
    hz = _bell_hz(move)
    return "" if hz is None else f" around {hertz(hz)}"


def _power(of: Rendered, inside: Frames) -> Levels:
    return np.asarray(of.features.band_power[:, inside].sum(axis=1, dtype=np.float64))


def _apart(heard: Levels) -> tuple[Frames, Frames]:
    """When the key plays, and when it has been silent for a while."""
    if not heard.any():
        return np.zeros(heard.shape, np.bool_), np.ones(heard.shape, np.bool_)
    level = power_to_db(np.maximum(heard, 1e-15))
    loud_db = float(np.percentile(level[heard > 0.0], LOUD_PERCENTILE))
    plays = level >= loud_db - PLAYS_WITHIN_DB
    silent = level < loud_db - SILENT_UNDER_DB
    silent[1:] &= silent[:-1].copy()  # the tenth of a second behind it, in which the band lets go
    return np.asarray(plays), np.asarray(silent)


def _change_db(before: Levels, after: Levels, frames: Frames) -> float | None:
    if frames.sum() < FEWEST_FRAMES:
        return None
    was, now = float(before[frames].sum()), float(after[: before.size][frames].sum())
    return float(power_to_db(now + 1e-15) - power_to_db(was + 1e-15))
