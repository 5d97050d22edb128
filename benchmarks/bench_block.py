"""One 64-frame stereo block after another, from Python: 8-band equaliser, compressor, loudness and true peak meter.

    python benchmarks/bench_block.py [--quick]

What counts is the median block (p50); p99 and p99.9 stand in the note. Wall time, one block at a time, so that the
blocks in which the meter looks at its 1024 frames show; the timer's own tenth of a microsecond is in all rows. A block
lasts 1333 us at 48 kHz. The rival is pedalboard's chain without any meter (it has none); the naive row is scipy's
sosfilt with its state handed on, no dynamics and no meter; the do-nothing row copies the block three times.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pedalboard
from numpy.typing import NDArray
from scipy import signal

from harness import Row, budget, compare, run_alone
from smartmix import _core
from smartmix.processors import Compressor, ParametricEQ

RATE, FRAMES = 48_000, 64
LIMIT_S, AIM_S = 6e-6, 3e-6
HZ_DB = [(60, 2), (150, -3), (400, 1.5), (900, -2), (2000, 3), (4500, -1), (9000, 2), (14000, -2)]
Block = NDArray[np.float32]
Step = Callable[[Block], object]


def native() -> Step:
    """The native objects themselves."""
    eq, compressor = _core.Processor("parametric_eq"), _core.Processor("compressor")
    for number, (hz, gain_db) in enumerate(HZ_DB, 1):
        eq.set(f"band{number}.shape", 1.0)
        eq.set(f"band{number}.freq_hz", hz)
        eq.set(f"band{number}.gain_db", gain_db)
    compressor.set("threshold_db", -24.0)
    compressor.set("ratio", 4.0)
    for processor in (eq, compressor):
        processor.prepare(RATE, 2)
    meter = _core.LoudnessMeter(RATE, 2)
    return lambda block: meter.process(compressor.process(eq.process(block)))


def faces() -> Step:
    """The classes of smartmix.processors."""
    eq, compressor = ParametricEQ(), Compressor(threshold_db=-24.0, ratio=4.0)
    for number, (hz, gain_db) in enumerate(HZ_DB, 1):
        band = getattr(eq, f"band{number}")
        band.shape, band.freq_hz, band.gain_db = "bell", hz, gain_db
    meter = _core.LoudnessMeter(RATE, 2)

    def step(block: Block) -> None:
        toned = eq.process(block, RATE, reset=False)
        meter.process(compressor.process(toned, RATE, reset=False))

    return step


def through_pedalboard() -> Step:
    bells = [pedalboard.PeakFilter(hz, gain_db, 1.0) for hz, gain_db in HZ_DB]
    board = pedalboard.Pedalboard([*bells, pedalboard.Compressor(threshold_db=-24, ratio=4)])
    return lambda block: board.process(block, RATE, buffer_size=FRAMES, reset=False)


def naive() -> Step:
    sections = np.tile([1.0, -1.8, 0.85, 1.0, -1.8, 0.85], (len(HZ_DB), 1))
    state = [np.zeros((len(HZ_DB), 2, 2))]

    def step(block: Block) -> None:
        _, state[0] = signal.sosfilt(sections, block, zi=state[0])

    return step


CONTESTANTS = {
    "64-frame strip, native objects": native,
    "64-frame strip, smartmix.processors": faces,
    "pedalboard, no meters": through_pedalboard,
    "scipy sosfilt, 8 sections only": naive,
    "three copies": lambda: lambda block: (block.copy(), block.copy(), block.copy()),
}


def seconds_a_block(step: Step, blocks: list[Block], count: int) -> NDArray[np.float64]:
    clock, taken = time.perf_counter, np.empty(count)
    for i in range(count):
        block = blocks[i % len(blocks)]
        start = clock()
        step(block)
        taken[i] = clock() - start
    return taken


def rows(quick: bool = False) -> list[Row]:
    rng = np.random.default_rng(0)
    blocks = [(0.1 * rng.standard_normal((2, FRAMES))).astype(np.float32) for _ in range(997)]
    steps = {name: make() for name, make in CONTESTANTS.items()}
    taken: dict[str, list[NDArray[np.float64]]] = {name: [] for name in steps}
    for step in steps.values():
        seconds_a_block(step, blocks, 500)
    for _ in range(3 if quick else 5):
        for name, step in steps.items():
            taken[name].append(seconds_a_block(step, blocks, 4_000 if quick else 40_000))
    medians = {name: [float(np.median(t)) for t in rounds] for name, rounds in taken.items()}
    ours, face, rival, scipy_row, copies = steps

    def tails(name: str) -> str:
        p99, p999 = np.percentile(np.concatenate(taken[name]), [99, 99.9]) * 1e6
        return f"p50 of the wall times; p99 {p99:.1f}, p99.9 {p999:.1f} us"

    return [
        budget(ours, medians[ours], LIMIT_S, AIM_S, note=tails(ours)),
        budget(face, medians[face], LIMIT_S, AIM_S, note=tails(face)),
        compare(medians, ours, rival, note=f"the rival: {tails(rival)}"),
        compare(medians, scipy_row, rival, kind="naive", note=tails(scipy_row)),
        compare(medians, copies, rival, kind="do nothing", note=tails(copies)),
    ]


if __name__ == "__main__":
    run_alone(rows)
