"""The compressor against Giannoulis, Massberg & Reiss (2012), computed sample by sample in float64."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.dynamics_oracles import (
    RATE,
    automatic_detector,
    branching_detector,
    bursts,
    gain_db,
    level_db,
    static_curve_db,
    steps,
    time_to_63_percent_ms,
)
from properties.support import Samples, same_bits
from smartmix.processors import Compressor, Gain, load_preset

NOTED = [(-40.0, -40.0), (-23.0, -23.0), (-20.0, -20.5625), (-17.0, -19.25), (-10.0, -17.5), (0.0, -15.0)]


def settled_db(compressor: Compressor, level: float) -> float:
    out = compressor(steps([level], 0.5), RATE)
    return float(20.0 * np.log10(np.abs(out[0, -1])))


@pytest.mark.parametrize("detection", ["peak", "rms"])
@pytest.mark.parametrize(("level", "expected"), NOTED)
def test_static_curve_of_the_paper(level: float, expected: float, detection: str) -> None:
    compressor = Compressor(
        threshold_db=-20, ratio=4, knee_db=6, attack_ms=1, release_ms=20, detection=detection
    )
    assert settled_db(compressor, level) == pytest.approx(expected, abs=0.001)
    assert compressor.gain_reduction_db == pytest.approx(level - expected, abs=0.001)


@pytest.mark.parametrize(
    ("threshold", "ratio", "knee"), [(-20.0, 2.0, 0.0), (-35.0, 20.0, 24.0), (-6.0, 1.2, 12.0)]
)
def test_static_curve_elsewhere(threshold: float, ratio: float, knee: float) -> None:
    compressor = Compressor(threshold_db=threshold, ratio=ratio, knee_db=knee, attack_ms=1, release_ms=20)
    for level in np.arange(-60.0, 6.1, 3.0):
        expected = static_curve_db(level, threshold, ratio, knee)
        assert settled_db(compressor, level) == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize(("attack_ms", "release_ms"), [(5.0, 100.0), (0.5, 20.0), (60.0, 30.0)])
def test_attack_and_release_take_the_time_that_is_set(attack_ms: float, release_ms: float, rate: int) -> None:
    compressor = Compressor(threshold_db=-40, ratio=4, knee_db=0, attack_ms=attack_ms, release_ms=release_ms)
    audio = steps([-30.0, -10.0, -30.0], 1.0, rate=rate)
    curve, _ = gain_db(compressor(audio, rate), audio)
    # The last frame of the quiet part counts as the start: the first loud frame is already one step on its way.
    assert time_to_63_percent_ms(curve[: 2 * rate], rate, rate) == pytest.approx(attack_ms, rel=0.03)
    assert time_to_63_percent_ms(curve, 2 * rate, rate) == pytest.approx(release_ms, rel=0.03)


@pytest.mark.parametrize("detection", ["peak", "rms"])
@pytest.mark.parametrize(
    ("attack_ms", "release_ms", "knee"), [(3.0, 80.0, 6.0), (0.05, 5.0, 0.0), (100.0, 20.0, 18.0)]
)
def test_every_frame_is_that_of_a_plain_float64_detector(
    attack_ms: float, release_ms: float, knee: float, detection: str
) -> None:
    audio = bursts(24_000)
    compressor = Compressor(
        threshold_db=-24,
        ratio=5,
        knee_db=knee,
        attack_ms=attack_ms,
        release_ms=release_ms,
        detection=detection,
    )
    measured, seen = gain_db(compressor(audio, RATE, 1000), audio)
    levels = level_db(audio, rms=detection == "rms")
    wanted = [x - static_curve_db(x, -24.0, 5.0, knee) for x in levels]
    expected = -branching_detector(wanted, attack_ms, release_ms)
    assert expected.min() < -2.0
    np.testing.assert_allclose(measured[seen], expected[seen], atol=0.01)


def test_the_channels_go_down_together() -> None:
    audio = np.concatenate([steps([-6.0], 0.2), steps([-30.0], 0.2)])
    out = Compressor(threshold_db=-20, ratio=4)(audio, RATE)
    np.testing.assert_allclose(out[1] / audio[1], out[0] / audio[0], rtol=1e-6)
    assert abs(out[1, -1]) < 0.5 * abs(audio[1, -1])


def test_look_ahead_is_the_latency_and_lets_the_gain_arrive_first() -> None:
    audio = steps([-40.0, -6.0], 0.1)
    settings = {"threshold_db": -20, "ratio": 10, "attack_ms": 1.0, "release_ms": 50}
    late = Compressor(**settings)(audio, RATE)
    compressor = Compressor(**settings, lookahead_ms=5)
    early = compressor(audio, RATE)
    assert compressor.latency_frames == 240
    assert np.abs(late[0, 4800]) > 10.0 ** (-8.0 / 20.0)  # the first loud frame slips through ...
    assert np.abs(early[0, 4800]) < 10.0 ** (-17.0 / 20.0)  # ... or finds the gain already down
    compressor.lookahead_ms = 0
    assert same_bits(compressor(audio, RATE), late)
    assert compressor.latency_frames == 0


def test_parallel_mix_adds_the_input_in_the_same_phase() -> None:
    audio = bursts(6000)
    settings = {"threshold_db": -30, "ratio": 8, "makeup_db": 6, "lookahead_ms": 3}
    wet = Compressor(**settings)(audio, RATE).astype(np.float64)
    for mix in (0.25, 0.5):
        out = Compressor(**settings, mix=mix)(audio, RATE)
        np.testing.assert_allclose(out, mix * wet + (1.0 - mix) * audio, atol=1e-6)
    assert same_bits(Compressor(**settings, mix=0)(audio, RATE), audio)


def test_makeup_is_a_gain() -> None:
    audio = bursts(3000)
    np.testing.assert_array_equal(Compressor(makeup_db=5)(audio, RATE), Gain(5)(audio, RATE))


AUTO = {"threshold_db": -30, "ratio": 4, "knee_db": 0, "attack_ms": 20, "release_ms": 400}


def both_times(audio: Samples) -> list[NDArray[np.float64]]:
    return [gain_db(Compressor(**AUTO, auto_times=on)(audio, RATE), audio)[0] for on in (False, True)]


def test_automatic_times_of_a_steady_tone_are_the_ones_set() -> None:
    audio = steps([-10.0] * 4 + [-60.0], 0.5)
    fixed, moving = (np.log(c[96_000 + 1200] / c[96_000 + 240]) for c in both_times(audio))
    assert moving / fixed == pytest.approx(1.0, abs=0.01)


def test_automatic_times_of_hits_are_shorter() -> None:
    """Single loud frames 40 dB over the rest: caught by the attack, and let go before the next one."""
    audio = steps([-60.0], 2.0)
    audio[:, ::9600] = 0.3
    fixed, moving = both_times(audio)
    hit = 5 * 9600
    assert moving[hit] / fixed[hit] > 10.0
    # 20 dB of crest and more: the times are 2 / 100 of those set.
    measured = -2400.0 / np.log(moving[hit + 2410] / moving[hit + 10]) / RATE * 1e3
    assert measured == pytest.approx(0.02 * 400.0, rel=0.03)


@pytest.mark.parametrize("detection", ["peak", "rms"])
def test_automatic_times_are_those_of_the_paper_frame_by_frame(detection: str) -> None:
    audio = bursts(24_000)
    audio[:, ::3000] = 0.95
    measured, seen = gain_db(
        Compressor(**AUTO, auto_times=True, detection=detection)(audio, RATE, 1000), audio
    )
    levels = level_db(audio, rms=detection == "rms")
    wanted = [x - static_curve_db(x, -30.0, 4.0, 0.0) for x in levels]
    expected = -automatic_detector(wanted, np.abs(audio.astype(np.float64)).max(axis=0), 20.0, 400.0)
    np.testing.assert_allclose(measured[seen], expected[seen], atol=0.01)
    assert np.abs(expected + branching_detector(wanted, 20.0, 400.0)).max() > 1.0


def test_readings_are_those_of_the_whole_call() -> None:
    audio = steps([-40.0, -10.0, -40.0], 0.5)
    compressor = Compressor(threshold_db=-20, ratio=4, knee_db=0, attack_ms=2, release_ms=50)
    curve, _ = gain_db(compressor(audio, RATE, 777), audio)
    assert compressor.max_reduction_db == pytest.approx(-curve.min(), abs=1e-3)
    assert compressor.mean_reduction_db == pytest.approx(-curve[curve < -0.1].mean(), abs=1e-3)
    assert compressor.gain_reduction_db == pytest.approx(-curve[-1], abs=1e-3)
    compressor(steps([-40.0], 0.1), RATE)
    assert (compressor.max_reduction_db, compressor.mean_reduction_db) == (0.0, 0.0)


def test_a_moving_threshold_is_heard_without_steps() -> None:
    audio = steps([-10.0], 1.0)
    compressor = Compressor(ratio=4, knee_db=0, attack_ms=5, release_ms=5)
    lane = {"threshold_db": [(0.2, -10.0), (0.6, -30.0)]}
    curve, _ = gain_db(compressor(audio, RATE, automation=lane), audio)
    assert np.abs(np.diff(curve)).max() < 0.01
    at = round(0.4 * RATE)
    assert curve[at] == pytest.approx(-0.75 * (10.0 - 0.005 * 50.0), abs=0.05)  # 5 ms behind the lane
    assert curve[-1] == pytest.approx(-15.0, abs=0.001)


@pytest.mark.parametrize("detection", ["peak", "rms"])
def test_under_the_threshold_every_bit_stays(detection: str) -> None:
    audio = 0.02 * bursts(5000)
    audio[0, :4] = [-0.0, 1e-40, -1e-40, 0.0]
    out = Compressor(threshold_db=-18, ratio=20, detection=detection)(audio, RATE)
    assert same_bits(out, audio)


def test_the_preset_holds_a_vocal(repo_root: Path) -> None:
    compressor = load_preset(repo_root / "presets" / "dynamics" / "vocal_level.toml")
    assert isinstance(compressor, Compressor)
    audio = steps([-24.0, -12.0], 1.0)
    compressor(audio, RATE)
    assert 1.0 < compressor.max_reduction_db < 6.0
