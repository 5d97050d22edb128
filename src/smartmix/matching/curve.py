"""The curve that turns the tone of one recording into that of another (docs/dsp/match_curve.md, steps 4 to 7)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.matching.grid import (
    GRID_HZ,
    NARROW,
    OCTAVE,
    POINTS_PER_OCTAVE,
    WIDE,
    Floats,
    averaged,
    existing,
)
from smartmix.matching.tone import Tone

FLOOR_DB = -150.0
NOTES_HZ = (200.0, 4000.0)
"""Below, frames of 0.17 s do not resolve single notes, their harmonics tell; above, partials lie close (house)."""
NO_NOTES_DB, ONLY_NOTES_DB = 1.0, 3.0
"""Arithmetic over geometric mean within the narrow width: noise reads under 0.5, a melody 5 to 20 (house)."""
NOTHING_DB, SOMETHING_DB = -75.0, -60.0
"""Of a band relative to the loudest: nothing there, and something (house)."""
BEYOND_DB, INSIDE_DB = -30.0, -15.0
"""Of a band relative to the loudest within an octave: beyond an edge, and inside (house)."""
LOWEST_NOTE_STEPS = 4
PLAYED_AT_DB_SPL = 75.0
CRITICAL_BAND_DB = 10.0 * np.log10(POINTS_PER_OCTAVE / 3.0)
"""The ear takes about a third of an octave together: eight bands."""
UNHEARD_DB = -15.0
"""Under the threshold of hearing: what lies deeper is rumble that nobody hears (house)."""
ENOUGH_S = 3.0
LEVEL_HZ = (30.0, 16_000.0)
TAPER_LOW_HZ = (20.0, 40.0)
HIGHEST_HZ, HIGHEST_SHARE, TAPER_RATIO = 20_000.0, 0.45, 1.25


@dataclass(frozen=True, slots=True, eq=False)
class MatchCurve:
    """The difference in tone between two recordings, per band of ``GRID_HZ`` (241,).

    ``db`` what to change, limited and tapered, amount 1; ``confidence`` 0 to 1; ``source_db`` and ``reference_db`` the
    two envelopes at their own levels; ``offset_db`` by how much the reference is louder in them; ``notes`` 0 (smoothed
    narrowly) to 1 (widely, so that the notes that were played do not show).
    """

    db: Floats
    confidence: Floats
    source_db: Floats
    reference_db: Floats
    offset_db: float
    notes: Floats


def match_curve(source: Tone, reference: Tone, limit_db: float = 6.0) -> MatchCurve:
    """The curve that makes ``source`` sound like ``reference``, at most ``limit_db`` either way."""
    both = existing(source.sample_rate) & existing(reference.sample_rate)
    notes = np.maximum(_notes(source), _notes(reference))
    source_db, reference_db = _envelope(source, notes), _envelope(reference, notes)
    confidence = np.where(both, presence(source, source_db) * presence(reference, reference_db), 0.0)
    difference = reference_db - source_db
    counts = confidence * ((LEVEL_HZ[0] <= GRID_HZ) & (LEVEL_HZ[1] >= GRID_HZ))
    offset = float(counts @ difference / counts.sum()) if counts.sum() > 0.0 else 0.0
    wanted = np.clip(confidence * (difference - offset), -limit_db, limit_db)
    rate = min(source.sample_rate, reference.sample_rate)
    curve = _smoothed(wanted) * taper(rate) * both
    return MatchCurve(curve, confidence, source_db, reference_db, offset, notes)


def taper(sample_rate: float) -> Floats:
    """How much of the curve is left at each band: nothing under 20 Hz and over 20 kHz or 0.45 of the sample rate."""
    top_hz = min(HIGHEST_HZ, HIGHEST_SHARE * sample_rate)
    rise = np.clip(np.log2(GRID_HZ / TAPER_LOW_HZ[0]) / np.log2(TAPER_LOW_HZ[1] / TAPER_LOW_HZ[0]), 0.0, 1.0)
    fall = np.clip(np.log2(top_hz / GRID_HZ) / np.log2(TAPER_RATIO), 0.0, 1.0)
    return np.asarray((0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall)))


def _db(power: Floats) -> Floats:
    return np.asarray(10.0 * np.log10(np.maximum(power, 10.0 ** (FLOOR_DB / 10.0))))


def _notes(tone: Tone) -> Floats:
    """How far single partials stand out (241,): 0 not, 1 so that only the wide envelope may be trusted."""
    there = existing(tone.sample_rate)
    out = _db(averaged(tone.band_power, NARROW, there)) - averaged(_db(tone.band_power), NARROW, there)
    told = there & (NOTES_HZ[0] <= GRID_HZ) & (NOTES_HZ[1] >= GRID_HZ)
    standing = averaged(out, OCTAVE, told)
    first, last = np.flatnonzero(told)[[0, -1]]
    standing[:first], standing[last:] = standing[first], standing[last]
    return np.asarray(np.clip((standing - NO_NOTES_DB) / (ONLY_NOTES_DB - NO_NOTES_DB), 0.0, 1.0))


def _envelope(tone: Tone, notes: Floats) -> Floats:
    there = existing(tone.sample_rate)
    narrow = _db(averaged(tone.band_power, NARROW, there))
    return np.asarray((1.0 - notes) * narrow + notes * _wide_db(tone))


def _wide_db(tone: Tone) -> Floats:
    return _db(averaged(tone.band_power, WIDE, existing(tone.sample_rate)))


def presence(tone: Tone, envelope_db: Floats) -> Floats:
    """How much each band (241,) of a recording tells, 0 to 1; nothing under its floor or beyond its edges."""
    there = existing(tone.sample_rate)
    level = np.where(there, envelope_db, FLOOR_DB)
    something = _ramp(level - level.max(), NOTHING_DB, SOMETHING_DB)
    heard_db = level + CRITICAL_BAND_DB - tone.loudness_lufs + PLAYED_AT_DB_SPL - _low_threshold_db()
    something *= _ramp(heard_db, UNHEARD_DB, 0.0)
    wide = np.where(there, _wide_db(tone), FLOOR_DB)
    around = np.pad(wide, POINTS_PER_OCTAVE, constant_values=FLOOR_DB)
    loudest = np.lib.stride_tricks.sliding_window_view(around, 2 * POINTS_PER_OCTAVE + 1).max(axis=1)
    inside = _ramp(level - loudest, BEYOND_DB, INSIDE_DB)
    inside *= _ramp(_over_what_is_below(tone), BEYOND_DB, INSIDE_DB)
    return np.asarray(something * inside * min(1.0, tone.heard_s / ENOUGH_S))


def _over_what_is_below(tone: Tone) -> Floats:
    """Power up to a sixth of an octave over a band against that of the octave from it, dB: low under the lowest note.

    An envelope alone reaches an octave further down than the note, and would take the key for a change in tone.
    """
    total = np.concatenate([[0.0], np.cumsum(tone.band_power)])
    band = np.arange(GRID_HZ.size)
    below = total[np.minimum(band + LOWEST_NOTE_STEPS + 1, GRID_HZ.size)]
    octave = total[np.minimum(band + POINTS_PER_OCTAVE + 1, GRID_HZ.size)] - total[band]
    return _db(below) - _db(octave)


def _low_threshold_db() -> Floats:
    """Threshold of hearing towards the bass, dB SPL: the first term of E. Terhardt, Calculating virtual pitch (1979).

    The term for the treble is left out: engineers set air that they hardly hear.
    """
    return np.asarray(3.64 * np.power(GRID_HZ / 1000.0, -0.8))


def _ramp(level_db: Floats, none_db: float, full_db: float) -> Floats:
    return np.asarray(np.clip((level_db - none_db) / (full_db - none_db), 0.0, 1.0))


def _smoothed(curve: Floats) -> Floats:
    """Over a third of an octave; beyond the grid the curve is 0."""
    margin = POINTS_PER_OCTAVE
    steps = np.arange(-margin, margin + 1) / POINTS_PER_OCTAVE
    weights = np.where(np.abs(steps) < 1.0 / 3.0, 0.5 + 0.5 * np.cos(3.0 * np.pi * steps), 0.0)
    kernel: NDArray[np.float64] = weights / weights.sum()
    return np.asarray(np.convolve(curve, kernel, mode="same"))
