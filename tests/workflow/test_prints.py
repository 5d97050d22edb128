"""Prints: what is in them, that they null against the main as they should, and what cannot be printed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from mixes import eq_move, move_of
from smartmix.analysis.loudness import measure_loudness
from smartmix.audio.io import read
from smartmix.cli.main import app
from smartmix.errors import OutputExistsError, SmartmixError
from smartmix.mastering.linked import gains_between
from smartmix.plan import MixPlan, save_plan
from smartmix.session import Session
from smartmix.session.session import Bus
from smartmix.workflow.prints import (
    KINDS,
    PrintSettings,
    PrintSheet,
    file_name,
    make_prints,
    parts_of,
)
from sources import RATE, noise, write_session

FLOAT = PrintSettings(target_lufs=-10.0, bits="32f")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Session:
    t = np.arange(6 * RATE) / RATE
    hits = (np.exp(-30.0 * (t % 0.5)) * np.sin(2 * np.pi * 60 * t))[np.newaxis]
    session = write_session(
        tmp_path_factory.mktemp("prints"),
        {
            "kick": ("kick", (0.8 * hits).astype(np.float32)),
            "keys": ("keys", noise(6.0, channels=2, level=0.05, seed=1)),
            "vox": ("lead_vocal", noise(6.0, level=0.1, seed=2)),
            "bgv": ("backing_vocal", noise(6.0, level=0.04, seed=3)),
            "thing": ("unknown", noise(6.0, level=0.02, seed=4)),
        },
    )
    return replace(
        session,
        name="My: Song",
        buses=(Bus("bus-vocals", "Vocals", ("vox", "bgv")), Bus("b", "Band", ("kick", "keys"))),
    )


@pytest.fixture(scope="module")
def plan() -> MixPlan:
    """A ride, a compressor, a reverb with its tail: everything a linear sum of tracks may hold."""
    moves = (
        move_of("m1", {"vox/compressor/threshold_db": -30.0, "vox/compressor/ratio": 3.0}),
        move_of("m2", {"vox/send/return-reverb.level_db": -6.0, "keys/send/return-reverb.level_db": -12.0}),
        move_of("m3", {"kick/fader/gain_db": -2.0, "keys/pan/pan": 0.3}),
        eq_move("m4", "mix", "bell", 900.0, gain_db=-3.0, q=1.0),
        eq_move("m5", "bus-vocals", "high_shelf", 6000.0, gain_db=2.0, q=0.7),
    )
    return MixPlan(session="My: Song", moves=moves)


@pytest.fixture(scope="module")
def linked(song: Session, plan: MixPlan, tmp_path_factory: pytest.TempPathFactory) -> PrintSheet:
    return make_prints(song, plan, tmp_path_factory.mktemp("linked"), KINDS, FLOAT)


def sound(sheet: PrintSheet, title: str) -> np.ndarray:
    return read(next(p.file for p in sheet.prints if p.title == title)).samples.astype(np.float64)


def db(x: np.ndarray) -> float:
    return float(20.0 * np.log10(np.abs(x).max() + 1e-30))


def test_the_limiter_works_so_that_the_test_tells_something(linked: PrintSheet) -> None:
    assert linked.max_reduction_db > 3.0


def test_linked_prints_null_against_the_main(linked: PrintSheet) -> None:
    main = sound(linked, "Main")
    assert db(sound(linked, "Instrumental") + sound(linked, "A cappella") - main) < -120.0
    stems = [p.title for p in linked.prints if p.title.startswith("Stem ")]
    assert stems == ["Stem Vocals", "Stem Band", "Stem Other"]
    assert db(sum(sound(linked, title) for title in stems) - main) < -120.0
    assert db(sound(linked, "Stem Vocals") - sound(linked, "A cappella")) < -120.0


def test_the_vocal_goes_up_and_down_by_a_decibel(linked: PrintSheet) -> None:
    main, tv = sound(linked, "Main"), sound(linked, "TV")
    lead = main - tv
    for title, gain_db in (("Vocal up 1 dB", 1.0), ("Vocal down 1 dB", -1.0)):
        expected = main + (10.0 ** (0.05 * gain_db) - 1.0) * lead
        assert db(sound(linked, title) - expected) < -110.0


def test_prints_are_as_long_as_the_main_tails_included(linked: PrintSheet, song: Session) -> None:
    lengths = {soundfile.info(p.file).frames for p in linked.prints}
    assert len(lengths) == 1 and lengths.pop() > song.frames + RATE // 10
    assert np.abs(sound(linked, "A cappella")[:, song.frames :]).max() > 1e-4, (
        "the vocal's own reverb rings on"
    )
    band = next(p for p in linked.prints if p.title == "Stem Band")
    assert band.tracks == ("kick", "keys")


def test_recomputed_prints_keep_the_ceiling_and_do_not_null(
    song: Session, plan: MixPlan, tmp_path: Path
) -> None:
    own = make_prints(
        song, plan, tmp_path, ("main", "instrumental", "a-cappella"), replace(FLOAT, bus="recomputed")
    )
    assert all(p.loudness.true_peak_dbtp <= -0.98 for p in own.prints)
    assert db(sound(own, "Instrumental") + sound(own, "A cappella") - sound(own, "Main")) > -40.0


def test_24_bit_prints_null_as_far_as_their_dither(song: Session, plan: MixPlan, tmp_path: Path) -> None:
    sheet = make_prints(song, plan, tmp_path, ("main", "instrumental", "a-cappella"), replace(FLOAT, bits=24))
    rest = sound(sheet, "Instrumental") + sound(sheet, "A cappella") - sound(sheet, "Main")
    assert db(rest) < -120.0


def test_no_two_prints_have_the_same_dither(
    song: Session, plan: MixPlan, linked: PrintSheet, tmp_path: Path
) -> None:
    """Alike, the noise of stems would add up by amplitude: with five, 3 dB more than by power."""
    sheet = make_prints(song, plan, tmp_path, ("main", "stems"), replace(FLOAT, bits=24))
    errors = [sound(sheet, p.title).ravel() - sound(linked, p.title).ravel() for p in sheet.prints]
    alike = np.corrcoef(errors)
    assert np.abs(alike - np.eye(len(errors))).max() < 0.05


def test_gains_are_what_the_samples_say_and_go_on_through_silence() -> None:
    before = np.array([[0.0, 0.5, 0.0, -0.25], [0.0, 0.1, 0.0, 1.0]], np.float32)
    after = before * np.array([1.0, 0.5, 1.0, 0.25], np.float32)
    assert gains_between(before, after, np.float64(2.0)).tolist() == pytest.approx([2.0, 0.5, 0.5, 0.25])


def test_what_cannot_be_printed_is_said(song: Session, plan: MixPlan, tmp_path: Path) -> None:
    dumb = replace(song, tracks=tuple(replace(t, role="keys") for t in song.tracks))
    parts, told = parts_of(dumb, KINDS)
    assert [p.title for p in parts if not p.title.startswith("Stem")] == ["Main"]
    assert any("TV: not printed, the session has no lead vocal" in text for text in told)
    with pytest.raises(SmartmixError, match="--which karaoke"):
        parts_of(song, ("karaoke",))
    with pytest.raises(SmartmixError, match="no parts that add up"):
        make_prints(song, replace(plan, chains={"mix": "x.toml"}), tmp_path / "x")


def test_names_say_song_print_version_and_rate(song: Session) -> None:
    name = file_name(song, "A cappella", replace(FLOAT, version="v3", bits=24))
    assert name == "My_ Song - A cappella - v3 - 48k 24.wav"


def test_the_command(song: Session, plan: MixPlan, tmp_path: Path) -> None:
    save_plan(plan, tmp_path / "plan.toml")

    def run(*words: object) -> tuple[int, str, str]:
        base = ["prints", song.root, "--plan", tmp_path / "plan.toml", "-o", tmp_path / "out"]
        result = CliRunner().invoke(app, [str(w) for w in (*base, *words)])
        return result.exit_code, result.stdout, result.stderr

    code, said, _ = run("--which", "main,instrumental", "--dry-run")
    assert code == 0 and "Instrumental" in said and not (tmp_path / "out").exists()
    code, said, errors = run("--which", "main,instrumental", "--format", "flac", "--artist", "Me")
    assert code == 0, errors
    files = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert len(files) == 3 and files[-1] == "sheet.txt"
    assert "linked" in (tmp_path / "out" / "sheet.txt").read_text()
    assert run("--which", "main")[0] == 2
    code, said, errors = run("--which", "main", "--label", "v/3")
    assert code == 0, errors
    assert (tmp_path / "out" / "sheet - v_3.txt").is_file()
    code, said, _ = run("--which", "main", "--force", "--json")
    assert code == 0 and json.loads(said)["sheet"]["bus"] == "linked"
    for word, version in (("--label", "v3"), ("--print-version", "mix 2")):
        code, said, errors = run("--which", "main", "--dry-run", word, version)
        assert code == 0, errors
        assert said.split("\n")[0].endswith(f" - Main - {version} - 48k 24.wav")
    code, said, errors = run("--which", "main", "--force", "--label", "v3")
    assert code == 0, errors
    assert any(" - v3 - " in p.name for p in (tmp_path / "out").iterdir())
    assert OutputExistsError.__name__ in {c.__name__ for c in SmartmixError.__subclasses__()}


def test_a_main_nobody_named_a_loudness_for_is_as_loud_as_the_rough(
    song: Session, plan: MixPlan, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "rough.wav", 0.05 * noise(6.0, channels=2, level=1.0, seed=9).T, RATE)
    rough = replace(song.tracks[0], path=tmp_path / "rough.wav")
    settings = replace(FLOAT, target_lufs=None)
    sheet = make_prints(replace(song, rough=rough), plan, tmp_path / "out", ("main",), settings)
    heard = measure_loudness(read(rough.path).samples, RATE).integrated_lufs
    assert abs(heard + 14.0) > 3.0
    assert sheet.prints[0].loudness.integrated_lufs == pytest.approx(heard, abs=0.1)


def test_what_an_import_mixed_itself_is_no_loudness_to_print_at(
    song: Session, plan: MixPlan, tmp_path: Path
) -> None:
    (song.root / "interop").mkdir()
    soundfile.write(song.root / "rough.wav", 0.05 * noise(6.0, channels=2, level=1.0, seed=9).T, RATE)
    own = replace(song.tracks[0], path=song.root / "rough.wav")
    settings = replace(FLOAT, target_lufs=None)
    sheet = make_prints(replace(song, rough=own), plan, tmp_path / "own", ("main",), settings)
    assert sheet.prints[0].loudness.integrated_lufs == pytest.approx(-14.0, abs=0.1)
