"""Which file is meant by a plan: its folder will do, and another kind of file is called by its name."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import Result

from cli.conftest import Run
from smartmix.plan import load_plan

MASTER = """\
format = 1
[level]
target_lufs = -14.0
ceiling_dbtp = -1.0
[[stage]]
id = "level"
"""


@pytest.fixture
def out(mixed: tuple[Path, Result], tmp_path: Path) -> Path:
    """A folder of its own with the plan of the pass."""
    folder = tmp_path / "pass"
    folder.mkdir()
    shutil.copy(mixed[0] / "plan.toml", folder)
    return folder


def test_a_folder_stands_for_the_plan_in_it(song: Path, out: Path, run: Run, tmp_path: Path) -> None:
    move = load_plan(out / "plan.toml").in_force[0].id
    commands: tuple[tuple[object, ...], ...] = (
        ("render", song, "--plan", out, "-o", tmp_path / "r.wav"),
        ("prints", song, "--plan", out, "-o", tmp_path / "prints", "--dry-run"),
        ("listen", song, move, "--plan", out, "-o", tmp_path / "clips"),
        ("note", song, "keys up", "--plan", out),
        ("plan", "show", out),
        ("plan", "reject", out, move),
        ("plan", "snapshot", out, "a"),
        ("plan", "snapshots", out),
        ("plan", "diff", "a", out),
        ("plan", "diff", out, out),
        ("plan", "restore", out, "a"),
    )
    for words in commands:
        result = run(*words)
        assert result.exit_code == 0, (words, result.stderr)
    assert load_plan(out / "plan.toml").move(move).status == "rejected"
    assert (out / "snapshots" / "a.toml").is_file()
    assert any(note.text == "keys up" for note in load_plan(out / "plan.toml").notes)


def test_a_folder_without_a_plan_says_which_file_is_missing(song: Path, run: Run, tmp_path: Path) -> None:
    result = run("render", song, "--plan", tmp_path, "-o", tmp_path / "r.wav")
    assert result.exit_code == 2
    assert f"{tmp_path / 'plan.toml'}: no such file" in result.stderr


@pytest.mark.parametrize("command", ["show", "render"])
def test_the_plan_of_a_master_is_not_taken_for_that_of_a_mix(
    command: str, song: Path, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "master.toml"
    file.write_text(MASTER, encoding="utf-8")
    words = ("plan", "show", file) if command == "show" else ("render", song, "--plan", file, "-o", "r.wav")
    result = run(*words)
    assert result.exit_code == 2
    assert "this is the plan of a master" in result.stderr
    assert f"smartmix master MIX --plan {file}" in result.stderr


def test_a_session_is_not_taken_for_a_plan(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "session.toml"
    file.write_text('format = 1\n[[track]]\nfile = "kick.wav"\n', encoding="utf-8")
    result = run("plan", "show", file)
    assert result.exit_code == 2
    assert f"this is a session: mix it with smartmix mix {file}" in result.stderr


def test_a_plan_is_not_taken_for_a_session(out: Path, run: Run, tmp_path: Path) -> None:
    file = out / "plan.toml"
    result = run("mix", file, "-o", tmp_path / "mixed")
    assert result.exit_code == 2
    assert f"this is the plan of a mix: play it with smartmix render SESSION --plan {file}" in result.stderr
    assert not (tmp_path / "mixed").exists()


def test_a_wrong_key_in_the_right_file_is_still_said(out: Path, run: Run) -> None:
    file = out / "plan.toml"
    text = file.read_text(encoding="utf-8").replace("seed = 0", "seed = 0\nstage = 1\ntrack = 2", 1)
    file.write_text(text, encoding="utf-8")
    assert "unknown key 'stage'" in run("plan", "show", file).stderr
