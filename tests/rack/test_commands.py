"""``smartmix plugins``: right verdicts in words a person can use, exit codes, JSON."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from smartmix.cli.main import app


def run(*arguments):
    return CliRunner().invoke(app, ["plugins", *map(str, arguments)])


def test_a_scan_names_the_bad_ones_and_ends_with_3(plugin_folder):
    result = run("scan", "--path", plugin_folder, "--timeout", "3")
    assert result.exit_code == 3, result.output
    assert "ok         Known Answer: stereo, side chain" in result.stdout
    assert "crashes    Crash.vst3: crashed (segmentation fault)" in result.stdout
    assert "hangs      Hang.vst3: no answer within 3 s" in result.stdout
    assert "1 plugins, 8 files that cannot be used" in result.stdout


def test_only_good_ones_end_with_0_and_json_is_whole(known):
    result = run("scan", "--path", known, "--json")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert [f["verdict"] for f in data["files"]] == ["ok"]
    assert data["files"][0]["plugins"][0]["name"] == "Known Answer"


def test_list_shows_what_can_be_used(known):
    assert run("list", "--path", known).stdout.split() == [
        "Known",
        "Answer",
        "stereo,",
        "side",
        "chain",
        "smartmix",
        "tests",
        "Fx|Tools",
    ]
    assert json.loads(run("list", "--path", known, "--json").stdout)["plugins"][0]["channels"] == 2


def test_show_tells_every_parameter_with_its_range(known):
    text = run("show", known).stdout
    assert "gain_db" in text and "-60 … 12 dB" in text
    assert "Soft | Hard | Fold" in text and "default Soft" in text
    assert "Reports: level" in text
    rows = json.loads(run("show", known, "--json").stdout)["parameters"]
    cutoff = next(r for r in rows if r["id"] == "cutoff_hz")
    assert (cutoff["low"], cutoff["high"], cutoff["unit"]) == (20.0, 20_000.0, "Hz")


@pytest.mark.parametrize("name", ["Nowhere", "/no/such/file.vst3"])
def test_an_unknown_one_is_a_line_and_2(name, monkeypatch, tmp_path):
    monkeypatch.setattr("smartmix.rack.places.standard_folders", lambda: (tmp_path,))
    result = run("show", name)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: no plugin") and result.stderr.count("\n") == 1
