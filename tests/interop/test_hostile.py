"""Files whose sender means harm: refused in one line, and nothing is written."""

from __future__ import annotations

import io
import stat
import struct
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from interop.scenes import packed
from smartmix.errors import InteropError
from smartmix.interop.dawproject import read
from smartmix.interop.dawproject.archive import MOST_MEMBERS, is_inside
from smartmix.interop.to_session import import_project

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
EMPTY = f'{HEAD}<Project version="1.0"><Application name="x" version="1"/></Project>'


def with_clip(path: str, *, external: bool = False, more: str = "") -> str:
    out = ' external="true"' if external else ""
    return (
        f'{HEAD}<Project version="1.0"><Application name="x" version="1"/><Structure>'
        '<Track id="t" name="T" contentType="audio"><Channel id="c" role="regular"/></Track></Structure>'
        f'<Arrangement id="a"><Lanes id="l" timeUnit="seconds"><Lanes id="m" track="t">{more}<Clips id="k">'
        '<Clip time="0" duration="1" contentTimeUnit="seconds"><Audio id="u" sampleRate="48000" channels="1" '
        f'duration="1"><File path="{path}"{out}/></Audio></Clip></Clips></Lanes></Lanes></Arrangement></Project>'
    )


def sound() -> bytes:
    data = io.BytesIO()
    soundfile.write(data, np.full(48_000, 0.25), 48_000, format="WAV")
    return data.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "../evil.wav",
        "/etc/evil.wav",
        "a/../../evil.wav",
        "..\\evil.wav",
        "C:\\evil.wav",
        "C:evil.wav",
        "\\\\host\\x",
    ],
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    assert not is_inside(name)
    with pytest.raises(InteropError, match="leads out"):
        read(packed(tmp_path / "x.dawproject", EMPTY, {name: b"x"}))


def test_honest_names_are_not() -> None:
    assert all(map(is_inside, ("project.xml", "audio/Vox..wav", "audio/..hidden", "a/b/c d.wav")))


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "x.dawproject", EMPTY)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("audio/x.wav")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InteropError, match="a link or device"):
        read(path)


def test_a_member_twice_an_encrypted_one_and_too_many_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "twice.dawproject", EMPTY)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("project.xml", EMPTY)
    with pytest.raises(InteropError, match="twice"):
        read(path)
    data = bytearray(packed(tmp_path / "plain.dawproject", EMPTY).read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    (tmp_path / "locked.dawproject").write_bytes(data)
    with pytest.raises(InteropError, match="encrypted"):
        read(tmp_path / "locked.dawproject")
    many = {f"x{k}": b"" for k in range(MOST_MEMBERS + 1)}
    with pytest.raises(InteropError, match="members"):
        read(packed(tmp_path / "many.dawproject", EMPTY, many))


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "x.dawproject"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.xml", EMPTY + " " * (64 << 20))
    with pytest.raises(InteropError, match="from next to nothing"):
        read(path)


def test_a_silent_track_is_no_bomb(tmp_path: Path) -> None:
    silence = io.BytesIO()
    soundfile.write(silence, np.zeros(2_000_000), 48_000, format="WAV")
    path = tmp_path / "x.dawproject"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.xml", with_clip("audio/a.wav"))
        archive.writestr("audio/a.wav", silence.getvalue())
        assert archive.getinfo("audio/a.wav").file_size > 200 * archive.getinfo("audio/a.wav").compress_size
    assert len(read(path).track("t").clips) == 1
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("audio/b.bin", silence.getvalue())
    with pytest.raises(InteropError, match="from next to nothing"):
        read(path)


def test_a_member_larger_than_it_claims_is_stopped(tmp_path: Path) -> None:
    """The directory says 100 bytes; what comes is counted, not believed."""
    path = tmp_path / "x.dawproject"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("project.xml", EMPTY + " " * (4 << 20))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 100)
    path.write_bytes(data)
    with pytest.raises(InteropError):
        read(path)


@pytest.mark.parametrize(
    "xml",
    [
        '<!DOCTYPE p [<!ENTITY a "x">]><Project version="1.0">&a;</Project>',
        '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]><Project version="1.0">&a;</Project>',
        '<!DOCTYPE p SYSTEM "http://localhost/x.dtd"><Project version="1.0"/>',
        '<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Project>&b;</Project>',
    ],
)
def test_declared_entities_are_refused(tmp_path: Path, xml: str) -> None:
    with pytest.raises(InteropError, match="refused"):
        read(packed(tmp_path / "x.dawproject", xml))


@pytest.mark.parametrize(
    ("xml", "told"),
    [
        ("<Project", "cannot be read as XML"),
        ("", "cannot be read as XML"),
        ("<Other/>", "expected <Project>"),
        ("<Project>" + "<a>" * 5_000 + "</a>" * 5_000 + "</Project>", "nested deeper"),
        (with_clip("a.wav").replace('time="0"', 'time="soon"'), "expected a number"),
        (with_clip("a.wav").replace('time="0"', 'time="nan"'), "expected a number"),
        (with_clip("a.wav").replace('duration="1" c', 'duration="inf" c'), "expected a number between"),
        (
            with_clip("a.wav").replace('duration="1" c', 'duration="9" loopEnd="0.00001" c'),
            "comes round too often",
        ),
    ],
)
def test_damaged_documents_are_told(tmp_path: Path, xml: str, told: str) -> None:
    with pytest.raises(InteropError, match=told):
        read(packed(tmp_path / "x.dawproject", xml))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no archive at all" * 100])
def test_what_is_no_archive_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.dawproject").write_bytes(data)
    with pytest.raises(InteropError, match="not a DAWproject file"):
        read(tmp_path / "x.dawproject")
    with pytest.raises(InteropError, match="no such file"):
        read(tmp_path / "nowhere.dawproject")


def test_every_cut_of_a_file_is_told_or_read(tmp_path: Path) -> None:
    whole = packed(tmp_path / "x.dawproject", with_clip("audio/a.wav"), {"audio/a.wav": sound()}).read_bytes()
    for end in range(0, len(whole), max(len(whole) // 60, 1)):
        (tmp_path / "cut.dawproject").write_bytes(whole[:end])
        with pytest.raises(InteropError):
            read(tmp_path / "cut.dawproject")


@pytest.mark.parametrize(
    ("path", "external"),
    [
        ("/etc/passwd", True),
        ("../../../../etc/passwd", True),
        ("/dev/zero", True),
        ("/dev/zero.wav", True),
        ("secret", False),
    ],
)
def test_a_clip_reaches_sound_files_only(tmp_path: Path, path: str, external: bool) -> None:
    file = packed(tmp_path / "x.dawproject", with_clip(path, external=external), {"secret": b"x"})
    with pytest.raises(InteropError, match="no track has sound"):
        import_project(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_fifo_is_not_opened(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.wav")
    begun = time.monotonic()
    with pytest.raises(InteropError, match="no track has sound"):
        import_project(
            packed(tmp_path / "x.dawproject", with_clip("pipe.wav", external=True)), tmp_path / "out"
        )
    assert time.monotonic() - begun < 60.0  # it would wait for ever


def test_names_of_tracks_lead_nowhere(tmp_path: Path) -> None:
    xml = with_clip("audio/a.wav").replace('name="T"', 'name="../../x\\..\\CON:&#10;y"')
    made = import_project(packed(tmp_path / "x.dawproject", xml, {"audio/a.wav": sound()}), tmp_path / "out")
    (track,) = made.session.tracks
    assert track.path.parent == made.folder
    assert not set('/\\:\n<>"|?*') & set(track.path.name)


def test_tracks_of_one_name_and_references_to_nothing(tmp_path: Path) -> None:
    xml = with_clip("audio/a.wav")
    more = '<Track id="t2" name="t"><Channel id="c2" destination="c2"/></Track>'
    lost = '<Points id="p"><Target parameter="nothing"/><RealPoint time="0" value="1"/></Points>'
    xml = xml.replace("</Structure>", more + "</Structure>").replace(
        '<Clips id="k">', lost + '<Clips id="k">'
    )
    made = import_project(packed(tmp_path / "x.dawproject", xml, {"audio/a.wav": sound()}), tmp_path / "out")
    assert [t.name for t in made.session.tracks] == ["T"]
