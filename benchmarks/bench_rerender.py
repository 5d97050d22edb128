"""Rendering again after one fader has moved: 16 stereo tracks of four minutes, with and without the cache of tracks.

WAV and FLAC, 24 bit, one file at 44.1 kHz; equalisers on all tracks and compressors on eight. Each run is a process of
its own and CPU time counts, imports left out. The issue's gate is 5 s for "warm, one fader"; every mix must have the
same samples as the one without a cache. Files that were just written are settled first: their clock is set back.

    python benchmarks/bench_rerender.py [--quick]
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from harness import Row, budget, compare, run_alone

RATE = 48_000
TRACKS = 16
GATE_S = 5.0
SETTLED_NS = 10**18
ROWS = (
    "read and add up (numpy)",
    "no cache",
    "cold cache",
    "warm, nothing moved",
    "warm, one fader",
    "warm, one EQ",
)


def write_tracks(folder: Path, seconds: int) -> None:
    rng = np.random.default_rng(0)
    minute = rng.standard_normal((min(seconds, 60) * RATE, 2), dtype=np.float32) * np.float32(0.05)
    for index in range(TRACKS):
        rate = 44_100 if index == TRACKS - 1 else RATE
        path = folder / f"t{index:02d}.{'flac' if index % 2 else 'wav'}"
        with soundfile.SoundFile(path, "w", rate, 2, subtype="PCM_24") as file:
            for at in range(0, seconds, 60):
                file.write(np.roll(minute, index * 1_000 + at, axis=0)[: (seconds - at) * rate])
        os.utime(path, ns=(SETTLED_NS, SETTLED_NS))


def render(row: str, folder: Path, cache_folder: Path) -> tuple[float, str]:
    from smartmix import rendering
    from smartmix.audio.io import stream as read
    from smartmix.parameter import ParamRef
    from smartmix.plan.mixplan import MixPlan
    from smartmix.plan.move import Move, MoveSet
    from smartmix.session.session import Session, Track

    paths = sorted(folder.glob("t*"))
    info = soundfile.info(str(paths[0]))
    session = Session(
        "bench", folder, tuple(Track(p.stem, p.stem, p) for p in paths), RATE, info.frames / RATE
    )

    def move(name: str, values: dict[str, float | str]) -> Move:
        sets = tuple(MoveSet(ParamRef.parse(ref), "", 0.0, value) for ref, value in values.items())
        return Move(name, sets[0].ref.track, "", "bench", 1.0, "", sets, status="accepted")

    moves = []
    for index, track in enumerate(session.tracks):
        values: dict[str, float | str] = {f"{track.id}/fader/gain_db": -1.5, f"{track.id}/pan/pan": 0.1}
        values |= {f"{track.id}/eq/h.shape": "high_pass", f"{track.id}/eq/h.freq_hz": 60.0}
        for band, hz in enumerate((120.0, 310.0, 2_000.0, 9_000.0)):
            values |= {f"{track.id}/eq/{band}.shape": "bell", f"{track.id}/eq/{band}.freq_hz": hz}
            values |= {f"{track.id}/eq/{band}.gain_db": -2.0, f"{track.id}/eq/{band}.q": 1.2}
        if index % 2:
            values |= {f"{track.id}/compressor/threshold_db": -30.0, f"{track.id}/compressor/ratio": 3.0}
        moves.append(move(f"m{index}", values))
    if row.endswith("fader"):
        moves.append(move("new", {"t03/fader/gain_db": 1.0}))
    if row.endswith("EQ"):
        moves.append(
            move("new", {"t03/eq/new.shape": "bell", "t03/eq/new.freq_hz": 800.0, "t03/eq/new.gain_db": 1.0})
        )
    cache = None if row == "no cache" else rendering.RenderCache(cache_folder)
    plan, out = MixPlan("bench", tuple(moves)), cache_folder.parent / "mix.wav"
    before_s = time.process_time()
    if row.startswith("read"):
        for path in paths:
            for _ in read(path, sample_rate=RATE):
                pass
        return time.process_time() - before_s, ""
    rendering.render_file(session, plan, out, force=True, cache=cache)
    cpu_s = time.process_time() - before_s
    with out.open("rb") as file:
        return cpu_s, hashlib.file_digest(file, "sha256").hexdigest()


def run_one(row: str, folder: Path, cache_folder: Path) -> dict[str, object]:
    command = [sys.executable, __file__, "--one", row, str(folder), str(cache_folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def rows(quick: bool = False) -> list[Row]:
    seconds, rounds = (10, 3) if quick else (240, 5)
    times: dict[str, list[float]] = {row: [] for row in ROWS}
    sounds: dict[str, set[object]] = {row: set() for row in ROWS}
    with tempfile.TemporaryDirectory() as name:
        songs = Path(name) / "song"
        songs.mkdir()
        write_tracks(songs, seconds)
        for turn in range(rounds):
            for row in ROWS:
                done = run_one(row, songs, Path(name) / f"cache{turn}")
                times[row].append(float(str(done["cpu_s"])))
                sounds[row].add(done["sha256"])
        size = sum(path.stat().st_size for path in (Path(name) / "cache0").iterdir())
    same = sounds["no cache"] == sounds["cold cache"] == sounds["warm, nothing moved"]
    what = f"{TRACKS} tracks of {seconds} s; same samples: {'yes' if same else 'NO'}; cache {size / 2**20:.0f} MiB"
    return [
        budget("rerender after one fader", times["warm, one fader"], GATE_S * seconds / 240, note=what),
        *(compare(times, row, "no cache") for row in ROWS[2:]),
        compare(times, ROWS[0], "no cache", kind="do nothing"),
    ]


if __name__ == "__main__":
    if "--one" in sys.argv:
        cpu, digest = render(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
        print(json.dumps({"cpu_s": cpu, "sha256": digest}))
    else:
        run_alone(rows)
