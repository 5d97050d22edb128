"""Whose habits a pass goes by, and when a plan's decisions are taken into them."""

from __future__ import annotations

from pathlib import Path

from smartmix.errors import SmartmixError
from smartmix.plan import MixPlan, load_plan
from smartmix.session import Session
from smartmix.suggesters.habits import HabitsFile, load_habits, remember


def habits_for(session: Session, plan: Path | None, *, keep: bool = True) -> tuple[HabitsFile, str]:
    """The person's habits for a pass over a session, and what went wrong in keeping new ones ("" nothing).

    ``plan`` is the plan of an earlier pass, whose decisions are taken in first (unless ``keep`` is off). SmartmixError
    for a habits file that cannot be read; one that cannot be written costs the habits of this song, not the pass.
    """
    habits = load_habits()
    if plan is None or not plan.is_file() or not keep:
        return habits, ""
    problem = keep_decisions(session, load_plan(plan))
    return (habits, problem) if problem else (load_habits(), "")


def keep_decisions(session: Session, plan: MixPlan) -> str:
    """Take what the person decided in a plan into their habits; what went wrong, or ""."""
    try:
        remember(session, plan)
    except SmartmixError as error:
        return f"your habits could not be kept: {error}"
    return ""
