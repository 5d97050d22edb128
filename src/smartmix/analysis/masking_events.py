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
_LEAST_S = 0.5
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
    lost_sone: float
    """Loudness the covered track loses here to this one other, mean over the span."""
    lost_phon: float
    """What that takes from the covered track's whole loudness level, phon (of the model: no listening test was run)."""

    @property
    def weight(self) -> float:
        """Loudness lost times how long, sone seconds: what events are ordered by."""
        return self.lost_sone * (self.end_s - self.start_s)


@dataclass(slots=True)
class _Open:
    """An event that may go on."""

    first: int
    last: int  # bands, inclusive
    start_s: float
    end_s: float
    missed: int = 0
    cells: int = 0
    lost: float = 0.0
    alone: float = 0.0
    covered_power: float = 0.0
    covering_power: float = 0.0


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
            for first, last in runs:
                event = _that_goes_on(still, first, last, start_s)
                part = slice(first, last + 1)
                event.end_s = end_s
                event.missed = 0
                event.cells += 1
                event.lost += float(lost[i, j, part].sum())
                event.alone += float(whole[i])
                event.covered_power += float(excitation[i, part].sum())
                event.covering_power += float(excitation[j, part].sum())
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
            elif event.end_s - event.start_s >= _LEAST_S and event.last - event.first + 1 >= _LEAST_BANDS:
                self._done.append(self._told(pair, event))
        if still:
            self._open[pair] = still
        else:
            del self._open[pair]

    def _told(self, pair: tuple[int, int], event: _Open) -> MaskingEvent:
        lost, alone = event.lost / event.cells, event.alone / event.cells
        before, after = (float(x) for x in _core.phon_of_sone(np.array([alone, max(alone - lost, 0.0)])))
        return MaskingEvent(
            covered=self.tracks[pair[0]],
            covering=self.tracks[pair[1]],
            low_hz=float(self.band_edges_hz[event.first]),
            high_hz=float(self.band_edges_hz[event.last + 1]),
            start_s=event.start_s,
            end_s=event.end_s,
            over_db=float(
                10.0 * np.log10(max(event.covering_power, 1e-10) / max(event.covered_power, 1e-10))
            ),
            lost_sone=lost,
            lost_phon=before - after,
        )


def _runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last band of each stretch; a single band between two marked ones is taken in."""
    bands = np.flatnonzero(marked)
    cuts = np.flatnonzero(np.diff(bands) > 2)
    starts, ends = np.r_[0, cuts + 1], np.r_[cuts, bands.size - 1]
    return [(int(bands[a]), int(bands[b])) for a, b in zip(starts, ends, strict=True)]


def _that_goes_on(still: list[_Open], first: int, last: int, start_s: float) -> _Open:
    """The open event these bands belong to, widened to them; a new one if none overlaps by half of the narrower."""
    for event in still:
        overlap = min(event.last, last) - max(event.first, first) + 1
        if 2 * overlap >= min(event.last - event.first, last - first) + 1:
            event.first, event.last = min(event.first, first), max(event.last, last)
            return event
    still.append(_Open(first, last, start_s, start_s))
    return still[-1]
