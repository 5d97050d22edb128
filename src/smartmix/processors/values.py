"""Parameter values between a person's words and the native numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from smartmix import _core
from smartmix.errors import SmartmixError
from smartmix.parameter import ParameterInfo

Value = float | int | str | bool


def read_info(raw: _core.ParameterInfo) -> ParameterInfo:
    """What the native side says of a parameter, in the project's own words."""
    return ParameterInfo(
        raw.id, raw.name, raw.unit, raw.low, raw.high, raw.default, raw.scale, tuple(raw.choices)
    )


def id_list(infos: Mapping[str, ParameterInfo]) -> str:
    """The ids in short: band1.gain_db ... band24.gain_db become band1..24.gain_db."""
    runs: dict[tuple[str, str], list[int]] = {}
    for known in infos:
        match = re.fullmatch(r"([a-z_]+)(\d+)\.(\w+)", known)
        runs.setdefault((match[1], match[3]) if match else (known, ""), []).append(
            int(match[2]) if match else 0
        )
    return ", ".join(
        f"{name}{numbers[0]}..{numbers[-1]}.{rest}" if rest else name
        for (name, rest), numbers in runs.items()
    )


def to_person(info: ParameterInfo, value: float) -> Value:
    """A native number as a person reads it: choices by name, toggles as truth values."""
    if info.scale == "choice":
        choice = info.choices[int(value)]
        return int(choice) if choice.isdigit() else choice
    return bool(value) if info.scale == "toggle" else value


def to_native(info: ParameterInfo, value: Value, owner: str) -> float:
    """The native number of a value; SmartmixError naming ``owner``, parameter and range when it has none."""
    if info.scale == "choice":
        if str(value) not in info.choices:
            raise SmartmixError(f"{owner}.{info.id} = {value!r}: expected one of {', '.join(info.choices)}")
        return float(info.choices.index(str(value)))
    if isinstance(value, str) or (isinstance(value, bool) and info.scale != "toggle"):
        raise SmartmixError(
            f"{owner}.{info.id} = {value!r}: expected a number in {info.unit or 'plain units'}"
        )
    if not info.low <= value <= info.high:
        unit = f" {info.unit}" if info.unit else ""
        raise SmartmixError(f"{owner}.{info.id} = {value:g}: expected {info.low:g} to {info.high:g}{unit}")
    return float(value)
