"""Samples to whole numbers with TPDF dither: the rounding error becomes steady noise, not distortion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.audio.buffer import Samples

_WORD = 2**64


class TpdfDither:
    """Triangular dither, 2 steps wide from end to end, and rounding to ``bits`` (2 to 31; files have 16 or 24).

    The noise of frame f, channel c depends on (seed, f, c) alone, so any cut into blocks gives the same
    bytes; its words are those of ``numpy.random.Philox(key=seed)``. Its level with the rounding error is
    q * sqrt(3 / 12): -96.33 dBFS for 16 bits (full scale = 1.0). Samples past full scale are held there and
    counted in ``clipped_samples``. ValueError for a seed outside 0 to 2**128 - 1 or a bad shape.
    """

    def __init__(self, bits: int, channels: int, *, seed: int = 0, start_frame: int = 0) -> None:
        if not 0 <= seed < _WORD * _WORD:
            raise ValueError(f"seed {seed}: expected 0 to 2**128 - 1")
        self.bits = bits
        self.channels = channels
        self._native = _core.TpdfDither(bits, channels, seed % _WORD, seed // _WORD, start_frame)

    @property
    def clipped_samples(self) -> int:
        """How many samples were past full scale."""
        return self._native.clipped

    def quantise(self, samples: Samples) -> NDArray[np.int32]:
        """Whole numbers (frames, channels), interleaved as files want them, of samples (channels, frames)."""
        return self._native.quantise(np.ascontiguousarray(samples, np.float32))

    def noise(self, frames: int) -> NDArray[np.float64]:
        """The next ``frames`` of dither (frames, channels), in steps, -1 to 1."""
        return self._native.noise(frames)
