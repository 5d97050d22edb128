"""Merge: a song analysed again keeps what a person decided about its moves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.keyed import keys_of
from smartmix.plan.mixplan import Action, HistoryEntry, MixPlan
from smartmix.plan.move import Move, Status, Value
from smartmix.plan.ranges import range_of

FROM_NOTE = "note"
"""Source of the moves that answer a client's note."""
FROM_DAW = "the DAW session"
"""Source of the moves that an import found in the session of a DAW."""
NO_LONGER = "no longer suggested"
GONE = "no longer in the session"

LEVEL_CHANGE_DB = 1.0
"""A fact or value in dB or LU that moves by more than this has changed materially."""
SHARE_CHANGE = 0.25
"""So has any other that moves by more than this share of itself."""
FREQUENCY_CHANGE = 2.0 ** (1.0 / 3.0)
"""So has a frequency that moves by more than a third of an octave."""
PAN_CHANGE = 0.15
TIME_CHANGE_S = 0.1
"""A duration that changes by less than this has not, however short it is."""
SPAN_CHANGE_S = 2.0


@dataclass
class _Merged:
    """The plan as it grows: its moves, what the re-run did to old decisions, and whose history is kept."""

    step: int
    moves: list[Move] = field(default_factory=list)
    entries: list[HistoryEntry] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)

    def note(self, action: Action, move: Move, after: Status, detail: str) -> None:
        entry = HistoryEntry(action, move.id, move.status, after, detail, "re-run", self.step)
        self.entries.append(entry)


def merge(old: MixPlan, new: MixPlan) -> MixPlan:
    """The new plan with the decisions of the old one.

    A person's decision survives by move id, with the figures it was made about. If the evidence or the
    suggestion has changed materially, or the move is no longer suggested, it turns "stale": out of force,
    the decision in the history. It comes back when the move does. What only a policy accepted is decided
    afresh; a person's own moves are kept. Of an edited grouped move the edited settings are the decision: the others
    follow the new suggestion.
    """
    merged = _Merged(step=max([0, *(e.step for e in (*old.history, *new.history))]) + 1)
    before = {move.id: move for move in old.moves}
    for move in new.moves:
        known = before.get(move.id)
        if known is None or decided_by_person(new, move):
            merged.moves.append(move)
        else:
            _carry(old, known, move, merged)
    fresh = {move.id for move in new.moves}
    for move in old.moves:
        if move.id not in fresh:
            _keep_missing(old, move, merged)
    notes = (*new.notes, *(n for n in old.notes if n.text not in {m.text for m in new.notes}))
    history, chains = _history(old, new, merged), old.chains | new.chains
    return replace(new, moves=tuple(merged.moves), history=history, notes=notes, chains=chains)


def without_missing(plan: MixPlan, known: frozenset[str]) -> MixPlan:
    """The plan with the moves stale that set or listen to a track, bus or return the session does not have (``known``
    are its ids): one file that is left out today must not cost the mix. They come back with the track.
    """
    kept = _Merged(step=max([0, *(e.step for e in plan.history)]) + 1)
    for move in plan.moves:
        missing = sorted(({s.ref.track for s in move.sets} | keys_of(move)) - known)
        last = plan.last_entry(move.id)
        if missing and move.status not in ("stale", "rejected"):
            kept.note("stale", move, "stale", f"was {move.status}; {', '.join(missing)} {GONE}")
            kept.moves.append(move.with_status("stale"))
        elif not missing and move.status == "stale" and last and last.detail.endswith(GONE):
            kept.note("restore", move, last.before_status, "back in the session")
            kept.moves.append(move.with_status(last.before_status))
        else:
            kept.moves.append(move)
    if not kept.entries:
        return plan
    return replace(plan, moves=tuple(kept.moves), history=(*plan.history, *kept.entries))


def decided_by_person(plan: MixPlan, move: Move) -> bool:
    """Whether a person (not a policy) accepted, rejected or edited a move, here or by hand in the file."""
    last = plan.last_entry(move.id)
    if move.status not in ("accepted", "rejected", "edited"):
        return False
    return last is None or last.by == "person" or last.after_status != move.status


def _carry(old: MixPlan, known: Move, move: Move, merged: _Merged) -> None:
    """Decide what becomes of a move that was in the old plan too."""
    edited_group = known.grouped and known.status == "edited" and decided_by_person(old, known)
    change = changed(*_edited_members(known, move)) if edited_group else changed(known, move)
    if known.status == "stale":
        _carry_stale(old, known, move, change, merged)
    elif _is_own(known):
        merged.kept.add(move.id)
        merged.moves.append(known)
    elif not decided_by_person(old, known):
        merged.moves.append(_with_chosen(known, move))
    elif change:
        merged.kept.add(move.id)
        merged.note("stale", known, "stale", f"was {known.status}; {change}")
        merged.moves.append(_with_chosen(known, move).with_status("stale"))
    else:
        merged.kept.add(move.id)
        merged.moves.append(_with_chosen(known, move).with_status("edited") if edited_group else known)


def _edited_members(known: Move, move: Move) -> tuple[Move, Move]:
    """Both versions of a grouped move with only the settings a person chose, and the facts about their tracks: the
    other members were left to the pass, which decides them afresh.
    """
    refs = {s.ref for s in known.sets if s.chosen is not None}
    tracks = {ref.track for ref in refs}

    def part(of: Move) -> Move:
        sets = tuple(s for s in of.sets if s.ref in refs)
        return replace(of, sets=sets, evidence=tuple(e for e in of.evidence if tracks & set(e.tracks)))

    return part(known), part(move)


def _is_own(move: Move) -> bool:
    """Whether a person wrote the move; one that answers a note is read from the note anew in every pass."""
    return move.authority == "person" and move.source != FROM_NOTE


def _carry_stale(old: MixPlan, known: Move, move: Move, change: str, merged: _Merged) -> None:
    merged.kept.add(move.id)
    last = old.last_entry(move.id)
    if last and last.action == "stale" and last.detail.endswith(NO_LONGER) and not change:
        merged.note("restore", known, last.before_status, "suggested again")
        merged.moves.append(known.with_status(last.before_status))
    else:
        merged.moves.append(_with_chosen(known, move).with_status("stale"))


def _keep_missing(old: MixPlan, move: Move, merged: _Merged) -> None:
    chosen = any(s.chosen is not None for s in move.sets)
    if _is_own(move) or move.status == "stale":
        merged.moves.append(move)
    elif decided_by_person(old, move) or chosen:
        merged.note("stale", move, "stale", f"was {move.status}; {NO_LONGER}")
        merged.moves.append(move.with_status("stale"))


def _history(old: MixPlan, new: MixPlan, merged: _Merged) -> tuple[HistoryEntry, ...]:
    """Old history, then the new one (where its decisions count), then what the merge itself did."""
    common = len(old.history) if new.history[: len(old.history)] == old.history else 0
    shift = max([0, *(e.step for e in old.history)]) if not common else 0
    later = [replace(e, step=e.step + shift) for e in new.history[common:] if e.move not in merged.kept]
    joined = [*old.history, *later]
    step = max([0, *(e.step for e in joined)]) + 1
    return (*joined, *(replace(e, step=step) for e in merged.entries))


def _with_chosen(known: Move, move: Move) -> Move:
    """The new move with the values a person had chosen."""
    chosen = {str(s.ref): s.chosen for s in known.sets}
    sets = tuple(
        replace(s, chosen=chosen.get(str(s.ref)) if s.chosen is None else s.chosen) for s in move.sets
    )
    return replace(move, sets=sets)


def changed(known: Move, move: Move) -> str:
    """What has changed materially between two versions of a move, in words; "" when nothing has."""
    return _changed_evidence(known, move) or _changed_span(known, move) or _changed_sets(known, move)


def _changed_evidence(known: Move, move: Move) -> str:
    facts: dict[tuple[str, tuple[str, ...]], list[Evidence]] = {}
    for evidence in move.evidence:
        facts.setdefault((evidence.kind, evidence.tracks), []).append(evidence)
    for evidence in known.evidence:
        same_kind = facts.get((evidence.kind, evidence.tracks))
        if not same_kind:
            return f"its evidence is gone ({evidence.text})"
        now = same_kind.pop(0)
        level = evidence.unit.lower().startswith(("db", "lu"))
        least = LEVEL_CHANGE_DB if level else TIME_CHANGE_S if evidence.unit == "s" else 0.0
        if abs(now.amount - evidence.amount) > max(least, SHARE_CHANGE * abs(evidence.amount)):
            return f"{evidence.kind} was {round(evidence.amount, 2):g} {evidence.unit}, is {round(now.amount, 2):g}"
    return ""


def _changed_span(known: Move, move: Move) -> str:
    if known.span_s is None and move.span_s is None:
        return ""
    if known.span_s is None or move.span_s is None:
        return "it now covers another part of the song"
    moved = max(abs(a - b) for a, b in zip(known.span_s, move.span_s, strict=True))
    return "it now covers another part of the song" if moved > SPAN_CHANGE_S else ""


def _changed_sets(known: Move, move: Move) -> str:
    now = {str(s.ref): s.suggested for s in move.sets}
    was = {str(s.ref): s.suggested for s in known.sets}
    if now.keys() != was.keys():
        return "it now sets other parameters"
    for setting in known.sets:
        if _differs(setting.ref, setting.suggested, now[str(setting.ref)]):
            return f"another value is suggested for {setting.ref}"
    return ""


def _differs(ref: ParamRef, was: Value, now: Value) -> bool:
    if isinstance(was, str) or isinstance(now, str):
        return was != now
    times = sorted({p.time_s for v in (was, now) if isinstance(v, tuple) for p in v}) or [0.0]
    return any(_far(ref, a, b) for a, b in zip(_at(was, times), _at(now, times), strict=True))


def _at(value: Value, times: list[float]) -> list[float]:
    if isinstance(value, tuple):
        line = np.interp(times, [p.time_s for p in value], [p.value for p in value])
        return [float(x) for x in line]
    return [float(value)] * len(times)


def _far(ref: ParamRef, was: float, now: float) -> bool:
    allowed = range_of(ref)
    unit = allowed.unit if allowed else ""
    if unit == "dB":
        return abs(now - was) > LEVEL_CHANGE_DB
    if unit == "Hz" and was > 0.0 and now > 0.0:
        return max(now / was, was / now) > FREQUENCY_CHANGE
    if ref.device == "pan":
        return abs(now - was) > PAN_CHANGE
    return abs(now - was) > SHARE_CHANGE * max(abs(was), abs(now))
