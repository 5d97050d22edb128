"""``smartmix export`` and ``smartmix import`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from interop.scenes import plain_plan, project_xml, session
from mixes import eq_move
from smartmix.cli.main import app
from smartmix.plan import load_plan, save_plan
from smartmix.session.saving import save_session


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def song(tmp_path: Path) -> tuple[Path, Path]:
    """A session folder, and the folder of a plan."""
    folder, out = tmp_path / "song", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    save_session(session(folder), folder)
    save_plan(plain_plan(), out / "plan.toml")
    return folder, out


def test_there_and_back(song: tuple[Path, Path], tmp_path: Path) -> None:
    folder, out = song
    file = tmp_path / "x.dawproject"
    told = run("export", folder, "--plan", out, "--to", "dawproject", "-o", file).output
    xml = ElementTree.fromstring(project_xml(file))
    held = [e.get("name") for e in xml.iter("Track") if e.find("Channel").get("role") != "master"]
    assert f"{file.name}: {len(held)} tracks" in told.replace("\n", "")
    assert "pan law" in told
    data = json.loads(run("import", file, "-o", tmp_path / "back", "--json").stdout)
    assert data["format"] == 1
    assert set(data["tracks"]) == {"kick", "snare", "pad", "vox", "click"}
    run("export", tmp_path / "back", "--to", "dawproject", "-o", tmp_path / "y.dawproject", "--quiet")
    assert (tmp_path / "y.dawproject").read_bytes() == file.read_bytes()


def test_a_dry_run_writes_nothing(song: tuple[Path, Path], tmp_path: Path) -> None:
    folder, out = song
    before = sorted(tmp_path.rglob("*"))
    told = run(
        "export", folder, "--plan", out, "--to", "dawproject", "-o", tmp_path / "x.dawproject", "--dry-run"
    )
    assert "pan law" in told.output
    assert sorted(tmp_path.rglob("*")) == before
    run("export", folder, "--plan", out, "--to", "dawproject", "-o", tmp_path / "x.dawproject", "-q")
    before = sorted(tmp_path.rglob("*"))
    data = json.loads(
        run("import", tmp_path / "x.dawproject", "-o", tmp_path / "b", "--dry-run", "--json").stdout
    )
    assert {t["name"] for t in data["tracks"]} >= {"Drums", "vox", "Master"}
    assert sorted(tmp_path.rglob("*")) == before


def test_prints_and_json(song: tuple[Path, Path], tmp_path: Path) -> None:
    folder, out = song
    words = (
        "export",
        folder,
        "--plan",
        out / "plan.toml",
        "--to",
        "prints",
        "-o",
        tmp_path / "prints",
        "--json",
    )
    data = json.loads(run(*words).stdout)
    assert data["tracks"] == 4
    assert (tmp_path / "prints" / "Tempo and markers.mid").is_file()


def test_mistakes_are_one_line(song: tuple[Path, Path], tmp_path: Path) -> None:
    folder, out = song
    file = tmp_path / "x.dawproject"
    for words, told in (
        (("export", folder, "--to", "logic", "-o", file), "expected one of"),
        (
            ("export", folder, "--to", "dawproject", "-o", folder / "x.dawproject"),
            "nothing is written among the inputs",
        ),
        (("export", folder, "--to", "dawproject", "-o", tmp_path / "no" / "x.dawproject"), "create it first"),
        (("import", tmp_path / "song.als", "-o", tmp_path / "b"), "expected a file that ends in"),
        (("import", tmp_path / "none.dawproject", "-o", tmp_path / "b"), "no such file"),
    ):
        result = run(*words, code=2)
        assert told in result.output
        assert result.output.count("\n") == 1
    (out / "analysis.json").write_text("{}")
    assert "whose session has moved" in run("export", out, "--to", "dawproject", "-o", file, code=2).output
    run("export", folder, "--to", "dawproject", "-o", file, "-q")
    assert "already there" in run("export", folder, "--to", "dawproject", "-o", file, code=2).output


def test_the_output_of_a_pass_is_enough(tmp_path: Path) -> None:
    """OUT knows the way to its session, also when both have moved; when only one has, that is said."""
    place = tmp_path / "here"
    song = place / "song"
    song.mkdir(parents=True)
    rng = np.random.default_rng(1)
    for name in ("Kick", "Lead Vox"):
        soundfile.write(song / f"{name}.wav", 0.05 * rng.standard_normal(48_000 * 3), 48_000)
    run("mix", song, "-o", place / "out", "--quiet")
    run("export", place / "out", "--to", "dawproject", "-o", tmp_path / "a.dawproject")
    moved = place.rename(tmp_path / "there")
    run("export", moved / "out", "--to", "dawproject", "-o", tmp_path / "b.dawproject")
    (moved / "song").rename(tmp_path / "elsewhere")
    lost = run("export", moved / "out", "--to", "dawproject", "-o", tmp_path / "c.dawproject", code=2)
    assert "whose session has moved" in lost.output


@pytest.mark.parametrize("to", ["dawproject", "rpp"])
def test_a_dry_run_says_what_the_export_says(song: tuple[Path, Path], tmp_path: Path, to: str) -> None:
    """Of a new project, and of an import that goes back changed and unchanged."""
    folder, out = song
    file = tmp_path / f"x.{to}"

    def told(*words: object) -> list[str]:
        data = json.loads(run("export", *words, "--to", to, "--json", "--force").stdout)
        return [str(row) for row in data["losses"]]

    assert told(folder, "--plan", out, "-o", file, "--dry-run") == told(folder, "--plan", out, "-o", file)
    run("import", file, "-o", tmp_path / "back", "--quiet")
    again = (tmp_path / "back", "-o", tmp_path / f"y.{to}")
    assert told(*again, "--dry-run") == told(*again)
    assert not any("pan law" in row for row in told(*again))
    own = tmp_path / "back" / "plan.toml"
    save_plan(load_plan(own).add(eq_move("m1", "vox", "bell", 900.0, gain_db=-2.0)), own, force=True)
    assert told(*again, "--dry-run") == told(*again)


def test_prints_take_no_audio_option(song: tuple[Path, Path], tmp_path: Path) -> None:
    folder, out = song
    words = ("export", folder, "--plan", out, "--to", "prints", "-o", tmp_path / "p", "--audio", "none")
    assert "prints are sound" in run(*words, code=2).output


def test_a_move_of_ones_own_on_an_import(song: tuple[Path, Path], tmp_path: Path) -> None:
    """Its plan may hold no move yet; the session beside it says which tracks there are."""
    folder, _ = song
    run("export", folder, "--to", "rpp", "-o", tmp_path / "x.rpp", "-q")
    run("import", tmp_path / "x.rpp", "-o", tmp_path / "back", "-q")
    plan = tmp_path / "back" / "plan.toml"
    run("plan", "add", plan, "vox", "--trim", "-3")
    run("plan", "add", plan, "drums", "--fader", "-1")
    assert {move.track for move in load_plan(plan).moves} == {"vox", "drums"}
    assert (
        "no track 'voxx' in the plan; tracks: band"
        in run("plan", "add", plan, "voxx", "--trim", "-3", code=2).output
    )
