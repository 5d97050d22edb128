"""The loudness of several programmes that are heard as one: an album, a set of reels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis.loudness import MAX_CHANNELS, Loudness, ProgrammeMeter
from smartmix.audio.buffer import check_finite, check_samples


@dataclass(frozen=True, slots=True)
class AlbumLoudness:
    """Loudness of programmes together. Levels that do not exist are -inf, ratio and range then 0."""

    integrated_lufs: float
    """One gate over the blocks of all programmes: a quiet song counts less than it would on its own."""
    range_lu: float
    true_peak_dbtp: float
    """The highest of any programme."""
    plr_lu: float


def measure_album_loudness(programmes: Iterable[NDArray[np.floating]], sample_rate: float) -> AlbumLoudness:
    """Loudness of programmes (channels, frames) played one after the other, 1 to 8 channels each.

    The gating blocks of all of them go through both gates of BS.1770-5 together (-70 LUFS, then 10 LU under the
    mean of what is left), as album gain and R 128 of a multi-part programme have it; no block spans two programmes.
    A mono programme counts as one loudspeaker. AudioShapeError, AudioError as in ``measure_loudness``.
    """
    meters = []
    for programme in programmes:
        samples = check_samples(programme, max_channels=MAX_CHANNELS)
        check_finite(samples)
        meters.append(ProgrammeMeter(sample_rate, samples.shape[0]))
        meters[-1].push(samples)
    return album_loudness(meters, [meter.loudness() for meter in meters])


def album_loudness(meters: Sequence[ProgrammeMeter], readings: Sequence[Loudness]) -> AlbumLoudness:
    """The same from meters that have heard a programme each, with what they read; any mix of rates and layouts."""
    gating = [meter.gating_blocks() for meter in meters]
    windows = [meter.range_blocks() for meter in meters]
    integrated_lufs = _core.loudness_of_blocks(np.concatenate(gating) if gating else np.zeros(0))
    true_peak_dbtp = max((one.true_peak_dbtp for one in readings), default=-math.inf)
    return AlbumLoudness(
        integrated_lufs=integrated_lufs,
        range_lu=_core.range_of_blocks(np.concatenate(windows) if windows else np.zeros(0)),
        true_peak_dbtp=true_peak_dbtp,
        plr_lu=true_peak_dbtp - integrated_lufs if math.isfinite(integrated_lufs) else 0.0,
    )


def loudness_with_gains(meters: Sequence[ProgrammeMeter], gains_db: Sequence[float]) -> float:
    """Integrated loudness (LUFS) of programmes together, each turned up or down by its gain."""
    blocks = [
        meter.gating_blocks() * 10.0 ** (gain_db / 10.0)
        for meter, gain_db in zip(meters, gains_db, strict=True)
    ]
    return float(_core.loudness_of_blocks(np.concatenate(blocks)))
