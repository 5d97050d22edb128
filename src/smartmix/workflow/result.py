"""The outcome of an assisted pass: everything the terminal and the report show, already measured."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import Analysis
from smartmix.analysis.loudness import Loudness
from smartmix.mastering.result import MasterResult
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move
from smartmix.session.session import Session
from smartmix.workflow.limiter_share import LimiterWork
from smartmix.workflow.revisions import Revision

Verdict = Literal["applied", "proposed", "rejected", "stale", "backed out", "set aside"]


@dataclass(frozen=True, slots=True)
class MoveOutcome:
    """A move, its sentence in the trade's words, whether it is in the mix, and what the render measured."""

    move: Move
    sentence: str
    verdict: Verdict
    measured: str = ""
    """What was re-measured on the rendered audio with the move in force ("" when it is not)."""
    verdict_reason: str = ""
    """Why it was set aside or backed out ("" otherwise)."""


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """One version of the whole song as a column of the before/after table: "sum", "rough", "mix" or "master"."""

    name: str
    loudness: Loudness
    correlation: float
    """Left/right correlation over the song, -1..1 (1 = mono)."""
    mono_loss_db: float
    """Level lost when folded to mono, dB (0 for mono, 3.01 for unrelated sides)."""
    short_term_lufs: NDArray[np.float32]
    """Short-term loudness at 10 Hz; -inf in silence."""
    spectrum_db: NDArray[np.float32]
    """Mean power per ERB band, dB relative to full scale (band centres: analysis.band_hz)."""
    width_db: float = -math.inf
    """Side power over mid power, dB; -inf for mono."""
    crest_by_band_db: dict[str, float] = field(default_factory=dict)
    """Peak over RMS within each octave group, dB, by group name."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """A stretch of a programme for listening, already at the common loudness of its before/after pair."""

    name: str
    start_s: float
    duration_s: float
    gain_db: float
    flac: bytes


@dataclass(frozen=True, slots=True, eq=False)
class MixResult:
    """Everything one pass produced."""

    session: Session
    analysis: Analysis
    plan: MixPlan
    outcomes: tuple[MoveOutcome, ...]
    programmes: tuple[Programme, ...]
    master: MasterResult
    track_level_change_db: dict[str, float]
    """Change of each track's level in the mix against the plain sum, dB, by track id."""
    clips: tuple[Clip, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    limiter: LimiterWork | None = None
    """Who is hitting the master's limiter; None when it hardly works."""
    revisions: tuple[Revision, ...] = ()
    """Tracks whose file is not as an earlier pass heard it."""
    plugins: tuple[str, ...] = ()
    """What runs through chains of plugins, what those carry out, and what went wrong with them; a sentence each."""
