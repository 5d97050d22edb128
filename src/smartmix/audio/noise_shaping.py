"""Dither whose noise lies where the ear is least keen: the rounding error goes through a filter of its own."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.audio.buffer import Samples
from smartmix.audio.dither import TpdfDither
from smartmix.errors import AudioError

ORDER = 9
STEEPEST_DB = 30.0
"""How far the noise may be moved apart, dB: more buys nothing one would hear in a room, and costs headroom (house)."""
_POINTS = 1025
Taps = NDArray[np.float64]
DitherKind = Literal["tpdf", "shaped", "none"]


class Dither(Protocol):
    """Samples to whole numbers; ``clipped_samples`` counts those past full scale, which are held there."""

    @property
    def clipped_samples(self) -> int:
        """Samples held at full scale so far."""
        ...

    def quantise(self, samples: Samples) -> NDArray[np.int32]:
        """Whole numbers (frames, channels) of samples (channels, frames)."""
        ...


def dither_of(kind: DitherKind, bits: int, channels: int, sample_rate: float, *, seed: int = 0) -> Dither:
    """The dither of this name; AudioError for another."""
    if kind == "tpdf":
        return TpdfDither(bits, channels, seed=seed)
    if kind == "shaped":
        return ShapedDither(bits, channels, sample_rate, seed=seed)
    if kind == "none":
        return Rounding(bits, channels)
    raise AudioError(f"dither {kind!r}: expected tpdf, shaped or none")


def threshold_in_quiet_db(hz: NDArray[np.floating]) -> NDArray[np.float64]:
    """The quietest audible tone, dB SPL (Terhardt 1979, from memory; held to ISO 226's shape by a test)."""
    khz = np.maximum(np.asarray(hz, np.float64), 20.0) / 1000.0
    return 3.64 * khz**-0.8 - 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) + 1e-3 * khz**4


@lru_cache(maxsize=16)
def _taps(sample_rate: int) -> tuple[float, ...]:
    hz = np.linspace(0.0, 0.5 * sample_rate, _POINTS)
    wanted_db = threshold_in_quiet_db(hz)
    wanted_db = np.minimum(wanted_db, wanted_db.min() + STEEPEST_DB)
    # Linear prediction of the inverse: 1 / |A|^2 follows 10^-wanted, so |A|^2 follows the threshold, and A is monic and
    # minimum phase, which is the least noise a shape can have (Gerzon and Craven: its mean in dB is 0).
    correlation = np.fft.irfft(10.0 ** (-0.1 * wanted_db))[: ORDER + 1]
    return tuple(_levinson(correlation).tolist())


def shaping_taps(sample_rate: float) -> Taps:
    """Taps of the error filter 1 + taps[0] z^-1 + ... for a sample rate (Hz): its response follows the threshold in
    quiet, at most 30 dB apart, at any rate.
    """
    return np.array(_taps(round(sample_rate)))


def _levinson(correlation: NDArray[np.float64]) -> Taps:
    """Levinson-Durbin: the predictor of an autocorrelation, without its leading 1."""
    taps, error = np.zeros(0), float(correlation[0])
    for order in range(1, correlation.size):
        reach = correlation[order] + taps @ correlation[order - 1 : 0 : -1]
        k = -float(reach) / error
        taps = np.concatenate([taps + k * taps[::-1], [k]])
        error *= 1.0 - k * k
    return taps


class ShapedDither:
    """As TpdfDither, with the noise shaped by ``shaping_taps``: more of it in all, less of it heard.

    Any cut into blocks gives the same bytes. Samples past full scale are held there and counted.
    """

    def __init__(self, bits: int, channels: int, sample_rate: float, *, seed: int = 0) -> None:
        self.bits = bits
        self.channels = channels
        self._noise = TpdfDither(bits, channels, seed=seed)
        self._shaper = _core.NoiseShaper(shaping_taps(sample_rate), channels)

    @property
    def clipped_samples(self) -> int:
        """How many samples were past full scale."""
        return self._shaper.clipped

    def quantise(self, samples: Samples) -> NDArray[np.int32]:
        """Whole numbers (frames, channels), interleaved as files want them, of samples (channels, frames)."""
        full_scale = float(2 ** (self.bits - 1))
        exact = samples.T.astype(np.float64) * full_scale
        return self._shaper.quantise(exact, self._noise.noise(samples.shape[1]), full_scale)


class Rounding:
    """No dither: the nearest whole number. Only for what is that already, such as a copy of a 16-bit file."""

    def __init__(self, bits: int, channels: int) -> None:
        self.bits = bits
        self.channels = channels
        self.clipped_samples = 0

    def quantise(self, samples: Samples) -> NDArray[np.int32]:
        """Whole numbers (frames, channels)."""
        full_scale = 2 ** (self.bits - 1)
        codes = np.floor(samples.T.astype(np.float64) * full_scale + 0.5)
        self.clipped_samples += int(np.count_nonzero((codes >= full_scale) | (codes < -full_scale)))
        whole: NDArray[np.int32] = np.clip(codes, -full_scale, full_scale - 1).astype(np.int32)
        return whole
