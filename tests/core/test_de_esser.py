"""The de-esser against filters computed in float64 and a detector computed frame by frame in float64."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from core.dynamics_oracles import RATE, branching_detector, bursts, keep, static_curve_db
from core.matched import matched
from properties.support import Samples, same_bits
from smartmix.processors import DeEsser, load_preset

PROBES = np.array([100, 300, 700, 1500, 3000, 5000, 6000, 7000, 8000, 10_000, 14_000, 19_000])


def tone(hz: float, level_db: float, seconds: float = 1.0) -> NDArray[np.float64]:
    t = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(10.0 ** (level_db / 20.0) * np.sin(2.0 * np.pi * hz * t))


def response_db(de_esser: DeEsser, audio: Samples, hz: NDArray[np.int_]) -> NDArray[np.float64]:
    """Output over input in dB at whole frequencies, over the last whole second: no window needed."""
    out = de_esser(audio, RATE)
    before, after = (np.abs(np.fft.rfft(x[0, -RATE:].astype(np.float64)))[hz] for x in (audio, out))
    return np.asarray(20.0 * np.log10(after / before))


@pytest.mark.parametrize("shape", ["bell", "high_shelf"])
def test_a_steady_s_is_turned_down_by_the_filter_named(shape: str) -> None:
    """A loud tone in the band keys the filter, quiet probes around it show what it does."""
    audio = tone(6500, -12.0, 2.0) + sum(tone(hz, -70.0, 2.0) for hz in PROBES)
    audio = audio.astype(np.float32)[None, :]
    settings = {"threshold_db": -27, "range_db": 24, "ratio": 2, "relative_db": -40, "shape": shape}
    de_esser = DeEsser(freq_hz=6500, q=1.2, **settings)
    measured = response_db(de_esser, audio, PROBES)
    reduction = de_esser.gain_reduction_db
    # The sine reads -15 dB behind the band pass (-18 behind the Butterworth high pass), half of what is over goes.
    assert reduction == pytest.approx(6.0 if shape == "bell" else 4.5, abs=0.02)
    sos = matched(shape, 6500, -reduction, 1.2 if shape == "bell" else 0.7071, RATE)
    _, h = signal.sosfreqz(sos, PROBES, fs=RATE)
    np.testing.assert_allclose(measured, 20.0 * np.log10(np.abs(h)), atol=0.05)
    assert np.abs(measured[PROBES <= 700]).max() < 0.1
    assert measured[PROBES == 6000][0] < -1.5


def test_only_the_band_is_reduced() -> None:
    """Speech-like low end with a steady s: outside two octaves of a narrow band nothing moves by 0.1 dB."""
    low = sum(tone(hz, -24.0, 2.0) for hz in (110, 220, 440, 880))
    audio = (low + tone(6500, -12.0, 2.0)).astype(np.float32)[None, :]
    de_esser = DeEsser(freq_hz=6500, q=3, threshold_db=-30, range_db=6, relative_db=-10)
    hz = np.array([110, 220, 440, 880, 6500])
    measured = response_db(de_esser, audio, hz)
    assert measured[-1] == pytest.approx(-6.0, abs=0.02)
    assert np.abs(measured[:-1]).max() < 0.1


@pytest.mark.parametrize(
    ("s_db", "voice_db", "touched"), [(-20, -30, True), (-20, -8, False), (-45, -60, False)]
)
def test_it_needs_both_thresholds(s_db: float, voice_db: float, touched: bool) -> None:
    """Loud and louder than the voice; loud under a louder voice; louder than the voice but quiet."""
    t = np.minimum(np.arange(RATE) / 2000.0, 1.0)  # faded in: a step has highs of its own
    audio = (t * (tone(6500, s_db) + tone(300, voice_db))).astype(np.float32)[None, :]
    out = DeEsser(threshold_db=-36, relative_db=0, range_db=6)(audio, RATE)
    assert same_bits(out, audio) is not touched


def expected_reduction(audio: Samples, s: dict[str, float]) -> NDArray[np.float64]:
    x = audio.astype(np.float64)
    w = 2.0 * np.pi * s["freq_hz"] / RATE
    alpha = np.sin(w) / (2.0 * s["q"])
    band = signal.lfilter([alpha, 0.0, -alpha], [1.0 + alpha, -2.0 * np.cos(w), 1.0 - alpha], x)
    below = signal.sosfilt(signal.butter(2, 0.5 * s["freq_hz"], fs=RATE, output="sos"), x)
    a = keep(3.0)
    levels = [
        10.0 * np.log10(np.maximum(signal.lfilter([1.0 - a], [1.0, -a], y**2).max(axis=0), 1e-30))
        for y in (band, below)
    ]
    over = np.minimum(levels[0] - s["threshold_db"], levels[0] - levels[1] - s["relative_db"])
    wanted = [min(s["range_db"], v - static_curve_db(v, 0.0, s["ratio"], 6.0)) for v in over]
    return branching_detector(wanted, s["attack_ms"], s["release_ms"])


@pytest.mark.parametrize("seed", range(3))
def test_the_reduction_read_is_that_of_a_plain_float64_detector(seed: int) -> None:
    settings = {
        "freq_hz": 5200.0 + 1000.0 * seed,
        "q": 0.8 + 0.5 * seed,
        "threshold_db": -40.0,
        "relative_db": 2.0 - 3.0 * seed,
        "ratio": 3.0,
        "range_db": 9.0,
        "attack_ms": 0.5,
        "release_ms": 40.0,
    }
    audio = bursts(24_000, seed=seed)
    audio[:, ::2] *= np.float32(0.9)  # not quite white
    expected = expected_reduction(audio, settings)
    de_esser = DeEsser(**settings)
    read = []
    for first in range(0, audio.shape[1], 100):
        de_esser(audio[:, first : first + 100], RATE, reset=False)
        read.append(de_esser.gain_reduction_db)
    np.testing.assert_allclose(read, expected[99::100], atol=0.01)
    assert max(read) > 2.0
    assert de_esser.max_reduction_db == pytest.approx(expected.max(), abs=0.01)


def test_look_ahead_is_the_latency_and_has_the_filter_down_when_the_s_comes() -> None:
    audio = np.concatenate([tone(6500, -70.0, 0.2), tone(6500, -12.0, 0.2)]).astype(np.float32)[None, :]
    settings = {"threshold_db": -36, "range_db": 9, "relative_db": -40, "attack_ms": 0.5, "release_ms": 50}
    late = DeEsser(**settings)(audio, RATE)
    de_esser = DeEsser(**settings, lookahead_ms=5)
    early = de_esser(audio, RATE)
    assert de_esser.latency_frames == 240
    begun = slice(
        round(0.2005 * RATE), round(0.2015 * RATE)
    )  # the bell itself takes its first half millisecond
    before, behind, ahead = (np.abs(x[0, begun]).max() for x in (audio, late, early))
    assert behind > 10.0 ** (-5.0 / 20.0) * before
    assert ahead < 10.0 ** (-8.5 / 20.0) * before
    quiet = slice(0, 4800)
    assert same_bits(early[:, quiet].copy(), audio[:, quiet].copy())


def test_the_channels_go_down_together() -> None:
    loud, quiet = tone(6500, -12.0), tone(6500, -60.0)
    out = DeEsser(threshold_db=-36, range_db=8)(np.stack([loud, quiet]).astype(np.float32), RATE)
    assert np.abs(out[1, -1000:]).max() == pytest.approx(10.0 ** (-68.0 / 20.0), rel=0.01)


def test_a_moving_frequency_makes_no_click() -> None:
    audio = tone(6000, -12.0).astype(np.float32)[None, :]
    lane = {"freq_hz": [(0.1, 4000.0), (0.9, 9000.0)], "range_db": [(0.2, 6.0), (0.8, 12.0)]}
    out = DeEsser(threshold_db=-30)(audio, RATE, automation=lane)[0]
    # What is left beside the tone itself: its spectrum outside 5 to 7 kHz.
    spectrum = np.abs(np.fft.rfft(out * np.hanning(out.size))) / (0.25 * out.size)
    spectrum[5000:7000] = 0.0
    assert 20.0 * np.log10(spectrum.max() / 0.25) < -80.0


def test_the_preset_takes_an_s(repo_root: Path) -> None:
    de_esser = load_preset(repo_root / "presets" / "dynamics" / "vocal_esses.toml")
    assert isinstance(de_esser, DeEsser)
    de_esser((tone(6800, -16.0) + tone(250, -30.0)).astype(np.float32)[None, :], RATE)
    assert de_esser.max_reduction_db == pytest.approx(6.0, abs=0.05)
    de_esser(tone(250, -10.0).astype(np.float32)[None, RATE // 100 :], RATE)
    assert de_esser.mean_reduction_db == 0.0
