"""What several reference songs have in common, as a target for buses and the master; never for a track.

Another song's balance says nothing about this one's (measured: matching it track by track is worse than doing nothing,
4.3 to 4.9 dB against 3.0). So a target here has no tracks in it, and ``check_owner`` refuses a track. No torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import TrackFacts
from smartmix.errors import SmartmixError

Floats = NDArray[np.float64]

STRENGTH = 0.35
MOST_DB = 3.0
"""House defaults of a match to other songs."""
SILENT_DB = -90.0


@dataclass(frozen=True, slots=True, eq=False)
class StyleTarget:
    """Weighted means over the references, and how far they lie apart (one standard deviation).

    ``tone_db`` (bands,) is the spectrum at 0 dB mean level, ``tone_spread_db`` its spread; ``width_db`` side over
    middle, ``crest_db`` peak over RMS, ``range_lu`` loudness range, each (mean, spread).
    """

    tone_db: Floats
    tone_spread_db: Floats
    width_db: tuple[float, float]
    crest_db: tuple[float, float]
    range_lu: tuple[float, float]
    songs: int


def style_of(references: Sequence[tuple[TrackFacts, float]]) -> StyleTarget:
    """The target of whole songs with weights > 0 (``b.wav:0.5``). SmartmixError: none, silent, wrong weight."""
    if not references:
        raise SmartmixError("references: expected at least one song")
    for facts, weight in references:
        if not (np.isfinite(weight) and weight > 0.0):
            raise SmartmixError(f"reference {facts.track}: weight {weight:g}; expected more than 0")
        if not np.any(facts.features.band_power):
            raise SmartmixError(f"reference {facts.track}: is silent")
    weights = np.array([weight for _, weight in references], dtype=np.float64)
    tones = np.stack([_tone(facts) for facts, _ in references])
    tone, spread = _mean(tones, weights)
    return StyleTarget(
        tone,
        spread,
        _pair([max(f.width_db, SILENT_DB) for f, _ in references], weights),
        _pair([f.crest_db for f, _ in references], weights),
        _pair([f.loudness.range_lu for f, _ in references], weights),
        len(references),
    )


def toward_style(
    target: StyleTarget, facts: TrackFacts, *, strength: float = STRENGTH, most_db: float = MOST_DB
) -> Floats:
    """EQ curve (bands,) in dB that takes a bus or mix part of the way; what the references disagree on moves less.

    A band in which the references lie as far apart as the mix lies from their mean is moved half as far.
    """
    apart = target.tone_db - _tone(facts)
    agreed = apart**2 / (apart**2 + target.tone_spread_db**2 + 1e-12)
    curve = np.clip(strength * apart * agreed, -most_db, most_db)
    return np.asarray(curve - np.median(curve))


def check_owner(owner: str, tracks: Mapping[str, object] | Sequence[str]) -> str:
    """The owner if another song may move it: a bus, "mix" or "master"; SmartmixError for a track."""
    if owner in tracks:
        raise SmartmixError(
            f"{owner}: is a track; another song only moves buses, mix and master. Name the pair with match = ..."
        )
    return owner


def _tone(facts: TrackFacts) -> Floats:
    level = np.maximum(facts.spectrum_db.astype(np.float64), facts.spectrum_db.max() - 60.0)
    return np.asarray(level - level.mean())


def _mean(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    mean = np.average(values, axis=0, weights=weights)
    return mean, np.sqrt(np.average((values - mean) ** 2, axis=0, weights=weights))


def _pair(values: list[float], weights: Floats) -> tuple[float, float]:
    mean, spread = _mean(np.array(values, dtype=np.float64), weights)
    return float(mean), float(spread)
