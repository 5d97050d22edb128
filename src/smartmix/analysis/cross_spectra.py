"""Tracks and rough held against each other sample by sample: who moves with whom, per moment, band and side."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.bands import BANDS, erb_bands
from smartmix.errors import AudioShapeError

Complex = NDArray[np.complex64]
Floats = NDArray[np.float32]

WINDOW_S = 0.09
"""About what one window spans: long enough for the lowest bands, and for a few ms of delay on a track."""
SMALLEST_SEGMENT_S = 0.25
MOST_BYTES = 96 * 2**20
"""What the matrices of a whole song may take: beyond, segments get longer."""
SMALL_PRODUCT = 200_000
"""Products larger than this would start the threads of BLAS, which spin for longer than the product takes."""


@dataclass(frozen=True, slots=True, eq=False)
class CrossSpectra:
    """Sums of ``conj(a) b`` over windows and bins, for every pair of sources.

    ``matrix`` is (segments, 2 sides, bands, sources + 1, sources + 1) complex64; the last source is the rough.
    ``counts`` (segments, bands) is how many bins of how many windows were added up. ``segment_s`` is the length of
    a segment, ``band_hz`` (bands,) the centres of the ERB bands. Side c holds what all sources do on side c.
    """

    tracks: tuple[str, ...]
    matrix: Complex
    counts: Floats
    segment_s: float
    band_hz: Floats
    sample_rate: int

    @property
    def power(self) -> Floats:
        """(segments, 2, bands, sources + 1) power of every source; the rough last."""
        return np.real(np.diagonal(self.matrix, axis1=-2, axis2=-1)).astype(np.float32)


class CrossMeter:
    """``push`` blocks of all tracks and the rough side by side, then ``finish``.

    Windows of about 90 ms (a power of two, Hann, overlapping by half). Segments last a quarter of a second,
    longer where the matrices of the song would take more than 96 MiB.
    """

    def __init__(self, sample_rate: int, tracks: tuple[str, ...], frames: int) -> None:
        self._rate = sample_rate
        self._tracks = tracks
        self._size = 1 << round(math.log2(WINDOW_S * sample_rate))
        self._hop = self._size // 2
        per_segment = 2 * BANDS * (len(tracks) + 1) ** 2 * 8
        seconds = max(
            SMALLEST_SEGMENT_S, frames / sample_rate / max(1.0, math.floor(MOST_BYTES / per_segment))
        )
        self._windows = max(1, round(seconds * sample_rate / self._hop))
        self._window = np.hanning(self._size + 1)[:-1].astype(np.float32)
        self._edges = _bin_edges(sample_rate, self._size)
        self._waiting = np.zeros((len(tracks) + 1, 2, 0), np.float32)
        self._segments: list[Complex] = []
        self._counts: list[Floats] = []

    def push(self, block: Floats) -> None:
        """The next block (tracks + 1, 2, frames) float32, the rough last; mono sources have the same on both sides."""
        if block.ndim != 3 or block.shape[:2] != self._waiting.shape[:2]:
            raise AudioShapeError(
                f"expected (sources, 2, frames) of {len(self._tracks) + 1} sources, got {block.shape}"
            )
        self._waiting = np.concatenate((self._waiting, block), axis=2)
        need = (self._windows + 1) * self._hop
        while self._waiting.shape[2] >= need:
            self._add(self._waiting[:, :, :need])
            self._waiting = self._waiting[:, :, self._windows * self._hop :]

    def finish(self) -> CrossSpectra:
        """The sums; what is left at the end counts as one more segment (padded with silence)."""
        left = self._waiting.shape[2]
        if left > self._hop or not self._segments:
            self._add(np.pad(self._waiting, ((0, 0), (0, 0), (0, (self._windows + 1) * self._hop - left))))
        return CrossSpectra(
            self._tracks,
            np.stack(self._segments),
            np.stack(self._counts),
            self._windows * self._hop / self._rate,
            erb_bands(self._rate)[0],
            self._rate,
        )

    def _add(self, samples: Floats) -> None:
        sources = samples.shape[0]
        cells = np.zeros((2, BANDS, sources, sources), np.complex64)
        starts = range(0, self._windows * self._hop, self._hop)
        for side in (0, 1):
            framed = np.stack([samples[:, side, s : s + self._size] for s in starts], axis=1)
            spectra: Complex = np.fft.rfft(framed * self._window)  # type: ignore[assignment]
            for band in range(BANDS):
                part = spectra[:, :, self._edges[band] : self._edges[band + 1]].reshape(sources, -1)
                cells[side, band] = _products(part)
        self._segments.append(cells)
        self._counts.append((np.diff(self._edges) * self._windows).astype(np.float32))


def _products(part: Complex) -> Complex:
    """``conj(part) @ part.T`` in pieces (see SMALL_PRODUCT)."""
    piece = max(8, SMALL_PRODUCT // (4 * len(part) ** 2))
    total = np.zeros((len(part), len(part)), np.complex64)
    for start in range(0, part.shape[1], piece):
        some = part[:, start : start + piece]
        total += np.conj(some) @ some.T
    return total


def _bin_edges(sample_rate: int, size: int) -> NDArray[np.int_]:
    """First bin of each ERB band and the end of the last; every band has at least one bin of its own."""
    edges = np.round(erb_bands(sample_rate)[1].astype(np.float64) * size / sample_rate).astype(np.int_)
    for index in range(1, edges.size):
        edges[index] = max(edges[index], edges[index - 1] + 1)
    return np.minimum(edges, size // 2 + 1)
