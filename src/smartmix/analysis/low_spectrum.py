"""The bottom of the spectrum, finely resolved: what lowest note, rumble and hum are read from."""

from __future__ import annotations

import heapq
from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.fourier import rfft
from smartmix.analysis.lowest_note import fundamentals
from smartmix.analysis.pending import Pending
from smartmix.units import power_to_db

HIGHEST_HZ = 1200.0
QUIET_FRAMES = 16
"""How many of the quietest frames are kept, to look for hum in the pauses."""
THUMP_TOP_HZ = 150.0
THUMP_SHARE = 0.6
STEADY_DC_SHARE = 0.5
"""A constant offset is at least this much of itself in four windows of five (house)."""
NOTHING_LEFT = 1e-12
"""A fold 120 dB down is silence."""
PITCH_WINDOWS = 64
"""So many spectra wait until their pitches are looked for together."""
QUIETEST_PITCHED = 1e-3
"""Windows 30 dB under the loudest so far are not asked for their pitch."""


class LowSpectrum:
    """Power spectra of half-second windows (2 Hz per bin) up to 1.2 kHz, taken in as blocks, in constant
    memory.

    Keeps the mean spectrum, one fundamental per window, and the spectra of the quietest windows that are not
    digital silence. ``floor_hz`` is the lowest fundamental that is looked for.
    """

    def __init__(self, sample_rate: float, channels: int, *, floor_hz: float = 25.0) -> None:
        self._hop = max(1, round(sample_rate / 4))
        self._size = 2 * self._hop
        self._window = np.hanning(self._size + 1)[:-1].astype(np.float32)
        self._scale = 2.0 / (self._size * float(np.sum(np.square(self._window, dtype=np.float64))))
        self._bins = min(self._size // 2 + 1, int(HIGHEST_HZ * self._size / sample_rate) + 1)
        self._pending = Pending(channels)
        self._floor_hz = floor_hz
        self.bin_hz = sample_rate / self._size
        self.mean = np.zeros(self._bins)
        self._sides = np.zeros((3, self._bins))
        self.total_power = 0.0
        self.windows = 0
        self._loudest = 0.0
        self._means: list[NDArray[np.float32]] = []
        self.fundamentals_hz = array("f")
        """One per window, Hz, 0 where there is no pitch; complete after ``finish``."""
        self.powers = array("d")
        self._unpitched: list[tuple[int, NDArray[np.float32]]] = []
        self._quiet: list[tuple[float, int, NDArray[np.float32]]] = []

    def push(self, block: NDArray[np.float32]) -> None:
        """Take in the next block (channels, frames)."""
        self._pending.add(block)
        waiting = self._pending.samples
        windows = (waiting.shape[1] - self._size) // self._hop + 1
        if windows > 0:
            every = np.lib.stride_tricks.sliding_window_view(waiting, self._size, axis=1)[:, :: self._hop]
            self._take(every[:, :windows].transpose(1, 0, 2))
            self._pending.drop(windows * self._hop)

    def finish(self) -> None:
        """Take the rest, zero-padded, if no full window was seen; find the pitches that are still missing."""
        waiting = self._pending.samples
        if self.windows == 0 and waiting.shape[1]:
            padded = np.pad(waiting, ((0, 0), (0, self._size - waiting.shape[1])))[np.newaxis]
            self._take(padded, padded.mean(axis=2))
        self._find_pitches()

    def quiet(self) -> NDArray[np.float32]:
        """Spectra (windows, bins) of the quietest windows that hold any signal."""
        kept = [spectrum for _, _, spectrum in sorted(self._quiet, key=lambda item: (item[0], item[1]))]
        return np.array(kept, dtype=np.float32).reshape(len(kept), self._bins)

    def dc(self) -> NDArray[np.float64]:
        """Offset per channel, full scale 1.0: the median of the windows' means, which low notes do not move."""
        means = (
            np.concatenate(self._means)
            if self._means
            else np.zeros((1, len(self._pending.samples)), np.float32)
        )
        return np.asarray(np.median(means, axis=0), dtype=np.float64)

    def is_steady_dc(self) -> bool:
        """Whether the offset is there in (nearly) every window that holds signal, as a converter's is; an uneven wave
        (a kick, a brass note) only leans while it sounds.
        """
        if not self._means:
            return True
        sounding = np.asarray(self.powers) > 0.0
        sizes = np.abs(np.concatenate(self._means)[sounding]).max(axis=1, initial=0.0)
        return bool(sizes.size) and bool(np.percentile(sizes, 20.0) >= STEADY_DC_SHARE * np.median(sizes))

    def thump_hz(self) -> float | None:
        """Strongest frequency of a source that lives under 150 Hz (a kick without a clear pitch), else None."""
        if self.share_below(THUMP_TOP_HZ) < THUMP_SHARE:
            return None
        first = int(np.ceil(self._floor_hz / self.bin_hz))
        return float(
            (first + int(np.argmax(self.mean[first : int(THUMP_TOP_HZ / self.bin_hz)]))) * self.bin_hz
        )

    def share_below(self, hz: float) -> float:
        """Share 0..1 of the whole track's power that lies below a frequency."""
        if self.total_power <= 0.0:
            return 0.0
        edge = hz / self.bin_hz + 0.5
        whole = int(edge)
        below = float(self.mean[:whole].sum()) + (edge - whole) * float(self.mean[min(whole, self._bins - 1)])
        return min(1.0, below / self.total_power)

    def side_correlation(self, low_hz: float, high_hz: float) -> float:
        """Correlation of left and right -1..1 in a band under 1.2 kHz; 1 for mono and silence, 0 for one lone side."""
        left, right, cross = self._side_powers(low_hz, high_hz)
        if left + right <= 0.0:
            return 1.0
        return float(np.clip(cross / np.sqrt(left * right), -1.0, 1.0)) if left * right > 0.0 else 0.0

    def side_loss_db(self, low_hz: float, high_hz: float, *, turned: bool = False) -> float:
        """What folding to (L+R)/2 loses in a band, dB against the mean of the sides (0: nothing, 3.01: unrelated); with
        one side ``turned`` over if asked.
        """
        left, right, cross = self._side_powers(low_hz, high_hz)
        if left + right <= 0.0:
            return 0.0
        kept = (left + right + (-2.0 if turned else 2.0) * cross) / (2.0 * (left + right))
        return -power_to_db(max(kept, NOTHING_LEFT))

    def _side_powers(self, low_hz: float, high_hz: float) -> tuple[float, float, float]:
        band = slice(int(np.ceil(low_hz / self.bin_hz)), int(high_hz / self.bin_hz) + 1)
        left, right, cross = self._sides[:, band].sum(axis=1).tolist()
        return left, right, cross

    def _take(self, windows: NDArray[np.float32], means: NDArray[np.float32] | None = None) -> None:
        """Several windows (windows, channels, frames) at once: rows together transform faster. Their means are those
        under the window unless given: a low note that ends in the middle of a wave has a plain mean of its own.
        """
        channels = windows.shape[1]
        if windows.shape[1] == 2 and np.array_equal(windows[:, 0], windows[:, 1]):
            windows = windows[:, :1]
        spectrum = rfft(windows * self._window)
        if means is None:
            means = spectrum[:, :, 0].real / self._window.sum(dtype=np.float64).astype(np.float32)
        self._means.append(np.broadcast_to(means, (len(means), channels)))
        self._add_sides(spectrum[:, :, : self._bins])
        power = (np.square(spectrum.real) + np.square(spectrum.imag)).mean(axis=1) * np.float32(self._scale)
        for spectrum_power in power:
            self._add(spectrum_power)

    def _add_sides(self, spectrum: NDArray[np.complexfloating[Any, Any]]) -> None:
        """Powers of left and right and their cross power, summed over the windows; one channel is both sides."""
        left, right = spectrum[:, 0], spectrum[:, -1]
        for row, (a, b) in enumerate(((left, left), (right, right), (left, right))):
            self._sides[row] += (a.real * b.real + a.imag * b.imag).sum(axis=0, dtype=np.float64)

    def _add(self, power: NDArray[np.float32]) -> None:
        self.windows += 1
        total = float(power.sum(dtype=np.float64))
        self.powers.append(total)
        self._loudest = max(self._loudest, total)
        low = power[: self._bins]
        self.fundamentals_hz.append(0.0)
        if total <= 0.0:
            return
        if total > self._loudest * QUIETEST_PITCHED:
            self._unpitched.append((self.windows - 1, low.copy()))
            if len(self._unpitched) >= PITCH_WINDOWS:
                self._find_pitches()
        self.mean += low
        self.total_power += total
        item = (-total, self.windows, low.copy())
        if len(self._quiet) < QUIET_FRAMES:
            heapq.heappush(self._quiet, item)
        else:
            heapq.heappushpop(self._quiet, item)

    def _find_pitches(self) -> None:
        """Fill in the pitches of the windows that wait for theirs."""
        if self._unpitched:
            spectra = np.stack([spectrum for _, spectrum in self._unpitched])
            found = fundamentals(spectra, self.bin_hz, self._floor_hz)
            for (window, _), hz in zip(self._unpitched, found, strict=True):
                self.fundamentals_hz[window] = hz
            self._unpitched = []
