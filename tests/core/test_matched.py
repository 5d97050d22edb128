"""Bells, shelves, tilt and notch against their analog prototypes (scipy's freqs), over all legal settings."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import signal

from core.matched import analog_db, matched
from core.test_equaliser import band, cookbook
from properties.support import prepared

HEARD = np.concatenate([np.geomspace(10.0, 3000.0, 40), np.linspace(3100.0, 20_000.0, 170)])
GAINS = (-24.0, -12.0, -6.0, -3.0, 0.01, 3.0, 12.0, 18.0, 24.0)
CENTRES = (100.0, 1000.0, 2500.0, 4000.0, 6000.0, 8000.0, 10_000.0, 12_000.0, 14_000.0, 16_000.0)
MATCHED = ("bell", "low_shelf", "high_shelf", "tilt")


def response(shape: str, hz: float, gain_db: float, q: float, rate: float, at_hz: np.ndarray) -> np.ndarray:
    return prepared("parametric_eq", band(shape, hz, gain_db, q), sample_rate=rate).response_db(at_hz)


def worst_db(shape: str, hz: float, qs: tuple[float, ...], rate: float) -> float:
    return max(
        np.abs(response(shape, hz, gain_db, q, rate, HEARD) - analog_db(shape, hz, gain_db, q, HEARD)).max()
        for gain_db, q in itertools.product(GAINS, qs)
    )


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize(
    ("shape", "qs"),
    [
        ("bell", (0.1, 0.3, 0.7071, 1.4, 3.0, 10.0, 30.0)),
        ("low_shelf", (0.1, 0.3, 0.5, 0.7071, 1.0, 1.4, 2.0, 3.0)),
        ("high_shelf", (0.1, 0.3, 0.5, 0.7071, 1.0, 1.4, 2.0, 3.0)),
        ("tilt", (1.0,)),
    ],
)
def test_within_a_decibel_of_the_analog_filter(shape: str, qs: tuple[float, ...], rate: int) -> None:
    """10 Hz to 20 kHz, gains to 24 dB, centres to 12 kHz; to 16 kHz within 1.3. Worst seen: 0.9 dB."""
    for hz in CENTRES:
        assert worst_db(shape, hz, qs, rate) < (1.0 if hz <= 12_000.0 else 1.3), hz


def test_the_bilinear_design_is_far_off() -> None:
    """What the gate keeps out: the cookbook's bell at the sample rate, up to 14 dB from the analog one."""
    at_hz = HEARD[HEARD > 1000.0]
    for shape, hz, gain_db, q, least in (
        ("bell", 12_000.0, 12.0, 0.7071, 5.0),
        ("bell", 16_000.0, 24.0, 1.0, 9.0),
    ):
        section = cookbook(shape, hz, gain_db, q, 44_100)
        found = 20.0 * np.log10(np.abs(signal.sosfreqz(section, at_hz, fs=44_100)[1]))
        assert np.abs(found - analog_db(shape, hz, gain_db, q, at_hz)).max() > least


@pytest.mark.parametrize("rate", [44_100, 192_000])
@pytest.mark.parametrize("shape", [*MATCHED, "notch"])
def test_the_response_told_is_that_of_the_realised_section(shape: str, rate: int) -> None:
    at_hz = np.concatenate([np.geomspace(5.0, 20_000.0, 60), [0.499 * rate]])
    for hz, gain_db, q in itertools.product(
        (10.0, 700.0, 9000.0, 24_000.0), (-24.0, -0.5, 4.0, 24.0), (0.1, 0.7071, 30.0)
    ):
        section = matched(shape, hz, gain_db, q, rate)
        found = 20.0 * np.log10(np.abs(signal.sosfreqz(section, at_hz, fs=rate)[1]))
        told = response(shape, hz, gain_db, q, rate, at_hz)
        np.testing.assert_allclose(told, found, atol=2e-4, err_msg=f"{hz} {gain_db} {q}")


@pytest.mark.parametrize("shape", [*MATCHED, "notch"])
def test_stable_and_of_minimum_phase_everywhere(shape: str) -> None:
    on_circle = 1.0 + 1e-9 if shape == "notch" else 1.0
    for rate in (8000, 44_100):
        for hz, gain_db, q in itertools.product(
            np.geomspace(10.0, 24_000.0, 9),
            (-24.0, -6.0, -1e-6, 1e-3, 12.0, 24.0),
            (0.1, 0.7071, 30.0),
        ):
            zeros, poles, _ = signal.sos2zpk(matched(shape, hz, gain_db, q, rate))
            assert np.all(np.isfinite(zeros)) and np.all(np.isfinite(poles))
            assert np.abs(poles).max() < 1.0 and np.abs(zeros).max() < on_circle, (rate, hz, gain_db, q)


@pytest.mark.parametrize("shape", [*MATCHED, "notch"])
def test_no_jump_when_a_setting_moves(shape: str) -> None:
    """Ramps go between designs: a small step of any setting, through 0 dB and half the rate, a small step."""
    at_hz = np.geomspace(20.0, 20_000.0, 80)
    rate = 44_100

    def steps(settings: list[tuple[float, float, float]]) -> float:
        curves = np.array([response(shape, *values, rate, at_hz) for values in settings])
        if shape == "notch":
            curves = 10.0 ** (curves / 20.0)
        return float(np.abs(np.diff(curves, axis=0)).max())

    for q in (0.3, 0.7071, 3.0):
        assert steps([(9000.0, gain_db, q) for gain_db in np.linspace(-24.0, 24.0, 481)]) < 0.3
        assert steps([(1000.0, gain_db, q) for gain_db in np.linspace(-0.01, 0.01, 41)]) < 0.01
        for gain_db in (-18.0, 6.0):
            assert steps([(hz, gain_db, q) for hz in np.geomspace(6000.0, 24_000.0, 400)]) < 0.3
    for gain_db in (-18.0, 6.0):
        assert steps([(7000.0, gain_db, q) for q in np.geomspace(0.1, 30.0, 800)]) < 0.3


@pytest.mark.parametrize("shape", MATCHED)
def test_frequencies_over_half_the_rate_are_sane(shape: str) -> None:
    """A band beyond reach is one at 0.49 of the rate: what it does below stays between nothing and its gain."""
    at_hz = np.geomspace(20.0, 15_900.0, 100)
    for gain_db in (-24.0, 9.0):
        curve = response(shape, 24_000.0, gain_db, 0.7071, 32_000, at_hz)
        np.testing.assert_allclose(
            curve, response(shape, 15_680.0, gain_db, 0.7071, 32_000, at_hz), atol=1e-9
        )
        assert np.abs(curve).max() < abs(gain_db) + 0.3


def test_a_tilt_turns_about_its_frequency() -> None:
    curve = response("tilt", 650.0, 6.0, 1.0, 48_000, np.array([1.0, 650.0, 20_000.0]))
    np.testing.assert_allclose(curve, [-3.0, 0.0, 3.0], atol=0.03)


def test_a_notch_is_deep_at_its_frequency_and_0_db_elsewhere() -> None:
    for hz in (50.0, 1000.0, 15_000.0):
        curve = response("notch", hz, 0.0, 4.0, 44_100, np.array([hz, 1.0]))
        assert curve[0] < -120.0
        assert abs(curve[1]) < 0.01
