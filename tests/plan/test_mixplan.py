"""Decisions: accept, reject, edit, add, undo; locks; what a plan refuses."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans import SESSION, fact, lane, move, plan, setting
from smartmix.errors import PlanError
from smartmix.parameter import Breakpoint
from smartmix.plan.mixplan import MixPlan

EQ = (
    setting("kick/eq/a.shape", "bell", "off", ""),
    setting("kick/eq/a.freq_hz", 310.0, 310.0, "Hz"),
    setting("kick/eq/a.gain_db", -2.5),
)


def statuses(p: MixPlan) -> list[str]:
    return [m.status for m in p.moves]


def test_decisions_change_status_and_only_of_the_named_moves() -> None:
    p = plan(move("a"), move("b"), move("c")).accept(["a", "b"]).reject("b")
    assert statuses(p) == ["accepted", "rejected", "proposed"]
    assert [m.id for m in p.in_force] == ["a"]
    assert [(e.action, e.move, e.before_status, e.after_status, e.by, e.step) for e in p.history] == [
        ("accept", "a", "proposed", "accepted", "person", 1),
        ("accept", "b", "proposed", "accepted", "person", 1),
        ("reject", "b", "accepted", "rejected", "person", 2),
    ]


def test_deciding_again_adds_no_history_but_a_person_confirming_a_policy_does() -> None:
    p = plan(move("a")).accept("a", by="policy")
    assert p.accept("a", by="policy") == p
    confirmed = p.accept("a")
    assert [e.by for e in confirmed.history] == ["policy", "person"]
    assert confirmed.accept("a") == confirmed


def test_edit_keeps_the_suggestion_and_is_undone_exactly() -> None:
    start = plan(move("a", *EQ))
    once = start.edit("a", "kick/eq/a.gain_db", -1.0)
    twice = once.edit("a", 2, lane((0.0, -1.0), (9.0, -3.0)))
    assert twice.moves[0].sets[2].suggested == -2.5
    assert twice.moves[0].sets[2].value == lane((0.0, -1.0), (9.0, -3.0))
    assert twice.moves[0].status == "edited"
    assert twice.undo() == once
    assert twice.undo().undo() == start
    rejected = once.reject("a")
    assert rejected.accept("a").moves[0].status == "edited", "the chosen value is still there"


def test_add_and_undo() -> None:
    start = plan(move("a"))
    p = start.add(move("mine"))
    assert p.moves[1].authority == "person"
    assert p.moves[1].status == "accepted"
    assert p.undo() == start
    with pytest.raises(PlanError, match="move id 'a' is taken"):
        start.add(move("a"))
    with pytest.raises(PlanError, match="kick/fader/gain_db = 30: expected -120 to 24 dB"):
        start.add(move("b", setting("kick/fader/gain_db", 30.0)))


def test_undo_has_an_end() -> None:
    with pytest.raises(PlanError, match="nothing to undo: no decision"):
        plan(move("a")).undo()


@given(
    st.lists(st.tuples(st.sampled_from(["accept", "reject", "edit", "add"]), st.integers(0, 2)), max_size=12)
)
def test_undo_retraces_any_path(steps: list[tuple[str, int]]) -> None:
    path = [plan(*(move(f"m{n}", *EQ) for n in range(3)))]
    for number, (action, index) in enumerate(steps):
        p, name = path[-1], f"m{index}"
        after = {
            "accept": lambda p=p, name=name: p.accept(name),
            "reject": lambda p=p, name=name: p.reject(name),
            "edit": lambda p=p, name=name, number=number: p.edit(name, 2, -float(number % 7)),
            "add": lambda p=p, number=number: p.add(move(f"own{number}")),
        }[action]()
        if after != p:
            path.append(after)
    for expected in reversed(path[:-1]):
        path[-1] = path[-1].undo()
        assert path[-1] == expected
    assert path[-1].history == ()


def test_unknown_names_are_said_with_the_known_ones() -> None:
    p = plan(move("a"), move("b", *EQ))
    with pytest.raises(PlanError, match="no move 'z' in the plan; moves: a, b"):
        p.accept(["a", "z"])
    with pytest.raises(PlanError, match="no move 'x' in the plan; moves: none"):
        plan().reject("x")
    with pytest.raises(PlanError, match=r"move b does not set kick/eq/b\.q; it sets kick/eq/a\.shape, "):
        p.edit("b", "kick/eq/b.q", 1.0)
    with pytest.raises(PlanError, match="move b: setting 3: expected 0 to 2"):
        p.edit("b", 3, 1.0)


@pytest.mark.parametrize(
    ("which", "value", "message"),
    [
        (2, 99.0, r"move a: kick/eq/a\.gain_db = 99: expected -24 to 24 dB"),
        (2, math.nan, r"kick/eq/a\.gain_db = nan: expected a finite number"),
        (2, "bell", r"kick/eq/a\.gain_db = 'bell': expected a number or a lane"),
        (0, 1.0, r"kick/eq/a\.shape = 1\.0: expected a word"),
        (0, "peak", r"kick/eq/a\.shape = 'peak': expected one of off, bell, low_shelf"),
        (1, 5.0, r"kick/eq/a\.freq_hz = 5: expected 10 to 24000 Hz"),
        (2, lane((0.0, -1.0), (1.0, 30.0)), r"kick/eq/a\.gain_db = 30: expected -24 to 24 dB"),
        (2, lane((2.0, -1.0), (1.0, -1.0)), "lane times must rise"),
        (2, (), "a lane of 0 points; expected 1 to 200"),
        (2, lane(*((float(t), 0.0) for t in range(201))), "a lane of 201 points; expected 1 to 200"),
    ],
)
def test_edits_out_of_range(which: int, value: object, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        plan(move("a", *EQ)).edit("a", which, value)


def test_locks_refuse_accept_edit_and_add_but_not_reject() -> None:
    p = plan(
        move("v", track="vox"), move("k", setting("kick/pan/pan", 0.2, unit="")), move("free")
    ).with_locks(SESSION)
    assert p.locks == {"vox", "kick/pan/pan"}
    assert statuses(p.accept("free")) == ["proposed", "proposed", "accepted"]
    with pytest.raises(PlanError, match="move v touches 'vox', which is locked; unlock it"):
        p.accept(["free", "v"])
    with pytest.raises(PlanError, match="'kick/pan/pan', which is locked"):
        p.edit("k", 0, 0.1)
    with pytest.raises(PlanError, match="'vox', which is locked"):
        p.add(move("own", setting("vox/fader/gain_db"), track="kick"))
    assert statuses(p.reject("v"))[0] == "rejected"
    assert p.is_locked(p.moves[0])
    assert not p.is_locked(p.moves[2])


def test_a_locked_setting_does_not_lock_the_other_settings_of_its_move() -> None:
    p = plan(move("a", *EQ), locks=frozenset({"kick/eq/a.freq_hz"}))
    assert p.edit("a", 2, -1.0).moves[0].status == "edited"
    with pytest.raises(PlanError, match="locked"):
        p.edit("a", 1, 400.0)


def test_plans_hold_numbers_as_the_file_does() -> None:
    import numpy as np

    rough = move("a", setting("kick/fader/gain_db", (Breakpoint(1.00004, np.float32(-0.1)),), before=-0.0))
    m = plan(rough, move("b", confidence=0.70049, evidence=(fact(1 / 3),))).moves
    assert m[0].sets[0].suggested == (Breakpoint(1.0, -0.1),)
    assert type(m[0].sets[0].suggested[0].value) is float
    assert str(m[0].sets[0].before) == "0.0"
    assert m[1].confidence == 0.7
    assert plan(move("c", setting("kick/fader/gain_db", -6.0206))).moves[0].sets[0].value == -6.0206
    assert m[1].evidence[0].amount == 0.333
    assert plan(*m).moves == m


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ((move("a"), move("a")), "move ids must be unique, found twice: a"),
        (
            (move("a", setting("kick/fader/gain_db", math.inf)),),
            r"move a: kick/fader/gain_db = inf: expected a finite number",
        ),
        ((move("a", confidence=math.nan),), "move a: confidence nan: expected a finite number"),
        ((move("a", setting("kick/fader/gain_db", lane((math.nan, 0.0)))),), "expected a finite number"),
    ],
)
def test_plans_refuse(bad: tuple, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        plan(*bad)
