"""Rides between lines straight in dB and lines straight in gain: the error in between, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmix.interop.lanes import MAX_STEP_DB, added, amplitude_points, decibel_points
from smartmix.interop.model import Control
from smartmix.parameter import Breakpoint

times = st.lists(st.integers(0, 60_000), min_size=2, max_size=12, unique=True).map(sorted)
levels = st.floats(-60.0, 12.0)


def drawn(points: tuple[Breakpoint, ...], at: np.ndarray) -> np.ndarray:
    """Straight lines through points, by numpy."""
    return np.interp(at, [p.time_s for p in points], [p.value for p in points])


@given(times, st.data())
def test_a_ride_drawn_in_gain_stays_within_a_twentieth_of_a_db(ms: list[int], data: st.DataObject) -> None:
    points = tuple(Breakpoint(t / 1000.0, data.draw(levels)) for t in ms)
    at = np.linspace(points[0].time_s, points[-1].time_s, 5_000)
    told = drawn(amplitude_points(Control(points[0].value, points)), at)
    assert np.abs(20.0 * np.log10(told) - drawn(points, at)).max() <= 0.05


@given(times, st.data())
def test_a_line_of_gain_drawn_in_db_stays_within_a_twentieth_of_a_db(
    ms: list[int], data: st.DataObject
) -> None:
    points = tuple(Breakpoint(t / 1000.0, 10.0 ** (data.draw(levels) / 20.0)) for t in ms)
    at = np.linspace(points[0].time_s, points[-1].time_s, 5_000)
    told = drawn(decibel_points(points), at)
    assert np.abs(told - 20.0 * np.log10(drawn(points, at))).max() <= 0.051


def test_a_wider_step_would_be_too_far_off() -> None:
    """The planted fault: two points for a ride of 6 dB."""
    at = np.linspace(0.0, 4.0, 4_001)
    two = (Breakpoint(0.0, 10.0 ** (-6.0 / 20.0)), Breakpoint(4.0, 1.0))
    off = np.abs(20.0 * np.log10(drawn(two, at)) - drawn((Breakpoint(0.0, -6.0), Breakpoint(4.0, 0.0)), at))
    assert off.max() == pytest.approx(0.51, abs=0.01)
    assert MAX_STEP_DB**2 * np.log(10.0) / 160.0 < 0.05


def test_what_was_put_between_is_taken_out_again() -> None:
    ride = tuple(
        Breakpoint(t, v) for t, v in ((0.0, -6.0), (4.0, 0.0), (5.0, 0.0), (5.02, 3.0), (9.0, -20.0))
    )
    back = decibel_points(amplitude_points(Control(-6.0, ride)))
    assert [p.time_s for p in back] == [p.time_s for p in ride]
    assert np.allclose([p.value for p in back], [p.value for p in ride], atol=1e-9)


def test_jumps_holds_and_silence_keep_their_shape() -> None:
    ride = (
        Breakpoint(0.0, 0.0, "hold"),
        Breakpoint(1.0, -6.0),
        Breakpoint(1.0, -120.0),
        Breakpoint(2.0, 0.0),
    )
    told = amplitude_points(Control(0.0, ride))
    assert told[0] == Breakpoint(0.0, 1.0, "hold")
    assert [p.value for p in told if p.time_s == 1.0] == [pytest.approx(10.0 ** (-6.0 / 20.0)), 0.0]
    assert decibel_points(told)[0].curve == "hold"


def test_rides_add_up() -> None:
    first = Control(0.0, (Breakpoint(0.0, 0.0), Breakpoint(2.0, -4.0)))
    second = Control(1.0, (Breakpoint(1.0, 1.0), Breakpoint(1.0, 3.0)))
    total = added(first, second, Control(-0.5))
    at = np.array([0.0, 0.5, 0.999, 1.5, 3.0])
    expected = drawn(first.points, at) + np.where(at < 1.0, 1.0, 3.0) - 0.5
    assert np.allclose(drawn(total.points, at), expected, atol=1e-6)
    assert added(Control(1.0), Control(-3.0)) == Control(-2.0)
