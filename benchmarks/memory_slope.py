"""How much memory the analysis takes as songs get longer (aim: at most 400 MiB over the imports, any length).

    python benchmarks/memory_slope.py [--minutes 5 20 60] [--tracks 16] [--rate 8000]

One stereo file of noise bursts stands for all tracks (what is kept does not depend on what is in the files). What is
kept runs at 10 and 100 Hz whatever the sample rate, so a low rate, which is quicker, tells the same slope; the rate
only adds a few blocks per track. Each length runs in a process of its own; the imports are measured in one, too.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

IMPORTS = (
    "import smartmix.analysis.analysing, smartmix.session.session, soundfile, soxr, scipy.fft, scipy.signal"
)


def write_noise(path: Path, seconds: float, rate: int) -> None:
    """A stereo file of noise in bursts of half a second, every fourth one silent."""
    rng = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", rate, 2, "PCM_16") as file:
        for second in range(int(seconds)):
            block = rng.standard_normal((rate, 2)) * 0.05
            block[: rate // 2] *= 0.0 if second % 2 else 1.0
            file.write(block.astype(np.float32))


def analyse(path: Path, tracks: int) -> None:
    """Analyse a session of ``tracks`` tracks that all play one file; print peak memory (MiB) and CPU seconds."""
    exec(IMPORTS)  # the same modules the empty process holds
    from smartmix.analysis import analyze
    from smartmix.session.session import Session, Track

    info = soundfile.info(str(path))
    roles = ("kick", "snare", "bass", "electric_guitar", "keys", "lead_vocal", "backing_vocal", "pad")
    listed = tuple(
        Track(
            f"t{i}", f"t{i}", path, roles[i % len(roles)], "session",
            sample_rate=info.samplerate, channels=2, frames=info.frames,
        )
        for i in range(tracks)
    )  # fmt: skip
    started = time.process_time()
    analyze(Session("slope", path.parent, listed, info.samplerate, info.frames / info.samplerate))
    print(peak_mib(), time.process_time() - started)


def peak_mib() -> float:
    """Most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def measured(*arguments: str) -> list[float]:
    """The figures a process of its own prints."""
    done = subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


def main() -> None:
    """Print a line per length and the slope."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, nargs="+", default=[5.0, 20.0, 60.0])
    parser.add_argument("--tracks", type=int, default=16)
    parser.add_argument("--rate", type=int, default=8000)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.file is not None:
        analyse(given.file, given.tracks)
        return
    empty = measured(
        "-c",
        f"{IMPORTS}\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0)",
    )[0]
    print(f"imports {empty:.0f} MiB; {given.tracks} stereo tracks at {given.rate} Hz")
    points = []
    with tempfile.TemporaryDirectory() as folder:
        for minutes in given.minutes:
            path = Path(folder) / "noise.wav"
            write_noise(path, minutes * 60.0, given.rate)
            peak, cpu_s = measured(__file__, "--file", str(path), "--tracks", str(given.tracks))
            points.append((minutes * given.tracks, peak - empty))
            print(
                f"{minutes:5.0f} min: {peak - empty:6.1f} MiB over the imports, {cpu_s:6.1f} s CPU",
                flush=True,
            )
    if len(points) > 1:
        slope = np.polyfit(*zip(*points, strict=True), 1)[0]
        print(f"slope {slope:.3f} MiB per track and minute")


if __name__ == "__main__":
    main()
