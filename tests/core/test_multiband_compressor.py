"""The multiband compressor against Linkwitz-Riley filters of scipy and detectors computed in float64."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from core.dynamics_oracles import (
    RATE,
    automatic_detector,
    branching_detector,
    bursts,
    level_db,
    static_curve_db,
    steps,
)
from properties.support import Samples, noise, same_bits
from smartmix.processors import Compressor, MultibandCompressor, load_preset

Wide = NDArray[np.float64]
CUTS = (180.0, 1100.0, 5200.0)


def multiband(bands: int = 4, cuts: tuple[float, ...] = CUTS, **settings: float | str) -> MultibandCompressor:
    return MultibandCompressor(
        bands=bands, **{f"crossover{i}_hz": hz for i, hz in enumerate(cuts, start=1)}, **settings
    )


def every_band(**settings: float | bool) -> dict[str, float]:
    return {f"band{band}.{key}": value for band in range(1, 5) for key, value in settings.items()}


def passed(kind: str, x: Wide, hz: float, rate: float) -> Wide:
    """A Linkwitz-Riley pass: a Butterworth pass of second order, twice."""
    sos = signal.butter(2, hz, kind, fs=rate, output="sos")
    return np.asarray(signal.sosfilt(sos, signal.sosfilt(sos, x)))


def turned(x: Wide, hz: float, rate: float) -> Wide:
    """The all-pass of a crossover: the numerator is the denominator of the Butterworth pass backwards."""
    a = signal.butter(2, hz, fs=rate)[1]
    return np.asarray(signal.lfilter(a[::-1], a, x))


def split(x: Wide, bands: int, cuts: tuple[float, ...] = CUTS, rate: float = RATE) -> list[Wide]:
    """The bands as a tree, from the lowest up."""
    if bands == 2:
        return [passed(kind, x, cuts[0], rate) for kind in ("low", "high")]
    if bands == 3:
        high = passed("high", x, cuts[0], rate)
        low = turned(passed("low", x, cuts[0], rate), cuts[1], rate)
        return [low, *(passed(kind, high, cuts[1], rate) for kind in ("low", "high"))]
    low = turned(passed("low", x, cuts[1], rate), cuts[2], rate)
    high = turned(passed("high", x, cuts[1], rate), cuts[0], rate)
    return [
        *(passed(kind, low, cuts[0], rate) for kind in ("low", "high")),
        *(passed(kind, high, cuts[2], rate) for kind in ("low", "high")),
    ]


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("bands", [2, 3, 4])
def test_the_bands_are_linkwitz_riley_bands(bands: int, rate: int) -> None:
    """Bands at levels of their own, sample by sample those of scipy in float64."""
    audio = noise(2, 12_000)
    levels = dict(zip(("band1", "band2", "band3", "band4"), (6.0, -9.0, 3.0, -20.0), strict=True))
    effect = multiband(bands, **{f"{band}.makeup_db": db for band, db in levels.items()})
    gains = [10.0 ** (db / 20.0) for db in levels.values()]
    expected = sum(
        g * band for g, band in zip(gains, split(audio.astype(np.float64), bands, CUTS, rate), strict=False)
    )
    np.testing.assert_allclose(effect(audio, rate), expected, atol=2e-6)


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize(
    ("bands", "cuts"),
    [(2, (90.0,)), (3, (120.0, 4000.0)), (4, CUTS), (4, (20.0, 26.0, 20_000.0)), (4, (500.0, 500.0, 500.0))],
)
def test_the_sum_is_flat(bands: int, cuts: tuple[float, ...], rate: int) -> None:
    """Crossovers at work and nothing over a threshold: within 0.01 dB from 10 Hz to the Nyquist frequency."""
    impulse = np.zeros((1, rate), np.float32)
    impulse[0, 0] = 1.0
    effect = multiband(bands, cuts, **every_band(ratio=20.0, threshold_db=0.0, knee_db=0.0))
    out = effect(impulse, rate)[0].astype(np.float64)
    assert not np.array_equal(out, impulse[0])
    level = 20.0 * np.log10(np.abs(np.fft.rfft(out)))[10:]
    assert np.abs(level).max() < 0.01


NOTED = [(-40.0, -40.0), (-23.0, -23.0), (-20.0, -20.5625), (-17.0, -19.25), (-10.0, -17.5), (0.0, -15.0)]


@pytest.mark.parametrize("detection", ["peak", "rms"])
@pytest.mark.parametrize(("level", "expected"), NOTED)
def test_one_band_has_the_static_curve_of_the_paper(level: float, expected: float, detection: str) -> None:
    """A tone at fs/4, nine octaves over the only crossover, every sample at its level.

    The all-pass still turns it by a fifth of a degree, which the peak detector reads as 0.03 dB more level.
    """
    audio = steps([level], 0.5)
    settings = {"threshold_db": -20, "ratio": 4, "knee_db": 6, "attack_ms": 1, "release_ms": 20}
    effect = multiband(
        2, (20.0,), detection=detection, **{f"band2.{key}": value for key, value in settings.items()}
    )
    out = effect(audio, RATE)
    close = 0.001 if detection == "rms" else 0.03
    assert 10.0 * np.log10(np.mean(out[0, -400:] ** 2.0)) == pytest.approx(expected, abs=close)
    compressor = Compressor(**settings, detection=detection)
    compressor(audio, RATE)
    assert effect.band_reductions_db[1] == pytest.approx(compressor.gain_reduction_db, abs=close)
    assert effect.band_reductions_db[0] == effect.band_reductions_db[2] == 0.0


BANDS = (
    {"threshold_db": -30.0, "ratio": 4.0, "knee_db": 6.0, "attack_ms": 8.0, "release_ms": 90.0, "makeup_db": 2.0},
    {"threshold_db": -40.0, "ratio": 2.0, "knee_db": 0.0, "attack_ms": 2.0, "release_ms": 60.0, "makeup_db": 0.0},
    {"threshold_db": -36.0, "ratio": 8.0, "knee_db": 12.0, "attack_ms": 1.0, "release_ms": 30.0, "makeup_db": -3.0},
    {"threshold_db": -20.0, "ratio": 1.0, "knee_db": 6.0, "attack_ms": 0.3, "release_ms": 20.0, "makeup_db": 1.0},
)  # fmt: skip


def expected_out(audio: Samples, key: Samples, *, rms: bool, auto: bool, mix: float, late: int) -> Wide:
    """Every band times what its own compressor makes of the same band of `key`, in float64."""
    out = np.zeros(audio.shape)
    bands = zip(split(audio.astype(np.float64), 4), split(key.astype(np.float64), 4), BANDS, strict=True)
    for band, heard, s in bands:
        levels = level_db(heard, rms=rms)
        wanted = [v - static_curve_db(v, s["threshold_db"], s["ratio"], s["knee_db"]) for v in levels]
        times = s["attack_ms"], s["release_ms"]
        if auto:
            reduction = automatic_detector(wanted, np.abs(heard).max(axis=0), *times)
        else:
            reduction = branching_detector(wanted, *times)
        gain = 10.0 ** ((s["makeup_db"] - reduction) / 20.0)
        gain = np.concatenate([gain[late:], np.ones(late)])  # it acts ahead of the audio
        out += band * (1.0 - mix + mix * gain)
    return out[:, : audio.shape[1] - late]


@pytest.mark.parametrize(
    ("rms", "auto", "mix", "keyed", "lookahead_ms"),
    [
        (False, False, 1.0, False, 0.0),
        (True, False, 0.6, False, 0.0),
        (False, True, 1.0, False, 0.0),
        (True, True, 1.0, True, 0.0),
        (False, False, 0.5, True, 5.0),
    ],
)
def test_every_sample_is_that_of_float64(
    rms: bool, auto: bool, mix: float, keyed: bool, lookahead_ms: float
) -> None:
    audio = bursts(15_000)
    key = bursts(15_000, channels=3, seed=7) if keyed else audio
    effect = multiband(
        detection="rms" if rms else "peak", auto_times=auto, mix=mix, lookahead_ms=lookahead_ms,
        **{f"band{i}.{k}": v for i, s in enumerate(BANDS, start=1) for k, v in s.items()},
    )  # fmt: skip
    out = effect(audio, RATE, 1000, side_chain=key if keyed else None)
    late = round(lookahead_ms * 1e-3 * RATE)
    expected = expected_out(audio, key, rms=rms, auto=auto, mix=mix, late=late)
    np.testing.assert_allclose(out[:, : expected.shape[1]], expected, atol=2e-5)
    assert max(effect.band_max_reductions_db[:3]) > 6.0
    assert effect.band_max_reductions_db[3] == 0.0


def test_bands_are_switched_out_for_themselves() -> None:
    audio = bursts(15_000)
    settings = every_band(threshold_db=-40.0, ratio=6.0)
    effect = multiband(**settings, **{"band2.bypass": True})
    effect(audio, RATE)
    assert effect.band_max_reductions_db[1] == 0.0
    assert min(effect.band_max_reductions_db[i] for i in (0, 2, 3)) > 3.0


@pytest.mark.parametrize(
    "settings",
    [
        {},
        every_band(ratio=4.0, makeup_db=3.0, bypass=True),
        every_band(ratio=8.0, makeup_db=3.0) | {"mix": 0.0},
    ],
)
def test_with_nothing_to_do_every_bit_stays(settings: dict[str, float]) -> None:
    audio = bursts(5000)
    audio[0, :4] = [-0.0, 1e-40, -1e-40, 0.0]
    assert same_bits(multiband(**settings)(audio, RATE), audio)


def click_db(out: Samples, hz: float) -> float:
    """The largest line of the spectrum more than an octave from a tone, against the tone."""
    spectrum = np.abs(np.fft.rfft(out[0] * np.blackman(out.shape[1])))
    line = hz * out.shape[1] / RATE
    far = np.ones(spectrum.size, dtype=bool)
    far[int(line / 2) : int(2 * line)] = False
    return float(20.0 * np.log10(spectrum[far].max() / spectrum.max()))


def sine(hz: float, seconds: float, level: float = 0.3) -> Samples:
    t = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2.0 * np.pi * hz * t)).astype(np.float32)[None, :]


@pytest.mark.parametrize(
    ("lane", "settings"),
    [
        ({"crossover2_hz": [(0.3, 300.0), (1.5, 4000.0)]}, every_band(makeup_db=0.1) | {"band3.makeup_db": -6.0}),
        ({"crossover2_hz": [(0.8, 700.0), (0.8, 1500.0)]}, every_band(makeup_db=0.1) | {"band3.makeup_db": -6.0}),
        ({"band2.ratio": [(0.5, 1.0), (0.9, 4.0), (1.2, 4.0), (1.6, 1.0)]}, {"band2.threshold_db": -30.0}),
        ({"band2.bypass": [(0.0, 1.0), (0.7, 0.0), (1.3, 1.0)]}, {"band2.threshold_db": -30.0, "band2.ratio": 3.0}),
        ({"bands": [(0.0, "2"), (0.7, "4"), (1.3, "3")]}, every_band(ratio=2.0)),
        ({"mix": [(0.5, 0.0), (0.9, 1.0), (1.2, 1.0), (1.6, 0.0)]}, every_band(ratio=4.0, threshold_db=-30.0)),
    ],
)  # fmt: skip
def test_what_moves_or_switches_makes_no_click(lane: dict, settings: dict[str, float]) -> None:
    audio = sine(700.0, 2.0)
    out = multiband(detection="rms", **settings)(audio, RATE, automation=lane)
    assert not np.array_equal(out, audio)
    assert click_db(out, 700.0) < -80.0


def test_it_goes_back_to_the_input() -> None:
    """Compression comes and goes: before and long after, the bits are those of the input."""
    audio = bursts(3 * RATE)
    lane = {"band3.ratio": [(0.5, 1.0), (0.6, 4.0), (1.0, 4.0), (1.1, 1.0)]}
    effect = multiband(**{"band3.threshold_db": -40.0, "band3.release_ms": 20.0})
    out = effect(audio, RATE, automation=lane)
    before, after = slice(0, RATE // 2), slice(5 * RATE // 2, None)
    assert same_bits(out[:, before].copy(), audio[:, before].copy())
    assert same_bits(out[:, after].copy(), audio[:, after].copy())
    assert effect.band_max_reductions_db[2] > 3.0


def test_the_trace_has_a_row_for_each_band() -> None:
    audio = np.concatenate([sine(3000.0, 0.5, 1e-3), sine(3000.0, 0.5), sine(3000.0, 0.5, 1e-3)], axis=1)
    effect = multiband(
        lookahead_ms=10.0, **every_band(threshold_db=-40.0, ratio=3.0, attack_ms=1.0, release_ms=10.0)
    )
    effect(audio, RATE, 999)
    trace = effect.reduction_trace()
    assert trace.shape == (4, 15)
    assert np.all(trace[2, 5:10] > 10.0)
    assert np.all(trace[2, [0, 1, 2, 3, 12, 13, 14]] < 0.5)
    assert trace[2].max() == pytest.approx(effect.band_max_reductions_db[2])
    assert trace.max() == pytest.approx(effect.max_reduction_db)
    assert effect.reduction_trace(1).shape == (4, 2)


@pytest.mark.parametrize("preset", ["mix_bus_gentle", "bass_steady"])
def test_the_presets_hold_a_loud_band(repo_root: Path, preset: str) -> None:
    effect = load_preset(repo_root / "presets" / "dynamics" / f"{preset}.toml")
    assert isinstance(effect, MultibandCompressor)
    effect(sine(60.0, 1.0, 0.5), RATE)
    assert 1.0 < effect.max_reduction_db < 8.0
    effect(sine(60.0, 1.0, 0.005), RATE)
    assert effect.max_reduction_db == 0.0
