"""Gain staging: the trims in force, behind which everything else is set up, heard and measured."""

from __future__ import annotations

from dataclasses import replace

from smartmix.plan.accept import is_free
from smartmix.plan.conflicts import resolve
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move


def staging(plan: MixPlan, besides: str | None = None) -> tuple[Move, ...]:
    """The moves in force that only trim, for the whole song; ``besides``: the id of one that is left out."""
    return tuple(m for m in resolve(plan)[0] if is_free(m) and m.span_s is None and m.id != besides)


def bypass(plan: MixPlan, move_id: str) -> MixPlan:
    """What a move is compared with: the plan's gain staging and nothing else, so that its thresholds meet the level
    they were made for.
    """
    return replace(plan, moves=staging(plan, move_id))
