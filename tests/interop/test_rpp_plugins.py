"""VST3 chains through REAPER projects: what is in the file by other readers' word, and what comes back."""

from __future__ import annotations

import base64
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rpp
import soundfile

from chained import chain_file
from interop.scenes import residual_db
from interop.test_plugins import BOOST_1, EQ2, moving_eq, planned, song_of, zam
from mixes import RATE, move_of, plan_of
from smartmix.interop.export import export_session
from smartmix.interop.model import Plugin
from smartmix.interop.rpp.read import read
from smartmix.interop.rpp.text import Block, parse
from smartmix.interop.to_session import Imported, import_project
from smartmix.plan.mixplan import MixPlan
from smartmix.rendering import render
from smartmix.session.session import Session

ZAM_EQ2 = "988766330{2046504473616C633251455A00000000}"


def tracks(path: Path) -> dict[str, object]:
    project = rpp.loads(path.read_text())
    return {t.find("NAME")[1]: t for t in project.findall("TRACK")} | {"": project}


def rows_of(block: object) -> list[str]:
    return ["".join(row) if isinstance(row, list) else row for row in block.children]  # type: ignore[attr-defined]


def vst_parts(block: object) -> tuple[list[str], bytes, bytes]:
    """Opening words, component and controller state, taken apart with the lengths that are in them."""
    data = b"".join(base64.b64decode(row) for row in rows_of(block))
    inputs = struct.unpack_from("<I", data, 8)[0]
    at = 12 + 8 * inputs
    outputs = struct.unpack_from("<I", data, at)[0]
    at += 4 + 8 * outputs
    size, one, _ = struct.unpack_from("<III", data, at)
    first, flag = struct.unpack_from("<II", data, at + 12)
    assert (one, flag) == (1, 1)
    component = data[at + 20 : at + 20 + first]
    second, zero = struct.unpack_from("<II", data, at + 20 + first)
    assert zero == 0
    assert size == 16 + first + second
    return list(block.attrib), component, data[at + 28 + first : at + 28 + first + second]  # type: ignore[attr-defined]


def preset_of(class_id: str, component: bytes) -> bytes:
    """A .vstpreset by Steinberg's page of the format, made by hand."""
    head = b"VST3" + struct.pack("<i", 1) + class_id.encode() + struct.pack("<q", 48 + len(component))
    return (
        head + component + b"List" + struct.pack("<i", 1) + b"Comp" + struct.pack("<qq", 48, len(component))
    )


@zam
def test_a_vst3_goes_with_its_state_and_its_lane(tmp_path: Path) -> None:
    made = export_session(song_of(tmp_path), planned(tmp_path), tmp_path / "x.rpp", "rpp")
    chain = tracks(tmp_path / "x.rpp")["vox"].find("FXCHAIN")
    words, component, _ = vst_parts(chain.find("VST"))
    assert words[:5] == ["VST3: ZamEQ2 (Damien Zammit)", "ZamEQ2.vst3", "0", "", ZAM_EQ2]
    told = component.decode("latin-1").split("\0")
    assert float(told[told.index("boost2") + 1]) == pytest.approx(4.0, abs=1e-3)
    lane = chain.find("PARMENV")
    assert lane.attrib == [f"{BOOST_1}:{BOOST_1}", "0", "1", "0.5", "Boost/Cut 1 / ZamEQ2"]
    points = [(float(p[1]), float(p[2]), p[3]) for p in lane.findall("PT")]
    assert points[0] == (0.0, 50.0 / 70.0, "0")
    assert (0.2, 56.0 / 70.0, "0") in points
    kinds = [part.tag for part in chain.children if not isinstance(part, list)]
    assert [kind for kind in kinds if kind in ("JS", "VST")] == ["JS", "VST"]  # the EQ, then the plugin
    assert not made.printed


HOST = """
import sys, numpy, pedalboard
library, preset, sound, rate = sys.argv[1:]
plugin = pedalboard.load_plugin(library)
plugin.preset_data = open(preset, "rb").read()
numpy.save(sound, plugin.process(numpy.load(sound), float(rate)))
"""


def in_pedalboards_host(folder: Path, preset: bytes, sound: np.ndarray) -> np.ndarray:
    """In a process of its own: that host changes how its process computes."""
    (folder / "host.vstpreset").write_bytes(preset)
    np.save(folder / "host.npy", sound)
    files = (EQ2, folder / "host.vstpreset", folder / "host.npy", RATE)
    subprocess.run(
        [sys.executable, "-c", HOST, *map(str, files)], check=True, capture_output=True, timeout=60
    )
    return np.load(folder / "host.npy")


@zam
def test_another_host_sounds_the_same_with_the_state_in_the_file(tmp_path: Path) -> None:
    song = song_of(tmp_path)
    chain = chain_file(tmp_path, ("vst3", EQ2, {"boost_cut_1_db": 7.0, "frequency_1_hz": 900.0}))
    plan = MixPlan("x", chains={"vox": str(chain)})
    export_session(song, plan, tmp_path / "x.rpp", "rpp")
    words, component, _ = vst_parts(tracks(tmp_path / "x.rpp")["vox"].find("FXCHAIN").find("VST"))
    class_id = words[4].partition("{")[2].rstrip("}")
    dry, _ = soundfile.read(song.track("vox").path, dtype="float32")
    theirs = in_pedalboards_host(tmp_path, preset_of(class_id, component), dry[None, :])
    alone = replace(song, tracks=tuple(replace(t, muted=t.id != "vox") for t in song.tracks))
    ours = render(alone, plan).samples[:1, : len(dry)]
    assert residual_db(ours, theirs) <= -100.0
    assert residual_db(ours, dry[None, :]) > -30.0


def came_back(folder: Path, song: Session, plan: MixPlan) -> Imported:
    export_session(song, plan, folder / "x.rpp", "rpp")
    return import_project(folder / "x.rpp", folder / "back", rough=False)


@zam
@pytest.mark.parametrize("owner", ["vox", "band", "mix"])
def test_a_chain_comes_back_where_it_was_and_sounds(tmp_path: Path, owner: str) -> None:
    song = song_of(tmp_path)
    plan = replace(
        plan_of(move_of("less", {"vox/trim/gain_db": -3.0})), chains={owner: str(moving_eq(tmp_path))}
    )
    made = came_back(tmp_path, song, plan)
    assert made.plan.chains.keys() == {owner}
    ours, theirs = render(song, plan).samples, render(made.session, made.plan).samples
    assert residual_db(ours, theirs) <= -100.0
    assert residual_db(ours, render(made.session, replace(made.plan, chains={})).samples) > -35.0
    export_session(made.session, made.plan, tmp_path / "y.rpp", "rpp")
    assert (tmp_path / "y.rpp").read_bytes() == (tmp_path / "x.rpp").read_bytes()


@zam
def test_a_plugin_with_one_channel_stands_on_each_side_of_a_stereo_track(tmp_path: Path) -> None:
    export_session(song_of(tmp_path), planned(tmp_path, "mix"), tmp_path / "x.rpp", "rpp")
    chain = tracks(tmp_path / "x.rpp")[""].find("MASTERFXLIST")
    blocks = chain.findall("VST")
    heads = [base64.b64decode(rows_of(block)[0]) for block in blocks]
    assert [struct.unpack_from("<IQIQ", head, 8) for head in heads] == [(1, 1, 1, 1), (1, 2, 1, 2)]
    assert len({row[1] for row in chain.findall("FXID")}) == 2
    assert len(chain.findall("PARMENV")) == 2
    (master,) = (t for t in read(tmp_path / "x.rpp").tracks if t.kind == "master")
    (plugin,) = master.devices
    assert isinstance(plugin, Plugin)
    assert plugin.channels == 1


@zam
def test_switches_and_dry_wet_go_and_come(tmp_path: Path) -> None:
    song = song_of(tmp_path)
    two = chain_file(
        tmp_path,
        ("vst3", EQ2, {"boost_cut_1_db": 9.0}),
        ("vst3", EQ2, {"boost_cut_2_db": -9.0}),
        name="two.toml",
    )
    rows = two.read_text().split("[[device]]")
    two.write_text("[[device]]".join([rows[0], rows[1].rstrip() + "\n", rows[2]]))
    text = two.read_text().replace('kind = "vst3"', 'kind = "vst3"\ndry_wet = 0.4', 1)
    before, _, after = text.rpartition('kind = "vst3"')
    two.write_text(before + 'kind = "vst3"\nbypassed = true' + after)
    plan = MixPlan("x", chains={"vox": str(two)})
    made = came_back(tmp_path, song, plan)
    chain = tracks(tmp_path / "x.rpp")["vox"].find("FXCHAIN")
    assert [row[1] for row in chain.findall("BYPASS")] == ["0", "1"]
    assert [row[1] for row in chain.findall("WET")] == ["0.4"]
    ours, theirs = render(song, plan).samples, render(made.session, made.plan).samples
    assert residual_db(ours, theirs) <= -100.0
    kept = Path(made.plan.chains["vox"]).read_text()
    assert kept.count("bypassed = true") == 1
    assert "dry_wet = 0.4" in kept


@zam
def test_an_offline_plugin_and_a_chain_that_is_off_are_not_heard(tmp_path: Path) -> None:
    song, plan = song_of(tmp_path), replace(plan_of(), chains={"vox": str(moving_eq(tmp_path))})
    export_session(song, plan, tmp_path / "x.rpp", "rpp")
    data = (tmp_path / "x.rpp").read_bytes()
    at = data.index(b"NAME vox")
    offline = data.replace(b"BYPASS 0 0 0", b"BYPASS 0 1 0")
    whole = data[:at] + data[at:].replace(b"FX 1", b"FX 0", 1)
    for changed in (offline, whole):
        assert changed != data
        (tmp_path / "z.rpp").write_bytes(changed)
        (vox,) = (t for t in read(tmp_path / "z.rpp").tracks if t.name == "vox")
        assert [d.enabled for d in vox.devices] == [False]


def test_a_plugin_that_is_not_here_keeps_its_state_and_says_so(tmp_path: Path) -> None:
    song = song_of(tmp_path)
    export_session(song, plan_of(), tmp_path / "x.rpp", "rpp")
    data = (tmp_path / "x.rpp").read_bytes()
    made = import_project(with_effects(tmp_path / "x.rpp", data, FOREIGN), tmp_path / "back", rough=False)
    said = "\n".join(map(str, made.losses))
    assert made.plan.chains.keys() == {"vox"}
    assert (tmp_path / "back" / "chains" / "daw-vox.1.vstpreset").read_bytes() == preset_of(
        "5653544B505472747275652069726F6E", b"state"
    )
    for what in (
        "True Iron is not installed here",
        "VSTi: Podolski (u-he); kept",
        "loser/3BandEQ; kept",
        "VST3i: Surge XT (Surge); kept",
        "True Iron: its switch moves",
    ):
        assert f"vox: {what}" in said
    export_session(made.session, made.plan, tmp_path / "y.rpp", "rpp")
    assert (tmp_path / "y.rpp").read_bytes() == (tmp_path / "x.rpp").read_bytes()


def payload(state: bytes) -> str:
    head = struct.pack("<III2QI2QIII", 1, 0xFEED5EEE, 2, 1, 2, 2, 1, 2, 16 + len(state), 1, 0x0010FFFF)
    body = struct.pack("<II", len(state), 1) + state + bytes(8)
    return "\n".join(base64.b64encode(part).decode() for part in (head, body, bytes.fromhex("000010000000")))


FOREIGN = f"""BYPASS 0 0 0
<VST "VST3: True Iron (Kazrog)" "True Iron.vst3" 0 "" 1519279131{{5653544B505472747275652069726F6E}} ""
{payload(b"state")}
>
FXID {{8565B6E8-202B-9E42-AA07-4B0F7E6955E1}}
<PARMENV 7:bypass 0 1 0.5 "Bypass / True Iron"
ACT 1 -1
PT 0 1 1
>
WAK 0 0
BYPASS 0 0 0
<VST "VSTi: Podolski (u-he)" Podolski.vst 0 "" 1349477487<565354506F646F706F646F6C736B6900> ""
AAAA
>
WAK 0 0
BYPASS 0 0 0
<JS loser/3BandEQ ""
0 200 0
>
WAK 0 0
BYPASS 0 0 0
<VST "VST3i: Surge XT (Surge)" "Surge XT.vst3" 0 "" 661331015{{ABCDEF019182FAEB566D624153675854}} ""
{payload(b"s")}
>
WAK 0 0
"""


def with_effects(path: Path, data: bytes, text: str, track: bytes = b"NAME vox") -> Path:
    at = data.index(b"    <ITEM", data.index(track))
    chain = "    <FXCHAIN\n" + "".join(f"      {row}\n" for row in text.splitlines()) + "    >\n"
    path.write_bytes(data[:at] + chain.encode() + data[at:])
    return path


def test_damaged_effects_are_kept_and_named(tmp_path: Path) -> None:
    export_session(song_of(tmp_path), plan_of(), tmp_path / "x.rpp", "rpp")
    data = (tmp_path / "x.rpp").read_bytes()
    text = FOREIGN.replace(payload(b"state").splitlines()[1], "AAAA")
    made = import_project(with_effects(tmp_path / "x.rpp", data, text), tmp_path / "back", rough=False)
    assert not made.plan.chains
    assert "vox: True Iron; kept for the way back" in "\n".join(map(str, made.losses))
    export_session(made.session, made.plan, tmp_path / "y.rpp", "rpp")
    assert (tmp_path / "y.rpp").read_bytes() == (tmp_path / "x.rpp").read_bytes()


def track_block(path: Path, name: str) -> Block:
    rows = parse(path.read_bytes()).blocks("REAPER_PROJECT")[0].blocks("TRACK")
    return next(b for b in rows if b.words("NAME") == [name])


@zam
@pytest.mark.parametrize("owner", ["gtr", "vox", "mix"])
def test_a_chain_of_ours_goes_behind_what_is_there(tmp_path: Path, owner: str) -> None:
    song = song_of(tmp_path)
    export_session(song, plan_of(), tmp_path / "x.rpp", "rpp")
    data = with_effects(tmp_path / "x.rpp", (tmp_path / "x.rpp").read_bytes(), FOREIGN).read_bytes()
    made = import_project(tmp_path / "x.rpp", tmp_path / "back", rough=False)
    plan = replace(made.plan, chains=dict(made.plan.chains) | {owner: str(moving_eq(tmp_path))})
    losses = "\n".join(map(str, export_session(made.session, plan, tmp_path / "y.rpp", "rpp").losses))
    out = (tmp_path / "y.rpp").read_bytes()
    gone = [row for row in data.splitlines() if row not in out.splitlines()]
    assert not gone
    assert out.count(b"ZamEQ2.vst3") == (1 if owner == "vox" else 2)  # one for each side of a stereo sound
    if owner == "vox":  # its own chain here was replaced: what came of the DAW's is off
        first, *_ = track_block(tmp_path / "y.rpp", "vox").block("FXCHAIN").lines("BYPASS")  # type: ignore[union-attr]
        assert first.words[1] == "1"
        assert "vox: True Iron is not in its chain here any more" in losses
    else:
        assert b"BYPASS 1" not in out
    assert "not put into" not in losses


@zam
def test_a_chain_that_was_off_as_a_whole_stays_silent_with_ours_on(tmp_path: Path) -> None:
    song = song_of(tmp_path)
    export_session(song, plan_of(), tmp_path / "x.rpp", "rpp")
    with_effects(tmp_path / "x.rpp", (tmp_path / "x.rpp").read_bytes().replace(b"FX 1", b"FX 0"), FOREIGN)
    made = import_project(tmp_path / "x.rpp", tmp_path / "back", rough=False)
    plan = replace(made.plan, chains={"vox": str(moving_eq(tmp_path))})
    said = export_session(made.session, plan, tmp_path / "y.rpp", "rpp").losses
    vox = track_block(tmp_path / "y.rpp", "vox")
    assert vox.words("FX") == ["1"]
    chain = vox.block("FXCHAIN")
    assert chain is not None
    assert [line.words[1] for line in chain.lines("BYPASS")] == ["1", "1", "1", "1", "0"]
    assert any("off as a whole" in loss.what for loss in said)
    assert track_block(tmp_path / "y.rpp", "gtr").words("FX") == ["0"]


@zam
def test_old_projects_name_a_knob_by_its_place_alone(tmp_path: Path) -> None:
    song, plan = song_of(tmp_path), replace(plan_of(), chains={"vox": str(moving_eq(tmp_path))})
    export_session(song, plan, tmp_path / "x.rpp", "rpp")
    data = (tmp_path / "x.rpp").read_bytes()
    (tmp_path / "x.rpp").write_bytes(data.replace(f"{BOOST_1}:{BOOST_1} ".encode(), f"{BOOST_1} ".encode()))
    made = import_project(tmp_path / "x.rpp", tmp_path / "back", rough=False)
    ours, theirs = render(song, plan).samples, render(made.session, made.plan).samples
    assert residual_db(ours, theirs) <= -100.0


@zam
def test_a_trim_stays_in_front_of_the_plugin(tmp_path: Path) -> None:
    song = song_of(tmp_path)
    plan = replace(
        plan_of(move_of("t", {"vox/trim/gain_db": -3.0})), chains={"vox": str(moving_eq(tmp_path))}
    )
    export_session(song, plan, tmp_path / "x.rpp", "rpp")
    vox = track_block(tmp_path / "x.rpp", "vox")
    assert vox.words("VOLPAN")[0] == "1"
    lane = vox.block("VOLENV")
    assert lane is not None
    assert [float(line.words[2]) for line in lane.lines("PT")] == [pytest.approx(10 ** (-3 / 20), abs=1e-9)]


@zam
@pytest.mark.parametrize("owner", ["vox", "mix"])
def test_a_chain_that_was_changed_here_stands_behind_what_came(tmp_path: Path, owner: str) -> None:
    song, plan = song_of(tmp_path), replace(plan_of(), chains={owner: str(moving_eq(tmp_path))})
    made = came_back(tmp_path, song, plan)
    file = Path(made.plan.chains[owner])
    file.write_text(file.read_text().replace('kind = "vst3"', 'kind = "vst3"\ndry_wet = 0.5'))
    done = export_session(made.session, made.plan, tmp_path / "y.rpp", "rpp")
    assert any("was changed here" in loss.what for loss in done.losses)
    before, after = (tmp_path / "x.rpp").read_bytes(), (tmp_path / "y.rpp").read_bytes()
    sides = 1 if owner == "vox" else 2
    assert after.replace(b"BYPASS 1 0 0", b"BYPASS 0 0 0").startswith(before[: before.index(b"ZamEQ2")])
    assert (after.count(b"BYPASS 1 0 0"), after.count(b"BYPASS 0 0 0"), after.count(b"WET 0.5")) == (
        sides,
    ) * 3
    again = import_project(tmp_path / "y.rpp", tmp_path / "again", rough=False)
    ours, theirs = render(made.session, made.plan).samples, render(again.session, again.plan).samples
    assert residual_db(ours, theirs) <= -100.0
    assert residual_db(ours, render(song, plan).samples) > -60.0


@zam
@pytest.mark.parametrize("edit", ["state", "lane", "comment"])
def test_what_counts_as_a_change_of_a_chain(tmp_path: Path, edit: str) -> None:
    song, plan = song_of(tmp_path), replace(plan_of(), chains={"vox": str(moving_eq(tmp_path))})
    made = came_back(tmp_path, song, plan)
    file = Path(made.plan.chains["vox"])
    if edit == "state":
        preset = file.with_name("daw-vox.1.vstpreset")
        preset.write_bytes(preset.read_bytes().replace(b"boost2\x004", b"boost2\x003"))
    elif edit == "lane":
        file.write_text(file.read_text().replace("[0.5, 6.0]", "[0.5, 5.0]"))
    else:
        file.write_text("# mine\n" + file.read_text())
    export_session(made.session, made.plan, tmp_path / "y.rpp", "rpp")
    assert ((tmp_path / "y.rpp").read_bytes() == (tmp_path / "x.rpp").read_bytes()) == (edit == "comment")


@zam
@pytest.mark.parametrize("line", [b"AUTOMODE 5", b"AUTOMODE 0"])
def test_bypassed_automation_leaves_the_knobs_where_they_stand(tmp_path: Path, line: bytes) -> None:
    song, plan = song_of(tmp_path), replace(plan_of(), chains={"vox": str(moving_eq(tmp_path))})
    export_session(song, plan, tmp_path / "x.rpp", "rpp")
    head, at, rest = (tmp_path / "x.rpp").read_bytes().partition(b"NAME vox\n")
    rest = rest.replace(b"AUTOMODE 0", line) if b"AUTOMODE 0" in rest else b"    " + line + b"\n" + rest
    (tmp_path / "x.rpp").write_bytes(head + at + rest)
    (vox,) = (t for t in read(tmp_path / "x.rpp").tracks if t.name == "vox")
    (plugin,) = vox.devices
    assert isinstance(plugin, Plugin)
    assert len(plugin.parameters) == (0 if line == b"AUTOMODE 5" else 1)
