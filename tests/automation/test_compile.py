"""compile_plan: what strips are set to, which events there are, and on which frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixes import RATE, eq_move, lane, move_of, plan_of, session_of, track_of
from smartmix.automation import CompiledMix, compile_plan
from smartmix.errors import PlanError
from smartmix.parameter import Breakpoint
from smartmix.plan.move import Move
from smartmix.session.session import Bus, Session

SESSION = session_of(track_of("vox"), track_of("gtr"), track_of("click", muted=True))
EDGE = 960


def compiled(*moves: Move, session: Session = SESSION, **options: Any) -> CompiledMix:
    return compile_plan(session, plan_of(*moves), **options)


def curve(mix: CompiledMix, strip: int, parameter: str, frames: int = SESSION.frames) -> np.ndarray:
    """The parameter on every frame, by the words of csrc/core/event.hpp (dB and linear only)."""
    ids = mix.events.parameter_ids
    static = mix.strips[strip].static.get(parameter, 0.0)
    out = np.full(frames, static)
    if parameter not in ids:
        return out
    mine = (mix.events.strips == strip) & (mix.events.params == ids.index(parameter))
    for at, value, ramp in zip(
        mix.events.frames[mine], mix.events.values[mine], mix.events.ramp_frames[mine], strict=True
    ):
        way = np.arange(frames - at) / max(ramp, 1)
        out[at:] = np.where(way < 1, out[at] + (value - out[at]) * way, value) if ramp else value
    return out


def test_no_moves_is_nothing_at_all() -> None:
    mix = compiled()
    assert [strip.track_id for strip in mix.strips] == ["vox", "gtr"]
    assert all(not strip.static for strip in mix.strips)
    assert len(mix.events) == 0


def test_a_move_for_the_whole_song_is_a_setting_without_events() -> None:
    mix = compiled(
        eq_move("m1", "vox", "bell", 310.0, gain_db=-2.5, q=1.2),
        eq_move("m2", "vox", "high_pass", 80.0, slope_db_oct=18.0),
        move_of("m3", {"gtr/fader/gain_db": -1.5, "gtr/pan/pan": 0.3, "gtr/trim/gain_db": 4.0}),
    )
    assert len(mix.events) == 0
    assert mix.strips[0].static == {
        "eq.band1.shape": 1.0,
        "eq.band1.freq_hz": 310.0,
        "eq.band1.gain_db": -2.5,
        "eq.band1.q": 1.2,
        "eq.band2.shape": 4.0,
        "eq.band2.freq_hz": 80.0,
        "eq.band2.slope_db_oct": 2.0,
    }
    assert mix.strips[1].static == {"fader.gain_db": -1.5, "pan.pan": 0.3, "trim.gain_db": 4.0}


def test_a_span_begins_and_ends_on_its_frames() -> None:
    mix = compiled(eq_move("m1", "vox", "bell", 310.0, gain_db=-2.5, span_s=(1.0, 2.0)))
    gain = curve(mix, 0, "eq.band1.gain_db")
    assert gain[:48_000].max() == gain[:48_000].min() == 0.0
    assert np.flatnonzero(gain)[0] == 48_000
    assert gain[48_000 + EDGE - 1] == -2.5
    assert (gain[48_000 + EDGE - 1 : 96_000 - EDGE + 1] == -2.5).all()
    assert np.flatnonzero(gain)[-1] == 96_000 - 1
    assert (np.abs(np.diff(gain)) <= 2.5 / EDGE + 1e-12).all()
    shape = curve(mix, 0, "eq.band1.shape")
    assert shape[48_000:96_000].min() == 1.0
    assert shape[96_000:].max() == 0.0
    assert shape[:48_000].max() == 0.0
    assert len(mix.events) == 4


@pytest.mark.parametrize("span", [(0.0, 4.0), (-3.0, 99.0)])
def test_a_span_over_the_song_is_no_span(span: tuple[float, float]) -> None:
    mix = compiled(move_of("m1", {"vox/fader/gain_db": -3.0}, span_s=span))
    assert mix.strips[0].static == {"fader.gain_db": -3.0}
    assert len(mix.events) == 0


def test_a_span_from_the_start_or_to_the_end_has_no_edge_there() -> None:
    start = curve(
        compiled(move_of("m1", {"vox/fader/gain_db": -3.0}, span_s=(-1.0, 1.0))), 0, "fader.gain_db"
    )
    assert (start[: 48_000 - EDGE + 1] == -3.0).all()
    assert start[48_000 - 1] < 0.0
    assert (start[48_000:] == 0.0).all()
    end = curve(compiled(move_of("m1", {"vox/fader/gain_db": -3.0}, span_s=(1.0, 4.0))), 0, "fader.gain_db")
    assert (end[48_000 + EDGE :] == -3.0).all()
    assert end[48_000 - 1] == 0.0
    assert end[48_000] < 0.0


@pytest.mark.parametrize("frames", [1, 2, 3, 7, 250, 399, 400, 401])
def test_spans_too_short_for_their_edges_meet_in_the_middle(frames: int) -> None:
    session = session_of(track_of("vox"), rate=10_000)  # plans keep times to 0.1 ms: here one frame
    span = (1.0, 1.0 + frames / 10_000)
    mix = compiled(move_of("m1", {"vox/fader/gain_db": -3.0}, span_s=span), session=session)
    gain = curve(mix, 0, "fader.gain_db", session.frames)
    assert np.flatnonzero(gain).tolist() == list(range(10_000, 10_000 + frames))
    assert gain.min() == -3.0


def test_a_span_outside_the_song_does_nothing() -> None:
    for span in ((4.0, 5.0), (-2.0, 0.0)):
        mix = compiled(
            move_of("m1", {"vox/fader/gain_db": -3.0}, span_s=span),
            eq_move("m2", "vox", "high_pass", 100.0, span_s=span),
        )
        assert not mix.strips[0].static
        assert len(mix.events) == 0
    with pytest.raises(PlanError, match=r"m1.*span"):
        compiled(move_of("m1", {"vox/fader/gain_db": -3.0}, span_s=(2.0, 2.0)))


def test_filters_without_gain_come_from_the_end_of_the_range_and_go_back_there() -> None:
    mix = compiled(
        eq_move("m1", "vox", "high_pass", 100.0, span_s=(1.0, 2.0)),
        eq_move("m2", "vox", "low_pass", 9_000.0, span_s=(1.0, 2.0)),
        eq_move("m3", "vox", "notch", 50.0, q=8.0, span_s=(1.0, 2.0)),
    )
    for band, index, rest_hz, hz in ((1, 4.0, 10.0, 100.0), (2, 5.0, 24e3, 9e3), (3, 6.0, 24e3, 50.0)):
        shape = curve(mix, 0, f"eq.band{band}.shape")
        assert (shape[:48_000] == 0.0).all()
        assert (shape[48_000:] == index).all()
        moving = curve(mix, 0, f"eq.band{band}.freq_hz")
        assert moving[0] == moving[47_999] == moving[96_000] == moving[-1] == rest_hz
        assert (moving[48_000 + EDGE - 1 : 96_000 - EDGE + 1] == hz).all()
    assert mix.strips[0].static["eq.band3.q"] == 8.0


def test_faders_and_trims_add_up_exactly() -> None:
    session = session_of(track_of("vox", gain_db=-2.0), duration_s=4.0)
    ride = lane((0.5, 0.0), (1.5, 3.0), (2.0, -1.0))
    other = lane((1.0, 0.0), (3.0, -3.0))
    mix = compiled(
        move_of("m1", {"vox/fader/gain_db": ride}),
        move_of("m2", {"vox/fader/gain_db": other}),
        move_of("m3", {"vox/fader/gain_db": -1.5}),
        move_of("m4", {"vox/fader/gain_db": 0.75}, span_s=(1.25, 2.5)),
        session=session,
    )
    time = np.arange(session.frames) / RATE
    expected = -3.5 + np.interp(time, [0.5, 1.5, 2.0], [0, 3, -1]) + np.interp(time, [1, 3], [0, -3])
    inside = np.interp(
        np.arange(session.frames), [59_999, 59_999 + EDGE, 120_000 - EDGE, 120_000], [0, 0.75, 0.75, 0]
    )
    assert np.abs(curve(mix, 0, "fader.gain_db") - (expected + inside)).max() < 1e-9
    assert len(mix.events) <= 11  # one for each straight line, no grid


def test_dense_rides_are_thinned_within_a_twentieth_of_a_db() -> None:
    time = np.linspace(0, 4, 200)
    values = np.round(2 * np.sin(time) + np.random.default_rng(0).uniform(-0.02, 0.02, 200), 4)
    ride = lane(*zip(np.round(time, 4).tolist(), values.tolist(), strict=True))
    mix = compiled(move_of("m1", {"vox/fader/gain_db": ride}))
    exact = np.interp(np.arange(SESSION.frames) / RATE, np.round(time, 4), values)
    assert np.abs(curve(mix, 0, "fader.gain_db") - exact).max() <= 0.0501
    assert len(mix.events) < 40


def test_a_lane_in_a_span_is_neutral_outside() -> None:
    ride = lane((0.0, 2.0), (4.0, -2.0))
    gain = curve(compiled(move_of("m1", {"vox/fader/gain_db": ride}, span_s=(1.0, 3.0))), 0, "fader.gain_db")
    inside = np.arange(48_000 + EDGE, 144_000 - EDGE)
    assert np.abs(gain[inside] - np.interp(inside / RATE, [0, 4], [2, -2])).max() < 1e-9
    assert (gain[:48_000] == 0).all()
    assert (gain[144_000:] == 0).all()


def test_a_lane_that_jumps_takes_five_milliseconds() -> None:
    held = (Breakpoint(0.0, -6.0, "hold"), Breakpoint(1.0, 0.0, "hold"), Breakpoint(1.002, -3.0, "hold"))
    drawn = lane((2.0, 0.0), (2.0, 4.0), (3.0, 4.0), (3.0, 0.0))
    mix = compiled(move_of("m1", {"vox/fader/gain_db": held}), move_of("m2", {"gtr/fader/gain_db": drawn}))
    gain = curve(mix, 0, "fader.gain_db")
    assert (gain[:48_000] == -6.0).all()
    assert (
        -6.0 < gain[48_000] < gain[48_095] < gain[48_096] == 0.0
    )  # cut short by the next jump, on frame 48 096
    assert (gain[48_096 + 240 :] == -3.0).all()
    assert np.abs(np.diff(gain)).max() <= 6.0 / 96 + 1e-9
    other = curve(mix, 1, "fader.gain_db")
    assert np.flatnonzero(other).tolist() == list(range(96_000, 144_000 + 239))
    assert other[96_239] == 4.0
    assert np.abs(np.diff(other)).max() <= 4.0 / 240 + 1e-9
    start = (Breakpoint(-1.0, -6.0, "hold"), Breakpoint(0.0, 2.0))
    assert compiled(move_of("m1", {"vox/fader/gain_db": start})).strips[0].static == {"fader.gain_db": 2.0}


def test_lanes_that_begin_before_the_song_and_end_after_it() -> None:
    gain = curve(
        compiled(move_of("m1", {"vox/fader/gain_db": lane((-2.0, 0.0), (6.0, -8.0))})), 0, "fader.gain_db"
    )
    assert gain == pytest.approx(-2.0 - np.arange(SESSION.frames) / RATE, abs=1e-9)


@given(scale=st.floats(0.01, 1.5))
def test_scale_scales_gains_and_the_way_of_the_pan(scale: float) -> None:
    session = session_of(track_of("vox", gain_db=-4.0, pan=-0.2))
    mix = compiled(
        move_of("m1", {"vox/fader/gain_db": -3.0, "vox/trim/gain_db": 2.0, "vox/pan/pan": 0.3}),
        eq_move("m2", "vox", "low_shelf", 100.0, gain_db=1.5),
        eq_move("m3", "vox", "high_pass", 60.0),
        session=session,
        scale=scale,
    )
    static = mix.strips[0].static
    assert static["fader.gain_db"] == pytest.approx(-4.0 - 3.0 * scale)
    assert static["trim.gain_db"] == pytest.approx(2.0 * scale)
    assert static["pan.pan"] == pytest.approx(-0.2 + 0.5 * scale)
    assert static["eq.band1.gain_db"] == pytest.approx(1.5 * scale)
    assert static["eq.band2.freq_hz"] == 60.0


def test_scale_0_is_the_session_alone() -> None:
    session = session_of(track_of("vox", gain_db=-4.0, pan=-0.2), track_of("gtr"))
    mix = compiled(
        move_of("m1", {"vox/fader/gain_db": -3.0, "gtr/pan/pan": 0.3}, span_s=(1.0, 2.0)),
        eq_move("m3", "gtr", "high_pass", 60.0),
        session=session,
        scale=0.0,
    )
    assert [dict(strip.static) for strip in mix.strips] == [{"fader.gain_db": -4.0, "pan.pan": -0.2}, {}]
    assert len(mix.events) == 0
    for scale in (-0.1, 1.6, float("nan")):
        with pytest.raises(PlanError, match="scale"):
            compiled(scale=scale)


def test_pan_moves_name_the_position() -> None:
    session = session_of(track_of("vox", pan=-0.5))
    whole = compiled(move_of("m1", {"vox/pan/pan": 0.25}), session=session)
    assert whole.strips[0].static["pan.pan"] == 0.25
    part = curve(
        compiled(move_of("m1", {"vox/pan/pan": 0.25}, span_s=(1.0, 2.0)), session=session), 0, "pan.pan"
    )
    assert part[48_000 + EDGE] == pytest.approx(0.25)
    assert part[0] == part[-1] == -0.5


def test_bus_gains_are_folded_into_the_faders() -> None:
    buses = (Bus("band", "Band", ("gtr", "drums"), -3.0), Bus("drums", "Drums", ("kick",), -1.0))
    session = session_of(track_of("vox"), track_of("gtr"), track_of("kick"), buses=buses)
    mix = compiled(move_of("m1", {"drums/fader/gain_db": 2.0}), session=session)
    assert [dict(strip.static) for strip in mix.strips] == [
        {},
        {"fader.gain_db": -3.0},
        {"fader.gain_db": -2.0},
    ]
    with pytest.raises(PlanError, match="bus"):
        compiled(move_of("m1", {"drums/pan/pan": 0.5}), session=session)


def test_muted_tracks_get_no_strip_and_unknown_ones_are_named() -> None:
    assert len(compiled(move_of("m1", {"click/fader/gain_db": -3.0})).events) == 0
    with pytest.raises(PlanError, match=r"m1.*'bass'.*vox, gtr"):
        compiled(move_of("m1", {"bass/fader/gain_db": -3.0}))
    with pytest.raises(PlanError, match="does not sound"):
        compiled().only("click")


def test_only_moves_in_force_count_and_solo_takes_any() -> None:
    moves = [
        move_of("m1", {"vox/fader/gain_db": -1.0}),
        move_of("m2", {"vox/fader/gain_db": -2.0}, status="proposed"),
        move_of("m3", {"vox/fader/gain_db": -4.0}, status="rejected"),
        move_of("m4", {"vox/fader/gain_db": -8.0}, status="stale"),
        move_of("m5", {"vox/fader/gain_db": -16.0}, status="edited"),
    ]
    assert compiled(*moves).strips[0].static == {"fader.gain_db": -17.0}
    assert compiled(*moves, solo_move="m1").strips[0].static == {"fader.gain_db": -1.0}
    assert compiled(*moves, solo_move="m2").strips[0].static == {"fader.gain_db": -2.0}
    with pytest.raises(PlanError, match="m9"):
        compiled(*moves, solo_move="m9")


def test_a_conflict_is_set_aside_and_reported() -> None:
    mix = compiled(
        move_of("m1", {"vox/pan/pan": -0.5}, authority="rule"),
        move_of("m2", {"vox/pan/pan": 0.5}, authority="person"),
    )
    assert mix.strips[0].static == {"pan.pan": 0.5}
    assert [(c.move_id, c.winner_id) for c in mix.set_aside] == [("m1", "m2")]


def test_a_track_has_24_bands() -> None:
    moves = [eq_move(f"m{i}", "vox", "bell", 100.0 + i, gain_db=-1.0) for i in range(25)]
    mix = compiled(*moves[:24], eq_move("g", "gtr", "bell", 100.0, gain_db=1.0))
    assert mix.strips[0].static["eq.band24.freq_hz"] == 123.0
    assert mix.strips[1].static["eq.band1.freq_hz"] == 100.0
    with pytest.raises(PlanError, match=r"vox: 25 EQ moves.*24 bands"):
        compiled(*moves)
    idle = [eq_move(f"n{i}", "vox", "bell", 200.0, gain_db=0.0) for i in range(9)]
    assert compiled(*moves[:24], *idle).strips == mix.only("vox").strips + compiled().strips[1:]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"vox/reverb/size": 1.0}, "vox/reverb/size"),
        ({"vox/fader/gain_db": 30.0}, "30"),
        ({"vox/pan/pan": "left"}, "left"),
        ({"vox/eq/m1.shape": "square", "vox/eq/m1.freq_hz": 100.0}, "square"),
        ({"vox/eq/m1.shape": "bell", "vox/eq/m1.freq_hz": 5.0}, "10 to 24000 Hz"),
        ({"vox/eq/m1.shape": "bell", "vox/eq/m1.gain_db": 5.0}, "freq_hz"),
        ({"vox/eq/m1.freq_hz": 100.0, "vox/eq/m1.gain_db": 5.0}, "shape"),
        ({"vox/eq/shape": "bell"}, "section"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, float | str], text: str) -> None:
    with pytest.raises(PlanError, match=text) as caught:
        compiled(move_of("m1", settings))  # type: ignore[arg-type]
    assert "m1" in str(caught.value)


def test_sums_past_the_fader_are_refused_and_silence_is_silence() -> None:
    too_much = [move_of(f"m{i}", {"vox/fader/gain_db": 10.0}, authority="person") for i in range(3)]
    with pytest.raises(PlanError, match=r"vox.*30"):
        compiled(*too_much)
    off = [move_of(f"m{i}", {"vox/fader/gain_db": -100.0}, authority="person") for i in range(3)]
    assert compiled(*off).strips[0].static == {"fader.gain_db": -120.0}


def test_events_are_sorted_and_one_strip_can_be_taken_out() -> None:
    mix = compiled(
        eq_move("m1", "gtr", "bell", 310.0, gain_db=-2.5, span_s=(0.5, 2.0)),
        eq_move("m2", "vox", "bell", 310.0, gain_db=-2.5, span_s=(1.0, 2.0)),
        move_of("m3", {"vox/fader/gain_db": lane((0.0, 0.0), (3.0, -3.0))}),
    )
    assert (np.diff(mix.events.frames) >= 0).all()
    alone = mix.only("gtr")
    assert len(alone.events) == 4
    assert (curve(alone, 0, "eq.band1.gain_db") == curve(mix, 1, "eq.band1.gain_db")).all()
