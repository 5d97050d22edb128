"""CPU time of the equaliser and the strip bank against pedalboard and scipy, on the same audio in one process.

    python benchmarks/bench_equaliser.py [SECONDS [ROUNDS]]

Rows alternate; the median of the rounds (five) counts. The do-nothing row copies the audio: what any processor that
gives back new samples has to pay. The naive row is scipy's sosfilt in double. SMARTMIX_ISA=baseline forces the
plain kernels.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pedalboard
from numpy.typing import NDArray
from scipy import signal

from smartmix import _core

RATE = 48_000
BANDS = [
    (60.0, 2.0),
    (150.0, -3.0),
    (400.0, 1.5),
    (900.0, -2.0),
    (2000.0, 3.0),
    (4500.0, -1.0),
    (9000.0, 2.0),
]
EIGHT = [*BANDS, (14_000.0, -2.0)]
TRACKS = 16
RAMP_FRAMES = 64
Samples = NDArray[np.float32]
Work = Callable[[], object]


def equaliser(channels: int) -> _core.Processor:
    processor = _core.Processor("parametric_eq")
    processor.prepare(RATE, channels)
    for number, (hz, gain_db) in enumerate(EIGHT, 1):
        processor.set(f"band{number}.shape", 1.0)
        processor.set(f"band{number}.freq_hz", hz)
        processor.set(f"band{number}.gain_db", gain_db)
        processor.set(f"band{number}.q", 1.0)
    return processor


def ramps(frames: int, params: list[int], span_db: float) -> dict[str, NDArray[np.generic]]:
    """Every parameter on its way all the time: a new target every 64 frames, reached when the next one comes."""
    starts = np.arange(0, frames, RAMP_FRAMES, dtype=np.int32)
    values = np.where(np.arange(starts.size) % 2 == 0, span_db, -span_db)
    return {
        "frames": np.repeat(starts, len(params)),
        "params": np.tile(np.array(params, np.int32), starts.size),
        "values": np.repeat(values, len(params)),
        "ramp_frames": np.full(starts.size * len(params), RAMP_FRAMES, np.int32),
    }


def pedalboard_bells(bells: list[tuple[float, float]]) -> list[pedalboard.Plugin]:
    return [pedalboard.PeakFilter(hz, gain_db, 1.0) for hz, gain_db in bells]


def sosfilt_bells(samples: Samples) -> NDArray[np.float64]:
    sections = []
    for hz, gain_db in EIGHT:
        a, w = 10.0 ** (gain_db / 40.0), 2.0 * np.pi * hz / RATE
        cos, alpha = np.cos(w), np.sin(w) / 2.0
        b = np.array([1 + alpha * a, -2 * cos, 1 - alpha * a, 1 + alpha / a, -2 * cos, 1 - alpha / a])
        sections.append(b / b[3])
    return signal.sosfilt(np.array(sections), samples.astype(np.float64))


def equaliser_rows(source: Samples) -> dict[str, Work]:
    """Rows of one stereo stream and of 16 channels; all times count per channel."""
    stereo = np.ascontiguousarray(source[:2])
    frames = source.shape[1]
    board = pedalboard.Pedalboard(pedalboard_bells(EIGHT))
    one, many = equaliser(2), equaliser(source.shape[0])
    gains = [one.parameter_index(f"band{number}.gain_db") for number in range(1, 9)]
    moving = ramps(frames, gains, 3.0)
    return {
        "pedalboard, 8 bells": lambda: board(stereo, RATE),
        "do nothing (copy)": stereo.copy,
        "naive: scipy sosfilt in double": lambda: sosfilt_bells(stereo),
        "smartmix, 8 bells": lambda: one.process(stereo),
        "smartmix, 8 bells, all ramping": lambda: one.process(stereo, **moving),
        "smartmix, 8 bells, 16 channels": lambda: many.process(source),
        "smartmix, 8 bells, 16 ch., all ramping": lambda: many.process(source, **moving),
    }


def bank() -> _core.StripBank:
    strips = _core.StripBank(RATE, [2] * TRACKS)
    for track in range(TRACKS):
        strips.set(track, "eq.band1.shape", 4.0)
        strips.set(track, "eq.band1.freq_hz", 60.0)
        for number, (hz, gain_db) in enumerate(BANDS[1:], 2):
            strips.set(track, f"eq.band{number}.shape", 1.0)
            strips.set(track, f"eq.band{number}.freq_hz", hz)
            strips.set(track, f"eq.band{number}.gain_db", gain_db)
        strips.set(track, "fader.gain_db", -1.5)
        strips.set(track, "pan.pan", (track - TRACKS / 2) / TRACKS)
    return strips


def bank_ramps(strips: _core.StripBank, frames: int, ids: list[str]) -> dict[str, NDArray[np.generic]]:
    one = ramps(frames, [strips.parameter_index(id_) for id_ in ids], 3.0)
    columns = {key: np.repeat(column, TRACKS) for key, column in one.items()}
    columns["strips"] = np.tile(np.arange(TRACKS, dtype=np.int32), one["frames"].size)
    return columns


def pedalboard_mix(tracks: list[Samples]) -> Samples:
    total = np.zeros_like(tracks[0])
    for track in tracks:
        chain: list[pedalboard.Plugin] = [pedalboard.HighpassFilter(60.0), *pedalboard_bells(BANDS[1:])]
        total += pedalboard.Pedalboard([*chain, pedalboard.Gain(-1.5)])(track, RATE)
    return total


def bank_rows(source: Samples) -> dict[str, Work]:
    tracks = [np.ascontiguousarray(source[[t % 16, (t + 1) % 16]]) for t in range(TRACKS)]
    strips = bank()
    frames = source.shape[1]
    gain = bank_ramps(strips, frames, ["eq.band4.gain_db"])
    three = bank_ramps(strips, frames, ["eq.band4.gain_db", "fader.gain_db", "pan.pan"])
    three["values"] = np.where(three["params"] == strips.parameter_index("pan.pan"), 0.1, three["values"])
    return {
        "pedalboard, 16 tracks (no pan)": lambda: pedalboard_mix(tracks),
        "do nothing (numpy sum)": lambda: sum(tracks),
        "smartmix strip bank": lambda: strips.process(tracks),
        "smartmix strip bank, a bell ramping": lambda: strips.process(tracks, **gain),
        "smartmix strip bank, bell, fader, pan ramping": lambda: strips.process(tracks, **three),
    }


def medians(rows: dict[str, Work], rounds: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(rounds):
        for name, work in rows.items():
            start = time.process_time()
            work()
            taken[name].append(time.process_time() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def show(times: dict[str, float], seconds: float, share: Callable[[str], float]) -> None:
    """One line a row: time, times real time, and how often faster than the first row for as many channels."""
    rival = next(iter(times.values()))
    for name, middle in times.items():
        ratio = rival * share(name) / middle
        print(
            f"{name:46s} {1e3 * middle:9.2f} ms {seconds / middle:8.0f} x real time {ratio:7.2f} x pedalboard"
        )


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    rng = np.random.default_rng(0)
    source = 0.1 * rng.standard_normal((16, round(seconds * RATE)), dtype=np.float32)
    print(f"{seconds:.0f} s at {RATE} Hz, median of {rounds}, kernels: {_core.build_info()['kernels']}")
    show(medians(equaliser_rows(source), rounds), seconds, lambda name: 8.0 if "16 ch" in name else 1.0)
    print()
    show(medians(bank_rows(source), rounds), seconds, lambda name: 1.0)


if __name__ == "__main__":
    main()
