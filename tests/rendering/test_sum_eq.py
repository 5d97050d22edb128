"""EQ on a bus and on the mix: what the parametric EQ makes of their sums, at any block length, scaled and spanned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from chained import session_with_bus
from mixes import RATE, eq_move, lane, move_of, plan_of
from smartmix import rendering
from smartmix.automation import compile_plan
from smartmix.errors import PlanError
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move
from smartmix.processors import ParametricEQ
from smartmix.session.session import Bus, Session

Samples = NDArray[np.float32]
ON_MIX = eq_move("e1", "mix", "high_shelf", 6000.0, gain_db=-3.0, q=0.7)
ON_BUS = eq_move("e2", "band", "bell", 900.0, gain_db=4.0, q=1.0)
SENT = move_of("s", {"gtr/send/return-reverb.level_db": -10.0})


@pytest.fixture
def song(tmp_path: Path) -> Session:
    return session_with_bus(tmp_path)


def heard(session: Session, *moves: Move, block: int = 16_384, scale: float = 1.0) -> Samples:
    blocks = rendering.stream(session, plan_of(*moves), block_frames=block, scale=scale)
    return np.concatenate(list(blocks), axis=1)


def through(x: Samples, move: Move, *, gain: float = 1.0) -> Samples:
    eq = ParametricEQ()
    for setting in move.sets:
        name = setting.ref.parameter.rpartition(".")[2]
        value = setting.value
        eq.set(f"band1.{name}", value * gain if name == "gain_db" and isinstance(value, float) else value)
    return eq(x, RATE)


def bus_of(session: Session, *moves: Move) -> Samples:
    return np.concatenate(list(rendering.stream_bus(session, plan_of(*moves), "band")), axis=1)


def test_the_mix_runs_through_its_eq(song: Session) -> None:
    assert np.array_equal(heard(song, ON_MIX), through(heard(song), ON_MIX))
    assert np.array_equal(heard(song, ON_MIX, SENT), through(heard(song, SENT), ON_MIX))  # with its tail
    half = through(heard(song), ON_MIX, gain=0.5)
    np.testing.assert_allclose(heard(song, ON_MIX, scale=0.5), half, atol=1e-6)
    assert np.array_equal(heard(song, ON_MIX, ON_BUS, scale=0.0), heard(song))


def test_a_bus_runs_through_its_eq_and_nobody_else_does(song: Session) -> None:
    bus = bus_of(song)
    assert np.array_equal(bus_of(song, ON_BUS), through(bus, ON_BUS))
    vox = np.concatenate(list(rendering.stream_track(song, plan_of(ON_BUS), "vox")), axis=1)
    np.testing.assert_allclose(heard(song, ON_BUS), through(bus, ON_BUS) + vox, atol=3e-7)
    faded = move_of("f", {"band/fader/gain_db": -6.0})
    np.testing.assert_allclose(bus_of(song, ON_BUS, faded), bus_of(song, ON_BUS) * 10 ** (-6 / 20), atol=1e-6)


@pytest.mark.parametrize("block", [977, 16_384, 50_000])
def test_any_block_length_gives_the_same_samples(song: Session, block: int) -> None:
    moving = move_of(
        "m",
        {
            "mix/eq/m.shape": "bell",
            "mix/eq/m.freq_hz": lane((0.1, 300.0), (0.6, 3000.0)),
            "mix/eq/m.gain_db": lane((0.0, 0.0), (0.3, -4.0)),
            "mix/eq/m.q": 1.0,
        },
    )
    spanned = eq_move("e3", "band", "bell", 500.0, gain_db=-4.0, q=1.0, span_s=(0.2, 0.5))
    moves = (moving, ON_MIX, ON_BUS, spanned, SENT)
    assert np.array_equal(heard(song, *moves, block=block), heard(song, *moves, block=4_096))
    before = slice(0, round(0.2 * RATE))  # the sum of a bus with an EQ is rounded to float32
    np.testing.assert_allclose(heard(song, spanned)[:, before], heard(song)[:, before], atol=1.3e-7)


def test_what_it_cannot_be(song: Session) -> None:
    with pytest.raises(PlanError, match="the mix has an EQ only"):
        compile_plan(song, plan_of(move_of("x", {"mix/fader/gain_db": -1.0})))
    with pytest.raises(PlanError, match="a bus has a fader and an EQ only"):
        compile_plan(song, plan_of(move_of("x", {"band/pan/pan": 0.3})))
    all_in = replace(song, buses=(*song.buses, Bus("all", "All", ("band", "vox"))))
    with pytest.raises(PlanError, match="EQ or chains of band and all both take gtr"):
        compile_plan(all_in, plan_of(ON_BUS, eq_move("e4", "all", "bell", 500.0, gain_db=1.0)))
    assert compile_plan(song, MixPlan("x")).mix_eq is None


def test_a_track_called_mix_is_a_track(song: Session) -> None:
    tracks = tuple(replace(t, id="mix") if t.id == "vox" else t for t in song.tracks)
    compiled = compile_plan(replace(song, tracks=tracks), plan_of(ON_MIX))
    assert compiled.mix_eq is None
    assert "eq.band1.freq_hz" in compiled.strips[2].static
