"""Accepting by rule: which proposed moves go into a mix nobody has reviewed yet."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from smartmix.errors import PlanError
from smartmix.plan.conflicts import clashes
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import CONFIDENT, Move

Policy = Literal["confident", "all", "none"]

MAX_MOVES_PER_SONG = 12
MAX_MOVES_PER_TRACK = 3


def apply_policy(plan: MixPlan, policy: Policy) -> MixPlan:
    """Accept proposed moves by rule; decided, stale and locked moves are never touched.

    "none" accepts nothing, "all" every proposed move. "confident" accepts moves of at least 0.7 confidence
    whose interval excludes 0 (a grouped move and a trim may have none), the largest benefit first, at most
    12 a song and 3 a track. A grouped move counts as one of the song and none of a track; trims and a
    person's own moves are free.
    """
    if policy not in ("confident", "all", "none"):
        raise PlanError(f'accept = {policy!r}: expected "confident", "all" or "none"')
    proposed = [m for m in plan.moves if m.status == "proposed" and not plan.is_locked(m)]
    if policy == "none" or not proposed:
        return plan
    chosen = proposed if policy == "all" else _within_budget(plan, [m for m in proposed if is_confident(m)])
    return plan.accept([m.id for m in plan.moves if m in chosen], by="policy") if chosen else plan


def is_confident(move: Move) -> bool:
    """Whether a move may be accepted unseen: sure enough, and its interval leaves 0 out."""
    if move.confidence < CONFIDENT or not move.sets:
        return False
    if move.interval is None:
        return move.grouped or is_free(move)
    low, high = move.interval
    return low > 0.0 or high < 0.0


def is_free(move: Move) -> bool:
    """Whether a move is gain staging (trims only), which no budget counts."""
    return bool(move.sets) and all(s.ref.device == "trim" for s in move.sets)


def _within_budget(plan: MixPlan, candidates: list[Move]) -> list[Move]:
    standing = list(plan.in_force)
    counted = [m for m in standing if m.authority != "person" and not is_free(m)]
    song = len(counted)
    tracks = Counter(m.track for m in counted if not m.grouped)
    chosen: list[Move] = []
    for move in sorted(candidates, key=lambda m: (-m.benefit, -m.confidence, m.id)):
        # A grouped move gives way only in the settings that clash (plan/conflicts.py).
        if not move.grouped and any(clashes(move, other) for other in (*standing, *chosen)):
            continue
        if is_free(move) or move.authority == "person":
            chosen.append(move)
        elif song < MAX_MOVES_PER_SONG and (move.grouped or tracks[move.track] < MAX_MOVES_PER_TRACK):
            chosen.append(move)
            song += 1
            tracks[move.track] += not move.grouped
    return chosen
