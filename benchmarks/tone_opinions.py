"""Corrective EQ, de-essing and compression against faults planted in real tracks, and on the clean ones.

    python benchmarks/tone_opinions.py FOLDER_OF_SONGS [DEMO_FOLDER]

Every table has a do-nothing row, a naive baseline, smartmix, and smartmix with a fault planted in its rule (the table
must show that it is worse). The songs of FOLDER were looked at when the thresholds were set: figures on them are TUNED.
The demo was not. Roles are those of the file names; what has none is judged as a guitar where a rule needs a role.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tone_dynamics import score_compression, score_esses
from tone_rings import RingScore, print_rings, score_bulges, score_rings
from tone_takes import takes, with_sum


def report(folders: list[Path], title: str) -> None:
    all_takes = list(takes(folders))
    scores: dict[tuple[str, str], RingScore] = {}
    false: list[str] = []
    score_rings(list(with_sum(all_takes)), scores, false)
    print_rings(scores, title)
    print("\nCuts on the clean tracks: " + ("; ".join(false) or "none") + "\n")
    score_bulges(all_takes, title)
    score_esses(all_takes, title)
    score_compression(all_takes, title)


def main() -> None:
    songs = sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir())
    report(songs, "dev songs, TUNED")
    if len(sys.argv) > 2:
        report([Path(sys.argv[2])], "demo, not tuned")


if __name__ == "__main__":
    main()
