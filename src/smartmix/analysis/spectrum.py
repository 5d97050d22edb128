"""The long-term spectrum of audio in ERB bands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import Floats
from smartmix.analysis.band_powers import BandPowers
from smartmix.analysis.bands import erb_bands
from smartmix.analysis.compact import decode_power
from smartmix.audio.buffer import check_samples
from smartmix.units import power_to_db

BLOCK_FRAMES = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Mean power per ERB band, dB relative to full scale (a full-scale square wave is 0 dB over all bands)."""

    band_hz: Floats
    band_edges_hz: Floats
    power_db: Floats


def measure_spectrum(audio: NDArray[np.floating], sample_rate: float) -> Spectrum:
    """The spectrum of audio (channels, frames), mean power of the channels, averaged over the whole length."""
    samples = check_samples(audio, max_channels=2)
    centres, edges = erb_bands(sample_rate)
    bands = BandPowers(sample_rate, samples.shape[0])
    for start in range(0, samples.shape[1], BLOCK_FRAMES):
        bands.push(samples[:, start : start + BLOCK_FRAMES])
    frames = max(1, -(-samples.shape[1] * 10 // max(1, int(sample_rate))))
    left, right = (decode_power(codes) for codes in bands.finish(frames + 1))
    seconds = max(samples.shape[1], 1) * 10.0 / sample_rate
    power = 0.5 * (left.sum(axis=0, dtype=np.float64) + right.sum(axis=0, dtype=np.float64)) / seconds
    return Spectrum(centres, edges, power_to_db(power).astype(np.float32))
