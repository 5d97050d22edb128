"""The rivals and the figures: checked against what is known by other means."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from made_up import made_up_bank
from smartmix.suggesters.models.heads import Heard
from smartmix.training.assemble import Drawn
from smartmix.training.balance_truth import FittedRule, covered, rule_inputs, true_levels
from smartmix.training.bank import ROLES
from smartmix.training.evaluate import evaluate, suites
from smartmix.training.judge import Judged, error_lu, fit_rivals, silent_below, spread_factor
from smartmix.training.real import real_songs
from smartmix.training.suites.result import SuiteOptions


def flat(bands: slice) -> np.ndarray:
    vector = np.full(285, -6.0, np.float32)
    vector[bands] = -1.0
    return vector


def test_what_is_covered() -> None:
    same = covered(np.stack([flat(slice(0, 10)), flat(slice(0, 10))]))
    np.testing.assert_allclose(same, 0.5, atol=1e-3)
    apart = covered(np.stack([flat(slice(0, 10)), flat(slice(20, 30))]))
    assert apart.max() < 0.01
    crowd = covered(np.stack([flat(slice(0, 10))] * 9))
    np.testing.assert_allclose(crowd, 8 / 9, atol=1e-3)


def test_the_fitted_rule_finds_a_rule_that_is_there() -> None:
    """Oracle: plain least squares on the centred sessions."""
    rng = np.random.default_rng(0)
    hidden = rng.standard_normal(5)
    sessions = [(x, x @ hidden + 3.0 * k) for k, x in enumerate(rng.standard_normal((20, 6, 5)))]
    rule = FittedRule.fit(sessions, ridge=1e-9)
    x = np.concatenate([a - a.mean(axis=0) for a, _ in sessions])
    y = np.concatenate([b - b.mean() for _, b in sessions])
    np.testing.assert_allclose(rule.weights, np.linalg.lstsq(x, y, rcond=None)[0], atol=1e-6)
    assert error_lu(rule.levels(sessions[0][0]), sessions[0][1]) < 1e-6


def test_true_levels_follow_table_count_and_order_of_vocals() -> None:
    vectors = np.stack([flat(slice(k * 8, k * 8 + 4)) for k in range(4)])
    roles = np.asarray([ROLES.index(r) for r in ("vocal", "vocal", "pad", "bass")])
    levels = np.mean([true_levels(vectors, roles, np.random.default_rng(k)) for k in range(400)], axis=0)
    assert levels[0] - levels[1] == pytest.approx(6.0, abs=0.3)
    assert levels[3] - levels[2] == pytest.approx(7.0, abs=0.3)


def test_inputs_of_the_rule_count_those_who_share_a_role() -> None:
    chances = np.eye(len(ROLES))[[7, 7, 7, 0]]
    inputs = rule_inputs(np.stack([flat(slice(k, k + 3)) for k in range(4)]), chances)
    np.testing.assert_allclose(inputs[:, len(ROLES)], np.log10([3, 3, 3, 1]))


def judged(chance: np.ndarray, right: np.ndarray, off: np.ndarray) -> Judged:
    chances = np.zeros((chance.size, len(ROLES)))
    chances[:, 0], chances[:, 1] = chance, 1.0 - chance
    role = np.where(right, 0, 2)
    heard = Heard(chances, np.zeros(chance.size), np.ones(chance.size))
    none = np.zeros(chance.size)
    return Judged(Drawn(np.zeros((chance.size, 285), np.float32), role, off), heard, role, none, none)


def test_the_threshold_keeps_what_is_right_often_enough() -> None:
    rng = np.random.default_rng(0)
    chance = rng.uniform(0.5, 1.0, 4000)
    right = rng.random(4000) < np.where(chance > 0.8, 0.97, 0.5)
    least = silent_below([judged(chance, right, np.zeros(4000))])
    assert 0.75 < least <= 0.8
    assert right[chance >= least].mean() >= 0.9
    assert silent_below([judged(chance, rng.random(4000) < 0.3, np.zeros(4000))]) > 1.0


def test_intervals_are_made_as_wide_as_they_must_be() -> None:
    off = np.random.default_rng(1).standard_normal(3000)
    factor = spread_factor([judged(np.full(3000, 0.9), np.ones(3000, bool), off)])
    assert factor == pytest.approx(1.2816, abs=0.06)  # 80 % of a normal lies within


def test_the_linear_rival_learns_what_is_linear() -> None:
    bank = made_up_bank()
    rivals = fit_rivals(bank, 0)
    assert (rivals.role_scores(bank.vectors).argmax(axis=1) == bank.role).mean() > 0.95


def test_habits_suite_meets_its_gates_and_repeats() -> None:
    one = evaluate("habits", SuiteOptions(quick=True))
    assert one == evaluate("habits", SuiteOptions(quick=True))
    assert one.passed
    assert "habits" in suites()


def test_real_sessions_are_read(dev_songs: Path, tmp_path: Path) -> None:
    (tmp_path / "song").symlink_to(dev_songs / "audiokit_funk_loop")
    (song,) = real_songs(tmp_path)
    by_name = dict(zip(song.tracks, song.role, strict=True))
    assert [ROLES[by_name[n]] for n in ("bass", "drums", "guitar", "lead")] == [
        "bass",
        "drums",
        "guitar",
        "synth",
    ]
    assert song.is_right(song.tracks.index("lead"), ROLES.index("guitar"))
    assert not song.is_right(song.tracks.index("bass"), ROLES.index("guitar"))
    assert np.median(song.level_lu) == pytest.approx(0.0)
