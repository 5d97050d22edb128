"""Loudness and true peak of audio after ITU-R BS.1770-5 and EBU R 128 (Tech 3341, Tech 3342)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from smartmix import _core
from smartmix.analysis.peak_timeline import PeakTimeline
from smartmix.audio.buffer import check_finite, check_sample_rate, check_samples
from smartmix.units import db_to_gain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from smartmix.audio.buffer import Samples

MAX_CHANNELS = 8
"""Most channels a loudness meter takes: L R C LFE, a rear and a side pair."""

BOTH_SIDES_LU = 10.0 * math.log10(2.0)
"""A mono source plays from both sides in the mix: 3.01 LU over what its one channel measures."""


SHORT_TERM_PIECES = 30
PSR_GATE_LU = 10.0
"""Short-term windows further than this under the integrated loudness (intros, fades) do not count for the PSR."""


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
    psr_lu: float | None = None
    """Smallest peak to short-term loudness ratio, LU; None under 3 s and where peaks were not followed over time."""
    true_peak_error_db: float | None = None
    """How far off ``true_peak_dbtp`` may be for what lies above 0.47 of the sample rate, dB; None where that was not
    followed. Below 0.45 of the sample rate the reading itself is within 0.03 dB.
    """


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
    meter = ProgrammeMeter(sample_rate, channels)
    for block in blocks:
        meter.push(block)
    return meter.loudness()


def from_both_sides(loudness: Loudness) -> Loudness:
    """What a mono file reads when it plays from both loudspeakers, as it does in a mix: 3.01 LU more; peaks stay."""
    levels = {
        name: getattr(loudness, name) + BOTH_SIDES_LU
        for name in ("integrated_lufs", "momentary_max_lufs", "short_term_max_lufs")
    }
    silent = not math.isfinite(loudness.integrated_lufs)
    plr_lu = 0.0 if silent else loudness.plr_lu - BOTH_SIDES_LU
    psr_lu = None if loudness.psr_lu is None else loudness.psr_lu - BOTH_SIDES_LU
    return replace(loudness, plr_lu=plr_lu, psr_lu=psr_lu, **levels)


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


class ProgrammeMeter:
    """Takes in one programme in blocks and follows its peaks over time; read it once, at the end.

    One channel is one loudspeaker; layouts as in ``measure_loudness``. Non-finite samples count as silence.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        rate = check_sample_rate(sample_rate)
        self._meter = _core.LoudnessMeter(rate, channels)
        self._peaks = PeakTimeline(rate)
        self._edge = _core.NearNyquistMeter(channels)
        self._frames = 0

    def push(self, block: Samples) -> None:
        """Take in the next block (channels, frames)."""
        self._frames += block.shape[1]
        self._peaks.push(block, self._meter)
        self._edge.process(block)

    def loudness(self) -> Loudness:
        """Every figure of the programme, which counts as ending here."""
        read = read_meter(self._meter)
        self._peaks.finish(self._meter)
        return replace(read, psr_lu=self._psr_lu(read), true_peak_error_db=self._error_db(read))

    def gating_blocks(self) -> NDArray[np.float64]:
        """Mean squares of the 400 ms blocks, ten a second: what an album's loudness is made of."""
        return self._meter.gating_blocks()

    def range_blocks(self) -> NDArray[np.float64]:
        """Mean squares of the 3 s windows, ten a second."""
        return self._meter.range_blocks()

    def _psr_lu(self, read: Loudness) -> float | None:
        """Smallest over the 3 s windows, ten a second, of the highest true peak in it minus its loudness."""
        levels = self._meter.short_term_lufs(10)
        counts = levels >= read.integrated_lufs - PSR_GATE_LU
        if not math.isfinite(read.integrated_lufs) or not counts.any():
            return None
        pieces = self._peaks.peaks(levels.size + SHORT_TERM_PIECES - 1)
        highest = np.lib.stride_tricks.sliding_window_view(pieces, SHORT_TERM_PIECES).max(axis=1)
        return float((20.0 * np.log10(np.maximum(highest[counts], 1e-12)) - levels[counts]).min())

    def _error_db(self, read: Loudness) -> float:
        peak = db_to_gain(read.true_peak_dbtp)
        return 20.0 * math.log10(1.0 + self._edge.peak / peak) if peak > 0.0 else 0.0
