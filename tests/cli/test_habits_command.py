"""``smartmix habits``: what a person decided in one song is there in the next, and theirs to take away."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import Result

from smartmix.plan import load_plan
from smartmix.suggesters.habits import Decision, HabitsFile, save_habits

Run = Callable[..., Result]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "settings"
    monkeypatch.setenv("SMARTMIX_CONFIG", str(folder))
    yield folder / "habits.toml"


def plain() -> HabitsFile:
    return HabitsFile(True, {f"song {n}": (Decision("keys", "fader", -1.5),) for n in range(8)})


def keys(song: Path, run: Run, *words: str) -> list[dict[str, object]]:
    """The moves suggested for the keys."""
    told = run("suggest", song, "--json", *words)
    assert told.exit_code == 0, told.output
    return [
        m for m in json.loads(told.stdout)["moves"] if any("keys/fader" in str(s["ref"]) for s in m["sets"])
    ]


def test_a_habit_is_in_the_next_songs_suggestions(song: Path, run: Run, settings: Path) -> None:
    before = keys(song, run)
    save_habits(plain(), settings)
    assert keys(song, run) != before
    assert any("Because you usually set keys" in str(m["reason"]) for m in keys(song, run))
    assert keys(song, run, "--no-habits") == before
    run("habits", "off")
    assert keys(song, run) == before


def test_a_pass_takes_in_what_was_decided(
    mixed: tuple[Path, Result], song: Path, run: Run, settings: Path, tmp_path: Path
) -> None:
    out = copytree(mixed[0], tmp_path / "pass")
    run("plan", "add", out / "plan.toml", "keys", "--fader", "-1.5")
    again = run("mix", song, "-o", out, "--force", "--quiet")
    assert again.exit_code == 0, again.output
    text = settings.read_text()
    assert 'role = "keys"\nquantity = "fader"\nwanted_db = -1.5' in text
    own = [m for m in load_plan(out / "plan.toml").moves if m.authority == "person"]
    assert [m.status for m in own] == ["accepted"]  # its own decisions changed nothing in this song


def test_show_export_import_and_reset(run: Run, settings: Path, tmp_path: Path) -> None:
    assert "Nothing is plain enough" in run("habits", "show").output
    save_habits(plain(), settings)
    assert "Because you usually set keys" in run("habits", "show").output
    told = json.loads(run("habits", "show", "--json").stdout)
    assert (told["on"], len(told["songs"]), told["habits"][0]["is_plain"]) == (True, 8, True)
    copy = tmp_path / "mine.toml"
    assert run("habits", "export", copy).exit_code == 0
    assert run("habits", "export", copy).exit_code == 2  # never over a file that is there
    refused = run("habits", "reset")
    assert (refused.exit_code, "8 songs would be forgotten" in refused.output) == (2, True)
    run("habits", "reset", "--force")
    assert "0 songs" in run("habits", "show").output
    run("habits", "import", copy)
    assert "8 songs" in run("habits", "show").output


def test_a_broken_file_is_named_and_can_be_reset(song: Path, run: Run, settings: Path) -> None:
    settings.parent.mkdir()
    settings.write_text("format = 1\nsong = 3\n")
    told = run("suggest", song)
    assert told.exit_code == 2
    assert str(settings) in told.output.replace("\n", "")
    assert run("suggest", song, "--no-habits", "--quiet").exit_code == 0
    assert run("habits", "reset", "--force").exit_code == 0
    assert run("habits", "show").exit_code == 0
