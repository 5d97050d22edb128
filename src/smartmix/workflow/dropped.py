"""What the pass before had in the mix by itself and this one has not: a mix must not change without a word."""

from __future__ import annotations

from smartmix.plan import MixPlan, Move
from smartmix.plan.accept import MAX_MOVES_PER_SONG, MAX_MOVES_PER_TRACK, Policy, is_confident
from smartmix.plan.conflicts import Conflict, clashes, resolve
from smartmix.plan.merging import NO_LONGER, decided_by_person
from smartmix.plan.titles import title_in_force


def no_longer_in_the_mix(
    earlier: MixPlan | None, plan: MixPlan, accept: Policy = "confident"
) -> tuple[str, ...]:
    """A sentence for each move that a policy had put in the mix of ``earlier`` and that is not in that of ``plan``:
    which, why, and how it comes back.

    Nothing where a person decided (a decision that no longer counts turns stale, which is said), for what goes on under
    another id (a ride in a section that was renamed), and where nothing was to be accepted at all.
    """
    if earlier is None or accept == "none":
        return ()
    before = resolve(earlier)[0]
    sounding, conflicts = resolve(plan)
    there = {move.id for move in sounding}
    new = [move for move in sounding if move.id not in {m.id for m in before}]
    now = {move.id: move for move in plan.moves}
    told = []
    for move in before:
        if move.id in there or decided_by_person(earlier, move):
            continue
        if move.id not in now:
            if not any((other.source, other.track) == (move.source, move.track) for other in new):
                told.append(f"no longer in the mix: {title_in_force(move)}; it is {NO_LONGER}")
        elif now[move.id].status not in ("stale", "rejected"):
            told.append(_told(plan, now[move.id], sounding, conflicts))
    return tuple(told)


def _told(plan: MixPlan, move: Move, sounding: tuple[Move, ...], conflicts: list[Conflict]) -> str:
    title = title_in_force(move)
    lost = next((c.text.removeprefix(f"{title}: ") for c in conflicts if c.move_id == move.id), "")
    if lost:
        return f"no longer in the mix: {title}; {lost}"
    back = f"smartmix plan accept PLAN {move.id} puts it back"
    return f"no longer in the mix: {title}; {_why(plan, move, sounding)}; {back}"


def _why(plan: MixPlan, move: Move, sounding: tuple[Move, ...]) -> str:
    """Why no policy took a move that is suggested (see ``apply_policy``), or what backed it out."""
    last = plan.last_entry(move.id)
    if last is not None and last.action == "back out":
        return last.detail
    if plan.is_locked(move):
        return "it is locked now"
    if not is_confident(move):
        return f"it is not sure enough any more ({100.0 * move.confidence:.0f} %)"
    if winner := next((other for other in sounding if clashes(move, other)), None):
        return f'"{title_in_force(winner)}" has its place'
    if sum(other.track == move.track and not other.grouped for other in sounding) >= MAX_MOVES_PER_TRACK:
        return f"its track has {MAX_MOVES_PER_TRACK} others that promise more"
    return f"the song has {MAX_MOVES_PER_SONG} others that promise more"
