"""Knob positions and plain values go over into each other."""

from __future__ import annotations

import pytest

from smartmix.errors import SmartmixError
from smartmix.parameter import ParameterInfo, ParamRef

LOG = ParameterInfo("freq_hz", "Frequency", "Hz", 20.0, 20_000.0, 1000.0, "log")
GAIN = ParameterInfo("gain_db", "Gain", "dB", -24.0, 24.0, 0.0, "db")
SHAPE = ParameterInfo("shape", "Shape", "", 0.0, 2.0, 0.0, "choice", ("off", "bell", "notch"))


@pytest.mark.parametrize(
    ("info", "position", "value"),
    [
        (GAIN, 0.5, 0.0),
        (GAIN, 0.25, -12.0),
        (LOG, 1 / 3, 200.0),
        (LOG, 1.0, 20_000.0),
        (SHAPE, 0.5, 1.0),
    ],
)
def test_positions_and_values(info: ParameterInfo, position: float, value: float) -> None:
    assert info.from_unit(position) == pytest.approx(value)
    assert info.to_unit(value) == pytest.approx(position)


def test_positions_outside_are_taken_at_the_end_and_choices_are_whole() -> None:
    assert (GAIN.from_unit(1.5), GAIN.to_unit(-99.0)) == (24.0, 0.0)
    assert SHAPE.from_unit(0.3) == 1.0


@pytest.mark.parametrize("text", ["kick/eq", "kick//gain_db", "a/b/c/d", ""])
def test_an_address_has_three_parts(text: str) -> None:
    with pytest.raises(SmartmixError, match="expected 'track/device/parameter'"):
        ParamRef.parse(text)
