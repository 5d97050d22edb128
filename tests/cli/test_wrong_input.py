"""What an engineer gets wrong: a file that will not open, the rough of another song, a name that says mp3."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import Result

from cli.conftest import RATE, Run
from smartmix.plan import load_plan, save_plan
from smartmix.plan.own import bell_move


def test_a_track_that_had_to_be_left_out_is_said_by_its_name_and_ends_with_3(
    song: Path, run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "song"
    folder.mkdir()
    shutil.copy(song / "Keys.wav", folder)
    (folder / "kick.wav").write_bytes(b"no sound at all")
    result = run("mix", folder, "-o", tmp_path / "out")
    assert result.exit_code == 3
    assert "\n    kick.wav is set aside: " in result.stdout
    assert (tmp_path / "out" / "master.wav").exists()
    assert run("analyze", folder).exit_code == 3
    assert run("analyze", song).exit_code == 0


def test_the_rough_of_another_song_is_said_and_not_followed(song: Path, run: Run, tmp_path: Path) -> None:
    noise = np.random.default_rng(3).standard_normal(8 * RATE)
    gate = (np.arange(noise.size) // (RATE // 3)) % 2
    soundfile.write(tmp_path / "other.wav", 0.1 * noise * gate, RATE)
    result = run("mix", song, "-o", tmp_path / "out", "--rough", tmp_path / "other.wav", "--dry-run")
    assert result.exit_code == 0
    assert "the rough mix is not used, for balance or loudness" in result.stderr
    assert "is it the same song" in result.stderr
    result = run("mix", song, "-o", tmp_path / "out", "--rough", tmp_path / "other.wav", "--json")
    assert json.loads(result.stdout)["master"]["target_source"] == "default"


def test_what_the_tracks_are_taken_for_is_said(mixed: tuple[Path, Result]) -> None:
    assert "The tracks are taken as multitrack: " in mixed[1].stdout


@pytest.mark.parametrize(
    ("command", "name", "message"),
    [("master", "x.aiff", "no format by this name"), ("render", "x.mp3", "ends in .wav")],
)
def test_data_does_not_get_another_name(
    command: str, name: str, message: str, song: Path, mixed: tuple[Path, Result], run: Run, tmp_path: Path
) -> None:
    plan = ("--plan", mixed[0] / "plan.toml") if command == "render" else ()
    source = song if command == "render" else mixed[0] / "mix.wav"
    result = run(command, source, *plan, "-o", tmp_path / name)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / name).exists()


def test_a_folder_is_not_called_missing(song: Path, run: Run) -> None:
    assert "is a folder, expected a sound file" in run("meter", song).stderr


def test_a_move_of_your_own_is_told_with_its_value_and_as_yours(
    mixed: tuple[Path, Result], run: Run, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.toml"
    shutil.copy(mixed[0] / "plan.toml", plan)
    assert "keys: fader −2.0 dB" in run("plan", "add", plan, "keys", "--fader", "-2").stdout
    shown = run("plan", "show", plan).stdout
    assert "keys: fader −2.0 dB  (yours)" in shown
    assert "sure 100 %" not in shown


def test_a_title_names_its_track_once(mixed: tuple[Path, Result], run: Run) -> None:
    shown = run("plan", "show", mixed[0] / "plan.toml").stdout
    assert "Balance: start from the rough" in shown
    assert "mix: Balance" not in shown


def test_an_edited_member_of_a_group_is_named(mixed: tuple[Path, Result], run: Run, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    shutil.copy(mixed[0] / "plan.toml", plan)
    move = next(
        line.split()[0]
        for line in run("plan", "show", plan).stdout.splitlines()
        if "Balance: start from the rough" in line
    )
    edited = run("plan", "edit", plan, move, "lead-vox/fader/gain_db", "1")
    assert "lead-vox fader " in edited.stdout
    assert "→ +1.0 dB" in edited.stdout


def test_a_very_long_name_leaves_the_figures_in_sight(song: Path, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "song"
    folder.mkdir()
    shutil.copy(song / "Keys.wav", folder / f"{'keys ' * 40}.wav")
    rows = run("analyze", folder).stdout.splitlines()
    row = next(line for line in rows if line.startswith("keys keys"))
    assert "…" in row
    assert len(row) < 140


def test_a_folder_may_have_a_version_in_its_name(
    mixed: tuple[Path, Result], run: Run, tmp_path: Path
) -> None:
    result = run("master", mixed[0] / "mix.wav", "-o", tmp_path / "masters_v1.5", "-q")
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "masters_v1.5" / "mix_master.wav").is_file()
    wrong = run("master", mixed[0] / "mix.wav", "-o", tmp_path / "x.aiff").stderr
    assert all(name in wrong for name in (".wav", ".bwf", ".rf64", "make it first"))


@pytest.mark.parametrize("command", ["album", "stems", "check", "mix"])
def test_match_is_a_target_of_one_command(
    command: str, mixed: tuple[Path, Result], song: Path, run: Run, tmp_path: Path
) -> None:
    files = [song] if command == "mix" else [mixed[0] / "mix.wav", mixed[0] / "master.wav"]
    out = () if command == "check" else ("-o", tmp_path / "out")
    result = run(command, *files, *out, "--target", "match")
    assert result.exit_code == 2
    assert "smartmix master FILE --reference" in result.stderr


def test_what_check_turns_down_is_said_by_mix_too(song: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "cd"
    said = run("mix", song, "-o", out, "--target", "cd", "--force").stdout
    checked = json.loads(run("check", out / "master.wav", "--target", "cd", "--json").stdout)
    fails = [f["name"] for f in checked["files"][0]["findings"] if f["state"] == "fail"]
    assert "bits" in fails
    told = " ".join(said.split())
    for name in fails:
        assert f"not what CD asks for: {name}" in told or name == "loudness"
    assert "smartmix master mix.wav --target cd" in told
    assert "not what CD asks for" in (out / "report.html").read_text()


def test_a_new_pass_names_what_it_takes_out_of_the_mix(
    song: Path, mixed: tuple[Path, Result], run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(mixed[0], out)
    bell = replace(
        bell_move("keys", 2500.0, -2.0, 1.0), title="Keys: \u22122.0 dB at 2.5 kHz", authority="rule"
    )
    earlier = load_plan(out / "plan.toml")
    earlier = replace(earlier, moves=(*earlier.moves, replace(bell, status="proposed")))
    save_plan(earlier.accept(bell.id, by="policy"), out / "plan.toml", force=True)
    said = "no longer in the mix: Keys: \u22122.0 dB at 2.5 kHz; it is no longer suggested"
    assert said in run("mix", song, "-o", out, "--force", "--dry-run").stderr
    told = run("mix", song, "-o", out, "--force").stdout
    assert said[1:] in told[: told.index("Integrated loudness")]
    assert said[1:] in (out / "report.html").read_text(encoding="utf-8")
    assert "no longer in the mix" not in run("mix", song, "-o", out, "--force").stdout.casefold()
