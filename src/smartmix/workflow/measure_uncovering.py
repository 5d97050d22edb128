"""What a move that makes room for another track did: on its own track, and on the other one in the whole mix."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis.loudness import measure_loudness
from smartmix.analysis.masking import LISTENING_LEVEL_DB_SPL, Masking, measure_masking
from smartmix.audio.buffer import Samples
from smartmix.figures import number
from smartmix.plan import MixPlan, Move
from smartmix.plan.evidence import Evidence
from smartmix.rendering import stream_track
from smartmix.session import Session
from smartmix.workflow.mix_context import MixContext, window

if TYPE_CHECKING:
    from smartmix.analysis.analysis import Analysis

PROMISE = "promise"
"""Kind of the evidence that holds what a move promises: so much loudness (phon) for ``tracks[0]``."""
KEPT_SHARE = 0.5
"""A move that brings less than half of what it promised is backed out (house): the others may have taken the rest."""
LEAST_PHON = 0.3
"""Less than this nobody hears (house)."""
WINDOW_S = 60.0
_SOUNDS_SHARE = 0.1
_LEVEL_RANGE = (40.0, 110.0)

Outcome = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Uncovered:
    """How much of a track is heard without and with a move: shares of its loudness, and the gain in phon."""

    share_without: float
    share_with: float
    gain_phon: float


def promise_of(move: Move) -> Evidence | None:
    """What a move promises another track; None for a move that does not."""
    return next((f for f in move.evidence if f.kind == PROMISE and f.unit == "phon" and f.tracks), None)


def uncovering_outcome(analysis: Analysis, context: MixContext, move: Move, promise: Evidence) -> Outcome:
    """In words, and whether the move kept its promise in the mix with everything else the plan has in force."""
    covered = promise.tracks[0]
    found = measure_uncovering(analysis, context, move, covered)
    names = {track.id: track.name for track in context.session.tracks}
    own = _own_change(context, move, _stretch(analysis, context, move, covered))
    if found is None:
        return f"{own}; {names.get(covered, covered)} does not sound there", False
    told = (
        f"{names.get(covered, covered)} {100 * found.share_with:.0f} % heard there instead of "
        f"{100 * found.share_without:.0f} %: {number(found.gain_phon, plus=True)} dB of loudness "
        f"(promised {number(promise.amount, plus=True)}); {own}"
    )
    kept = found.gain_phon >= max(LEAST_PHON, KEPT_SHARE * promise.amount)
    return told, kept


def measure_uncovering(analysis: Analysis, context: MixContext, move: Move, covered: str) -> Uncovered | None:
    """The covered track beside the rest of the mix, without and with the move, in the move's span (at most a minute
    of it); None where it does not sound. The tracks' own reverb counts as theirs.
    """
    start_s, length_s = _stretch(analysis, context, move, covered)
    if length_s <= 0.0:
        return None
    session, plan = context.session, context.plan
    without = replace(plan, moves=tuple(m for m in plan.moves if m.id != move.id))
    mix = context.window(start_s, length_s)
    after, before = (_track(session, p, covered, start_s, length_s) for p in (plan, without))
    rest_after: Samples = mix - after
    rest_before = rest_after
    for track in _other_tracks(session, move, covered):
        moved, unmoved = (_track(session, p, track, start_s, length_s) for p in (plan, without))
        rest_before = rest_before - moved + unmoved
    level_db_spl = _listening_level(mix, session.sample_rate, context.integrated_lufs)
    with_, without_ = (
        measure_masking({"covered": c, "rest": r}, session.sample_rate, listening_level_db_spl=level_db_spl)
        for c, r in ((after, rest_after), (before, rest_before))
    )
    return _compared(without_, with_)


def _compared(without: Masking, with_: Masking) -> Uncovered | None:
    cells = _sounding(without)
    if not cells.any():
        return None
    heard = [float(m.heard_sone[0, cells].sum(axis=1).mean()) for m in (without, with_)]
    alone = [float(m.alone_sone[0, cells].sum(axis=1).mean()) for m in (without, with_)]
    phon = [float(_core.phon_of_sone(sone)) for sone in heard]
    shares = [h / a if a > 0.0 else 1.0 for h, a in zip(heard, alone, strict=True)]
    return Uncovered(shares[0], shares[1], phon[1] - phon[0])


def _sounding(masking: Masking) -> NDArray[np.bool_]:
    """Cells in which the covered track sounds: a tenth of its own loud ones, as the promise counts them."""
    loudness = masking.alone_sone[0].astype(np.float64).sum(axis=1)
    if not loudness.any():
        return np.zeros(loudness.size, bool)
    return np.asarray(loudness > _SOUNDS_SHARE * np.percentile(loudness, 95.0))


def _listening_level(mix: Samples, rate: int, song_lufs: float) -> float:
    """How loud this stretch is played when the whole song is played at the usual level, dB SPL."""
    lufs = measure_loudness(mix, rate).integrated_lufs
    if not math.isfinite(lufs) or not math.isfinite(song_lufs):
        return LISTENING_LEVEL_DB_SPL
    low, high = _LEVEL_RANGE
    return min(max(LISTENING_LEVEL_DB_SPL + lufs - song_lufs, low), high)


def _track(session: Session, plan: MixPlan, track: str, start_s: float, length_s: float) -> Samples:
    blocks = stream_track(session, plan, track, with_returns=True)
    return window(blocks, session.sample_rate, start_s, length_s)


def _other_tracks(session: Session, move: Move, covered: str) -> list[str]:
    audible = {track.id for track in session.audible_tracks}
    return sorted({item.ref.track for item in move.sets} & audible - {covered})


def _stretch(analysis: Analysis, context: MixContext, move: Move, covered: str) -> tuple[float, float]:
    """Start and length of what is looked at: the move's span, at most the minute in which the track sounds most."""
    start_s, end_s = move.span_s or (0.0, context.session.duration_s)
    length_s = min(end_s - start_s, WINDOW_S)
    facts = analysis.tracks.get(covered)
    spans: tuple[tuple[float, float], ...] = () if facts is None else facts.active_spans_s
    if end_s - start_s <= WINDOW_S:
        return start_s, length_s
    starts = [s for s, _ in spans if start_s <= s] or [start_s]

    def sounds(begin: float) -> float:
        return sum(max(0.0, min(b, begin + length_s) - max(a, begin)) for a, b in spans)

    best = max(starts, key=lambda s: (sounds(min(s, end_s - length_s)), -s))
    return min(best, end_s - length_s), length_s


def _own_change(context: MixContext, move: Move, stretch: tuple[float, float]) -> str:
    """What the moved tracks lose by themselves: "GTR L -0.4 LU"."""
    session, plan = context.session, context.plan
    without = replace(plan, moves=tuple(m for m in plan.moves if m.id != move.id))
    names = {track.id: track.name for track in session.tracks}
    told = []
    for track in _other_tracks(session, move, ""):
        levels = [
            measure_loudness(_track(session, p, track, *stretch), session.sample_rate).integrated_lufs
            for p in (without, plan)
        ]
        if all(math.isfinite(level) for level in levels):
            told.append(f"{names[track]} {number(levels[1] - levels[0], plus=True)} LU")
    return ", ".join(told) or "nothing else changes"
