"""How much memory a master after a reference takes as songs get longer, over what the imports take.

    python benchmarks/master_memory.py [--minutes 5 20 60] [--rate 22050]

Noise with hits twice a second, an arrangement of loud and soft halves of a minute; each length in a process of its own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile


def write_song(path: Path, seconds: float, rate: int) -> None:
    """A stereo file, 16 bits."""
    rng = np.random.default_rng(0)
    hit = np.exp(-np.arange(rate // 2) / (0.05 * rate))
    with soundfile.SoundFile(path, "w", rate, 2, "PCM_16") as file:
        for half in range(int(2 * seconds)):
            level = 0.15 if (half // 60) % 2 else 0.05
            block = rng.standard_normal((rate // 2, 2)) * (0.2 + hit[:, np.newaxis]) * level
            file.write(np.clip(block, -1.0, 1.0).astype(np.float32))


def one(mix: str, reference: str, out: str) -> None:
    """Master; print MiB over the imports and CPU seconds."""
    from smartmix.mastering import MasterSettings, master_song

    master_song(
        reference, out, MasterSettings("match"), reference=reference, force=True
    )  # all that is loaded late
    imported = peak_kib()
    started = time.process_time()
    master_song(mix, out, MasterSettings("match"), reference=reference, force=True)
    taken = time.process_time() - started
    print((peak_kib() - imported) / 1024.0, imported / 1024.0, taken)


def peak_kib() -> float:
    """Most memory of this process; not what its parent held, which ru_maxrss keeps through the start."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return float(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def main() -> None:
    """Print a line per length and the slope."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, nargs="+", default=[5.0, 20.0, 60.0])
    parser.add_argument("--rate", type=int, default=22_050)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        one(*given.one)
        return
    found = []
    with tempfile.TemporaryDirectory() as folder:
        mix, reference = Path(folder) / "mix.wav", Path(folder) / "reference.wav"
        write_song(reference, 60.0, given.rate)
        for minutes in given.minutes:
            write_song(mix, 60.0 * minutes, given.rate)
            command = [
                sys.executable,
                __file__,
                "--one",
                str(mix),
                str(reference),
                str(Path(folder) / "out.wav"),
            ]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            more, imports, taken = (float(word) for word in done.stdout.split())
            found.append((minutes, more))
            print(
                f"{minutes:g} min: {more:.1f} MiB over {imports:.0f} MiB of a one-minute master, {taken:.1f} s CPU"
            )
    if len(found) > 1:
        (first, low), (last, high) = found[0], found[-1]
        print(f"slope: {(high - low) / (last - first):.3f} MiB a minute")


if __name__ == "__main__":
    main()
