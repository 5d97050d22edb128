"""compile_plan for compressor, de-esser, sends, returns, polarity and shift, and what it says it cannot follow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixes import RATE, eq_move, lane, move_of, plan_of, session_of, track_of
from smartmix.automation import CompiledMix, compile_plan
from smartmix.errors import PlanError
from smartmix.plan.move import Move
from smartmix.plan.ranges import RANGES
from smartmix.session.session import Bus, Session

SESSION = session_of(track_of("vox"), track_of("gtr"), track_of("click", muted=True))
EDGE = 960
SQUEEZE = {"vox/compressor/threshold_db": -24.0, "vox/compressor/ratio": 3.0}


def compiled(*moves: Move, session: Session = SESSION, **options: Any) -> CompiledMix:
    return compile_plan(session, plan_of(*moves), **options)


def curve(mix: CompiledMix, parameter: str, strip: int = 0) -> np.ndarray:
    """A parameter that moves in straight lines of its own unit, on every frame (csrc/core/event.hpp)."""
    device, _, name = parameter.partition(".")
    default = RANGES[device, name].default if (device, name) in RANGES else -120.0
    out = np.full(SESSION.frames, mix.strips[strip].static.get(parameter, default))
    ids = mix.events.parameter_ids
    if parameter not in ids:
        return out
    mine = (mix.events.strips == strip) & (mix.events.params == ids.index(parameter))
    columns = (mix.events.frames, mix.events.values, mix.events.ramp_frames)
    for at, value, ramp in zip(*(column[mine] for column in columns), strict=True):
        way = np.arange(SESSION.frames - at) / max(ramp, 1)
        out[at:] = np.where(way < 1, out[at] + (value - out[at]) * way, value) if ramp else value
    return out


def test_a_compressor_for_the_whole_song_is_its_settings() -> None:
    mix = compiled(
        move_of("m1", {**SQUEEZE, "vox/compressor/auto_times": "on", "vox/compressor/detection": "rms"})
    )
    assert mix.strips[0].static == {
        "compressor.threshold_db": -24.0,
        "compressor.ratio": 3.0,
        "compressor.auto_times": 1.0,
        "compressor.detection": 1.0,
    }
    assert len(mix.events) == 0
    assert [strip.dynamics for strip in mix.strips] == [True, False]


@pytest.mark.parametrize(
    "settings",
    [
        {"vox/compressor/threshold_db": -40.0},
        {"vox/compressor/ratio": 1.0, "vox/compressor/makeup_db": 0.0},
        {"vox/de_esser/threshold_db": -60.0},
        {"vox/de_esser/range_db": 0.0},
        {"vox/send/return-reverb.level_db": -120.0},
    ],
)
def test_devices_that_do_nothing_are_left_out(settings: dict[str, float]) -> None:
    mix = compiled(move_of("m1", dict(settings)))
    assert mix.strips == compiled().strips
    assert mix.returns == ()


def test_a_compressor_is_neutral_outside_its_span() -> None:
    makeup = {"vox/compressor/makeup_db": 2.0}
    mix = compiled(move_of("m1", {**SQUEEZE, **makeup}, span_s=(1.0, 2.0)))
    ratio, share = curve(mix, "compressor.ratio"), curve(mix, "compressor.mix")
    inside = np.zeros(SESSION.frames, bool)
    inside[48_000:96_000] = True
    assert (ratio[inside] == 3.0).all()
    assert (ratio[~inside] == 1.0).all()
    assert (share[~inside] == 0.0).all()
    assert share[48_000] > 0.0
    assert (share[48_000 + EDGE : 96_000 - EDGE] == 1.0).all()
    assert np.abs(np.diff(share)).max() <= 1.0 / EDGE + 1e-9


def test_compressors_of_two_parts_take_turns() -> None:
    other = {
        "vox/compressor/threshold_db": -10.0,
        "vox/compressor/ratio": 2.0,
        "vox/compressor/attack_ms": 3.0,
    }
    mix = compiled(
        move_of("m2", dict(other), span_s=(2.0, 3.0)), move_of("m1", dict(SQUEEZE), span_s=(1.0, 2.0))
    )
    assert not mix.set_aside
    ratio, threshold = curve(mix, "compressor.ratio"), curve(mix, "compressor.threshold_db")
    assert [ratio[i] for i in (47_999, 48_000, 95_999, 96_000, 143_999, 144_000)] == [1, 3, 3, 2, 2, 1]
    assert [threshold[i] for i in (48_000, 95_999, 96_000, 143_999)] == [-24, -24, -10, -10]
    share = curve(mix, "compressor.mix")
    assert share[95_999] < 0.01
    assert share[96_000] < 0.01
    assert share[120_000] == 1.0
    attack = mix.events.parameter_ids.index("compressor.attack_ms")
    assert mix.events.frames[mix.events.params == attack].tolist() == [96_000]


def test_a_compressor_follows_one_move_at_a_time_whatever_it_sets() -> None:
    mix = compiled(
        move_of("m1", dict(SQUEEZE), authority="person"),
        move_of("m2", {"vox/compressor/ratio": 9.0, "vox/compressor/attack_ms": 9.0}, span_s=(1.0, 2.0)),
    )
    assert [(c.move_id, c.winner_id) for c in mix.set_aside] == [("m2", "m1")]
    assert "vox/compressor follows" in mix.set_aside[0].text
    assert mix.strips[0].static["compressor.ratio"] == 3.0


def test_lanes_of_a_compressor_move_inside_its_span() -> None:
    ride = {**SQUEEZE, "vox/compressor/threshold_db": lane((0.0, -10.0), (4.0, -50.0))}
    threshold = curve(compiled(move_of("m1", ride, span_s=(1.0, 3.0))), "compressor.threshold_db")
    inside = np.arange(48_000, 144_000)
    assert np.abs(threshold[inside] - np.interp(inside / RATE, [0, 4], [-10, -50])).max() < 1e-9


def test_a_de_esser_lets_go_before_the_end_of_its_span() -> None:
    settings = {"vox/de_esser/range_db": 6.0, "vox/de_esser/release_ms": 200.0}
    mix = compiled(move_of("m1", settings, span_s=(1.0, 2.0)))
    depth = curve(mix, "de_esser.range_db")
    let_go = 96_000 - round(0.09 * RATE)
    assert np.flatnonzero(depth).tolist() == list(range(48_000, let_go))
    assert (depth[48_000:let_go] == 6.0).all()
    release = mix.events.params == mix.events.parameter_ids.index("de_esser.release_ms")
    assert mix.events.frames[release].tolist() == [let_go]
    assert mix.events.values[release].tolist() == [5.0]


@given(scale=st.floats(0.01, 1.5))
def test_scale_scales_what_a_device_does(scale: float) -> None:
    mix = compiled(
        move_of("m1", {**SQUEEZE, "vox/compressor/makeup_db": 2.0, "vox/compressor/attack_ms": 5.0}),
        move_of("m2", {"gtr/de_esser/range_db": 6.0, "gtr/de_esser/ratio": 4.0}),
        move_of("m3", {"gtr/send/return-reverb.level_db": -10.0}),
        move_of("m4", {"vox/input/polarity": "inverted", "vox/input/shift_ms": -2.0}),
        scale=scale,
    )
    vox, gtr = mix.strips
    assert vox.static["compressor.ratio"] == pytest.approx(1.0 + 2.0 * scale)
    assert vox.static["compressor.makeup_db"] == pytest.approx(2.0 * scale)
    assert vox.static["compressor.threshold_db"] == -24.0
    assert vox.static["compressor.attack_ms"] == 5.0
    assert gtr.static["de_esser.range_db"] == pytest.approx(6.0 * scale)
    assert gtr.static["de_esser.ratio"] == pytest.approx(1.0 + 3.0 * scale)
    assert gtr.static["send1.level_db"] == pytest.approx(-10.0 + 20.0 * np.log10(scale))
    assert (vox.polarity, vox.shift_frames) == ("inverted", -96)


def test_scale_0_leaves_no_device() -> None:
    mix = compiled(
        move_of("m1", dict(SQUEEZE)),
        move_of("m2", {"vox/send/return-reverb.level_db": -10.0}),
        move_of("m3", {"vox/input/polarity": "inverted", "vox/input/shift_ms": 3.0}),
        scale=0.0,
    )
    assert mix.strips == compiled().strips
    assert mix.returns == ()


def test_sends_count_the_returns_in_use() -> None:
    delay = compiled(move_of("m1", {"gtr/send/return-delay.level_db": -14.0}))
    assert [(item.return_id, item.device) for item in delay.returns] == [("return-delay", "delay")]
    assert delay.strips[1].static == {"send1.level_db": -14.0}
    both = compiled(
        move_of("m1", {"gtr/send/return-delay.level_db": -14.0}),
        move_of("m2", {"vox/send/return-reverb.level_db": lane((1.0, -20.0), (2.0, -8.0))}),
        move_of("m3", {"return-reverb/fader/gain_db": -2.0}),
        move_of("m4", {"return-reverb/fader/gain_db": 1.0}, span_s=(1.0, 2.0)),
    )
    assert [item.return_id for item in both.returns] == ["return-reverb", "return-delay"]
    assert both.strips[1].static == {"send2.level_db": -14.0}
    level = curve(both, "send1.level_db")
    assert level[[0, 48_000, 72_000, 96_000]] == pytest.approx([-20, -20, -14, -8])
    assert both.returns[0].fader_db == -2.0
    assert both.returns[0].static == {"mix": 1.0}
    assert both.return_events.values.tolist() == pytest.approx([-1.0, -2.0])
    assert set(both.return_events.strips.tolist()) == {0}
    assert both.without_returns().strips == compiled().strips
    assert len(both.without_returns().events) == 0


def test_a_send_with_a_span_is_off_outside() -> None:
    level = curve(
        compiled(move_of("m1", {"vox/send/return-reverb.level_db": -9.0}, span_s=(1.0, 2.0))),
        "send1.level_db",
    )
    assert (level[:48_000] == -120.0).all()
    assert (level[96_000:] == -120.0).all()
    assert (level[48_000 + EDGE : 96_000 - EDGE] == -9.0).all()


def test_polarity_and_shift_are_the_tracks_own() -> None:
    moves = (
        move_of("m1", {"vox/input/polarity": "left_inverted"}),
        move_of("m2", {"vox/input/shift_ms": 0.51}),
    )
    mix = compiled(*moves)
    assert (mix.strips[0].polarity, mix.strips[0].shift_frames) == ("left_inverted", 24)
    assert (mix.strips[1].polarity, mix.strips[1].shift_frames) == ("normal", 0)
    assert mix.strips[0].static == {}
    with pytest.raises(PlanError, match=r"m1.*whole song"):
        compiled(replace(moves[0], span_s=(1.0, 2.0)))
    mono = session_of(track_of("vox", channels=1))
    with pytest.raises(PlanError, match=r"m1.*mono"):
        compiled(moves[0], session=mono)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"vox/compressor/lookahead_ms": 1.0}, "threshold_db"),
        ({"vox/compressor/band1.ratio": 2.0}, "ratio"),
        ({"vox/reverb/size": 0.5}, "expected one of input"),
        ({"vox/send/return-hall.level_db": -9.0}, "send/return-reverb.level_db"),
        ({"vox/input/gain_db": -9.0}, "polarity, shift_ms"),
        ({"return-reverb/compressor/ratio": 2.0}, "expected one of fader, reverb"),
        ({"return-reverb/reverb/mix": 0.5}, "mix"),
        ({"bus-x/fader/gain_db": 1.0}, "bus-x"),
    ],
)
def test_addresses_there_are_not(settings: dict[str, float], text: str) -> None:
    with pytest.raises(PlanError, match=text) as caught:
        compiled(move_of("m1", dict(settings)))
    assert "m1" in str(caught.value)


def test_what_cannot_be_followed_to_the_end_is_said() -> None:
    session = session_of(track_of("vox", pan=0.9), track_of("gtr"))
    parts = [
        move_of("m1", {"vox/pan/pan": 0.95}, span_s=(0.0, 2.0)),
        move_of("m2", {"vox/pan/pan": 1.0}, span_s=(2.0, 4.0)),
    ]
    assert compiled(*parts, session=session).notices == ()
    wide = compiled(move_of("m1", {"vox/pan/pan": 1.0}), session=session, scale=1.5)
    assert wide.notices == ("vox: pan comes to R105 in all; it stays at R100",)
    assert wide.strips[0].static == {"pan.pan": 1.0}
    off = compiled(*(move_of(f"m{i}", {"vox/fader/gain_db": -100.0}, authority="person") for i in range(2)))
    assert off.notices == ("vox: fader comes to −200.0 dB in all; it is off from −120 dB down",)
    assert compiled(move_of("m1", {"vox/fader/gain_db": -120.0})).notices == ()


def test_a_locked_member_stays_where_it_is_in_a_group_move() -> None:
    buses = (Bus("bus-x", "X", ("vox", "gtr", "kick")),)
    session = session_of(track_of("vox", locked=True), track_of("gtr"), track_of("kick"), buses=buses)
    session = replace(session, locks=frozenset({"kick/fader/gain_db"}))
    mix = compiled(move_of("m1", {"bus-x/fader/gain_db": -2.0}), session=session)
    assert [dict(strip.static) for strip in mix.strips] == [{}, {"fader.gain_db": -2.0}, {}]
    assert len(mix.notices) == 2
    assert "vox is locked" in mix.notices[0]


def test_strips_can_be_taken_out_with_their_events() -> None:
    mix = compiled(
        move_of("m1", dict(SQUEEZE), span_s=(1.0, 2.0)),
        eq_move("m2", "gtr", "bell", 310.0, gain_db=-2.5, span_s=(0.5, 2.0)),
        move_of("m3", {"gtr/send/return-reverb.level_db": -9.0}, span_s=(1.0, 3.0)),
    )
    gtr = mix.only("gtr")
    assert {gtr.events.parameter_ids[p] for p in gtr.events.params} == {
        "eq.band1.shape",
        "eq.band1.gain_db",
        "send1.level_db",
    }
    assert set(gtr.events.strips.tolist()) == {0}
    both = mix.only("gtr", "vox")
    assert [strip.track_id for strip in both.strips] == ["vox", "gtr"]
    assert len(both.events) == len(mix.events)
