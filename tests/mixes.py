"""Small sessions and plans for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Authority, Move, MoveSet, Status, Value
from smartmix.session.session import Bus, Session, Track

RATE = 48_000

Settings = dict[str, Value]


def move_of(
    move_id: str,
    settings: Settings,
    *,
    span_s: tuple[float, float] | None = None,
    status: Status = "accepted",
    authority: Authority = "rule",
) -> Move:
    """A move that sets ``{"track/device/parameter": value}``."""
    sets = tuple(MoveSet(ParamRef.parse(ref), "", 0.0, value) for ref, value in settings.items())
    return Move(
        id=move_id,
        track=sets[0].ref.track,
        title=move_id,
        source="test",
        confidence=0.9,
        reason="",
        sets=sets,
        status=status,
        authority=authority,
        span_s=span_s,
    )


def eq_move(
    move_id: str,
    track: str,
    shape: str,
    freq_hz: float,
    *,
    span_s: tuple[float, float] | None = None,
    status: Status = "accepted",
    **settings: Value,
) -> Move:
    """A move that owns EQ section ``move_id`` of a track."""
    values: Settings = {"shape": shape, "freq_hz": freq_hz, **settings}
    refs = {f"{track}/eq/{move_id}.{name}": value for name, value in values.items()}
    return move_of(move_id, refs, span_s=span_s, status=status)


def lane(*points: tuple[float, float]) -> tuple[Breakpoint, ...]:
    """Breakpoints (time in seconds, value) joined by straight lines."""
    return tuple(Breakpoint(time, value) for time, value in points)


def plan_of(*moves: Move) -> MixPlan:
    return MixPlan(session="test", moves=moves)


def session_of(
    *tracks: Track, duration_s: float = 4.0, rate: int = RATE, buses: tuple[Bus, ...] = ()
) -> Session:
    return Session("test", Path(), tracks, rate, duration_s, buses=buses)


def track_of(track_id: str, **settings: Any) -> Track:
    return Track(track_id, track_id, Path(f"{track_id}.wav"), **settings)


def recorded(folder: Path, track_id: str, samples: np.ndarray, rate: int = RATE, **settings: Any) -> Track:
    """A track with a 32-bit float file of these samples (channels, frames)."""
    path = folder / f"{track_id}.wav"
    soundfile.write(path, samples.T, rate, subtype="FLOAT")
    return Track(track_id, track_id, path, **settings)


def noise(channels: int, frames: int, seed: int = 0, level: float = 0.1) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((channels, frames)) * level).astype(np.float32)
