"""Move: one decision a person can accept, edit or reject, made of one or more parameter settings."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field, replace
from typing import Literal

from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.evidence import Evidence

Status = Literal["proposed", "accepted", "rejected", "edited", "stale"]
Authority = Literal["person", "rough", "rule", "model"]
Value = float | str | tuple[Breakpoint, ...]
"""A setting: a number in plain units, a choice by name, or a lane of at most 200 points."""

MAX_LANE_POINTS = 200

CONFIDENT = 0.7
"""Least confidence of a move that is called likely, and accepted unseen (house default)."""


@dataclass(frozen=True, slots=True)
class MoveSet:
    """One parameter of a move: what it was, what is suggested, what was chosen (the person's edit)."""

    ref: ParamRef
    unit: str
    before: Value
    suggested: Value
    chosen: Value | None = None

    @property
    def value(self) -> Value:
        """The value in force: chosen if a person chose one, else the suggested one."""
        return self.suggested if self.chosen is None else self.chosen


@dataclass(frozen=True, slots=True)
class Move:
    """A proposed change with its reason, its evidence and what it costs.

    ``confidence`` is 0..1; ``interval`` is the range (in the move's main unit) the right answer is believed
    to lie in with 80 % probability; ``span_s`` limits the move in time, None means the whole song.
    ``authority`` settles conflicts: person > rough > rule > model. ``grouped`` marks a first balance or pan
    spread, which counts as one move however many settings it has. ``benefit`` orders moves (larger is
    better, dB of improvement).
    """

    id: str
    track: str
    title: str
    source: str
    confidence: float
    reason: str
    sets: tuple[MoveSet, ...]
    status: Status = "proposed"
    authority: Authority = "rule"
    span_s: tuple[float, float] | None = None
    interval: tuple[float, float] | None = None
    result: str = ""
    cost: str = ""
    benefit: float = 0.0
    grouped: bool = False
    evidence: tuple[Evidence, ...] = field(default=())

    @property
    def in_force(self) -> bool:
        """Whether the move changes the sound: accepted, or edited by a person."""
        return self.status in ("accepted", "edited")

    def with_status(self, status: Status) -> Move:
        """A copy with another status."""
        return replace(self, status=status)


def move_id(track: str, suggester: str, device: str, section: str = "", band_hz: float | None = None) -> str:
    """Stable id of a decision: who suggests what device, on which track, section and third-octave band.

    Values are left out on purpose: a decision survives a re-run that suggests other figures.
    """
    band = "" if band_hz is None else str(round(3.0 * math.log2(band_hz / 1000.0)))
    digest = hashlib.sha256("\x1f".join((track, suggester, device, section, band)).encode()).hexdigest()
    return f"m{digest[:8]}"
