"""Suggestions as the pass makes them: the rules, and what the models read from the rough mix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from smartmix import suggesters
from smartmix.workflow.from_daw import rough_is_the_import, without_what_is_there
from smartmix.workflow.recalling import recalled as recall

if TYPE_CHECKING:
    from smartmix.analysis import Analysis, TrackFacts
    from smartmix.plan import MixPlan
    from smartmix.progress import Progress
    from smartmix.session import Session
    from smartmix.suggesters import Changed
    from smartmix.suggesters.habits import HabitsFile
    from smartmix.suggesters.recalled import Recalled


def suggest(  # noqa: PLR0913 (one per option)
    session: Session,
    analysis: Analysis,
    rough: TrackFacts | None = None,
    references: Sequence[object] = (),
    notes: Sequence[str] = (),
    *,
    earlier: MixPlan | None = None,
    changed: tuple[Changed, ...] = (),
    most_cuts: int | None = None,
    recalled: Recalled | None = None,
    habits: HabitsFile | None = None,
    models: bool = True,
    progress: Progress | None = None,
) -> MixPlan:
    """What ``smartmix suggest`` proposes, as a plan with nothing in force: ``smartmix.suggesters.suggest`` with the
    rough mix read sample by sample.

    Without torch, with ``models`` False, and with a ``rough`` handed in as facts, the rough's levels are fitted
    instead; ``recalled`` is a reading made before. What an import's engineer has in force (``earlier``) is not
    suggested again. Habits count only when handed in. EQ towards the session's ``references`` and ``match`` is measured
    against a render: ``smartmix.mix`` and ``smartmix suggest`` add it.
    """
    if recalled is None and models and rough is None and not rough_is_the_import(session):
        recalled = recall(session, analysis, progress=progress)
    plan = suggesters.suggest(
        session,
        analysis,
        rough,
        references,
        notes,
        earlier=earlier,
        changed=changed,
        most_cuts=most_cuts,
        recalled=recalled,
        habits=habits,
    )
    return without_what_is_there(session, plan, earlier)
