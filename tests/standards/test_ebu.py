"""EBU Tech 3341 and 3342 with the standard's own tolerances."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis import loudness
from standards import signals_ebu
from standards.signals_ebu import Case

RATES = [44_100, 48_000, 96_000, 192_000]


def meter_of(samples: NDArray[np.float32], rate: int, *, true_peak: bool = False) -> _core.LoudnessMeter:
    meter = _core.LoudnessMeter(rate, samples.shape[0], true_peak)
    meter.process(samples)
    return meter


def momentary_lufs(meter: _core.LoudnessMeter) -> NDArray[np.float64]:
    """Momentary loudness at 100 Hz from the 10 ms energies, apart from the meter's own windows."""
    windows = np.lib.stride_tricks.sliding_window_view(meter.energies_10ms(), 40)
    return -0.691 + 10.0 * np.log10(np.maximum(windows.mean(axis=1), 1e-12))


def readings(case: Case, meter: _core.LoudnessMeter) -> list[float]:
    """The values the case is about, in the order of its expectations."""
    if case.measure == "integrated":
        return [meter.integrated_lufs()]
    if case.measure == "range":
        return [meter.range_lu()]
    if case.measure == "momentary_max":
        return [meter.momentary_max_lufs()]
    if case.measure == "short_term_max":
        return [meter.short_term_max_lufs()]
    short = case.measure.startswith("short_term")
    series = meter.short_term_lufs(100) if short else momentary_lufs(meter)
    window, segment = (300, 600) if short else (40, 80)
    if case.measure.endswith("steady"):
        settled = series if short else series[60:]
        return [float(settled.min()), float(settled.max())]
    ends = np.arange(series.size) + window
    return [
        float(series[(ends > i * segment) & (ends <= (i + 1) * segment)].max())
        for i in range(len(case.expected))  # type: ignore[arg-type]
    ]


def assert_meets(case: Case, values: list[float]) -> None:
    expected = np.broadcast_to(np.asarray(case.expected, float), len(values))
    for value, wanted in zip(values, expected, strict=True):
        assert wanted - case.below <= value <= wanted + case.above, f"{case.name}: {value} for {wanted}"


@pytest.mark.parametrize("rate", RATES)
def test_every_loudness_case_is_within_a_tenth_of_an_lu(rate: int) -> None:
    for case, samples in signals_ebu.loudness_cases(rate):
        assert_meets(case, readings(case, meter_of(samples, rate)))


@pytest.mark.parametrize("rate", RATES)
def test_every_range_case_is_within_the_tolerance_and_a_hundredth_of_its_figure(rate: int) -> None:
    for case, samples in signals_ebu.range_cases(rate):
        values = readings(case, meter_of(samples, rate))
        assert_meets(case, values)
        assert values[0] == pytest.approx(case.expected, abs=0.01)


@pytest.mark.parametrize("rate", RATES)
def test_the_first_cases_hold_up_to_192_khz_with_their_momentary_and_short_term_values(rate: int) -> None:
    for expected in (-23.0, -33.0):
        meter = meter_of(signals_ebu.tone(rate, [(20, expected)]), rate)
        for value in (meter.integrated_lufs(), meter.momentary_max_lufs(), meter.short_term_max_lufs()):
            assert value == pytest.approx(expected, abs=0.1)
        assert meter.short_term_lufs()[-1] == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("rate", RATES)
def test_surround_channels_weigh_what_they_should(rate: int) -> None:
    case, samples = signals_ebu.surround_case(rate)
    value = meter_of(samples, rate).integrated_lufs()
    assert_meets(case, [value])
    with_lfe = np.insert(samples, 3, 0.5 * samples[2], axis=0)
    assert meter_of(with_lfe, rate).integrated_lufs() == value
    swapped = meter_of(np.ascontiguousarray(samples[[0, 1, 3, 2, 4]]), rate).integrated_lufs()
    assert abs(swapped - value) > 0.2


@pytest.mark.parametrize("rate", RATES)
def test_every_true_peak_case_is_within_the_standards_tolerance(rate: int) -> None:
    for case, samples in signals_ebu.peak_cases(rate):
        assert_meets(case, [meter_of(samples, rate, true_peak=True).true_peak_dbtp()])


def test_a_mono_file_is_one_channel() -> None:
    stereo = signals_ebu.tone(48_000, [(4, -20.0)])
    one = loudness.measure_loudness(stereo[:1], 48_000).integrated_lufs
    two = loudness.measure_loudness(stereo, 48_000).integrated_lufs
    assert two - one == pytest.approx(10.0 * np.log10(2.0), abs=1e-9)
