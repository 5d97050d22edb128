"""The strip bank with helping threads and other tiles: wall and CPU time of one mix, all taking turns.

    python benchmarks/strip_threads.py [SECONDS [ROUNDS]]

16 stereo tracks as in bench_mix.py, without the limiter. Every row gives the same samples, which is checked.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
from bench_mix import GAIN_DB, NativeMix, Samples, programme

TRACKS = 16
CHOICES = [(threads, tile) for threads in (1, 2, 4) for tile in (128, 256, 512, 2048)]


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    tracks = programme(TRACKS, seconds)
    mixes = {
        choice: NativeMix(tracks, limiter=False, threads=choice[0], tile_frames=choice[1])
        for choice in CHOICES
    }
    wall: dict[tuple[int, int], list[float]] = {choice: [] for choice in CHOICES}
    cpu: dict[tuple[int, int], list[float]] = {choice: [] for choice in CHOICES}
    wanted: Samples | None = None
    for _ in range(rounds):
        for choice, mix in mixes.items():
            mix.bank.reset()
            at = time.perf_counter(), time.process_time()
            mixed = mix()
            wall[choice].append(time.perf_counter() - at[0])
            cpu[choice].append(time.process_time() - at[1])
            wanted = mixed if wanted is None else wanted
            assert np.array_equal(mixed, wanted), choice
    print(f"{TRACKS} stereo tracks, {seconds:g} s, fader at {GAIN_DB} dB; median of {rounds}")
    for choice in CHOICES:
        middle = statistics.median(wall[choice]), statistics.median(cpu[choice])
        threads, tile = choice
        print(
            f"{threads} threads, tiles of {tile:3d}: wall {1e3 * middle[0] / seconds:6.2f} ms, "
            f"CPU {1e3 * middle[1] / seconds:6.2f} ms for a second of the mix"
        )


if __name__ == "__main__":
    main()
