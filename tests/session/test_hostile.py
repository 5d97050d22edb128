"""Folders and session files as hostile data: nothing escapes, nothing hangs, everything is one clear line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import soundfile

from smartmix.audio import io
from smartmix.errors import AudioError, SessionError
from smartmix.session import folder as folder_module
from smartmix.session.findings import Notices, plain_name
from smartmix.session.folder import list_folder
from smartmix.session.storage import open_session, save_session


def told(folder: Path, text: str) -> Path:
    (folder / "session.toml").write_text("format = 1\n" + text, encoding="utf-8")
    return folder


def test_a_path_that_leads_out_is_used_only_as_sound_and_said(tmp_path, sound) -> None:
    song = tmp_path / "song"
    sound(song / "kick.wav")
    sound(tmp_path / "other" / "snare.wav")
    for name in ("../other/snare.wav", str(tmp_path / "other" / "snare.wav")):
        session = open_session(told(song, f"[[track]]\nfile = '{name}'\n"))
        assert [t.name for t in session.tracks] == ["snare", "kick"]
        assert "snare.wav comes from outside the session's folder" in session.notices
    for name in ("../../../../../../etc/passwd", "/etc/hostname"):
        session = open_session(told(song, f"[[track]]\nfile = '{name}'\n"))
        assert [t.name for t in session.tracks] == ["kick"], "a text file is no track"


def test_a_link_out_of_the_folder_is_not_followed_even_when_named(tmp_path, sound) -> None:
    song = tmp_path / "song"
    sound(song / "kick.wav")
    (song / "snare.wav").symlink_to(sound(tmp_path / "other" / "snare.wav"))
    (song / "Loops").symlink_to(tmp_path / "other", target_is_directory=True)
    session = open_session(song)
    assert [t.name for t in session.tracks] == ["kick"]
    assert "links that lead out of the folder are not followed: Loops, snare.wav" in session.notices
    session = open_session(told(song, "[[track]]\nfile = 'snare.wav'\n"))
    assert [t.name for t in session.tracks] == ["kick"]
    assert any("snare.wav is set aside: is a link that leads out" in n for n in session.notices)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[track]]\nfile = '" + "x" * 1000 + ".wav'", "cannot be a file name|no such file"),
        ('[[track]]\nfile = "a\\u0000b.wav"', "cannot be a file name|no such file"),
        (
            "[[track]]\nfile = 'kick.wav'\nplayed_at_hz = 10000000000",
            "played_at_hz = 10000000000: expected 8000",
        ),
        ("[[track]]\nfile = 'kick.wav'\noffset_s = 1e300", "offset_s = 1e\\+300: expected 0 to 86400 s"),
        ("[[track]]\nfile = 'kick.wav'\nright_file = 'gone.wav'", "right_file = 'gone.wav': no such file"),
        ("[[track]]\nfile = 'kick.wav'\nright_file = 'kick.wav'", "is there twice"),
        (
            "[[track]]\nfile = 'kick.wav'\nright_file = 'stereo.wav'",
            "expected two mono files of one sample rate",
        ),
        ("[[track]]\nfile = 'kick.wav'\nid = 'bus-drums'", "belongs to smartmix"),
        ("[[track]]\nfile = 'kick.wav'\nid = 'mix'", "belongs to smartmix"),
        ("[[track]]\nfile = 'kick.wav'\nid = 'return-reverb'", "belongs to smartmix"),
        ("[[track]]\nfile = 'kick.wav'\n[track.eq]\nx = 1", "unknown key 'eq'"),
        ("[[track]]\nfile = 'kick.wav'\n" * 2, "is there twice"),
        ("[[track]]\nfile = 'kick.wav'\n" * 1025, "at most 1024 \\[\\[track\\]\\] entries"),
        ("a = " + "[" * 5000, "nested too deeply|not valid TOML"),
        ("sample_rate = " + "9" * 4000, "sample_rate = "),
    ],
    ids=lambda v: v[:40],
)
def test_hostile_session_files_are_refused_in_one_line(tmp_path, sound, text: str, message: str) -> None:
    sound(tmp_path / "kick.wav")
    sound(tmp_path / "stereo.wav", channels=2)
    with pytest.raises(SessionError, match=message) as caught:
        open_session(told(tmp_path, text))
    assert "\n" not in str(caught.value)


ODD = ["-rf.wav", "--help.wav", "a\nb.wav", "\u202eevil.wav", "🥁🔥.wav", "x" * 250 + ".wav", " .wav", "%s%n.wav",
       "con.wav", "'; drop.wav", "é.wav", "e\u0301.wav", "1" * 200 + ".wav", "&lt;b&gt;.wav"]  # fmt: skip


def test_odd_names_are_tracks_like_any_other(tmp_path, sound) -> None:
    for name in ODD:
        sound(tmp_path / name)
    session = open_session(tmp_path)
    assert len(session.tracks) == len(ODD)
    assert len({t.id for t in session.tracks}) == len(ODD)
    for track in session.tracks:
        assert 0 < len(track.id) <= 64 and track.id.isprintable()
        assert track.name.isprintable() and len(track.name) <= 80
    assert all("\n" not in n and "\u202e" not in n for n in session.notices)
    again = open_session(save_session(session, tmp_path))
    assert [t.path.name for t in again.tracks] == [t.path.name for t in session.tracks]


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_names_that_are_not_text(tmp_path, sound) -> None:
    path = sound(tmp_path / "kick.wav")
    os.rename(path, os.path.join(os.fsencode(tmp_path), b"k\xffck.wav"))  # noqa: PTH104, PTH118
    session = open_session(tmp_path)
    assert session.tracks[0].name == "k\ufffdck"
    assert "".join(session.notices).isprintable()
    assert len(io.read(session.tracks[0].path).samples[0]) == 4_800


def test_a_folder_that_is_no_song(tmp_path, sound, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "MOST_FILES", 5)
    monkeypatch.setattr(folder_module, "MOST_ENTRIES", 20)
    for number in range(6):
        sound(tmp_path / f"{number}.wav")
    with pytest.raises(SessionError, match="more than 5 sound files; expected the folder of one song"):
        open_session(tmp_path)
    for number in range(20):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(SessionError, match="more than 20 files inside"):
        open_session(tmp_path)


def test_an_album_is_not_one_song(tmp_path, sound) -> None:
    for song in ("one", "two"):
        sound(tmp_path / song / "kick.wav")
        sound(tmp_path / song / "rough.wav")
    with pytest.raises(SessionError, match=r"holds several songs \(one, two\); open one of these folders"):
        open_session(tmp_path)


def test_folders_within_folders(tmp_path, sound) -> None:
    deep = tmp_path
    for level in range(12):
        deep = deep / f"d{level}"
        sound(deep / f"part {level}.wav")
    (deep / "round").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "also.wav").symlink_to(tmp_path / "d0" / "part 0.wav")
    sound(tmp_path / "Other Song" / "bass.wav")
    (tmp_path / "Other Song" / "session.toml").write_text("format = 1\n")
    sound(tmp_path / "out" / "mix.wav")
    (tmp_path / "out" / "plan.toml").write_text("format = 1\n")
    notices = Notices()
    listing = list_folder(tmp_path, notices)
    assert len(listing.files) == 8, "each file once, the ones too deep not at all"
    said = "\n".join(notices.lines)
    assert "folders more than 8 deep are not read: d0/d1" in said
    assert "sessions of their own are not read: Other Song" in said
    assert "folders that smartmix has written are not read: out" in said


def test_devices_and_pipes_are_no_tracks(tmp_path, sound) -> None:
    sound(tmp_path / "kick.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "zero.wav").symlink_to("/dev/zero")
    assert [t.name for t in open_session(tmp_path).tracks] == ["kick"]


def test_a_file_replaced_while_reading_is_said(tmp_path, sound, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sound(tmp_path / "kick.wav", 1.0)
    blocks = io.stream(path, block_frames=1000)
    sound(path, 0.5, channels=2)
    with pytest.raises(AudioError, match=r"kick\.wav: has changed while it was being read"):
        list(blocks)
    whole = sound(path, 1.0)
    data = whole.read_bytes()
    blocks = io.stream(path, block_frames=1000)
    next(blocks)
    path.write_bytes(data[:2000])
    with pytest.raises(AudioError, match=r"kick\.wav: (the data ends early|damaged|.*changed)"):
        list(blocks)


def test_a_file_that_is_damaged_inside_is_set_aside(tmp_path, sound) -> None:
    sound(tmp_path / "kick.wav")
    path = sound(tmp_path / "snare.flac", 4.0)
    data = bytearray(path.read_bytes())
    data[len(data) // 4 : len(data) * 3 // 4] = bytes(len(data) // 2)
    path.write_bytes(data)
    session = open_session(tmp_path)
    assert [t.name for t in session.tracks] == ["kick"]
    assert session.unusable == ("snare.flac",)


def test_a_header_that_promises_years(tmp_path, sound) -> None:
    sound(tmp_path / "kick.wav")
    soundfile.write(tmp_path / "long.wav", [0.0] * 9000, 8000, subtype="PCM_U8")
    data = bytearray((tmp_path / "long.wav").read_bytes())
    at = data.index(b"data") + 4
    data[at : at + 4] = (0x7FFFFFF0).to_bytes(4, "little")
    (tmp_path / "long.wav").write_bytes(data)
    session = open_session(tmp_path)
    assert session.duration_s < 2.0


def test_plain_names() -> None:
    assert plain_name("a\tb\nc\u2028d") == "a b c d"
    assert plain_name("x" * 300).endswith("…") and len(plain_name("x" * 300)) == 80
    assert plain_name("\udcff\u202e\x1b[31m") == "\ufffd\ufffd\ufffd[31m"
