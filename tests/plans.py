"""Moves and plans for the tests of this folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move, MoveSet, Value
from smartmix.session.session import Section, Session, Track


def setting(ref: str, suggested: Value = -1.0, before: Value = 0.0, unit: str = "dB") -> MoveSet:
    return MoveSet(ParamRef.parse(ref), unit, before, suggested)


def move(move_id: str, *sets: MoveSet, track: str = "kick", confidence: float = 0.8, **more: Any) -> Move:
    sets = sets or (setting(f"{track}/fader/gain_db"),)
    more = {
        "title": f"title {move_id}",
        "source": "rule x",
        "reason": "Because.",
        "interval": (-2.0, -0.5),
    } | more
    return Move(id=move_id, track=track, sets=sets, confidence=confidence, **more)


def plan(*moves: Move, **more: Any) -> MixPlan:
    return MixPlan("song", tuple(moves), **more)


def fact(amount: float, unit: str = "dB", kind: str = "level") -> Evidence:
    return Evidence(kind, "a fact", amount, unit, ("kick",))


def lane(*points: tuple[float, float]) -> tuple[Breakpoint, ...]:
    return tuple(Breakpoint(t, v) for t, v in points)


SESSION = Session(
    "song",
    Path(),
    (
        Track("gtr-l", "GTR L", Path("g.wav")),
        Track("kick", "Kick In", Path("k.wav")),
        Track("vox", "Lead Vox", Path("v.wav"), locked=True),
    ),
    48_000,
    200.0,
    sections=(
        Section("verse 1", 32.0, 64.0),
        Section("chorus 1", 64.0, 95.0),
        Section("verse 2", 95.0, 120.0),
    ),
    locks=frozenset({"kick/pan/pan"}),
)
