"""The ranges a plan allows are those of the native processors."""

from __future__ import annotations

import pytest

from smartmix.plan.ranges import RANGES


def test_ranges_equal_those_of_the_strip() -> None:
    core = pytest.importorskip("smartmix._core", exc_type=ImportError)
    strip = {info.id: info for info in core.StripBank(48_000.0, [1]).parameters()}
    for (device, parameter), allowed in RANGES.items():
        info = strip[f"eq.band1.{parameter}" if device == "eq" else f"{device}.{parameter}"]
        if allowed.choices:
            assert [str(c) if isinstance(c, str) else f"{c:g}" for c in allowed.choices] == list(info.choices)
        else:
            assert (allowed.low, allowed.high) == (info.low, info.high), (device, parameter)
