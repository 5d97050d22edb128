"""What hosting costs: an isolated plugin against the same one in this process, the driver per block, writing a value.

    python benchmarks/bench_rack.py [--quick]

A child process has a clock of its own, so isolated jobs are compared by wall clock, taking turns: run it on an idle
machine. The plugins are Debian's zam-plugins; rows of those that are not installed are left out.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pedalboard
from numpy.typing import NDArray

from harness import Row, alternate, budget, compare, run_alone
from smartmix import _automation
from smartmix.errors import PluginError
from smartmix.rack import PedalboardDevice, Vst3Device, load_vst3

RATE = 48_000
PLUGINS = ("ZamCompX2", "ZaMultiCompX2", "ZamEQ2")
FINE = 64
ALLOWED = 1.10
"""Isolated work may take 10 % longer than in this process."""
Samples = NDArray[np.float32]
Job = Callable[[], Any]


def noise(seconds: float) -> Samples:
    return (0.1 * np.random.default_rng(0).standard_normal((2, round(seconds * RATE)))).astype(np.float32)


def wall_turns(jobs: dict[str, Job], repeats: int) -> dict[str, list[float]]:
    """Wall seconds of each job, taking turns."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    for _ in range(repeats):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            times[name].append(time.perf_counter() - start)
    return times


def isolated_rows(quick: bool) -> list[Row]:
    """A whole job in a warm child, lanes and all, against the same in this process."""
    audio = noise(20.0 if quick else 120.0)
    found = []
    for name in PLUGINS:
        try:
            devices = {where: load_vst3(name, isolated=where == "isolated") for where in ("isolated", "here")}
        except PluginError:
            continue
        lane = _lane(devices["here"], audio.shape[1] / RATE)
        jobs: dict[str, Job] = {
            where: partial(device.process, audio, RATE, automation=lane) for where, device in devices.items()
        }
        same = np.array_equal(jobs["isolated"](), jobs["here"]())
        times = wall_turns(jobs, 3 if quick else 7)
        ours, rival = statistics.median(times["isolated"]), statistics.median(times["here"])
        found.append(
            Row(
                f"{name} in a child process, one lane moving, {audio.shape[1] / RATE:.0f} s",
                "the same in this process, 10 % allowed",
                ours,
                ALLOWED * rival,
                gate=1.0,
                aim=ALLOWED / 1.03,
                note=f"{100 * (ours / rival - 1):+.1f} %, {'same bits' if same else 'OTHER BITS'}",
                samples={"ours": times["isolated"], "rival": [ALLOWED * t for t in times["here"]]},
            )
        )
    return found


def _lane(device: Vst3Device, seconds: float) -> dict[str, list[tuple[float, float]]]:
    """One automatable parameter from end to end of its range and back."""
    info = next(
        i for i in device.parameters if i.id in device.automatable and i.scale in ("db", "linear", "log")
    )
    return {info.id: [(0.0, info.low), (seconds / 2, info.high), (seconds, info.low)]}


def driver_rows(quick: bool) -> list[Row]:
    """What a block costs over the effect's own call: promised 3 us and 1 us for each lane."""
    audio = noise(0.5 if quick else 2.0)
    cuts = np.arange(0, audio.shape[1], FINE, dtype=np.int32)
    blocks = len(cuts)
    found = []
    for lanes in (0, 1, 8):
        names = ["gain_db"] * (lanes * blocks)
        which = np.repeat(np.arange(blocks, dtype=np.int32), lanes)
        values = np.resize(np.linspace(-12.0, 0.0, 1000), lanes * blocks)
        effect, bare = pedalboard.Gain(), pedalboard.Gain()

        def driven(
            effect: Any = effect, names: Any = names, which: Any = which, values: Any = values
        ) -> None:
            _automation.drive(effect.process, effect, audio, cuts, which, names, values, float(RATE), 1024)

        pieces = [np.ascontiguousarray(audio[:, at : at + FINE]) for at in cuts]

        def alone(bare: Any = bare, pieces: Any = pieces) -> None:
            for piece in pieces:
                bare.process(piece, RATE, 1024, False)

        times = alternate({"driven": driven, "alone": alone}, 3 if quick else 7)
        extra = [(a - b) / blocks for a, b in zip(times["driven"], times["alone"], strict=True)]
        extra = [max(e, 1e-9) for e in extra]
        found.append(
            budget(
                f"driver over a bare call, per block of {FINE}, {lanes} lanes", extra, (3.0 + lanes) * 1e-6
            )
        )
    return found


def write_rows(quick: bool) -> list[Row]:
    """Writing one value to a plugin inside a job: 2000 blocks with and without a write each."""
    try:
        device = load_vst3("ZamCompX2", isolated=False)
    except PluginError:
        return []
    audio = noise(2000 * FINE / RATE)
    blocks = audio.shape[1] // FINE
    engine = device._engines[0]
    engine.prepare(float(RATE), 2, 1024, 0)
    cuts = np.arange(0, audio.shape[1], FINE, dtype=np.int32)
    number = np.uint32(device._known["threshold_db"].plugin_id)
    empty = (np.zeros(0, np.int32), np.zeros(0, np.uint32), np.zeros(0))
    full = (
        np.arange(blocks, dtype=np.int32),
        np.full(blocks, number, np.uint32),
        np.resize(np.linspace(0.2, 0.8, 100), blocks),
    )
    times = alternate(
        {
            "with": lambda: engine.process(audio, cuts, *full, None),
            "without": lambda: engine.process(audio, cuts, *empty, None),
        },
        5 if quick else 15,
    )
    extra = [max((a - b) / blocks, 1e-9) for a, b in zip(times["with"], times["without"], strict=True)]
    return [budget("one value written to ZamCompX2 (with what the plugin does about it)", extra, 1e-6)]


def chain_rows(quick: bool) -> list[Row]:
    """pedalboard's own chain against the same effects as devices, nothing moving."""
    audio = noise(5.0 if quick else 20.0)
    board = pedalboard.Pedalboard([pedalboard.Compressor(threshold_db=-24), pedalboard.Reverb()])
    from smartmix.rack import Chain

    chain = Chain(PedalboardDevice("Compressor", threshold_db=-24.0), PedalboardDevice("Reverb"))
    times = alternate(
        {
            "the rack: Compressor, Reverb, whole call": lambda: chain(audio, RATE),
            "pedalboard's own chain": lambda: board(audio, RATE),
        },
        3 if quick else 7,
    )
    return [
        compare(
            times, "the rack: Compressor, Reverb, whole call", "pedalboard's own chain", note="blocks of 1024"
        )
    ]


def rows(quick: bool = False) -> list[Row]:
    return [*isolated_rows(quick), *driver_rows(quick), *write_rows(quick), *chain_rows(quick)]


if __name__ == "__main__":
    run_alone(rows)
