"""Suite "balance": how far are levels heard from the tracks alone from the ones they should have?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.progress import Progress, part, silent
from smartmix.suggesters.models.heads import SetHeads, hear_stretches
from smartmix.training.assemble import Drawn
from smartmix.training.balance_truth import TABLE, centred
from smartmix.training.judge import (
    Judged,
    Rivals,
    error_lu,
    fit_rivals,
    interval,
    judge,
    judge_sessions,
    spread_factor,
)
from smartmix.training.real import RealSong, real_songs
from smartmix.training.sounds.parts import FAMILIES
from smartmix.training.suites.result import Cell, Gate, SuiteOptions, SuiteResult, Table
from smartmix.training.trained import load_trained

SESSIONS, QUICK = 60, 12
FEWEST_NAMED = 3
COVERAGE = 0.8
COLUMNS = ("", "mean error LU", "worst song LU", "against the fitted rule", "95 % interval")
Floats = NDArray[np.float64]


def run(options: SuiteOptions, progress: Progress | None = None) -> SuiteResult:
    """Tables on unseen sources and, with ``songs``, on the balance real artists exported their tracks in."""
    report = progress or silent
    trained = load_trained(options.model)
    count = QUICK if options.quick else SESSIONS
    judged: dict[str, list[Judged]] = {}
    for number, family in enumerate(FAMILIES):
        report(f"judging on {family}", 0.5 * number / len(FAMILIES))
        seen = trained.bank.family != number
        rivals = fit_rivals(trained.bank.rows(seen), options.seed)
        judged[family] = judge_sessions(
            trained.without[family], rivals, trained.bank.rows(~seen), count, options.seed + number
        )
    every = [j for one in judged.values() for j in one]
    table, gates = _compared("unseen sources", every, options.seed)
    tables = [table]
    gates.append(_coverage_gate(judged))
    if options.songs is not None:
        songs = real_songs(options.songs, progress=part(report, 0.5, 0.95))
        real = _real(songs, trained.whole, fit_rivals(trained.bank, options.seed))
        table, more = _compared("real songs", real, options.seed)
        held = _held(real, spread_factor(every))
        told = Gate(
            "intervals, real songs", f"hold >= {COVERAGE:.0%} of the levels", f"{held:.0%}", held >= COVERAGE
        )
        tables.append(table)
        gates += [*more, told]
    return SuiteResult("balance", tuple(tables), tuple(gates), (_TRUTH,))


_TRUTH = (
    "The true levels of synthesised sessions are our own formula with noise (docs/models.md): they say whether a head "
    "hears what the formula needs, nothing about taste. Real levels are as the artists exported their tracks."
)


RIVAL, KNOWN, HEAD = "fitted rule, heard roles", "fitted rule, known roles", "head"


def _compared(where: str, judged: list[Judged], seed: int) -> tuple[Table, list[Gate]]:
    errors = _errors(judged, np.random.default_rng(seed))
    rival = errors[RIVAL]
    rows: list[tuple[Cell, ...]] = []
    for name, error in errors.items():
        low, high = interval(error - rival)
        told = (f"{(error - rival).mean():+.2f}", f"[{low:+.2f}, {high:+.2f}]")
        rows.append((name, float(error.mean()), float(error.max()), *told))
    low, high = interval(errors[HEAD] - rival)
    lost = float((errors[HEAD] - errors[KNOWN]).mean())
    gates = [
        Gate(
            f"beats the fitted rule on heard roles, {where}",
            "95 % interval of (head - rule) below 0",
            f"{(errors[HEAD] - rival).mean():+.2f} [{low:+.2f}, {high:+.2f}] LU",
            high < 0.0,
        ),
        Gate(
            f"does not lose to the fitted rule on known roles, {where}",
            "mean difference at most 0",
            f"{lost:+.2f} LU",
            lost <= 0.0,
        ),
    ]
    return Table(f"Balance, {where} ({len(judged)} sessions)", COLUMNS, tuple(rows)), gates


def _errors(judged: list[Judged], rng: np.random.Generator) -> dict[str, Floats]:
    """Mean error of each way in each session (sessions,), over the tracks whose role is known."""
    ways: dict[str, list[Floats]] = {
        "do nothing (all equally loud)": [np.zeros(j.drawn.level.size) for j in judged],
        "house table, known roles": [TABLE[np.maximum(j.drawn.role, 0)] for j in judged],
        RIVAL: [j.rule_heard for j in judged],
        KNOWN: [j.rule_known for j in judged],
        HEAD: [j.heard.level_lu for j in judged],
        "planted fault (head, tracks swapped)": [rng.permutation(j.heard.level_lu) for j in judged],
    }
    named = [j.drawn.role >= 0 for j in judged]
    return {
        name: np.asarray(
            [error_lu(s[k], j.drawn.level[k]) for s, j, k in zip(said, judged, named, strict=True)]
        )
        for name, said in ways.items()
    }


def _coverage_gate(judged: dict[str, list[Judged]]) -> Gate:
    """Intervals made as wide as the other families need, judged on the one that is held out."""
    held = []
    for family, one in judged.items():
        factor = spread_factor([j for name, others in judged.items() if name != family for j in others])
        held.append(_held(one, factor))
    share = float(np.mean(held))
    return Gate(
        "intervals, unseen sources",
        f"hold >= {COVERAGE:.0%} of the levels",
        f"{share:.0%}",
        share >= COVERAGE,
    )


def _held(judged: list[Judged], factor: float) -> float:
    """Share of the true levels inside the head's intervals."""
    inside = [np.abs(centred(j.drawn.level) - j.heard.level_lu) <= factor * j.heard.spread_lu for j in judged]
    return float(np.concatenate(inside).mean())


def _real(songs: tuple[RealSong, ...], network: SetHeads, rivals: Rivals) -> list[Judged]:
    """Real songs with enough tracks whose names say what they are."""
    kept = [song for song in songs if (song.role >= 0).sum() >= FEWEST_NAMED]
    return [
        judge(network, rivals, Drawn(s.vectors, s.role, s.level_lu), hear_stretches(network, s.stretches))
        for s in kept
    ]
