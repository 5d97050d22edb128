"""Sends and returns: what is sent, what comes back, in time, summed with the mix and rounded once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixes import RATE, eq_move, lane, move_of, noise, plan_of, recorded, session_of
from smartmix import _core, rendering
from smartmix.automation import compile_plan
from smartmix.automation.events import CompiledMix, ReturnSettings
from smartmix.errors import PlanError
from smartmix.plan.move import Move
from smartmix.rendering.graph import NativeRun
from smartmix.session.session import Session

FRAMES = RATE
Band = tuple[Session, list[np.ndarray]]


@pytest.fixture
def band(tmp_path: Path) -> Band:
    sounds = [noise(2, FRAMES, 0, 0.3), noise(1, FRAMES, 1, 0.3)]
    tracks = [recorded(tmp_path, name, sound) for name, sound in zip(("gtr", "vox"), sounds, strict=True)]
    return session_of(*tracks, duration_s=1.0), sounds


def whole(session: Session, *moves: Move, **options: Any) -> np.ndarray:
    return np.concatenate(list(rendering.stream(session, plan_of(*moves), **options)), axis=1)


def native(name: str, sound: np.ndarray, **settings: float) -> np.ndarray:
    effect = _core.Processor(name)
    for key, value in settings.items():
        effect.set(key, value)
    effect.prepare(float(RATE), 2)
    padded = np.pad(sound, ((0, 0), (0, effect.latency_frames)))
    return effect.process(np.ascontiguousarray(padded, np.float32))[:, effect.latency_frames :]


LATE = {"lookahead_ms": 5.0, "threshold_db": -30.0, "ratio": 4.0, "mix": 1.0}


def with_stand_in(compiled: CompiledMix, *devices: dict[str, float]) -> CompiledMix:
    """The same mix with compressors, which have latency and no tail, for effects."""
    returns = tuple(
        replace(item, device="compressor", static=static)
        for item, static in zip(compiled.returns, devices, strict=True)
    )
    return replace(compiled, returns=returns)


def run(compiled: CompiledMix, sounds: list[np.ndarray], block: int = FRAMES) -> np.ndarray:
    strips = NativeRun(compiled, RATE, [sound.shape[0] for sound in sounds])
    blocks = [
        strips.process([np.ascontiguousarray(sound[:, at : at + block]) for sound in sounds])
        for at in range(0, FRAMES, block)
    ]
    rest = strips.ring_out(strips.latency_frames)
    return np.concatenate([*blocks, rest], axis=1)[:, strips.latency_frames :]


def test_a_send_is_behind_fader_and_pan_and_comes_back_in_time(band: Band) -> None:
    session, sounds = band
    moves = (
        move_of("m1", {"vox/send/return-reverb.level_db": -8.0, "vox/pan/pan": -1.0}),
        move_of("m2", {"vox/fader/gain_db": -5.0}),
        eq_move("m3", "vox", "bell", 800.0, gain_db=-6.0, q=1.0),
        move_of("m4", {"return-reverb/fader/gain_db": -2.0}),
    )
    compiled = with_stand_in(compile_plan(session, plan_of(*moves)), LATE)
    dry = compiled.without_returns()
    vox = run(dry.only("vox"), sounds[1:])
    sent = (vox * 10 ** (-8 / 20)).astype(np.float32)
    back = native("compressor", sent, **LATE) * 10 ** (-2 / 20)
    mix = run(compiled, sounds)
    assert not vox[1].any()
    assert np.abs(mix - (run(dry, sounds) + back)).max() < 2e-6
    assert np.abs(back).max() > 0.05
    assert run(compiled, sounds, 777).tobytes() == mix.tobytes()


def test_returns_of_different_latency_stay_in_time(band: Band) -> None:
    session, sounds = band
    moves = (
        move_of("m1", {"vox/send/return-reverb.level_db": -8.0}),
        move_of("m2", {"gtr/send/return-delay.level_db": -3.0}),
        move_of("m3", {"return-delay/fader/gain_db": lane((0.25, -120.0), (0.25, 0.0))}),
    )
    plain = {"mix": 1.0}  # ratio 1: what comes in goes out
    compiled = with_stand_in(compile_plan(session, plan_of(*moves)), {**plain, "lookahead_ms": 7.0}, plain)
    mix = run(compiled, sounds)
    step = np.where(np.arange(FRAMES) >= RATE // 4 + 300, 1.0, 0.0)
    vox = np.repeat(sounds[1], 2, axis=0).astype(np.float64)
    expected = sounds[0] + vox + vox * 10 ** (-8 / 20) + sounds[0] * 10 ** (-3 / 20) * step
    settled = np.r_[: RATE // 4 - 2, RATE // 4 + 400 : FRAMES]
    assert np.abs(mix - expected)[:, settled].max() < 1e-6
    assert run(compiled, sounds, 1_001).tobytes() == mix.tobytes()


def test_main_and_returns_are_rounded_once(band: Band) -> None:
    session, sounds = band
    compiled = compile_plan(session, plan_of(move_of("m1", {"gtr/send/return-delay.level_db": -6.0})))
    compiled = with_stand_in(compiled, {"mix": 1.0})
    mix = run(compiled, sounds)
    back = (sounds[0].astype(np.float64) * 10 ** (-6 / 20)).astype(np.float32).astype(np.float64)
    exact = sounds[0].astype(np.float64) + sounds[1].astype(np.float64) + back
    assert mix.tobytes() == exact.astype(np.float32).tobytes()
    twice = (sounds[0] + sounds[1]).astype(np.float32) + back.astype(np.float32)
    assert mix.tobytes() != twice.astype(np.float32).tobytes()


def test_one_return_alone_and_what_a_track_sends(band: Band) -> None:
    session, sounds = band
    moves = (
        move_of("m1", {"vox/send/return-reverb.level_db": -8.0}),
        move_of("m2", {"gtr/send/return-delay.level_db": -3.0}),
    )
    compiled = with_stand_in(compile_plan(session, plan_of(*moves)), LATE, {"mix": 1.0})
    reverb, delay = (run(compiled.only_return(name), sounds) for name in ("return-reverb", "return-delay"))
    assert np.abs(delay - sounds[0] * 10 ** (-3 / 20)).max() < 1e-6
    assert np.abs(run(compiled, sounds) - (sounds[0] + sounds[1] + reverb + delay)).max() < 2e-6
    with pytest.raises(PlanError, match=r"return-hall.*return-reverb, return-delay"):
        compiled.only_return("return-hall")


def test_settings_of_a_return_reach_its_effect() -> None:
    settings = ReturnSettings(
        "return-reverb", "compressor", {"threshold_db": -40.0, "ratio": 8.0, "mix": 1.0}
    )
    session = session_of(duration_s=1.0)
    compiled = replace(compile_plan(session, plan_of()), returns=(settings,))
    strips = NativeRun(compiled, RATE, [])
    assert strips.latency_frames == 0
    assert strips.tail_frames == 0


HALL = {"decay_s": 0.4, "pre_delay_ms": 12.0}


def test_the_reverb_return_is_the_native_reverb_fully_wet(band: Band) -> None:
    session, sounds = band
    moves = (
        move_of("m1", {"gtr/send/return-reverb.level_db": -6.0}),
        move_of("m2", {f"return-reverb/reverb/{name}": value for name, value in HALL.items()}),
        move_of("m3", {"return-reverb/fader/gain_db": -2.0}),
    )
    mix, dry = whole(session, *moves), whole(session)
    assert np.abs(mix[:, :FRAMES] - dry).max() > 0.01
    sent = (sounds[0].astype(np.float64) * 10 ** (-6 / 20)).astype(np.float32)
    padded = np.pad(sent, ((0, 0), (0, mix.shape[1] - FRAMES)))
    back = native("reverb", padded, **HALL, mix=1.0).astype(np.float64) * 10 ** (-2 / 20)
    exact = np.pad(sounds[0].astype(np.float64) + sounds[1], ((0, 0), (0, mix.shape[1] - FRAMES)))
    assert np.abs(mix - (exact + back)).max() < 1e-7
    alone = np.concatenate(list(rendering.stream_return(session, plan_of(*moves), "return-reverb")), axis=1)
    assert np.abs(alone - back).max() < 1e-7
    for block in (997, 70_000):
        assert whole(session, *moves, block_frames=block).tobytes() == mix.tobytes()


def test_the_tail_of_the_returns_is_kept(band: Band) -> None:
    """The tracks end where the session ends; the mix is longer by what rings on, and no longer without a send."""
    session, _ = band
    sends = (
        move_of("m1", {"gtr/send/return-reverb.level_db": -6.0}),
        move_of("m2", {"vox/send/return-delay.level_db": -9.0}, span_s=(0.2, 0.9)),
    )
    mix = whole(session, *sends)
    assert mix.shape[1] == rendering.mix_frames(session, plan_of(*sends)) > FRAMES
    assert (mix.shape[1] - FRAMES) % round(0.1 * RATE) == 0
    rest = mix[:, FRAMES:]
    assert np.abs(rest[:, :1_000]).max() > 1e-3
    assert np.abs(rest[:, -100:]).max() < 1e-3 * np.abs(mix).max()
    assert rendering.render(session, plan_of(*sends)).samples.tobytes() == mix.tobytes()
    none = plan_of(move_of("m1", {"gtr/send/return-reverb.level_db": -120.0}))
    assert rendering.mix_frames(session, none) == FRAMES
    assert rendering.mix_frames(session, plan_of(*sends), scale=0.0) == FRAMES
    for with_returns, frames in ((False, FRAMES), (True, mix.shape[1])):
        blocks = rendering.stream_track(session, plan_of(*sends), "gtr", with_returns=with_returns)
        assert sum(block.shape[1] for block in blocks) == frames


def test_a_track_longer_than_the_session_ends_with_it(tmp_path: Path) -> None:
    sound = noise(1, 2 * FRAMES, 4, 0.3)
    session = session_of(recorded(tmp_path, "a", sound), duration_s=1.0)
    mix = whole(
        session, move_of("m1", {"a/send/return-delay.level_db": -120.0}), move_of("m2", {"a/pan/pan": 0.0})
    )
    assert mix.shape[1] == FRAMES
    wet = whole(session, move_of("m1", {"a/send/return-reverb.level_db": -100.0}))
    assert np.abs(wet[:, FRAMES:]).max() < 1e-4
