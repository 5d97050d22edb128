"""Instructions per sample of every processor and meter, counted by valgrind: no clock, the same on a busy machine.

    python benchmarks/instructions.py [WORD]      WORD picks the works whose name has it

Needs valgrind (without it: a word, and nothing done) and the program that `csrc/tests/run.sh instructions` builds
(-O3, allocation guard on). Blocks of 64 frames of noise at 48 kHz; the count of 24 576 frames less that of 8 192, by
the frames and channels in between. The first column is what the
machine runs (valgrind knows AVX2, not AVX-512), the second what SMARTMIX_ISA=baseline does.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent.parent / "build/cpp/allocation_guard/instructions"
FRAMES = (8_192, 24_576)


def count(work: str, frames: int, isa: str | None) -> int:
    env = {key: value for key, value in os.environ.items() if key != "SMARTMIX_ISA"}
    env |= {"SMARTMIX_ISA": isa} if isa else {}
    command = [
        "valgrind",
        "--tool=callgrind",
        "--callgrind-out-file=/dev/null",
        str(PROGRAM),
        work,
        str(frames),
    ]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    assert found, done.stderr
    return int(found[1])


def per_sample(work: str, channels: int, isa: str | None) -> float:
    few, many = (count(work, frames, isa) for frames in FRAMES)
    return (many - few) / (channels * (FRAMES[1] - FRAMES[0]))


def main() -> None:
    if shutil.which("valgrind") is None:
        print("instructions: there is no valgrind here, nothing is counted")
        return
    if not PROGRAM.exists():
        raise SystemExit(f"no {PROGRAM}: run csrc/tests/run.sh instructions first")
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    listed = subprocess.run([str(PROGRAM)], capture_output=True, text=True, check=True).stdout
    print("| work | instructions a sample | on the plain kernels |\n|---|---|---|")
    for line in listed.splitlines():
        channels, work = line.split(" ", 1)
        if word in work:
            fast, plain = (per_sample(work, int(channels), isa) for isa in (None, "baseline"))
            print(f"| {work} | {fast:.1f} | {plain:.1f} |", flush=True)


if __name__ == "__main__":
    main()
