"""Cells of the masking meter, gathered into what is kept of a song: a few bytes each, whatever its length."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis.masking_events import MaskingEvents
from smartmix.analysis.masking_facts import (
    MaskedPlace,
    MaskingCells,
    MaskingFacts,
    encode_level,
    encode_share,
)

MOST_CELLS = 2400
"""Ten minutes of quarter seconds; of a longer song each cell is a little longer, so memory does not grow."""
MOST_COLUMNS = 600
COLUMN_S = 1.0
MOST_PAIR_VALUES = 16_000_000
"""What is kept of pairs over time, numbers of two bytes: 16 tracks have a column a second up to ten minutes."""
_PARTS = ("excitation", "covering", "alone", "beside_all", "eased_all")

Floats = NDArray[np.float32]


class GatheredMap:
    """Takes cells as they come (``take``) and tells the facts at the end. ``events`` hears every cell as it is."""

    def __init__(self, tracks: tuple[str, ...], rate: int, frames: int, level_db_spl: float) -> None:
        self._tracks, self._level_db_spl = tracks, level_db_spl
        self._hop_s = _core.MASKING_HOP / rate
        self._edges_hz = np.asarray(_core.masking_band_edges_hz())
        cell_s = _core.MASKING_CELL_HOPS * self._hop_s
        self._merged = max(1, math.ceil(frames / rate / cell_s / MOST_CELLS))
        self._cell_s = self._merged * cell_s
        cells = max(1, math.ceil(frames / rate / self._cell_s))
        pairs = (len(tracks), len(tracks))
        bands = self._edges_hz.size - 1
        self._in_column = max(math.ceil(COLUMN_S / self._cell_s), math.ceil(cells / MOST_COLUMNS))
        pair_columns = max(1, MOST_PAIR_VALUES // (len(tracks) ** 2 * bands))
        self._in_pair_column = max(self._in_column, math.ceil(cells / pair_columns))
        self._open: dict[str, list[Floats]] = {name: [] for name in _PARTS}
        self._open_hops: list[float] = []
        grain = (len(tracks), bands)
        self._cells = tuple(_OverTime(grain, cells, dtype) for dtype in (np.uint8,) * 2 + (np.float16,) * 3)
        self._seconds: list[float] = []
        self._column: list[Floats] = []
        columns = math.ceil(cells / self._in_column)
        self._columns = (_OverTime(grain, columns, np.uint8), _OverTime(grain, columns, np.uint8))
        self._eased = np.zeros((*pairs, bands))
        self._eased_s, self._eased_cells = 0.0, 0
        self._pair_columns = _OverTime((*pairs, bands), math.ceil(cells / self._in_pair_column), np.float16)
        self._lost, self._freed = np.zeros(pairs), np.zeros(pairs)
        self._alone, self._heard = np.zeros(len(tracks)), np.zeros(len(tracks))
        self._at_s = 0.0
        self.events = MaskingEvents(tracks, self._edges_hz)

    def take(self, cells: Mapping[str, NDArray[np.float32]]) -> None:
        """Cells as ``MaskingMeter.take_cells`` gives them."""
        for cell, hops in enumerate(cells["hops"]):
            self._take_cell({name: values[cell] for name, values in cells.items()}, float(hops))

    def _take_cell(self, cell: Mapping[str, Floats], hops: float) -> None:
        seconds = hops * self._hop_s
        alone = cell["alone"]
        lost = np.maximum(alone[:, np.newaxis, :] - cell["beside"], 0.0)
        self._lost += lost.sum(axis=2, dtype=np.float64) * seconds
        self._freed += cell["freed"].sum(axis=2, dtype=np.float64) * seconds
        self._alone += alone.sum(axis=1, dtype=np.float64) * seconds
        self._heard += cell["beside_all"].sum(axis=1, dtype=np.float64) * seconds
        self._eased += cell["eased"] * seconds
        self._eased_s += seconds
        self.events.take(self._at_s, self._at_s + seconds, alone, lost, cell["excitation"])
        self._at_s += seconds
        for name, rows in self._open.items():
            rows.append(cell[name])
        self._open_hops.append(hops)
        if len(self._open_hops) == self._merged:
            self._close_cell()

    def _close_cell(self) -> None:
        if not self._open_hops:
            return
        hops = np.array(self._open_hops)
        level, cover, alone, heard, eased = (
            np.tensordot(hops / hops.sum(), np.stack(self._open[name]), axes=1) for name in _PARTS
        )
        kept = (encode_level(level), encode_level(cover), alone, heard, eased)
        for part, values in zip(self._cells, kept, strict=True):
            part.append(values)
        self._seconds.append(float(hops.sum()) * self._hop_s)
        self._column.append(np.stack([level, alone, heard]))
        self._eased_cells += 1
        if len(self._column) == self._in_column:
            self._close_column()
        if self._eased_cells == self._in_pair_column:
            self._close_pairs()
        self._open_hops.clear()
        for rows in self._open.values():
            rows.clear()

    def _close_column(self) -> None:
        if not self._column:
            return
        level, alone, heard = np.mean(self._column, axis=0)
        lost = 1.0 - np.divide(heard, alone, out=np.ones_like(alone), where=alone > 0.0)
        for part, values in zip(self._columns, (encode_share(lost), encode_level(level)), strict=True):
            part.append(values)
        self._column.clear()

    def _close_pairs(self) -> None:
        if not self._eased_cells:
            return
        self._pair_columns.append(self._eased / self._eased_s)
        self._eased[:] = 0.0
        self._eased_s, self._eased_cells = 0.0, 0

    def facts(self, events: tuple[MaskedPlace, ...], left_out: tuple[str, ...] = ()) -> MaskingFacts:
        """What is known at the end; ``events`` are the worst places in words."""
        self._close_cell()
        self._close_column()
        self._close_pairs()
        column_s = self._in_column * self._cell_s
        covered, level = (part.all() for part in self._columns)
        share = np.divide(self._heard, self._alone, out=np.ones_like(self._alone), where=self._alone > 0.0)
        each = np.maximum(self._alone, 1e-12)[:, np.newaxis]
        return MaskingFacts(
            tracks=self._tracks,
            band_edges_hz=self._edges_hz,
            times_s=column_s * (np.arange(covered.shape[1], dtype=np.float64) + 0.5),
            column_s=column_s,
            listening_level_db_spl=self._level_db_spl,
            heard_share=np.clip(share, 0.0, 1.0),
            lost_share=np.clip(self._lost / each, 0.0, 1.0),
            freed_share=np.clip(self._freed / each, 0.0, 1.0),
            covered=covered,
            level_codes=level,
            events=events,
            left_out=left_out,
            cells=self._fine_grain(),
        )

    def _fine_grain(self) -> MaskingCells:
        seconds = np.array(self._seconds)
        level, cover, alone, heard, eased = (part.all() for part in self._cells)
        return MaskingCells(
            times_s=np.cumsum(seconds) - 0.5 * seconds,
            level_codes=level,
            cover_codes=cover,
            alone_sone=alone,
            heard_sone=heard,
            eased_all_sone=eased,
            eased_sone=self._pair_columns.all(),
            eased_cells=self._in_pair_column,
        )


class _OverTime:
    """Rows (..., bands) put side by side over time, (..., times, bands), where they stay: a list of rows that is
    stacked at the end would take twice its memory just then.
    """

    def __init__(self, row_shape: tuple[int, ...], times: int, dtype: type[np.generic]) -> None:
        self._values = np.zeros((*row_shape[:-1], times, row_shape[-1]), dtype)
        self._count = 0

    def append(self, row: NDArray[Any]) -> None:
        """Put a row behind the others."""
        if self._count == self._values.shape[-2]:
            self._values = np.concatenate((self._values, np.zeros_like(self._values[..., :1, :])), axis=-2)
        self._values[..., self._count, :] = row
        self._count += 1

    def all(self) -> NDArray[Any]:
        """All rows."""
        return np.ascontiguousarray(self._values[..., : self._count, :])
