"""16 stereo tracks from disk, each with high-pass, 6 bells, fader and pan: smartmix, pedalboard, numpy.

    python benchmarks/bench_render.py [--quick]

Each run is a process of its own; CPU time and memory are counted after the imports. Contestants take turns. Every
contestant must give the same mix: its level stands in the note.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from harness import Row, compare, run_alone

RATE = 48_000
TRACKS = 16
BELLS = [(120.0, -2.0), (310.0, -2.5), (800.0, 1.0), (2_000.0, -1.5), (4_500.0, 1.5), (9_000.0, 1.0)]
HIGH_PASS_HZ, Q, FADER_DB = 60.0, 1.2, -1.5


def pan_of(index: int) -> float:
    return round((index - TRACKS / 2) / TRACKS, 3)


def write_tracks(folder: Path, seconds: int) -> None:
    rng = np.random.default_rng(0)
    for index in range(TRACKS):
        sound = rng.standard_normal((seconds * RATE, 2), dtype=np.float32) * np.float32(0.05)
        soundfile.write(folder / f"t{index:02d}.wav", sound, RATE, subtype="PCM_24")


def with_smartmix(folder: Path) -> Callable[[], np.ndarray]:
    from smartmix import rendering
    from smartmix.parameter import ParamRef
    from smartmix.plan.mixplan import MixPlan
    from smartmix.plan.move import Move, MoveSet
    from smartmix.session.session import Session, Track

    paths = sorted(folder.glob("t*.wav"))
    frames = soundfile.info(str(paths[0])).frames
    tracks = tuple(Track(path.stem, path.stem, path) for path in paths)
    moves = []
    for index, track in enumerate(tracks):
        values: dict[str, float | str] = {
            "fader/gain_db": FADER_DB,
            "pan/pan": pan_of(index),
            "eq/h.shape": "high_pass",
            "eq/h.freq_hz": HIGH_PASS_HZ,
        }
        for band, (hz, gain_db) in enumerate(BELLS):
            values |= {f"eq/{band}.shape": "bell", f"eq/{band}.freq_hz": hz}
            values |= {f"eq/{band}.gain_db": gain_db, f"eq/{band}.q": Q}
        sets = tuple(MoveSet(ParamRef.parse(f"{track.id}/{ref}"), "", 0.0, v) for ref, v in values.items())
        moves.append(Move(f"m{index}", track.id, "", "bench", 1.0, "", sets, status="accepted"))
    session = Session("bench", folder, tracks, RATE, frames / RATE)
    plan = MixPlan("bench", tuple(moves))
    return lambda: rendering.render(session, plan).samples


def with_pedalboard(folder: Path) -> Callable[[], np.ndarray]:
    from pedalboard import Gain, HighpassFilter, PeakFilter, Pedalboard

    def mix() -> np.ndarray:
        total: np.ndarray | None = None
        for index, path in enumerate(sorted(folder.glob("t*.wav"))):
            board = Pedalboard(
                [HighpassFilter(HIGH_PASS_HZ)]
                + [PeakFilter(cutoff_frequency_hz=hz, gain_db=gain, q=Q) for hz, gain in BELLS]
                + [Gain(FADER_DB)]
            )
            sound = board(soundfile.read(path, dtype="float32")[0].T, RATE)
            angle = (pan_of(index) + 1) * np.pi / 4
            sound *= np.sqrt(2) * np.array([[np.cos(angle)], [np.sin(angle)]], np.float32)
            total = sound if total is None else np.add(total, sound, out=total)
        assert total is not None
        return total

    return mix


def with_numpy(folder: Path) -> Callable[[], np.ndarray]:
    """The do-nothing row: read and add up."""

    def mix() -> np.ndarray:
        sounds = (soundfile.read(path, dtype="float32")[0].T for path in sorted(folder.glob("t*.wav")))
        total = next(sounds).copy()
        for sound in sounds:
            total += sound
        return total

    return mix


CONTESTANTS = {"smartmix": with_smartmix, "pedalboard": with_pedalboard, "numpy sum": with_numpy}


def peak_mib() -> float:
    """Highest memory of this process alone; resource's figure would begin with that of the parent."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def run_one(name: str, folder: Path) -> None:
    mix = CONTESTANTS[name](folder)
    before_mib, before_s = peak_mib(), time.process_time()
    out = mix()
    cpu_s = time.process_time() - before_s
    print(
        json.dumps({"cpu_s": cpu_s, "mib": peak_mib() - before_mib, "rms": float(np.sqrt(np.mean(out**2)))})
    )


def runs(seconds: int, rounds: int) -> dict[str, list[dict[str, float]]]:
    results: dict[str, list[dict[str, float]]] = {name: [] for name in CONTESTANTS}
    with tempfile.TemporaryDirectory() as name:
        write_tracks(Path(name), seconds)
        for _ in range(rounds):
            for contestant in CONTESTANTS:
                command = [sys.executable, __file__, "--one", contestant, name]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                results[contestant].append(json.loads(done.stdout))
    return results


def rows(quick: bool = False) -> list[Row]:
    seconds = 5 if quick else 60
    results = runs(seconds, 3 if quick else 5)
    times = {name: [run["cpu_s"] for run in done] for name, done in results.items()}
    mib = {name: [run["mib"] for run in done] for name, done in results.items()}
    dbfs = {name: 20 * np.log10(done[0]["rms"]) for name, done in results.items()}
    what = f"{TRACKS} stereo tracks of {seconds} s from disk"
    note = f"{what}; mix at {dbfs['smartmix']:.2f} and {dbfs['pedalboard']:.2f} dBFS rms"
    memory = compare(mib, "smartmix", "pedalboard", note="memory over the imports")
    return [
        replace(
            compare(times, "smartmix", "pedalboard", note=note), work="render, HPF and 6 bells, fader, pan"
        ),
        replace(memory, work="render, HPF and 6 bells, fader, pan", unit="MiB"),
        compare(times, "numpy sum", "pedalboard", kind="do nothing", note=what),
    ]


if __name__ == "__main__":
    if "--one" in sys.argv:
        run_one(sys.argv[2], Path(sys.argv[3]))
    else:
        run_alone(rows)
