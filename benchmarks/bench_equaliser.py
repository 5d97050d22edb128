"""CPU time of the equaliser and the strip bank against pedalboard and scipy, on the same audio in one process.

    python benchmarks/bench_equaliser.py [--quick]

The do-nothing row copies the audio: what any processor that gives back new samples has to pay. The naive row is
scipy's sosfilt in double. SMARTMIX_ISA=baseline forces the plain kernels.
"""

from __future__ import annotations

import numpy as np
import pedalboard
from numpy.typing import NDArray
from scipy import signal

from harness import Row, alternate, compare, run_alone
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


def equaliser_rows(source: Samples, repeats: int) -> list[Row]:
    """One stereo stream, and 16 channels at once; pedalboard takes two, so its time counts eight times there."""
    stereo = np.ascontiguousarray(source[:2])
    frames = source.shape[1]
    board = pedalboard.Pedalboard(pedalboard_bells(EIGHT))
    one, many = equaliser(2), equaliser(source.shape[0])
    gains = [one.parameter_index(f"band{number}.gain_db") for number in range(1, 9)]
    moving = ramps(frames, gains, 3.0)
    rival, stream, wide = "pedalboard, 8 bells", "8 bells, stereo", "8 bells, 16 channels"
    times = alternate(
        {
            rival: lambda: board(stereo, RATE),
            "copy": stereo.copy,
            "scipy sosfilt in double": lambda: sosfilt_bells(stereo),
            stream: lambda: one.process(stereo),
            f"{stream}, all ramping": lambda: one.process(stereo, **moving),
            wide: lambda: many.process(source),
            f"{wide}, all ramping": lambda: many.process(source, **moving),
        },
        repeats,
    )
    note = "ratio a stereo stream; a new target every 64 frames"
    return [
        compare(times, stream, rival, gate=6.0, aim=10.0),
        compare(
            times,
            f"{stream}, all ramping",
            rival,
            note="a new target every 64 frames; the rival stands still",
        ),
        compare(times, wide, rival, share=8.0, note="ratio a stereo stream"),
        compare(times, f"{wide}, all ramping", rival, gate=10.0, aim=17.0, share=8.0, note=note),
        compare(times, "copy", rival, kind="do nothing"),
        compare(times, "scipy sosfilt in double", rival, kind="naive"),
    ]


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


def bank_rows(source: Samples, repeats: int) -> list[Row]:
    """The equaliser in lanes, fader, pan and sum; whole mixes with dynamics are in bench_mix.py."""
    tracks = [np.ascontiguousarray(source[[t % 16, (t + 1) % 16]]) for t in range(TRACKS)]
    strips = bank()
    frames = source.shape[1]
    gain = bank_ramps(strips, frames, ["eq.band4.gain_db"])
    three = bank_ramps(strips, frames, ["eq.band4.gain_db", "fader.gain_db", "pan.pan"])
    three["values"] = np.where(three["params"] == strips.parameter_index("pan.pan"), 0.1, three["values"])
    rival, name = "pedalboard, 16 tracks (no pan)", "strip bank, 16 tracks, HPF and 6 bells"
    times = alternate(
        {
            rival: lambda: pedalboard_mix(tracks),
            "numpy sum": lambda: sum(tracks),
            name: lambda: strips.process(tracks),
            f"{name}, a bell ramping": lambda: strips.process(tracks, **gain),
            f"{name}, bell, fader, pan ramping": lambda: strips.process(tracks, **three),
        },
        repeats,
    )
    note = "a new target every 64 frames; the rival stands still"
    return [
        compare(times, name, rival),
        compare(times, f"{name}, a bell ramping", rival, note=note),
        compare(times, f"{name}, bell, fader, pan ramping", rival, note=note),
        compare(times, "numpy sum", rival, kind="do nothing"),
    ]


def rows(quick: bool = False) -> list[Row]:
    rng = np.random.default_rng(0)
    source = 0.1 * rng.standard_normal((16, round((1.0 if quick else 5.0) * RATE)), dtype=np.float32)
    repeats = 3 if quick else 5
    return equaliser_rows(source, repeats) + bank_rows(source, repeats)


if __name__ == "__main__":
    run_alone(rows)
