"""The ranges a plan allows: those of the strip that plays it, and those format 1 was made with."""

from __future__ import annotations

from smartmix import _core
from smartmix.plan.ranges import RANGES

FORMAT_1 = {
    ("trim", "gain_db"): "-120 to 24 dB",
    ("fader", "gain_db"): "-120 to 24 dB",
    ("pan", "pan"): "-1 to 1",
    ("eq", "shape"): "one of off, bell, low_shelf, high_shelf, high_pass, low_pass, notch",
    ("eq", "freq_hz"): "10 to 24000 Hz",
    ("eq", "gain_db"): "-24 to 24 dB",
    ("eq", "q"): "0.1 to 30",
    ("eq", "slope_db_oct"): "one of 6, 12, 18, 24, 36, 48",
}


def test_ranges_of_plan_format_1_are_not_narrowed_unseen() -> None:
    assert {address: str(allowed) for address, allowed in RANGES.items()} == FORMAT_1


def test_ranges_equal_those_of_the_strip() -> None:
    strip = {info.id: info for info in _core.StripBank(48_000.0, [1]).parameters()}
    for (device, parameter), allowed in RANGES.items():
        info = strip[f"eq.band1.{parameter}" if device == "eq" else f"{device}.{parameter}"]
        if allowed.choices:
            assert [str(c) if isinstance(c, str) else f"{c:g}" for c in allowed.choices] == list(info.choices)
        else:
            assert (allowed.low, allowed.high) == (info.low, info.high), (device, parameter)
