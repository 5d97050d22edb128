"""Features and facts of one source, taken in as blocks: memory does not grow with the audio, only at 10 Hz."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from smartmix._core import LoudnessMeter
from smartmix.analysis.active import active_frames, mean_level, spans
from smartmix.analysis.analysis import FRAME_RATE_HZ, Features, Floats, TrackFacts
from smartmix.analysis.bands import BANDS, edge_bins, sum_bands
from smartmix.analysis.fourier import rfft, sine_window
from smartmix.analysis.loudness import read_meter
from smartmix.analysis.low_spectrum import LowSpectrum
from smartmix.analysis.lowest_note import lowest_note_hz
from smartmix.analysis.scan import SourceScan
from smartmix.analysis.tone import ToneMeter
from smartmix.errors import AudioShapeError
from smartmix.units import gain_to_db, power_to_db

LOUDNESS_OFFSET_LU = -0.691
"""BS.1770: loudness = -0.691 + 10 log10(weighted mean square)."""
HOPS_PER_FRAME = 10
BOTH_SIDES_LU = 10.0 * math.log10(2.0)
"""A mono source plays from both sides in the mix: 3.01 LU over what its one channel measures."""
UNPITCHED_RUMBLE_HZ = 40.0
OPEN_TOP_HZ = 200.0
THUMP_FLOOR_HZ = 30.0
"""Sources that may play this low may be drums: their thump is then their lowest note."""


class BandPowers:
    """Power per ERB band and side at 10 Hz, from sine-windowed FFTs of 200 ms that overlap by half.

    The squared windows add up to one, so the power of a transient does not depend on where it falls.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        self._hop = max(1, int(sample_rate / FRAME_RATE_HZ))
        self._rate = sample_rate
        self._size = 2 * self._hop
        window = sine_window(self._size)
        self._window = (window * math.sqrt(2.0 / (self._size * np.sum(window * window)))).astype(np.float32)
        self._edges = edge_bins(sample_rate, self._size)
        self._pending = np.zeros((channels, self._hop // 2), dtype=np.float32)
        self._first = -(self._hop // 2)
        self._taken = 0
        self._left: list[Floats] = []
        self._right: list[Floats] = []

    def push(self, block: NDArray[np.float32]) -> None:
        """Take in the next block (channels, frames)."""
        self._pending = np.concatenate((self._pending, block), axis=1)
        starts: list[int] = []
        while True:
            start = self._start(self._taken + len(starts))
            if start + self._size > self._first + self._pending.shape[1]:
                break
            starts.append(start - self._first)
        if starts:
            self._take(starts)
            self._taken += len(starts)
            drop = self._start(self._taken) - self._first
            self._pending = self._pending[:, drop:]
            self._first += drop

    def finish(self, frames: int) -> tuple[Floats, Floats]:
        """Left and right powers (frames, BANDS); the same array twice for a mono source."""
        end = self._first + self._pending.shape[1]
        last = max(0, math.ceil((end * FRAME_RATE_HZ) / self._rate - 1e-9))
        if last > self._taken:
            short = max(0, self._start(last - 1) + self._size - end)
            self.push(np.zeros((self._pending.shape[0], short), dtype=np.float32))
        left, right = _fit(self._left, frames), _fit(self._right, frames)
        self._left, self._right = [], []
        return left, left if self._pending.shape[0] == 1 else right

    def _start(self, index: int) -> int:
        return round(index * self._rate / FRAME_RATE_HZ) - self._hop // 2

    def _take(self, starts: list[int]) -> None:
        cut = np.stack([self._pending[:, s : s + self._size] for s in starts])
        same = cut.shape[1] == 2 and np.array_equal(cut[:, 0], cut[:, 1])
        spectrum = rfft(cut[:, :1] * self._window if same else cut * self._window)
        power = sum_bands(np.square(spectrum.real) + np.square(spectrum.imag), self._edges)
        power = np.maximum(power, 0.0)
        self._left.append(power[:, 0].astype(np.float32))
        self._right.append(power[:, -1].astype(np.float32))


def _fit(parts: list[Floats], frames: int) -> Floats:
    """The parts one after another, cut or zero-padded to a number of frames."""
    whole = np.concatenate(parts) if parts else np.zeros((0, BANDS), dtype=np.float32)
    return np.ascontiguousarray(np.pad(whole[:frames], ((0, max(0, frames - len(whole))), (0, 0))))


class SourceMeter:
    """Everything measured about one source in one pass: ``push`` its blocks, then ``facts``.

    ``floor_hz`` is the lowest note the source can play, ``rumble_top_hz`` the highest frequency that may
    count as rumble (both a matter of its role), Hz. ``tone`` measures what opinions on tracks need.
    """

    def __init__(
        self,
        name: str,
        sample_rate: float,
        channels: int,
        *,
        floor_hz: float = 25.0,
        rumble_top_hz: float = OPEN_TOP_HZ,
        tone: ToneMeter | None = None,
    ) -> None:
        if channels not in (1, 2):
            raise AudioShapeError(
                f"{name}: expected 1 or 2 channels, got {channels}. Split the file by channel."
            )
        self.name = name
        self.sample_rate = sample_rate
        self.channels = channels
        self.scan = SourceScan(sample_rate, channels)
        self._tone = tone
        self.low = LowSpectrum(sample_rate, channels, floor_hz=floor_hz)
        self._rumble_top_hz = rumble_top_hz
        self._floor_hz = floor_hz
        self._bands = BandPowers(sample_rate, channels)
        self._loudness = LoudnessMeter(float(sample_rate), channels)

    def push(self, block: NDArray[np.float32]) -> None:
        """Take in the next block (channels, frames) float32."""
        block = np.ascontiguousarray(self.scan.push(block), dtype=np.float32)
        if block.shape[1]:
            self._loudness.process(block)
            self._bands.push(block)
            self.low.push(block)
            if self._tone is not None:
                self._tone.push(block)

    def energies_10ms(self) -> NDArray[np.float64]:
        """K-weighted energy per complete 10 ms hop, as the loudness meter sees it."""
        return np.asarray(self._loudness.energies_10ms(), dtype=np.float64)

    def facts(self, frames: int | None = None) -> TrackFacts:
        """The facts; ``frames`` (at 10 Hz) sets the length of the features, default the source's own."""
        own = max(1, math.ceil(self.scan.frames * FRAME_RATE_HZ / self.sample_rate - 1e-9))
        frames = own if frames is None else frames
        self.low.finish()
        left, right = self._bands.finish(frames)
        band_power = left if left is right else (left + right) * np.float32(0.5)
        loudness = self._frame_loudness(frames)
        active = active_frames(loudness)
        lowest = lowest_note_hz(self.low.fundamentals_hz, self.low.powers)
        if lowest is None and self._floor_hz <= THUMP_FLOOR_HZ:
            lowest = self.low.thump_hz()
        return TrackFacts(
            track=self.name,
            loudness=read_meter(self._loudness),
            active_lufs=mean_level(loudness, active),
            active_share=float(active.mean()) if active.size else 0.0,
            active_spans_s=spans(active, FRAME_RATE_HZ),
            crest_db=self._crest_db(float(active.mean()) if active.any() else 1.0, frames / own),
            correlation=self.scan.correlation,
            lowest_note_hz=lowest,
            rumble_db=power_to_db(self.low.share_below(rumble_edge_hz(lowest, self._rumble_top_hz))),
            spectrum_db=_spectrum_db(band_power, active),
            features=Features(band_power, left, right, loudness.astype(np.float32), active),
            tone=self._tone.facts(self.energies_10ms()) if self._tone is not None else None,
        )

    def _frame_loudness(self, frames: int) -> NDArray[np.float64]:
        hops = self.energies_10ms()[: frames * HOPS_PER_FRAME]
        padded = np.pad(hops, (0, frames * HOPS_PER_FRAME - hops.size))
        energy: NDArray[np.float64] = padded.reshape(frames, HOPS_PER_FRAME).mean(axis=1)
        offset = LOUDNESS_OFFSET_LU + (BOTH_SIDES_LU if self.channels == 1 else 0.0)
        return offset + power_to_db(energy)

    def _crest_db(self, active_share: float, stretch: float) -> float:
        """Peak over the RMS of the sounding part, dB; 0 for silence."""
        sounding = self.scan.mean_square / min(1.0, active_share * stretch)
        return gain_to_db(self.scan.peak) - power_to_db(sounding) if sounding > 0.0 else 0.0


def rumble_edge_hz(lowest_note: float | None, top_hz: float = OPEN_TOP_HZ) -> float:
    """Where rumble ends: half an octave under the lowest note (40 Hz where no pitch is known), at most ``top_hz``."""
    return min(top_hz, UNPITCHED_RUMBLE_HZ if lowest_note is None else lowest_note / math.sqrt(2.0))


def extract(
    blocks: Iterable[NDArray[np.float32]],
    sample_rate: float,
    channels: int,
    name: str,
    *,
    floor_hz: float = 25.0,
) -> TrackFacts:
    """Facts of one source from its blocks (channels, frames) float32, in order and in any sizes.

    Sound for any length from no sample up, for mono and stereo (more channels: AudioShapeError), and for
    silence (levels are then -inf). Non-finite samples count as silence here; ``find_problems`` reports them.
    """
    meter = SourceMeter(name, sample_rate, channels, floor_hz=floor_hz)
    for block in blocks:
        meter.push(block)
    return meter.facts()


def _spectrum_db(band_power: Floats, active: NDArray[np.bool_]) -> Floats:
    sounding = band_power[active] if active.any() else band_power
    mean: NDArray[np.float64] = sounding.mean(axis=0, dtype=np.float64)
    return power_to_db(mean).astype(np.float32)
