"""What hosting gives: how clean a ride of a plugin's knob is, how fast a failure is over, what many plugins take.

    python benchmarks/rack_table.py [--rides] [--failures] [--many]

Rides: a 997 Hz sine, a gain from 0 to -12 dB in a second, the rms of what differs from the exact ride. DawDreamer's
row needs it installed. Failures and rides use the plugin with known answers of the tests, built here by the compiler.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "rack"))
from conftest import build
from smartmix.processors import Gain
from smartmix.rack import PedalboardDevice, load_vst3

RATE = 48_000
Samples = NDArray[np.float32]
RIDE = [(0.0, 0.0), (1.0, -12.0)]


def residual_db(out: Samples, tone: Samples) -> float:
    """What differs from the exact ride, against it."""
    exact = tone[0].astype(np.float64) * 10.0 ** (-12.0 * np.arange(RATE) / RATE / 20.0)
    return float(10.0 * np.log10(np.square(out[0] - exact).sum() / np.square(exact).sum()))


def dawdreamer_ride(plugin: Path, tone: Samples, block: int) -> Samples:
    import dawdreamer

    engine = dawdreamer.RenderEngine(RATE, block)
    player = engine.make_playback_processor("in", tone)
    effect = engine.make_plugin_processor("fx", str(next(plugin.rglob("*.so")).parents[2]))
    index = next(p["index"] for p in effect.get_parameters_description() if p["name"].startswith("Gain"))
    lowest_db, highest_db = -60.0, 12.0
    lane = (-12.0 * np.arange(RATE) / RATE - lowest_db) / (highest_db - lowest_db)
    effect.set_automation(index, lane.astype(np.float32))
    engine.load_graph([(player, []), (effect, ["in"])])
    engine.render(1.0)
    return np.asarray(engine.get_audio(), np.float32)


def rides(folder: Path) -> None:
    tone = np.sin(2.0 * np.pi * 997.0 * np.arange(RATE) / RATE).astype(np.float32)[None].repeat(2, 0)
    known = build(folder, "Known")
    stepped = np.repeat(10.0 ** (-12.0 * (np.arange(0, RATE, 512) + 256) / RATE / 20.0), 512)[:RATE]
    lane = {"gain_db": RIDE}
    contestants: dict[str, Callable[[], Any]] = {
        "do nothing (no ride)": lambda: tone,
        "naive: one value for 512 frames": lambda: (tone * stepped).astype(np.float32),
        "planted fault: the ride 64 frames late": lambda: _late(Gain().process(tone, RATE, automation=lane)),
        "smartmix gain": lambda: Gain().process(tone, RATE, automation=lane),
        "a VST3 in the rack": lambda: load_vst3(known).process(tone, RATE, automation=lane),
        "pedalboard Gain in the rack": lambda: PedalboardDevice("Gain").process(tone, RATE, automation=lane),
        "the VST3 in DawDreamer, buffer 64": lambda: dawdreamer_ride(known, tone, 64),
        "the VST3 in DawDreamer, buffer 512 (its default)": lambda: dawdreamer_ride(known, tone, 512),
    }
    print("| ride of 12 dB in a second | residual |\n|---|---|")
    for name, run in contestants.items():
        try:
            print(f"| {name} | {residual_db(run(), tone):.1f} dB |")
        except ImportError:
            print(f"| {name} | not installed |")


def _late(out: Samples) -> Samples:
    return np.pad(out, ((0, 0), (64, 0)))[:, :RATE]


def failures(folder: Path) -> None:
    """What a plugin does, what it costs, and whether the rest of the sound is as it should be."""
    known = build(folder, "Faulty")
    mark = folder / "mark"
    os.environ["SMARTMIX_TEST_MARK"] = str(mark)
    audio = (0.1 * np.random.default_rng(0).standard_normal((2, 1024 * 40))).astype(np.float32)
    names = {
        0: "do nothing (none)",
        1: "crashes always",
        6: "crashes once",
        2: "hangs always (2.6 s allowed)",
        3: "gives NaN",
        4: "floods its output",
        5: "aborts",
    }
    print("| plugin, in the middle of a stream | wall | told |\n|---|---|---|")
    for fault, what in names.items():
        device = load_vst3(known)
        first = device.process(audio, RATE, reset=False)
        mark.unlink(missing_ok=True)
        device.set("fault", float(fault))
        began = time.perf_counter()
        second = device.process(audio, RATE, reset=False)
        wall = time.perf_counter() - began
        told = "; ".join(i.text for i in device.incidents) or "nothing"
        out, given = np.concatenate([first, second], axis=1), np.concatenate([audio, audio], axis=1)
        same = np.array_equal(out[:, 1024:], given[:, :-1024])
        print(f"| {what} | {wall:.2f} s | {'sound unchanged' if same else 'OTHER SOUND'}: {told} |")


def many(tracks: int = 32, seconds: float = 10.0) -> None:
    """32 tracks of three isolated plugins each."""
    audio = (0.1 * np.random.default_rng(0).standard_normal((2, round(seconds * RATE)))).astype(np.float32)
    before = _memory_mib()
    began = time.perf_counter()
    chains = [[load_vst3(n) for n in ("ZamCompX2", "ZamGateX2", "ZaMultiCompX2")] for _ in range(tracks)]
    loaded = time.perf_counter()
    for devices in chains:
        sound = audio
        for device in devices:
            sound = device.process(sound, RATE)
    done = time.perf_counter()
    after = _memory_mib()
    print(
        f"{tracks} tracks x 3 isolated plugins: loaded in {loaded - began:.1f} s, {seconds:g} s of each rendered in "
        f"{done - loaded:.1f} s; memory {after - before:.0f} MiB over {before:.0f} with {_children()} processes"
    )


def _children() -> int:
    return len(_pids()) - 1


def _pids() -> list[int]:
    own, found = os.getpid(), [os.getpid()]
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        if int(text.rpartition(")")[2].split()[1]) == own:
            found.append(int(path.parent.name))
    return found


def _memory_mib() -> float:
    """Proportional memory of this process and its children."""
    total = 0
    for pid in _pids():
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024.0


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("rides", "failures", "many"):
        parser.add_argument(f"--{name}", action="store_true")
    options = parser.parse_args()
    everything = not any(vars(options).values())
    with tempfile.TemporaryDirectory() as folder:
        if options.rides or everything:
            rides(Path(folder))
        if options.failures or everything:
            failures(Path(folder))
    if options.many or everything:
        many()


if __name__ == "__main__":
    main()
