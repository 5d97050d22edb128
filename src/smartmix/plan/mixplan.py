"""MixPlan: the moves of one song, what was decided about each, and how to take a decision back."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from smartmix.errors import PlanError
from smartmix.parameter import ParamRef
from smartmix.plan.move import Move, Status, Value
from smartmix.plan.note import ClientNote
from smartmix.plan.tidying import tidy_entry, tidy_move, tidy_set

if TYPE_CHECKING:
    from smartmix.session.session import Session

Action = Literal["accept", "reject", "edit", "add", "back out", "stale", "restore"]


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One decision about one move. Entries of the same ``step`` were made together and are undone together.

    ``by`` is "person", "policy" (accepted by a rule such as "confident") or "re-run" (the song was analysed
    again). An edit names its ``ref`` and the chosen value ``before`` (None: the suggestion) and ``after``.
    """

    action: Action
    move: str
    before_status: Status
    after_status: Status
    detail: str = ""
    by: str = "person"
    step: int = 0
    ref: str = ""
    before: Value | None = None
    after: Value | None = None


@dataclass(frozen=True)
class MixPlan:
    """The moves of a song with their decisions. Frozen: each decision gives a new plan.

    Numbers are held with the precision of plan.toml, so a plan and its file render to the same samples.
    ``locks`` are track ids and parameter addresses nobody may touch; ``notes`` are what the client wrote,
    with what came of it; ``chains`` the chain file that a track, a bus (by id) or the mix ("mix")
    runs through ("" for none); ``input_hashes`` and ``versions`` say what the plan was made from. PlanError for two
    moves of one id, a number that is not finite, or a lane that is empty, out of order or longer than 200
    points.
    """

    session: str
    moves: tuple[Move, ...] = ()
    input_hashes: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    seed: int = 0
    history: tuple[HistoryEntry, ...] = ()
    locks: frozenset[str] = frozenset()
    notes: tuple[ClientNote, ...] = ()
    chains: dict[str, str] = field(default_factory=dict)
    origin: str = field(default="", compare=False, repr=False)
    """Digest of the plan.toml this was read from or written to; tells a later save from a re-run."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "moves", tuple(tidy_move(move) for move in self.moves))
        object.__setattr__(self, "history", tuple(tidy_entry(entry) for entry in self.history))
        ids = [move.id for move in self.moves]
        if len(set(ids)) != len(ids):
            twice = sorted({i for i in ids if ids.count(i) > 1})
            raise PlanError(f"move ids must be unique, found twice: {', '.join(twice)}")

    def move(self, move_id: str) -> Move:
        """The move with this id; PlanError names the ids there are."""
        for move in self.moves:
            if move.id == move_id:
                return move
        known = ", ".join(move.id for move in self.moves) or "none"
        raise PlanError(f"no move {move_id!r} in the plan; moves: {known}")

    @property
    def in_force(self) -> tuple[Move, ...]:
        """Moves that change the sound (accepted or edited), in plan order; conflicts are not yet settled."""
        return tuple(move for move in self.moves if move.in_force)

    def accept(self, ids: Iterable[str] | str, *, by: str = "person") -> MixPlan:
        """Put moves in force (edited, if a person chose a value). PlanError for locked or unknown ones."""
        moves = self._moves(ids)
        for move in moves:
            self._refuse_locked(move, [s.ref for s in move.sets])
        decided = [(move, _taken_up(move)) for move in moves]
        return self._decide("accept", decided, by)

    def reject(self, ids: Iterable[str] | str, *, by: str = "person") -> MixPlan:
        """Take moves out of the mix and remember the refusal; unknown ids are a PlanError."""
        return self._decide("reject", [(move, "rejected") for move in self._moves(ids)], by)

    def back_out(self, reasons: dict[str, str]) -> MixPlan:
        """Take moves a policy accepted out of the mix again, each id with the reason the render gave."""
        plan = self._decide("back out", [(move, "proposed") for move in self._moves(reasons)], "policy")
        new = plan.history[len(self.history) :]
        told = tuple(replace(entry, detail=reasons[entry.move]) for entry in new)
        return replace(plan, history=(*self.history, *told))

    def edit(self, move_id: str, which: ParamRef | str | int, value: Value) -> MixPlan:
        """Choose another value for one setting, named by address or number (from 0); this accepts the move.

        PlanError for a locked move, an unknown setting, or a value of the wrong kind or out of range.
        """
        move = self.move(move_id)
        index = _set_index(move, which)
        old = move.sets[index]
        self._refuse_locked(move, [old.ref])
        if isinstance(old.suggested, str) != isinstance(value, str):
            expected = "a word" if isinstance(old.suggested, str) else "a number or a lane"
            raise PlanError(f"move {move_id}: {old.ref} = {value!r}: expected {expected}")
        try:
            new = tidy_set(replace(old, chosen=value))
        except PlanError as error:
            raise PlanError(f"move {move_id}: {error}") from None
        edited = replace(move, sets=(*move.sets[:index], new, *move.sets[index + 1 :]), status="edited")
        entry = HistoryEntry(
            "edit",
            move.id,
            move.status,
            "edited",
            step=self._next_step(),
            ref=str(old.ref),
            before=old.chosen,
            after=new.chosen,
        )
        return self._with_move(edited, (*self.history, entry))

    def add(self, move: Move) -> MixPlan:
        """Add a person's own move, in force unless rejected. PlanError if its id is taken or locked."""
        if any(m.id == move.id for m in self.moves):
            raise PlanError(f"move id {move.id!r} is taken; edit that move or choose another id")
        self._refuse_locked(move, [s.ref for s in move.sets])
        status: Status = "accepted" if move.status == "proposed" else move.status
        own = tidy_move(replace(move, authority="person", status=status))
        entry = HistoryEntry("add", own.id, "proposed", own.status, step=self._next_step())
        return self._with(moves=(*self.moves, own), history=(*self.history, entry))

    def with_notes(self, notes: Iterable[ClientNote], moves: Iterable[Move]) -> MixPlan:
        """The plan with these notes and the moves that answer them; moves it holds already stay as they are."""
        told = {note.text: note for note in (*self.notes, *notes)}
        known = {move.id for move in self.moves}
        new = tuple(tidy_move(move) for move in moves if move.id not in known)
        return self._with(moves=(*self.moves, *new), notes=tuple(told.values()))

    def undo(self) -> MixPlan:
        """Take back the last decision (all moves decided together). PlanError when there is none."""
        last = self.history[-1].step if self.history else None
        taken = [entry for entry in self.history if entry.step == last]
        if not taken:
            raise PlanError("nothing to undo: no decision has been made in this plan")
        if any(entry.by == "re-run" for entry in taken):
            raise PlanError(
                "nothing to undo since the song was analysed again; accept, reject or edit moves instead"
            )
        plan = self
        for entry in reversed(taken):
            plan = plan._take_back(entry)
        return plan._with(history=tuple(entry for entry in self.history if entry.step != last))

    def last_entry(self, move_id: str) -> HistoryEntry | None:
        """The latest decision about a move, or None."""
        return next((e for e in reversed(self.history) if e.move == move_id), None)

    def is_locked(self, move: Move) -> bool:
        """Whether a move touches a locked track or a locked parameter."""
        return bool(self.locks & _lock_keys(move, [s.ref for s in move.sets]))

    def with_locks(self, session: Session) -> MixPlan:
        """The plan under a session's locks: its locked tracks and the addresses it lists."""
        locked = {track.id for track in session.tracks if track.locked}
        return self._with(locks=session.locks | locked)

    def _moves(self, ids: Iterable[str] | str) -> list[Move]:
        wanted = [ids] if isinstance(ids, str) else list(dict.fromkeys(ids))
        return [self.move(i) for i in wanted]

    def _refuse_locked(self, move: Move, refs: list[ParamRef]) -> None:
        hit = sorted(self.locks & _lock_keys(move, refs))
        if hit:
            raise PlanError(
                f"move {move.id} touches {hit[0]!r}, which is locked; unlock it in session.toml first"
            )

    def _next_step(self) -> int:
        return self.history[-1].step + 1 if self.history else 1

    def _decide(self, action: Action, decided: list[tuple[Move, Status]], by: str) -> MixPlan:
        step = self._next_step()
        last_by = {entry.move: entry.by for entry in self.history}
        changed = {m.id: (m, s) for m, s in decided if m.status != s or last_by.get(m.id, by) != by}
        entries = [HistoryEntry(action, m.id, m.status, s, by=by, step=step) for m, s in changed.values()]
        moves = tuple(m.with_status(changed[m.id][1]) if m.id in changed else m for m in self.moves)
        return self._with(moves=moves, history=(*self.history, *entries))

    def _take_back(self, entry: HistoryEntry) -> MixPlan:
        if entry.action == "add":
            return self._with(moves=tuple(m for m in self.moves if m.id != entry.move))
        move = self.move(entry.move).with_status(entry.before_status)
        if entry.action == "edit":
            sets = tuple(replace(s, chosen=entry.before) if str(s.ref) == entry.ref else s for s in move.sets)
            move = replace(move, sets=sets)
        return self._with_move(move, self.history)

    def _with_move(self, move: Move, history: tuple[HistoryEntry, ...]) -> MixPlan:
        moves = tuple(move if m.id == move.id else m for m in self.moves)
        return self._with(moves=moves, history=history)

    def _with(self, **fields: object) -> MixPlan:
        """A copy with other fields, which are tidy already: checking long lanes again would take seconds."""
        plan = copy.copy(self)
        for name, value in fields.items():
            object.__setattr__(plan, name, value)
        return plan


def _taken_up(move: Move) -> Status:
    """The status of a move in force: edited where a person chose a value."""
    return "edited" if any(s.chosen is not None for s in move.sets) else "accepted"


def _lock_keys(move: Move, refs: list[ParamRef]) -> set[str]:
    return {move.track, *(r.track for r in refs), *(str(r) for r in refs)}


def _set_index(move: Move, which: ParamRef | str | int) -> int:
    refs = [str(s.ref) for s in move.sets]
    if isinstance(which, int):
        if 0 <= which < len(refs):
            return which
        raise PlanError(f"move {move.id}: setting {which}: expected 0 to {len(refs) - 1}")
    if str(which) in refs:
        return refs.index(str(which))
    raise PlanError(f"move {move.id} does not set {which}; it sets {', '.join(refs) or 'nothing'}")
