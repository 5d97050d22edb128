"""Features and facts of one source, taken in as blocks: memory does not grow with the audio, only at 10 Hz."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from smartmix._core import LoudnessMeter
from smartmix.analysis.active import active_frames, mean_level, spans
from smartmix.analysis.analysis import FRAME_RATE_HZ, Features, Floats, TrackFacts
from smartmix.analysis.band_powers import BandPowers
from smartmix.analysis.clicks import ClickMeter
from smartmix.analysis.decay import decay_s
from smartmix.analysis.hop_trace import HopTrace
from smartmix.analysis.loudness import BOTH_SIDES_LU, read_meter
from smartmix.analysis.low_spectrum import LowSpectrum
from smartmix.analysis.lowest_note import lowest_note_hz
from smartmix.analysis.peak_timeline import PeakTimeline
from smartmix.analysis.scan import SourceScan
from smartmix.analysis.tone import ToneMeter
from smartmix.errors import AudioShapeError
from smartmix.units import gain_to_db, power_to_db

LOUDNESS_OFFSET_LU = -0.691
"""BS.1770: loudness = -0.691 + 10 log10(weighted mean square)."""
HOPS_PER_FRAME = 10
UNPITCHED_RUMBLE_HZ = 40.0
OPEN_TOP_HZ = 200.0
THUMP_FLOOR_HZ = 30.0
"""Sources that may play this low may be drums: their thump is then their lowest note."""


class SourceMeter:
    """Everything measured about one source in one pass: ``push`` its blocks, then ``facts``.

    ``floor_hz`` is the lowest note the source can play, ``rumble_top_hz`` the highest frequency that may count as
    rumble (both a matter of its role), Hz. ``low_end`` False leaves out lowest note and rumble (a bus has neither);
    ``landmarks`` takes a fingerprint; ``timeline`` keeps what tempo and sections are read from (for sums).
    """

    def __init__(
        self,
        name: str,
        sample_rate: float,
        channels: int,
        *,
        floor_hz: float = 25.0,
        rumble_top_hz: float = OPEN_TOP_HZ,
        low_end: bool = True,
        landmarks: bool = False,
        timeline: bool = False,
    ) -> None:
        if channels not in (1, 2):
            raise AudioShapeError(
                f"{name}: expected 1 or 2 channels, got {channels}. Split the file by channel."
            )
        self.name = name
        self.sample_rate = sample_rate
        self.channels = channels
        self.scan = SourceScan(sample_rate, channels)
        self.tone: ToneMeter | None = None
        """What opinions on single tracks need; set it before the first block."""
        self.low = LowSpectrum(sample_rate, channels, floor_hz=floor_hz)
        self.hops = HopTrace(sample_rate, channels, landmarks=landmarks, timeline=timeline)
        self._peaks = PeakTimeline(sample_rate) if timeline else None
        self._low_end = low_end
        self.clicks = ClickMeter(sample_rate, channels)
        self._rumble_top_hz = rumble_top_hz
        self._floor_hz = floor_hz
        self._bands = BandPowers(sample_rate, channels)
        self._loudness = LoudnessMeter(float(sample_rate), channels)

    def push(self, block: NDArray[np.float32]) -> None:
        """Take in the next block (channels, frames) float32."""
        block = np.ascontiguousarray(self.scan.push(block), dtype=np.float32)
        if block.shape[1]:
            if self._peaks is None:
                self._loudness.process(block)
            else:
                self._peaks.push(block, self._loudness)
            self._bands.push(block)
            self.hops.push(block)
            if self._low_end:
                self.low.push(block)
            if self._low_end and self._peaks is None:
                self.clicks.push(block)
            if self.tone is not None:
                self.tone.push(block)

    def energies_10ms(self) -> NDArray[np.float64]:
        """K-weighted energy per complete 10 ms hop, as the loudness meter sees it."""
        return np.asarray(self._loudness.energies_10ms(), dtype=np.float64)

    def true_peaks(self, frames: int) -> NDArray[np.float64]:
        """True peak (frames,) of each 100 ms, as an amplitude, after ``facts``; zeros without ``timeline``."""
        return np.zeros(frames) if self._peaks is None else self._peaks.peaks(frames)

    def facts(self, frames: int | None = None) -> TrackFacts:
        """The facts, once: the levels over time are let go of.

        ``frames`` (at 10 Hz) sets the length of the features, default the source's own.
        """
        own = max(1, math.ceil(self.scan.frames * FRAME_RATE_HZ / self.sample_rate - 1e-9))
        frames = own if frames is None else frames
        self.hops.finish()
        loudness = self._frame_loudness(frames)
        active = active_frames(loudness)
        features = Features(*self._bands.finish(frames), loudness.astype(np.float32), active)
        lowest, rumble_db = self._low_end_facts()
        share = min(1.0, (float(active.mean()) if active.any() else 1.0) * frames / own)
        if self._peaks is not None:
            self._peaks.finish(self._loudness)
        _, width_db, mono_loss_db = self.hops.stereo()
        facts = TrackFacts(
            track=self.name,
            loudness=read_meter(self._loudness),
            active_lufs=mean_level(loudness, active),
            active_share=float(active.mean()) if active.size else 0.0,
            active_spans_s=spans(active, FRAME_RATE_HZ),
            crest_db=self._crest_db(share),
            correlation=self.scan.correlation,
            lowest_note_hz=lowest,
            rumble_db=rumble_db,
            spectrum_db=spectrum_db(features.band_power, active),
            features=features,
            crest_by_band_db=self.hops.crest_by_band_db(share),
            width_db=width_db,
            mono_loss_db=mono_loss_db,
            noise_floor_dbfs=self.hops.noise_floor_dbfs(active),
            short_levels_db=self.hops.short_levels(active),
            fingerprint=self.hops.fingerprint(),
            decay_s=decay_s(self.energies_10ms()),
            tone=self.tone.facts(self.energies_10ms()) if self.tone is not None else None,
        )
        self._loudness = LoudnessMeter(float(self.sample_rate), self.channels)
        self.hops.release()
        return facts

    def _low_end_facts(self) -> tuple[float | None, float]:
        """Lowest note, Hz, and rumble, dB."""
        if not self._low_end:
            return None, -math.inf
        self.low.finish()
        lowest = lowest_note_hz(self.low.fundamentals_hz, self.low.powers)
        if lowest is None and self._floor_hz <= THUMP_FLOOR_HZ:
            lowest = self.low.thump_hz()
        return lowest, power_to_db(self.low.share_below(rumble_edge_hz(lowest, self._rumble_top_hz)))

    def _frame_loudness(self, frames: int) -> NDArray[np.float64]:
        hops = self.energies_10ms()[: frames * HOPS_PER_FRAME]
        padded = np.pad(hops, (0, frames * HOPS_PER_FRAME - hops.size))
        energy: NDArray[np.float64] = padded.reshape(frames, HOPS_PER_FRAME).mean(axis=1)
        offset = LOUDNESS_OFFSET_LU + (BOTH_SIDES_LU if self.channels == 1 else 0.0)
        return offset + power_to_db(energy)

    def _crest_db(self, active_share: float) -> float:
        """Peak over the RMS of the sounding part, dB; 0 for silence."""
        sounding = self.scan.mean_square / active_share
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
    low_end: bool = True,
) -> TrackFacts:
    """Facts of one source from its blocks (channels, frames) float32, in order and in any sizes.

    Sound for any length from no sample up, for mono and stereo (more channels: AudioShapeError), and for
    silence (levels are then -inf). Non-finite samples count as silence here; ``find_problems`` reports them.
    ``low_end`` False leaves out the lowest note and rumble: a whole mix has neither.
    """
    meter = SourceMeter(name, sample_rate, channels, floor_hz=floor_hz, low_end=low_end)
    for block in blocks:
        meter.push(block)
    return meter.facts()


def spectrum_db(band_power: Floats, active: NDArray[np.bool_]) -> Floats:
    """Mean power (bands,) of the active frames (of all, if none is), dB."""
    sounding = band_power[active] if active.any() else band_power
    mean: NDArray[np.float64] = sounding.mean(axis=0, dtype=np.float64)
    return power_to_db(mean).astype(np.float32)
