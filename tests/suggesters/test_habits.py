"""Habits: learned from what a person decided, spoken only when plain, never counted twice."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mixes import eq_move, move_of, plan_of, session_of, track_of
from smartmix.errors import SmartmixError
from smartmix.plan.merging import FROM_NOTE, changed
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move
from smartmix.session.session import Bus, Session
from smartmix.suggesters.habits import (
    Decision,
    HabitsFile,
    decisions_of,
    learn_habits,
    load_habits,
    remember,
    save_habits,
    with_habits,
)
from smartmix.suggesters.habits.ridge import posterior

VOX_UP = HabitsFile(True, {f"song {n}": (Decision("lead_vocal", "fader", 1.4),) for n in range(6)})


def session(name: str = "today", **track: Any) -> Session:
    roles = {"vox": "lead_vocal", "bv-1": "backing_vocal", "bv-2": "backing_vocal", "kick": "kick"}
    tracks = [track_of(name, role=role, **track) for name, role in roles.items()]
    return replace(session_of(*tracks, buses=(Bus("bus", "Drums", ("kick",)),)), name=name)


def heard(*, rough: bool = False, material: str = "multitrack") -> Any:
    """As much of an analysis as habits look at."""
    tracks = dict.fromkeys(("vox", "bv-1", "bv-2", "kick"))
    return SimpleNamespace(rough=object() if rough else None, material=material, tracks=tracks)


def fader(track: str, db: float, **more: Any) -> Move:
    made = move_of(f"f-{track}", {f"{track}/fader/gain_db": db}, status="proposed")
    return replace(made, title=f"{track}: fader {db}", interval=(db - 1.0, db + 1.0), **more)


def wishes(plan: MixPlan) -> dict[tuple[str, str], float]:
    return {(d.role, d.quantity): d.wanted_db for d in decisions_of(session(), plan)}


def applied(moves: list[Move], held: HabitsFile = VOX_UP, *, rough: bool = False) -> dict[str, float]:
    """Fader settings by track after habits."""
    made = with_habits(session(), heard(rough=rough), moves, held)
    return {s.ref.track: float(s.suggested) for m in made for s in m.sets if isinstance(s.suggested, float)}


def test_what_a_decision_says() -> None:
    plan = plan_of(fader("vox", 2.0), fader("bv-1", -2.0), fader("bv-2", -3.0), fader("kick", 1.0))
    plan = plan.edit("f-vox", 0, 3.5).accept(["f-bv-1"]).reject(["f-bv-2"])
    # Accepted is as suggested, rejected is back to 0; the undecided kick is not a wish, and no wish of another.
    assert wishes(plan) == {
        ("lead_vocal", "fader"): 1.5,
        ("backing_vocal", "fader"): 1.5,
        ("kick", "fader"): 0.0,
    }


def test_a_plan_nobody_worked_on_says_nothing() -> None:
    plan = plan_of(fader("vox", 2.0)).accept(["f-vox"], by="policy")
    assert decisions_of(session(), plan) == ()


def test_a_move_of_their_own_is_a_wish_and_a_clients_note_is_not() -> None:
    plan = plan_of().add(fader("vox", 1.5))
    assert wishes(plan)["lead_vocal", "fader"] == 1.5
    told = replace(fader("vox", 3.0), id="n", source=FROM_NOTE, authority="person", status="accepted")
    assert wishes(plan_of(told, fader("kick", 1.0)).accept(["f-kick"]))["lead_vocal", "fader"] == 0.0


def test_off_is_no_amount() -> None:
    """A send that was off and is left off, and a fader pulled shut, say nothing about how much."""
    send = move_of("s", {"vox/send/return-reverb.level_db": -12.0}, status="proposed")
    send = replace(send, sets=(replace(send.sets[0], before=-120.0),))
    plan = plan_of(send, fader("kick", 1.0)).reject(["s"]).edit("f-kick", 0, -60.0)
    assert wishes(plan) == {
        ("lead_vocal", "fader"): 0.0,
        ("backing_vocal", "fader"): 0.0,
        ("kick", "fader"): 0.0,
    }
    assert wishes(plan_of(send).edit("s", 0, -9.0))["lead_vocal", "send"] == 3.0


def test_eq_is_kept_by_octave_group() -> None:
    cut = eq_move("m1", "kick", "bell", 300.0, gain_db=-2.0, q=1.0, status="proposed")
    plan = plan_of(cut).edit("m1", "kick/eq/m1.gain_db", -3.0)
    assert wishes(plan)["kick", "eq low mid"] == -1.0


def test_what_a_habit_put_there_does_not_count_again() -> None:
    (moved, *_) = with_habits(session(), heard(), [fader("vox", 1.0)], VOX_UP)
    plan = plan_of(moved).accept([moved.id])
    put = float(str(moved.sets[0].suggested)) - 1.0
    assert put > 0.5
    assert wishes(plan)["lead_vocal", "fader"] == pytest.approx(
        put, abs=1e-3
    )  # they wanted 1.0 and the habit
    refused = plan_of(moved).reject([moved.id])
    assert wishes(refused)["lead_vocal", "fader"] == pytest.approx(-1.0, abs=1e-3)


def test_the_ridge_is_a_gaussian_conditioned_on_what_was_seen() -> None:
    """Oracle: the same posterior by conditioning the joint normal of wishes and weights, no precision in sight."""
    rng = np.random.default_rng(3)
    rows, wanted, prior = rng.standard_normal((9, 4)), rng.standard_normal(9), np.array([1.2, 0.6, 2.0, 0.3])
    spread = np.diag(prior**2)
    seen = rows @ spread @ rows.T + 0.8**2 * np.eye(9)
    gain = spread @ rows.T @ np.linalg.inv(seen)
    mean, covariance = posterior(rows, wanted, prior, 0.8)
    np.testing.assert_allclose(mean, gain @ wanted, atol=1e-10)
    np.testing.assert_allclose(covariance, spread - gain @ rows @ spread, atol=1e-10)


@pytest.mark.parametrize(
    ("wanted", "plain"),
    [
        ([2.0, 2.0], False),  # two songs are no habit, however clear
        ([1.5, 1.6, 1.4, 1.5], True),
        ([0.4] * 30, False),  # too small to be anybody's business
        ([3.0, -3.0, 2.5, -2.0, 3.0, -1.0], False),
        ([0.0] * 20, False),
    ],
)
def test_the_gate(wanted: list[float], plain: bool) -> None:
    songs = {str(n): (Decision("lead_vocal", "fader", w),) for n, w in enumerate(wanted)}
    (habit,) = learn_habits(songs)
    assert habit.is_plain is plain
    assert math.isfinite(habit.mean_db)
    assert abs(habit.mean_db) <= max(abs(w) for w in wanted)


def test_below_the_gate_nothing_moves() -> None:
    moves = [fader("vox", 2.0), fader("kick", -2.0)]
    held = HabitsFile(
        True, {"a": (Decision("lead_vocal", "fader", 5.0),), "b": (Decision("kick", "fader", 5.0),)}
    )
    assert with_habits(session(), heard(), moves, held) == moves
    assert with_habits(session(), heard(), moves, replace(VOX_UP, on=False)) == moves
    assert with_habits(session(), heard(), moves, HabitsFile()) == moves


def test_a_plain_habit_moves_a_suggestion_a_little_and_says_so() -> None:
    made, own = with_habits(session(), heard(), [fader("kick", -2.0), fader("vox", 1.0)], VOX_UP)
    assert made == fader("kick", -2.0)
    assert 1.5 < float(str(own.sets[0].suggested)) <= 2.5
    assert "Because you usually set lead vocal" in own.reason
    assert "6 songs" in own.reason
    assert own.interval is not None
    assert own.interval[1] - own.interval[0] > 2.0
    assert own.title == f"vox: fader +{float(str(own.sets[0].suggested)):.1f} dB"


def test_limits_hold() -> None:
    huge = HabitsFile(True, {f"s{n}": (Decision("lead_vocal", "fader", 9.0),) for n in range(20)})
    assert applied([fader("vox", 1.0)], huge)["vox"] == 2.5
    assert applied([fader("vox", 5.8)], huge)["vox"] == 6.0
    assert applied([fader("vox", 9.0)], huge)["vox"] == 9.0  # the rough went further already
    down = HabitsFile(True, {f"s{n}": (Decision("lead_vocal", "fader", -9.0),) for n in range(20)})
    assert applied([fader("vox", 1.0)], down, rough=True) == {}  # not below 0, and 0 is nothing to say
    assert applied([fader("vox", 1.0)], down)["vox"] == -0.5
    assert applied([], down, rough=True) == {}
    prints = with_habits(session(), heard(material="prints"), [fader("vox", 1.0)], huge)
    assert prints[0].sets[0].suggested == 1.5


def test_a_fader_nobody_suggests_gets_a_move_to_listen_to() -> None:
    (own,) = with_habits(session(), heard(), [], VOX_UP)
    assert (own.source, own.track, own.authority) == ("habits", "vox", "rule")
    assert with_habits(session(locked=True), heard(), [], VOX_UP) == []


def test_a_persons_own_moves_and_moves_of_a_section_stay() -> None:
    moves = [fader("vox", 1.0, authority="person"), fader("vox", 2.0, id="x", span_s=(1.0, 2.0))]
    assert with_habits(session(), heard(), moves, VOX_UP) == moves


def test_a_song_does_not_learn_from_itself() -> None:
    same = HabitsFile(True, {"today": (Decision("lead_vocal", "fader", 9.0),), **VOX_UP.songs})
    once = with_habits(session(), heard(), [fader("vox", 1.0)], VOX_UP)
    again = with_habits(session(), heard(), [fader("vox", 1.0)], same)
    assert changed(once[0], again[0]) == ""
    assert once == again


def test_the_file_keeps_decisions_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "habits.toml"
    plan = plan_of(fader("vox", 2.0)).edit("f-vox", 0, 3.0)
    assert remember(session("a"), plan, path)
    text = path.read_text()
    assert text.startswith("# What you made of suggestions")
    path.write_text(text.replace('name = "a"', 'name = "a"  # the loud one'))
    assert remember(session("b"), plan, path)
    assert remember(session("a"), plan.edit("f-vox", 0, 2.5), path)
    held = load_habits(path)
    assert list(held.songs) == ["b", "a"]
    assert [d.wanted_db for d in held.songs["a"] if d.role == "lead_vocal"] == [0.5]
    assert "# the loud one" in path.read_text()


def test_switched_off_learns_nothing(tmp_path: Path) -> None:
    path = save_habits(HabitsFile(on=False), tmp_path / "habits.toml")
    assert not remember(session(), plan_of(fader("vox", 2.0)).accept(["f-vox"]), path)
    assert load_habits(path) == HabitsFile(on=False)


def one(role: str = "kick", quantity: str = "fader", wanted_db: str = "1") -> str:
    wish = f'role = "{role}"\nquantity = "{quantity}"\nwanted_db = {wanted_db}'
    return f'format = 1\n[[song]]\nname = "a"\n[[song.decision]]\n{wish}\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("format = 2", "format = 2: expected 1"),
        ("format = 1\nloud = true", "unknown key 'loud'"),
        (one(role="singer"), "one of kick"),
        (one(quantity="colour"), "one of fader"),
        (one(wanted_db="nan"), "-24 to 24 dB"),
        (one(wanted_db="99"), "-24 to 24 dB"),
        ("\x00", "not valid TOML"),
    ],
)
def test_a_bad_file_is_said_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "habits.toml"
    path.write_text(text)
    with pytest.raises(SmartmixError) as told:
        load_habits(path)
    assert str(path) in str(told.value)
    assert said in str(told.value)
