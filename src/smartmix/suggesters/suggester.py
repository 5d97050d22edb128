"""Suggester: an opinion with a name. Rules, solvers and models are equal citizens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from smartmix.analysis.analysis import Analysis
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move
from smartmix.session.session import Session
from smartmix.suggesters.recalled import Recalled


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """All a suggester may look at. It returns moves; it never touches audio."""

    session: Session
    analysis: Analysis
    earlier: MixPlan | None = None
    """The plan of the pass before this one."""
    recalled: Recalled | None = None
    """What the rough tells sample by sample; None: go by its levels."""

    @property
    def has_rough(self) -> bool:
        """Whether the client's balance is known."""
        return self.analysis.rough is not None


class Suggester(Protocol):
    """Anything with a name that turns a context into moves (possibly none: leaving alone is an answer)."""

    name: str

    def suggest(self, context: Context) -> list[Move]:
        """The moves this suggester would make, each with its reason and evidence."""
        ...
