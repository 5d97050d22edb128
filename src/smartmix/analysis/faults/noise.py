"""Noise floor: steady hiss that is heard while a track pauses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ, Problem, TrackFacts
from smartmix.figures import number
from smartmix.session.session import Session, Track
from smartmix.units import db_to_power, mean_db, power_to_db

HIGH_LUFS = -62.0
"""Noise under this is what any microphone has (house)."""
CLOSE_LU = 45.0
"""... and so is noise further than this under the track while it plays: compression brings up 10 dB at most (house)."""
TAIL_FRAMES = 3
"""Frames this near to the track's own sound belong to its tail."""
FEWEST_FRAMES = 10
STEADY_DB = 2.5
"""Hiss does not move: spread of the band levels over the pauses. Spill and tails move by more (house)."""
BROAD_DB = 25.0
BROAD_SHARE = 0.4
"""Hiss fills the bands: this share of them lies within BROAD_DB of the strongest."""
COVERED_LU = 20.0
"""Where everything else is this far over the noise, it hides it (house)."""
EXPOSED_S = 1.0


def noise_problems(session: Session, facts: Mapping[str, TrackFacts]) -> list[Problem]:
    """Tracks whose noise floor is high, and heard: nothing covers it for a second or more."""
    tracks = session.audible_tracks
    frames = min((facts[t.id].features.loudness_lufs.size for t in tracks), default=0)
    power = {
        t.id: db_to_power(facts[t.id].features.loudness_lufs[:frames].astype(np.float64)) for t in tracks
    }
    total = sum(power.values(), np.zeros(frames))
    found = [_noise(t, facts[t.id], np.maximum(total - power[t.id], 0.0)) for t in tracks]
    return [problem for problem in found if problem is not None]


def _noise(track: Track, facts: TrackFacts, others: NDArray[np.float64]) -> Problem | None:
    features = facts.features
    pause = _pauses(features.active[: others.size])
    levels = features.loudness_lufs[: others.size].astype(np.float64)
    pause &= np.isfinite(levels)
    if pause.sum() < FEWEST_FRAMES:
        return None
    pause &= levels <= np.median(levels[pause]) + 3.0
    noise = mean_db(levels[pause])
    if noise < HIGH_LUFS or facts.active_lufs - noise > CLOSE_LU:
        return None
    if not _is_hiss(features.band_power[: others.size][pause].astype(np.float64)):
        return None
    exposed = pause & (others < db_to_power(noise + COVERED_LU))
    exposed_s = float(exposed.sum()) / FRAME_RATE_HZ
    if exposed_s < EXPOSED_S:
        return None
    below = facts.active_lufs - noise
    times = np.flatnonzero(exposed) / FRAME_RATE_HZ
    text = (
        f"{track.name}: noise at {number(noise, 0)} LUFS in the pauses, {below:.0f} LU under its own level and heard for "
        f"{exposed_s:.0f} s. Cut the pauses, or gate it before compression brings it up"
    )
    span = (float(times[0]), float(times[-1]) + 1.0 / FRAME_RATE_HZ)
    return Problem("noise", track.id, text, noise, "LUFS", span, serious=below < CLOSE_LU - 15.0)


def _pauses(active: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Frames in which the track does not sound, without its tails."""
    near = np.convolve(active, np.ones(2 * TAIL_FRAMES + 1), "same") > 0.0
    return np.asarray(~near)


def _is_hiss(band_power: NDArray[np.float64]) -> bool:
    """Whether these frames (frames, bands) are steady and broad, as noise is and spill, tails and hum are not."""
    mean = band_power.mean(axis=0)
    strong = mean >= mean.max(initial=0.0) * db_to_power(-BROAD_DB)
    if not mean.any() or strong.mean() < BROAD_SHARE:
        return False
    spread = np.std(power_to_db(band_power[:, strong] + 1e-20), axis=0)
    return bool(np.median(spread) <= STEADY_DB)
