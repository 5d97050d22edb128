"""EQ match in the pass: a third of the way to what is named, in bands, and only where a person named the pair."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from smartmix.cli.main import app
from smartmix.errors import AudioError, SessionError
from smartmix.matching.tone import measure_tone
from smartmix.plan import MixPlan, Move, apply_policy, sentence
from smartmix.plan.accept import is_confident
from smartmix.processors import ParametricEQ
from smartmix.processors.presets import save_preset
from smartmix.progress import silent
from smartmix.rendering import render, stream_track
from smartmix.session import Session
from smartmix.session.session import Bus
from smartmix.suggesters.eq_match import AMOUNT, MOST_DB, difference_db, mean_tone
from smartmix.workflow.matching import check_targets, match_outcome, with_matches
from sources import RATE, write_session
from tones import pink

SECONDS = 8.0


def shelf(x: np.ndarray, gain_db: float, hz: float = 3000.0) -> np.ndarray:
    eq = ParametricEQ()
    eq.band1.shape, eq.band1.freq_hz, eq.band1.gain_db, eq.band1.q = "high_shelf", hz, gain_db, 0.7
    return eq(np.asarray(x, np.float32), RATE)


def reference(folder: Path, name: str, gain_db: float) -> Path:
    path = folder / name
    soundfile.write(path, shelf(pink(SECONDS, seed=9), gain_db).T, RATE, subtype="FLOAT")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("match")
    reference(folder, "bright.wav", 6.0)
    reference(folder, "dark.wav", -24.0)
    reference(folder, "same.wav", 0.0)
    return folder


@pytest.fixture(scope="module")
def song(folder: Path) -> Session:
    sources = {"vox": ("lead_vocal", pink(SECONDS, seed=1)), "gtr": ("guitar", pink(SECONDS, seed=2))}
    session = write_session(folder / "song", sources)
    return replace(session, buses=(Bus("band", "Band", ("gtr",)),))


def found(session: Session, plan: MixPlan | None = None) -> list[Move]:
    plan = plan or MixPlan(session.name)
    return list(with_matches(session, plan, plan, progress=silent).moves)


def response_db(move: Move, hz: float) -> float:
    eq = ParametricEQ()
    numbers: dict[str, int] = {}
    for setting in move.sets:
        if setting.ref.device == "eq":
            section, _, name = setting.ref.parameter.rpartition(".")
            number = numbers.setdefault(section, len(numbers) + 1)
            value = f"{setting.value:g}" if name == "slope_db_oct" else setting.value
            eq.set(f"band{number}.{name}", value)
    eq(np.zeros((1, 1), np.float32), RATE)
    return float(eq.response_db(np.array([hz]))[0])


def test_the_mix_goes_a_third_of_the_way(song: Session, folder: Path) -> None:
    session = replace(song, references=(folder / "bright.wav",))
    (move,) = found(session)
    assert move.track == "mix"
    assert {s.ref.track for s in move.sets} == {"mix"}
    tilt = response_db(move, 9000.0) - response_db(move, 500.0)
    assert tilt == pytest.approx(6.0 * AMOUNT, abs=0.5)
    assert is_confident(move)
    assert "dB from bright on average" in sentence(move, session)
    assert len({s.ref.parameter.partition(".")[0] for s in move.sets}) <= 5
    (again,) = found(session)
    assert again == move


def test_it_comes_nearer_on_the_render_and_its_opposite_does_not(song: Session, folder: Path) -> None:
    session = replace(song, references=(folder / "bright.wav",))
    (move,) = found(session)
    plan = MixPlan(session.name, (move,)).accept(move.id)
    text, wins = match_outcome(session, plan, move)
    assert wins, text
    told = difference_db(
        measure_tone(render(session, plan).samples, RATE), mean_tone([_tone(folder / "bright.wav")])
    )
    promised = next(e.amount for e in move.evidence if e.kind == "promise")
    assert told == pytest.approx(promised, abs=0.2)
    wrong = replace(
        move,
        sets=tuple(
            replace(s, suggested=-s.suggested) if s.ref.parameter.endswith("gain_db") else s
            for s in move.sets
        ),
    )
    assert not match_outcome(session, MixPlan(session.name, (wrong,)).accept(wrong.id), wrong)[1]


def test_no_further_than_the_house_goes(song: Session, folder: Path) -> None:
    (move,) = found(replace(song, references=(folder / "dark.wav",)))
    hz = np.geomspace(30.0, 18_000.0, 60)
    assert max(abs(response_db(move, float(f))) for f in hz) <= MOST_DB
    assert all(abs(s.suggested) <= MOST_DB for s in move.sets if s.ref.parameter.endswith("gain_db"))
    assert all(s.suggested <= 2.0 for s in move.sets if s.ref.parameter.endswith(".q"))


def test_a_reference_says_nothing_about_single_tracks(song: Session, folder: Path) -> None:
    session = replace(song, references=(folder / "bright.wav", folder / "dark.wav"))
    assert {m.track for m in found(session)} <= {"mix"}
    assert found(replace(song, references=(folder / "same.wav",))) == []
    assert found(song) == []


def test_a_pair_that_a_person_named_keeps_its_level(song: Session, folder: Path) -> None:
    session = replace(song, match=(("vox", folder / "bright.wav"), ("band", folder / "bright.wav")))
    vox, band = found(session)
    assert (vox.track, band.track) == ("vox", "band")
    plan = apply_policy(MixPlan(session.name, (vox, band)), "confident")
    assert [m.status for m in plan.moves] == ["accepted", "accepted"]
    for move in plan.moves:
        assert match_outcome(session, plan, move)[1]
    bare, moved = (
        measure_tone(np.concatenate(list(stream_track(session, p, "vox")), axis=1), RATE).loudness_lufs
        for p in (MixPlan(session.name), plan)
    )
    assert moved == pytest.approx(bare, abs=0.15)


def test_a_preset_is_taken_as_it_is(song: Session, folder: Path, tmp_path: Path) -> None:
    eq = ParametricEQ()
    eq.band1.shape, eq.band1.freq_hz, eq.band1.gain_db, eq.band1.q = "bell", 2000.0, 2.5, 1.0
    eq.band3.shape, eq.band3.freq_hz = "high_pass", 90.0
    session = replace(song, match=(("vox", save_preset(eq, tmp_path / "mine.toml")),))
    (move,) = found(session)
    assert response_db(move, 2000.0) == pytest.approx(2.5, abs=0.1)
    assert response_db(move, 40.0) < -10.0
    assert "mine" in move.title


def test_locked_and_muted_tracks_get_none(song: Session, folder: Path) -> None:
    for change in ({"locked": True}, {"muted": True}):
        tracks = tuple(replace(t, **change) if t.id == "vox" else t for t in song.tracks)
        session = replace(song, tracks=tracks, match=(("vox", folder / "bright.wav"),))
        assert found(session) == []


def test_what_cannot_be_used_is_said_first(song: Session, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "no.wav").write_text("no sound")
    with pytest.raises(AudioError, match=r"no\.wav"):
        check_targets(replace(song, references=(tmp_path / "no.wav",)))
    (tmp_path / "no.toml").write_text('format = 1\ndevice = "compressor"\n')
    with pytest.raises(SessionError, match="is a preset of compressor; expected one of parametric_eq"):
        check_targets(replace(song, match=(("vox", tmp_path / "no.toml"),)))
    (folder / "song" / "session.toml").write_text('format = 1\n[match]\nflute = "vox.wav"\n')
    with pytest.raises(SessionError, match="match: 'flute' is no track or bus"):
        Session.open(folder / "song")
    (folder / "song" / "session.toml").write_text('format = 1\nreferences = ["none.wav"]\n')
    with pytest.raises(SessionError, match=r"references = 'none\.wav': no such file"):
        Session.open(folder / "song")
    (folder / "song" / "session.toml").unlink()


def test_the_command(song: Session, folder: Path, tmp_path: Path) -> None:
    plan, runner = tmp_path / "plan.toml", CliRunner()
    asked = ["suggest", str(folder / "song"), "-o", str(plan), "--quiet"]
    assert runner.invoke(app, [*asked, "--reference", str(folder / "bright.wav")]).exit_code == 0
    assert 'source = "eq-match"' in plan.read_text()
    missing = runner.invoke(app, [*asked, "--force", "--reference", str(tmp_path / "none.wav")])
    assert missing.exit_code == 2
    assert "none.wav: no such file" in missing.output


def _tone(path: Path):
    return measure_tone(soundfile.read(path, always_2d=True)[0].T, RATE)
