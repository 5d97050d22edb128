"""Rough mix and tracks side by side, cell by cell: power per 100 ms, band and side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ, Features, TrackFacts
from smartmix.audio.panning import pan_gains
from smartmix.session.session import Session
from smartmix.units import db_to_gain, power_to_db

Array = NDArray[np.float64]

MOST_FRAMES = 400
"""Frames used: more make the fit slower, not better (measured on dev songs)."""
MONO_SHARE = 1e-3
"""Sides that differ by less than this share of the power (-30 dB) are one signal."""


@dataclass(frozen=True, slots=True, eq=False)
class RoughCells:
    """``sources`` (tracks, 2, frames, bands) as they add up in the plain sum, cross terms shared out; ``target`` (the
    rough) and ``summed`` (the plain sum), both (2, frames, bands).
    """

    sources: Array
    target: Array
    summed: Array


def rough_cells(
    tracks: list[TrackFacts],
    plain_sum: TrackFacts,
    rough: TrackFacts,
    span_s: tuple[float, float] | None = None,
) -> RoughCells | None:
    """The cells in which both the rough and the sum sound, within a span if one is given; None when there are none."""
    everything = [*tracks, plain_sum, rough]
    frames = min(len(t.features.band_power) for t in everything)
    sounding = rough.features.active[:frames] & plain_sum.features.active[:frames]
    if span_s is not None:
        inside = np.arange(frames) + 0.5
        sounding = sounding & (inside >= span_s[0] * FRAME_RATE_HZ) & (inside < span_s[1] * FRAME_RATE_HZ)
    use = np.flatnonzero(sounding)
    if use.size == 0:
        return None
    if use.size > MOST_FRAMES:
        use = use[np.linspace(0, use.size - 1, MOST_FRAMES).astype(int)]
    sources = np.stack([_sides(t, use) for t in tracks])
    summed = _sides(plain_sum, use)
    # Per cell, what the tracks do to each other when they are added: spill, DI and amp, doubled parts.
    cross = np.clip(summed / np.maximum(sources.sum(axis=0), 1e-30), 0.1, 10.0)
    if is_mono(rough):
        sources = np.stack([_folded(s, t.correlation) for s, t in zip(sources, tracks, strict=True)])
        summed = _folded(summed, plain_sum.correlation)
    return RoughCells(sources * cross, _sides(rough, use), summed)


def as_placed(session: Session, facts: Mapping[str, TrackFacts]) -> dict[str, TrackFacts]:
    """Facts of the audible tracks at the session's own gains and pans: as they are in the plain sum."""
    return {t.id: _placed(facts[t.id], db_to_gain(t.gain_db), t.pan) for t in session.audible_tracks}


def _placed(facts: TrackFacts, gain: float, pan: float) -> TrackFacts:
    if gain == 1.0 and pan == 0.0:
        return facts
    left, right = ((gain * side) ** 2 for side in pan_gains(pan))
    louder_db = np.float32(power_to_db(0.5 * (left + right)))
    features = Features.of_powers(
        facts.features.left_power * np.float32(left),
        facts.features.right_power * np.float32(right),
        facts.features.loudness_lufs + louder_db,
        facts.features.active,
    )
    return replace(facts, active_lufs=facts.active_lufs + float(louder_db), features=features)


def is_mono(rough: TrackFacts) -> bool:
    """Whether a rough is a mono file, or a stereo file with the same on both sides."""
    if rough.features.left_codes is rough.features.right_codes:
        return True
    left, right = rough.features.left_power, rough.features.right_power
    return bool(np.abs(left - right).sum() <= MONO_SHARE * (left + right).sum())


def _sides(facts: TrackFacts, use: NDArray[np.intp]) -> Array:
    """Power of both sides in the frames in use (2, frames, bands)."""
    return np.stack((facts.features.left_power[use], facts.features.right_power[use])).astype(np.float64)


def _folded(sides: Array, correlation: float) -> Array:
    """Power of the fold to (L+R)/2, on both sides, taking the source's correlation for every cell's."""
    left, right = sides
    return np.stack([(left + right + 2.0 * correlation * np.sqrt(left * right)) / 4.0] * 2)
