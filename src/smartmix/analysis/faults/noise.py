"""Noise floor: steady hiss in the pauses of a track."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ, Problem, TrackFacts
from smartmix.figures import number
from smartmix.session.session import Session, Track
from smartmix.units import db_to_power, power_to_db

LOWEST_BAND = 5
"""The bands under about 200 Hz hold rumble and hum, which are other faults."""
HIGH_DBFS = -64.0
"""Noise under this is what any microphone has (house)."""
CLOSE_DB = 45.0
"""... and so is noise further than this under the track while it plays: compression brings up 10 dB at most (house)."""
CLOSE_COVERED_DB = 40.0
"""The same where the rest of the band covers it: not heard yet, but a compressor may change that (house)."""
SERIOUS_DB = 30.0
QUIETER_HALF_DB = 3.0
"""Pauses more than this over their median hold more than noise."""
TAIL_FRAMES = 3
"""Frames this near to the track's own sound belong to its tail."""
FEWEST_FRAMES = 10
STEADY_DB = 2.5
"""Hiss does not move: spread of the band levels over the pauses. Spill and tails move by more (house)."""
BROAD_DB = 25.0
BROAD_SHARE = 0.4
"""Hiss fills the bands: this share of them lies within BROAD_DB of the strongest."""
COVERED_DB = 20.0
"""Where everything else is this far over the noise, it hides it (house)."""
EXPOSED_S = 1.0


def noise_problems(session: Session, facts: Mapping[str, TrackFacts]) -> list[Problem]:
    """Tracks whose noise floor is high: heard where nothing covers it, or near enough to come up with compression."""
    tracks = session.audible_tracks
    frames = min((len(facts[t.id].features.band_power) for t in tracks), default=0)
    power = {t.id: _hiss_power(facts[t.id].features.band_power[:frames]) for t in tracks}
    total = sum(power.values(), np.zeros(frames))
    found = [_noise(t, facts[t.id], power[t.id], np.maximum(total - power[t.id], 0.0)) for t in tracks]
    return [problem for problem in found if problem is not None]


def _noise(
    track: Track, facts: TrackFacts, power: NDArray[np.float64], others: NDArray[np.float64]
) -> Problem | None:
    active = facts.features.active[: power.size]
    pause = _pauses(active) & (power > 0.0)
    if pause.sum() < FEWEST_FRAMES or not active.any():
        return None
    pause &= power <= np.median(power[pause]) * db_to_power(QUIETER_HALF_DB)
    noise_db, own_db = (power_to_db(float(power[frames].mean())) for frames in (pause, active))
    if noise_db < HIGH_DBFS or own_db - noise_db > CLOSE_DB:
        return None
    if not _is_hiss(facts.features.band_power[: power.size][pause, LOWEST_BAND:].astype(np.float64)):
        return None
    below_db = own_db - noise_db
    exposed = np.flatnonzero(pause & (others < db_to_power(noise_db + COVERED_DB))) / FRAME_RATE_HZ
    exposed_s = exposed.size / FRAME_RATE_HZ
    heard = exposed_s >= EXPOSED_S
    if not heard and below_db > CLOSE_COVERED_DB:
        return None
    where = f"heard for {exposed_s:.0f} s" if heard else "covered by the rest as it stands"
    text = (
        f"{track.name}: noise at {number(noise_db, 0)} dBFS in the pauses, {below_db:.0f} dB under its own level, "
        f"{where}. Cut the pauses, or gate it before compression brings it up"
    )
    span = (float(exposed[0]), float(exposed[-1]) + 1.0 / FRAME_RATE_HZ) if heard else None
    return Problem("noise", track.id, text, noise_db, "dBFS", span, serious=heard and below_db < SERIOUS_DB)


def _hiss_power(band_power: NDArray[np.float32]) -> NDArray[np.float64]:
    """Power per frame (frames,) where hiss is heard, above the rumble."""
    return np.asarray(band_power[:, LOWEST_BAND:].sum(axis=1, dtype=np.float64))


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
