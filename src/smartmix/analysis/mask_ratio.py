"""Signal-to-mask ratio between tracks, the way audio coders reckon it: a second opinion on masking.

It shares nothing with ``measure_masking``: critical bands in Bark (Zwicker and Terhardt 1980), the spreading function
of Schroeder, Atal and Hall (1979), and thresholds under a masker by how tonal it is (Johnston 1988, as in the models of
ISO/IEC 11172-3). No loudness, no level of listening, no ear canal. It is there to grade what is done on the word of the
other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.fourier import rfft
from smartmix.audio.buffer import check_finite, check_sample_rate, check_samples
from smartmix.errors import AudioError

_FRAME_S = 2048 / 48_000
_PARTITION_BARK = 0.5
_TOP_BARK = 24.0
_MATTERS_DB = 30.0  # under its loudest partition of the moment: what is fainter is not missed
_QUIET_DB = -60.0  # a frame that far under the track's loudest is a pause
_FRAMES_AT_ONCE = 256

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SignalToMask:
    """Shares and ratios, each over the moments and critical bands that matter of the covered track.

    The first index is the covered track. A ratio over 0 dB is heard, under it covered.
    """

    tracks: tuple[str, ...]
    covered_share: Array
    """(tracks,) how much of it lies under the threshold that all other tracks make, 0..1."""
    pair_share: Array
    """(covered, covering) the same for one other track."""
    ratio_db: Array
    """(tracks,) mean ratio to the threshold of all others, each cell held within -30..30 dB."""


def measure_signal_to_mask(tracks: Mapping[str, NDArray[np.floating]], sample_rate: float) -> SignalToMask:
    """Signal-to-mask ratios of tracks (channels, frames), 1 or 2 channels, that are played together.

    A gain on all of them changes nothing. AudioError without tracks, for another layout or samples that are not
    finite.
    """
    rate = check_sample_rate(sample_rate)
    if not tracks:
        raise AudioError("measure_signal_to_mask: expected at least one track")
    samples = {name: check_samples(part, max_channels=2) for name, part in tracks.items()}
    for name, part in samples.items():
        check_finite(part, name)
    size = 2 * round(_FRAME_S * rate / 2)
    heard = [_partition_powers(part, size, rate) for part in samples.values()]
    frames = max(powers.shape[0] for powers, _ in heard)
    powers = np.stack([np.pad(p, ((0, frames - p.shape[0]), (0, 0))) for p, _ in heard])
    flatness_db = np.stack([np.pad(f, (0, frames - f.size)) for _, f in heard])
    return _compare(tuple(samples), powers, flatness_db)


def bark(hz: NDArray[np.floating]) -> Array:
    """Critical-band rate after Zwicker and Terhardt (1980)."""
    return np.asarray(13.0 * np.arctan(0.00076 * hz) + 3.5 * np.arctan((hz / 7500.0) ** 2))


def spreading(partitions: int) -> Array:
    """(to, from) share of a masker's power in other partitions: Schroeder, Atal and Hall (1979)."""
    away = (np.arange(partitions)[:, np.newaxis] - np.arange(partitions)) * _PARTITION_BARK + 0.474
    return np.asarray(10.0 ** (0.1 * (15.81 + 7.5 * away - 17.5 * np.sqrt(1.0 + away**2))))


def threshold_offset_db(flatness_db: Array, partitions: int) -> Array:
    """(frames, partitions) how far the threshold lies under the masker: 5.5 dB for noise, 14.5 + z for a tone."""
    tonal = np.clip(flatness_db / -60.0, 0.0, 1.0)[:, np.newaxis]
    z = (np.arange(partitions) + 0.5) * _PARTITION_BARK
    return np.asarray(tonal * (14.5 + z) + (1.0 - tonal) * 5.5)


def _partition_powers(samples: NDArray[np.float32], size: int, rate: float) -> tuple[Array, Array]:
    """(frames, partitions) powers and (frames,) spectral flatness in dB, of frames that overlap by half."""
    hop = size // 2
    window = np.hanning(size + 1)[:size].astype(np.float32)
    place = (bark(np.fft.rfftfreq(size, 1.0 / rate)) / _PARTITION_BARK).astype(int)
    partitions = int(_TOP_BARK / _PARTITION_BARK)
    inside = (np.fft.rfftfreq(size, 1.0 / rate) >= 20.0) & (place < partitions)
    gather = np.zeros((place.size, partitions))
    gather[np.flatnonzero(inside), place[inside]] = 1.0
    padded = np.pad(samples, ((0, 0), (hop, size)))
    views = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, ::hop]
    powers, flatness = [], []
    for first in range(0, views.shape[1], _FRAMES_AT_ONCE):
        spectra = np.square(np.abs(rfft(views[:, first : first + _FRAMES_AT_ONCE] * window))).mean(axis=0)
        spectra = spectra.astype(np.float64)[:, inside] + 1e-20
        powers.append(spectra @ gather[inside])
        flatness.append(10.0 * (np.log10(spectra).mean(axis=1) - np.log10(spectra.mean(axis=1))))
    return np.concatenate(powers), np.concatenate(flatness)


def _compare(tracks: tuple[str, ...], powers: Array, flatness_db: Array) -> SignalToMask:
    count, _, partitions = powers.shape
    spread = np.einsum("tfp,qp->tfq", powers, spreading(partitions))
    offsets = np.stack([threshold_offset_db(flat, partitions) for flat in flatness_db])
    thresholds = spread * 10.0 ** (-0.1 * offsets)
    matters = powers > powers.max(axis=2, keepdims=True) * 10.0 ** (-0.1 * _MATTERS_DB)
    whole = powers.sum(axis=2)
    matters &= (whole > whole.max(axis=1, keepdims=True) * 10.0 ** (0.1 * _QUIET_DB))[:, :, np.newaxis]
    matters &= powers > 1e-12
    cells = np.maximum(matters.sum(axis=(1, 2)), 1)
    pair = np.zeros((count, count))
    share, ratio = np.zeros(count), np.zeros(count)
    total = thresholds.sum(axis=0)
    for i in range(count):
        others = np.maximum(total - thresholds[i], 1e-30)
        share[i] = float((matters[i] & (powers[i] < others)).sum()) / cells[i]
        db = np.clip(10.0 * np.log10(np.maximum(powers[i], 1e-30) / others), -30.0, 30.0)
        ratio[i] = float(db[matters[i]].mean()) if matters[i].any() else 30.0
        for j in range(count):
            pair[i, j] = 0.0 if i == j else float((matters[i] & (powers[i] < thresholds[j])).sum()) / cells[i]
    return SignalToMask(tracks, share, pair, ratio)
