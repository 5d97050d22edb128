"""Two tracks side by side, band by band, while both sound, as the faders of the plan leave them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.plan.move import Move
from smartmix.session.routing import bus_gain_db
from smartmix.session.session import Track
from smartmix.suggesters.fader_curves import fader_curves
from smartmix.suggesters.pairs.kinds import Kind
from smartmix.suggesters.revised import NAME as REVISION
from smartmix.suggesters.suggester import Context
from smartmix.units import db_to_power, power_to_db

Floats = NDArray[np.float64]
Frames = NDArray[np.bool_]

HIT_WITHIN_DB = 15.0
"""Frames this near to the covered track's loud ones in the region are those in which it counts."""
SOUNDS_WITHIN_DB = 22.0
"""Further under its loud frames a track is between notes (as analysis/active.py)."""
LOUD_PERCENTILE = 95.0
LOUD_HITS_PERCENTILE = 99.0
REST_PERCENTILE = 25.0
"""Of a drum's 10 ms levels: it is silent most of the time."""
FEWEST_FRAMES = 20
"""Two seconds together."""
LEAST_TOGETHER = 0.25
"""Share of the covered track's frames in which the other sounds too."""
OWN_BAND_WITHIN_DB = 9.0
"""Bands in which the covered track has this much less than in its strongest one are not worth clearing for it."""
Q = 1.0
SILENT = 1e-12
ONSET_RISE_DB = 6.0
ONSET_LOOK_BACK_HOPS = 5
ONSET_APART_HOPS = 8
TOGETHER_HOPS = 5
"""Notes that begin within 50 ms of a hit begin with it."""


@dataclass(frozen=True, slots=True)
class PairFacts:
    """What two tracks do to one another in a band, over the frames in which the covered one counts.

    ``over_db``: median level of the covering over the covered track there, behind faders. ``together``: share of the
    covered one's frames in which the other sounds; ``begins_with``: share of its hits with which a note of the other
    begins, None where it is not played in hits. ``key_db`` and ``spill_db``: what the detector of a keyed band reads of
    the covered track when it plays, and at most when it does not; the same where it always plays.
    """

    covered: Track
    covering: Track
    band_hz: tuple[float, float]
    freq_hz: float
    over_db: float
    together: float
    begins_with: float | None
    key_db: float
    spill_db: float
    seconds: float


class Hearing:
    """Band powers of the tracks (10 a second) behind the faders and trims of some moves."""

    def __init__(self, context: Context, moves: Sequence[Move]) -> None:
        self._context = context
        self._frames = context.analysis.sum.features.loudness_lufs.size
        self._curves = fader_curves(context.session, moves, self._frames)
        self._trims = _trims_db(moves)
        self._edges = context.analysis.band_edges_hz.astype(np.float64)

    def loudest(self, roles: tuple[str, ...], region_hz: tuple[float, float]) -> Track | None:
        """The track of these roles with the most in a region, None where none has anything."""
        tracks = [t for t in self._context.session.audible_tracks if t.role in roles]
        inside = self._inside(region_hz)
        powers = {t.id: float(self._in_mix(t)[:, inside].sum()) for t in tracks}
        best = max(tracks, key=lambda t: powers[t.id], default=None)
        return best if best is not None and powers[best.id] > SILENT else None

    def pair(self, kind: Kind, covered: Track, covering: Track) -> PairFacts | None:
        """The facts, where the covering track is enough over the covered one to be worth a move; else None."""
        inside = self._inside(kind.region_hz)
        under, over = self._in_mix(covered)[:, inside], self._in_mix(covering)[:, inside]
        counts = _near_its_loudest(under.sum(axis=1), HIT_WITHIN_DB)
        both = counts & _near_its_loudest(over.sum(axis=1), SOUNDS_WITHIN_DB)
        together = float(both.sum() / max(1, counts.sum()))
        if kind.hits:
            together = min(together, self._together_in_hits(covered, covering))
        if both.sum() < FEWEST_FRAMES or together < LEAST_TOGETHER:
            return None
        bands = _worst_bands(under[both], over[both])
        over_db = float(np.median(_level_db(over[both][:, bands]) - _level_db(under[both][:, bands])))
        if over_db < kind.least_over_db:
            return None
        numbers = np.flatnonzero(inside)[bands]
        weights = under[both][:, bands].mean(axis=0)
        centres = np.log2(self._context.analysis.band_hz[numbers].astype(np.float64))
        freq_hz = float(2.0 ** (centres @ weights / weights.sum()))
        key_db, spill_db = self._as_key(covered, freq_hz, counts, hits=kind.hits)
        return PairFacts(
            covered,
            covering,
            (float(self._edges[numbers[0]]), float(self._edges[numbers[-1] + 1])),
            freq_hz,
            over_db,
            together,
            self._begins_with(covered, covering) if kind.hits else None,
            key_db,
            spill_db,
            float(both.sum()) / 10.0,
        )

    def _inside(self, region_hz: tuple[float, float]) -> Frames:
        centres = self._context.analysis.band_hz
        return np.asarray((centres >= region_hz[0]) & (centres <= region_hz[1]))

    def _in_mix(self, track: Track) -> Floats:
        """Powers (frames, bands) where the faders leave them."""
        power = self._context.analysis.tracks[track.id].features.band_power.astype(np.float64)
        fader = track.gain_db + bus_gain_db(self._context.session, track.id) + self._trims.get(track.id, 0.0)
        curve = fader + self._curves.get(track.id, np.zeros(self._frames))
        return np.asarray(power * db_to_power(curve[: len(power)])[:, np.newaxis])

    def _as_key(self, track: Track, freq_hz: float, counts: Frames, *, hits: bool) -> tuple[float, float]:
        """What a keyed bell at a frequency reads of a track as it is read, behind its trim (docs/dsp/dynamic_eq.md):
        twice the mean square behind a band pass, a full-scale sine being 0 dB.
        """
        ratio = self._context.analysis.band_hz.astype(np.float64) / freq_hz
        passed = 1.0 / (1.0 + np.square(Q * (ratio - 1.0 / ratio)))
        power = self._context.analysis.tracks[track.id].features.band_power.astype(np.float64)
        level = power_to_db(2.0 * np.maximum(power @ passed, SILENT)) + self._trims.get(track.id, 0.0)
        key_db = float(np.median(level[: counts.size][counts]))
        if hits:
            return key_db, key_db - self._falls_db(track)
        rest = level[: counts.size][~_widened(counts)]
        return key_db, float(np.percentile(rest, 90.0)) if rest.size >= FEWEST_FRAMES else key_db

    def _falls_db(self, track: Track) -> float:
        """How far a track that is played in hits is down for at least a quarter of the time: a tenth of a second is too
        long to see it between two hits.
        """
        tone = self._context.analysis.tracks[track.id].tone
        if tone is None or tone.levels is None:
            return 0.0
        level = tone.levels.rms_db.astype(np.float64)
        return float(np.percentile(level, LOUD_HITS_PERCENTILE) - np.percentile(level, REST_PERCENTILE))

    def _together_in_hits(self, covered: Track, covering: Track) -> float:
        """Share of the covered track's loud 10 ms in which the other sounds: a tenth of a second is more than a hit."""
        levels = self._fast_levels(covered, covering)
        if levels is None:
            return 1.0
        hits, notes = levels
        count = min(hits.size, notes.size)
        loud = (hits >= np.percentile(hits, LOUD_HITS_PERCENTILE) - HIT_WITHIN_DB)[:count]
        sounds = (notes >= np.percentile(notes, LOUD_PERCENTILE) - SOUNDS_WITHIN_DB)[:count]
        return float((loud & sounds).sum() / max(1, loud.sum()))

    def _fast_levels(self, covered: Track, covering: Track) -> tuple[Floats, Floats] | None:
        """Levels of both per 10 ms, dBFS."""
        tones = [self._context.analysis.tracks[t.id].tone for t in (covered, covering)]
        levels = [tone.levels for tone in tones if tone is not None and tone.levels is not None]
        if len(levels) < 2:
            return None
        return levels[0].rms_db.astype(np.float64), levels[1].rms_db.astype(np.float64)

    def _begins_with(self, covered: Track, covering: Track) -> float | None:
        """Share of the hits of one with which a note of the other begins."""
        levels = self._fast_levels(covered, covering)
        if levels is None:
            return None
        hits, notes = (onsets(level) for level in levels)
        if hits.size == 0 or notes.size == 0:
            return None
        near = np.abs(hits[:, np.newaxis] - notes[np.newaxis, :]).min(axis=1) <= TOGETHER_HOPS
        return float(near.mean())


def onsets(level_db: Floats) -> NDArray[np.intp]:
    """Hops (10 ms) at which a level rises by 6 dB within 50 ms, near to its loud places; not nearer than 80 ms."""
    if level_db.size <= ONSET_LOOK_BACK_HOPS:
        return np.zeros(0, np.intp)
    before = np.lib.stride_tricks.sliding_window_view(level_db[:-1], ONSET_LOOK_BACK_HOPS).min(axis=1)
    now = level_db[ONSET_LOOK_BACK_HOPS:]
    loud = now >= np.percentile(level_db, LOUD_PERCENTILE) - SOUNDS_WITHIN_DB
    rising = np.flatnonzero((now - before >= ONSET_RISE_DB) & loud) + ONSET_LOOK_BACK_HOPS
    if rising.size == 0:
        return rising
    first = np.concatenate(([True], np.diff(rising) > ONSET_APART_HOPS))
    return np.asarray(rising[first])


def _trims_db(moves: Sequence[Move]) -> dict[str, float]:
    """What trims for the whole song come to, by track; those of revised files are in the facts already."""
    trims: dict[str, float] = {}
    for move in (each for each in moves if each.source != REVISION):
        for setting in move.sets:
            if setting.ref.device == "trim" and move.span_s is None and isinstance(setting.value, float):
                trims[setting.ref.track] = trims.get(setting.ref.track, 0.0) + setting.value
    return trims


def _level_db(power: Floats) -> Floats:
    return np.asarray(power_to_db(np.maximum(power.sum(axis=1), SILENT)))


def _near_its_loudest(power: Floats, within_db: float) -> Frames:
    level = power_to_db(np.maximum(power, SILENT))
    sounding = level[power > SILENT]
    if sounding.size == 0:
        return np.zeros(power.shape, np.bool_)
    return np.asarray((power > SILENT) & (level >= np.percentile(sounding, LOUD_PERCENTILE) - within_db))


def _widened(frames: Frames) -> Frames:
    """With the frame before and two behind: a hit begins and rings outside of its loudest frame."""
    wide = frames.copy()
    wide[:-1] |= frames[1:]
    wide[1:] |= frames[:-1]
    wide[2:] |= frames[:-2]
    return wide


def _worst_bands(under: Floats, over: Floats) -> NDArray[np.intp]:
    """Up to three bands side by side: where the covered track has something and the other is furthest over it."""
    own = power_to_db(np.maximum(under.mean(axis=0), SILENT))
    excess = np.median(power_to_db(np.maximum(over, SILENT)) - power_to_db(np.maximum(under, SILENT)), axis=0)
    excess = np.where(own >= own.max() - OWN_BAND_WITHIN_DB, excess + 0.5 * (own - own.max()), -np.inf)
    best = int(np.argmax(excess))
    near = np.arange(max(0, best - 1), min(own.size, best + 2))
    return np.asarray(near[np.isfinite(excess[near])])
