"""A first listen: short excerpts of every track at the same moments of the song, for questions a name only raises.

Bounded whatever the length: at most ``WINDOWS`` windows of 80 ms a track. Moments and window lengths are whole
samples at 44.1, 48, 88.2 and 96 kHz, so that tracks of different rates can be compared bin by bin without resampling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smartmix.session.source import source_excerpts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from smartmix.session.session import Track

Spectra = NDArray[np.complex64]
Floats = NDArray[np.float64]

WINDOW_S = 0.08
GRID_S = 0.01
GLANCE = 48
"""Windows of the glance every track gets: dead, dual mono, a copy of another?"""
WINDOWS = 160
"""Windows of a proper listen, for tracks whose names raise a question (house; more change no answer on dev)."""
TOP_HZ = 8_000.0
BIN_HZ = 1.0 / WINDOW_S
BINS = int(TOP_HZ / BIN_HZ) + 1
LOWEST_HZ = 60.0
SOUNDING_DB = 35.0
"""A window this far under the track's own loudest is a pause."""
FLOOR_DBFS = -70.0
BANDS_PER_OCTAVE = 3
SIGNATURE_BINS = slice(4, BINS, 20)


@dataclass(frozen=True, slots=True)
class Glance:
    """What a glance at a track tells: the level of its loudest window (RMS dBFS), whether it is stereo with two equal
    sides, in which windows it sounds, and a few bins of its spectra by which copies are found.
    """

    loudest_dbfs: float
    dual_mono: bool
    sounds: NDArray[np.bool_]
    signature: Spectra


class Ear:
    """Excerpts of tracks on one time line; what was listened to is kept, as spectra.

    ``starts_s`` is where each track (by id) begins.
    """

    def __init__(self, tracks: Iterable[Track], starts_s: Mapping[str, float]) -> None:
        tracks = list(tracks)
        self._starts_s = dict(starts_s)
        ends = [self.start_s(t) + t.frames / t.sample_rate for t in tracks]
        self.length_s = max(ends, default=0.0)
        self._spectra: dict[tuple[object, ...], Spectra] = {}
        self._glances: dict[tuple[object, ...], Glance] = {}

    def start_s(self, track: Track) -> float:
        """Where a track begins on the time line, seconds."""
        return self._starts_s.get(track.id, 0.0)

    def moments(self, count: int) -> Floats:
        """Starts (s) of so many windows spread evenly over the song, each on the grid of 10 ms, none twice."""
        steps = max(0, math.floor((self.length_s - WINDOW_S) / GRID_S + 1e-6))
        return np.unique(np.floor((np.arange(count) + 0.5) / count * steps)) * GRID_S

    def excerpts(self, track: Track, count: int) -> NDArray[np.float32]:
        """Samples of a track (windows, channels, frames) at ``moments(count)``, at the track's own rate."""
        starts = np.rint((self.moments(count) - self.start_s(track)) * track.sample_rate).astype(np.int64)
        return source_excerpts(track, starts.tolist(), round(WINDOW_S * track.sample_rate))

    def spectra(self, track: Track, count: int = WINDOWS) -> Spectra:
        """Hann-windowed spectra (channels, windows, BINS) up to 8 kHz, a full-scale sine about 0.25 at its bin."""
        key = (*self._key(track), count)
        if key not in self._spectra:
            self._spectra[key] = _spectra(self.excerpts(track, count))
        return self._spectra[key]

    def glance(self, track: Track) -> Glance:
        """A first look at a track; kept, and small enough to keep for a thousand tracks."""
        key = self._key(track)
        if key not in self._glances:
            samples = self.excerpts(track, GLANCE)
            spectra = _spectra(samples)
            loudest = float(np.square(samples, dtype=np.float64).mean(axis=2).max(initial=0.0))
            self._glances[key] = Glance(
                loudest_dbfs=10.0 * math.log10(max(loudest, 1e-20)),
                dual_mono=samples.shape[1] == 2 and np.array_equal(samples[:, 0], samples[:, 1]),
                sounds=_sounding(spectra),
                signature=np.ascontiguousarray(spectra[:, :, SIGNATURE_BINS]),
            )
        return self._glances[key]

    def _key(self, track: Track) -> tuple[object, ...]:
        return track.path, track.right_path, track.sample_rate, self.start_s(track)

    def mono(self, track: Track, count: int = WINDOWS) -> Spectra:
        """The mean of the sides of a track, as ``spectra`` (windows, BINS)."""
        return np.asarray(self.spectra(track, count).mean(axis=0))

    def sounds(self, track: Track, count: int = WINDOWS) -> NDArray[np.bool_]:
        """In which windows a track sounds (and does not pause)."""
        return _sounding(self.spectra(track, count))

    def forget(self) -> None:
        """Let go of what was heard."""
        self._spectra.clear()


def _spectra(samples: NDArray[np.float32]) -> Spectra:
    """Spectra (channels, windows, BINS) of excerpts (windows, channels, frames)."""
    frames = samples.shape[2]
    whole = np.fft.rfft(samples * np.hanning(frames).astype(np.float32), axis=2)[:, :, :BINS] / frames
    padded = np.zeros((samples.shape[1], len(samples), BINS), np.complex64)
    padded[:, :, : whole.shape[2]] = whole.transpose(1, 0, 2)
    return padded


def _sounding(spectra: Spectra) -> NDArray[np.bool_]:
    power = np.square(np.abs(spectra)).sum(axis=(0, 2))
    gate = max(
        float(power.max(initial=0.0)) * 10.0 ** (-SOUNDING_DB / 10.0), 10.0 ** (FLOOR_DBFS / 10.0) / 8.0
    )
    return np.asarray(power > gate)


def band_edges() -> NDArray[np.int64]:
    """First bins of the third-octave bands from 60 Hz to 8 kHz, and the end of the last; none is empty."""
    count = math.ceil(math.log2(TOP_HZ / LOWEST_HZ) * BANDS_PER_OCTAVE)
    hz = LOWEST_HZ * 2.0 ** (np.arange(count + 1) / BANDS_PER_OCTAVE)
    edges = np.unique(np.rint(hz / BIN_HZ).astype(np.int64))
    return edges[edges <= BINS]


def band_levels(spectra: Spectra) -> Floats:
    """Level per window and third-octave band (windows, bands), dB, of spectra (windows, BINS)."""
    edges = band_edges()
    power = np.add.reduceat(np.square(np.abs(spectra)), edges[:-1], axis=1).astype(np.float64)
    return np.asarray(10.0 * np.log10(power + 1e-12))
