"""The gate against its own definition, computed frame by frame in float64, and against the clock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.dynamics_oracles import (
    RATE,
    Curve,
    bursts,
    gain_db,
    keep,
    level_db,
    steps,
    time_to_63_percent_ms,
)
from properties.support import Samples, same_bits
from smartmix.processors import Gate, load_preset


def asked_db(level: float, s: dict[str, float]) -> float:
    """What a closed gate takes away: the expander's line with a parabola `knee_db` wide, down to the range.

    The parabola is that of Giannoulis, Massberg & Reiss (2012), eq. 4, mirrored to the other side. Ratio 100
    is infinite.
    """
    under, knee = s["threshold_db"] - level, s.get("knee_db", 0.0)
    if under <= -knee / 2.0:
        return 0.0
    if s["ratio"] == 100.0:
        return s["range_db"]
    bend = (under + knee / 2.0) ** 2 / (2.0 * knee) if under < knee / 2.0 else under
    return float(min(s["range_db"], (s["ratio"] - 1.0) * bend))


def reference(audio: Samples, s: dict[str, float], *, rms: bool = False) -> Curve:
    """Gain in dB of every frame; the gate begins closed."""
    hold = round(s["hold_ms"] * 1e-3 * RATE)
    opening, closing = keep(s["attack_ms"]), keep(s["release_ms"])
    opens_at = s["threshold_db"] + s.get("knee_db", 0.0) / 2.0
    open_for, y, out = 0, s["range_db"], []
    for level in level_db(audio, rms=rms):
        if level >= opens_at - (s["hysteresis_db"] if open_for else 0.0):
            open_for = hold
        elif open_for:
            open_for -= 1
        wanted = 0.0 if open_for else asked_db(level, s)
        k = closing if wanted > y else opening
        y = k * y + (1.0 - k) * wanted
        out.append(-y)
    return np.array(out)


SETTINGS = {
    "gate": (-24.0, 60.0, 100.0, 6.0, 0.5, 20.0, 5.0),
    "expander": (-18.0, 40.0, 2.0, 3.0, 2.0, 60.0, 0.1),
    "slow to open": (-30.0, 12.0, 8.0, 0.0, 50.0, 5.0, 1.0),
    "soft knee": (-22.0, 40.0, 3.0, 2.0, 2.0, 30.0, 0.5, 12.0),
    "soft knee, infinite": (-24.0, 24.0, 100.0, 4.0, 1.0, 30.0, 2.0, 6.0),
}
NAMES = (
    "threshold_db",
    "range_db",
    "ratio",
    "hysteresis_db",
    "attack_ms",
    "release_ms",
    "hold_ms",
    "knee_db",
)


@pytest.mark.parametrize("detection", ["peak", "rms"])
@pytest.mark.parametrize("name", SETTINGS)
def test_every_frame_is_that_of_the_definition(name: str, detection: str) -> None:
    settings = dict(zip(NAMES, SETTINGS[name], strict=False))
    audio = bursts(24_000)
    measured, seen = gain_db(Gate(**settings, detection=detection)(audio, RATE, 1000), audio)
    expected = reference(audio, settings, rms=detection == "rms")
    assert expected.min() < -4.0
    assert expected.max() > -2.5
    seen &= expected > -80.0
    np.testing.assert_allclose(measured[seen], expected[seen], atol=0.01)


def test_it_opens_at_the_threshold_and_closes_at_the_lower_one() -> None:
    """Up in steps of 1 dB and down again: the gain changes at -30 on the way up and under -36 on the way down."""
    levels = [*range(-45, -25), *range(-25, -46, -1)]
    audio = steps(levels, 0.1)
    gate = Gate(
        threshold_db=-30,
        hysteresis_db=6,
        range_db=60,
        ratio=100,
        attack_ms=0.5,
        release_ms=5,
        hold_ms=1,
    )
    curve, _ = gain_db(gate(audio, RATE), audio)
    ends = curve[round(0.1 * RATE) - 1 :: round(0.1 * RATE)]
    opened = [level for level, gain in zip(levels, ends, strict=True) if gain > -0.01]
    assert opened == [*range(-30, -25), *range(-25, -37, -1)]
    assert all(gain == pytest.approx(-60.0, abs=0.01) for gain in ends if gain < -0.01)


@pytest.mark.parametrize("hold_ms", [1.0, 30.0, 400.0])
def test_it_stays_open_for_the_hold(hold_ms: float) -> None:
    audio = steps([-10.0, -60.0], 0.6)
    gate = Gate(threshold_db=-30, range_db=20, hold_ms=hold_ms, attack_ms=0.1, release_ms=10)
    curve, _ = gain_db(gate(audio, RATE), audio)
    last_loud = round(0.6 * RATE) - 1
    first_down = last_loud + int(np.argmax(curve[last_loud:] < -1e-4))
    assert first_down - last_loud == round(hold_ms * 1e-3 * RATE)


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize(("attack_ms", "release_ms"), [(0.5, 100.0), (20.0, 10.0)])
def test_attack_and_release_take_the_time_that_is_set(attack_ms: float, release_ms: float, rate: int) -> None:
    audio = steps([-50.0, -10.0, -50.0], 1.0, rate=rate)
    gate = Gate(
        threshold_db=-30, range_db=30, attack_ms=attack_ms, release_ms=release_ms, hold_ms=10, ratio=100
    )
    curve, _ = gain_db(gate(audio, rate), audio)
    assert time_to_63_percent_ms(curve[: 2 * rate], rate, rate) == pytest.approx(attack_ms, rel=0.03)
    closing = 2 * rate - 1 + round(0.010 * rate)
    assert time_to_63_percent_ms(curve, closing, rate) == pytest.approx(release_ms, rel=0.03)


@pytest.mark.parametrize(("level", "expected"), [(-50.0, -40.0), (-36.0, -12.0), (-31.0, -2.0), (-30.0, 0.0)])
def test_an_expander_widens_the_distance_to_the_threshold(level: float, expected: float) -> None:
    """Three to one: 6 dB under the threshold become 18; never more than the range is taken away."""
    audio = steps([level], 0.5)
    gate = Gate(threshold_db=-30, ratio=3, range_db=40, release_ms=10, attack_ms=5)
    curve, _ = gain_db(gate(audio, RATE), audio)
    assert curve[-1] == pytest.approx(expected, abs=0.01)
    assert gate.gain_reduction_db == pytest.approx(-expected, abs=0.01)


@pytest.mark.parametrize(
    ("level", "expected"), [(-50.0, -20.0), (-46.0, -20.0), (-42.0, -12.0), (-36.0, -2.0 * 36.0 / 24.0), (-30.0, 0.0)]
)  # fmt: skip
def test_the_static_curve_of_a_soft_expander(level: float, expected: float) -> None:
    """Three to one under -36 dB, 12 dB of knee around it, 20 dB of range; a steady tone that never opened it."""
    expander = Gate(
        threshold_db=-36, ratio=3, knee_db=12, range_db=20, attack_ms=1, release_ms=5, detection="rms"
    )
    curve, _ = gain_db(expander(audio := steps([-60.0, level], 0.5), RATE), audio)
    assert curve[-1] == pytest.approx(expected, abs=0.01)


def test_the_highest_ratio_is_a_gate() -> None:
    """A hair under the threshold all of the range is gone."""
    audio = steps([-30.01], 0.5)
    curve, _ = gain_db(Gate(threshold_db=-30, ratio=100, range_db=80, release_ms=10)(audio, RATE), audio)
    assert curve[-1] == pytest.approx(-80.0, abs=0.01)


def test_parallel_mix_adds_the_input_in_the_same_phase() -> None:
    audio = bursts(6000)
    settings = {"threshold_db": -24, "range_db": 60, "lookahead_ms": 3, "hold_ms": 2, "release_ms": 5}
    wet = Gate(**settings)(audio, RATE).astype(np.float64)
    for mix in (0.25, 0.5):
        out = Gate(**settings, mix=mix)(audio, RATE)
        np.testing.assert_allclose(out, mix * wet + (1.0 - mix) * audio, atol=1e-6)
    assert same_bits(Gate(**settings, mix=0)(audio, RATE), audio)


def test_a_low_note_does_not_make_it_chatter() -> None:
    """Hold bridges the zero crossings of 41 Hz at 48 kHz: once open, every bit stays."""
    t = np.arange(RATE) / RATE
    audio = (0.1 * np.sin(2.0 * np.pi * 41.2 * t)).astype(np.float32)[None, :]
    out = Gate(threshold_db=-30, range_db=80, hold_ms=13)(audio, RATE)
    settled = slice(RATE // 2, None)
    assert same_bits(np.ascontiguousarray(out[:, settled]), np.ascontiguousarray(audio[:, settled]))


def test_look_ahead_lets_the_first_frame_through() -> None:
    audio = steps([-60.0, -6.0], 0.2)
    settings = {"threshold_db": -30, "range_db": 60, "attack_ms": 0.5}
    late = Gate(**settings)(audio, RATE)
    gate = Gate(**settings, lookahead_ms=5)
    early = gate(audio, RATE)
    assert gate.latency_frames == 240
    at = round(0.2 * RATE)
    assert abs(late[0, at]) < 0.01 * abs(audio[0, at])
    assert abs(early[0, at]) == pytest.approx(abs(audio[0, at]), rel=0.001)


def test_the_preset_cleans_a_tom(repo_root: Path) -> None:
    gate = load_preset(repo_root / "presets" / "dynamics" / "tom_spill.toml")
    assert isinstance(gate, Gate)
    audio = steps([-50.0, -8.0, -50.0], 1.0)
    curve, _ = gain_db(gate(audio, RATE), audio)
    assert curve[2 * RATE - 1] == pytest.approx(0.0, abs=1e-3)
    assert -30.0 < curve[-1] < -6.0


def test_the_preset_of_an_expander_leaves_the_words_alone(repo_root: Path) -> None:
    expander = load_preset(repo_root / "presets" / "dynamics" / "vocal_expander.toml")
    audio = steps([-60.0, -20.0, -60.0], 1.0)
    curve, _ = gain_db(expander(audio, RATE), audio)
    assert curve[2 * RATE - 1] == pytest.approx(0.0, abs=1e-3)
    assert curve[-1] == pytest.approx(-10.0, abs=0.1)
