"""plan.toml: written for people to read and edit, read back with clear errors, never losing a decision."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartmix.audio.files import check_target, write_text
from smartmix.errors import PlanError, SmartmixError
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.merging import merge
from smartmix.plan.mixplan import HistoryEntry, MixPlan
from smartmix.plan.move import Move, MoveSet, Value
from smartmix.plan.note import ClientNote
from smartmix.plan.ranges import check_value
from smartmix.session import document as toml
from smartmix.session.comments import comments_of

if TYPE_CHECKING:
    from smartmix.plan.schema import EvidenceTable, HistoryTable, MoveTable, PlanTable, SetTable

HEADER = """\
A smartmix plan: every move of the mix, with its reason. Change it in any text editor; comments stay.
To take a move in or out, set its status to "accepted" or "rejected".
To use another value, add a line  chosen = ...  under its "suggested" and set the status to "edited".
A value is a number, a word, or a lane of [seconds, value] points with straight lines between them."""


def load_plan(path: str | Path) -> MixPlan:
    """Read a plan.toml. PlanError names file, move, key, value and what was expected."""
    path = Path(path)
    return _loads(toml.read_text(path, PlanError), path)


def save_plan(plan: MixPlan, path: str | Path, *, force: bool = False) -> MixPlan:
    """Write a plan atomically and return it as written.

    A file that is there is only replaced with ``force`` (else OutputExistsError), keeps its comments, and
    is kept as ``plan.toml.bak``. If the plan was not read from that very file, it is merged into it:
    decisions survive. A file that cannot be read as a plan, or is one of another session, is never replaced
    (PlanError).
    """
    path = Path(path)
    check_target(
        path, force=force, advice="use --force to merge into it; your decisions stay and a backup is kept"
    )
    comments = None
    if path.exists():
        old_text = toml.read_text(path, PlanError)
        if _digest(old_text) != plan.origin:
            old = _loads(old_text, path)
            if old.session != plan.session:
                raise PlanError(
                    f"{path}: is a plan of {old.session!r}, not of {plan.session!r}; write elsewhere"
                )
            plan = merge(old, plan)
        comments = comments_of(old_text)
        write_text(path.with_name(path.name + ".bak"), old_text, force=True)
    table = plan_document(plan)
    if chains := {name: _beside(file, path) for name, file in sorted(plan.chains.items()) if file}:
        table["chains"] = chains
    text = toml.write(path, table, comments or toml.with_header(HEADER, table))
    return replace(plan, origin=_digest(text))


def _whole(file: str, plan: Path) -> str:
    """A chain file as plan.toml names it: from the plan's own folder, unless it says where from."""
    return str((plan.resolve().parent / file).absolute())


def _beside(file: str, plan: Path) -> str:
    """A chain file as plan.toml will name it: a plan that moves takes the chains that lie beside it along.

    One that lies elsewhere is named from the root: a name relative to where somebody once stood would be read from the
    plan's folder the next time.
    """
    folder, chain = plan.resolve().parent, Path(file)
    chain = chain.parent.resolve() / chain.name
    return chain.relative_to(folder).as_posix() if chain.is_relative_to(folder) else str(chain)


def to_toml(plan: MixPlan) -> str:
    """The text of plan.toml for a plan that has no file yet."""
    table = plan_document(plan)
    return toml.render(table, toml.with_header(HEADER, table))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _loads(text: str, path: Path) -> MixPlan:
    from smartmix.plan.schema import PlanTable

    table = toml.validate(PlanTable, toml.parse_as("plan", text, path, PlanError), path, PlanError)
    try:
        return _plan(table, path, _digest(text))
    except PlanError as error:
        message = str(error)
        raise PlanError(message if message.startswith(str(path)) else f"{path}: {message}") from None


def _plan(table: PlanTable, path: Path, origin: str) -> MixPlan:
    return MixPlan(
        session=table.session,
        moves=tuple(_move(row, f"{path}: move {n} ({row.id!r})") for n, row in enumerate(table.move, 1)),
        input_hashes=dict(table.inputs),
        versions=dict(table.versions),
        seed=table.seed,
        history=tuple(_entry(row, f"{path}: history {n}") for n, row in enumerate(table.history, 1)),
        locks=frozenset(table.locks),
        notes=tuple(
            ClientNote(row.text, tuple(row.moves), tuple(row.unread), tuple(row.left_alone))
            for row in table.note
        ),
        chains={name: _whole(file, path) for name, file in table.chains.items()},
        origin=origin,
    )


def _move(row: MoveTable, where: str) -> Move:
    return Move(
        id=row.id,
        track=row.track,
        title=row.title,
        source=row.source,
        confidence=row.confidence,
        reason=row.reason,
        sets=tuple(_set(s, f"{where}, set {n}") for n, s in enumerate(row.set, 1)),
        status=row.status,
        authority=row.authority,
        span_s=_pair(row.span_s),
        interval=_pair(row.interval),
        result=row.result,
        cost=row.cost,
        benefit=row.benefit,
        grouped=row.grouped,
        evidence=tuple(_evidence(e) for e in row.evidence),
    )


def _set(row: SetTable, where: str) -> MoveSet:
    try:
        ref = ParamRef.parse(row.ref)
    except SmartmixError as error:
        raise PlanError(f"{where}, ref: {error}") from None
    values = {key: _value(getattr(row, key)) for key in ("before", "suggested", "chosen")}
    for key in ("suggested", "chosen"):
        value = values[key]
        try:
            if value is not None:
                check_value(ref, value)
        except PlanError as error:
            raise PlanError(f"{where}, {key}: {error}") from None
    before, suggested, chosen = values["before"], values["suggested"], values["chosen"]
    if before is None or suggested is None:
        raise PlanError(f"{where}: needs 'before' and 'suggested'")
    if chosen is not None and isinstance(chosen, str) != isinstance(suggested, str):
        expected = "a word" if isinstance(suggested, str) else "a number or a lane"
        raise PlanError(f"{where}, chosen: {ref} = {row.chosen!r}: expected {expected}")
    return MoveSet(ref, row.unit, before, suggested, chosen)


def _value(raw: Any) -> Value | None:
    if isinstance(raw, list):
        return tuple(Breakpoint(float(p[0]), float(p[1]), p[2] if len(p) > 2 else "linear") for p in raw)
    return float(raw) if isinstance(raw, int | float) else raw


def _pair(pair: list[float] | None) -> tuple[float, float] | None:
    return None if pair is None else (pair[0], pair[1])


def _evidence(row: EvidenceTable) -> Evidence:
    return Evidence(
        row.kind, row.text, row.amount, row.unit, tuple(row.tracks), _pair(row.band_hz), _pair(row.span_s)
    )


def _entry(row: HistoryTable, where: str) -> HistoryEntry:
    try:
        before, after = _value(row.before), _value(row.after)
    except (TypeError, ValueError) as error:
        raise PlanError(f"{where}: {error}") from None
    return HistoryEntry(
        row.action,
        row.move,
        row.before_status,
        row.after_status,
        row.detail,
        row.by,
        row.step,
        row.ref,
        before,
        after,
    )


def plan_document(plan: MixPlan) -> toml.Document:
    """The plan as plain tables in the order a person reads them; empty and default values are left out."""
    document: toml.Document = {"format": 1, "session": plan.session, "seed": plan.seed}
    if plan.locks:
        document["locks"] = sorted(plan.locks)
    document["versions"] = dict(sorted(plan.versions.items()))
    document["inputs"] = dict(sorted(plan.input_hashes.items()))
    document["chains"] = {name: file for name, file in sorted(plan.chains.items()) if file}
    document["note"] = [_note_row(note) for note in plan.notes]
    document["move"] = [_move_row(move) for move in plan.moves]
    document["history"] = [_history_row(entry) for entry in plan.history]
    return {key: value for key, value in document.items() if value not in ([], {})}


def _note_row(note: ClientNote) -> toml.Document:
    return _present(
        {
            "text": note.text,
            "moves": list(note.moves) or None,
            "left_alone": list(note.left_alone) or None,
            "unread": list(note.unread) or None,
        }
    )


def _move_row(move: Move) -> toml.Document:
    row: toml.Document = {
        "id": move.id,
        "track": move.track,
        "title": move.title,
        "status": move.status,
        "source": move.source,
        "authority": move.authority,
        "confidence": move.confidence,
        "interval": None if move.interval is None else list(move.interval),
        "benefit": move.benefit,
        "grouped": move.grouped or None,
        "span_s": None if move.span_s is None else list(move.span_s),
        "reason": move.reason or None,
        "result": move.result or None,
        "cost": move.cost or None,
        "evidence": [_evidence_row(e) for e in move.evidence] or None,
        "set": [_set_row(s) for s in move.sets] or None,
    }
    return _present(row)


def _set_row(setting: MoveSet) -> toml.Document:
    return _present(
        {
            "ref": str(setting.ref),
            "unit": setting.unit or None,
            "before": _plain(setting.before),
            "suggested": _plain(setting.suggested),
            "chosen": _plain(setting.chosen),
        }
    )


def _evidence_row(evidence: Evidence) -> toml.Document:
    return _present(
        {
            "kind": evidence.kind,
            "text": evidence.text,
            "amount": evidence.amount,
            "unit": evidence.unit or None,
            "tracks": list(evidence.tracks) or None,
            "band_hz": None if evidence.band_hz is None else list(evidence.band_hz),
            "span_s": None if evidence.span_s is None else list(evidence.span_s),
        }
    )


def _history_row(entry: HistoryEntry) -> toml.Document:
    return _present(
        {
            "step": entry.step,
            "action": entry.action,
            "move": entry.move,
            "before_status": entry.before_status,
            "after_status": entry.after_status,
            "by": entry.by,
            "detail": entry.detail or None,
            "ref": entry.ref or None,
            "before": _plain(entry.before),
            "after": _plain(entry.after),
        }
    )


def _present(row: toml.Document) -> toml.Document:
    return {key: value for key, value in row.items() if value is not None}


def _plain(value: Value | None) -> Any:
    if isinstance(value, tuple):
        return [[p.time_s, p.value, *([p.curve] if p.curve != "linear" else [])] for p in value]
    return value
