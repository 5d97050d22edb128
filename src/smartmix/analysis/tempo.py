"""The tempo of a song, with the octave it could also be counted in, from onset curves.

Autocorrelation of the onset curve, a comb over four beats, a log-Gaussian prior; then the phase-coherent sum over the
whole song narrows it down.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import Tempo
from smartmix.analysis.onsets import ONSET_RATE_HZ
from smartmix.session.session import Session

SLOWEST_BPM = 40.0
FASTEST_BPM = 240.0
PRIOR_BPM = 120.0
PRIOR_OCTAVES = 0.9
"""Listeners tap near 120 (Moelants 2002); spread tuned on dev: wide enough for 72 and 174, both octaves are told."""
WINDOW_S = 16.0
"""Pieces this long are autocorrelated and averaged, so that a drummer may drift."""
COMB_BEATS = 4
COMB_WEIGHTS = (1.0, 2.0, 1.0, 4.0)
"""Two and four beats weigh more: a bar repeats, three eighths in a row do not (house)."""
STEPS_PER_OCTAVE = 240
MEAN_S = 1.0
"""The mean of the onset curve over this long is taken off: density is no pulse."""
LEAST_CONFIDENCE = 0.2
"""Tuned on dev and on noise, speech-like and pad-like signals: below this there is no pulse to speak of."""
LEAST_SECONDS = 3.0
REFINE_SHARE = 0.02
REFINE_STEP = 2e-4
REFINE_S = 60.0
REFINE_PADDING = 8
HARMONICS = 8
RIVAL_SHARE = 0.6
"""Below this share of the comb score, the other octave is named only because one must be."""


def session_tempo(session: Session) -> Tempo | None:
    """The tempo the session file gives: the one that lasts longest. None without a tempo map."""
    if not session.tempo_map:
        return None
    points = sorted(session.tempo_map, key=lambda point: point.time_s)
    ends = [*(point.time_s for point in points[1:]), max(session.duration_s, points[-1].time_s + 1e-3)]
    lasting: dict[float, float] = {}
    for point, end_s in zip(points, ends, strict=True):
        lasting[point.bpm] = lasting.get(point.bpm, 0.0) + end_s - point.time_s
    return Tempo(max(lasting, key=lambda bpm: lasting[bpm]), None, 1.0, "session")


def find_tempo(curves: Sequence[NDArray[np.floating]]) -> Tempo | None:
    """The tempo from onset curves (at ONSET_RATE_HZ) of one music (low and high, sum and drums); None without pulse.

    ``other_bpm`` is half or double, whichever fits better. Exact to 0.1 % for a steady tempo; where it drifts, the
    tempo most of the song has.
    """
    flat = [_flattened(curve) for curve in curves if curve.size >= LEAST_SECONDS * ONSET_RATE_HZ]
    flat = [curve for curve in flat if np.any(curve)]
    if not flat:
        return None
    correlation = np.asarray(np.mean([_autocorrelation(curve) for curve in flat], axis=0), dtype=np.float64)
    bpm = SLOWEST_BPM * 2.0 ** (
        np.arange(int(STEPS_PER_OCTAVE * math.log2(FASTEST_BPM / SLOWEST_BPM)) + 1) / STEPS_PER_OCTAVE
    )
    comb = _comb(correlation, bpm)
    best = int(np.argmax(comb * _prior(bpm)))
    confidence = float(np.clip(comb[best], 0.0, 1.0))
    if confidence < LEAST_CONFIDENCE:
        return None
    exact = _refined(flat, float(bpm[best]))
    return Tempo(exact, _other(correlation, exact), confidence, "heard")


def _flattened(curve: NDArray[np.floating]) -> NDArray[np.float64]:
    """Onsets over their local mean, none below 0, the largest held down (one crash is not the beat), power 1."""
    x = curve.astype(np.float64)
    width = int(MEAN_S * ONSET_RATE_HZ)
    total = np.concatenate(([0.0], np.cumsum(x)))
    ends = np.clip(np.arange(x.size) + width // 2 + 1, 0, x.size)
    starts = np.clip(np.arange(x.size) - width // 2, 0, x.size)
    above = np.asarray(np.maximum(x - (total[ends] - total[starts]) / (ends - starts), 0.0), dtype=np.float64)
    hits = above[above > 0.0]
    if hits.size == 0:
        return above
    return np.asarray(np.sqrt(np.minimum(above, np.percentile(hits, 95.0))))


def _autocorrelation(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean autocorrelation coefficients of WINDOW_S pieces (half overlapped) up to COMB_BEATS of the slowest beats."""
    longest = int(COMB_BEATS * 60.0 / SLOWEST_BPM * ONSET_RATE_HZ) + 2
    width = min(curve.size, int(WINDOW_S * ONSET_RATE_HZ))
    total, weight = np.zeros(longest), 0.0
    for start in range(0, max(curve.size - width, 0) + 1, max(width // 2, 1)):
        piece = curve[start : start + width]
        piece = piece - piece.mean()
        size = 1 << math.ceil(math.log2(2 * width))
        raw = np.fft.irfft(np.square(np.abs(np.fft.rfft(piece, size))), size)[:longest]
        raw = raw[: min(longest, width)] * width / (width - np.arange(min(longest, width)))  # unbiased
        raw[3 * width // 4 :] = 0.0
        total[: raw.size] += raw
        weight += float(raw[0])
    return total / weight if weight > 0.0 else total


def _comb(correlation: NDArray[np.float64], bpm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean correlation at one to four beats of each tempo, weighted by COMB_WEIGHTS."""
    beat = 60.0 / bpm * ONSET_RATE_HZ
    smooth = np.convolve(correlation, (0.25, 0.5, 0.25), "same")
    lags = np.arange(correlation.size)
    teeth = [np.interp(k * beat, lags, smooth) for k in range(1, COMB_BEATS + 1)]
    return np.asarray(np.average(teeth, axis=0, weights=COMB_WEIGHTS), dtype=np.float64)


def _prior(bpm: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.exp(-0.5 * np.square(np.log2(bpm / PRIOR_BPM) / PRIOR_OCTAVES)))


def _other(correlation: NDArray[np.float64], bpm: float) -> float:
    """Half or double the tempo, whichever the comb and the prior like better."""
    octaves = np.array([0.5 * bpm, 2.0 * bpm])
    return float(octaves[int(np.argmax(np.maximum(_comb(correlation, octaves), 1e-3) * _prior(octaves)))])


def _refined(curves: Sequence[NDArray[np.float64]], bpm: float) -> float:
    """The tempo near ``bpm`` whose first HARMONICS stand out most in pieces of REFINE_S, to a tenth of the grid."""
    near = bpm * np.arange(1.0 - REFINE_SHARE, 1.0 + REFINE_SHARE, REFINE_STEP)
    score = np.zeros(near.size)
    width = int(REFINE_S * ONSET_RATE_HZ)
    for curve in curves:
        for start in range(0, curve.size, width):
            piece = curve[start : start + width]
            size = 1 << math.ceil(math.log2(REFINE_PADDING * piece.size))
            lines = np.abs(np.fft.rfft(piece, size))
            bins = near / 60.0 / ONSET_RATE_HZ * size
            for harmonic in range(1, HARMONICS + 1):
                score += np.interp(harmonic * bins, np.arange(lines.size), lines)
    best = int(np.argmax(score))
    if not 0 < best < near.size - 1:
        return float(near[best])
    left, mid, right = score[best - 1 : best + 2].tolist()
    bend = left - 2.0 * mid + right
    return float(near[best] + (0.5 * (left - right) / bend if bend < 0.0 else 0.0) * bpm * REFINE_STEP)
