"""``smartmix note``: proposes, writes only where told to, keeps decisions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from smartmix.audio.wav import WavWriter
from smartmix.cli.main import app
from smartmix.plan import load_plan


@pytest.fixture
def song(tmp_path: Path) -> Path:
    folder = tmp_path / "song"
    folder.mkdir()
    rng = np.random.default_rng(3)
    for name in ("Kick", "Lead Vox", "Pad"):
        with WavWriter(folder / f"{name}.wav", 48_000, 1, bits="32f") as writer:
            writer.write((0.1 * rng.standard_normal((1, 96_000))).astype(np.float32))
    return folder


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_shows_and_writes_nothing_without_a_plan(song: Path) -> None:
    said = _run("note", str(song), "vocal up; kick purple")
    assert "Lead Vox: fader +1.5 dB" in said
    assert "purple is not in the table" in said
    assert sorted(p.name for p in song.iterdir()) == ["Kick.wav", "Lead Vox.wav", "Pad.wav"]


def test_adds_to_a_plan_and_keeps_what_was_decided(song: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    _run("note", str(song), "vocal up", "--plan", str(plan))
    first = load_plan(plan).notes[0].moves[0]
    _run("plan", "accept", str(plan), first)
    data = json.loads(_run("note", str(song), "pad down 2 dB", "--plan", str(plan), "--json"))
    assert [n["text"] for n in data["notes"]] == ["pad down 2 dB"]
    assert len(data["moves"]) == 1
    told = load_plan(plan)
    assert [n.text for n in told.notes] == ["vocal up", "pad down 2 dB"]
    assert told.move(first).status == "accepted"
    assert told.move(told.notes[1].moves[0]).status == "proposed"


def test_the_figure_of_a_note_for_a_group_is_told_once(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    (tmp_path / "song").mkdir()
    for name in ("Kick", "Snare", "Pad"):
        with WavWriter(tmp_path / "song" / f"{name}.wav", 48_000, 1, bits="32f") as writer:
            writer.write((0.1 * rng.standard_normal((1, 96_000))).astype(np.float32))
    plan = tmp_path / "plan.toml"
    _run("note", str(tmp_path / "song"), "drums louder", "--plan", str(plan))
    told = _run("plan", "accept", str(plan), load_plan(plan).notes[0].moves[0])
    assert "Drums: fader +1.5 dB: proposed" in told
    assert told.count("+1.5 dB") == 1


@pytest.mark.parametrize("text", ["", "  ", " ; ", "?!"])
def test_a_note_that_says_nothing_is_refused(text: str, song: Path, tmp_path: Path) -> None:
    plan, out = tmp_path / "plan.toml", tmp_path / "out"
    for words in (
        ("note", str(song), "vocal up", text, "--plan", str(plan)),
        ("mix", str(song), "-o", str(out), "--note", text),
    ):
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 2
        assert "says nothing; write what is to change" in result.stderr
    assert not plan.exists()
    assert not out.exists()


def test_dry_run_leaves_the_plan(song: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    _run("note", str(song), "vocal up", "--plan", str(plan), "--dry-run")
    assert not plan.exists()


def test_refuses_a_plan_among_the_inputs(song: Path) -> None:
    result = CliRunner().invoke(app, ["note", str(song), "vocal up", "--plan", str(song / "plan.toml")])
    assert result.exit_code == 2
    assert not (song / "plan.toml").exists()


def test_mix_answers_a_note(song: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    _run("mix", str(song), "-o", str(out), "--note", "vocal up 2 dB", "-q")
    plan = load_plan(out / "plan.toml")
    move = plan.move(plan.notes[0].moves[0])
    assert move.in_force
    assert move.sets[0].value == 2.0
