"""A plugin's parameters in plain units, with the exact way from a plain value to the number the plugin takes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix.parameter import ParameterInfo, Scale

_NUMBER = re.compile(r"\s*([-+−]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?)\s*([^\d\s].*)?$")
_UNITS = {"db": "db", "hz": "hz", "khz": "khz", "ms": "ms", "s": "s", "sec": "s", "%": "percent", "st": "st"}
MOST_CHOICES = 128
TABLE_POINTS = 257
"""How finely the texts of a plugin are read that tells its values only in words."""


@dataclass(frozen=True, slots=True)
class PluginParameter:
    """One parameter of a plugin: how people see it, the plugin's own id for it, and what is known of its way.

    ``info`` has the plain range. ``from_text``: the plain values are those of its texts, because the plugin gives
    plain values of 0..1 for something that it shows in another unit; ``table`` has them at evenly spaced positions.
    """

    info: ParameterInfo
    plugin_id: int
    automatable: bool
    read_only: bool
    table: tuple[float, ...] = ()

    @property
    def from_text(self) -> bool:
        """Whether the plain unit is read off the plugin's texts."""
        return bool(self.table)


def read_parameters(
    rows: Sequence[Mapping[str, Any]], text_of: Callable[[int, float], str]
) -> tuple[PluginParameter, ...]:
    """The parameters a person can use, from what a plugin tells: hidden ones and program lists left out.

    Ids are the names in small letters with their unit ("threshold_db"); a second one of the same name gets "_2".
    """
    found: list[PluginParameter] = []
    taken: dict[str, int] = {}
    for row in rows:
        if row["hidden"] or row["is_program"]:
            continue
        parameter = _read(row, text_of)
        count = taken[parameter.info.id] = taken.get(parameter.info.id, 0) + 1
        if count > 1:
            unique = f"{parameter.info.id}_{count}"
            taken[unique] = 1
            parameter = replace(parameter, info=replace(parameter.info, id=unique))
        found.append(parameter)
    return tuple(found)


def _read(row: Mapping[str, Any], text_of: Callable[[int, float], str]) -> PluginParameter:
    table, unit = _table(row, text_of)
    low, high, default = (
        (table[0], table[-1], _at(table, row["default_normalised"])) if table else _plain(row)
    )
    unit = unit or str(row["unit"]).strip()
    choices = _choices(row, text_of)
    if choices:
        low, high, default = (
            0.0,
            float(len(choices) - 1),
            float(round(row["default_normalised"] * row["steps"])),
        )
    scale: Scale = "choice" if choices else _scale(unit, low, high, row["steps"])
    name = str(row["name"]).strip() or f"parameter {row['id']}"
    info = ParameterInfo(_slug(name, unit), name, unit, low, high, default, scale, choices)
    return PluginParameter(info, int(row["id"]), bool(row["automatable"]), bool(row["read_only"]), table)


def _plain(row: Mapping[str, Any]) -> tuple[float, float, float]:
    low, high, default = (float(row[k]) for k in ("low", "high", "default"))
    if not all(math.isfinite(v) for v in (low, high, default)) or low >= high:
        return 0.0, 1.0, float(row["default_normalised"])
    return low, high, min(max(default, low), high)


def _scale(unit: str, low: float, high: float, steps: int) -> Scale:
    if steps == 1 and (low, high) == (0.0, 1.0):
        return "toggle"
    if unit.lower() in ("hz", "khz") and low > 0 and high / low > 4:
        return "log"
    return "db" if unit.lower() == "db" else "linear"


def _choices(row: Mapping[str, Any], text_of: Callable[[int, float], str]) -> tuple[str, ...]:
    """The names of a list's values; none where it is a number with steps."""
    steps = int(row["steps"])
    if not 1 < steps + 1 <= MOST_CHOICES or (steps == 1 and not row["is_list"]):
        return ()
    if not row["is_list"] and read_number(str(row["low_text"])) is not None:
        return ()
    texts = tuple(text_of(int(row["id"]), k / steps).strip() for k in range(steps + 1))
    return texts if len(set(texts)) == len(texts) else ()


def read_number(text: str) -> tuple[float, str] | None:
    """The number at the beginning of a text and the unit behind it ("-3.5 dB"); None where there is none."""
    match = _NUMBER.match(text)
    if match is None:
        return None
    number = float(match[1].replace("−", "-").replace(",", "."))
    unit = (match[2] or "").strip()
    return (1000.0 * number, "Hz") if unit.lower() == "khz" else (number, unit)


def _table(row: Mapping[str, Any], text_of: Callable[[int, float], str]) -> tuple[tuple[float, ...], str]:
    """Plain values read off the texts, where the plugin's own plain values are but 0..1 and the texts say more."""
    if (row["low"], row["high"]) != (0.0, 1.0) or row["steps"] == 1 or row["is_list"]:
        return (), ""
    ends = [read_number(str(row[k])) for k in ("low_text", "high_text")]
    if ends[0] is None or ends[1] is None or (ends[0][0], ends[1][0]) == (0.0, 1.0):
        return (), ""
    read = [read_number(text_of(int(row["id"]), k / (TABLE_POINTS - 1))) for k in range(TABLE_POINTS)]
    values = [r[0] for r in read if r is not None]
    rises = all(b >= a for a, b in pairwise(values)) and values[-1] > values[0]
    return (tuple(values), ends[1][1]) if len(values) == TABLE_POINTS and rises else ((), "")


def _at(table: Sequence[float], normalised: float) -> float:
    return float(np.interp(normalised, np.linspace(0.0, 1.0, len(table)), table))


def plain_of(table: Sequence[float], normalised: float) -> float:
    """Plain value of a normalised one by a table of texts."""
    return _at(table, normalised)


def normalised_of(table: Sequence[float], plain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Normalised values of plain ones by a table of texts; flat stretches are taken at their beginning."""
    values, first = np.unique(np.asarray(table), return_index=True)
    return np.interp(plain, values, first / (len(table) - 1))


def _slug(name: str, unit: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "parameter"
    tail = _UNITS.get(unit.lower(), "")
    return words if not tail or words.endswith(f"_{tail}") else f"{words}_{tail}"
