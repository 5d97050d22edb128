"""Whose settings a move of one's own may change: the tracks and buses of the session that a plan is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartmix.errors import PlanError, SmartmixError
from smartmix.plan.ranges import is_return
from smartmix.session import Session
from smartmix.workflow.pass_folder import session_of_pass

if TYPE_CHECKING:
    from pathlib import Path

    from smartmix.plan import MixPlan

MIX = "mix"
_OF_A_MIX, _OF_A_BUS = ("bell", "high_pass"), ("fader", "bell", "high_pass")
"""What of ``plan add``'s settings a sum has."""


@dataclass(frozen=True, slots=True)
class Owners:
    """Ids of the ``tracks`` and ``buses`` of a session."""

    tracks: frozenset[str] = frozenset()
    buses: frozenset[str] = frozenset()

    @classmethod
    def beside(cls, plan_file: Path) -> Owners:
        """Those of the session in a plan's own folder (an import's), or of the pass that made the plan; none where no
        session is to be found.
        """
        folder = plan_file.parent
        found = session_of_pass(folder)
        place = folder if (folder / "session.toml").is_file() else found
        if place is None:
            return cls()
        try:
            session = Session.open(place)
        except SmartmixError:
            return cls()
        return cls(frozenset(t.id for t in session.tracks), frozenset(b.id for b in session.buses))

    def check(self, plan: MixPlan, owner: str, setting: str) -> None:
        """PlanError for an owner nobody knows, or a setting that a mix or bus has not."""
        if owner == MIX:
            _refuse(setting, _OF_A_MIX, "the mix has an EQ only")
        elif owner in self.buses and owner not in self.tracks:
            _refuse(setting, _OF_A_BUS, "a bus has a fader and an EQ only")
        elif not is_return(owner):
            heard = {
                item.ref.track for move in plan.moves for item in move.sets if not is_return(item.ref.track)
            }
            known = (heard | set(plan.input_hashes) - {"rough"} | self.tracks | self.buses) - {MIX}
            if owner not in known:
                raise PlanError(f"no track {owner!r} in the plan; tracks: {', '.join(sorted(known))}")


def _refuse(setting: str, allowed: tuple[str, ...], why: str) -> None:
    if setting not in allowed:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in allowed)
        raise PlanError(f"{why}: expected {options}")
