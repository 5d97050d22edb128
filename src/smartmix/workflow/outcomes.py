"""What became of every move: measured on the render, backed out where it lost, set aside in conflicts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from smartmix.analysis import Analysis
from smartmix.plan import MixPlan, Move, sentence
from smartmix.plan.conflicts import held_back, resolve
from smartmix.plan.merging import decided_by_person
from smartmix.progress import Progress
from smartmix.session import Session
from smartmix.workflow.measure import Measured, measure_move
from smartmix.workflow.measure_uncovering import promise_of, uncovering_outcome
from smartmix.workflow.mix_context import MixContext
from smartmix.workflow.result import MoveOutcome, Verdict


@dataclass(frozen=True, slots=True)
class Verified:
    """Measurements by move id, and the moves that were backed out with the reason."""

    measured: dict[str, Measured] = field(default_factory=dict)
    backed_out: dict[str, str] = field(default_factory=dict)
    context: MixContext | None = None
    """The mix the moves were measured in, where one was needed."""

    def take(self, plan: MixPlan, move: Move, outcome: Measured) -> None:
        """Write an outcome down; a move that lost is backed out, unless a person asked for it."""
        self.measured[move.id] = outcome
        asked_for = move.authority == "person" or decided_by_person(plan, move)
        if not outcome.beats_bypass and not asked_for:
            self.backed_out[move.id] = f"{_why(move)}: {outcome.text}"

    def mix_of(self, plan: MixPlan) -> MixContext | None:
        """The mix they were measured in, if that is what this plan makes."""
        same = self.context is not None and self.context.plan == plan and self.context.rendered is not None
        return self.context if same else None


def _why(move: Move) -> str:
    promised = promise_of(move) is not None
    return "it does not keep its promise in the mix" if promised else "it does not beat its own bypass"


def verify(
    session: Session, analysis: Analysis, plan: MixPlan, *, progress: Progress, bench: Path | None = None
) -> tuple[MixPlan, Verified]:
    """Measure each move in force on rendered audio; back out what does not beat its own bypass.

    Moves that make room for another track are measured last, in the mix with everything else that is left in force;
    they are backed out when they do not keep their promise there. ``bench`` is a folder in which that mix may be kept
    (``Verified.context``). A move a person accepted, edited, added or asked for in a note stays whatever the
    measurement says: the person has the last word, and the outcome is shown beside it.
    """
    moves, _ = resolve(plan)
    verified = Verified()
    promising = [move for move in moves if promise_of(move) is not None]
    others = [move for move in moves if promise_of(move) is None]
    for number, move in enumerate(others):
        progress(f"checking: {move.title}", number / max(1, len(moves)))
        verified.take(plan, move, measure_move(session, analysis, plan, move))
    before = dict(verified.backed_out)
    plan = plan.back_out(before) if before else plan
    if not promising:
        return plan, verified
    with TemporaryDirectory(prefix=".smartmix-") as folder:
        context = MixContext(session, plan, bench or Path(folder))
        for number, move in enumerate(promising, start=len(others)):
            progress(f"checking: {move.title}", number / len(moves))
            promise = promise_of(move)
            assert promise is not None
            verified.take(plan, move, Measured(*uncovering_outcome(analysis, context, move, promise)))
    broken = {name: why for name, why in verified.backed_out.items() if name not in before}
    plan = plan.back_out(broken) if broken else plan
    return plan, replace(verified, context=context if bench is not None else None)


def outcomes_of(session: Session, plan: MixPlan, verified: Verified) -> tuple[MoveOutcome, ...]:
    """Every move of the plan with its sentence and verdict, those in the mix first."""
    in_force, conflicts = resolve(plan)
    applied = {move.id for move in in_force}
    losers = {conflict.move_id: conflict.text for conflict in conflicts}
    held = held_back(plan)
    as_heard = {move.id: move for move in in_force if move.id in held}
    moves = [as_heard.get(move.id, move) for move in plan.moves]
    outcomes = [_outcome(session, move, applied, losers, verified) for move in moves]
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
