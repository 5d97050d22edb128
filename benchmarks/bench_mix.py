"""A whole mix on one thread, smartmix against pedalboard: CPU time of both in one process, taking turns.

    python benchmarks/bench_mix.py [SECONDS [ROUNDS [TRACKS ...]]]

Every track is stereo and has a high-pass, a six-band equaliser, a compressor, a gain and a pan; the sum has a limiter.
Automated: a bell and the gain of every track get a new value every 64 frames, which pedalboard sets as a step between
two blocks and smartmix reaches in a straight line. The do-nothing row is the plain sum, the naive row is pedalboard
with one Python call for each plugin. Further rows of smartmix leave parts of the mix out: what they cost is the difference.
SMARTMIX_ISA=baseline forces the plain kernels, SMARTMIX_THREADS is not read: the pool has the last row.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pedalboard
from numpy.typing import NDArray

from smartmix import _core

RATE = 48_000
BLOCK_FRAMES = 64  # between two values of an automated parameter
BELLS = [(120.0, -2.0), (310.0, -2.5), (800.0, 1.0), (2_000.0, -1.5), (4_500.0, 1.5), (9_000.0, 1.0)]
HIGH_PASS_HZ, Q, GAIN_DB = 60.0, 1.2, -1.5
THRESHOLD_DB, RATIO, ATTACK_MS, RELEASE_MS = -24.0, 3.0, 10.0, 100.0
CEILING_DB = -1.0
MOVING_BELL = 3  # of BELLS

Samples = NDArray[np.float32]
Columns = dict[str, NDArray[np.generic]]


def programme(tracks: int, seconds: float) -> list[Samples]:
    """Stereo noise with hits, each track at its own pace: work for every compressor, all the time."""
    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * RATE)) / RATE
    made = []
    for track in range(tracks):
        level = 0.02 + 0.25 * np.exp(-((t * (1.0 + 0.13 * track)) % 1.0) * 12.0)
        made.append((level * rng.uniform(-1.0, 1.0, (2, t.size))).astype(np.float32))
    return made


def pan_of(track: int, tracks: int) -> float:
    return round((track - tracks / 2) / tracks, 3)


def pan_factors(track: int, tracks: int) -> Samples:
    angle = (pan_of(track, tracks) + 1.0) * np.pi / 4.0
    return (np.sqrt(2.0) * np.array([[np.cos(angle)], [np.sin(angle)]])).astype(np.float32)


def plugins() -> list[pedalboard.Plugin]:
    bells = [pedalboard.PeakFilter(cutoff_frequency_hz=hz, gain_db=gain_db, q=Q) for hz, gain_db in BELLS]
    return [
        pedalboard.HighpassFilter(HIGH_PASS_HZ),
        *bells,
        pedalboard.Compressor(THRESHOLD_DB, RATIO, ATTACK_MS, RELEASE_MS),
        pedalboard.Gain(GAIN_DB),
    ]


def pedalboard_mix(tracks: list[Samples]) -> Samples:
    total = np.zeros_like(tracks[0])
    for index, track in enumerate(tracks):
        total += pedalboard.Pedalboard(plugins())(track, RATE) * pan_factors(index, len(tracks))
    return pedalboard.Limiter(CEILING_DB, 100.0)(total, RATE)


def naive_mix(tracks: list[Samples]) -> Samples:
    total = np.zeros_like(tracks[0])
    for index, track in enumerate(tracks):
        sound = track
        for plugin in plugins():
            sound = plugin(sound, RATE)
        total += sound * pan_factors(index, len(tracks))
    return pedalboard.Limiter(CEILING_DB, 100.0)(total, RATE)


def automated_values(track: int, blocks: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bell and gain of each block, in dB."""
    at = np.arange(blocks) * 0.01 + track
    return 3.0 * np.sin(at), GAIN_DB + 2.0 * np.sin(0.7 * at)


def pedalboard_automated(tracks: list[Samples]) -> Samples:
    """Parameters are set between blocks of 64: pedalboard knows no other way."""
    total = np.zeros_like(tracks[0])
    frames = total.shape[1]
    for index, track in enumerate(tracks):
        chain = plugins()
        board, bell, gain = pedalboard.Pedalboard(chain), chain[1 + MOVING_BELL], chain[-1]
        values = zip(*automated_values(index, -(-frames // BLOCK_FRAMES)), strict=True)
        for at, (bell_db, gain_db) in zip(range(0, frames, BLOCK_FRAMES), values, strict=True):
            bell.gain_db, gain.gain_db = float(bell_db), float(gain_db)  # type: ignore[attr-defined]
            block = track[:, at : at + BLOCK_FRAMES]
            total[:, at : at + BLOCK_FRAMES] += board(block, RATE, reset=False) * pan_factors(index, len(tracks))
    return pedalboard.Limiter(CEILING_DB, 100.0)(total, RATE)


@dataclass
class NativeMix:
    """The mix as a strip bank and the limiter of the core; parts can be left out."""

    tracks: list[Samples]
    equaliser: bool = True
    compressor: bool = True
    limiter: bool = True
    automated: bool = False
    bank: _core.StripBank = field(init=False)
    events: Columns = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.tracks)
        self.bank = _core.StripBank(RATE, [2] * count, [True] * count)
        for strip in range(count):
            for parameter, value in self._settings(strip).items():
                self.bank.set(strip, parameter, value)
        self.events = self._events() if self.automated else {}
        self._limiter = _core.Processor("true_peak_limiter")
        self._limiter.prepare(RATE, 2)
        self._limiter.set("ceiling_dbtp", CEILING_DB)

    def _settings(self, strip: int) -> dict[str, float]:
        values = {"fader.gain_db": GAIN_DB, "pan.pan": pan_of(strip, len(self.tracks))}
        if self.equaliser:
            values |= {"eq.band1.shape": 4.0, "eq.band1.freq_hz": HIGH_PASS_HZ}
            for band, (hz, gain_db) in enumerate(BELLS, 2):
                values |= {f"eq.band{band}.shape": 1.0, f"eq.band{band}.freq_hz": hz}
                values |= {f"eq.band{band}.gain_db": gain_db, f"eq.band{band}.q": Q}
        if self.compressor:
            values |= {"compressor.threshold_db": THRESHOLD_DB, "compressor.ratio": RATIO}
            values |= {"compressor.attack_ms": ATTACK_MS, "compressor.release_ms": RELEASE_MS}
        return values

    def _events(self) -> Columns:
        frames, count = self.tracks[0].shape[1], len(self.tracks)
        starts = np.arange(0, frames, BLOCK_FRAMES, dtype=np.int32)
        values = np.array([automated_values(strip, starts.size) for strip in range(count)])
        ids = [f"eq.band{2 + MOVING_BELL}.gain_db", "fader.gain_db"]
        params = np.array([self.bank.parameter_index(parameter) for parameter in ids], np.int32)
        each = 2 * count
        return {
            "frames": np.repeat(starts, each),
            "strips": np.tile(np.repeat(np.arange(count, dtype=np.int32), 2), starts.size),
            "params": np.tile(params, starts.size * count),
            "values": values.transpose(2, 0, 1).ravel(),
            "ramp_frames": np.full(starts.size * each, BLOCK_FRAMES, np.int32),
        }

    def __call__(self) -> Samples:
        mixed = self.bank.process(self.tracks, **self.events)
        return self._limiter.process(mixed) if self.limiter else mixed


def plain_sum(tracks: list[Samples]) -> Samples:
    total = tracks[0].copy()
    for track in tracks[1:]:
        total += track
    return total


def work(tracks: list[Samples]) -> dict[str, Callable[[], object]]:
    return {
        "pedalboard": lambda: pedalboard_mix(tracks),
        "do nothing (numpy sum)": lambda: plain_sum(tracks),
        "naive: pedalboard, a call for each plugin": lambda: naive_mix(tracks),
        "smartmix": NativeMix(tracks),
        "smartmix without limiter": NativeMix(tracks, limiter=False),
        "smartmix without limiter, compressor": NativeMix(tracks, limiter=False, compressor=False),
        "smartmix without limiter, EQ": NativeMix(tracks, limiter=False, equaliser=False),
        "smartmix, sums alone": NativeMix(tracks, limiter=False, compressor=False, equaliser=False),
        "pedalboard, automated": lambda: pedalboard_automated(tracks),
        "smartmix, automated": NativeMix(tracks, automated=True),
    }


def medians(rows: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in rows}
    for turn in range(rounds):
        for name, job in rows.items():
            if name == "pedalboard, automated" and turn > 0:
                continue  # slow, and far from the gate: once is enough
            start = time.process_time()
            job()
            taken[name].append(time.process_time() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    counts = [int(word) for word in sys.argv[3:]] or [16, 32]
    kernels = _core.build_info()["kernels"]
    for count in counts:
        tracks = programme(count, seconds)
        print(f"{count} stereo tracks of {seconds:g} s at {RATE} Hz, median of {rounds}, kernels: {kernels}")
        times = medians(work(tracks), rounds)
        for name, middle in times.items():
            rival = times["pedalboard, automated" if "automated" in name else "pedalboard"]
            print(f"{name:44s} {1e3 * middle:9.2f} ms {seconds / middle:8.0f} x real time {rival / middle:7.2f} x rival")


if __name__ == "__main__":
    main()
