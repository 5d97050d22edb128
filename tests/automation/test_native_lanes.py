"""_automation against numpy: frames, sums, thinning, events and blocks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmix import _automation as native

Lane = tuple[np.ndarray, np.ndarray]


@st.composite
def lanes(draw: st.DrawFn, *, jumps: bool = True) -> Lane:
    """Points on few frames, so that lanes meet and jump; values are eighths, so that sums are exact."""
    count = draw(st.integers(1, 8))
    frames = sorted(draw(st.lists(st.integers(-20, 60), min_size=count, max_size=count, unique=not jumps)))
    values = draw(st.lists(st.integers(-80, 80), min_size=count, max_size=count))
    return np.array(frames, np.int64), np.array(values, np.float64) / 8


def exact(lane: Lane, frame: int, *, arriving: bool = False) -> Fraction:
    """The value by the definition, in fractions."""
    points = [(int(f), Fraction(float(v))) for f, v in zip(*lane, strict=True)]
    on = [value for at, value in points if at == frame]
    if on:
        return on[0] if arriving else on[-1]
    before = [p for p in points if p[0] < frame]
    after = [p for p in points if p[0] > frame]
    if not before or not after:
        return before[-1][1] if before else after[0][1]
    (f0, v0), (f1, v1) = before[-1], after[0]
    return v0 + (v1 - v0) * Fraction(frame - f0, f1 - f0)


@given(st.lists(st.floats(-10, 1e5), min_size=1, max_size=20), st.sampled_from([8_000.0, 44_100.0, 96_000.0]))
def test_times_go_to_the_nearest_frame(times: list[float], rate: float) -> None:
    got = native.to_frames(np.array(times), rate)
    for time, frame in zip(times, got, strict=True):
        assert abs(time * rate - frame) <= 0.5
    half = native.to_frames(np.array([0.5, 1.5, 2.5, -0.5, -1.5]) / 8_192, 8_192.0)
    assert half.tolist() == [1, 2, 3, 0, -1]  # a half always goes up


@given(lanes(), st.integers(-25, 65), st.booleans())
def test_value_at_is_the_definition(lane: Lane, frame: int, arriving: bool) -> None:
    assert native.value_at(*lane, frame, arriving) == pytest.approx(
        float(exact(lane, frame, arriving=arriving))
    )


def test_log_lines_are_straight_in_octaves() -> None:
    frames, values = np.array([0, 100]), np.array([100.0, 1_600.0])
    assert native.value_at(frames, values, 50, log_scale=True) == pytest.approx(400.0)
    assert native.segments(frames - 75, values, 1_000, log_scale=True)[0] == pytest.approx(800.0)


@settings(max_examples=200)
@given(st.lists(lanes(), min_size=1, max_size=4))
def test_the_sum_is_the_sum_on_every_frame_and_at_every_jump(many: list[Lane]) -> None:
    total = native.add_lanes(many)
    assert (np.diff(total[0]) >= 0).all()
    for frame in range(-25, 66):
        for arriving in (False, True):
            expected = float(sum(exact(lane, frame, arriving=arriving) for lane in many))
            assert native.value_at(*total, frame, arriving) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=200)
@given(lanes(), st.sampled_from([0.0, 0.05, 0.5, 3.0]))
def test_thinning_stays_within_the_tolerance(lane: Lane, tolerance: float) -> None:
    frames, values = lane
    kept = native.thin(frames, values, tolerance)
    assert kept[0] == 0
    assert kept[-1] == len(frames) - 1
    assert (np.diff(kept) > 0).all()
    thinned = frames[kept], values[kept]
    # Points on one frame are a jump: only the first and the last of them count.
    for frame in range(-25, 66):
        for arriving in (False, True):
            off = native.value_at(*thinned, frame, arriving) - native.value_at(*lane, frame, arriving)
            assert abs(off) <= tolerance + 1e-9


def test_thinning_drops_what_a_line_covers() -> None:
    frames = np.arange(10_001)
    ride = np.interp(frames, [0, 3_000, 10_000], [0.0, -3.0, 1.0])
    wobble = 0.03 * np.sin(frames / 7)
    assert native.thin(frames, ride, 1e-9).tolist() == [0, 3_000, 10_000]
    assert len(native.thin(frames, ride + wobble, 0.05)) < 12


def played(first: float, frames: np.ndarray, values: np.ndarray, ramps: np.ndarray, total: int) -> np.ndarray:
    """What a parameter does with these events, by the words of csrc/core/event.hpp."""
    out = np.zeros(total)
    now, target, start, length, began = first, first, first, 0, 0
    events = sorted(zip(frames.tolist(), range(len(frames)), values, ramps, strict=True), key=lambda e: e[:2])
    for frame in range(total):
        now = target if frame >= began + length else start + (target - start) * (frame - began) / length
        while events and events[0][0] == frame:
            _, _, value, ramp = events.pop(0)
            start, target, began, length = now, float(value), frame, int(ramp)
            now = target if length == 0 else now
        out[frame] = now
    return out


@settings(max_examples=200)
@given(lanes(), st.integers(1, 70))
def test_one_event_for_each_line_plays_the_lane(lane: Lane, total: int) -> None:
    events = native.segments(*lane, total)
    assert len(events[1]) <= len(lane[0]) - 1
    assert ((events[1] >= 0) & (events[1] < total)).all()
    expected = [native.value_at(*lane, frame) for frame in range(total)]
    assert played(*events, total) == pytest.approx(expected, abs=1e-9)


def test_a_line_longer_than_an_event_can_say_is_refused() -> None:
    with pytest.raises(OverflowError):
        native.segments(np.array([0, 2**31]), np.array([0.0, 1.0]), 2**32)


@given(
    st.lists(st.integers(0, 300), max_size=30).map(sorted),
    st.lists(st.integers(1, 90), min_size=1, max_size=30),
)
def test_blocks_hand_out_every_event_once_at_its_offset(frames: list[int], blocks: list[int]) -> None:
    count = len(frames)
    marks = np.arange(count, dtype=np.int32)
    cursor = native.BlockCursor(np.array(frames, np.int64), marks, marks, marks * 1.0, marks)
    at, seen = 0, []
    for block in blocks:
        offsets, strips, params, values, ramps = cursor.take(block)
        assert offsets.dtype == strips.dtype == params.dtype == ramps.dtype == np.int32
        assert ((offsets >= 0) & (offsets < block)).all()
        assert [frames[i] for i in strips] == (offsets + at).tolist()
        assert strips.tolist() == params.tolist() == values.tolist() == ramps.tolist()
        seen += strips.tolist()
        at += block
    assert seen == [i for i, frame in enumerate(frames) if frame < at]


def test_holds_become_jumps() -> None:
    frames, values = native.with_holds(
        np.array([0, 10, 20]), np.array([1.0, 2.0, 3.0]), np.array([1, 0, 1], np.uint8)
    )
    lane = frames, values
    assert [native.value_at(*lane, f) for f in (0, 9, 10, 15, 20, 99)] == [1.0, 1.0, 2.0, 2.5, 3.0, 3.0]
