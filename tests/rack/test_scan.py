"""Scanning: the right verdict for every kind of file, none of which takes the scan down."""

from __future__ import annotations

import json

import pytest

from smartmix.audio.user_cache import user_cache
from smartmix.errors import PluginError
from smartmix.rack import scan
from smartmix.rack.places import find_files


@pytest.fixture(scope="module")
def scanned(plugin_folder):
    return {s.path.stem: s for s in scan([plugin_folder], timeout_s=3.0, again=True)}


def test_every_file_gets_its_verdict(scanned):
    verdicts = {name: s.verdict for name, s in scanned.items()}
    assert verdicts == {
        "Known": "ok",
        "Crash": "crashes",
        "Hang": "hangs",
        "Abort": "crashes",
        "Cut": "no plugin" if scanned["Cut"].verdict == "no plugin" else "crashes",
        "Text": "no plugin",
        "Empty": "no plugin",
        "Hollow": "no plugin",
        "Other": "no plugin",
    }


def test_the_detail_says_why(scanned):
    assert "segmentation fault" in scanned["Crash"].detail
    assert "abort" in scanned["Abort"].detail
    assert "no answer within 3 s" in scanned["Hang"].detail
    assert "arm64ec-win" in scanned["Other"].detail


def test_a_good_plugin_is_described_as_it_is(scanned):
    (plugin,) = scanned["Known"].plugins
    assert (plugin.name, plugin.vendor, plugin.version) == ("Known Answer", "smartmix tests", "1.0.0")
    assert plugin.class_id == "736D69786B6E6F776E707567696E3031"
    assert (plugin.channels, plugin.side_chain_channels, plugin.output_channels) == (2, 1, 2)
    assert plugin.repeatable and plugin.resets and plugin.any_blocks and plugin.is_effect
    rows = {p["name"]: p for p in plugin.parameters}
    assert (rows["Gain"]["low"], rows["Gain"]["high"], rows["Gain"]["unit"]) == (-60.0, 12.0, "dB")
    assert rows["Gain"]["default"] == pytest.approx(0.0)
    assert rows["Level"]["read_only"] and not rows["Level"]["automatable"]
    assert rows["Shape"]["is_list"] and rows["Shape"]["high_text"] == "Fold"


def test_a_second_scan_reads_the_verdicts_and_a_changed_file_is_asked_anew(known):
    first = scan([known])[0]
    assert scan([known])[0].seconds == first.seconds
    library = next(known.rglob("*.so"))
    library.touch()
    assert scan([known])[0].seconds != first.seconds


@pytest.mark.parametrize(
    "text", ["", "{", '{"format": 1, "files": [1]}', '{"format": 1, "files": {"x": {}}}']
)
def test_a_damaged_cache_is_no_cache(known, text):
    file = user_cache() / "plugins.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    assert scan([known])[0].verdict == "ok"
    assert json.loads(file.read_text())["format"] == 1


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(PluginError, match="no such file or folder"):
        scan([tmp_path / "nowhere"])


def test_links_in_circles_and_odd_names_do_no_harm(tmp_path, known):
    odd = tmp_path / "Ünïcode & 'quotes' (1)"
    odd.mkdir()
    (odd / "circle").symlink_to(tmp_path)
    (odd / "Known.vst3").symlink_to(known)
    (tmp_path / "Dangling.vst3").symlink_to(tmp_path / "gone.vst3")
    found = [p.name for p in find_files([tmp_path])]
    assert sorted(found) == ["Known.vst3", "gone.vst3"]
