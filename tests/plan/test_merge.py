"""A re-run: decisions survive, turn stale when their ground is gone, and come back with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plans import fact, lane, move, plan, setting
from smartmix.plan.merging import changed, merge
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move


def by_id(p: MixPlan) -> dict[str, str]:
    return {m.id: m.status for m in p.moves}


def test_decisions_survive_a_rerun_with_other_figures() -> None:
    old = plan(move("a"), move("b"), move("c"), move("d")).accept("a").reject("b").edit("c", 0, -3.0)
    fresh = [move(i, setting("kick/fader/gain_db", -1.4), confidence=0.9) for i in "dcba"]
    new = merge(old, plan(*fresh, seed=5, input_hashes={"kick": "2"}))
    assert by_id(new) == {"d": "proposed", "c": "edited", "b": "rejected", "a": "accepted"}
    assert [m.id for m in new.moves] == ["d", "c", "b", "a"], "in the order of the re-run"
    assert new.move("a").sets[0].value == -1.0, "what was accepted is what sounds"
    assert new.move("c").sets[0].value == -3.0
    assert new.move("d").sets[0].value == -1.4
    assert (new.seed, new.input_hashes) == (5, {"kick": "2"})
    assert new.history == old.history


def test_merging_twice_changes_nothing() -> None:
    old = plan(move("a"), move("b"), move("gone")).accept(["a", "gone"]).reject("b")
    rerun = plan(move("a", evidence=(fact(9.0),)), move("b"), move("x"))
    once = merge(old, rerun)
    assert merge(once, rerun) == once


def test_changed_evidence_makes_a_decision_stale_and_keeps_it_in_the_history() -> None:
    old = plan(move("a", evidence=(fact(4.0),))).edit("a", 0, -3.0)
    new = merge(old, plan(move("a", setting("kick/fader/gain_db", -1.2), evidence=(fact(1.0),))))
    stale = new.move("a")
    assert stale.status == "stale" and not stale.in_force
    assert stale.sets[0].suggested == -1.2
    assert stale.sets[0].chosen == -3.0, "the decision stays visible"
    assert stale.evidence == (fact(1.0),)
    last = new.last_entry("a")
    assert last is not None
    assert (last.action, last.before_status, last.after_status, last.by) == (
        "stale",
        "edited",
        "stale",
        "re-run",
    )
    assert last.detail == "was edited; level was 4 dB, is 1"
    assert new.accept("a").move("a").status == "edited", "a person may take it up again"


def test_a_decision_no_longer_suggested_is_stale_until_it_is_again() -> None:
    old = plan(move("a"), move("b"), move("c")).accept("a").reject("b")
    without = merge(old, plan(move("x")))
    assert by_id(without) == {"x": "proposed", "a": "stale", "b": "stale"}
    again = merge(without, plan(move("b"), move("a")))
    assert by_id(again) == {"b": "rejected", "a": "accepted"}
    other = merge(without, plan(move("a", evidence=(fact(3.0),), span_s=(1.0, 9.0)), move("b")))
    assert by_id(other) == {"a": "stale", "b": "rejected"}


def test_what_only_a_policy_accepted_is_decided_afresh() -> None:
    old = plan(move("a", evidence=(fact(4.0),)), move("gone")).accept(["a", "gone"], by="policy")
    new = merge(old, plan(move("a", setting("kick/fader/gain_db", -2.0), evidence=(fact(1.0),))))
    assert by_id(new) == {"a": "proposed"}
    assert new.move("a").sets[0].value == -2.0


def test_a_person_changing_a_policy_decision_by_hand_counts() -> None:
    old = plan(move("a")).accept("a", by="policy")
    by_hand = replace(old, moves=(old.moves[0].with_status("rejected"),))
    rerun = plan(move("a")).accept("a", by="policy")
    assert by_id(merge(by_hand, rerun)) == {"a": "rejected"}


def test_a_fresh_decision_of_a_person_wins_over_the_file() -> None:
    old = plan(move("a")).accept("a")
    assert by_id(merge(old, plan(move("a")).reject("a"))) == {"a": "rejected"}


def test_a_persons_own_moves_are_kept_as_they_are() -> None:
    old = plan(move("a")).add(move("mine", title="louder!")).add(move("mine2"))
    new = merge(old, plan(move("b"), move("mine2", setting("kick/fader/gain_db", 9.0))))
    assert by_id(new) == {"b": "proposed", "mine2": "accepted", "mine": "accepted"}
    assert new.move("mine").title == "louder!"
    assert new.move("mine2") == old.move("mine2")


def test_undo_stops_at_a_rerun_that_changed_decisions() -> None:
    from smartmix.errors import PlanError

    new = merge(plan(move("a")).accept("a"), plan(move("b")))
    with pytest.raises(PlanError, match="since the song was analysed again"):
        new.undo()


BASE = move("a", evidence=(fact(4.0), fact(0.5, "sone", "masking")))


@pytest.mark.parametrize(
    ("now", "material"),
    [
        (BASE, False),
        (replace(BASE, title="t", reason="r", confidence=0.1), False),
        (replace(BASE, evidence=(fact(4.9), fact(0.6, "sone", "masking"))), False),
        (replace(BASE, evidence=(fact(5.1), fact(0.5, "sone", "masking"))), True),
        (replace(BASE, evidence=(fact(4.0), fact(0.7, "sone", "masking"))), True),
        (replace(BASE, evidence=(fact(4.0),)), True),
        (replace(BASE, evidence=(*BASE.evidence, fact(1.0, kind="rough"))), False),
        (replace(BASE, evidence=BASE.evidence[::-1]), False),
        (replace(BASE, span_s=(0.0, 10.0)), True),
        (replace(BASE, sets=(setting("kick/fader/gain_db", -1.9),)), False),
        (replace(BASE, sets=(setting("kick/fader/gain_db", -2.1),)), True),
        (replace(BASE, sets=(setting("kick/fader/gain_db", lane((0.0, -1.0), (9.0, -1.5))),)), False),
        (replace(BASE, sets=(setting("kick/fader/gain_db", lane((0.0, -1.0), (9.0, 1.0))),)), True),
        (replace(BASE, sets=(setting("kick/trim/gain_db", -1.0),)), True),
    ],
)
def test_what_counts_as_a_material_change(now, material: bool) -> None:
    assert bool(changed(BASE, now)) is material


@pytest.mark.parametrize(
    ("ref", "was", "now", "material"),
    [
        ("kick/eq/a.freq_hz", 1000.0, 1250.0, False),
        ("kick/eq/a.freq_hz", 1000.0, 1270.0, True),
        ("kick/eq/a.q", 1.0, 1.3, False),
        ("kick/eq/a.q", 1.0, 1.5, True),
        ("kick/pan/pan", 0.0, 0.1, False),
        ("kick/pan/pan", 0.0, -0.2, True),
        ("kick/eq/a.shape", "bell", "notch", True),
    ],
)
def test_tolerances_by_unit(ref: str, was: object, now: object, material: bool) -> None:
    assert bool(changed(move("a", setting(ref, was)), move("a", setting(ref, now)))) is material


def test_facts_of_the_same_kind_are_compared_in_order() -> None:
    two = move("a", evidence=(fact(1.0), fact(5.0)))
    assert changed(two, two) == ""
    assert changed(two, replace(two, evidence=(fact(1.0), fact(3.0)))) == "level was 5 dB, is 3"


def _balance(kick_db: float, snare_db: float) -> Move:
    """A grouped balance of two faders with a fact about each."""
    members = {"kick": kick_db, "snare": snare_db}
    facts = tuple(replace(fact(value), tracks=(name,)) for name, value in members.items())
    sets = [setting(f"{name}/fader/gain_db", value) for name, value in members.items()]
    return move("g", *sets, grouped=True, evidence=facts)


def test_an_edited_member_keeps_its_value_while_the_rest_of_its_group_moves_on() -> None:
    old = plan(_balance(2.0, -3.0)).accept("g", by="policy").edit("g", "kick/fader/gain_db", 0.5)
    new = merge(old, plan(_balance(2.2, 1.0)))
    assert new.move("g").in_force
    assert [s.value for s in new.move("g").sets] == [0.5, 1.0]
    assert merge(new, plan(_balance(2.2, 1.0))) == new


@pytest.mark.parametrize("kick_db", [-2.0, None])
def test_an_edited_member_whose_own_ground_is_gone_is_stale(kick_db: float | None) -> None:
    old = plan(_balance(2.0, -3.0)).accept("g", by="policy").edit("g", "kick/fader/gain_db", 0.5)
    fresh = _balance(kick_db or 2.0, -3.0)
    if kick_db is None:
        fresh = replace(fresh, sets=fresh.sets[1:], evidence=fresh.evidence[1:])
    assert merge(old, plan(fresh)).move("g").status == "stale"
