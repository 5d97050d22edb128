"""Bands whose only knob is a gain: each measured once at a row of gains, kept, and added up.

A graphic EQ with every band on can be a hundred times as slow as with one (ZamGEQ31), and its bands are in series, so
their curves in dB add. What comes of the sum is heard on the device itself before it counts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartmix.rack.device import Device
from smartmix.rack.intents.kept import kept
from smartmix.rack.intents.probe import Curves, curves_db
from smartmix.rack.intents.search import Places, Search
from smartmix.rack.intents.survey import Section, neutral, position

MOST_DB = 12.0
GAINS = 9


@dataclass(frozen=True, slots=True)
class GainTables:
    """``rises_db[band, gain]`` is the curve of a band at ``gains_db[band, gain]``, less the one at 0 dB."""

    names: tuple[str, ...]
    gains_db: Curves
    rises_db: Curves


def gain_tables(device: Device, sections: Sequence[Section], sample_rate: float) -> GainTables:
    """The tables of a device, kept in the user's cache folder."""
    names = tuple(s.gain for s in sections)
    text = kept("gains", device, sample_rate, lambda: json.dumps(_measured(device, names, sample_rate)))
    data = json.loads(text)
    if tuple(data["names"]) != names:  # other bands are free than when it was kept
        data = _measured(device, names, sample_rate)
    return GainTables(names, np.array(data["gains_db"]), np.array(data["rises_db"]))


def _measured(device: Device, names: Sequence[str], sample_rate: float) -> dict[str, object]:
    zero = neutral(device)
    gains = []
    for name in names:
        info = device.info(name)
        gains.append(np.linspace(max(info.low, -MOST_DB), min(info.high, MOST_DB), GAINS).tolist())
    rows = [zero] + [{**zero, n: g} for n, row in zip(names, gains, strict=True) for g in row]
    curves = curves_db(device, rows, sample_rate)
    rises = (curves[1:] - curves[0]).reshape(len(names), GAINS, -1)
    return {"names": list(names), "gains_db": gains, "rises_db": np.round(rises, 4).tolist()}


class TableSearch(Search):
    """A search over measured tables in place of the device; every knob is a gain of theirs."""

    def __init__(self, search: Search, tables: GainTables, base_db: Curves) -> None:
        super().__init__(search.device, search.sample_rate, search.knobs, search.base)
        self._which = [tables.names.index(k.id) for k in self.knobs]
        self._tables = tables
        self._base_db = base_db

    def heard(self, rows: Sequence[Places]) -> Curves:
        """The sum of the bands' curves, straight between the gains that were measured."""
        return np.stack([self._sum(row) for row in rows])

    def _sum(self, row: Places) -> Curves:
        total = self._base_db.copy()
        for knob, which, at in zip(self.knobs, self._which, row, strict=True):
            gains = self._tables.gains_db[which]
            gain = float(np.clip(position(knob, float(at)), gains[0], gains[-1]))
            if abs(gain) < 1e-9:
                continue
            low = min(int(np.searchsorted(gains, gain, side="right")) - 1, len(gains) - 2)
            part = (gain - gains[low]) / (gains[low + 1] - gains[low])
            rises = self._tables.rises_db[which]
            total += rises[low] * (1.0 - part) + rises[low + 1] * part
        return total
