"""How a revised file relates to an earlier one: gain, offset to the sample, polarity, and what in it is new."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.landmarks import LEVEL_RATE_HZ, Fingerprint
from smartmix.units import gain_to_db

NEIGHBOURS = 3
"""Intervals to this many following landmarks are compared: one landmark too many breaks only some of them."""
NEAR_FRAMES = 3
"""Landmarks this near are the same: a change of rate moves the highest sample by one or two."""
RATIO_DB = 1.5
"""How far apart the ratios of two neighbouring landmarks may be: between the samples a peak can hide that much."""
SAME_DB = 1.0
"""A landmark within this of the common gain is the same music at the same level."""
EXACT_DB = 0.05
LEVEL_DB = 2.5
"""A quarter second whose level differs by more than this after the common gain is other music."""
FEWEST_LANDMARKS = 3
CHANCE_SHARE = 0.05
"""Unrelated files share landmarks now and then: fewer than this share are chance."""
SILENT_DB = -120.0
QUIET_DB = 50.0
"""Quarter seconds this far under the loudest do not count as sounding."""
SHORTEST_NEW_S = 1.0


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a newer file relates to an older one.

    ``gain_db``: how much hotter the newer is (where it is the same). ``polarity``: -1 if flipped. ``offset_frames``:
    how much later the same music comes, frames of the newer's rate (fractional after a change of rate).
    ``same_share`` 0..1: how much of the newer file's sounding time is in the older one, at that offset.
    ``new_spans_s``: where the newer holds what the older does not, seconds of the newer. ``exact``: the same samples
    but for gain and shift (False after a change of rate, a lossy codec or other processing).
    """

    gain_db: float
    offset_frames: float
    same_share: float
    new_spans_s: tuple[tuple[float, float], ...]
    polarity: int = 1
    exact: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Landmarks found in both at one offset: index into the newer, gain in dB, sign, residual in frames."""

    newer: NDArray[np.int64]
    gain_db: NDArray[np.float64]
    sign: NDArray[np.float64]
    residual: NDArray[np.float64]


def match(old: Fingerprint, new: Fingerprint) -> Likeness:
    """Compare two fingerprints. Nothing in common: ``same_share`` 0, gain and offset 0, all of the newer is new.

    Landmarks are lined up by the distances between them, so gain, shift, a trimmed start and a new section do no
    harm; one offset is found, the one most of the music has (what an inserted bar pushes back counts as new there).
    """
    old_positions = old.positions.astype(np.float64) * (new.sample_rate / old.sample_rate)
    pairs, offset = _lined_up(old_positions, old.values, new)
    fewest = max(
        min(FEWEST_LANDMARKS, new.positions.size), CHANCE_SHARE * min(new.positions.size, old.positions.size)
    )
    if pairs.newer.size < max(fewest, 1):
        return _nothing_shared(new)
    gain_db = float(np.median(pairs.gain_db))
    same = np.abs(pairs.gain_db - gain_db) < SAME_DB
    offset += float(np.median(pairs.residual[same]))
    agreeing = np.zeros(new.positions.size, dtype=np.bool_)
    agreeing[pairs.newer[same]] = True
    exact = (np.abs(pairs.residual - np.median(pairs.residual)) < 0.5) & (
        np.abs(pairs.gain_db - gain_db) < EXACT_DB
    )
    is_new, sounding = _new_quarters(old, new, agreeing, offset, gain_db)
    if sounding.any() and not (sounding & ~is_new).any():
        return _nothing_shared(new)
    return Likeness(
        gain_db=gain_db,
        offset_frames=offset,
        same_share=float(1.0 - is_new.sum() / sounding.sum()) if sounding.any() else 1.0,
        new_spans_s=_spans(is_new, sounding, new),
        polarity=1 if float(pairs.sign.sum()) >= 0.0 else -1,
        exact=bool(exact.mean() > 0.9) and old.sample_rate == new.sample_rate,
    )


def _nothing_shared(new: Fingerprint) -> Likeness:
    sounding = _sounding(new)
    return Likeness(0.0, 0.0, 0.0, _spans(sounding, sounding, new))


def _lined_up(
    old_positions: NDArray[np.float64], old_values: NDArray[np.float32], new: Fingerprint
) -> tuple[_Pairs, float]:
    """The landmarks both have at the offset most intervals agree on, and that offset."""
    votes = _votes(old_positions, old_values, new)
    if votes.size == 0:
        empty = np.zeros(0)
        return _Pairs(np.zeros(0, np.int64), empty, empty, empty), 0.0
    votes = np.sort(votes)
    reach = np.searchsorted(votes, votes + NEAR_FRAMES, "right") - np.arange(votes.size)
    most = np.flatnonzero(reach == reach.max())
    best = most[np.argmin(np.abs(votes[most]))]
    offset = float(np.median(votes[best : best + reach[best]]))
    return _paired(old_positions, old_values, new, offset), offset


def _votes(
    old_positions: NDArray[np.float64], old_values: NDArray[np.float32], new: Fingerprint
) -> NDArray[np.float64]:
    """Offsets by which one interval between landmarks of the old becomes one of the new, one per such pair."""
    if min(old_positions.size, new.positions.size) <= FEWEST_LANDMARKS:
        return np.subtract.outer(new.positions.astype(np.float64), old_positions).ravel()
    found = [np.zeros(0)]
    old_db, new_db = gain_to_db(old_values), gain_to_db(new.values)
    for step in range(1, NEIGHBOURS + 1):
        old_gap = old_positions[step:] - old_positions[:-step]
        new_gap = (new.positions[step:] - new.positions[:-step]).astype(np.float64)
        order = np.argsort(old_gap, kind="stable")
        low = np.searchsorted(old_gap[order], new_gap - NEAR_FRAMES, "left")
        count = np.searchsorted(old_gap[order], new_gap + NEAR_FRAMES, "right") - low
        j = np.repeat(np.arange(new_gap.size), count)
        i = order[np.repeat(low, count) + np.arange(j.size) - np.repeat(np.cumsum(count) - count, count)]
        ratio = (new_db[j + step] - new_db[j]) - (old_db[i + step] - old_db[i])
        turned = np.sign(new.values[j + step] * new.values[j]) != np.sign(
            old_values[i + step] * old_values[i]
        )
        kept = (np.abs(ratio) < RATIO_DB) & ~turned
        found.append(new.positions[j[kept]] - old_positions[i[kept]])
    return np.concatenate(found)


def _paired(
    old_positions: NDArray[np.float64], old_values: NDArray[np.float32], new: Fingerprint, offset: float
) -> _Pairs:
    sought = new.positions - offset
    after = np.clip(np.searchsorted(old_positions, sought), 1, max(old_positions.size - 1, 1))
    nearest = np.where(
        np.abs(sought - old_positions[after - 1])
        <= np.abs(sought - old_positions[np.minimum(after, old_positions.size - 1)]),
        after - 1,
        np.minimum(after, old_positions.size - 1),
    )
    residual = sought - old_positions[nearest]
    newer = np.flatnonzero(np.abs(residual) <= NEAR_FRAMES)
    older = nearest[newer]
    gain = gain_to_db(new.values[newer]) - gain_to_db(old_values[older])
    return _Pairs(
        newer, gain, np.sign(new.values[newer] * old_values[older]).astype(np.float64), residual[newer]
    )


def _sounding(source: Fingerprint) -> NDArray[np.bool_]:
    """Quarter seconds that sound."""
    levels = source.levels_db
    return np.asarray(levels > np.max(levels, initial=-np.inf) - QUIET_DB, dtype=np.bool_)


def _new_quarters(
    old: Fingerprint, new: Fingerprint, agreeing: NDArray[np.bool_], offset: float, gain_db: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which sounding quarter seconds of the newer are not in the older, and which sound at all.

    A quarter between two landmarks that agree is the same; between two that do not it is new; in between, and where
    there is no landmark, its level decides.
    """
    sounding = _sounding(new)
    quarters = np.arange(sounding.size)
    at_quarter = np.floor(new.positions / new.sample_rate * LEVEL_RATE_HZ).astype(np.int64)
    expected = _shifted_levels(old, new, offset, sounding.size) + gain_db
    other = np.abs(np.maximum(new.levels_db, SILENT_DB) - np.maximum(expected, SILENT_DB)) > LEVEL_DB
    after = np.searchsorted(at_quarter, quarters, "left")
    before = np.searchsorted(at_quarter, quarters, "right") - 1
    fine_before = (
        np.where(before >= 0, agreeing[np.maximum(before, 0)], False) if agreeing.size else other & False
    )
    fine_after = (
        np.where(after < agreeing.size, agreeing[np.minimum(after, agreeing.size - 1)], False)
        if agreeing.size
        else other & False
    )
    is_new = np.where(fine_before & fine_after, False, np.where(fine_before | fine_after, other, True))
    is_new = _without_blips(is_new & sounding)
    return is_new, sounding


def _shifted_levels(old: Fingerprint, new: Fingerprint, offset: float, count: int) -> NDArray[np.float64]:
    """The older's level per quarter second of the newer, power shared between the quarters it falls on, dB."""
    power = np.where(old.levels > 0, 10.0 ** (old.levels_db / 10.0), 0.0)
    if power.size == 0:
        return np.full(count, -np.inf)
    where = np.arange(count) - offset / new.sample_rate * LEVEL_RATE_HZ
    mixed = np.interp(where, np.arange(power.size), power, left=0.0, right=0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10(mixed))


def _without_blips(is_new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Runs shorter than SHORTEST_NEW_S are landmarks at odds, not new music."""
    kept = is_new.copy()
    for start, end in _runs(is_new):
        if end - start < SHORTEST_NEW_S * LEVEL_RATE_HZ and end - start < is_new.size:
            kept[start:end] = False
    return kept


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _spans(
    is_new: NDArray[np.bool_], sounding: NDArray[np.bool_], new: Fingerprint
) -> tuple[tuple[float, float], ...]:
    """New quarters as (start, end) s; pauses between two new ones belong to them."""
    merged: list[list[int]] = []
    for start, end in _runs(is_new):
        if merged and not (sounding & ~is_new)[merged[-1][1] : start].any():
            merged[-1][1] = end
        else:
            merged.append([start, end])
    length_s = new.frames / new.sample_rate
    return tuple((start / LEVEL_RATE_HZ, min(end / LEVEL_RATE_HZ, length_s)) for start, end in merged)
