"""Projects with something wrong in them: said in the project's own words, and nothing left behind."""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from interop.test_all_or_nothing import names
from mixes import RATE, noise
from smartmix.cli.main import app
from smartmix.errors import InteropError, OutputExistsError
from smartmix.interop.to_session import Imported, import_project
from smartmix.session.session import Session

SONG = """<REAPER_PROJECT 0.1 "7.0"
  SAMPLERATE 48000 1 0
  TEMPO 100 4 4
%s>
"""
TRACK = """  <TRACK
    NAME %s
    VOLPAN 1 0 -1 -1 1
    MUTESOLO 0 0 0
    <ITEM
      POSITION 0
      LENGTH 1
      <SOURCE WAVE
        FILE %s
      >
    >
  >
"""


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Two tracks with a second of noise each."""
    for name in ("a.wav", "b.wav"):
        soundfile.write(tmp_path / name, noise(1, RATE, 3)[0], RATE, subtype="FLOAT")
    rows = TRACK % ("Drums", "a.wav") + TRACK % ("Bass", "b.wav")
    (tmp_path / "song.rpp").write_text(SONG % rows)
    return tmp_path / "song.rpp"


def edited(song: Path, edit: Callable[[bytes], bytes]) -> Imported:
    song.write_bytes(edit(song.read_bytes()))
    return import_project(song, song.parent / "back")


def said(made: Imported) -> list[str]:
    return [str(loss) for loss in made.losses if "120 bpm" not in str(loss)]


def test_a_file_that_is_damaged_is_said_and_the_rest_comes(song: Path) -> None:
    (song.parent / "b.wav").write_bytes(b"RIFF....WAVE nothing")
    made = import_project(song, song.parent / "back")
    damaged, left_out = said(made)
    assert damaged.startswith("Bass: b.wav: cannot be read as a sound file")
    assert damaged.endswith("; its clips are silent")
    assert left_out == "Bass: no sound on it; left out; it is kept for the way back"
    assert [t.name for t in made.session.tracks] == ["Drums"]


def test_more_than_two_channels_are_said(song: Path) -> None:
    six = np.stack([noise(1, RATE, k)[0] for k in range(6)], axis=1)
    soundfile.write(song.parent / "b.wav", six, RATE, subtype="FLOAT")
    made = import_project(song, song.parent / "back")
    assert said(made) == ["Bass: b.wav has 6 channels; its first two are heard"]
    heard, _ = soundfile.read(made.session.tracks[1].path, dtype="float32")
    assert np.array_equal(heard, six[:, :2])


def test_without_any_file_the_missing_ones_are_named(song: Path) -> None:
    for name in ("a.wav", "b.wav"):
        (song.parent / name).unlink()
    with pytest.raises(
        InteropError, match=r"no track has sound here: a\.wav: the sound file is not there; b\.wav"
    ):
        import_project(song, song.parent / "back")
    assert [p.name for p in song.parent.iterdir()] == ["song.rpp"]


def test_a_dry_run_counts_what_would_sound(song: Path) -> None:
    (song.parent / "b.wav").unlink()
    words = ["import", str(song), "-o", str(song.parent / "back"), "--dry-run"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0
    assert "song: 1 track with sound" in result.output
    assert "b.wav: the sound file is not there" in result.output
    data = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert len(data["tracks"]) == 2
    assert sorted(p.name for p in song.parent.iterdir()) == ["a.wav", "song.rpp"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b'"Stra\xdfe"', "Straße"),
        (b'"caf\xe9 \x93x\x94"', "café “x”"),
        ("Straße".encode(), "Straße"),
        (b'"a\x01b\x7f"', "a b "),
        (b"x" * 10_000_000, "x" * 199 + "…"),
    ],
    ids=["latin-1", "windows", "utf-8", "control", "10 MB"],
)
def test_names_of_any_bytes_are_taken(song: Path, name: bytes, shown: str) -> None:
    made = edited(song, lambda data: data.replace(b"Drums", name))
    assert made.session.tracks[0].name == shown
    assert Session.open(song.parent / "back").tracks[0].name == shown
    from smartmix.interop.export import export_session

    export_session(made.session, made.plan, song.parent / "again.rpp", "rpp")
    assert (song.parent / "again.rpp").read_bytes() == song.read_bytes()


def test_a_byte_order_mark_is_no_harm(song: Path) -> None:
    made = edited(song, lambda data: b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n"))
    assert len(made.session.tracks) == 2
    from smartmix.interop.export import export_session

    export_session(made.session, made.plan, song.parent / "again.rpp", "rpp")
    assert (song.parent / "again.rpp").read_bytes() == song.read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "loss"),
    [
        (
            b"MUTESOLO 0 0 0",
            b"MUTESOLO 0 2 0",
            "Drums: it is soloed in the DAW; the others are heard here too",
        ),
        (b"VOLPAN 1 0 ", b"VOLPAN 1 3.5 ", "Drums: a pan of 3.5; REAPER has -1 to 1: held at the end"),
        (
            b"VOLPAN 1 0 ",
            b"VOLPAN -1 0 ",
            "Drums: a fader gain of -1; heard as silence: none is below 0",
        ),
        (b"VOLPAN 1 0 ", b"VOLPAN 1000000 0 ", "Drums: its fader at +120.0 dB; held at +24 dB"),
        (b"TEMPO", b"PLAYRATE 0.5 0 0.25 4\n  TEMPO", "project: a playback rate of 0.5; heard at 1"),
        (
            b"VOLPAN 1 0 ",
            b"GROUP_FLAGS 0 0 1\n    VOLPAN 1 0 ",
            "project: groups of tracks (Drums); a VCA's fader among them is not heard here; kept for the way back",
        ),
        (b"SAMPLERATE 48000", b"SAMPLERATE 0", "project: a sample rate of 0 Hz; taken as 48000 Hz"),
    ],
    ids=["solo", "pan", "below 0", "fader", "playback rate", "groups", "rate"],
)
def test_what_is_heard_otherwise_is_said(song: Path, old: bytes, new: bytes, loss: str) -> None:
    made = edited(song, lambda data: data.replace(old, new, 1))
    assert loss in said(made)
    from smartmix.interop.export import export_session

    export_session(made.session, made.plan, song.parent / "again.rpp", "rpp")
    assert (song.parent / "again.rpp").read_bytes() == song.read_bytes()


def test_what_no_song_has_leaves_nothing_behind(song: Path) -> None:
    before = sorted(song.parent.iterdir())
    with pytest.raises(InteropError, match=r"song\.rpp.*VOLPAN"):
        edited(song, lambda data: data.replace(b"VOLPAN 1 0 ", b"VOLPAN nan 0 ", 1))
    assert sorted(song.parent.iterdir()) == before


def digests(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_import_never_writes_over_the_projects_own_files(song: Path) -> None:
    folder = song.parent
    (folder / "elsewhere").mkdir()
    moved = folder / "elsewhere" / "song.rpp"
    moved.write_text(song.read_text().replace("FILE ", "FILE ../").replace("Drums", "a"))
    before = digests(folder)
    for file, into in ((song, folder), (moved, folder)):
        with pytest.raises(OutputExistsError, match=r"own folder|a\.wav: is a recording of the project"):
            import_project(file, into, force=True)
        assert digests(folder) == before


@pytest.mark.parametrize("to", ["rpp", "dawproject"])
def test_an_export_never_writes_over_the_sessions_own_files(tmp_path: Path, to: str) -> None:
    from interop.scenes import session
    from mixes import move_of, plan_of
    from smartmix.interop.export import export_session

    folder = tmp_path / "song audio"
    folder.mkdir()
    turned = plan_of(move_of("turn", {"vox/input/polarity": "inverted"}))
    song = session(folder)
    before = digests(tmp_path)
    if to == "rpp":
        with pytest.raises(InteropError, match=r"song audio: holds recordings of the session"):
            export_session(song, turned, tmp_path / f"song.{to}", to, force=True)
    else:  # its sounds lie inside it
        export_session(song, turned, tmp_path / f"song.{to}", to)
        (tmp_path / f"song.{to}").unlink()
    assert digests(tmp_path) == before
    export_session(song, turned, tmp_path / f"mine.{to}", to)
    assert {k: v for k, v in digests(tmp_path).items() if k in before} == before


@pytest.mark.parametrize(
    ("said", "there"),
    [
        (r"C:\Users\Bob\Proj\Media\x.wav", "Media/x.wav"),
        ("/Volumes/Work/Song/Audio Files/x.wav", "Audio Files/x.wav"),
        (r"..\x.wav", "x.wav"),
        (r"..\..\Media\x.wav", "Media/x.wav"),
        ("gone/x.wav", "audio/x.wav"),
    ],
)
def test_a_file_is_found_by_the_end_of_its_path(song: Path, said: str, there: str) -> None:
    target = song.parent / there
    target.parent.mkdir(exist_ok=True)
    (song.parent / "b.wav").rename(target)
    made = edited(song, lambda data: data.replace(b"FILE b.wav", f'FILE "{said}"'.encode()))
    elsewhere = f"project: not where the project says: {said} (heard: {there}); check that it is the one"
    assert [str(loss) for loss in made.losses] == [elsewhere]
    assert len(made.session.tracks) == 2


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ("./b.wav", "b.wav"),
        (r".\B.WAV", "b.wav"),
        ("Media/Bäss.wav", unicodedata.normalize("NFD", "media/BÄSS.wav")),
    ],
)
def test_case_and_the_spelling_of_accents_are_no_other_name(song: Path, said: str, there: str) -> None:
    target = song.parent / there
    target.parent.mkdir(exist_ok=True)
    (song.parent / "b.wav").rename(target)
    made = edited(song, lambda data: data.replace(b"FILE b.wav", f'FILE "{said}"'.encode()))
    assert not made.losses
    assert len(made.session.tracks) == 2


def test_names_that_differ_by_case_are_told_apart(song: Path) -> None:
    soundfile.write(song.parent / "A.wav", noise(1, RATE, 4)[0], RATE, subtype="FLOAT")
    made = edited(song, lambda data: data.replace(b"FILE b.wav", b"FILE A.wav"))
    assert not made.losses
    tracks = {t.name: soundfile.read(t.path)[0] for t in made.session.tracks}
    assert not np.array_equal(tracks["Drums"], tracks["Bass"])


def test_one_file_named_in_two_ways_is_one(song: Path) -> None:
    made = edited(song, lambda data: data.replace(b"FILE b.wav", b"FILE ./a.wav", 1))
    assert not made.losses
    path = f'FILE "{song.parent / "a.wav"}"'.encode()
    song.write_bytes(song.read_bytes().replace(b"FILE ./a.wav", path))
    assert not import_project(song, song.parent / "again").losses


def test_one_file_for_two_is_said(song: Path) -> None:
    made = edited(
        song,
        lambda data: data.replace(b"FILE a.wav", rb"FILE D:\A\b.wav").replace(
            b"FILE b.wav", rb"FILE D:\B\b.wav"
        ),
    )
    both = r"D:\A\b.wav (heard: b.wav), D:\B\b.wav (heard: b.wav)"
    assert said(made) == [
        f"project: not where the project says: {both}; check that they are the ones",
        r"project: D:\B\b.wav: b.wav is heard, as for D:\A\b.wav; check which it is",
    ]


def test_an_item_past_the_end_of_its_file_is_no_track(song: Path) -> None:
    made = edited(song, lambda data: data.replace(b"LENGTH 1\n", b"LENGTH 1\n      SOFFS 20\n", 1))
    assert [track.name for track in made.session.tracks] == ["Bass"]
    assert "Drums: no sound on it; left out; it is kept for the way back" in said(made)


@pytest.mark.parametrize("dry", [False, True])
def test_a_clip_too_far_in_for_the_disk_is_refused_before_anything_is_written(
    song: Path, monkeypatch: pytest.MonkeyPatch, *, dry: bool
) -> None:
    far = song.read_bytes().replace(b"POSITION 0", b"POSITION 80000")
    song.write_bytes(far)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10 << 30))
    args = ["import", str(song), "-o", str(song.parent / "back"), *(["--dry-run"] if dry else [])]
    before = names(song.parent)
    done = CliRunner().invoke(app, args)
    assert done.exit_code != 0
    assert "would take 61.4 GB, and 10.2 GB are free" in " ".join(done.output.split())
    assert "Drums, at 22:13:21" in " ".join(done.output.split())
    assert names(song.parent) == before


def test_a_forgotten_clip_that_would_write_gigabytes_is_refused(song: Path) -> None:
    with pytest.raises(InteropError, match=r"Drums: a clip at 10:00:00, .* would take 20\.7 GB; take it out"):
        edited(song, lambda data: data.replace(b"POSITION 0", b"POSITION 36000", 1))
    assert not (song.parent / "back").exists()


def test_a_forgotten_clip_is_named(song: Path) -> None:
    made = edited(song, lambda data: data.replace(b"POSITION 0", b"POSITION 700", 1))
    assert "Drums: a clip at 11:40, 11:39 behind everything in front of it" in "\n".join(said(made))
    assert made.session.duration_s == pytest.approx(701.0)


def test_late_errors_name_the_project_too(song: Path) -> None:
    with pytest.raises(InteropError, match=r"song\.rpp: .*expected within 24 hours"):
        edited(song, lambda data: data.replace(b"POSITION 0", b"POSITION 1e9", 1))
