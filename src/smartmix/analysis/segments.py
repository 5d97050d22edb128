"""Where one part of the song ends and the next begins, and which parts are alike.

Foote's checkerboard kernel on the self-similarity of what plays: band levels of the sum and the level of every track,
twice a second; boundaries are then put where the change is sharpest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ

RATE_HZ = 2.0
FRAMES_PER_STEP = round(FRAME_RATE_HZ / RATE_HZ)
KERNEL_S = 6.0
"""Half width of the checkerboard: how much music before and after is compared (tuned on the demo song)."""
SHORTEST_S = 6.0
"""No two boundaries are nearer than this: four bars of a fast song."""
THRESHOLD = 0.35
"""A boundary stands out by this share of the greatest novelty."""
LEAST_NOVELTY = 0.05
"""Under this nothing changes enough to speak of parts."""
FLOOR_DB = -40.0
"""Levels are read this far under the loudest."""
EDGE_S = 2.0
"""No boundary this near to either end."""
KERNEL_WIDTH = 0.6
"""Standard deviation of the kernel's taper, as a share of its half width."""
PEAK_STEPS = 3
SHARPEN_S = 1.5
NEAR_S = 1.0
ALIKE = 0.12
"""Parts whose features differ by less than this share are the same part come again."""
VARIED = 0.28
"""By less than this: a variation of it (A')."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the song, s, and which letter it has ("A", "B", "A'")."""

    start_s: float
    end_s: float
    letter: str


def find_parts(
    band_power: NDArray[np.floating], levels_lufs: Sequence[NDArray[np.floating]]
) -> tuple[Part, ...]:
    """The parts of a song from the sum's band powers (frames, bands) and each track's frame levels, at 10 Hz.

    Always at least one part, from 0 to the end; none for no frames.
    """
    frames = len(band_power)
    if frames == 0:
        return ()
    features = _features(band_power, levels_lufs)
    edges = [0, *_boundaries(features), frames]
    letters = _letters(features, edges)
    return tuple(
        Part(start / FRAME_RATE_HZ, end / FRAME_RATE_HZ, letter)
        for start, end, letter in zip(edges[:-1], edges[1:], letters, strict=True)
    )


def _features(band_power: NDArray[np.floating], levels: Sequence[NDArray[np.floating]]) -> Array:
    """(frames, features) 0..1 at 10 Hz: 20 bands of the sum and every track, FLOOR_DB to its loudest; each half weighs
    the same.
    """
    frames = len(band_power)
    pairs = band_power.astype(np.float64).reshape(frames, -1, 2).sum(axis=2)
    with np.errstate(divide="ignore"):
        columns = [10.0 * np.log10(pairs).T]
    tracks = [level[:frames].astype(np.float64) for level in levels if np.isfinite(level[:frames]).any()]
    if tracks:
        columns.append(np.stack([np.pad(t, (0, frames - t.size), constant_values=-np.inf) for t in tracks]))
    scaled = [_scaled(rows) / np.sqrt(len(rows)) for rows in columns]
    return np.asarray(np.concatenate(scaled).T)


def _scaled(rows_db: Array) -> Array:
    top = np.max(rows_db, axis=1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    return np.asarray((np.maximum(rows_db - top, FLOOR_DB) - FLOOR_DB) / -FLOOR_DB)


def _steps(features: Array) -> Array:
    """Means over half a second (steps, features)."""
    whole = -(-len(features) // FRAMES_PER_STEP)
    padded = np.pad(features, ((0, whole * FRAMES_PER_STEP - len(features)), (0, 0)), mode="edge")
    return np.asarray(padded.reshape(whole, FRAMES_PER_STEP, -1).mean(axis=1))


def _novelty(features: Array, half: int) -> Array:
    """How much the ``half`` rows from each row on differ from those before it, Gauss-weighted (rows,).

    The checkerboard kernel on squared distances is the squared distance of the two weighted means; so no
    self-similarity matrix is ever held. Near the ends the means are over what there is.
    """
    weight = np.exp(-0.5 * np.square((np.arange(half) + 0.5) / half / KERNEL_WIDTH))
    padded = np.pad(features, ((half, half), (0, 0)))
    there = np.pad(np.ones(len(features)), half)
    rows = np.lib.stride_tricks.sliding_window_view(padded, half, axis=0)
    mass = np.lib.stride_tricks.sliding_window_view(there, half)
    count = len(features)
    before = rows[:count] @ weight[::-1] / np.maximum(mass[:count] @ weight[::-1], 1e-9)[:, np.newaxis]
    after = (
        rows[half : half + count]
        @ weight
        / np.maximum(mass[half : half + count] @ weight, 1e-9)[:, np.newaxis]
    )
    change = np.sqrt(np.square(after - before).sum(axis=1))
    change[0] = 0.0
    return np.asarray(change)


def _boundaries(features: Array) -> list[int]:
    """Frames (10 Hz) at which a new part begins, rising, without 0 and the end."""
    steps = _steps(features)
    shortest = int(SHORTEST_S * RATE_HZ)
    novelty = _novelty(steps, int(KERNEL_S * RATE_HZ))
    edge = int(EDGE_S * RATE_HZ)
    novelty[:edge] = novelty[max(len(steps) - edge, 0) :] = 0.0
    limit = max(LEAST_NOVELTY, THRESHOLD * float(novelty.max(initial=0.0)))
    chosen: list[int] = []
    for step in np.argsort(-novelty, kind="stable").tolist():
        if novelty[step] < limit:
            break
        near = novelty[max(0, step - PEAK_STEPS) : step + PEAK_STEPS + 1]
        if novelty[step] >= near.max() and all(abs(step - other) >= shortest for other in chosen):
            chosen.append(step)
    return sorted({_sharpened(features, step * FRAMES_PER_STEP) for step in chosen} - {0, len(features)})


def _sharpened(features: Array, frame: int) -> int:
    """The frame within SHARPEN_S where what came before and what follows differ most, near and far."""
    far, near = int(KERNEL_S * FRAME_RATE_HZ), int(NEAR_S * FRAME_RATE_HZ)
    reach = int(SHARPEN_S * FRAME_RATE_HZ)
    first, last = max(0, frame - reach - far), min(len(features), frame + reach + far)
    piece = features[first:last]
    change = _novelty(piece, near) * _novelty(piece, far)
    inside = slice(max(1, frame - reach - first), frame + reach + 1 - first)
    return first + inside.start + int(np.argmax(change[inside]))


def _letters(features: Array, edges: list[int]) -> list[str]:
    """A letter for each part: the same for parts alike, with a prime for a variation."""
    means = [features[start:end].mean(axis=0) for start, end in pairwise(edges)]
    letters: list[str] = []
    firsts: list[tuple[str, Array]] = []
    for mean in means:
        apart = [float(np.linalg.norm(mean - other)) for _, other in firsts]
        nearest = int(np.argmin(apart)) if apart else -1
        if apart and apart[nearest] < ALIKE:
            letters.append(firsts[nearest][0])
        elif apart and apart[nearest] < VARIED:
            letters.append(firsts[nearest][0].rstrip("'") + "'")
        else:
            letters.append(_letter(len({name for name, _ in firsts})))
            firsts.append((letters[-1], mean))
    return letters


def _letter(index: int) -> str:
    """A, B ... Z, A2, B2 ..."""
    return chr(ord("A") + index % 26) + (str(index // 26 + 1) if index >= 26 else "")
