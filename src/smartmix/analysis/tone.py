"""What the opinions on tone and dynamics of one track rest on, measured in one pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.fast_levels import FastLevelMeter, FastLevels
from smartmix.analysis.fine_spectrum import FineSpectrum, FineSpectrumMeter
from smartmix.analysis.plosives import Plosive, PlosiveMeter
from smartmix.analysis.sibilance import Sibilance, SibilanceMeter


@dataclass(frozen=True, slots=True, eq=False)
class ToneFacts:
    """Fine spectrum, esses and 10 ms levels of a track; None where a source has none. Stays in memory."""

    spectrum: FineSpectrum | None
    sibilance: Sibilance | None
    levels: FastLevels | None


class ToneMeter:
    """The meters side by side. ``voice``: whether esses and plosives are looked for; ``frames``: the length, if
    known.
    """

    def __init__(self, sample_rate: float, *, voice: bool, frames: int = 0) -> None:
        self._spectrum = FineSpectrumMeter(sample_rate, frames)
        self._sibilance = SibilanceMeter(sample_rate) if voice else None
        self._plosives = PlosiveMeter(sample_rate) if voice else None
        self._levels = FastLevelMeter(sample_rate)

    def push(self, block: NDArray[np.float32]) -> None:
        """Take in the next block (channels, frames) float32."""
        self._spectrum.push(block)
        self._levels.push(block)
        if self._sibilance is not None:
            self._sibilance.push(block)
        if self._plosives is not None:
            self._plosives.push(block)

    def plosives(self) -> tuple[Plosive, ...]:
        """The puffs of a voice; none of anything else."""
        return () if self._plosives is None else self._plosives.facts()

    def facts(self, weighted_energies: NDArray[np.float64]) -> ToneFacts:
        """The facts; ``weighted_energies`` are the loudness meter's K-weighted energies per 10 ms."""
        sibilance = self._sibilance.facts() if self._sibilance is not None else None
        return ToneFacts(self._spectrum.facts(), sibilance, self._levels.facts(weighted_energies))
