"""Samples to whole numbers with TPDF dither: the rounding error becomes steady noise, not distortion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples

_PER_COUNTER = 4  # Philox4x64 makes four 64-bit words for each step of its counter


class TpdfDither:
    """Triangular dither, 2 steps wide from end to end, and rounding to ``bits`` (16 or 24).

    The noise of frame f, channel c depends on (seed, f, c) alone, so any cut into blocks gives the same
    bytes. Its level with the rounding error is q * sqrt(3 / 12): -96.33 dBFS for 16 bits (full scale =
    1.0). Samples past full scale are held there and counted in ``clipped_samples``.
    """

    def __init__(self, bits: int, channels: int, *, seed: int = 0, start_frame: int = 0) -> None:
        self.bits = bits
        self.channels = channels
        self.clipped_samples = 0
        words = start_frame * channels
        self._source = np.random.Philox(key=seed).advance(words // _PER_COUNTER)
        self._source.random_raw(words % _PER_COUNTER)

    def quantise(self, samples: Samples) -> NDArray[np.int32]:
        """Whole numbers (frames, channels), interleaved as files want them, of samples (channels, frames)."""
        full_scale = 2 ** (self.bits - 1)
        exact = samples.T.astype(np.float64) * full_scale + self.noise(samples.shape[1])
        codes = np.floor(exact + 0.5)
        out_of_range = (codes >= full_scale) | (codes < -full_scale)
        self.clipped_samples += int(np.count_nonzero(out_of_range))
        whole: NDArray[np.int32] = np.clip(codes, -full_scale, full_scale - 1).astype(np.int32)
        return whole

    def noise(self, frames: int) -> NDArray[np.float64]:
        """The next ``frames`` of dither (frames, channels), in steps, -1 to 1."""
        words = self._source.random_raw(frames * self.channels)
        high = (words >> np.uint64(32)).astype(np.float64)
        low = (words & np.uint64(0xFFFFFFFF)).astype(np.float64)
        return ((high - low) * 2.0**-32).reshape(frames, self.channels)
