"""Moves a person reviews: plans, decisions, conflicts, the sentence that explains a move, and plan.toml."""

from typing import TYPE_CHECKING

from smartmix.lazy import lazily

if TYPE_CHECKING:
    from smartmix.plan.accept import Policy, apply_policy
    from smartmix.plan.conflicts import Conflict, resolve
    from smartmix.plan.evidence import Evidence
    from smartmix.plan.explain import sentence
    from smartmix.plan.merging import merge
    from smartmix.plan.mixplan import HistoryEntry, MixPlan
    from smartmix.plan.move import Move, MoveSet
    from smartmix.plan.storage import load_plan, save_plan

__all__ = [
    "Conflict",
    "Evidence",
    "HistoryEntry",
    "MixPlan",
    "Move",
    "MoveSet",
    "Policy",
    "apply_policy",
    "load_plan",
    "merge",
    "resolve",
    "save_plan",
    "sentence",
]

__getattr__ = lazily(
    __name__,
    {
        "Conflict": "conflicts",
        "Evidence": "evidence",
        "HistoryEntry": "mixplan",
        "MixPlan": "mixplan",
        "Move": "move",
        "MoveSet": "move",
        "Policy": "accept",
        "apply_policy": "accept",
        "load_plan": "storage",
        "merge": "merging",
        "resolve": "conflicts",
        "save_plan": "storage",
        "sentence": "explain",
    },
)
