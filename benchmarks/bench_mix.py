"""A whole mix on one thread, smartmix against pedalboard: CPU time of both in one process, taking turns.

    python benchmarks/bench_mix.py [--quick]

Every track is stereo and has a high-pass, a six-band equaliser, a compressor, a gain and a pan; the sum has a limiter.
Automated: a bell and the gain of every track get a new value every 64 frames, which pedalboard sets as a step between
two blocks and smartmix reaches in a straight line. The do-nothing row is the plain sum, the naive row is pedalboard
with one Python call for each plugin. What the parts cost is the difference to a mix without them.
SMARTMIX_ISA=baseline forces the plain kernels; strip_threads.py has the threads.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

import numpy as np
import pedalboard
from harness import Job, Row, alternate, compare, run_alone
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
            total[:, at : at + BLOCK_FRAMES] += board(block, RATE, reset=False) * pan_factors(
                index, len(tracks)
            )
    return pedalboard.Limiter(CEILING_DB, 100.0)(total, RATE)


@dataclass
class NativeMix:
    """The mix as a strip bank and the limiter of the core; parts can be left out."""

    tracks: list[Samples]
    equaliser: bool = True
    compressor: bool = True
    limiter: bool = True
    automated: bool = False
    threads: int = 1
    tile_frames: int = 0
    bank: _core.StripBank = field(init=False)
    events: Columns = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.tracks)
        self.bank = _core.StripBank(
            RATE, [2] * count, [True] * count, threads=self.threads, tile_frames=self.tile_frames
        )
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


def jobs(tracks: list[Samples]) -> dict[str, Job]:
    return {
        "pedalboard": lambda: pedalboard_mix(tracks),
        "do nothing": lambda: plain_sum(tracks),
        "naive": lambda: naive_mix(tracks),
        "whole": NativeMix(tracks),
        "no limiter": NativeMix(tracks, limiter=False),
        "no compressor": NativeMix(tracks, limiter=False, compressor=False),
        "no equaliser": NativeMix(tracks, limiter=False, equaliser=False),
        "sums": NativeMix(tracks, limiter=False, compressor=False, equaliser=False),
    }


def rows_of(count: int, seconds: float, repeats: int) -> list[Row]:
    tracks = programme(count, seconds)
    times = alternate(jobs(tracks), repeats)
    moving: dict[str, Job] = {
        "pedalboard": lambda: pedalboard_automated(tracks),
        "whole": NativeMix(tracks, automated=True),
    }
    automated = alternate(moving, min(repeats, 3))
    mix, note = (
        f"mix of {count} tracks",
        f"{seconds:g} s, stereo, high-pass, 6 bells, compressor, gain, pan; limiter",
    )
    whole = statistics.median(times["whole"])
    shares = {
        "limiter": whole - statistics.median(times["no limiter"]),
        "compressors": statistics.median(times["no limiter"]) - statistics.median(times["no compressor"]),
        "equalisers": statistics.median(times["no limiter"]) - statistics.median(times["no equaliser"]),
        "reading and sums": statistics.median(times["sums"]),
    }
    note += "; of it " + ", ".join(f"{name} {100 * part / whole:.0f} %" for name, part in shares.items())
    named = {
        mix: times["whole"],
        f"{mix}, plain sum in numpy": times["do nothing"],
        f"{mix}, a call for each plugin": times["naive"],
        "pedalboard": times["pedalboard"],
    }
    moved = {
        f"{mix}, automated": automated["whole"],
        "pedalboard, set every 64 frames": automated["pedalboard"],
    }
    return [
        compare(named, mix, "pedalboard", gate=10.0, aim=22.0, note=note),
        compare(
            moved,
            f"{mix}, automated",
            "pedalboard, set every 64 frames",
            gate=25.0,
            aim=50.0,
            note="a bell and the gain of every track, each 64 frames",
        ),
        compare(named, f"{mix}, plain sum in numpy", "pedalboard", kind="do nothing"),
        compare(named, f"{mix}, a call for each plugin", "pedalboard", kind="naive"),
    ]


def rows(quick: bool = False) -> list[Row]:
    seconds, repeats = (1.0, 3) if quick else (3.0, 5)
    return [row for count in (16, 32) for row in rows_of(count, seconds, repeats)]


if __name__ == "__main__":
    run_alone(rows)
