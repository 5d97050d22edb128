"""Sessions from folders and from session.toml: what is read, what is set aside and said, what is refused."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from smartmix.errors import OutputExistsError, SessionError
from smartmix.session import schema
from smartmix.session.session import Session
from smartmix.session.storage import open_session, save_session

GOLDEN = Path(__file__).parent.parent / "golden" / "session_v1.toml"
SONG_FILES = ("Kick In.wav", "snare_top.wav", "Vox_Lead_v2.wav", "click.wav", "rough.wav")
PAIR_FILES = ("OH.L.wav", "OH.R.wav")


@pytest.fixture
def song(tmp_path, sound):
    folder = tmp_path / "My Song"
    for name in SONG_FILES:
        sound(folder / name)
    return folder


@pytest.fixture
def golden_song(song, sound):
    for name in (*PAIR_FILES, "a song.wav", "earlier vox.wav"):
        sound(song / name)
    return song


def written(folder: Path, text: str) -> Path:
    path = folder / "session.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_folder(song, sound) -> None:
    sound(song / "Bass DI.flac", 0.3, channels=2)
    for hidden in (".hidden.wav", "._Kick In.wav"):
        sound(song / hidden)
    sound(song / "__MACOSX" / "kick.wav")
    (song / "notes.txt").write_text("x")
    session = Session.open(song)
    assert [t.id for t in session.tracks] == ["bass-di", "click", "kick-in", "snare-top", "vox-lead"]
    assert [t.role for t in session.tracks] == ["bass_di", "click", "kick", "snare", "lead_vocal"]
    assert [t.muted for t in session.tracks] == [False, True, False, False, False]
    assert {t.role_source for t in session.tracks} == {"name"}
    assert session.track("bass-di").channels == 2
    assert session.name == "My Song"
    assert session.sample_rate == 48_000
    assert session.duration_s == pytest.approx(0.3)
    assert session.rough and session.rough.path.name == "rough.wav"
    assert "rough.wav is taken as the rough mix, by its name" in session.notices
    assert "muted: click (click)" in session.notices
    assert not any("MACOSX" in n or "hidden" in n for n in session.notices)


def test_what_cannot_be_a_track_is_set_aside_by_name(song, sound) -> None:
    sound(song / "surround.wav", channels=6)
    sound(song / "empty.wav", 0.0)
    (song / "broken.flac").write_bytes(b"not a flac")
    sound(song / "Takes" / "kick.wav")
    session = open_session(song)
    assert len(session.tracks) == 4
    assert set(session.unusable) == {"surround.wav", "empty.wav", "broken.flac"}
    said = "\n".join(session.notices)
    assert "surround.wav is set aside: has 6 channels; tracks are mono or stereo" in said
    assert "empty.wav is set aside: is empty" in said
    assert re.search(r"broken\.flac is set aside: cannot be read as a sound file", said)
    assert str(song) not in said
    assert "folders of old or unused files are not read: Takes" in said


def test_ids_stay_unique_and_are_said(song, sound) -> None:
    sound(song / "Kick In.flac")
    sound(song / "kick_in_v2.wav")
    session = open_session(song)
    assert [t.id for t in session.tracks if t.role == "kick"] == ["kick-in", "kick-in-2", "kick-in-3"]
    assert sum("the name 'kick-in' is there already" in n for n in session.notices) == 2


def test_the_rate_is_that_of_most_seconds_and_of_two_the_higher(tmp_path, sound) -> None:
    sound(tmp_path / "a.wav", 0.1, 44_100)
    sound(tmp_path / "b.wav", 0.1, 44_100)
    sound(tmp_path / "c.wav", 0.3, 96_000)
    session = open_session(tmp_path)
    assert session.sample_rate == 96_000
    assert any("96000 Hz" in n and "a (44100 Hz), b (44100 Hz)" in n for n in session.notices)
    (tmp_path / "c.wav").unlink()
    sound(tmp_path / "c.wav", 0.2, 48_000)
    assert open_session(tmp_path).sample_rate == 48_000


def test_a_rough_mix_can_be_named(song, sound, tmp_path) -> None:
    outside = sound(tmp_path / "client.wav", 0.2)
    session = open_session(song, rough=outside)
    assert session.rough and session.rough.path == outside
    assert "rough" not in [t.id for t in session.tracks], (
        "a file named rough must not be summed in as a track"
    )
    session = open_session(song, rough="Kick In.wav")
    assert session.rough and session.rough.name == "Kick In"
    assert "kick-in" not in [t.id for t in session.tracks]
    with pytest.raises(SessionError, match=r"gone\.wav: no such rough mix"):
        open_session(song, rough="gone.wav")
    bad = sound(tmp_path / "bad.wav", channels=4)
    with pytest.raises(SessionError, match="the rough mix has 4 channels"):
        open_session(song, rough=bad)


def test_of_several_rough_mixes_the_latest_counts(song, sound) -> None:
    sound(song / "rough_v2.wav")
    sound(song / "rough_v10.wav")
    session = open_session(song)
    assert session.rough and session.rough.path.name == "rough_v10.wav"
    assert len(session.tracks) == 4
    assert any("set aside: rough.wav, rough_v2.wav" in n for n in session.notices)


def test_folders_without_a_track(tmp_path, sound) -> None:
    with pytest.raises(SessionError, match=r"no such folder or session\.toml"):
        open_session(tmp_path / "none")
    with pytest.raises(SessionError, match="no sound files here; expected one file per track"):
        open_session(tmp_path)
    sound(tmp_path / "Old" / "kick.wav")
    with pytest.raises(SessionError, match=r"no sound files here \(folders of old or unused files .*: Old\)"):
        open_session(tmp_path)
    sound(tmp_path / "rough.wav")
    with pytest.raises(SessionError, match="no track can be used"):
        open_session(tmp_path)
    sound(tmp_path / "x.wav", channels=3)
    with pytest.raises(SessionError, match=r"no track can be used: .*x\.wav is set aside: has 3 channels"):
        open_session(tmp_path)
    (tmp_path / "song.als").write_text("x")
    with pytest.raises(SessionError, match=r"expected a folder of tracks or a session\.toml"):
        open_session(tmp_path / "song.als")


def test_the_golden_session_saves_to_the_same_bytes(golden_song) -> None:
    path = Path(shutil.copy(GOLDEN, golden_song / "session.toml"))
    session = open_session(path)
    save_session(session, path, force=True)
    assert path.read_bytes() == GOLDEN.read_bytes()
    assert open_session(golden_song) == session


def test_the_golden_session_means_what_it_says(golden_song) -> None:
    shutil.copy(GOLDEN, golden_song / "session.toml")
    session = open_session(golden_song)
    kick, snare, vox, click, overheads = session.tracks
    assert (kick.id, kick.role, kick.role_source, kick.group) == ("kick", "kick", "session", "drums")
    assert (kick.gain_db, kick.pan, kick.priority) == (-1.5, -0.25, 0.9)
    assert (snare.role, snare.role_source) == ("snare", "name")
    assert vox.locked and vox.offset_frames == 24_000
    assert click.role == "click" and not click.muted, "a person may unmute a click"
    assert (overheads.path.name, overheads.right_path.name) == PAIR_FILES
    assert (overheads.channels, overheads.sample_rate) == (2, 44_100)
    assert session.duration_s == pytest.approx(0.6)
    assert session.material == "multitrack"
    assert session.locks == {"vox-lead", "kick/fader/gain_db"}
    assert [path.name for path in session.references] == ["a song.wav"]
    assert [(owner, path.name) for owner, path in session.match] == [("vox-lead", "earlier vox.wav")]
    assert session.buses[0].members == ("kick", "snare-top")
    assert [(t.time_s, t.bpm, t.beats_per_bar) for t in session.tempo_map] == [
        (0.0, 120.0, 4),
        (30.0, 60.5, 3),
    ]
    assert session.section_at(0.3) == session.sections[0]


def test_the_keys_of_the_format() -> None:
    """A key added or taken away changes the format: CHANGELOG line, migration and a new golden are due."""
    tables = (schema.SessionTable, schema.TrackTable, schema.BusTable, schema.TempoTable, schema.SectionTable)
    assert [" ".join(t.model_fields) for t in tables] == [
        "format name sample_rate material rough references match locks track bus tempo section",
        "file id name role group priority protect locked muted gain_db pan offset_s played_at_hz right_file",
        "id name members gain_db",
        "time_s bpm beats_per_bar beat_unit",
        "name start_s end_s",
    ]
    text = GOLDEN.read_text(encoding="utf-8")
    missing = [
        k for t in tables for k in t.model_fields if not re.search(rf"^(\[\[?)?{k}\b", text, re.MULTILINE)
    ]
    assert missing == []


def test_saving_a_folder_gives_the_same_session(song) -> None:
    session = open_session(song)
    path = save_session(session, song)
    again = open_session(path)
    assert [replace(t, path=Path()) for t in again.tracks] == [
        replace(t, path=Path()) for t in session.tracks
    ]
    assert again.rough and session.rough and again.rough.path.samefile(session.rough.path)
    assert (again.sample_rate, again.duration_s, again.name) == (48_000, session.duration_s, session.name)
    text = path.read_text(encoding="utf-8")
    assert '# role = "lead_vocal"' in text
    path.write_text(text.replace('# role = "lead_vocal"', 'role = "backing_vocal"'), encoding="utf-8")
    assert open_session(path).track("vox-lead").role == "backing_vocal"
    with pytest.raises(OutputExistsError, match="--force"):
        save_session(session, path)


def test_paths_are_seen_from_the_file(song, tmp_path) -> None:
    other = tmp_path / "out"
    other.mkdir()
    path = save_session(open_session(song), other)
    assert 'file = "../My Song/Kick In.wav"' in path.read_text(encoding="utf-8")
    assert len(open_session(path).tracks) == 4


def test_without_tracks_the_folder_is_read(song) -> None:
    path = written(song, 'format = 1\nname = "X"\nmaterial = "prints"\n')
    session = open_session(path)
    assert (session.name, session.material, len(session.tracks)) == ("X", "prints", 4)


def test_describing_one_track_leaves_the_others_in(song) -> None:
    without = {track.name for track in open_session(song).tracks}
    written(song, 'format = 1\n[[track]]\nid = "snare-top"\nfile = "Kick In.wav"\nrole = "toms"\n')
    session = open_session(song)
    assert {track.name for track in session.tracks} == without
    assert session.tracks[0].role == "toms"
    assert session.rough
    # Ids stay unique although the person gave one that another file's name asks for.
    assert len({track.id for track in session.tracks}) == 4


KICK = '[[track]]\nfile = "Kick In.wav"\n'
BUS = "[[bus]]\nid = "
TEMPO = "[[tempo]]\ntime_s = 9\nbpm = "
REFUSED = {
    "": "the key 'format' is missing",
    "format = 2": "format = 2: expected 1, the only format there is",
    "format = 1\nnmae = 'x'": "unknown key 'nmae'; known: bus, format, locks",
    "format = 1\nsample_rate = 4000": "sample_rate = 4000: expected 8000 to 384000 Hz",
    "format = 1\nsample_rate = 48000.0": "sample_rate = 48000.0: expected 8000 to 384000 Hz",
    "format = 1\nmaterial = 'stems'": 'material = "stems": expected "multitrack", "prints" or "unknown"',
    f"format = 1\n{KICK}role = 'kik'": "track 1 ('Kick In.wav'), role = \"kik\": expected one of kick, snare",
    f"format = 1\n{KICK}gain_db = 99": "gain_db = 99: expected -120 to 24 dB",
    f"format = 1\n{KICK}gain_db = nan": "gain_db = NaN: expected -120 to 24 dB",
    f"format = 1\n{KICK}gain_db = true": "gain_db = true: expected -120 to 24 dB",
    f"format = 1\n{KICK}pan = -30": "pan = -30: expected -1 (left) to 1 (right)",
    f"format = 1\n{KICK}muted = 'yes'": 'muted = "yes": expected true or false',
    f"format = 1\n{KICK}gian_db = 1": "track 1 ('Kick In.wav'), unknown key 'gian_db'; known: file, gain_db",
    f"format = 1\n{KICK}id = 'a/b'": 'id = "a/b": expected an id of letters',
    f"format = 1\n{KICK}priority = 2.0": "priority = 2.0: expected 0 to 1",
    f"format = 1\n{KICK}offset_s = -1": "offset_s = -1: expected 0 to 86400 s",
    "format = 1\ntrack = 3": "track = 3: expected at most 1024 [[track]] entries",
    "format = 1\n[[track]]\nid = 'x'": "track 1 ('x'), the key 'file' is missing",
    "format = 1\n[[track]]\nfile = 'gone.wav'": "track 1, file = 'gone.wav': no such file",
    "format = 1\n[[track]]\nfile = '.'": "track 1, file = '.': is not a file",
    "format = 1\n[[track]]\nfile = '/dev/zero'": "file = '/dev/zero': is not a file",
    f"format = 1\n{KICK}id = 'a'\n{KICK}id = 'a'": "track 1, id = 'a': is there twice",
    f"format = 1\nlocks = ['vox']\n{KICK}": "locks: 'vox' names no track; known: click, kick-in, snare-top, vox-lead",
    f"format = 1\nlocks = ['a/b']\n{KICK}": "locks: 'a/b': expected a track id or 'track/device/parameter'",
    f"format = 1\n{KICK}{BUS}'b'\nmembers = ['x']": "bus 'b', members: 'x' is no track or bus; known",
    f"format = 1\n{KICK}[[bus]]\nid = 'b'\nmembers = ['b']": "bus 'b' feeds itself",
    f"format = 1\n{KICK}{BUS}'b'\nmembers = ['c']\n{BUS}'c'\nmembers = ['b']": "bus 'b' feeds itself",
    f"format = 1\n{KICK}[[bus]]\nid = 'kick-in'": "bus ids must differ",
    f"format = 1\n{KICK}[[bus]]\nid = 'mix'": "bus 'mix': this id belongs to smartmix",
    f"format = 1\n{KICK}[[tempo]]\ntime_s = 0\nbpm = 1000": "tempo 1, bpm = 1000: expected 20 to 400",
    f"format = 1\n{KICK}{TEMPO}90\n{TEMPO}91": "[[tempo]] times must rise",
    f"format = 1\n{KICK}[[section]]\nname = 'a'\nstart_s = 4\nend_s = 4": "end_s = 4: expected more than 4",
    f"format = 1\nrough = 'Kick In.wav'\n{KICK}": "Kick In.wav is a [[track]] and the rough mix",
    f"format = 1\nrough = 'gone.wav'\n{KICK}": "gone.wav: no such rough mix",
}


@pytest.mark.parametrize("text", REFUSED, ids=list(REFUSED.values()))
def test_refusals_name_file_key_value_and_range(song, text: str) -> None:
    path = written(song, text)
    with pytest.raises(SessionError, match=re.escape(REFUSED[text])) as caught:
        open_session(path)
    assert str(song) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_real_songs(dev_songs: Path) -> None:
    caesium = open_session(dev_songs / "eif_caesium")
    assert caesium.rough and caesium.rough.path.name == "_mix.flac"
    assert {t.id: t.role for t in caesium.tracks} == {
        "alt-hats": "hihat",
        "bgvox-alt": "backing_vocal",
        "bgvox-echo": "effects",
        "bgvox-harmony": "backing_vocal",
        "bgvox-high": "backing_vocal",
        "bgvox-main": "backing_vocal",
        "kick": "kick",
        "microcosm-effect": "effects",
        "minilogue-synth": "synth",
    }
    reggae = open_session(dev_songs / "lmms_reggaetry")
    assert [t.role for t in reggae.tracks] == [
        "keys",
        "bass",
        "strings",
        "strings",
        "kick",
        "snare",
        "snare",
        "hihat",
        "hihat",
    ]


def test_a_tie_of_sample_rates_is_not_called_most(song, sound) -> None:
    for path in song.glob("*.wav"):
        path.unlink()
    sound(song / "bass.wav", rate=44_100)
    sound(song / "keys.wav", rate=48_000)
    session = open_session(song)
    assert session.sample_rate == 48_000
    assert any("48000 Hz, the highest of its rates; resampled: bass (44100 Hz)" in n for n in session.notices)
