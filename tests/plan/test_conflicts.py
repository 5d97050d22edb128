"""Conflicts: levels add, everything else follows one move at a time."""

from __future__ import annotations

from plans import SESSION, move, plan, setting
from smartmix.plan.conflicts import Conflict, resolve
from smartmix.plan.mixplan import MixPlan


def pan(move_id: str, value: float = 0.3, **more):
    return move(move_id, setting("kick/pan/pan", value, unit=""), **more)


def ids(p: MixPlan) -> list[str]:
    return [m.id for m in resolve(p)[0]]


def test_levels_add_up() -> None:
    p = plan(*(move(i) for i in "ab"), move("t", setting("kick/trim/gain_db"))).accept(["a", "b", "t"])
    assert resolve(p) == (p.moves, [])


def test_only_moves_in_force_sound() -> None:
    p = plan(move("a"), move("b"), move("c")).accept("a").reject("b")
    assert ids(p) == ["a"]


def test_authority_then_confidence_then_id() -> None:
    ranked = [
        pan("z", authority="person", confidence=0.1),
        pan("y", authority="rough", confidence=0.2),
        pan("x", authority="rule", confidence=0.9),
        pan("w", authority="rule", confidence=0.8),
        pan("a", authority="model", confidence=0.95),
        pan("b", authority="model", confidence=0.95),
    ]
    while ranked:
        p = plan(*reversed(ranked)).accept([m.id for m in ranked])
        sounding, conflicts = resolve(p)
        assert [m.id for m in sounding] == [ranked[0].id]
        assert {c.move_id for c in conflicts} == {m.id for m in ranked[1:]}
        assert {c.winner_id for c in conflicts} <= {ranked[0].id}
        ranked.pop(0)


def test_an_edit_has_the_authority_of_the_person() -> None:
    p = (
        plan(pan("rough", authority="rough"), pan("model", authority="model"))
        .accept("rough")
        .edit("model", 0, -0.5)
    )
    assert ids(p) == ["model"]


def test_spans_that_only_touch_share_a_parameter() -> None:
    p = plan(
        pan("a", span_s=(0.0, 10.0)),
        pan("b", span_s=(10.0, 20.0)),
        pan("c", span_s=(19.0, 30.0), confidence=0.7),
    )
    assert ids(p.accept(["a", "b", "c"])) == ["a", "b"]
    whole = plan(pan("a", span_s=(0.0, 10.0)), pan("all", confidence=0.9)).accept(["a", "all"])
    assert ids(whole) == ["all"]


def test_a_loser_claims_nothing() -> None:
    both = move(
        "b", setting("kick/pan/pan", 0.1, unit=""), setting("gtr-l/pan/pan", 0.1, unit=""), confidence=0.8
    )
    p = plan(pan("a", confidence=0.9), both, move("c", setting("gtr-l/pan/pan", unit=""), confidence=0.7))
    sounding, conflicts = resolve(p.accept(["a", "b", "c"]))
    assert [m.id for m in sounding] == ["a", "c"]
    assert conflicts == [Conflict("b", "a", 'title b: kick/pan/pan follows "title a" (rule x) there')]


def test_a_grouped_move_loses_only_the_settings_in_conflict() -> None:
    members = [setting(f"{t}/pan/pan", 0.2, unit="") for t in ("kick", "gtr-l", "vox")]
    p = plan(move("spread", *members, grouped=True), pan("mine", authority="person")).accept(
        ["spread", "mine"]
    )
    sounding, conflicts = resolve(p)
    assert [str(s.ref) for s in sounding[0].sets] == ["gtr-l/pan/pan", "vox/pan/pan"]
    assert [(c.move_id, c.winner_id) for c in conflicts] == [("spread", "mine")]


def test_a_lock_set_after_the_decision_keeps_a_move_out() -> None:
    p = plan(move("v", track="vox"), move("k")).accept(["v", "k"]).with_locks(SESSION)
    sounding, conflicts = resolve(p)
    assert [m.id for m in sounding] == ["k"]
    assert [(c.move_id, c.winner_id) for c in conflicts] == [("v", "")]
    assert "locked" in conflicts[0].text
