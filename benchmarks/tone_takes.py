"""Clean takes of real songs, and what is measured on them, for tone_opinions.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from smartmix._core import LoudnessMeter
from smartmix.analysis.fast_levels import FastLevelMeter, FastLevels
from smartmix.analysis.fine_spectrum import FineSpectrum, FineSpectrumMeter
from smartmix.analysis.sibilance import Sibilance, SibilanceMeter
from smartmix.processors import ParametricEQ
from smartmix.session.session import Session, Track

Samples = NDArray[np.float32]
SEED = 20_261
BLOCK = 65_536


@dataclass(frozen=True)
class Take:
    """A clean track of a song."""

    song: str
    track: Track
    samples: Samples
    rate: int

    @property
    def label(self) -> str:
        return f"{self.song}/{self.track.name}"


def takes(folders: list[Path]) -> Iterator[Take]:
    for folder in folders:
        for track in Session.open(folder).audible_tracks:
            x, rate = soundfile.read(track.path, dtype="float32", always_2d=True)
            yield Take(folder.name, track, np.ascontiguousarray(x.T), rate)


def with_sum(all_takes: list[Take]) -> Iterator[Take]:
    """The takes, and after each song its plain sum: one dense, changing take, as a room microphone has it."""
    for song in dict.fromkeys(take.song for take in all_takes):
        own = [take for take in all_takes if take.song == song]
        yield from own
        frames = max(take.samples.shape[1] for take in own)
        total = np.zeros((2, frames), np.float32)
        for take in own:
            total[:, : take.samples.shape[1]] += take.samples
        track = replace(own[0].track, id="sum", name="(sum of all)", role="unknown")
        yield Take(song, track, total, own[0].rate)


def spectrum_of(x: Samples, rate: int) -> FineSpectrum | None:
    meter = FineSpectrumMeter(rate)
    for start in range(0, x.shape[1], BLOCK):
        meter.push(x[:, start : start + BLOCK])
    return meter.facts()


def esses_of(x: Samples, rate: int) -> tuple[Sibilance | None, NDArray[np.float64]]:
    meter = SibilanceMeter(rate)
    for start in range(0, x.shape[1], BLOCK):
        meter.push(x[:, start : start + BLOCK])
    return meter.facts(), meter.levels_db()


def levels_of(x: Samples, rate: int) -> FastLevels | None:
    meter, loudness = FastLevelMeter(rate), LoudnessMeter(float(rate), x.shape[0])
    for start in range(0, x.shape[1], BLOCK):
        block = np.ascontiguousarray(x[:, start : start + BLOCK])
        meter.push(block)
        loudness.process(block)
    return meter.facts(np.asarray(loudness.energies_10ms(), dtype=np.float64))


def bell(x: Samples, rate: int, hz: float, gain_db: float, q: float) -> Samples:
    eq = ParametricEQ()
    eq.band1.shape, eq.band1.freq_hz, eq.band1.gain_db, eq.band1.q = "bell", hz, gain_db, q
    return eq.process(x, rate)


def bell_db(hz: NDArray[np.float64], centre: float, gain_db: float, q: float) -> NDArray[np.float64]:
    eq = ParametricEQ()
    eq.band1.shape, eq.band1.freq_hz, eq.band1.gain_db, eq.band1.q = "bell", centre, gain_db, q
    return eq.response_db(hz)
