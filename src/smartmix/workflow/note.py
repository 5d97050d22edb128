"""A client's note into a plan: read, answered with proposed moves, kept with what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from smartmix.analysis import analyze
from smartmix.errors import SmartmixError
from smartmix.plan import MixPlan
from smartmix.plan.merging import decided_by_person
from smartmix.progress import Progress
from smartmix.session import Session
from smartmix.workflow.renamed import under_plan_names
from smartmix.workflow.suggesting import suggest


def check_notes(texts: Iterable[str]) -> None:
    """SmartmixError for a note without a word in it."""
    for text in texts:
        if not any(letter.isalnum() for letter in text):
            raise SmartmixError(
                f'note "{text}": says nothing; write what is to change, such as "1:12 vocal up; kick muddy"'
            )


def take_notes(
    session: Session, plan: MixPlan | None, texts: Sequence[str], *, progress: Progress | None = None
) -> MixPlan:
    """The plan with the notes and a proposed move for all of each that can be answered.

    What the plan holds already, and what was decided about it, stays as it is. Without a plan one is made, with
    everything else that would be suggested. Thresholds are set behind the trims the plan holds. SmartmixError for a
    note that says nothing.
    """
    check_notes(texts)
    if plan is not None:
        session = under_plan_names(session, plan)
    analysis = analyze(session, progress=progress)
    earlier = () if plan is None else tuple(note.text for note in plan.notes)
    told = tuple(dict.fromkeys((*earlier, *texts)))
    fresh = suggest(session, analysis, notes=told, earlier=plan, models=plan is None)
    if plan is None:
        return fresh
    before = suggest(session, analysis, notes=earlier, earlier=plan, models=False)
    plan = _without(plan, {m.id for m in before.moves} - {m.id for m in fresh.moves})
    answering = {id_ for note in fresh.notes for id_ in note.moves}
    return plan.with_notes(fresh.notes, [move for move in fresh.moves if move.id in answering])


def _without(plan: MixPlan, answered: set[str]) -> MixPlan:
    """The plan with these moves out of the mix where only a policy put them there: the note says otherwise (a track to
    be left alone, a stretch whose level it sets itself).
    """
    ids = [m.id for m in plan.in_force if m.id in answered and m.authority != "person"]
    given_up = {i: "a client's note says otherwise" for i in ids if not decided_by_person(plan, plan.move(i))}
    return plan.back_out(given_up) if given_up else plan
