"""REAPER projects from strangers: read, or refused in a line that says why; nothing else."""

from __future__ import annotations

import importlib
import random
from pathlib import Path

import pytest

from smartmix.errors import InteropError
from smartmix.interop.rpp import text
from smartmix.interop.rpp.read import read

FILE = Path(__file__).parent.parent / "golden" / "reaper_v7.rpp"
WORDS = (
    "nan",
    "inf",
    "-inf",
    "1e308",
    "-1",
    "0",
    "999999999",
    "4294967295",
    '""',
    "x",
    "`",
    "0x10",
    "1_0",
    "\u0663",
)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_stands_in_a_line_it_is_read_or_refused(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    lines = FILE.read_text(encoding="utf-8").splitlines()
    for _ in range(25):
        hurt = list(lines)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(hurt))
            words = hurt[at].split(" ")
            words[dice.randrange(len(words))] = dice.choice(WORDS)
            hurt[at] = " ".join(words)
            if dice.random() < 0.2:
                del hurt[dice.randrange(len(hurt))]
            if dice.random() < 0.2:
                hurt.insert(dice.randrange(len(hurt)), dice.choice(hurt))
        (tmp_path / "x.rpp").write_text("\n".join(hurt), encoding="utf-8")
        try:
            found = read(tmp_path / "x.rpp")
        except InteropError as error:
            assert "\n" not in str(error)
            continue
        assert all(
            abs(clip.gain_db) < 1e4 and clip.duration_s >= 0.0 for t in found.tracks for clip in t.clips
        )


def test_every_cut_of_a_file_is_refused(tmp_path: Path) -> None:
    whole = FILE.read_bytes()
    for end in range(0, len(whole) - 4, max(len(whole) // 60, 1)):
        (tmp_path / "cut.rpp").write_bytes(whole[:end])
        with pytest.raises(InteropError):
            read(tmp_path / "cut.rpp")


def test_too_much_of_anything_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = importlib.import_module("smartmix.interop.rpp.read")
    path = tmp_path / "x.rpp"
    path.write_text("<REAPER_PROJECT 0.1\n" + "<TRACK\n>\n" * (reading.MOST_TRACKS + 1) + ">\n")
    with pytest.raises(InteropError, match="4097 tracks"):
        read(path)
    path.write_text("<REAPER_PROJECT 0.1\n" + "<TRACK\n" * 300 + ">\n" * 301)
    with pytest.raises(InteropError, match="nested deeper"):
        read(path)
    path.write_text("<REAPER_PROJECT 0.1\n" + "ODD 1\n" * 600 + ">\n")
    monkeypatch.setattr(text, "MOST_LINES", 500)
    with pytest.raises(InteropError, match="more than 500 lines"):
        read(path)
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    with pytest.raises(InteropError, match="it is not read"):
        read(path)


def test_tracks_that_send_round_in_a_circle(tmp_path: Path) -> None:
    """Without their master sends each would be the other's group."""
    track = "<TRACK\nNAME t%d\nMAINSEND 0 0\nAUXRECV %d 0 1 0 0 0 0 0 0 -1:U 0 -1 ''\n>\n"
    (tmp_path / "x.rpp").write_text("<REAPER_PROJECT 0.1\n" + track % (1, 1) + track % (2, 0) + ">\n")
    found = read(tmp_path / "x.rpp")
    parents = {t.id: t.parent for t in found.tracks}
    for name in parents:
        seen: list[str | None] = []
        at: str | None = name
        while at is not None:
            assert at not in seen
            seen.append(at)
            at = parents[at]
