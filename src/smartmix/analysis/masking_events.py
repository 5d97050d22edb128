"""Events of masking: who covers whom, from when to when, in which band, by how much."""

from __future__ import annotations

from dataclasses import dataclass

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
Floats = NDArray[np.float32]


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


class MaskingEvents:
    """Gathers events cell by cell. Of each pair one event is open at a time: the stretch of bands that costs most.

    State is per ordered pair (covered, covering), for all pairs at once: a song of 32 tracks has 992 of them.
    """

    def __init__(self, tracks: tuple[str, ...], band_edges_hz: Array) -> None:
        pairs = (len(tracks), len(tracks))
        bands = band_edges_hz.size - 1
        self._tracks = tracks
        self._edges_hz = band_edges_hz
        self._done: list[MaskingEvent] = []
        self._open = np.zeros(pairs, bool)
        self._now = np.zeros((*pairs, bands), bool)  # bands of the latest cell of the open event
        self._start_s = np.zeros(pairs)
        self._end_s = np.zeros(pairs)
        self._missed = np.zeros(pairs, int)
        self._cells = np.zeros(pairs, int)
        self._alone = np.zeros(pairs)
        # Per band: cells covered, loudness lost, power of the covered and of the covering track.
        self._rows = np.zeros((4, *pairs, bands), np.float32)

    def take(self, start_s: float, end_s: float, alone: Floats, lost: Floats, excitation: Floats) -> None:
        """One cell: loudness alone and power (tracks, bands), loudness lost (covered, covering, bands)."""
        whole = alone.sum(axis=1, keepdims=True)
        matters = (alone > _MATTERS_SHARE * whole) & (whole > _MATTERS_SONE)
        run = _gravest_runs(
            matters[:, np.newaxis, :] & (lost > _COVERED_SHARE * alone[:, np.newaxis, :]), lost
        )
        seen = run.any(axis=2)
        overlap = 2 * (run & self._now).sum(axis=2) >= np.minimum(run.sum(axis=2), self._now.sum(axis=2))
        self._missed += 1
        goes_on = seen & self._open & overlap
        self._close(self._open & ((seen & ~overlap) | (self._missed > _GAP_CELLS) & ~goes_on))
        begins = seen & ~self._open
        self._start_s[begins] = start_s
        self._open |= begins
        self._missed[seen] = 0
        self._end_s[seen] = end_s
        self._now[seen] = run[seen]
        self._cells += seen
        self._alone += seen * whole
        self._rows[0] += run
        self._rows[1] += run * lost
        self._rows[2] += run * excitation[:, np.newaxis, :]
        self._rows[3] += run * excitation[np.newaxis, :, :]

    def finish(self) -> tuple[MaskingEvent, ...]:
        """All events, the gravest first."""
        self._close(self._open.copy())
        self._done.sort(key=lambda event: (-event.weight, event.covered, event.covering, event.start_s))
        return tuple(self._done)

    def _close(self, pairs: NDArray[np.bool_]) -> None:
        long_enough = pairs & (self._end_s - self._start_s >= _LEAST_S)
        for i, j in np.argwhere(long_enough):
            self._tell(int(i), int(j))
        self._open[pairs] = False
        self._cells[pairs] = 0
        self._alone[pairs] = 0.0
        self._rows[:, pairs] = 0.0

    def _tell(self, i: int, j: int) -> None:
        """The event of a pair, of the bands covered for half of the time, if there is one worth the words."""
        rows, cells = self._rows[:, i, j].astype(float), int(self._cells[i, j])
        lasting = rows[0] >= _LASTING_SHARE * cells
        bands = np.flatnonzero(
            _gravest_runs(lasting[np.newaxis, np.newaxis], rows[1][np.newaxis, np.newaxis])[0, 0]
        )
        if bands.size < _LEAST_BANDS:
            return
        lost, covered, covering = rows[1:, bands].sum(axis=1)
        alone, lost = self._alone[i, j] / cells, lost / cells
        before, after = (float(x) for x in _core.phon_of_sone(np.array([alone, max(alone - lost, 0.0)])))
        if before - after < _LEAST_PHON:
            return
        worst = bands[np.argmax(rows[1, bands])]
        self._done.append(
            MaskingEvent(
                covered=self._tracks[i],
                covering=self._tracks[j],
                low_hz=float(self._edges_hz[bands[0]]),
                high_hz=float(self._edges_hz[bands[-1] + 1]),
                start_s=float(self._start_s[i, j]),
                end_s=float(self._end_s[i, j]),
                over_db=float(10.0 * np.log10(max(covering, 1e-10) / max(covered, 1e-10))),
                worst_hz=float(np.sqrt(self._edges_hz[worst] * self._edges_hz[worst + 1])),
                lost_sone=float(lost),
                lost_phon=before - after,
            )
        )


def _gravest_runs(marked: NDArray[np.bool_], cost: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Of each row (pairs, pairs, bands) the stretch of marked bands that costs most.

    A single band between two marked ones belongs to the stretch.
    """
    filled = marked.copy()
    filled[..., 1:-1] |= marked[..., :-2] & marked[..., 2:]
    flat = filled.reshape(-1, filled.shape[-1])
    edges = np.diff(np.pad(flat, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, firsts = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    sums = np.pad(np.cumsum(cost.reshape(flat.shape), axis=1, dtype=float), ((0, 0), (1, 0)))
    costs = sums[rows, ends] - sums[rows, firsts]
    order = np.lexsort((costs, rows))  # the last of each row costs most
    last = np.flatnonzero(np.diff(rows[order], append=-1) != 0)
    best = order[last]
    at = np.arange(flat.shape[1])
    kept = np.zeros_like(flat)
    kept[rows[best]] = (at >= firsts[best, np.newaxis]) & (at < ends[best, np.newaxis])
    return kept.reshape(filled.shape)
