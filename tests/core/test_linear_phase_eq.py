"""The linear-phase EQ, its convolver and the FIR design, against numpy and scipy in double."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from core.matched import matched
from core.test_equaliser import band, designed, error_db
from properties.support import noise, prepared, run, same_bits
from smartmix import _core

RATE = 48_000
TAPS = 16_384
PARTITION = TAPS // 32
PERIOD = 8 * PARTITION
LATENCY = TAPS // 2 + PARTITION
TONE = band("low_shelf", 120.0, -4.0) | band("bell", 900.0, 6.0, 2.0, number=2)
TONE |= band("high_shelf", 7000.0, 5.0, number=4)


def sections(settings: dict[str, float], rate: float = RATE) -> np.ndarray:
    shapes = ["off", "bell", "low_shelf", "high_shelf", "high_pass", "low_pass", "notch", "tilt"]
    rows = np.zeros((0, 6))
    for number in sorted({key.partition(".")[0] for key in settings}):
        shape = shapes[int(settings[f"{number}.shape"])]
        values = (settings[f"{number}.{key}"] for key in ("freq_hz", "gain_db", "q"))
        rows = np.vstack([rows, designed(shape, *values, rate)])
    return rows


def taps_of(settings: dict[str, float]) -> np.ndarray:
    """The FIR by numpy in double: magnitude on the grid, back to time, the last quarter of each side faded out."""
    hz = np.arange(TAPS // 2 + 1) * RATE / TAPS
    magnitude = np.abs(signal.sosfreqz(sections(settings), hz, fs=RATE)[1])
    middle = np.fft.fftshift(np.fft.irfft(magnitude, TAPS))
    distance = np.abs(np.arange(TAPS) - TAPS // 2) * 2
    part = np.clip((distance - 0.75 * TAPS + 1) / (TAPS / 4), 0.0, 1.0)
    return np.asarray(middle * (0.5 + 0.5 * np.cos(np.pi * part)))


def convolved(samples: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """What comes out of the processor for a FIR: a partition later."""
    out = np.zeros(samples.shape)
    full = signal.fftconvolve(samples.astype(np.float64), taps[np.newaxis], axes=1)
    out[:, PARTITION:] = full[:, : samples.shape[1] - PARTITION]
    return out


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_against_scipys_convolution_with_numpys_filter(channels: int) -> None:
    source = noise(channels, 30_000)
    out = run(prepared("linear_phase_eq", TONE, channels=channels), source)
    assert error_db(out, convolved(source, taps_of(TONE)), source) < -120.0


@pytest.mark.parametrize("rate", [8000, 44_100, 192_000])
def test_magnitude_of_the_parametric_eq_and_no_phase(rate: int) -> None:
    """Within 0.05 dB from 30 Hz where freq / q is 30 Hz or more; all of it delayed by the latency and nothing else."""
    settings = {
        "low": band("high_pass", 40.0, slope=24) | band("low_shelf", 90.0, 6.0, number=2),
        "narrow": band("bell", 30.0, 12.0, 1.0) | band("bell", 900.0, -18.0, 30.0, number=2),
        "high": band("tilt", 700.0, 8.0) | band("high_shelf", 3500.0, -12.0, number=2),
        "cut": band("low_pass", 3000.0, slope=48) | band("notch", 300.0, q=5.0, number=2),
    }
    hz = np.geomspace(30.0, 0.45 * rate, 120)
    for name, values in settings.items():
        processor = prepared("linear_phase_eq", values, channels=1, sample_rate=rate)
        click = np.zeros((1, 2 * processor.latency_frames), np.float32)
        click[0, 0] = 1.0
        taps = run(processor, click)[0].astype(np.float64)
        around = (
            taps[processor.latency_frames - np.arange(1000)],
            taps[processor.latency_frames + np.arange(1000)],
        )
        np.testing.assert_allclose(around[0], around[1], atol=4e-7 * np.abs(taps).max(), err_msg=name)
        turns = np.exp(-2j * np.pi / rate * np.outer(hz, np.arange(taps.size) - processor.latency_frames))
        found = turns @ taps
        wanted = prepared("parametric_eq", values, sample_rate=rate).response_db(hz)
        # A magnitude that touches zero has a corner there, and a corner more taps than there are.
        seen = wanted > (-12.0 if name == "cut" else -60.0)
        np.testing.assert_allclose(20 * np.log10(np.abs(found[seen])), wanted[seen], atol=0.05, err_msg=name)
        assert np.abs(np.angle(found[wanted > -30.0])).max() < 1e-4, name


def test_any_cut_into_blocks_gives_the_same_bits() -> None:
    """Long enough that the sound comes out and several filters follow one another."""
    source = noise(2, 40_000)
    processor = prepared("linear_phase_eq", TONE)
    events = [
        (3000, processor.parameter_index("band2.gain_db"), -12.0, 9000),
        (14_001, processor.parameter_index("band2.freq_hz"), 300.0, 0),
        (20_479, processor.parameter_index("band4.shape"), 0.0, 0),
        (20_480, processor.parameter_index("band1.gain_db"), 3.0, 2000),
    ]
    whole = run(processor, source, events)
    rng = np.random.default_rng(3)
    for cuts in (
        list(range(64, 40_000, 64)),
        sorted({int(c) for c in rng.integers(1, 40_000, 60)}),
        [1, 511, 512, 513],
    ):
        assert same_bits(run(prepared("linear_phase_eq", TONE), source, events, cuts), whole)


@pytest.mark.parametrize("at", [0, 4096, 5000, 12_287])
def test_a_change_is_heard_where_it_was_made(at: int) -> None:
    """The next point of the grid is faded to while the sound of that point is in the middle of the filter."""
    source = noise(1, 40_000)
    after = TONE | band("bell", 900.0, -9.0, 1.0, number=2)
    processor = prepared("linear_phase_eq", TONE, channels=1)
    names = [f"band2.{key}" for key in ("gain_db", "q")]
    out = run(processor, source, [(at, processor.parameter_index(n), after[n], 0) for n in names])
    first = -(-at // PERIOD) * PERIOD + LATENCY if at > 0 else 0
    part = np.clip((np.arange(source.shape[1]) - first) / PARTITION, 0.0, 1.0) if at > 0 else 1.0
    a, b = (convolved(source, taps_of(settings)) for settings in (TONE, after))
    assert error_db(out, a + (b - a) * part**2 * (3.0 - 2.0 * part), source) < -120.0
    assert np.abs(b - a).max() > 0.1


def test_a_swap_of_filters_does_not_click() -> None:
    """A 60 Hz tone under a bell that jumps by 24 dB: nothing over 3 kHz above -80 dB of it."""
    tone = (0.25 * np.sin(2 * np.pi * 60.0 / RATE * np.arange(60_000))).astype(np.float32)[np.newaxis]
    processor = prepared("linear_phase_eq", band("bell", 60.0, -12.0, 0.7), channels=1)
    out = run(processor, tone, [(20_000, processor.parameter_index("band1.gain_db"), 12.0, 0)])
    high = signal.sosfilt(signal.butter(6, 3000, "high", fs=RATE, output="sos"), out[0].astype(np.float64))
    assert np.abs(out[0, -5000:]).max() > 0.9
    assert np.abs(high[LATENCY + 5000 :]).max() < 1e-4


def test_out_of_neutral_and_back_is_an_exact_delay_again() -> None:
    source = noise(2, 60_000)
    processor = prepared("linear_phase_eq", band("bell", 500.0, 0.0))
    gain = processor.parameter_index("band1.gain_db")
    out = run(processor, source, [(8192, gain, 6.0, 0), (24_576, gain, 0.0, 0)])
    delayed = np.zeros_like(source)
    delayed[:, LATENCY:] = source[:, :-LATENCY]
    first, last = 8192 + LATENCY, 24_576 + LATENCY + PARTITION
    np.testing.assert_array_equal(out[:, :first], delayed[:, :first])
    np.testing.assert_array_equal(out[:, last:], delayed[:, last:])
    assert np.abs(out - delayed)[:, first + PARTITION : last - PARTITION].max() > 0.01


@pytest.mark.parametrize("grid", [1024, 8192])
def test_linear_phase_taps_are_those_of_numpy(grid: int) -> None:
    magnitude = np.abs(signal.sosfreqz(matched("bell", 3000.0, 9.0, 2.0, RATE), grid // 2 + 1, fs=RATE)[1])
    magnitude = np.interp(np.linspace(0, 1, grid // 2 + 1), np.linspace(0, 1, magnitude.size), magnitude)
    taps = _core.fir_taps(magnitude, 512)
    np.testing.assert_array_equal(taps[1:256], taps[:256:-1])
    assert taps[0] == 0.0
    wanted = np.fft.irfft(magnitude)[:190]  # up to where the fade begins
    np.testing.assert_allclose(taps[256 : 256 + 190], wanted, atol=3e-7 * np.abs(wanted).max())


@pytest.mark.parametrize(
    "settings", [("bell", 2000.0, 12.0, 1.5), ("low_shelf", 300.0, -9.0, 0.7), ("tilt", 1000.0, 12.0, 1.0)]
)
def test_minimum_phase_taps_are_the_response_of_the_filter_that_has_it(
    settings: tuple[str, float, float, float],
) -> None:
    """A matched section is of minimum phase: from its magnitude alone its own impulse response has to come back."""
    section = matched(*settings, RATE)
    hz = np.linspace(0.0, RATE / 2, 8193)
    magnitude = np.abs(signal.sosfreqz(section, hz, fs=RATE)[1])
    taps = _core.fir_taps(magnitude, 4096, minimum_phase=True)
    click = np.zeros(4096)
    click[0] = 1.0
    wanted = signal.sosfilt(section, click)
    np.testing.assert_allclose(taps[:2500], wanted[:2500], atol=2e-6 * np.abs(wanted).max())


def test_minimum_phase_of_silence_in_the_stop_band() -> None:
    """Zeros in the magnitude are taken 120 dB down; what passes is within 0.05 dB."""
    hz = np.linspace(0.0, RATE / 2, 16_385)
    magnitude = np.where(hz < 4000.0, 1.0, np.where(hz > 8000.0, 0.0, 1.0 - (hz - 4000.0) / 4000.0))
    taps = _core.fir_taps(magnitude, 4096, minimum_phase=True)
    found = np.abs(np.fft.rfft(taps, 32_768))
    np.testing.assert_allclose(20 * np.log10(found[hz < 3500.0]), 0.0, atol=0.05)
    assert found[hz > 8500.0].max() < 1e-3
    assert np.argmax(np.abs(taps)) < 50


def test_what_the_fir_design_refuses() -> None:
    flat = np.ones(513)
    for magnitude, taps, message in (
        (flat, 2048, "taps up to the grid"),
        (flat, 511, "even"),
        (np.ones(500), 64, "power of two"),
        (np.full(513, np.nan), 64, "0 to 1e6"),
        (np.ones((2, 513)), 64, "grid / 2"),
    ):
        with pytest.raises(ValueError, match=message):
            _core.fir_taps(magnitude, taps)
