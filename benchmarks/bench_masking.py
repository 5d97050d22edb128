"""The masking meter: 16 and 32 tracks, all ordered pairs, each against the rest, leave-one-out, spectra and all.

    python benchmarks/bench_masking.py [--quick]

The promise is real time on one core: 20x for 16 tracks, 9x for 32 (aims 40x and 20x); a row's limit is that share of
the audio's length. Below it what ``measure_masking`` takes with the loudness of the sum, events and all arrays. The
naive row takes only the spectra of the same windows with scipy, of 16 mono tracks, and no ear; the do-nothing row
reads the samples.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from harness import Row, alternate, budget, run_alone
from smartmix import _core
from smartmix.analysis import measure_masking

RATE = 48_000
WINDOWS, HOP = (4096, 1024), 512
Tracks = list[NDArray[np.float32]]


def band(count: int, channels: int, seconds: float) -> Tracks:
    """Tracks of noise and partials, each in a register of its own, that come and go."""
    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * RATE)) / RATE
    tracks = []
    for number in range(count):
        root_hz = 50.0 * 2 ** (number * 7 / count)
        wave = sum(np.sin(2 * np.pi * root_hz * k * t) / k for k in range(1, 5))
        wave = (wave + 0.3 * rng.standard_normal(t.size)) * (
            0.6 + 0.4 * np.sin(2 * np.pi * t * (0.3 + number / 20))
        )
        tracks.append(np.repeat(0.05 * wave[np.newaxis], channels, axis=0).astype(np.float32))
    return tracks


def spectra(tracks: Tracks) -> float:
    """The naive row: powers of the two longer windows, hop by hop."""
    total = 0.0
    for track in tracks:
        for size in WINDOWS:
            frames = np.lib.stride_tricks.sliding_window_view(track[0], size)[::HOP]
            total += float(
                np.square(np.abs(fft.rfft(frames * np.hanning(size).astype(np.float32), axis=1))).sum()
            )
    return total


def rows(quick: bool) -> list[Row]:
    seconds = 2.0 if quick else 6.0
    made = []
    for count, gate, aim in ((16, 20.0, 40.0), (32, 9.0, 20.0)):
        for channels in (1, 2):
            tracks = band(count, channels, seconds)
            meter = _core.MaskingMeter(float(RATE), [channels] * count, 95.0)
            named = {f"track {number}": track for number, track in enumerate(tracks)}
            sides = "mono" if channels == 1 else "stereo"
            jobs = {
                "meter": lambda meter=meter, tracks=tracks: meter.process(tracks),
                "whole": lambda named=named: measure_masking(named, RATE),
                "do nothing": lambda tracks=tracks: sum(float(track.sum()) for track in tracks),
            }
            if count == 16 and channels == 1:
                jobs["naive"] = lambda tracks=tracks: spectra(tracks)
            times = alternate(jobs, 3 if quick else 5)
            limits = (seconds / gate, seconds / aim)
            median_x = seconds / float(np.median(times["meter"]))
            note = f"{median_x:.0f}x real time"
            made.append(budget(f"masking meter, {count} {sides} tracks", times["meter"], *limits, note=note))
            whole_x = seconds / float(np.median(times["whole"]))
            made.append(
                budget(
                    f"measure_masking, {count} {sides} tracks",
                    times["whole"],
                    *limits,
                    note=f"{whole_x:.0f}x",
                )
            )
            for name, work in (("naive", "scipy spectra alone"), ("do nothing", "reading the samples")):
                if name in times:
                    x = seconds / float(np.median(times[name]))
                    made.append(
                        Row(
                            f"{work}, {count} {sides} tracks",
                            "meter",
                            float(np.median(times[name])),
                            float(np.median(times["meter"])),
                            note=f"{x:.0f}x real time",
                            samples={"ours": times[name]},
                            kind="naive" if name == "naive" else "do nothing",
                        )
                    )
    return made


if __name__ == "__main__":
    run_alone(rows)
