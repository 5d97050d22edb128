"""What a move's outcome is read from: loudness over time and band powers of a render, and nothing that costs more.

The whole set of facts takes ten times as long; what a track was before its move, the analysis knows already.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from smartmix._core import LoudnessMeter
from smartmix.analysis.active import active_frames
from smartmix.analysis.analysis import FRAME_RATE_HZ, Features, Floats
from smartmix.analysis.band_powers import BandPowers
from smartmix.analysis.features import HOPS_PER_FRAME, LOUDNESS_OFFSET_LU, spectrum_db
from smartmix.audio import Samples
from smartmix.units import power_to_db


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A stereo render at 10 Hz, as ``TrackFacts`` has it: its features and its spectrum while it sounds (dB per ERB
    band; empty if it was not asked for).
    """

    features: Features
    spectrum_db: Floats


def rendered(
    blocks: Iterable[Samples],
    sample_rate: int,
    *,
    bands: bool,
    also: Callable[[Samples], None] | None = None,
) -> Rendered:
    """Measure blocks (2, frames) in one pass; ``bands`` asks for the band powers, ``also`` hears every block too."""
    meter = LoudnessMeter(float(sample_rate), 2, False)
    powers = BandPowers(sample_rate, 2)
    heard = 0
    for block in blocks:
        meter.process(block)
        heard += block.shape[1]
        if bands:
            powers.push(block)
        if also is not None:
            also(block)
    frames = max(1, math.ceil(heard * FRAME_RATE_HZ / sample_rate - 1e-9))
    hops = np.asarray(meter.energies_10ms(), np.float64)[: frames * HOPS_PER_FRAME]
    energy = (
        np.pad(hops, (0, frames * HOPS_PER_FRAME - hops.size)).reshape(frames, HOPS_PER_FRAME).mean(axis=1)
    )
    loudness = LOUDNESS_OFFSET_LU + power_to_db(energy)
    active = active_frames(loudness)
    features = Features(*powers.finish(frames), loudness.astype(np.float32), active)
    return Rendered(features, spectrum_db(features.band_power, active) if bands else np.zeros(0, np.float32))
