"""What became of every move: measured on the render, backed out where it lost, set aside in conflicts."""

from __future__ import annotations

from dataclasses import dataclass, field

from smartmix.analysis import Analysis
from smartmix.plan import MixPlan, Move, sentence
from smartmix.plan.conflicts import resolve
from smartmix.plan.merge import decided_by_person
from smartmix.progress import Progress
from smartmix.session import Session
from smartmix.workflow.measure import Measured, measure_move
from smartmix.workflow.result import MoveOutcome, Verdict


@dataclass(frozen=True, slots=True)
class Verified:
    """Measurements by move id, and the moves that were backed out with the reason."""

    measured: dict[str, Measured] = field(default_factory=dict)
    backed_out: dict[str, str] = field(default_factory=dict)


def verify(
    session: Session, analysis: Analysis, plan: MixPlan, *, progress: Progress
) -> tuple[MixPlan, Verified]:
    """Measure each move in force on rendered audio; back out what does not beat its own bypass.

    A move a person accepted, edited, added or asked for in a note stays whatever the measurement says: the person
    has the last word, and the outcome is shown beside it.
    """
    moves, _ = resolve(plan)
    verified = Verified()
    for number, move in enumerate(moves):
        progress(f"checking: {move.title}", number / max(1, len(moves)))
        outcome = measure_move(session, analysis, plan, move)
        verified.measured[move.id] = outcome
        asked_for = move.authority == "person" or decided_by_person(plan, move)
        if not outcome.beats_bypass and not asked_for:
            verified.backed_out[move.id] = f"it does not beat its own bypass: {outcome.text}"
    if verified.backed_out:
        plan = plan.back_out(verified.backed_out)
    return plan, verified


def outcomes_of(session: Session, plan: MixPlan, verified: Verified) -> tuple[MoveOutcome, ...]:
    """Every move of the plan with its sentence and verdict, those in the mix first."""
    in_force, conflicts = resolve(plan)
    applied = {move.id for move in in_force}
    losers = {conflict.move_id: conflict.text for conflict in conflicts}
    outcomes = [_outcome(session, move, applied, losers, verified) for move in plan.moves]
    return tuple(sorted(outcomes, key=lambda o: (o.verdict != "applied", -o.move.benefit, o.move.id)))


def _outcome(
    session: Session, move: Move, applied: set[str], losers: dict[str, str], verified: Verified
) -> MoveOutcome:
    verdict: Verdict = "proposed"
    reason = ""
    if move.id in verified.backed_out:
        verdict, reason = "backed out", verified.backed_out[move.id]
    elif move.id in losers:
        verdict, reason = "set aside", losers[move.id]
    elif move.id in applied:
        verdict = "applied"
    elif move.status == "rejected":
        verdict = "rejected"
    elif move.status == "stale":
        verdict = "stale"
    measured = verified.measured.get(move.id)
    text = measured.text if measured is not None and verdict == "applied" else ""
    return MoveOutcome(move, sentence(move, session), verdict, text, reason)
