"""What is written: valid by the schema, every reference found, and the same bytes as the golden file."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile

from interop.scenes import lossy_plan, plain_plan, project_xml, session
from smartmix.errors import InteropError, OutputExistsError
from smartmix.interop.dawproject.document import project_xml as xml_of
from smartmix.interop.dawproject.write import media_of, states_of, written_by
from smartmix.interop.export import export_session
from smartmix.interop.formats import FORMATS
from smartmix.interop.from_plan import hand_over
from smartmix.interop.model import (
    Clip,
    Compressor,
    Control,
    EqBand,
    Equalizer,
    Marker,
    Plugin,
    PluginParameter,
    Project,
    Send,
    Tempo,
    Track,
)
from smartmix.parameter import Breakpoint

GOLDEN = Path(__file__).parent.parent / "golden" / "project_v1.xml"


def everything() -> Project:
    """A project with one of each thing the writer knows."""
    ride = Control(-6.0, (Breakpoint(0.0, -6.0), Breakpoint(2.0, 0.0), Breakpoint(3.0, -120.0, "hold")))
    sweep = Control(100.0, (Breakpoint(0.0, 100.0), Breakpoint(1.0, 400.0)))
    bands = (
        EqBand("high_pass", Control(80.0), slope_db_oct=24.0),
        EqBand("bell", sweep, Control(-2.5), Control(1.4)),
        EqBand("notch", Control(50.0), q=Control(10.0), enabled=False),
    )
    squeeze = Compressor(
        Control(-20.0), Control(2.0), Control(10.0), Control(120.0), Control(3.0), Control(6.0)
    )
    knob = PluginParameter(
        0xF000_0001, 3, "Boost", Control(0.5, (Breakpoint(0.0, 0.5), Breakpoint(1.0, 0.75)))
    )
    plugin = Plugin(
        "Some EQ", "0123456789ABCDEF0123456789ABCDEF", "Maker", "1.2", preset=b"VST3", parameters=(knob,)
    )
    clip = Clip(
        0.5,
        2.0,
        Path("Vox & Co.wav"),
        start_s=0.25,
        name="take <1>",
        sample_rate=48_000,
        channels=1,
        frames=144_000,
    )
    tracks = (
        Track("voices", "Voices", "group", volume=Control(1.0)),
        Track(
            "vox",
            "Vox \x01“lead”",
            parent="voices",
            clips=(clip,),
            trim=Control(-3.0),
            devices=(Equalizer(bands), squeeze, plugin),
            volume=ride,
            pan=Control(-0.5, (Breakpoint(0.0, -0.5), Breakpoint(1.0, 0.5))),
            sends=(Send("hall", Control(-12.0)),),
            comment="Because.\nAnd because.",
            channels=1,
        ),
        Track("hall", "Hall", "return", muted=True),
        Track("master", "Master", "master"),
    )
    tempo = (Tempo(0.0, 112.0), Tempo(2.0, 96.5, 3, 4))
    return Project(
        "All & <everything>", 48_000, 3.0, tracks, tempo, (Marker(1.0, "verse", "why"),), "a comment"
    )


def golden_bytes() -> bytes:
    project = everything()
    media = media_of(project, Path("x.dawproject"), "none")
    return xml_of(project, media, {base: name for base, (name, _) in states_of(project).items()}, "1")


def test_the_document_is_the_golden_one() -> None:
    assert golden_bytes().decode() == GOLDEN.read_text(encoding="utf-8")


def check_xsd(xml: bytes, schemas: Path) -> None:
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(str(schemas / "Project.xsd")))
    schema.assertValid(etree.fromstring(xml))


def check_references(xml: bytes, schemas: Path) -> None:
    import xmlschema

    xmlschema.XMLSchema(str(schemas / "Project.xsd")).validate(io.StringIO(xml.decode()))


def dangling(xml: bytes) -> set[str]:
    """References to nothing, and ids that are there twice: the check where no schema is at hand."""
    root = ElementTree.fromstring(xml)
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    wanted = {e.get(a) for e in root.iter() for a in ("destination", "track", "parameter", "reference")} - {
        None
    }
    return {str(x) for x in wanted - set(ids)} | {str(i) for i in ids if ids.count(i) > 1}


@pytest.mark.parametrize("plan", [plain_plan(), lossy_plan()], ids=["plain", "lossy"])
def test_an_export_is_valid_and_every_reference_is_found(tmp_path: Path, schemas: Path, plan) -> None:
    out = tmp_path / "song.dawproject"
    export_session(session(tmp_path), plan, out, "dawproject")
    xml = project_xml(out)
    check_xsd(xml, schemas)
    check_references(xml, schemas)
    assert not dangling(xml)
    from lxml import etree

    with zipfile.ZipFile(out) as archive:
        meta = etree.fromstring(archive.read("metadata.xml"))
    etree.XMLSchema(etree.parse(str(schemas / "MetaData.xsd"))).assertValid(meta)


def test_the_golden_document_is_valid_and_planted_faults_are_seen(schemas: Path) -> None:
    xml = golden_bytes()
    check_xsd(xml, schemas)
    check_references(xml, schemas)
    swapped = xml.replace(
        b'<Mute id="vox.mute"', b'<Volume id="x" unit="linear" value="1"/><Mute id="vox.mute"'
    )
    with pytest.raises(Exception, match="Mute"):
        check_xsd(swapped, schemas)
    lost = xml.replace(b'parameter="vox.volume"', b'parameter="vox.volum"')
    assert dangling(lost) == {"vox.volum"}
    with pytest.raises(Exception, match=r"vox\.volum"):
        check_references(lost, schemas)


def test_the_archive_is_stored_and_holds_the_original_files(tmp_path: Path) -> None:
    song = session(tmp_path)
    out = tmp_path / "song.dawproject"
    export_session(song, plain_plan(), out, "dawproject")
    with zipfile.ZipFile(out) as archive:
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert archive.read("audio/vox.wav") == song.track("vox").path.read_bytes()
    again = tmp_path / "again.dawproject"
    export_session(song, plain_plan(), again, "dawproject")
    assert out.read_bytes() == again.read_bytes()
    with pytest.raises(OutputExistsError):
        export_session(song, plain_plan(), out, "dawproject")


@pytest.mark.parametrize("audio", ["link", "none"])
def test_linked_and_named_files_are_not_copied(tmp_path: Path, audio) -> None:
    out = tmp_path / "song.dawproject"
    export_session(session(tmp_path), plain_plan(), out, "dawproject", audio=audio)
    files = list(ElementTree.fromstring(project_xml(out)).iter("File"))
    assert {e.get("external") for e in files} == {"true"}
    assert {e.get("path") for e in files} >= {"vox.wav" if audio == "link" else "audio/vox.wav"}
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist() == ["metadata.xml", "project.xml"]


def test_every_move_is_told_where_it_works(tmp_path: Path) -> None:
    project = hand_over(session(tmp_path), plain_plan(), FORMATS["dawproject"].carries).project
    assert project.track("vox").comment.count("\n") == 2
    assert "310 Hz" in project.track("vox").comment
    assert "group ride the fader" in project.track("drums").comment


def test_levels_along_the_groups_are_those_of_the_mix(tmp_path: Path) -> None:
    """Fader and groups of a track together are the fader that smartmix compiles, where it has one fader for all."""
    from smartmix.automation import compile_plan
    from smartmix.interop.lanes import added

    song, plan = session(tmp_path), plain_plan()
    project = hand_over(song, plan, FORMATS["dawproject"].carries).project
    at = np.linspace(0.0, 3.0, 997)

    def values(control: Control) -> np.ndarray:
        if not control.points:
            return np.full(len(at), control.value)
        return np.interp(at, [p.time_s for p in control.points], [p.value for p in control.points])

    for strip in compile_plan(song, plan).strips:
        track, levels = project.track(strip.track_id), []
        while track is not None:
            levels.append(track.volume)
            track = project.track(track.parent) if track.parent else None
        lane = strip.lanes.get("fader.gain_db")
        expected = (
            np.zeros(len(at)) if lane is None else np.interp(at, lane.frames / song.sample_rate, lane.values)
        )
        assert np.abs(values(added(*levels)) - expected).max() < 0.051, strip.track_id


def test_a_send_follows_the_groups_above_its_track(tmp_path: Path) -> None:
    song = session(tmp_path)
    project = hand_over(song, lossy_plan(), FORMATS["dawproject"].carries).project
    (send,) = project.track("snare").sends
    assert send.level.value == pytest.approx(-9.0 - 2.0 - 3.0 + 1.5)
    (send,) = project.track("vox").sends
    assert send.level.value == pytest.approx(-12.0)


def test_what_cannot_be_said_is_printed_and_told(tmp_path: Path) -> None:
    song, out = session(tmp_path), tmp_path / "song.dawproject"
    made = export_session(song, lossy_plan(), out, "dawproject")
    assert set(made.printed) == {"pad", "return-reverb"}
    told = "\n".join(str(loss) for loss in made.losses)
    for word in ("polarity inverted", "stereo width", "own reverb", "where sections end"):
        assert word in told
    with zipfile.ZipFile(out) as archive:
        samples, _ = soundfile.read(io.BytesIO(archive.read("audio/kick.wav")), dtype="float32")
    original, _ = soundfile.read(song.track("kick").path, dtype="float32")
    assert np.array_equal(samples, -original)


def test_errors_name_what_is_wrong(tmp_path: Path) -> None:
    song = session(tmp_path)
    with pytest.raises(InteropError, match="expected one of"):
        export_session(song, plain_plan(), tmp_path / "x.als", "ableton")
    with pytest.raises(InteropError, match=r"ends in \.dawproject"):
        export_session(song, plain_plan(), tmp_path / "x.zip", "dawproject")
    song.track("vox").path.unlink()
    with pytest.raises(Exception, match=r"vox\.wav"):
        export_session(song, plain_plan(), tmp_path / "x.dawproject", "dawproject")
    assert not list(tmp_path.glob("*.dawproject"))
    assert written_by()


if __name__ == "__main__":
    GOLDEN.write_bytes(golden_bytes())
