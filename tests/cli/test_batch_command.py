"""``smartmix batch``: many files by one command; the same bytes as one by one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import Result

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three short pieces and a file that is none."""
    folder = tmp_path_factory.mktemp("batch") / "album"
    folder.mkdir()
    rng = np.random.default_rng(3)
    for name in ("one", "two", "three"):
        soundfile.write(
            folder / f"{name}.wav", 0.05 * rng.standard_normal((48_000, 2)), 48_000, subtype="PCM_24"
        )
    (folder / "torn.wav").write_bytes(b"RIFF\0\0\0\0WAVE")
    return folder


def test_masters_of_an_album(album: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "masters"
    result = run(
        "batch", "master", album, "-o", out, "-j", 2, "--json", "--", "--target", "-18", "--bits", "16"
    )
    assert result.exit_code == 3, result.stderr
    data = json.loads(result.stdout)
    assert (data["ran"], data["failed"]) == (4, 1)
    rows = {Path(row["input"]).stem: row for row in data["jobs"]}
    assert "torn.wav: " in rows["torn"]["message"]
    assert rows["one"]["result"]["master"]["loudness"]["integrated_lufs"] == pytest.approx(-18.0, abs=0.1)
    run("master", album / "two.wav", "-o", tmp_path / "two.wav", "--target", "-18", "--bits", "16")
    assert (tmp_path / "two.wav").read_bytes() == (out / "two.wav").read_bytes()

    again = run("batch", "master", album, "-o", out, "--resume", "--", "--target", "-18", "--bits", "16")
    assert again.stdout.startswith("3 of 4 done, 3 of them before")
    assert "failed: " in again.stderr


def test_checks_of_an_album_are_files_and_an_exit_code(album: Path, run: Run, tmp_path: Path) -> None:
    whole = tmp_path / "album"
    whole.mkdir()
    for name in ("one", "two"):
        shutil.copy(album / f"{name}.wav", whole)
    result = run("batch", "check", whole, "-o", tmp_path / "checks", "--", "--target", "cd")
    assert result.exit_code == 1, result.stderr
    data = json.loads((tmp_path / "checks" / "one.json").read_text())
    assert data["files"][0]["passed"] is False
    assert "one.wav: loudness" in result.stderr
    assert "2 of 2 done, in" in result.stdout
    assert ": 0 pass, 2 fail, 0 could not be read" in result.stdout
    again = run("batch", "check", whole, "-o", tmp_path / "checks", "--resume", "--", "--target", "cd")
    assert again.exit_code == 1
    assert "two.wav: loudness" in again.stderr


def test_a_song_in_a_batch_is_as_by_itself(
    song: Path, mixed: tuple[Path, Result], run: Run, tmp_path: Path
) -> None:
    result = run("batch", "mix", song, "-o", tmp_path / "songs")
    assert result.exit_code == 0, result.stderr
    for name in ("mix.wav", "master.wav", "report.html"):
        assert (tmp_path / "songs" / song.name / name).exists()
    assert (tmp_path / "songs" / song.name / "mix.wav").read_bytes() == (mixed[0] / "mix.wav").read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--", "--target"], "requires an argument"),
        (["--", "--bits", "12"], "Invalid value for '--bits'"),
        (["--", "--nonsense"], "No such option"),
        (["--", "-o", "x.wav"], "stands before --"),
        (["--scheduler", "tcp://x:1"], "is for --engine dask"),
    ],
)
def test_wrong_words_are_said_before_anything_is_done(
    album: Path, run: Run, tmp_path: Path, words: list[str], message: str
) -> None:
    result = run("batch", "master", album, "-o", tmp_path / "out", *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "out" / "batch.sqlite").exists()


def test_a_dry_run_writes_nothing(album: Path, run: Run, tmp_path: Path) -> None:
    result = run("batch", "clean", album, "-o", tmp_path / "out", "--dry-run")
    assert result.exit_code == 0
    assert "4 to do; nothing was done" in result.stdout
    assert not (tmp_path / "out").exists()


def test_ctrl_c_ends_the_processes_and_leaves_no_half_files(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    noise = 0.05 * np.random.default_rng(1).standard_normal((60 * 48_000, 2)).astype(np.float32)
    for number in range(8):
        soundfile.write(folder / f"{number}.wav", noise, 48_000)
    words = [
        sys.executable,
        "-m",
        "smartmix.cli.main",
        "batch",
        "master",
        str(folder),
        "-o",
        str(out),
        "-j",
        "2",
    ]
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell ignores Ctrl-C
    try:
        process = subprocess.Popen(words, stderr=subprocess.PIPE, env=os.environ, start_new_session=True)
    finally:
        signal.signal(signal.SIGINT, earlier)
    deadline = time.monotonic() + 30.0
    while not list(out.glob(".smartmix-*.part")):
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said.decode()
    assert "interrupted" in said.decode()
    assert not list(out.glob(".smartmix-*"))
    assert gone(process.pid), "a process was left behind"


def gone(group: int) -> bool:
    """Whether the processes of a group end within a moment."""
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
