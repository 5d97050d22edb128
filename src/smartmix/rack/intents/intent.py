"""What a device of a chain is to do, in words that do not depend on the device: EQ bands, reduction, a ceiling."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smartmix.errors import PluginError

Shape = Literal["bell", "low_shelf", "high_shelf", "high_pass", "low_pass", "notch", "tilt"]
WITHOUT_GAIN = ("high_pass", "low_pass", "notch")
SELF = "self"
"""``during`` of an intent that holds while the track itself sounds."""


@dataclass(frozen=True, slots=True)
class EQBand:
    """One band of an EQ intent: the curve smartmix's own EQ has with these settings. Passes and notches have no gain,
    and only passes a slope.
    """

    shape: Shape
    freq_hz: float
    gain_db: float = 0.0
    q: float = math.sqrt(0.5)
    slope_db_oct: int = 12

    @classmethod
    def between(cls, from_hz: float, to_hz: float, gain_db: float) -> EQBand:
        """The bell over a range: half its gain in dB is left at both ends."""
        if not 0.0 < from_hz < to_hz:
            raise PluginError(f"an EQ band from {from_hz:g} to {to_hz:g} Hz: expected two rising frequencies")
        middle = math.sqrt(from_hz * to_hz)
        return cls("bell", middle, gain_db, middle / (to_hz - from_hz))


@dataclass(frozen=True, slots=True)
class EQIntent:
    """A curve: the sum of its bands in dB. ``during``: "" always, "self" while the track sounds, or the id of a key."""

    bands: tuple[EQBand, ...]
    during: str = ""

    def __post_init__(self) -> None:
        if not self.bands:
            raise PluginError("an EQ intent needs at least one band")

    def curve_db(self, hz: ArrayLike, sample_rate: float, share: float = 1.0) -> NDArray[np.float64]:
        """The curve in dB at each frequency, the gains taken by ``share``: what smartmix's own EQ does."""
        return curve_db(self.bands, hz, sample_rate, share)


@dataclass(frozen=True, slots=True)
class CompressionIntent:
    """How deep a compressor goes on the peaks, dB: what is exceeded in a twentieth of the time the track sounds.

    ``ratio``, ``attack_ms`` and ``release_ms`` are set as near as the device allows; None leaves them as they stand.
    ``from_hz`` and ``to_hz`` are the part of the spectrum a multiband device is meant to hold. ``level_matched``: the
    track comes out as loud (LUFS) as it went in.
    """

    reduction_db: float
    ratio: float | None = None
    attack_ms: float | None = None
    release_ms: float | None = None
    from_hz: float = 0.0
    to_hz: float = math.inf
    level_matched: bool = True


@dataclass(frozen=True, slots=True)
class CeilingIntent:
    """No true peak over ``dbtp`` (dBTP), after ``drive_db`` of gain into the limiter."""

    dbtp: float
    drive_db: float = 0.0


Intent = EQIntent | CompressionIntent | CeilingIntent


def curve_db(
    bands: tuple[EQBand, ...], hz: ArrayLike, sample_rate: float, share: float = 1.0
) -> NDArray[np.float64]:
    """The curve of EQ bands in dB, by the design of smartmix's own EQ at this rate."""
    from smartmix.processors import ParametricEQ

    at = np.asarray(hz, np.float64)
    total = np.zeros_like(at)
    for band in bands:
        eq = ParametricEQ()
        eq.process(np.zeros((1, 1), np.float32), sample_rate)
        eq.set("band1.shape", band.shape)
        eq.set("band1.freq_hz", band.freq_hz)
        eq.set("band1.q", band.q)
        eq.set("band1.slope_db_oct", band.slope_db_oct)
        if band.shape not in WITHOUT_GAIN:
            eq.set("band1.gain_db", band.gain_db * share)
        total += eq.response_db(at)
    return total
