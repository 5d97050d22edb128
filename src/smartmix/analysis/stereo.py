"""Stereo image: correlation, width and what mono loses, overall and per ERB band."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ, Floats
from smartmix.analysis.bands import BANDS, edge_bins, erb_bands, sum_bands
from smartmix.analysis.fourier import rfft, sine_window
from smartmix.audio.buffer import check_samples
from smartmix.errors import AudioShapeError
from smartmix.units import power_to_db

_NOTHING_LEFT = 1e-12  # a fold this far down (120 dB) is silence


@dataclass(frozen=True, slots=True, eq=False)
class StereoImage:
    """``correlation`` -1..1; ``width_db`` side over mid (-inf: mono); ``mono_loss_db`` what folding to
    (L+R)/2 loses against the mean power of the sides, 0..120 (0: nothing, 3.01: unrelated sides). The arrays
    are per ERB band.
    """

    correlation: float
    width_db: float
    mono_loss_db: float
    band_hz: Floats
    band_correlation: Floats
    band_width_db: Floats
    band_mono_loss_db: Floats


def measure_stereo(audio: NDArray[np.floating], sample_rate: float) -> StereoImage:
    """The stereo image of audio (2, frames), or (1, frames), which is plain mono."""
    samples = check_samples(audio)
    if samples.shape[0] > 2:
        raise AudioShapeError(f"measure_stereo: expected 1 or 2 channels, got {samples.shape[0]}")
    return image_of((samples,), sample_rate)


def image_of(blocks: Iterable[NDArray[np.float32]], sample_rate: float) -> StereoImage:
    """The same from blocks (channels, frames) in order, in constant memory."""
    size = 2 * max(1, int(sample_rate / FRAME_RATE_HZ))
    window = sine_window(size)
    edges = edge_bins(sample_rate, size)
    banded, totals = np.zeros((3, BANDS)), np.zeros(3)
    pending = np.zeros((2, size // 2))
    for block in blocks:
        sides = np.broadcast_to(block, (2, block.shape[1])).astype(np.float64)
        totals += (sides[0] @ sides[0], sides[1] @ sides[1], sides[0] @ sides[1])
        pending = _take(np.concatenate((pending, sides), axis=1), window, edges, banded)
    _take(np.pad(pending, ((0, 0), (0, size))), window, edges, banded)
    left, right, cross = banded
    correlation, width, loss = _describe(left, right, cross)
    whole = _describe(*(np.array([t]) for t in totals))
    return StereoImage(
        correlation=float(whole[0][0]),
        width_db=float(whole[1][0]),
        mono_loss_db=float(whole[2][0]),
        band_hz=erb_bands(sample_rate)[0],
        band_correlation=correlation.astype(np.float32),
        band_width_db=width.astype(np.float32),
        band_mono_loss_db=loss.astype(np.float32),
    )


def mono_loss_db(correlation: float, left_power: float, right_power: float) -> float:
    """Level the fold to (L+R)/2 loses against the mean power of the sides, dB: 0 for mono, 3.01 for unrelated sides.

    From the correlation (-1..1) and the power (or energy) of each side. At most 120: nothing is left.
    """
    return stereo_figures(left_power, right_power, correlation * math.sqrt(left_power * right_power))[2]


def stereo_figures(left_power: float, right_power: float, cross_power: float) -> tuple[float, float, float]:
    """Correlation (-1..1), width (side over mid, dB, -inf for mono) and mono loss (dB) from the mean squares of the
    sides and the mean of their product.
    """
    correlation, width, loss = _describe(*(np.array([v]) for v in (left_power, right_power, cross_power)))
    return float(correlation[0]), float(width[0]), float(loss[0])


def _take(
    pending: NDArray[np.float64],
    window: NDArray[np.float64],
    edges: NDArray[np.float64],
    banded: NDArray[np.float64],
) -> NDArray[np.float64]:
    size = window.size
    while pending.shape[1] >= size:
        left, right = rfft(pending[:, :size] * window)
        banded += sum_bands(
            np.stack([np.abs(left) ** 2, np.abs(right) ** 2, (left * right.conj()).real]), edges
        )
        pending = pending[:, size // 2 :]
    return pending


def _describe(
    left: NDArray[np.float64], right: NDArray[np.float64], cross: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Correlation, width in dB, mono loss in dB. Silence is mono: 1, -inf, 0."""
    power = left + right
    silent, lone = power <= 0.0, left * right <= 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.where(lone, 0.0, cross / np.sqrt(left * right))
        mid, side = np.maximum(power + 2.0 * cross, 0.0), np.maximum(power - 2.0 * cross, 0.0)
        width = power_to_db(side / mid)
        loss = -power_to_db(np.clip(mid / (2.0 * power), _NOTHING_LEFT, 1.0)) + 0.0
    return (
        np.where(silent, 1.0, np.clip(correlation, -1.0, 1.0)),
        np.where(silent, -np.inf, width),
        np.where(silent, 0.0, loss),
    )
