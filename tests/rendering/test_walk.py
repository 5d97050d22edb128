"""One move followed by hand, from the plan to the samples, against numpy and scipy alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from core.matched import analog_db, matched
from mixes import RATE, eq_move, lane, move_of, noise, plan_of, recorded, session_of
from smartmix import rendering
from smartmix.automation.compile import compile_plan
from smartmix.automation.events import CompiledMix, StripSettings
from smartmix.plan.move import Move
from smartmix.rendering.graph import NativeRun
from smartmix.session.session import Session

FRAMES = 4 * RATE
START = 48_000
HZ, Q, GAIN_DB = 310.0, 1.2, -2.5
CUT = eq_move("m1", "gtr", "bell", HZ, gain_db=GAIN_DB, q=Q, span_s=(1.0, 4.0))


@pytest.fixture
def guitar(tmp_path: Path) -> tuple[Session, np.ndarray]:
    sound = noise(2, FRAMES, seed=3)
    return session_of(recorded(tmp_path, "gtr", sound), duration_s=4.0), sound


def rendered(session: Session, *moves: Move) -> np.ndarray:
    return rendering.render(session, plan_of(*moves)).samples


def run(session: Session, compiled: CompiledMix, sound: np.ndarray) -> np.ndarray:
    return NativeRun(compiled, session.sample_rate, [sound.shape[0]]).process([sound])


def first_difference(mix: np.ndarray, sound: np.ndarray) -> int:
    return int(np.flatnonzero((mix != sound).any(axis=0))[0])


def error_db(mix: np.ndarray, sound: np.ndarray, settled: slice) -> float:
    """Largest difference to scipy's filter over the settled part, re the signal."""
    expected = signal.sosfilt(matched("bell", HZ, GAIN_DB, Q, RATE), sound.astype(np.float64), axis=1)
    off = np.abs(mix - expected)[:, settled].max()
    return float(20 * np.log10(off / np.abs(sound).max()))


def cut_at(mix: np.ndarray, sound: np.ndarray, hz: float) -> float:
    """The level change at a frequency by the ratio of cross to own spectrum over the settled part."""
    before, after = sound[0, START + RATE :], mix[0, START + RATE :]
    length = 1 << 14
    freqs, cross = signal.csd(before, after, RATE, nperseg=length)
    _, own = signal.welch(before, RATE, nperseg=length)
    return float(20 * np.log10(np.abs(np.interp(hz, freqs, np.abs(cross / own)))))


SETTLED = slice(START + 24_000, FRAMES)


def test_the_first_frame_that_differs_is_the_one_named(guitar: tuple[Session, np.ndarray]) -> None:
    session, sound = guitar
    mix = rendered(session, CUT)
    assert first_difference(mix, sound) == START


def test_the_cut_is_the_one_named(guitar: tuple[Session, np.ndarray]) -> None:
    session, sound = guitar
    mix = rendered(session, CUT)
    assert cut_at(mix, sound, HZ) == pytest.approx(GAIN_DB, abs=0.05)
    assert cut_at(mix, sound, 20 * HZ) == pytest.approx(0.0, abs=0.05)
    at_hz = np.array([100.0, 200.0, 310.0, 450.0, 800.0, 3_000.0])
    for hz, expected in zip(at_hz, analog_db("bell", HZ, GAIN_DB, Q, at_hz), strict=True):
        assert cut_at(mix, sound, hz) == pytest.approx(expected, abs=0.05)
    assert error_db(mix, sound, SETTLED) < -110


def test_a_span_ends_on_its_frame(guitar: tuple[Session, np.ndarray]) -> None:
    session, sound = guitar
    mix = rendered(session, replace(CUT, span_s=(1.0, 2.5)))
    changed = np.flatnonzero((mix != sound).any(axis=0))
    assert (changed[0], changed[-1]) == (START, 120_000 - 1)
    step = np.abs(np.diff(mix - sound, axis=1)).max()
    assert (
        step < 3 * np.abs(np.diff(mix - sound, axis=1)[:, SETTLED.start : 110_000]).max()
    )  # no click at either edge


def test_planted_faults_are_seen(guitar: tuple[Session, np.ndarray]) -> None:
    """The checks above must fail for events a frame late and for a band 0.1 dB off."""
    session, sound = guitar
    compiled = compile_plan(session, plan_of(CUT))
    good = run(session, compiled, sound)
    assert good.tobytes() == rendered(session, CUT).tobytes()
    late = replace(compiled, events=replace(compiled.events, frames=compiled.events.frames + 1))
    assert first_difference(run(session, late, sound), sound) == START + 1
    values = np.where(compiled.events.values == GAIN_DB, GAIN_DB + 0.1, compiled.events.values)
    off = run(session, replace(compiled, events=replace(compiled.events, values=values)), sound)
    assert abs(cut_at(off, sound, HZ) - GAIN_DB) > 0.05
    assert error_db(off, sound, SETTLED) > -60
    wrong_strip = replace(compiled, strips=(StripSettings("gtr", {}),))
    assert not np.array_equal(run(session, wrong_strip, sound), good)


def test_fader_lanes_are_straight_in_db_on_every_sample(guitar: tuple[Session, np.ndarray]) -> None:
    session, sound = guitar
    points = [(0.25, 0.0), (1.0, -6.0), (1.5, 3.0), (3.0, 3.0), (3.5, -40.0)]
    mix = rendered(session, move_of("m1", {"gtr/fader/gain_db": lane(*points)}))
    times, values = zip(*points, strict=True)
    gain = 10 ** (np.interp(np.arange(FRAMES) / RATE, times, values) / 20)
    assert np.abs(mix - sound * gain).max() / np.abs(sound).max() < 1e-6
    assert np.array_equal(mix[:, :12_001], sound[:, :12_001])


def test_faders_of_several_moves_add_up_on_every_sample(guitar: tuple[Session, np.ndarray]) -> None:
    session, sound = guitar
    mix = rendered(
        session,
        move_of("m1", {"gtr/fader/gain_db": lane((0.5, 0.0), (2.0, -4.0))}),
        move_of("m2", {"gtr/fader/gain_db": lane((1.0, 0.0), (1.2, 2.0), (3.1, -1.0))}),
        move_of("m3", {"gtr/fader/gain_db": 1.5}),
    )
    time = np.arange(FRAMES) / RATE
    db = 1.5 + np.interp(time, [0.5, 2.0], [0, -4]) + np.interp(time, [1.0, 1.2, 3.1], [0, 2, -1])
    assert np.abs(mix - sound * 10 ** (db / 20)).max() / np.abs(sound).max() < 1e-6


@pytest.mark.parametrize(("shape", "hz"), [("high_pass", 120.0), ("low_pass", 5_000.0), ("notch", 1_000.0)])
def test_filters_without_gain_come_and_go_without_a_click(tmp_path: Path, shape: str, hz: float) -> None:
    tone = (0.5 * np.sin(2 * np.pi * 60.0 / RATE * np.arange(FRAMES))).astype(np.float32)[np.newaxis]
    session = session_of(recorded(tmp_path, "gtr", tone), duration_s=4.0)
    mix = rendered(session, eq_move("m1", "gtr", shape, hz, span_s=(1.0, 2.0)))
    changed = np.flatnonzero(mix[0] != tone[0])
    assert START <= changed[0] <= START + 2
    after = slice(96_000 + RATE // 2, None)  # at rest again: what is left is below 0.05 dB
    assert 20 * np.log10(mix[0, after].std() / tone[0, after].std()) == pytest.approx(0.0, abs=0.05)
    # A click has energy high up, a 60 Hz tone that is turned down smoothly has not.
    sos = signal.butter(6, 3_000, "high", fs=RATE, output="sos")
    assert np.abs(signal.sosfilt(sos, mix[0].astype(np.float64))[RATE // 2 :]).max() < 0.5 * 10 ** (-50 / 20)
