"""Policies: who gets in unseen, in which order, within which budget."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plans import SESSION, move, plan, setting
from smartmix.errors import PlanError
from smartmix.plan.accept import apply_policy
from smartmix.plan.mixplan import MixPlan


def accepted(p: MixPlan) -> list[str]:
    return [m.id for m in p.moves if m.status == "accepted"]


def test_confident_means_sure_and_clear_of_zero() -> None:
    p = plan(
        move("at", confidence=0.7),
        move("under", confidence=0.699),
        move("astride", interval=(-1.0, 0.5)),
        move("touches", interval=(-1.0, 0.0)),
        move("positive", interval=(0.1, 2.0)),
        move("unsaid", interval=None),
        move("group", interval=None, grouped=True),
        move("trim", setting("kick/trim/gain_db"), interval=None),
        replace(move("nothing", grouped=True), sets=()),
    )
    assert accepted(apply_policy(p, "confident")) == ["at", "positive", "group", "trim"]


def test_other_policies() -> None:
    p = plan(move("a", confidence=0.1), move("b", interval=(-1.0, 1.0)))
    assert apply_policy(p, "none") == p
    everything = apply_policy(p, "all")
    assert accepted(everything) == ["a", "b"]
    assert {e.by for e in everything.history} == {"policy"}
    assert everything.undo() == p, "one policy run is one step"
    with pytest.raises(PlanError, match='accept = \'most\': expected "confident", "all" or "none"'):
        apply_policy(p, "most")  # type: ignore[arg-type]


def test_only_proposed_and_unlocked_moves_are_touched() -> None:
    p = plan(move("r"), move("s"), move("v", track="vox"), move("k")).reject("r").with_locks(SESSION)
    p = MixPlan("song", tuple(m.with_status("stale") if m.id == "s" else m for m in p.moves), locks=p.locks)
    after = apply_policy(p, "all")
    assert [m.status for m in after.moves] == ["rejected", "stale", "proposed", "accepted"]


def test_budget_of_a_track_takes_the_most_useful() -> None:
    p = plan(*(move(f"m{b}", benefit=float(b)) for b in (1, 5, 3, 4, 2)))
    assert accepted(apply_policy(p, "confident")) == ["m5", "m3", "m4"]


def test_budget_of_a_song() -> None:
    moves = [move(f"m{n:02}", track=f"t{n}", benefit=float(n)) for n in range(20)]
    assert accepted(apply_policy(plan(*moves), "confident")) == [f"m{n:02}" for n in range(8, 20)]
    group = move(
        "group", setting("t1/fader/gain_db"), setting("t2/fader/gain_db"), grouped=True, benefit=99.0
    )
    assert accepted(apply_policy(plan(*moves, group), "confident")) == [
        *[f"m{n:02}" for n in range(9, 20)],
        "group",
    ]


def test_trims_and_own_moves_are_free_and_earlier_decisions_count() -> None:
    trims = [move(f"trim{n}", setting("kick/trim/gain_db"), benefit=50.0) for n in range(5)]
    p = plan(*(move(f"m{n}", benefit=float(n)) for n in range(5)), *trims)
    p = p.accept("m0").add(move("own"))
    after = apply_policy(p, "confident")
    assert accepted(after) == ["m0", "m3", "m4", *(f"trim{n}" for n in range(5)), "own"]


def test_a_move_that_would_lose_a_conflict_does_not_use_up_the_budget() -> None:
    pans = [move(f"p{n}", setting("kick/pan/pan", 0.1 * n, unit=""), benefit=9.0 - n) for n in range(4)]
    assert accepted(apply_policy(plan(*pans, move("f")), "confident")) == ["p0", "f"]


def test_the_order_of_equals_does_not_depend_on_the_order_of_the_plan() -> None:
    moves = [move(f"m{n}", benefit=1.0) for n in range(6)]
    assert accepted(apply_policy(plan(*moves), "confident")) == ["m0", "m1", "m2"]
    assert accepted(apply_policy(plan(*reversed(moves)), "confident")) == ["m2", "m1", "m0"]
