"""Loudness and true peak of audio after ITU-R BS.1770-5 and EBU R 128 (Tech 3341, Tech 3342)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loudness:
    """Programme loudness. A level that does not exist (silence, too short) is -inf; the range is then 0."""

    integrated_lufs: float
    momentary_max_lufs: float
    short_term_max_lufs: float
    range_lu: float
    true_peak_dbtp: float
    sample_peak_dbfs: float
    plr_lu: float
    """Peak to loudness ratio: true peak minus integrated loudness, LU."""
