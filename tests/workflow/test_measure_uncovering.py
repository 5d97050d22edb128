"""Room for another track: kept promises are told in shares, broken ones are backed out, people are not overruled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mixes import eq_move, move_of
from smartmix.analysis import Analysis, analyze
from smartmix.analysis.masking import measure_masking
from smartmix.audio.io import read
from smartmix.plan import MixPlan, Move, apply_policy
from smartmix.plan.evidence import Evidence
from smartmix.progress import silent
from smartmix.rendering import render, render_file
from smartmix.session import Session
from smartmix.workflow.measure_uncovering import measure_uncovering, promise_of
from smartmix.workflow.mix_context import MixContext
from smartmix.workflow.outcomes import outcomes_of, verify
from sources import RATE, noise, write_session

SECONDS = 8.0


def band(samples: np.ndarray, low_hz: float, high_hz: float) -> np.ndarray:
    bins = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(samples.shape[1], 1.0 / RATE)
    return np.fft.irfft(np.where((hz > low_hz) & (hz < high_hz), bins, 0.0), samples.shape[1]).astype(
        np.float32
    )


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Analysis]:
    """A voice between 1 and 3 kHz under a guitar that has as much there, and its own place from 150 to 600 Hz."""
    guitar = 0.8 * band(noise(SECONDS, seed=1), 150.0, 600.0) + 1.4 * band(
        noise(SECONDS, seed=2), 900.0, 3300.0
    )
    tracks = {
        "guitar": ("electric_guitar", guitar),
        "vox": ("lead_vocal", 0.5 * band(noise(SECONDS, seed=3), 1000.0, 3000.0)),
        "pad": ("pad", 0.3 * band(noise(SECONDS, seed=4), 200.0, 5000.0)),
    }
    session = write_session(tmp_path_factory.mktemp("uncover"), tracks)
    return session, analyze(session)


def cut(
    gain_db: float = -5.0, hz: float = 1750.0, promised: float = 4.0, move_id: str = "m1", **more: object
) -> Move:
    move = eq_move(move_id, "guitar", "bell", hz, gain_db=gain_db, q=0.8)
    facts = (
        Evidence("masking", "over", 3.0, "dB", ("guitar", "vox"), (900.0, 3300.0)),
        Evidence("promise", "the vocal comes up", promised, "phon", ("vox",)),
    )
    return replace(move, evidence=facts, source="unmask", status="proposed", **more)


def plan_of(*moves: Move) -> MixPlan:
    """All in force, by the house's policy and not by a person."""
    return apply_policy(MixPlan(session="test", moves=moves), "all")


def test_the_gain_is_what_two_whole_mixes_tell(song: tuple[Session, Analysis], tmp_path: Path) -> None:
    """Measured the long way round: every track rendered, the meter set on all three."""
    session, analysis = song
    plan = plan_of(cut(), move_of("m2", {"pad/fader/gain_db": -2.0}))
    found = measure_uncovering(analysis, MixContext(session, plan, tmp_path), cut(), "vox")
    assert found is not None

    def heard(moves: MixPlan) -> float:
        only = {t.id: replace(session, tracks=(t,)) for t in session.tracks}
        tracks = {
            name: render(s, replace(moves, moves=tuple(m for m in moves.moves if m.track == name))).samples
            for name, s in only.items()
        }
        rest = tracks["guitar"] + tracks["pad"]
        whole = measure_masking({"vox": tracks["vox"], "rest": rest}, RATE)
        return float(whole.heard_share()[0])

    without = replace(plan, moves=plan.moves[1:])
    assert found.share_with == pytest.approx(heard(plan), abs=0.01)
    assert found.share_without == pytest.approx(heard(without), abs=0.01)
    assert found.gain_phon > 2.0


def test_a_kept_promise_is_told_and_stays(song: tuple[Session, Analysis]) -> None:
    plan, verified = verify(*song, plan_of(cut()), progress=silent)
    assert plan.moves[0].status == "accepted"
    text = verified.measured["m1"].text
    assert "vox" in text and "% heard there instead of" in text and "dB of loudness (promised +4.0)" in text
    assert "guitar \N{MINUS SIGN}" in text and text.endswith(" LU")


@pytest.mark.parametrize(
    "broken",
    [cut(gain_db=5.0), cut(hz=250.0), cut(gain_db=-0.3), cut(promised=60.0)],
    ids=["boost", "band", "tiny", "big"],
)
def test_a_broken_promise_is_backed_out_and_shown(song: tuple[Session, Analysis], broken: Move) -> None:
    session, analysis = song
    plan, verified = verify(session, analysis, plan_of(broken), progress=silent)
    (outcome,) = outcomes_of(session, plan, verified)
    assert outcome.verdict == "backed out"
    assert "does not keep its promise in the mix" in outcome.verdict_reason


def test_a_person_is_not_overruled(song: tuple[Session, Analysis]) -> None:
    plan, verified = verify(*song, plan_of(cut(gain_db=5.0, authority="person")), progress=silent)
    assert plan.moves[0].in_force and "m1" in verified.measured


def test_what_another_move_has_done_already_is_not_done_twice(song: tuple[Session, Analysis]) -> None:
    """The guitar is muted by a fader: cutting it as well brings nothing, whatever was promised before."""
    down = replace(move_of("m2", {"guitar/fader/gain_db": -40.0}), authority="person")
    plan, verified = verify(*song, plan_of(cut(), down), progress=silent)
    assert [m.id for m in plan.moves if m.in_force] == ["m2"]
    assert set(verified.backed_out) == {"m1"}


def test_the_mix_it_was_measured_in_is_the_mix(song: tuple[Session, Analysis], tmp_path: Path) -> None:
    session, analysis = song
    bench = tmp_path / "bench"
    bench.mkdir()
    plan, verified = verify(session, analysis, plan_of(cut()), progress=silent, bench=bench)
    ready = verified.mix_of(plan)
    assert ready is not None and ready.rendered is not None
    render_file(session, plan, tmp_path / "mix.wav")
    assert ready.rendered.read_bytes() == (tmp_path / "mix.wav").read_bytes()
    assert verified.mix_of(plan.reject(["m1"])) is None, "another plan, another mix"
    window = ready.window(2.0, 1.0)
    assert (window == read(tmp_path / "mix.wav").samples[:, 2 * RATE : 3 * RATE]).all()


def test_other_moves_promise_nothing() -> None:
    assert promise_of(eq_move("m1", "guitar", "bell", 1000.0, gain_db=-3.0)) is None
    assert promise_of(cut()) is not None
