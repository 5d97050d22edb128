"""There and back: export, import, render; and an import written back untouched."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from interop.scenes import lossy_plan, packed, plain_plan, project_xml, residual_db, session, with_span
from interop.test_dawproject_write import check_references, check_xsd, dangling, everything
from mixes import lane, move_of, plan_of
from smartmix.errors import OutputExistsError
from smartmix.interop.dawproject import read, write
from smartmix.interop.export import export_session
from smartmix.interop.model import Equalizer, Plugin
from smartmix.interop.to_session import Imported, import_project
from smartmix.plan.mixplan import MixPlan
from smartmix.rendering import render
from smartmix.session.session import Session

NULL_DB = -100.0


def there_and_back(song: Session, plan: MixPlan, folder: Path) -> Imported:
    export_session(song, plan, folder / "song.dawproject", "dawproject")
    return import_project(folder / "song.dawproject", folder / "back")


def with_prints(made: Imported) -> tuple[Session, MixPlan]:
    """The session with each print playing and its original silent, as an engineer would switch them: the rides of the
    prints come into force, moves on originals are out.
    """
    names = {t.name.removesuffix(" (print)") for t in made.session.tracks if t.name.endswith(" (print)")}
    tracks = tuple(
        replace(t, muted=False if t.name.endswith(" (print)") else t.muted or t.name in names)
        for t in made.session.tracks
    )
    playing = {t.id for t in tracks if t.name.endswith(" (print)")}
    return replace(made.session, tracks=tracks), made.plan.accept(
        [m.id for m in made.plan.moves if m.track in playing]
    )


def test_what_is_read_is_what_was_written(tmp_path: Path) -> None:
    project = everything()
    soundfile.write(tmp_path / "Vox & Co.wav", np.zeros(144_000), 48_000)
    clip = replace(project.track("vox").clips[0], file=tmp_path / "Vox & Co.wav")
    tracks = tuple(replace(t, clips=(clip,)) if t.clips else t for t in project.tracks)
    out = tmp_path / "all.dawproject"
    losses = write(replace(project, tracks=tracks), out, audio="copy", origin=None, force=False)
    assert any("knee" in str(loss) for loss in losses)
    back = read(out)
    assert back.name == project.name
    assert back.markers == project.markers
    assert back.tempo == project.tempo
    assert [t.id for t in back.tracks] == [t.id for t in project.tracks]
    ours, theirs = project.track("vox"), back.track("vox")
    assert theirs.name == "Vox \ufffd“lead”"
    assert (theirs.parent, theirs.comment, theirs.channels) == ("voices", ours.comment, 1)
    assert theirs.trim.value == pytest.approx(-3.0)
    assert theirs.volume.points[0].value == pytest.approx(-6.0)
    assert [p.time_s for p in theirs.volume.points] == [p.time_s for p in ours.volume.points]
    assert [p.value for p in theirs.pan.points] == [-0.5, 0.5]
    assert theirs.sends == ours.sends
    equaliser, squeeze, plugin = theirs.devices
    assert isinstance(equaliser, Equalizer)
    for band, sent in zip(equaliser.bands, ours.devices[0].bands, strict=True):
        assert (band.shape, band.slope_db_oct, band.enabled) == (sent.shape, sent.slope_db_oct, sent.enabled)
        assert band.gain_db.value == sent.gain_db.value
        assert band.q.value == pytest.approx(sent.q.value)
        assert [p.value for p in band.freq_hz.points] == pytest.approx([p.value for p in sent.freq_hz.points])
    sent = ours.devices[1]
    for knob in ("threshold_db", "ratio", "attack_ms", "release_ms", "makeup_db"):
        assert getattr(squeeze, knob).value == pytest.approx(getattr(sent, knob).value), knob
    assert isinstance(plugin, Plugin)
    assert (plugin.class_id, plugin.preset) == ("0123456789ABCDEF0123456789ABCDEF", b"VST3")
    assert plugin.parameters[0].param_id == 0xF000_0001
    assert [p.value for p in plugin.parameters[0].position.points] == [0.5, 0.75]


def test_a_mix_that_the_format_can_say_comes_back_to_the_sample(tmp_path: Path) -> None:
    song, plan = session(tmp_path), plain_plan()
    made = there_and_back(song, plan, tmp_path)
    assert [t.name for t in made.session.tracks] == ["kick", "snare", "pad", "vox", "click"]
    assert made.session.track("click").muted
    assert [b.name for b in made.session.buses] == ["Band", "Drums"]
    assert [(s.name, s.start_s) for s in made.session.sections] == [("verse", 0.0), ("chorus “2”", 1.5)]
    assert [(t.bpm, t.beats_per_bar) for t in made.session.tempo_map] == [(112.0, 4), (96.5, 3)]
    assert residual_db(render(song, plan).samples, render(made.session, made.plan).samples) <= NULL_DB


def test_the_edge_of_a_span_moves_by_less_than_a_tenth_of_a_millisecond(tmp_path: Path) -> None:
    """The file has the corner to the nanosecond; a plan holds times to 0.1 ms."""
    song, plan = session(tmp_path), with_span()
    made = there_and_back(song, plan, tmp_path)
    ours, theirs = (render(*pair).samples for pair in ((song, plan), (made.session, made.plan)))
    assert residual_db(ours, theirs) <= -85.0
    steady = [slice(0, 23_990), slice(24_980, 42_220), slice(43_220, None)]
    assert max(residual_db(ours[:, part], theirs[:, part]) for part in steady) <= NULL_DB


def test_a_ride_that_moves_as_a_whole_keeps_its_points(tmp_path: Path) -> None:
    ride = plan_of(move_of("ride", {"vox/fader/gain_db": lane((0.2, 0.0), (0.7, 4.0), (1.1, -6.0))}))
    made = there_and_back(session(tmp_path), ride, tmp_path)
    plan = made.plan.add(move_of("less", {"vox/fader/gain_db": -2.0}))
    done = export_session(made.session, plan, tmp_path / "again.dawproject", "dawproject")
    assert not [loss for loss in done.losses if loss.where == "vox"]
    was, now = (
        [
            float(p.get("value"))
            for p in ElementTree.fromstring(project_xml(tmp_path / name)).iterfind(
                ".//Lanes/Points/RealPoint"
            )
        ]
        for name in ("song.dawproject", "again.dawproject")
    )
    assert np.array(now) == pytest.approx(np.array(was) * 10.0 ** (-2.0 / 20.0), abs=1e-9)
    third = import_project(tmp_path / "again.dawproject", tmp_path / "third")
    ours, theirs = (render(*pair).samples for pair in ((made.session, plan), (third.session, third.plan)))
    assert residual_db(ours, theirs) <= NULL_DB


def test_a_lost_trim_would_be_heard(tmp_path: Path) -> None:
    """The planted fault of the null: one move less is far above the gate."""
    song, plan = session(tmp_path), plain_plan()
    made = there_and_back(song, plan, tmp_path)
    less = replace(made.plan, moves=tuple(m for m in made.plan.moves if m.sets[0].ref.device != "trim"))
    assert residual_db(render(song, plan).samples, render(made.session, less).samples) > -60.0


def test_with_its_prints_a_mix_comes_back_whatever_is_in_it(tmp_path: Path) -> None:
    song, plan = session(tmp_path), lossy_plan()
    made = there_and_back(song, plan, tmp_path)
    ours = render(song, plan).samples
    assert residual_db(ours, render(made.session, made.plan).samples) > -40.0
    assert residual_db(ours, render(*with_prints(made)).samples) <= NULL_DB


def test_the_faders_of_the_daw_are_the_rough_mix(tmp_path: Path) -> None:
    made = there_and_back(session(tmp_path), plain_plan(), tmp_path)
    assert made.session.rough is not None
    rough, _ = soundfile.read(made.folder / "rough.wav", dtype="float32", always_2d=True)
    assert np.array_equal(rough.T, render(made.session, made.plan).samples)
    assert {move.authority for move in made.plan.moves} == {"person"}
    assert {move.status for move in made.plan.moves} == {"accepted"}


@pytest.mark.parametrize("to", ["dawproject", "rpp"])
@pytest.mark.parametrize("name", ["Mix", "rough", "ROUGH", "session", "master", "Bus Drums"])
def test_a_track_may_have_a_name_that_smartmix_uses(tmp_path: Path, name: str, to: str) -> None:
    """None of them is taken for the mix, for the rough, or for a file of the session."""
    scene = session(tmp_path)
    song = replace(scene, tracks=tuple(replace(t, name=name) if t.id == "vox" else t for t in scene.tracks))
    export_session(song, plain_plan(), tmp_path / f"x.{to}", to)
    made = import_project(tmp_path / f"x.{to}", tmp_path / "back")
    (track,) = (t for t in made.session.tracks if t.name == name)
    assert track.id not in ("mix", "rough")
    assert track.path.name.casefold() != "rough.wav"
    assert not any(s.ref.track == "mix" for move in made.plan.moves for s in move.sets)
    assert residual_db(render(song, plain_plan()).samples, render(made.session, made.plan).samples) <= -85.0


def test_what_a_muted_track_does_waits_for_it_to_be_unmuted(tmp_path: Path) -> None:
    song = session(tmp_path)
    ride = plan_of(
        move_of("ride", {"pad/fader/gain_db": lane((0.2, 0.0), (1.5, -6.0))}),
        move_of("wide", {"pad/width/side_db": 2.0}),
    )
    made = there_and_back(song, ride, tmp_path)
    assert {(move.track, move.status) for move in made.plan.moves} == {
        ("pad", "accepted"),
        ("pad-print", "rejected"),
    }
    assert residual_db(render(song, ride).samples, render(*with_prints(made)).samples) <= NULL_DB
    export_session(made.session, made.plan, tmp_path / "again.dawproject", "dawproject")
    assert (tmp_path / "again.dawproject").read_bytes() == (tmp_path / "song.dawproject").read_bytes()


def test_an_untouched_import_is_written_back_byte_for_byte(tmp_path: Path) -> None:
    made = there_and_back(session(tmp_path), plain_plan(), tmp_path)
    export_session(made.session, made.plan, tmp_path / "again.dawproject", "dawproject")
    assert (tmp_path / "again.dawproject").read_bytes() == (tmp_path / "song.dawproject").read_bytes()


def test_only_what_moved_is_written_back(tmp_path: Path, schemas: Path) -> None:
    song = session(tmp_path)
    out = tmp_path / "song.dawproject"
    export_session(song, plain_plan(), out, "dawproject")
    strange = _with_unknown_parts(out)
    made = import_project(strange, tmp_path / "back")
    plan = made.plan.add(move_of("more", {"snare/fader/gain_db": 3.0}))
    plan = plan.add(
        move_of("mid", {"pad/eq/mid.shape": "bell", "pad/eq/mid.freq_hz": 800.0, "pad/eq/mid.gain_db": -2.0})
    )
    again = tmp_path / "again.dawproject"
    export_session(made.session, plan, again, "dawproject")
    xml = project_xml(again)
    check_xsd(xml, schemas)
    check_references(xml, schemas)
    assert not dangling(xml)
    before, after = (ElementTree.fromstring(project_xml(p)) for p in (strange, again))
    changed = [_name(a) for a, b in zip(_flat(before), _flat(_without_own(after)), strict=True) if a != b]
    assert changed == ["Track snare", "Volume snare.volume", "Track pad"]
    with zipfile.ZipFile(again) as archive:
        assert archive.read("plugins/unknown.bin") == b"whatever"
    back = import_project(again, tmp_path / "third")
    assert residual_db(render(made.session, plan).samples, render(back.session, back.plan).samples) <= NULL_DB


def _name(element: tuple[str, dict[str, str], str | None]) -> str:
    return f"{element[0]} {element[1].get('name') if element[0] == 'Track' else element[1].get('id')}"


def _flat(root: ElementTree.Element) -> list[tuple[str, dict[str, str], str | None]]:
    return [(e.tag, dict(e.attrib), (e.text or "").strip()) for e in root.iter()]


def _without_own(root: ElementTree.Element) -> ElementTree.Element:
    """The tree without what smartmix put in."""
    for holder in list(root.iter()):
        for part in list(holder):
            if (part.get("id") or "").startswith("smartmix-"):
                holder.remove(part)
    return root


def _with_unknown_parts(path: Path) -> Path:
    """The same project as another program would leave it: a clip launcher, notes, a device of its own."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    xml = members["project.xml"].decode()
    xml = xml.replace("</Project>", '<Scenes><Scene id="s1"><Lanes id="s2"/></Scene></Scenes></Project>')
    strange = '<Devices><Device deviceName="Polymer" deviceRole="audioFX" id="d1"/>'
    xml = xml.replace("<Devices>", strange, 1)
    members["project.xml"] = xml.encode()
    members["plugins/unknown.bin"] = b"whatever"
    out = path.with_name("strange.dawproject")
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out


def test_an_eq_changed_here_stands_behind_the_daws_own_switched_off(tmp_path: Path) -> None:
    made = there_and_back(session(tmp_path), plain_plan(), tmp_path)
    cut = next(m for m in made.plan.moves if m.track == "vox" and m.sets[0].suggested == "bell")
    gain = next(s.ref for s in cut.sets if s.ref.parameter.endswith("gain_db"))
    plan = made.plan.edit(cut.id, gain, -5.0)
    told = export_session(made.session, plan, tmp_path / "again.dawproject", "dawproject").losses
    assert any("was changed here" in str(loss) for loss in told)
    back = import_project(tmp_path / "again.dawproject", tmp_path / "third")
    assert residual_db(render(made.session, plan).samples, render(back.session, back.plan).samples) <= NULL_DB


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    made = there_and_back(session(tmp_path), plain_plan(), tmp_path)
    (made.folder / "notes.txt").write_text("mine")
    with pytest.raises(OutputExistsError, match="not empty"):
        import_project(tmp_path / "song.dawproject", made.folder)
    import_project(tmp_path / "song.dawproject", made.folder, force=True)
    assert (made.folder / "notes.txt").read_text() == "mine"


def test_the_tempo_every_daw_starts_with_is_not_taken_for_the_songs(tmp_path: Path) -> None:
    song = replace(session(tmp_path), tempo_map=())
    made = there_and_back(song, plain_plan(), tmp_path)
    assert made.session.tempo_map == ()
    assert any("120 bpm" in loss.what for loss in made.losses)


def test_a_ride_drawn_by_hand_stays_where_nobody_moved_it(tmp_path: Path) -> None:
    """Hundreds of points, more than a plan holds and finer than it keeps."""
    export_session(session(tmp_path), plain_plan(), tmp_path / "song.dawproject", "dawproject")
    xml = project_xml(tmp_path / "song.dawproject").decode()
    with zipfile.ZipFile(tmp_path / "song.dawproject") as archive:
        members = {n: archive.read(n) for n in archive.namelist() if n != "project.xml"}
    at = xml.index("<RealPoint", xml.index("<Lanes"))
    steps = np.cumsum(np.random.default_rng(1).normal(0.0, 0.6, 500))
    rows = (
        f'<RealPoint time="{k * 0.001:.4f}" value="{10 ** (v / 20):.8f}" interpolation="linear"/>'
        for k, v in enumerate(steps)
    )
    packed(tmp_path / "dense.dawproject", xml[:at] + "".join(rows) + xml[at:], members)
    made = import_project(tmp_path / "dense.dawproject", tmp_path / "dense")
    export_session(made.session, made.plan, tmp_path / "again.dawproject", "dawproject")
    assert (tmp_path / "again.dawproject").read_bytes() == (tmp_path / "dense.dawproject").read_bytes()


@pytest.mark.parametrize("control", ["Mute", "Pan"])
def test_what_a_group_has_and_a_bus_has_not_stays(tmp_path: Path, control: str) -> None:
    export_session(session(tmp_path), plain_plan(), tmp_path / "song.dawproject", "dawproject")
    root = ElementTree.fromstring(project_xml(tmp_path / "song.dawproject"))
    group = next(t for t in root.iter("Track") if t.get("name") == "Drums")
    found = group.find(f"Channel/{control}")
    assert found is not None
    found.set("value", "true" if control == "Mute" else "0.7")
    with zipfile.ZipFile(tmp_path / "song.dawproject") as archive:
        members = {n: archive.read(n) for n in archive.namelist() if n != "project.xml"}
    packed(tmp_path / "x.dawproject", ElementTree.tostring(root, "unicode"), members)
    made = import_project(tmp_path / "x.dawproject", tmp_path / "x")
    export_session(made.session, made.plan, tmp_path / "again.dawproject", "dawproject")
    assert (tmp_path / "again.dawproject").read_bytes() == (tmp_path / "x.dawproject").read_bytes()
