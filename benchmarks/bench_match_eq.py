"""CPU time of MatchEQ on stereo at 48 kHz, against a share of real time and pedalboard's Convolution.

    python benchmarks/bench_match_eq.py [--quick] [--blocks]

The promise is 300x real time, in blocks of 512 frames. "steady" filters with a curve that stands; "learning" learns the
source from what comes in and moves its filter after it; "learning both" learns the reference from a stereo side chain
too; "morphing" goes between two targets the whole time, so that every round makes a filter. pedalboard convolves with
as many taps and learns nothing. The naive row filters with scipy's overlap-add; the do-nothing row is MatchEQ without a
reference, a delay.

--blocks prints what single blocks take instead: each block's least CPU time over several runs, in us; of these the
median, the 99th percentile and the worst.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from harness import Row, alternate, budget, compare, run_alone
from smartmix import _core

RATE, BLOCK = 48_000, 512
GATE = 300.0
TAPS = 8192
Blocks = list[NDArray[np.float32]]


def material(seconds: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Noise with a tone that comes and goes, and the same darker."""
    rng = np.random.default_rng(0)
    frames = round(seconds * RATE)
    level = 0.06 + 0.05 * np.sin(np.arange(frames) * 2.0 * np.pi / RATE)
    bright = level * rng.standard_normal((2, frames))
    dark = signal.lfilter([0.2], [1.0, -0.8], bright)
    return bright.astype(np.float32), dark.astype(np.float32)


def blocks_of(samples: NDArray[np.float32], block: int = BLOCK) -> Blocks:
    last = samples.shape[1] - block + 1
    return [np.ascontiguousarray(samples[:, i : i + block]) for i in range(0, last, block)]


def learned(**settings: float) -> _core.Processor:
    """Knows a reference and a source that is darker."""
    bright, dark = material(5.0)
    processor = _core.Processor("match_eq")
    for which, samples in (("learn_reference", bright), ("learn_source", dark)):
        processor.set(which, 1.0)
        processor.prepare(RATE, 2)
        processor.process(samples)
        processor.set(which, 0.0)
    for key, value in settings.items():
        processor.set(key, value)
    processor.prepare(RATE, 2, 0)
    return processor


def through(processor: _core.Processor, blocks: Blocks, heard: Blocks | None = None) -> Callable[[], object]:
    def run() -> None:
        if heard is None:
            for block in blocks:
                processor.process(block)
        else:
            for block, other in zip(blocks, heard, strict=True):
                processor.process(block, side_chain=other)

    return run


def morphing(blocks: Blocks) -> Callable[[], object]:
    """Targets a and b in turn, four times a second: there is always a way to go."""
    processor = learned(morph_s=1.0)
    row = processor.read_curve("reference_a_1_db")
    processor.write_curve(
        "reference_b_1_db", row + 20.0 * np.sin(np.arange(row.size) / 12.0, dtype=np.float32)
    )
    target = processor.parameter_index("target")

    def run() -> None:
        for number, block in enumerate(blocks):
            if number % 24 == 0:
                processor.process(block, [0], [target], [float(number // 24 % 2)])
            else:
                processor.process(block)

    return run


def contestants(seconds: float) -> dict[str, Callable[[], object]]:
    bright, dark = material(seconds)
    blocks, heard = blocks_of(dark), blocks_of(bright)
    both = learned(learn_source=1.0, learn_reference=1.0)
    both.prepare(RATE, 2, 2)
    return {
        "steady": through(learned(), blocks),
        "steady, linear phase": through(learned(phase=1.0), blocks),
        "steady, mid/side": through(learned(channels=2.0), blocks),
        "learning": through(learned(learn_source=1.0), blocks),
        "learning both": through(both, blocks, heard),
        "morphing": morphing(blocks),
    }


def rivals(seconds: float) -> dict[str, Callable[[], object]]:
    _, dark = material(seconds)
    blocks = blocks_of(dark)
    taps = _core.fir_taps(np.linspace(2.0, 1.0, TAPS + 1), TAPS, minimum_phase=True)
    found: dict[str, Callable[[], object]] = {
        "scipy oaconvolve": lambda: signal.oaconvolve(dark, taps[np.newaxis], axes=1)
    }
    try:
        from pedalboard import Convolution
    except ImportError:
        print("pedalboard is not installed: its row is left out", file=sys.stderr)
        return found
    theirs = Convolution(np.stack([taps, taps]), sample_rate=float(RATE))
    found["pedalboard Convolution"] = lambda: [theirs.process(b, RATE, reset=False) for b in blocks]
    return found


def rows(quick: bool) -> list[Row]:
    seconds = 3.0 if quick else 8.0
    ours = contestants(seconds)
    prepared_nothing = _core.Processor("match_eq")
    prepared_nothing.prepare(RATE, 2)
    nothing = through(prepared_nothing, blocks_of(material(seconds)[1]))
    others = rivals(seconds)
    times = alternate({**ours, "no reference": nothing, **others}, 3 if quick else 7)
    made = []
    for name in ours:
        speed = seconds / float(np.median(times[name]))
        made.append(
            budget(f"MatchEQ stereo, {name}", times[name], seconds / GATE, note=f"{speed:.0f}x real time")
        )
    rival = "pedalboard Convolution" if "pedalboard Convolution" in others else "scipy oaconvolve"
    made.append(compare(times, "steady", rival, note=f"{TAPS} taps"))
    made.append(compare(times, "no reference", rival, kind="do nothing"))
    made.append(compare(times, "scipy oaconvolve", rival, kind="naive"))
    return made


def single_blocks(seconds: float, runs: int = 7) -> None:
    """Each block's least CPU time over the runs; of these the median, the 99th percentile and the largest."""
    _, dark = material(seconds)
    print(
        f"{'us per block of stereo at 48 kHz':<34}{'frames':>7}{'median':>9}{'99 %':>9}{'worst':>9}{'real time':>11}"
    )
    for name, settings in (
        ("steady", {}),
        ("learning, morphing", {"learn_source": 1.0, "morph_s": 10.0}),
        ("the same, mid/side", {"learn_source": 1.0, "morph_s": 10.0, "channels": 2.0}),
        ("the same, linear phase", {"learn_source": 1.0, "morph_s": 10.0, "phase": 1.0}),
    ):
        for frames in (64, 512):
            blocks = blocks_of(dark, frames)
            best = np.full(len(blocks), np.inf)
            processor = learned(**settings)
            for _ in range(runs):
                processor.reset()
                for i, block in enumerate(blocks):
                    start = time.thread_time_ns()
                    processor.process(block)
                    best[i] = min(best[i], (time.thread_time_ns() - start) / 1e3)
            figures = np.median(best), np.quantile(best, 0.99), best.max(), 1e6 * frames / RATE
            print(
                f"{name:<34}{frames:>7}" + "".join(f"{x:>9.1f}" for x in figures[:3]) + f"{figures[3]:>11.0f}"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--blocks", action="store_true")
    known, rest = parser.parse_known_args()
    if known.blocks:
        single_blocks(4.0)
    else:
        sys.argv[1:] = rest
        run_alone(rows)
