"""What suggestions add to one fader stays within its cap together; persons, the rough and trims are free."""

from __future__ import annotations

import io
from itertools import product

import numpy as np
import pytest
from rich.console import Console

from plans import fact, lane, move, plan, setting
from smartmix.parameter import Breakpoint
from smartmix.plan import MixPlan
from smartmix.plan.conflicts import held_back, resolve
from smartmix.plan.fader_room import FADER_DB
from smartmix.plan.move import Move, Value
from smartmix.report.plan_text import print_plan

TIMES = np.arange(0.0, 40.0, 0.01)


def fader(move_id: str, value: Value, **more) -> Move:
    return move(move_id, setting("kick/fader/gain_db", value), **more)


def in_force(*moves: Move) -> MixPlan:
    return plan(*moves).accept([m.id for m in moves])


def sums(moves: tuple[Move, ...]) -> tuple[np.ndarray, np.ndarray]:
    """What adds up in each direction, time by time, by a way of its own: every 10 ms."""
    up, down = np.zeros(TIMES.size), np.zeros(TIMES.size)
    for m in moves:
        for item in m.sets:
            v = item.value
            line = (
                np.full(TIMES.size, v)
                if isinstance(v, float)
                else np.interp(TIMES, *zip(*[(p.time_s, p.value) for p in v], strict=True))
            )
            if m.span_s is not None:
                line = np.where((m.span_s[0] <= TIMES) & (m.span_s[1] > TIMES), line, 0.0)
            up, down = up + np.maximum(line, 0.0), down + np.maximum(-line, 0.0)
    return up, down


def test_a_ride_on_a_fader_that_is_near_its_cap_is_made_smaller_and_says_so() -> None:
    ride = fader(
        "ride", lane((9.0, 0.0), (10.0, 2.0), (15.0, 2.0), (16.0, 0.0)), title="Kick: ride +2.0 dB, 0:10"
    )
    p = in_force(fader("base", 5.0, title="Kick: fader +5.0 dB"), ride)
    base, held = resolve(p)[0]
    assert base.sets[0].value == 5.0
    assert held.sets[0].value == lane((9.0, 0.0), (10.0, 1.0), (15.0, 1.0), (16.0, 0.0))
    assert held.title == "Kick: ride +1.0 dB, 0:10"
    assert held.reason.startswith(
        'Because. Held to +1.0 dB of +2.0: with "Kick: fader +5.0 dB" more would take'
    )
    assert p.move("ride").sets[0].value == ride.sets[0].value  # rejecting the fader gives the whole ride back
    assert resolve(p.reject("base"))[0] == (p.move("ride"),)


def test_what_has_no_room_stays_out_and_says_so() -> None:
    p = in_force(fader("base", 6.0), fader("lift", 1.5, span_s=(3.0, 4.0)))
    sounding, conflicts = resolve(p)
    assert [m.id for m in sounding] == ["base"]
    (told,) = conflicts
    assert (told.move_id, told.winner_id) == ("lift", "base")
    assert "past 6.0 dB" in told.text
    out = io.StringIO()
    print_plan(p, Console(file=out, width=200))
    assert "past 6.0 dB" in out.getvalue()
    assert held_back(p).keys() == {"lift"}


def test_directions_do_not_mix_and_each_has_its_own_cap() -> None:
    p = in_force(fader("up", 6.0), fader("down", -4.0), fader("ride", lane((0.0, -3.0), (5.0, -3.0))))
    up, down = sums(resolve(p)[0])
    assert (up.max(), down.max()) == (6.0, pytest.approx(6.0))


def test_only_suggestions_for_the_same_fader_count() -> None:
    free = [
        fader("rough", 12.0, authority="rough"),
        fader("own", 4.0, authority="person"),
        move("trim", setting("kick/trim/gain_db", 9.0)),
        move("eq", setting("kick/eq/a.gain_db", -3.0), setting("kick/fader/gain_db", 3.0)),
        move("other", setting("gtr-l/fader/gain_db", 6.0), track="gtr-l"),
    ]
    p = in_force(*free, fader("base", 6.0))
    assert resolve(p) == (p.moves, [])
    edited = plan(fader("base", 6.0), fader("ride", 2.0)).accept("base").edit("ride", 0, 3.0)
    assert resolve(edited) == (edited.moves, [])


def test_a_grouped_move_gives_way_only_on_the_track_that_is_full() -> None:
    group = move(
        "group",
        setting("kick/fader/gain_db", 4.0),
        setting("gtr-l/fader/gain_db", 4.0),
        grouped=True,
        title="Balance",
    )
    p = in_force(fader("base", 5.0), group)
    values = {str(s.ref): s.value for m in resolve(p)[0] if m.id == "group" for s in m.sets}
    assert values == {"kick/fader/gain_db": 1.0, "gtr-l/fader/gain_db": 4.0}
    assert "Held back on kick" in held_back(p)["group"]


def test_a_promise_shrinks_with_its_move() -> None:
    promise = fact(4.0, "phon", "promise")
    p = in_force(fader("base", 5.0), fader("lift", 2.0, evidence=(promise,), result="90 % comes through."))
    held = resolve(p)[0][1]
    assert held.evidence[0].amount == pytest.approx(2.0)
    assert not held.result


def test_no_heap_of_suggestions_passes_the_cap_at_any_time() -> None:
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        moves = [_any_move(rng, n) for n in range(6)]
        up, down = sums(resolve(in_force(*moves))[0])
        alone = max(sums((m,))[side].max() for m, side in product(moves, (0, 1)))
        assert max(up.max(), down.max()) <= max(FADER_DB, alone) + 1e-6, seed
        held += len(held_back(in_force(*moves)))
    assert held > 60  # they were heaps


def _any_move(rng: np.random.Generator, number: int) -> Move:
    span = tuple(np.sort(rng.uniform(0.0, 40.0, 2))) if rng.random() < 0.4 else None
    if rng.random() < 0.4:
        return fader(f"m{number}", float(rng.uniform(-6.0, 6.0)), span_s=span)
    times = np.sort(rng.uniform(0.0, 40.0, 6))
    points = tuple(
        Breakpoint(float(t), float(v)) for t, v in zip(times, rng.uniform(-4.0, 4.0, 6), strict=True)
    )
    return fader(f"m{number}", points, span_s=span)
