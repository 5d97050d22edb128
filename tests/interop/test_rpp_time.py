"""Places in time of REAPER projects: frames, loops, tempo, sections, and what no song has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from interop.scenes import session
from mixes import RATE, noise, plan_of
from smartmix.errors import InteropError
from smartmix.interop.consolidate import consolidate
from smartmix.interop.dawproject import read as read_dawproject
from smartmix.interop.export import export_session
from smartmix.interop.looping import plain_clips
from smartmix.interop.model import Clip
from smartmix.interop.rpp.read import read
from smartmix.interop.to_session import Imported, import_project
from smartmix.session.session import Section, Session, TempoPoint

SONG = """<REAPER_PROJECT 0.1 "7.0"
  SAMPLERATE 48000 1 0
  TEMPO 100 6 8
%s
  <TRACK
    NAME Drums
    <ITEM
      POSITION %s
      LENGTH %s
      LOOP %d
      SOFFS %s
      <SOURCE WAVE
        FILE a.wav
      >
    >
  >
>
"""
MARKERS = '  MARKER 1 0 Intro 0\n  MARKER 2 1 "Verse 1" 0\n  MARKER 3 2 "" 0'
REGIONS = '  MARKER 1 0 Intro 1\n  MARKER 1 1 "" 1\n  MARKER 2 1 Verse 9 0\n  MARKER 2 2.5 "" 9\n  MARKER 1 0.5 cue 0'


def song(
    folder: Path, head: str = "", *, at: object = 0, length: object = 3, loop: bool = False, start: object = 0
) -> Path:
    soundfile.write(folder / "a.wav", noise(1, 3 * RATE, 7)[0], RATE, subtype="FLOAT")
    (folder / "song.rpp").write_text(SONG % (head, at, length, loop, start))
    return folder / "song.rpp"


def imported(folder: Path, head: str) -> Imported:
    return import_project(song(folder, head), folder / "back")


def again(made: Imported, **changes: object) -> tuple[Path, str]:
    """The project written back with another session, and what was said."""
    now: Session = replace(made.session, **changes)  # type: ignore[arg-type]
    out = made.folder.parent / "again.rpp"
    done = export_session(now, made.plan, out, "rpp", force=True)
    return out, "\n".join(map(str, done.losses))


def rows(old: Path, new: Path) -> tuple[list[str], list[str]]:
    """Lines that went and lines that came."""
    a, b = old.read_text().splitlines(), new.read_text().splitlines()
    return [r for r in a if r not in b], [r for r in b if r not in a]


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_items_come_back_on_their_frame(tmp_path: Path, rate: int) -> None:
    scene = session(tmp_path)
    rng = np.random.default_rng(rate)
    for _ in range(4):
        offset = int(rng.integers(1, 2_000_000))
        tracks = tuple(replace(t, offset_frames=offset) if t.id == "vox" else t for t in scene.tracks)
        export_session(
            replace(scene, tracks=tracks, sample_rate=rate),
            plan_of(),
            tmp_path / "s.rpp",
            "rpp",
            audio="link",
            force=True,
        )
        (vox,) = (t for t in read(tmp_path / "s.rpp").tracks if t.name == "vox")
        assert vox.clips[0].time_s * rate == pytest.approx(offset, abs=1e-5)


def test_a_looped_item_comes_round_on_the_sample(tmp_path: Path) -> None:
    made = import_project(song(tmp_path, at=0.5, length=7.25, loop=True, start=1.25), tmp_path / "back")
    ours, _ = soundfile.read(made.session.tracks[0].path, dtype="float32")
    source, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    at = np.arange(round(7.25 * RATE))
    assert np.array_equal(ours[round(0.5 * RATE) :], source[(at + round(1.25 * RATE)) % (3 * RATE)])
    assert not ours[: round(0.5 * RATE)].any()


def test_an_item_that_begins_before_its_file(tmp_path: Path) -> None:
    made = import_project(song(tmp_path, at=1, length=2, start=-0.5), tmp_path / "back")
    ours, _ = soundfile.read(made.session.tracks[0].path, dtype="float32")
    source, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert not ours[: round(1.5 * RATE)].any()
    assert np.array_equal(ours[round(1.5 * RATE) :], source[: round(1.5 * RATE)])


def test_a_loop_is_played_in_rounds() -> None:
    made = plain_clips(Clip(0.0, 5.0, start_s=1.0, fade_in_s=0.1, fade_out_s=0.2, looped=True), 2.0)
    assert [(c.time_s, c.duration_s, c.start_s) for c in made] == [(0, 1, 1), (1, 2, 0), (3, 2, 0)]


@pytest.mark.parametrize(
    "clip",
    [
        Clip(0.5, 2.0, fade_in_s=0.5, fade_out_s=0.7),
        Clip(0.5, 7.0, fade_in_s=2.5, fade_out_s=5.0, looped=True),
        Clip(0.5, 3.00005, fade_out_s=2.0, looped=True),
        Clip(0.5, 6.0, fade_in_s=1.0, fade_out_s=4.5),
        Clip(-0.5, 2.5, fade_in_s=1.5, fade_out_s=1.0, gain_db=-6.0),
        Clip(1.0, 3.0, start_s=-0.5, fade_in_s=1.0, fade_out_s=1.0),
    ],
    ids=["plain", "loop", "a hair over its file", "longer than its file", "before 0", "before its file"],
)
def test_a_fade_goes_by_its_place_in_the_item(tmp_path: Path, clip: Clip) -> None:
    """A file of ones, 3 s, so that what is written is the gain."""
    soundfile.write(tmp_path / "ones.wav", np.ones(3 * RATE), RATE, subtype="FLOAT")
    assert consolidate([replace(clip, file=tmp_path / "ones.wav")], tmp_path / "made.wav", RATE) == 1
    made, _ = soundfile.read(tmp_path / "made.wav")
    at = (np.arange(len(made)) + 0.5) / RATE - clip.time_s
    gain = np.where((at >= 0.0) & (at < clip.duration_s), 10.0 ** (clip.gain_db / 20.0), 0.0)
    if clip.fade_in_s:
        gain *= np.clip(at / clip.fade_in_s, 0.0, 1.0)
    if clip.fade_out_s:
        gain *= np.clip((clip.duration_s - at) / clip.fade_out_s, 0.0, 1.0)
    file_s = at + clip.start_s
    heard = (file_s >= 0.0) & ((file_s < 3.0) | clip.looped)
    assert np.abs(made - gain * heard).max() < 2e-5
    assert len(made) == round(
        (clip.time_s + min(clip.duration_s, np.inf if clip.looped else 3.0 - clip.start_s)) * RATE
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"at": 90_000}, "within 24 hours"),
        ({"at": 999_999_999}, "within 24 hours"),
        ({"length": 86_400.5}, "within 24 hours"),
        ({"at": -100_000}, "within 24 hours"),
        ({"at": "inf"}, "POSITION"),
    ],
)
def test_places_no_song_has_are_refused_before_anything_is_written(
    tmp_path: Path, words: dict[str, object], said: str
) -> None:
    with pytest.raises(InteropError, match=said):
        import_project(song(tmp_path, **words), tmp_path / "back")  # type: ignore[arg-type]
    assert not (tmp_path / "back").exists()


def test_a_file_that_comes_round_too_often_is_refused() -> None:
    with pytest.raises(InteropError, match="too often"):
        plain_clips(Clip(0.0, 80_000.0, looped=True), 1e-4)


@pytest.mark.parametrize("head", [MARKERS, REGIONS, ""])
def test_time_that_nobody_changed_keeps_its_lines(tmp_path: Path, head: str) -> None:
    made = imported(tmp_path, head)
    out, said = again(made)
    assert out.read_bytes() == (tmp_path / "song.rpp").read_bytes()
    assert not said


def test_markers_move_and_get_names(tmp_path: Path) -> None:
    made = imported(tmp_path, MARKERS)
    assert made.session.sections == (Section("Intro", 0.0, 1.0), Section("Verse 1", 1.0, 3.0))
    moved = (Section("Intro", 0.0, 1.2), Section("Verse 1", 1.2, 3.0))
    out, said = again(made, sections=moved)
    assert rows(tmp_path / "song.rpp", out) == (['  MARKER 2 1 "Verse 1" 0'], ['  MARKER 2 1.2 "Verse 1" 0'])
    assert not said
    out, said = again(made, sections=(made.session.sections[0], Section("Chorus", 1.0, 2.5)))
    assert rows(tmp_path / "song.rpp", out) == (['  MARKER 2 1 "Verse 1" 0'], ["  MARKER 2 1 Chorus 0"])
    assert "the end of Chorus; a marker has none" in said


def test_sections_come_and_go(tmp_path: Path) -> None:
    made = imported(tmp_path, REGIONS)
    assert made.session.sections == (
        Section("Intro", 0.0, 1.0),
        Section("cue", 0.5, 1.0),
        Section("Verse", 1.0, 2.5),
    )
    now = (Section("Intro", 0.0, 1.0), Section("Verse", 1.0, 2.25), Section("Outro", 2.25, 3.0))
    out, said = again(made, sections=now)
    went, came = rows(tmp_path / "song.rpp", out)
    assert went == ['  MARKER 2 2.5 "" 9', "  MARKER 1 0.5 cue 0"]
    assert came == ['  MARKER 2 2.25 "" 9', "  MARKER 3 2.25 Outro 1", '  MARKER 3 3 "" 1']
    assert not said
    made = import_project(out, tmp_path / "third")
    assert made.session.sections == now


def test_tempo_that_was_changed_is_in_the_file(tmp_path: Path) -> None:
    made = imported(tmp_path, "")
    out, said = again(made, tempo_map=(TempoPoint(0.0, 104.0, 6, 8),))
    assert rows(tmp_path / "song.rpp", out) == (["  TEMPO 100 6 8"], ["  TEMPO 104 6 8"])
    assert not said
    now = (TempoPoint(0.0, 104.0, 6, 8), TempoPoint(1.5, 90.5, 3))
    out, said = again(made, tempo_map=now)
    assert import_project(out, tmp_path / "third").session.tempo_map == now
    assert [(t.numerator, t.denominator) for t in read(out).tempo] == [(6, 8), (3, 4)]
    out, said = again(made, tempo_map=())
    assert "a tempo that was taken out; the file keeps it" in said
    assert out.read_bytes() == (tmp_path / "song.rpp").read_bytes()


def test_a_tempo_lane_keeps_all_but_its_points(tmp_path: Path) -> None:
    lane = "  <TEMPOENVEX\n    ACT 1 -1\n    ODD 3\n    PT 0 100 1 524294 0 1\n    PT 1 120 0\n  >"
    made = imported(tmp_path, lane)
    now = (TempoPoint(0.0, 100.0, 6, 8), TempoPoint(1.0, 121.0, 6, 8))
    out, _ = again(made, tempo_map=now)
    went, came = rows(tmp_path / "song.rpp", out)
    assert all(row.strip().startswith("PT") for row in (*went, *came))
    assert "    ODD 3" in out.read_text()
    assert import_project(out, tmp_path / "third").session.tempo_map == now


@pytest.mark.parametrize(
    ("words", "taken", "what"),
    [
        ("0 4 4", (), "a tempo of 0 bpm at 0:00; left out"),
        ("-90 4 4", (), "a tempo of -90 bpm at 0:00; left out"),
        ("1000 4 4", (TempoPoint(0.0, 250.0),), "a tempo of 1000 bpm at 0:00; taken as 250 bpm"),
        ("15 3 4", (TempoPoint(0.0, 30.0, 3),), "a tempo of 15 bpm at 0:00; taken as 30 bpm"),
        ("90 4 3", (TempoPoint(0.0, 90.0),), "bars of 4/3 at 0:00; taken as the bars before"),
        ("90 40 4", (TempoPoint(0.0, 90.0),), "bars of 40/4 at 0:00; taken as the bars before"),
    ],
)
def test_a_tempo_no_session_holds_is_said_and_taken_as_near_as_it_goes(
    tmp_path: Path, words: str, taken: tuple[TempoPoint, ...], what: str
) -> None:
    file = song(tmp_path)
    file.write_text(file.read_text().replace("TEMPO 100 6 8", f"TEMPO {words}"))
    made = import_project(file, tmp_path / "back")
    assert made.session.tempo_map == taken
    assert any(f"project: {what}" in str(loss) for loss in made.losses)
    export_session(made.session, made.plan, tmp_path / "again.rpp", "rpp")
    assert (tmp_path / "again.rpp").read_bytes() == file.read_bytes()


def test_one_odd_point_leaves_the_others(tmp_path: Path) -> None:
    lane = "\n".join(f"    PT {t} {bpm} 1 {meter} 0 1" for t, bpm, meter in
                     [(0, 100, (8 << 16) + 6), (1, 480, 0), (2, 90, (3 << 16) + 7)])  # fmt: skip
    file = song(tmp_path)
    tempo = f"TEMPO 100 6 8\n  <TEMPOENVEX\n    ACT 1 -1\n{lane}\n  >"
    file.write_text(file.read_text().replace("TEMPO 100 6 8", tempo))
    made = import_project(file, tmp_path / "back")
    assert [(t.bpm, t.beats_per_bar, t.beat_unit) for t in made.session.tempo_map] == [
        (100.0, 6, 8),
        (240.0, 6, 8),
        (90.0, 6, 8),
    ]
    told = "\n".join(map(str, made.losses))
    assert "a tempo of 480 bpm at 0:01; taken as 240 bpm" in told
    assert "bars of 7/3 at 0:02; taken as the bars before" in told
    export_session(made.session, made.plan, tmp_path / "again.rpp", "rpp")
    assert (tmp_path / "again.rpp").read_bytes() == file.read_bytes()


def test_eighths_stay_eighths(tmp_path: Path) -> None:
    """6/8 is as long as 3/4, in the session's file, in bars of notes, and in another DAW's project."""
    made = imported(tmp_path, "")
    assert made.session.tempo_map == (TempoPoint(0.0, 100.0, 6, 8),)
    assert "beat_unit = 8" in (tmp_path / "back" / "session.toml").read_text()
    export_session(made.session, made.plan, tmp_path / "x.dawproject", "dawproject")
    (tempo,) = read_dawproject(tmp_path / "x.dawproject").tempo
    assert (tempo.bpm, tempo.numerator, tempo.denominator) == (100.0, 6, 8)


def test_markers_that_make_no_section_are_said(tmp_path: Path) -> None:
    told = [str(loss) for loss in imported(tmp_path, MARKERS + "\n  MARKER 4 9 Later 0").losses]
    assert "project: 1 marker without a name; no section; kept for the way back" in told
    assert "project: markers outside the sound (Later); no section; kept for the way back" in told


def test_the_fader_of_a_group_the_file_does_not_have_is_in_its_tracks(tmp_path: Path) -> None:
    """A session without groups gets those every mix has; here one over the drums."""
    made = imported(tmp_path, "")
    (bus,) = made.session.buses
    out, said = again(made, buses=(replace(bus, gain_db=-3.0),))
    assert read(out).tracks[0].volume.value == pytest.approx(-3.0, abs=1e-6)
    assert "a new group; its fader is in its tracks' faders" in said
