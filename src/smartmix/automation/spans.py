"""Spans of moves in frames, and lanes that hold inside spans only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from smartmix.automation.lane import EDGE_S, JUMP_S, FrameLane, FrameSpan, add
from smartmix.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartmix.plan.move import Move
    from smartmix.session.session import Session


def edge_frames(sample_rate: float) -> int:
    """How many frames a move that is limited in time takes to come in and to go out."""
    return round(EDGE_S * sample_rate)


def jump_frames(sample_rate: float) -> int:
    """How many frames a value that jumps takes."""
    return round(JUMP_S * sample_rate)


def to_frame(time_s: float, sample_rate: float) -> int:
    """The nearest frame, a half upwards."""
    return math.floor(time_s * sample_rate + 0.5)


def frame_span(session: Session, move: Move) -> FrameSpan | None:
    """The move's span in frames; None: all of the song. An end past the song's is none. PlanError if empty."""
    if move.span_s is None:
        return None
    start, end = (to_frame(time_s, session.sample_rate) for time_s in move.span_s)
    if end <= start:
        raise PlanError(f"move {move.id}: its span {move.span_s[0]:g} to {move.span_s[1]:g} s is empty")
    if end >= session.frames:
        return None if start <= 0 else (start, None)
    return max(start, 0), end


def is_outside(session: Session, span: FrameSpan | None) -> bool:
    """Whether a span has no frame of the song."""
    return span is not None and (span[0] >= session.frames or (span[1] is not None and span[1] <= 0))


def in_turn(
    parts: Iterable[tuple[FrameSpan, FrameLane]], *, rest: float | None = None, log_scale: bool = False
) -> FrameLane:
    """Lanes that follow one another, each from the first frame of its span to the last, with steps in between.

    Outside all spans the value is ``rest``; without one it stays where the last span left it. For parameters
    that are heard only inside the spans. Spans rise and do not overlap.
    """
    points: list[tuple[int, float]] = []
    for (start, end), lane in parts:
        first = max(start, 0)
        value = lane.value_at(first, log_scale=log_scale)
        if len(points) > 1 and points[-1][0] == points[-2][0] == first:
            points.pop()  # the last span ends where this one begins: no rest between them
        before = points[-1][1] if points and rest is None else rest
        if first > 0 and before is not None and (not points or points[-1][0] < first):
            points.append((first, before))
        points.append((first, value))
        inside = lane.frames > first if end is None else (lane.frames > first) & (lane.frames < end)
        points += zip(lane.frames[inside].tolist(), lane.values[inside].tolist(), strict=True)
        if end is not None:
            points.append((end, lane.value_at(end, arriving=True, log_scale=log_scale)))
            points += [(end, rest)] if rest is not None else []
    return FrameLane.from_points(points).tidy()


def limited_sum(
    parts: Iterable[tuple[FrameSpan | None, FrameLane]], *, rest: float, sample_rate: float
) -> FrameLane:
    """Lanes that hold inside their spans and are ``rest`` outside, with edges of 20 ms inside the spans."""
    edge = edge_frames(sample_rate)
    lanes = [FrameLane.constant(rest)]
    for span, lane in parts:
        above = lane.mapped(lambda values: values - rest)
        lanes.append(above if span is None else above.limited(span, edge, rest=0.0))
    return add(lanes)
