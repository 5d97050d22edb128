"""Plugins of a chain in a DAW's project: class id, state, and moving knobs by ParamID."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from chained import chain_file, session_with_bus
from interop.scenes import project_xml, residual_db
from interop.test_dawproject_write import check_references, check_xsd
from mixes import RATE, eq_move, move_of, plan_of
from smartmix.audio.io import probe
from smartmix.interop.export import export_session
from smartmix.interop.formats import FORMATS
from smartmix.interop.from_plan import hand_over
from smartmix.interop.model import Plugin
from smartmix.interop.to_session import import_project
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.storage import load_plan
from smartmix.rack.preset_file import parse_preset
from smartmix.rendering import render
from smartmix.session.session import Session

EQ2 = Path("/usr/lib/vst3/ZamEQ2.vst3")
zam = pytest.mark.skipif(not EQ2.exists(), reason="zam-plugins are not installed")
BOOST_1 = 3
"""ParamID of "Boost/Cut 1", told by a probe on other VST3 headers (Debian dpf-source); its range is -50 to 20 dB."""


def song_of(folder: Path) -> Session:
    """Two guitars on a bus and a mono voice, with what their files say."""
    song = session_with_bus(folder)
    infos = {t.id: probe(t.path) for t in song.tracks}
    tracks = tuple(
        replace(t, sample_rate=RATE, channels=infos[t.id].channels, frames=infos[t.id].frames)
        for t in song.tracks
    )
    return replace(song, tracks=tracks)


def moving_eq(folder: Path) -> Path:
    path = chain_file(folder, ("vst3", EQ2, {"boost_cut_2_db": 4.0}), name="eq.toml")
    lanes = "[device.lanes]\nboost_cut_1_db = [[0.0, 0.0], [0.2, 6.0], [0.5, 6.0], [0.8, 0.0]]\n"
    path.write_text(path.read_text() + lanes)
    return path


def planned(folder: Path, owner: str = "vox") -> MixPlan:
    cut = eq_move("cut", "vox", "bell", 500.0, gain_db=-3.0)
    return replace(plan_of(cut), chains={owner: str(moving_eq(folder))})


@zam
def test_a_vst3_goes_with_its_state_and_its_lanes(tmp_path: Path, schemas: Path) -> None:
    out = tmp_path / "x.dawproject"
    made = export_session(song_of(tmp_path), planned(tmp_path), out, "dawproject")
    xml = project_xml(out)
    check_xsd(xml, schemas)
    check_references(xml, schemas)
    root = ElementTree.fromstring(xml)
    (plugin,) = root.iter("Vst3Plugin")
    (knob,) = plugin.iter("RealParameter")
    assert (plugin.get("deviceName"), knob.get("parameterID")) == ("ZamEQ2", str(BOOST_1))
    lane = next(p for p in root.iter("Points") if p.find("Target").get("parameter") == knob.get("id"))
    points = [(float(p.get("time")), float(p.get("value"))) for p in lane.iter("RealPoint")]
    assert points[0] == (0.0, pytest.approx(50.0 / 70.0))
    assert (0.2, pytest.approx(56.0 / 70.0)) in points
    with zipfile.ZipFile(out) as archive:
        state = parse_preset(archive.read(plugin.find("State").get("path")))
    assert state.class_id == plugin.get("deviceID").replace("-", "")
    told = state.component.decode("latin-1").split("\0")
    assert float(told[told.index("boost2") + 1]) == pytest.approx(4.0, abs=1e-3)
    tags = [d.tag for d in root.find(".//Track[@name='vox']/Channel/Devices")]
    assert tags == ["Equalizer", "Vst3Plugin"]
    assert not made.printed


@zam
@pytest.mark.parametrize("owner", ["band", "mix"])
def test_a_chain_is_where_it_works(tmp_path: Path, owner: str) -> None:
    project = hand_over(song_of(tmp_path), planned(tmp_path, owner), FORMATS["dawproject"].carries).project
    holding = [t.id for t in project.tracks if any(isinstance(d, Plugin) for d in t.devices)]
    assert holding == ["master" if owner == "mix" else owner]


@zam
def test_a_group_with_a_plugin_keeps_its_level_in_front_of_it(tmp_path: Path) -> None:
    plan = planned(tmp_path, "band")
    plan = plan.add(move_of("up", {"band/fader/gain_db": 3.0}))
    project = hand_over(song_of(tmp_path), plan, FORMATS["dawproject"].carries).project
    assert project.track("band").volume.value == 0.0
    assert project.track("gtr").volume.value == pytest.approx(3.0)


def test_a_device_of_our_own_is_printed(tmp_path: Path) -> None:
    song = song_of(tmp_path)
    gain = chain_file(tmp_path, ("native", "gain", {"gain_db": -6.0}))
    plan = MixPlan("x", chains={"vox": str(gain)})
    out = tmp_path / "x.dawproject"
    made = export_session(song, plan, out, "dawproject")
    assert made.printed == ("vox",)
    with zipfile.ZipFile(out) as archive:
        got, _ = soundfile.read(io.BytesIO(archive.read("audio/vox (print).wav")), dtype="float32")
    assert got.ndim == 1
    original, rate = soundfile.read(song.track("vox").path, dtype="float32")
    assert rate == RATE
    assert np.abs(got - original * 10.0 ** (-6.0 / 20.0)).max() < 1e-6


@zam
def test_a_plugin_that_is_here_sounds_after_the_import(tmp_path: Path) -> None:
    song, plan = song_of(tmp_path), planned(tmp_path)
    export_session(song, plan, tmp_path / "x.dawproject", "dawproject")
    made = import_project(tmp_path / "x.dawproject", tmp_path / "back")
    assert made.plan.chains.keys() == {"vox"}
    ours, theirs = render(song, plan).samples, render(made.session, made.plan).samples
    assert residual_db(ours, theirs) <= -90.0
    without = render(made.session, replace(made.plan, chains={})).samples
    assert residual_db(ours, without) > -30.0
    assert json.loads((tmp_path / "back" / "interop" / "dawproject" / "kept.json").read_text())["format"] == 1
    export_session(made.session, made.plan, tmp_path / "y.dawproject", "dawproject")
    assert (tmp_path / "y.dawproject").read_bytes() == (tmp_path / "x.dawproject").read_bytes()


@zam
def test_an_import_from_a_relative_folder_finds_its_chains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    song, plan = song_of(tmp_path), planned(tmp_path)
    for name in ("x.dawproject", "x.rpp"):
        export_session(song, plan, tmp_path / name, name[2:])
        monkeypatch.chdir(tmp_path)
        back = Path(f"back-{name[2:]}")
        import_project(Path(name), back)
        (tmp_path / "other").mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / "other")
        chain = tmp_path / back / "chains" / "daw-vox.toml"
        read = load_plan(tmp_path / back / "plan.toml")
        assert read.chains == {"vox": str(chain)}
        assert 'vox = "chains/daw-vox.toml"' in (tmp_path / back / "plan.toml").read_text()
        assert (
            residual_db(render(song, plan).samples, render(Session.open(tmp_path / back), read).samples)
            <= -90.0
        )
