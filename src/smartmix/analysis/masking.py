"""Masking between tracks: how much of each is still heard beside the others, who covers whom, where and when."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis.masking_events import MaskingEvent, MaskingEvents
from smartmix.audio.buffer import Samples, check_finite, check_sample_rate, check_samples
from smartmix.audio.resample import resample
from smartmix.errors import AudioError

LISTENING_LEVEL_DB_SPL = 78.0
"""How loud the mix is taken to be played: a usual level for work on near-field monitors."""

MAX_TRACKS = 64
_NATIVE_RATES_HZ = (44_100.0, 48_000.0)
_BLOCK_S = 4.0  # less than the cells a meter keeps until they are taken
STEREO_OF_ONE_SIDE_LU = 3.01
"""A signal on both sides measures this much over one side."""
_MEASURED_AT_DB = -20.0

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Masking:
    """What tracks do to one another, as the model of Moore, Glasberg and Baer (1997) hears it (docs/dsp/masking.md).

    Bands are 40, equally wide on the ear's own scale (0.93 of an auditory filter), from 47 Hz to 15 kHz; cells are a
    quarter of a second. Sone figures are loudness: twice the sone is twice as loud. The first index of a pair is the
    track that is covered, the second the one that covers it.
    """

    tracks: tuple[str, ...]
    band_edges_hz: NDArray[np.float64]
    """(41,)"""
    times_s: NDArray[np.float64]
    """Middle of each cell."""
    listening_level_db_spl: float
    integrated_lufs: float
    """Loudness of the sum of the tracks, which was taken to be played at ``listening_level_db_spl``; -inf if silent."""
    level_db: Floats
    """(tracks, cells, bands) dB at the ear, as filtered by it; -100 where there is nothing."""
    alone_sone: Floats
    """(tracks, cells, bands) loudness of the track by itself."""
    heard_sone: Floats
    """(tracks, cells, bands) what is left of that beside the sum of all other tracks; never more."""
    lost_sone: Floats
    """(covered, covering, bands) what one other track by itself takes from it, mean over time. These do not add up."""
    freed_sone: Floats
    """(covered, covering, bands) what it would win in the whole mix if that one track left, mean over time."""
    alone_phon: Floats
    """(tracks, cells) short-term loudness level alone (Glasberg and Moore 2002)."""
    heard_phon: Floats
    """(tracks, cells) the same beside all other tracks."""
    events: tuple[MaskingEvent, ...]
    """Who covers whom, the gravest (most loudness lost) first."""

    def heard_share(self) -> NDArray[np.float64]:
        """(tracks,) share of each track's loudness that is still heard in the mix, 0..1; 1 for a silent track."""
        alone = self.alone_sone.sum(axis=(1, 2), dtype=np.float64)
        heard = self.heard_sone.sum(axis=(1, 2), dtype=np.float64)
        share = np.ones(alone.size)
        share[alone > 0.0] = heard[alone > 0.0] / alone[alone > 0.0]
        return share


def measure_masking(
    tracks: Mapping[str, NDArray[np.floating]],
    sample_rate: float,
    *,
    listening_level_db_spl: float = LISTENING_LEVEL_DB_SPL,
) -> Masking:
    """How tracks that are played together cover each other.

    ``tracks``: name to samples (channels, frames), 1 or 2 channels (one sounds from both sides), 1 to 64 tracks as
    they stand in the mix (after fader and EQ); shorter ones end in silence. The sum of all is taken to be played at
    ``listening_level_db_spl`` (40 to 110), so a gain on everything changes nothing. ``sample_rate``: 8 to 384 kHz;
    other than 44.1 to 48 kHz is resampled to 48 kHz. AudioError for no tracks, too many, another layout, or samples
    that are not finite. Nothing is changed. Source: Moore, Glasberg and Baer, JAES 45 (1997); ANSI S3.4-2007.
    """
    rate = check_sample_rate(sample_rate)
    samples = _checked(tracks)
    if not 40.0 <= listening_level_db_spl <= 110.0:
        raise AudioError(f"listening level {listening_level_db_spl!r} dB SPL: expected 40 to 110")
    if not _NATIVE_RATES_HZ[0] <= rate <= _NATIVE_RATES_HZ[1]:
        samples = {name: resample(part, round(rate), 48_000) for name, part in samples.items()}
        rate = 48_000.0
    lufs = _loudness_of_sum(samples, rate)
    full_scale_db_spl = (
        listening_level_db_spl - (lufs - STEREO_OF_ONE_SIDE_LU) if math.isfinite(lufs) else 0.0
    )
    meter = _core.MaskingMeter(rate, [part.shape[0] for part in samples.values()], full_scale_db_spl)
    gathered = _Gathered(tuple(samples), rate)
    for block in _blocks(samples, rate):
        meter.process(block)
        gathered.take(meter.take_cells())
    meter.finish()
    gathered.take(meter.take_cells())
    return gathered.result(listening_level_db_spl, lufs)


def _checked(tracks: Mapping[str, NDArray[np.floating]]) -> dict[str, Samples]:
    if not 1 <= len(tracks) <= MAX_TRACKS:
        raise AudioError(f"measure_masking: expected 1 to {MAX_TRACKS} tracks, got {len(tracks)}")
    samples = {name: check_samples(part, max_channels=2) for name, part in tracks.items()}
    for name, part in samples.items():
        check_finite(part, name)
    return samples


def _blocks(samples: Mapping[str, Samples], rate: float) -> Iterator[list[Samples]]:
    frames = max(part.shape[1] for part in samples.values())
    step = round(_BLOCK_S * rate)
    for start in range(0, frames, step):
        length = min(step, frames - start)
        block = []
        for part in samples.values():
            piece = part[:, start : start + length]
            missing = length - piece.shape[1]
            block.append(np.ascontiguousarray(np.pad(piece, ((0, 0), (0, missing))) if missing else piece))
        yield block


def _sums(samples: Mapping[str, Samples], rate: float) -> Iterator[Samples]:
    for block in _blocks(samples, rate):
        mix = np.zeros((2, block[0].shape[1]), np.float32)
        for part in block:
            mix += part
        yield mix


def _loudness_of_sum(samples: Mapping[str, Samples], rate: float) -> float:
    """Integrated loudness of the tracks played together; the mean level of what is too short to have one.

    It is measured at a level of its own, lest the gate at -70 LUFS take more from a quiet sum than from a loud one.
    """
    energy, frames = 0.0, 0
    for mix in _sums(samples, rate):
        energy += float(np.sum(np.square(mix, dtype=np.float64)))
        frames += mix.shape[1]
    if energy <= 0.0:
        return -math.inf
    level_db = 10.0 * math.log10(energy / frames)
    gain = np.float32(10.0 ** (0.05 * (_MEASURED_AT_DB - level_db)))
    meter = _core.LoudnessMeter(rate, 2, False)
    for mix in _sums(samples, rate):
        meter.process(mix * gain)
    lufs = meter.integrated_lufs()
    return lufs - 20.0 * math.log10(float(gain)) if math.isfinite(lufs) else level_db


class _Gathered:
    """Cells as they come from the meter."""

    def __init__(self, tracks: tuple[str, ...], rate: float) -> None:
        self._tracks = tracks
        self._hop_s = _core.MASKING_HOP / rate
        self._edges_hz = _core.masking_band_edges_hz()
        self._parts: dict[str, list[Floats]] = {
            name: [] for name in ("excitation", "alone", "beside_all", "integrated")
        }
        self._ends_s = [0.0]
        bands = self._edges_hz.size - 1
        self._lost = np.zeros((len(tracks), len(tracks), bands))
        self._freed = np.zeros_like(self._lost)
        self._events = MaskingEvents(tracks, self._edges_hz)

    def take(self, cells: dict[str, NDArray[np.float32]]) -> None:
        for name, parts in self._parts.items():
            parts.append(cells[name])
        for cell, hops in enumerate(cells["hops"]):
            start_s = self._ends_s[-1]
            end_s = start_s + float(hops) * self._hop_s
            self._ends_s.append(end_s)
            alone, beside = cells["alone"][cell], cells["beside"][cell]
            lost = np.maximum(alone[:, np.newaxis, :] - beside, 0.0)
            self._lost += lost * (end_s - start_s)
            self._freed += cells["freed"][cell] * (end_s - start_s)
            self._events.take(start_s, end_s, alone, lost, cells["excitation"][cell])

    def result(self, listening_level_db_spl: float, lufs: float) -> Masking:
        ends_s = np.array(self._ends_s)
        length_s = max(float(ends_s[-1]), 1e-9)
        whole = {name: np.concatenate(parts) for name, parts in self._parts.items()}
        levels = 10.0 * np.log10(np.maximum(whole["excitation"], 1e-10))
        phon = np.asarray(_core.phon_of_sone(whole["integrated"].astype(np.float64)), np.float32)
        return Masking(
            tracks=self._tracks,
            band_edges_hz=self._edges_hz,
            times_s=0.5 * (ends_s[:-1] + ends_s[1:]),
            listening_level_db_spl=listening_level_db_spl,
            integrated_lufs=lufs,
            level_db=np.ascontiguousarray(levels.swapaxes(0, 1)),
            alone_sone=np.ascontiguousarray(whole["alone"].swapaxes(0, 1)),
            heard_sone=np.ascontiguousarray(whole["beside_all"].swapaxes(0, 1)),
            lost_sone=(self._lost / length_s).astype(np.float32),
            freed_sone=(self._freed / length_s).astype(np.float32),
            alone_phon=np.ascontiguousarray(phon[:, :, 0].T),
            heard_phon=np.ascontiguousarray(phon[:, :, 1].T),
            events=self._events.finish(),
        )
