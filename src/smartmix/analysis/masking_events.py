"""Events of masking: who covers whom, from when to when, in which band, by how much."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from smartmix import _core

_COVERED_SHARE = 0.5  # of a track's loudness in a band: more lost than that, and the band is covered
_MATTERS_SHARE = 0.02  # of a track's loudness: a band with less is not missed
_MATTERS_SONE = 0.05  # a track fainter than this alone has nothing to lose
_LEAST_BANDS = 2
_LASTING_SHARE = 0.5  # of its cells: bands covered less often are not said
_LEAST_S = 0.5
_LEAST_PHON = 0.5
_GAP_CELLS = 2  # so many cells without it do not end an event

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MaskingEvent:
    """One track covering another in one band for a while."""

    covered: str
    covering: str
    low_hz: float
    high_hz: float
    start_s: float
    end_s: float
    over_db: float
    """Level of the covering track over the covered one in this band and span, as the ear filters them, dB."""
    worst_hz: float
    """Middle of the band where the most loudness is lost."""
    lost_sone: float
    """Loudness the covered track loses here to this one other, mean over the span."""
    lost_phon: float
    """What that takes from the covered track's whole loudness level, phon (of the model: no listening test was run)."""

    @property
    def weight(self) -> float:
        """Loudness lost times how long, sone seconds: what events are ordered by."""
        return self.lost_sone * (self.end_s - self.start_s)


class _Open:
    """An event that may go on. Rows are per band: cells covered, loudness lost, power of the covered and covering."""

    __slots__ = ("alone", "cells", "end_s", "first", "last", "missed", "rows", "start_s")

    def __init__(self, bands: int, start_s: float) -> None:
        self.first = self.last = 0  # bands of the latest cell, inclusive
        self.start_s = self.end_s = start_s
        self.cells = self.missed = 0
        self.alone = 0.0
        self.rows = np.zeros((4, bands))

    def add(self, first: int, last: int, cell: Array, alone: float, end_s: float) -> None:
        """``cell``: lost, covered and covering power of all bands."""
        if end_s > self.end_s:
            self.cells += 1
            self.alone += alone
            self.first, self.last, self.end_s, self.missed = first, last, end_s, 0
        else:  # a second stretch of the same cell
            self.first, self.last = min(self.first, first), max(self.last, last)
        self.rows[0, first : last + 1] += 1.0
        self.rows[1:, first : last + 1] += cell[:, first : last + 1]

    def lasting(self) -> slice:
        """The stretch of bands covered for half of the time, where the most is lost."""
        runs = _runs(self.rows[0] >= _LASTING_SHARE * self.cells)
        if not runs:
            return slice(0, 0)
        first, last = max(runs, key=lambda run: float(self.rows[1, run[0] : run[1] + 1].sum()))
        return slice(first, last + 1)


@dataclass(slots=True)
class MaskingEvents:
    """Gathers events cell by cell."""

    tracks: tuple[str, ...]
    band_edges_hz: Array
    _open: dict[tuple[int, int], list[_Open]] = field(default_factory=dict)
    _done: list[MaskingEvent] = field(default_factory=list)

    def take(
        self,
        start_s: float,
        end_s: float,
        alone: NDArray[np.float32],
        lost: NDArray[np.float32],
        excitation: NDArray[np.float32],
    ) -> None:
        """One cell: loudness alone and power (tracks, bands), loudness lost (covered, covering, bands)."""
        whole = alone.sum(axis=1)
        matters = (alone > _MATTERS_SHARE * whole[:, np.newaxis]) & (whole[:, np.newaxis] > _MATTERS_SONE)
        covered = matters[:, np.newaxis, :] & (lost > _COVERED_SHARE * alone[:, np.newaxis, :])
        pairs = {(int(i), int(j)) for i, j in np.argwhere(covered.any(axis=2))}
        for pair in pairs | set(self._open):
            i, j = pair
            runs = _runs(covered[i, j]) if pair in pairs else []
            still = self._open.setdefault(pair, [])
            cell = np.stack([lost[i, j], excitation[i], excitation[j]])
            for first, last in runs:
                event = _that_goes_on(still, first, last, start_s, cell.shape[1])
                event.add(first, last, cell, float(whole[i]), end_s)
            self._close(pair, end_s)

    def finish(self) -> tuple[MaskingEvent, ...]:
        """All events, the gravest first."""
        for pair in list(self._open):
            self._close(pair, np.inf)
        self._done.sort(key=lambda event: (-event.weight, event.covered, event.covering, event.start_s))
        return tuple(self._done)

    def _close(self, pair: tuple[int, int], now_s: float) -> None:
        """Ends what was not heard of for too long."""
        still = []
        for event in self._open[pair]:
            if event.end_s < now_s:
                event.missed += 1
            if event.missed <= _GAP_CELLS and now_s < np.inf:
                still.append(event)
            else:
                bands = event.lasting()
                if event.end_s - event.start_s >= _LEAST_S and bands.stop - bands.start >= _LEAST_BANDS:
                    told = self._told(pair, event, bands)
                    if told.lost_phon >= _LEAST_PHON:
                        self._done.append(told)
        if still:
            self._open[pair] = still
        else:
            del self._open[pair]

    def _told(self, pair: tuple[int, int], event: _Open, bands: slice) -> MaskingEvent:
        lost, covered, covering = event.rows[1:, bands].sum(axis=1)
        alone, lost = event.alone / event.cells, lost / event.cells
        before, after = (float(x) for x in _core.phon_of_sone(np.array([alone, max(alone - lost, 0.0)])))
        worst = bands.start + int(np.argmax(event.rows[1, bands]))
        return MaskingEvent(
            covered=self.tracks[pair[0]],
            covering=self.tracks[pair[1]],
            low_hz=float(self.band_edges_hz[bands.start]),
            high_hz=float(self.band_edges_hz[bands.stop]),
            start_s=event.start_s,
            end_s=event.end_s,
            over_db=float(10.0 * np.log10(max(covering, 1e-10) / max(covered, 1e-10))),
            worst_hz=float(np.sqrt(self.band_edges_hz[worst] * self.band_edges_hz[worst + 1])),
            lost_sone=float(lost),
            lost_phon=before - after,
        )


def _runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last band of each stretch; a single band between two marked ones is taken in."""
    bands = np.flatnonzero(marked).tolist()
    if not bands:
        return []
    runs = [(bands[0], bands[0])]
    for band in bands[1:]:
        if band - runs[-1][1] <= 2:
            runs[-1] = (runs[-1][0], band)
        else:
            runs.append((band, band))
    return runs


def _that_goes_on(still: list[_Open], first: int, last: int, start_s: float, bands: int) -> _Open:
    """The open event these bands go on with (half of the narrower of the two overlaps), or a new one."""
    for event in still:
        overlap = min(event.last, last) - max(event.first, first) + 1
        if 2 * overlap >= min(event.last - event.first, last - first) + 1:
            return event
    still.append(_Open(bands, start_s))
    return still[-1]
