"""Conflicts: levels add up within the fader's cap; any other parameter, or whole device, follows one move at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from smartmix.figures import number
from smartmix.parameter import ParamRef
from smartmix.plan.fader_room import FADER_DB, held_within
from smartmix.plan.keyed import key_of
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move, MoveSet
from smartmix.plan.ranges import DYNAMICS, RETURN_DEVICES, is_level
from smartmix.plan.titles import title_in_force

AUTHORITY_ORDER = {"person": 0, "rough": 1, "rule": 2, "model": 3}

Span = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A move, or a setting of a grouped move, that stays out; ``winner_id`` is "" for a lock."""

    move_id: str
    winner_id: str
    text: str


def resolve(plan: MixPlan) -> tuple[tuple[Move, ...], list[Conflict]]:
    """The moves that sound, in plan order, and what had to stay out and why.

    Authority: person (an edited move counts as one) > rough mix > rule > model, then confidence, then id. A
    move that loses stays out whole; a grouped move (first balance, pan spread) loses only the settings in
    conflict. Suggestions that move one fader share its cap (``fader_room``): what passes it is made smaller, and says
    so in its reason, or stays out.
    """
    claimed: dict[str, list[tuple[Span, Move]]] = {}
    sounding: dict[str, Move] = {}
    conflicts: list[Conflict] = []
    for move in sorted(plan.in_force, key=rank):
        if plan.is_locked(move):
            conflicts.append(
                Conflict(move.id, "", f"{title_in_force(move)}: touches a locked track or parameter")
            )
            continue
        lost = {s: winner for s in move.sets if (winner := _claimant(claimed, s, move))}
        conflicts += _conflicts(move, lost)
        if lost and not move.grouped:
            continue
        won = replace(move, sets=tuple(s for s in move.sets if s not in lost))
        if won.sets or not move.sets:
            sounding[move.id] = won
        for setting in won.sets:
            claimed.setdefault(claim(setting.ref), []).append((move.span_s, move))
    standing = tuple(sounding[m.id] for m in plan.moves if m.id in sounding)
    smaller, no_room = held_within(standing)
    conflicts += [_no_room(move, no_room[move.id]) for move in standing if move.id in no_room]
    return tuple(smaller.get(m.id, m) for m in standing if m.id not in no_room), conflicts


def rank(move: Move) -> tuple[int, float, str]:
    """Sort key of authority: the smaller wins."""
    authority = "person" if move.status == "edited" else move.authority
    return AUTHORITY_ORDER[authority], -move.confidence, move.id


def claim(ref: ParamRef) -> str:
    """What a setting takes for its move alone: its parameter; of a compressor, de-esser or effect the whole device,
    whose settings are one decision, and of a dynamic EQ the band.
    """
    if ref.device == "dynamic_eq":
        return f"{ref.track}/{ref.device}/{ref.parameter.partition('.')[0]}"
    return f"{ref.track}/{ref.device}" if ref.device in (*DYNAMICS, *RETURN_DEVICES) else str(ref)


def clashes(first: Move, second: Move) -> bool:
    """Whether two moves claim the same parameter or device, not a level, at the same time, or have it listen to
    different tracks.
    """
    claims = {claim(s.ref) for s in first.sets if not is_level(s.ref)}
    both = claims & {claim(s.ref) for s in second.sets}
    return bool(both) and (
        overlap(first.span_s, second.span_s) or any(_other_key(what, first, second) for what in both)
    )


def overlap(first: Span, second: Span) -> bool:
    """Whether two spans share time; None is the whole song, and spans that only touch do not overlap."""
    return first is None or second is None or (first[0] < second[1] and second[0] < first[1])


def _claimant(claimed: dict[str, list[tuple[Span, Move]]], setting: MoveSet, move: Move) -> Move | None:
    if is_level(setting.ref):
        return None
    what = claim(setting.ref)
    return next(
        (m for span, m in claimed.get(what, []) if overlap(span, move.span_s) or _other_key(what, m, move)),
        None,
    )


def _other_key(what: str, first: Move, second: Move) -> bool:
    """Whether two moves have a device listen to different tracks, which it cannot, whenever each of them works."""
    device = what.partition("/")[2]
    return key_of(first, device) != key_of(second, device)


def _no_room(move: Move, winner: Move) -> Conflict:
    title, first = title_in_force(move), title_in_force(winner)
    text = f'{title}: beside "{first}" ({winner.source}) it would take the fader past {number(FADER_DB)} dB'
    return Conflict(move.id, winner.id, f"{text}; edit it to go further")


def held_back(plan: MixPlan) -> dict[str, str]:
    """By move id, what the fader's cap does to moves in force: how far it lets them go, or that it keeps them out."""
    sounding, conflicts = resolve(plan)
    reasons = {move.id: move.reason for move in plan.moves}
    smaller = {m.id: m.reason.removeprefix(reasons[m.id]) for m in sounding if m.reason != reasons[m.id]}
    levels = {m.id: title_in_force(m) for m in plan.moves if m.sets and all(is_level(s.ref) for s in m.sets)}
    kept_out = {
        c.move_id: c.text.removeprefix(f"{levels[c.move_id]}: ")
        for c in conflicts
        if c.winner_id and c.move_id in levels
    }
    return {name: text.lstrip(". ") for name, text in (smaller | kept_out).items()}


def _conflicts(move: Move, lost: dict[MoveSet, Move]) -> list[Conflict]:
    """One for each parameter or device that follows another move."""
    winners = {claim(setting.ref): winner for setting, winner in lost.items()}
    title = title_in_force(move)
    return [
        Conflict(
            move.id,
            winner.id,
            f'{title}: {what} follows "{title_in_force(winner)}" ({winner.source}) there',
        )
        for what, winner in winners.items()
    ]
