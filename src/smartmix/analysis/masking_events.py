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
    lost_share: float = 0.0
    """The same as a share of the covered track's loudness in this span, 0..1."""

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
        covered, covering = np.nonzero(pairs & (self._end_s - self._start_s >= _LEAST_S))
        if covered.size:
            self._tell(covered, covering)
        self._open[pairs] = False
        self._cells[pairs] = 0
        self._alone[pairs] = 0.0
        self._rows[:, pairs] = 0.0

    def _tell(self, covered: NDArray[np.intp], covering: NDArray[np.intp]) -> None:
        """Events of pairs, of the bands covered for half of the time, where they are worth the words."""
        rows = self._rows[:, covered, covering].astype(float)
        cells = self._cells[covered, covering]
        lasting = _gravest_runs(rows[0] >= _LASTING_SHARE * cells[:, np.newaxis], rows[1])
        lost, power, over_power = (rows[1:] * lasting).sum(axis=2)
        lost, alone = lost / cells, self._alone[covered, covering] / cells
        phon = np.asarray(_core.phon_of_sone(np.stack([alone, np.maximum(alone - lost, 0.0)])))
        over_db = 10.0 * np.log10(np.maximum(over_power, 1e-10) / np.maximum(power, 1e-10))
        worst = np.argmax(rows[1] * lasting, axis=1)
        worth = (lasting.sum(axis=1) >= _LEAST_BANDS) & (phon[0] - phon[1] >= _LEAST_PHON)
        for k in np.flatnonzero(worth):
            i, j = covered[k], covering[k]
            bands = np.flatnonzero(lasting[k])
            self._done.append(
                MaskingEvent(
                    covered=self._tracks[i],
                    covering=self._tracks[j],
                    low_hz=float(self._edges_hz[bands[0]]),
                    high_hz=float(self._edges_hz[bands[-1] + 1]),
                    start_s=float(self._start_s[i, j]),
                    end_s=float(self._end_s[i, j]),
                    over_db=float(over_db[k]),
                    worst_hz=float(np.sqrt(self._edges_hz[worst[k]] * self._edges_hz[worst[k] + 1])),
                    lost_sone=float(lost[k]),
                    lost_phon=float(phon[0, k] - phon[1, k]),
                    lost_share=float(lost[k] / alone[k]) if alone[k] > 0.0 else 0.0,
                )
            )


def _gravest_runs(marked: NDArray[np.bool_], cost: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Of each row (..., bands) the stretch of marked bands that costs most.

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
