"""One move by ear: with it, without it, with its opposite, and what it changed, at equal loudness."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

import numpy as np

from smartmix.analysis.loudness import measure_loudness
from smartmix.audio.buffer import Samples
from smartmix.errors import PlanError
from smartmix.plan import MixPlan, Move
from smartmix.plan.conflicts import held_back, resolve
from smartmix.plan.opposite import opposite_of
from smartmix.rendering import stream, stream_track
from smartmix.session import Session
from smartmix.units import gain_to_db
from smartmix.workflow.clips import CLIP_S, DELTA_HEARD_DBFS, MIN_CLIP_S, excerpt, to_flac
from smartmix.workflow.result import Clip

Place = Literal["mix", "track"]


def move_clips(
    session: Session,
    plan: MixPlan,
    move_id: str,
    *,
    place: Place = "mix",
    start_s: float | None = None,
    length_s: float = CLIP_S,
) -> tuple[Clip, ...]:
    """Clips "without", "with", "opposite" (where the move has one) and "delta" of one move, whatever its status.

    ``place``: the whole mix with everything else the plan has in force, or the move's track alone. ``start_s``: where
    the clips begin; without it, where the move changes most. All are turned down to the quietest one's integrated
    loudness and under full scale, none is turned up; "delta", what the move changed, has the gain of "with". Empty when
    nothing is heard there. PlanError for a move the plan does not have, and for advice
    without a setting.
    """
    move = next((m for m in plan.moves if m.id == move_id), None)
    if move is None:
        raise PlanError(f"there is no move {move_id!r}; plan show lists them")
    move = _as_heard(plan, move)
    if not move.sets:
        raise PlanError(
            f"move {move_id} is advice: it sets nothing, so there is nothing to switch in and out"
        )
    length_s = min(length_s, session.duration_s)
    if length_s < MIN_CLIP_S:
        return ()
    versions = {"without": _with(plan, replace(move, status="rejected")), "with": _with(plan, _taken(move))}
    other = opposite_of(move)
    if other is not None:
        versions["opposite"] = _with(plan, _taken(other))
    if start_s is None:
        start_s = _start_s(session, versions, move, place, length_s)
    start_s = max(0.0, min(start_s, session.duration_s - length_s))
    rate = session.sample_rate
    cut = {
        name: excerpt(_streamed(session, version, move, place), rate, start_s, length_s)
        for name, version in versions.items()
    }
    return _at_equal_loudness(cut, rate, start_s, length_s)


def _as_heard(plan: MixPlan, move: Move) -> Move:
    """The move as the mix has it, where the fader's cap holds it back."""
    sounding = resolve(plan)[0] if move.id in held_back(plan) else ()
    return next((m for m in sounding if m.id == move.id), move)


def _taken(move: Move) -> Move:
    return replace(move, status="accepted", authority="person")  # nothing else in the plan overrules it


def _with(plan: MixPlan, move: Move) -> MixPlan:
    """The plan with this move in the place of the one with its id."""
    return replace(plan, moves=tuple(move if m.id == move.id else m for m in plan.moves))


def _streamed(session: Session, plan: MixPlan, move: Move, place: Place) -> Iterable[Samples]:
    tracks = {item.ref.track for item in move.sets}
    only = next(iter(tracks)) if len(tracks) == 1 else ""
    if place == "track" and any(track.id == only for track in session.audible_tracks):
        return stream_track(session, plan, only, with_returns=True)
    return stream(session, plan)


def _start_s(
    session: Session, versions: dict[str, MixPlan], move: Move, place: Place, length_s: float
) -> float:
    """Where a window of that length holds most of what the move changes."""
    if move.span_s is not None:
        start_s, end_s = move.span_s
        if end_s - start_s <= length_s:
            return 0.5 * (start_s + end_s - length_s)
    both = (_streamed(session, versions[name], move, place) for name in ("without", "with"))
    changed: list[float] = []
    rate, frames = session.sample_rate, 0
    for old, new in zip(*both, strict=False):
        width = min(old.shape[1], new.shape[1])
        difference = (new[:, :width] - old[:, :width]).astype(np.float64)
        changed.append(float(np.vdot(difference, difference)))
        frames = max(frames, width)
    if not any(changed):
        return 0.0
    block_s = frames / rate
    window = max(1, round(length_s / block_s))
    total = np.concatenate([[0.0], np.cumsum(changed)])
    ends = np.minimum(np.arange(len(changed)) + window, len(changed))
    return float(np.argmax(total[ends] - total[:-1])) * block_s


def _at_equal_loudness(
    cut: dict[str, Samples], rate: int, start_s: float, length_s: float
) -> tuple[Clip, ...]:
    levels = {name: measure_loudness(samples, rate).integrated_lufs for name, samples in cut.items()}
    if not all(np.isfinite(level) for level in levels.values()):
        return ()
    peaks_db = {name: gain_to_db(float(np.max(np.abs(samples)))) for name, samples in cut.items()}
    common = min(levels[name] - max(0.0, peaks_db[name]) for name in cut)
    gains_db = {name: common - levels[name] for name in cut}
    delta: Samples = cut["with"] - cut["without"]
    if gain_to_db(float(np.max(np.abs(delta), initial=0.0))) > DELTA_HEARD_DBFS:
        cut, gains_db = cut | {"delta": delta}, gains_db | {"delta": gains_db["with"]}
    return tuple(
        Clip(name, start_s, length_s, gains_db[name], to_flac(samples, gains_db[name], rate))
        for name, samples in cut.items()
    )
