"""Known pairs: what gives way and by how much, what is left alone, and that the render keeps the promise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mixes import move_of, plan_of
from smartmix.analysis import Analysis, analyze
from smartmix.plan import Move, sentence
from smartmix.plan.keyed import keys_of
from smartmix.session import Session
from smartmix.suggesters import suggest
from smartmix.suggesters.pairs import KnownPairs
from smartmix.suggesters.pairs.hearing import onsets
from smartmix.suggesters.suggester import Context
from smartmix.workflow.measure import measure_move
from sources import RATE, write_session
from tones import pink

SECONDS = 12.0
T = np.arange(int(SECONDS * RATE)) / RATE
Sound = np.ndarray


def kick(level: float = 0.5, every_s: float = 0.5) -> Sound:
    """A drum: a falling tone around 60 Hz that is gone after a fifth of a second."""
    at = T % every_s
    return (level * np.exp(-at / 0.06) * np.sin(2 * np.pi * (60.0 * at + 0.6 * (1.0 - np.exp(-at / 0.02)))))[
        np.newaxis
    ]


def bass(level: float, *, gaps: bool = False, every_s: float = 0.5) -> Sound:
    """Held notes that begin with the kick; with ``gaps`` they play only where it is silent."""
    wave = (
        np.sin(2 * np.pi * 62.0 * T)
        + 0.4 * np.sin(2 * np.pi * 124.0 * T)
        + 0.2 * np.sin(2 * np.pi * 248.0 * T)
    )
    at = T % every_s
    shape = (at > 0.3) if gaps else np.minimum(1.0, at / 0.004) * (at < 0.45)
    return (level * shape * wave)[np.newaxis]


def phrases(level: float) -> Sound:
    """Bright noise that is there for two seconds of three: a voice."""
    there = np.convolve(((T % 3.0) < 2.0).astype(float), np.ones(960) / 960, "same")
    return level * there * pink(SECONDS, seed=3)


def scene(folder: Path, **sources: tuple[str, Sound]) -> tuple[Session, Analysis]:
    session = write_session(folder, sources)
    return session, replace(analyze(session), material="multitrack")


def found(session: Session, analysis: Analysis, moves: tuple[Move, ...] = ()) -> list[Move]:
    return KnownPairs(moves).suggest(Context(session, analysis))


def value(move: Move, name: str) -> float:
    got = next(s.suggested for s in move.sets if s.ref.parameter.endswith(f".{name}"))
    assert isinstance(got, float)
    return got


@pytest.fixture(scope="module")
def loud_bass(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Analysis]:
    return scene(tmp_path_factory.mktemp("loud"), kick=("kick", kick()), bass=("bass", bass(0.3)))


def test_a_bass_over_the_kick_gives_way_under_it(loud_bass: tuple[Session, Analysis]) -> None:
    session, analysis = loud_bass
    (move,) = found(session, analysis)
    assert (move.track, keys_of(move)) == ("bass", frozenset({"kick"}))
    assert -2.0 <= value(move, "range_db") <= -1.0
    assert 50.0 <= value(move, "freq_hz") <= 75.0
    assert value(move, "release_ms") >= 120.0
    assert move.confidence >= 0.7
    facts = {e.kind: e for e in move.evidence}
    assert facts["pair"].amount > 1.0
    assert facts["together"].amount > 80.0
    assert facts["onsets"].amount > 80.0
    assert "dB over kick at" in sentence(move, session)
    assert "begins with" in move.reason


def test_the_render_keeps_the_promise(loud_bass: tuple[Session, Analysis]) -> None:
    session, analysis = loud_bass
    (move,) = found(session, analysis)
    text, wins = (m := measure_move(session, analysis, plan_of(move), move)).text, m.beats_bypass
    assert wins, text
    under, between = (float(part.split(" dB")[0].replace("\u2212", "-")) for part in text.split(", "))
    assert move.interval is not None
    assert move.interval[0] <= under <= move.interval[1]
    assert abs(between) <= 0.5  # the release, and what the ear's bands hear of the last hit


@pytest.mark.parametrize("fault", ["silent key", "key all the time", "threshold out of reach", "no range"])
def test_a_wrong_keyed_move_loses_to_its_bypass(
    loud_bass: tuple[Session, Analysis], tmp_path: Path, fault: str
) -> None:
    session, analysis = loud_bass
    (move,) = found(session, analysis)
    others: tuple[Move, ...] = ()
    if fault == "silent key":
        others = (move_of("t", {"kick/trim/gain_db": -60.0}),)
    elif fault == "key all the time":
        drone = 0.1 * np.sin(2 * np.pi * 60.0 * T)[np.newaxis]
        session = write_session(tmp_path, {"kick": ("kick", kick() + drone), "bass": ("bass", bass(0.3))})
        move = changed(move, "threshold_db", -80.0)
    else:
        move = changed(move, *{"no range": ("range_db", 0.0)}.get(fault, ("threshold_db", 0.0)))
    assert not measure_move(session, analysis, plan_of(move, *others), move).beats_bypass


def changed(move: Move, name: str, to: float) -> Move:
    sets = tuple(replace(s, suggested=to) if s.ref.parameter.endswith(name) else s for s in move.sets)
    return replace(move, sets=sets)


def test_what_is_left_alone(tmp_path: Path, loud_bass: tuple[Session, Analysis]) -> None:
    quiet = scene(tmp_path / "a", kick=("kick", kick()), bass=("bass", bass(0.04)))
    assert found(*quiet) == []
    apart = scene(
        tmp_path / "b", kick=("kick", kick(every_s=1.0)), bass=("bass", bass(0.5, gaps=True, every_s=1.0))
    )
    assert found(*apart) == []
    spill = scene(tmp_path / "c", kick=("kick", kick(0.1) + 0.6 * bass(0.3)), bass=("bass", bass(0.3)))
    assert found(*spill) == []
    session, analysis = loud_bass
    assert found(session, replace(analysis, material="prints")) == []
    locked = replace(session, tracks=tuple(replace(t, locked=t.id == "bass") for t in session.tracks))
    assert found(locked, analysis) == []
    assert found(replace(session, tracks=session.tracks[1:]), analysis) == []


def test_faders_and_other_moves_count(loud_bass: tuple[Session, Analysis]) -> None:
    session, analysis = loud_bass
    (alone,) = found(session, analysis)
    down = move_of("f", {"bass/fader/gain_db": -14.0}, status="proposed")
    assert found(session, analysis, (down,)) == []
    trim = move_of("t", {"kick/trim/gain_db": -2.0}, status="proposed")
    (trimmed,) = found(session, analysis, (trim,))
    assert value(trimmed, "threshold_db") == pytest.approx(value(alone, "threshold_db") - 2.0, abs=0.11)
    assert found(session, analysis, (alone,)) == []  # dealt with
    other = replace(alone, id="o", sets=tuple(s for s in alone.sets if not s.ref.parameter.endswith("key")))
    (second,) = found(session, analysis, (other,))
    assert second.sets[0].ref.parameter.startswith("band2.")
    assert second.id == alone.id


def test_a_decision_finds_its_band_again(loud_bass: tuple[Session, Analysis]) -> None:
    session, analysis = loud_bass
    (move,) = found(session, analysis)
    moved = replace(
        move,
        sets=tuple(
            replace(s, ref=replace(s.ref, parameter=s.ref.parameter.replace("band1", "band3")))
            for s in move.sets
        ),
    )
    (again,) = KnownPairs().suggest(Context(session, analysis, plan_of(moved)))
    assert again.sets[0].ref.parameter.startswith("band3.")


def test_a_guitar_over_the_voice_gives_way_while_she_sings(tmp_path: Path) -> None:
    session, analysis = scene(
        tmp_path,
        vox=("lead_vocal", phrases(0.1)),
        gtr=("electric_guitar", 0.2 * pink(SECONDS, seed=5)),
        snare=("snare", 0.002 * pink(SECONDS, seed=6)),
    )
    (move,) = found(session, analysis)
    assert (move.track, keys_of(move)) == ("gtr", frozenset({"vox"}))
    assert 1000.0 <= value(move, "freq_hz") <= 5000.0
    measured = measure_move(session, analysis, plan_of(move), move)
    assert measured.beats_bypass, measured.text
    assert "while vox plays" in measured.text


def test_low_ends_that_disagree_belong_in_the_middle(tmp_path: Path) -> None:
    one, other = 0.2 * np.sin(2 * np.pi * 55.0 * T), 0.2 * np.sin(2 * np.pi * 55.0 * T + 1.2)
    session, analysis = scene(
        tmp_path,
        wide=("bass", np.stack((one, other))),
        same=("bass_amp", np.stack((one, one))),
        pad=("keys", np.stack((one, other))),
    )
    (move,) = found(session, analysis)
    assert (move.track, str(move.sets[0].ref), move.sets[0].value) == (
        "wide",
        "wide/width/mono_below_hz",
        120.0,
    )


def test_the_pass_proposes_it_and_a_second_pass_the_same(loud_bass: tuple[Session, Analysis]) -> None:
    session, analysis = loud_bass
    moves = [m for m in suggest(session, analysis).moves if m.source == "pairs"]
    assert moves == [m for m in suggest(session, analysis).moves if m.source == "pairs"]


def test_onsets() -> None:
    level = np.full(300, -60.0)
    level[50:80], level[150:180], level[152] = -10.0, -12.0, -5.0
    assert onsets(level).tolist() == [50, 150]
    assert onsets(np.full(300, -20.0)).size == 0
    assert onsets(np.zeros(2)).size == 0
