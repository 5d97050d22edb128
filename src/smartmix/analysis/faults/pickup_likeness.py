"""How alike two pick-ups of one source are: delay, polarity, and what their sum gains in a band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.delay import find_delay
from smartmix.units import power_to_db

NOTHING = 1e-15


@dataclass(frozen=True, slots=True)
class PickupLikeness:
    """``late_frames`` the second comes after the first, how ``clear`` that is, the ``polarity`` of the whole spectrum
    (+1, -1), and the ``match`` -1..1 within the band once the delay is taken out: its sign is the polarity down there.
    """

    late_frames: int
    clear: float
    polarity: int
    match: float
    power: float
    cross_as_is: float
    cross_aligned: float

    @property
    def as_is(self) -> float:
        """Match in the band with the tracks as late as they are."""
        aligned = abs(self.cross_aligned)
        return self.cross_as_is * abs(self.match) / aligned if aligned > 0.0 else 0.0

    def gained_db(self, *, turned: bool, aligned: bool) -> float:
        """What the sum of the two gains in the band when the second is turned over and, or, brought into line."""
        cross = self.cross_aligned if aligned else self.cross_as_is
        after = self.power + 2.0 * (-cross if turned else cross)
        before = self.power + 2.0 * self.cross_as_is
        floor = NOTHING + 1e-6 * self.power
        return power_to_db(max(after, floor) / max(before, floor))


def compare(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    sample_rate: float,
    band_hz: tuple[float, float],
    *,
    earliest_ms: float,
    latest_ms: float,
) -> PickupLikeness:
    """Compare two mono excerpts (frames,) of equal length; ``second`` may be so much later than ``first``."""
    delay = find_delay(first, second, sample_rate, longest_ms=latest_ms, earliest_ms=earliest_ms)
    late = round(delay.frames)
    power, as_is, aligned, size = _in_band(first, second, sample_rate, band_hz, late)
    match = aligned / size if size > 0.0 else 0.0
    return PickupLikeness(late, delay.clearness, delay.polarity, match, power, as_is, aligned)


def _in_band(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    sample_rate: float,
    band_hz: tuple[float, float],
    late_frames: int,
) -> tuple[float, float, float, float]:
    """Power of both in the band, their cross power as they are and with the delay out, and the largest it can be."""
    from scipy import fft

    size = fft.next_fast_len(first.size + abs(late_frames), real=True)
    hz = np.fft.rfftfreq(size, 1.0 / sample_rate)
    band = (hz >= band_hz[0]) & (hz <= band_hz[1])
    one, two = fft.rfft(first, size)[band], fft.rfft(second, size)[band]
    cross = two * np.conj(one)
    turn = np.exp(2j * np.pi * hz[band] * late_frames / sample_rate)
    powers = float(np.sum(np.abs(one) ** 2)), float(np.sum(np.abs(two) ** 2))
    largest = float(np.sqrt(powers[0] * powers[1]))
    return sum(powers), float(np.sum(cross.real)), float(np.sum((cross * turn).real)), largest
