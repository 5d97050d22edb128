"""A bad day: everything that goes wrong on the way to a mix, in one folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import bad_day
from smartmix.session import Session
from smartmix.session.findings import Finding
from smartmix.session.storage import open_session, save_session


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bad") / "Bad Day"
    root.mkdir()
    return bad_day.build(root)


@pytest.fixture(scope="module", autouse=True)
def no_ffmpeg() -> Iterator[None]:
    """No decoder for phone recordings, whatever this machine has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("smartmix.audio.foreign.shutil.which", lambda _name: None)
        yield


@pytest.fixture(scope="module")
def session(folder: Path, no_ffmpeg: None) -> Session:
    return open_session(folder)


def about(session: Session, *words: str) -> Finding:
    """The one finding whose text has all these words."""
    found = [f for f in session.findings if all(w in f.text for w in words)]
    assert len(found) == 1, (words, [f.text for f in session.findings])
    return found[0]


def test_what_plays_is_every_part_once(session: Session) -> None:
    assert {t.name for t in session.audible_tracks} == {
        "alt_shaker", "Bells take 1", "Bells take 2", "Conga Bus", "Marimba",
        "Bass DI", "BGV", "HH", "Kick in", "Kick out", "OH", "SN T", "Gtr L", "Gtr R", "Keys",
        "Lead Vox FINAL(2)", "Organ", "Pad dry", "Pad wet", "Ride \ufffd\ufffd 🥁", "Riser FX", "Solo Gtr", "Strings",
        "Synth", "Tambourine",
    }  # fmt: skip
    assert {t.name for t in session.tracks if t.muted} == {
        "BGV alt", "DRUM BUS", "Floor Tom", "Guide Vox", "Klick", "Lead Vox_v1", "Lead Vox_v2", "Morning Light",
        "Talkback", "Tambourine copy", "Tom 2",
    }  # fmt: skip
    assert session.rough is None, "nobody has said that Morning Light is the rough mix"


def test_every_muting_is_said_with_its_reason(session: Session) -> None:
    assert "loudest" not in about(session, "Tom 2.wav is muted: it holds only digital silence").text
    assert "-80 dBFS" in about(session, "Floor Tom.wav is muted: it holds nothing but noise").text
    copy = about(session, "Tambourine copy.wav is muted: the same recording as Tambourine.wav, -6.0 dB")
    assert copy.tracks == ("tambourine-copy", "tambourine")
    for old in ("Lead Vox_v1.wav", "Lead Vox_v2.wav"):
        older = about(session, f"{old} is muted: Lead Vox FINAL(2).wav is the newer version")
        assert older.kind == "muted" and not older.question and older.tracks[1] == "lead-vox"
    bus = about(session, "DRUM BUS.wav is muted: it is the sum of")
    assert all(name in bus.text for name in ("Kick in", "SN T", "OH"))
    assert "Tambourine" not in bus.text, "what the bus does not hold is not named"
    about(session, "muted: Guide Vox (guide), Klick (click), Talkback (talkback)")
    told = {i for f in session.findings for i in f.tracks}
    assert {t.id for t in session.tracks if t.muted} <= told


def test_names_that_only_look_like_a_trap(session: Session) -> None:
    kept = about(session, "Conga Bus.wav is named like a print but")
    assert kept.kind == "kept" and not session.track("conga-bus").muted
    assert not any("Bells" in f.text and f.kind == "muted" for f in session.findings), "two takes, two halves"
    assert not any(
        f.kind == "muted" and "alt_shaker" in f.text.split(" is muted")[0] for f in session.findings
    )


def test_pairs_are_decided_by_listening(session: Session) -> None:
    for name, files in (("oh", "OH.L.wav and OH.R.wav"), ("keys", "Keys_L.wav and Keys_R.wav")):
        pair = session.track(name)
        assert pair.channels == 2 and pair.right_path is not None and pair.right_path != pair.path
        assert about(session, files, "one stereo track").kind == "paired"
    assert session.track("oh").role == "overheads"
    kept = about(session, "Gtr L.wav and Gtr R.wav are two performances")
    assert kept.tracks == ("gtr-l", "gtr-r")
    assert {session.track(t).group for t in kept.tracks} == {"Gtr"}


def test_a_wrong_header_is_corrected_and_said_first(session: Session) -> None:
    first = session.findings[0]
    assert (first.kind, first.tracks) == ("corrected", ("organ",))
    assert "Organ.wav says 48000 Hz but was recorded at 44100 Hz" in first.text and "1.088" in first.text
    assert session.track("organ").sample_rate == 44_100
    assert session.track("strings").sample_rate == 44_100, "a right header stays"
    assert session.sample_rate == 48_000
    assert about(session, "the session runs at 48000 Hz").kind == "resampled"
    assert session.track("marimba").sample_rate == 48_000, "its length alone proves nothing"
    assert "played_at_hz = 44100" in about(session, "Marimba.wav would be as long as the others").text


def test_start_times_are_obeyed_where_they_make_sense(session: Session) -> None:
    solo = session.track("solo-gtr")
    assert solo.offset_frames == round(bad_day.SOLO_AT_S * 48_000)
    assert about(session, "Solo Gtr.wav at 0:06.250").kind == "moved"
    assert session.track("riser-fx").offset_frames == 0
    assert about(session, "Riser FX.wav is stamped 10.0 hours before").question
    others = [t for t in session.tracks if t.id not in ("solo-gtr",)]
    assert {t.offset_frames for t in others} == {0}


def test_a_wet_print_belongs_to_its_dry_track(session: Session) -> None:
    wet = session.track("pad-wet")
    assert (wet.child_of, wet.role, wet.role_source) == ("pad-dry", "effects", "name")
    assert about(session, "Pad wet.wav", "belongs to Pad dry.wav").kind == "related"


def test_what_a_person_has_to_decide_is_asked(session: Session) -> None:
    questions = [f for f in session.findings if f.question]
    asked = {f.tracks[0] if f.tracks else "bounces" for f in questions}
    assert asked == {"morning-light", "riser-fx", "bgv-alt", "bounces", "marimba"}
    light = about(session, "Morning Light.wav is a mix of the other tracks")
    assert 'rough = "Morning Light.wav"' in light.text
    assert "Bounces/idea 3.wav" in about(session, "bounces are not read as tracks").text
    kinds = [f.kind for f in session.findings]
    assert kinds[0] == "corrected"
    last_question = max(i for i, f in enumerate(session.findings) if f.question)
    assert all(f.question or f.kind == "corrected" for f in session.findings[: last_question + 1])


def test_what_is_no_track_is_set_aside_by_name_or_passed_over(session: Session) -> None:
    assert set(session.unusable) == {"broken.wav", "empty.wav", "surround.wav", "Voice memo.m4a"}
    assert "convert it to WAV or FLAC, or install ffmpeg" in about(session, "Voice memo.m4a").text
    about(session, "folders of old or unused files are not read: Old")
    about(session, "links that lead out of the folder are not followed: loop.wav")
    said = "\n".join(session.notices)
    for hidden in ("._", "DS_Store", "MACOSX", "hidden", "notes.txt"):
        assert hidden not in said
    assert "\u202e" not in said and "\u0007" not in said and said.count("\n") == len(session.notices) - 1


def test_dual_mono_groups_and_buses(session: Session) -> None:
    assert about(session, "dual mono").tracks == ("synth",)
    assert session.track("kick-in").group == "Drums"
    buses = {b.id: set(b.members) for b in session.buses}
    assert buses["bus-drums"] >= {
        "kick-in",
        "kick-out",
        "sn-t",
        "hh",
        "oh",
        "ride",
        "alt-shaker",
        "tambourine",
    }
    assert "drum-bus" not in buses["bus-drums"]
    assert {"pad-dry", "pad-wet"} <= buses["bus-keys"], "the effect follows its source"
    assert buses["bus-vocals"] == {"lead-vox", "bgv"}
    assert all(b.gain_db == 0.0 for b in session.buses)


def test_the_same_folder_gives_the_same_session(folder: Path, session: Session) -> None:
    assert open_session(folder) == session
    assert session.notices == tuple(f.text for f in session.findings)


def test_a_person_is_never_overruled(folder: Path, session: Session, tmp_path: Path) -> None:
    text = """format = 1
[[track]]
file = "Bad Day/Lead Vox_v1.wav"
muted = false
[[track]]
file = "Bad Day/Organ.wav"
played_at_hz = 48000
[[track]]
file = "Bad Day/Solo Gtr.wav"
offset_s = 1.0
[[track]]
file = "Bad Day/Gtr L.wav"
right_file = "Bad Day/Gtr R.wav"
[[track]]
file = "Bad Day/Keys_L.wav"
[[track]]
file = "Bad Day/Keys_R.wav"
[[track]]
file = "Bad Day/Lead Vox_v2.wav"
"""
    (folder.parent / "session.toml").write_text(text, encoding="utf-8")
    told = open_session(folder.parent / "session.toml")
    assert not told.track("lead-vox").muted and told.track("lead-vox").name == "Lead Vox_v1"
    assert told.track("organ").sample_rate == 48_000
    assert told.track("solo-gtr").offset_frames == 48_000
    assert told.track("gtr-l").right_path is not None
    assert told.track("keys-l").channels == told.track("keys-r").channels == 1
    (folder.parent / "session.toml").unlink()


def test_saving_and_opening_again_keeps_every_decision(session: Session, tmp_path: Path) -> None:
    again = open_session(save_session(session, tmp_path))

    def decisions(of: Session) -> dict[str, tuple[object, ...]]:
        return {
            t.id: (t.muted, t.sample_rate, t.offset_frames, t.channels, t.child_of, t.role) for t in of.tracks
        }

    assert decisions(again) == decisions(session)
    assert again.buses == session.buses
