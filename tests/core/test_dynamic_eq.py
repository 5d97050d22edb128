"""The dynamic EQ against scipy's filters, a detector computed frame by frame in float64, and the static EQ."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from core.dynamics_oracles import (
    RATE,
    branching_detector,
    bursts,
    keep,
    static_curve_db,
    time_to_63_percent_ms,
)
from properties.support import Samples, noise, same_bits
from smartmix.processors import DynamicEQ, ParametricEQ, load_preset

SHAPES = ("bell", "low_shelf", "high_shelf")
PROBES = np.array([40, 90, 150, 250, 400, 600, 800, 1000, 1300, 1800, 2600, 4000, 7000, 12_000, 18_000])


def one_band(**settings: float | str) -> DynamicEQ:
    return DynamicEQ(**{f"band2.{key}": value for key, value in settings.items()})


def tone(hz: float, level_db: float, seconds: float = 1.0, rate: float = RATE) -> NDArray[np.float64]:
    t = np.arange(round(seconds * rate)) / rate
    return np.asarray(10.0 ** (level_db / 20.0) * np.sin(2.0 * np.pi * hz * t))


def mono(x: NDArray[np.float64]) -> Samples:
    return x.astype(np.float32)[None, :]


def movement_db(level_db: float, s: dict[str, float]) -> float:
    """The static curve of docs/dsp/dynamic_eq.md."""
    over = level_db - static_curve_db(level_db, s["threshold_db"], s["ratio"], s["knee_db"])
    return float(np.copysign(min(over, abs(s["range_db"])), s["range_db"]))


@pytest.mark.parametrize(
    "settings",
    [
        {"threshold_db": -30.0, "range_db": -9.0, "ratio": 2.0, "knee_db": 6.0},
        {"threshold_db": -24.0, "range_db": 6.0, "ratio": 1.5, "knee_db": 0.0},
        {"threshold_db": -40.0, "range_db": -24.0, "ratio": 20.0, "knee_db": 18.0},
    ],
)
@pytest.mark.parametrize("hz", [60.0, 1000.0, 9000.0])
def test_the_static_curve_in_the_middle_of_a_bell(hz: float, settings: dict[str, float]) -> None:
    """A tone at the centre goes up or down by what the curve says about its own level, and the reading says so."""
    eq = one_band(freq_hz=hz, q=1.4, attack_ms=2, release_ms=20, **settings)
    window = slice(-RATE // 2, None)
    for level in (-50.0, -33.0, -30.0, -27.0, -21.0, -12.0, -3.0):
        audio = mono(tone(hz, level, 1.5))
        out = eq(audio, RATE)
        gain = 10.0 * np.log10(np.mean(out[0, window] ** 2.0) / np.mean(audio[0, window] ** 2.0))
        expected = movement_db(level, settings)
        assert gain == pytest.approx(expected, abs=0.01), level
        assert eq.band_reductions_db == pytest.approx((0.0, abs(expected), 0.0, 0.0), abs=0.01)


@pytest.mark.parametrize(("shape", "hz"), [("low_shelf", 50.0), ("high_shelf", 2000.0)])
def test_the_static_curve_of_a_shelf(shape: str, hz: float) -> None:
    """A tone well inside reads as loud as it is behind the Butterworth pass of its side chain."""
    settings = {"threshold_db": -30.0, "range_db": -12.0, "ratio": 2.0, "knee_db": 6.0}
    corner = 200.0 if shape == "low_shelf" else 1000.0
    kind = "low" if shape == "low_shelf" else "high"
    _, h = signal.sosfreqz(signal.butter(2, corner, kind, fs=RATE, output="sos"), [hz], fs=RATE)
    eq = one_band(shape=shape, freq_hz=corner, attack_ms=2, release_ms=20, **settings)
    for level in (-40.0, -30.0, -18.0, -3.0):
        eq(mono(tone(hz, level, 1.0)), RATE)
        expected = movement_db(level + 20.0 * float(np.log10(np.abs(h[0]))), settings)
        assert eq.band_reductions_db[1] == pytest.approx(-expected, abs=0.02)


def driven(shape: str, range_db: float, rate: int, hz: float = 1000.0, q: float = 1.1) -> NDArray[np.float64]:
    """Impulse response of a band that another track holds at its full range."""
    key = mono(tone(hz, -3.0, 1.5, rate))
    audio = np.zeros((1, round(1.5 * rate)), np.float32)
    audio[0, rate] = 1.0
    eq = one_band(shape=shape, freq_hz=hz, q=q, range_db=range_db, threshold_db=-60, ratio=20, attack_ms=5)
    out = eq(audio, rate, side_chain=key)
    assert eq.band_reductions_db[1] == pytest.approx(abs(range_db), abs=1e-4)
    return out[0, rate:].astype(np.float64)


@pytest.mark.parametrize("rate", [44_100, 192_000])
@pytest.mark.parametrize("range_db", [-9.3, 6.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_fully_driven_it_is_the_static_band(shape: str, range_db: float, rate: int) -> None:
    impulse = driven(shape, range_db, rate)
    response = np.exp(-2j * np.pi / rate * PROBES[:, None] * np.arange(impulse.size)) @ impulse
    static = ParametricEQ()
    static.band1.shape, static.band1.freq_hz = shape, 1000.0
    static.band1.gain_db, static.band1.q = range_db, 1.1
    static(np.zeros((1, 16), np.float32), rate)
    np.testing.assert_allclose(20.0 * np.log10(np.abs(response)), static.response_db(PROBES), atol=0.01)


@pytest.mark.parametrize("range_db", [-12.0, 7.0])
def test_a_driven_bell_is_the_analog_one(range_db: float) -> None:
    """s^2 + s A/Q + 1 over s^2 + s/(A Q) + 1, by scipy; far under the Nyquist frequency any good design is that."""
    impulse = driven("bell", range_db, 192_000)
    response = np.exp(-2j * np.pi / 192_000 * PROBES[:, None] * np.arange(impulse.size)) @ impulse
    a = 10.0 ** (range_db / 40.0)
    _, h = signal.freqs([1.0, a / 1.1, 1.0], [1.0, 1.0 / (a * 1.1), 1.0], PROBES / 1000.0)
    np.testing.assert_allclose(20.0 * np.log10(np.abs(response)), 20.0 * np.log10(np.abs(h)), atol=0.02)


@pytest.mark.parametrize(
    ("shape", "hz", "q"), [("bell", 1000, 1.1), ("bell", 15_000, 4), ("high_shelf", 9000, 2)]
)
def test_between_two_of_its_designs_it_is_the_static_band_too(shape: str, hz: float, q: float) -> None:
    """Steady gains all over a quarter of a dB, where the filter lies between two designs."""
    for gain_db in np.arange(-7.0, -6.7, 0.05):
        impulse = driven(shape, float(gain_db), 44_100, hz=hz, q=q)
        response = np.exp(-2j * np.pi / 44_100 * PROBES[:, None] * np.arange(impulse.size)) @ impulse
        static = ParametricEQ()
        static.band1.shape, static.band1.freq_hz = shape, hz
        static.band1.gain_db, static.band1.q = float(gain_db), q
        static(np.zeros((1, 16), np.float32), 44_100)
        np.testing.assert_allclose(20.0 * np.log10(np.abs(response)), static.response_db(PROBES), atol=0.01)


@pytest.mark.parametrize("shape", SHAPES)
def test_at_rest_every_bit_stays(shape: str) -> None:
    audio = noise(2, 9000, level=0.001)
    audio[0, :4] = [-0.0, 1e-40, -1e-40, 0.0]
    eq = DynamicEQ(
        **{f"band{i}.{k}": v for i in range(1, 5) for k, v in (("shape", shape), ("range_db", -9))}
    )
    assert same_bits(eq(audio, RATE), audio)
    assert eq.max_reduction_db == 0.0


def test_it_comes_back_to_rest() -> None:
    """After the loud part the filter is let go, and the bits are those of the input again."""
    audio = mono(np.concatenate([tone(1000, -6, 0.2), tone(1000, -70, 0.6)]))
    out = one_band(freq_hz=1000, range_db=-9, release_ms=10)(audio, RATE)
    assert not same_bits(out[:, :9600].copy(), audio[:, :9600].copy())
    assert same_bits(out[:, -4800:].copy(), audio[:, -4800:].copy())


@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize(("attack_ms", "release_ms"), [(20.0, 150.0), (60.0, 40.0)])
def test_attack_and_release_take_the_time_that_is_set(attack_ms: float, release_ms: float, rate: int) -> None:
    block = rate // 2000
    audio = mono(np.concatenate([tone(8000, level, 1.0, rate) for level in (-30, -10, -30)]))
    audio = audio[:, : audio.shape[1] // block * block]
    eq = one_band(
        freq_hz=8000, q=0.5, range_db=-24, threshold_db=-40, ratio=2, knee_db=0, attack_ms=attack_ms,
        release_ms=release_ms,
    )  # fmt: skip
    read = []
    for first in range(0, audio.shape[1], block):
        eq(audio[:, first : first + block], rate, reset=False)
        read.append(eq.band_reductions_db[1])
    curve = np.array(read)
    seconds = rate / block
    up, down = round(seconds), round(2 * seconds)
    assert time_to_63_percent_ms(curve[:down], up, seconds) == pytest.approx(attack_ms, rel=0.03)
    assert time_to_63_percent_ms(curve, down, seconds) == pytest.approx(release_ms, rel=0.03)


def heard_db(audio: Samples, shape: str, hz: float, q: float) -> NDArray[np.float64]:
    """Level of the louder channel: a filter, the same a quarter period later, mean of both squares."""
    x = audio.astype(np.float64)
    if shape == "bell":
        w = 2.0 * np.pi * hz / RATE
        alpha = np.sin(w) / (2.0 * q)
        y = signal.lfilter([alpha, 0.0, -alpha], [1.0 + alpha, -2.0 * np.cos(w), 1.0 - alpha], x)
        middle, periods = hz, 0.5
    else:
        kind = "low" if shape == "low_shelf" else "high"
        y = signal.sosfilt(signal.butter(2, hz, kind, fs=RATE, output="sos"), x)
        middle, periods = (0.25 * hz, 0.5) if shape == "low_shelf" else (2.0 * hz, 1.0)
    g = np.tan(np.pi * middle / RATE)
    c = (g - 1.0) / (g + 1.0)
    a = keep(1e3 * periods / middle)
    power = signal.lfilter([1.0 - a], [1.0, -a], y**2 + signal.lfilter([c, 1.0], [1.0, c], y) ** 2)
    return np.asarray(10.0 * np.log10(np.maximum(power.max(axis=0), 1e-30)))


@pytest.mark.parametrize("keyed", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("detector", ["band", "own"])
def test_the_movement_is_that_of_a_plain_float64_detector(shape: str, detector: str, keyed: bool) -> None:
    s = {"threshold_db": -32.0, "range_db": -8.0, "ratio": 3.0, "knee_db": 4.0}
    audio, key = bursts(20_000), bursts(20_000, channels=3, seed=11)
    heard = key if keyed else audio
    eq = one_band(
        shape=shape, freq_hz=1500.0, q=0.8, attack_ms=1.5, release_ms=35.0, detector=detector,
        detector_hz=2600.0, detector_q=2.0, **s,
    )  # fmt: skip
    read = []
    for first in range(0, audio.shape[1], 100):
        piece = slice(first, first + 100)
        eq(audio[:, piece], RATE, reset=False, side_chain=key[:, piece] if keyed else None)
        read.append(eq.band_reductions_db[1])
    levels = heard_db(heard, shape, *((1500.0, 0.8) if detector == "band" else (2600.0, 2.0)))
    wanted = [-movement_db(level, s) for level in levels]
    expected = branching_detector(wanted, 1.5, 35.0)[99::100]
    np.testing.assert_allclose(read, expected, atol=0.01)
    assert max(read) > 4.0


def test_every_band_listens_to_the_input() -> None:
    """Two bands at one frequency move alike: the second does not hear what the first took away."""
    audio = mono(tone(1000, -6.0))
    settings = {"freq_hz": 1000.0, "range_db": -6.0, "threshold_db": -30.0}
    eq = DynamicEQ(**{f"band{i}.{k}": v for i in (1, 2) for k, v in settings.items()})
    out = eq(audio, RATE)
    assert eq.band_reductions_db[:2] == (pytest.approx(6.0, abs=1e-3), pytest.approx(6.0, abs=1e-3))
    assert np.abs(out[0, -1000:]).max() == pytest.approx(10.0 ** (-18.0 / 20.0), rel=0.002)


def test_the_channels_move_together() -> None:
    loud, quiet = tone(3000, -12.0), tone(3000, -60.0)
    out = one_band(freq_hz=3000, range_db=-8, threshold_db=-40)(
        np.stack([loud, quiet]).astype(np.float32), RATE
    )
    assert np.abs(out[1, -1000:]).max() == pytest.approx(10.0 ** (-68.0 / 20.0), rel=0.01)


def test_moving_settings_make_no_click() -> None:
    """Frequency, Q and a range that goes through nothing from cut to boost, under a loud tone in the band."""
    audio = mono(tone(1000, -12.0, 2.0))
    lanes = {
        "band2.freq_hz": [(0.2, 700.0), (1.8, 1500.0)],
        "band2.q": [(0.2, 0.7), (1.0, 2.0)],
        "band2.range_db": [(0.3, -9.0), (1.7, 6.0)],
    }
    eq = one_band(freq_hz=700, q=0.7, range_db=-9, threshold_db=-40, detector="own", detector_hz=1000)
    out = eq(audio, RATE, automation=lanes)[0]
    spectrum = np.abs(np.fft.rfft(out * np.blackman(out.size))) / (0.21 * out.size)
    spectrum[1600:2400] = 0.0
    assert 20.0 * np.log10(spectrum.max() / 0.25) < -90.0


def test_a_gain_that_follows_a_tone_stays_clean() -> None:
    """A steady tone driven halfway: the quadrature detector leaves no ripple to modulate it with."""
    audio = mono(tone(100, -12.0, 2.0))
    eq = one_band(freq_hz=100, range_db=-12, threshold_db=-30, ratio=2, attack_ms=1, release_ms=5)
    out = eq(audio, RATE)[0, RATE:]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(out.size))) / (0.25 * out.size)
    harmonics = np.sqrt(np.sum(spectrum[[200, 300, 400, 500]] ** 2))
    assert 20.0 * np.log10(harmonics / spectrum[100]) < -90.0


def test_the_trace_has_a_row_for_each_band() -> None:
    audio = mono(np.concatenate([tone(1000, -60.0, 0.5), tone(1000, -10.0, 0.5), tone(1000, -60.0, 0.5)]))
    eq = one_band(freq_hz=1000, range_db=-6, threshold_db=-40, attack_ms=1, release_ms=20)
    eq(audio, RATE, 1000)
    trace = eq.reduction_trace()
    assert trace.shape == (4, 15)
    assert not trace[[0, 2, 3]].any()
    assert np.all(trace[1, :5] == 0.0)
    np.testing.assert_allclose(trace[1, 5:10], 6.0, atol=1e-3)
    assert eq.reduction_trace(2).shape == (4, 3)
    assert trace.max() == pytest.approx(eq.band_max_reductions_db[1]) == pytest.approx(eq.max_reduction_db)
    assert 0.0 < eq.band_mean_reductions_db[1] <= 6.0


@pytest.mark.parametrize("preset", ["low_mid_bloom", "harsh_upper_mids"])
def test_the_presets_hold_what_swells(repo_root: Path, preset: str) -> None:
    eq = load_preset(repo_root / "presets" / "dynamics" / f"{preset}.toml")
    assert isinstance(eq, DynamicEQ)
    hz = next(eq.get(f"band{i}.freq_hz") for i in range(1, 5) if eq.get(f"band{i}.range_db") != 0.0)
    eq(mono(tone(float(hz), -40.0)), RATE)
    assert eq.max_reduction_db == 0.0
    eq(mono(tone(float(hz), -14.0)), RATE)
    assert 1.0 < eq.max_reduction_db <= 4.0
