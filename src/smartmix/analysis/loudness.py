"""Loudness and true peak of audio after ITU-R BS.1770-5 and EBU R 128 (Tech 3341, Tech 3342)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from smartmix import _core
from smartmix.audio.buffer import check_finite, check_sample_rate, check_samples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from smartmix.audio.buffer import Samples

MAX_CHANNELS = 8
"""Most channels a loudness meter takes: L R C LFE, a rear and a side pair."""

BOTH_SIDES_LU = 10.0 * math.log10(2.0)
"""A mono source plays from both sides in the mix: 3.01 LU over what its one channel measures."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Programme loudness. A level that does not exist (silence, too short) is -inf; the range is then 0."""

    integrated_lufs: float
    momentary_max_lufs: float
    short_term_max_lufs: float
    range_lu: float
    true_peak_dbtp: float
    sample_peak_dbfs: float
    plr_lu: float
    """Peak to loudness ratio: true peak minus integrated loudness, LU; 0 where there is no loudness."""


def measure_loudness(audio: NDArray[np.floating], sample_rate: float) -> Loudness:
    """Loudness of samples (channels, frames), 1 to 8 channels, 8 to 384 kHz.

    One channel is measured as one loudspeaker; two as left and right; five as L R C Ls Rs; six as
    L R C LFE Ls Rs. Integrated loudness needs 0.4 s, short-term and range 3 s. AudioShapeError for any other
    layout, AudioError for a sample that is not a finite number. Source: BS.1770-5, Tech 3341 and 3342 (2023).
    """
    samples = check_samples(audio, max_channels=MAX_CHANNELS)
    check_finite(samples)
    return measure_blocks([samples], sample_rate, samples.shape[0])


def measure_blocks(blocks: Iterable[Samples], sample_rate: float, channels: int) -> Loudness:
    """Loudness of audio that comes in blocks (channels, frames); any cut gives the same figures."""
    meter = _core.LoudnessMeter(check_sample_rate(sample_rate), channels)
    for block in blocks:
        meter.process(block)
    return read_meter(meter)


def from_both_sides(loudness: Loudness) -> Loudness:
    """What a mono file reads when it plays from both loudspeakers, as it does in a mix: 3.01 LU more; peaks stay."""
    levels = {
        name: getattr(loudness, name) + BOTH_SIDES_LU
        for name in ("integrated_lufs", "momentary_max_lufs", "short_term_max_lufs")
    }
    silent = not math.isfinite(loudness.integrated_lufs)
    return replace(loudness, plr_lu=0.0 if silent else loudness.plr_lu - BOTH_SIDES_LU, **levels)


def read_meter(meter: _core.LoudnessMeter) -> Loudness:
    """What a native meter has measured so far; the audio counts as ending here."""
    integrated_lufs = meter.integrated_lufs()
    true_peak_dbtp = meter.true_peak_dbtp()
    return Loudness(
        integrated_lufs=integrated_lufs,
        momentary_max_lufs=meter.momentary_max_lufs(),
        short_term_max_lufs=meter.short_term_max_lufs(),
        range_lu=meter.range_lu(),
        true_peak_dbtp=true_peak_dbtp,
        sample_peak_dbfs=meter.sample_peak_dbfs(),
        plr_lu=true_peak_dbtp - integrated_lufs if math.isfinite(integrated_lufs) else 0.0,
    )
