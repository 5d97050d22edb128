"""Clipping: flat tops at a file's peak, at any level."""

from __future__ import annotations

from smartmix.analysis.analysis import Problem
from smartmix.analysis.features import SourceMeter
from smartmix.figures import format_time
from smartmix.session.session import Track
from smartmix.units import gain_to_db

FEWEST_RUNS = 3
HIGHEST_SHARE = 0.1
"""More flat samples than this is a square wave, not clipping (house)."""
LOWEST_PEAK = 0.05
SERIOUS_RUNS = 20


def clipping(track: Track, meter: SourceMeter, start_s: float) -> Problem | None:
    """Flat tops of a source that starts ``start_s`` into the session, or None."""
    scan = meter.scan
    too_many = scan.flat_share > HIGHEST_SHARE
    if scan.peak < LOWEST_PEAK or scan.clip_runs < FEWEST_RUNS or too_many:
        return None
    times = [start_s + t for t in scan.first_clips_s]
    where = ", ".join(dict.fromkeys(format_time(t) for t in times))
    text = (
        f"{track.name} is clipped: {scan.clip_runs} flat tops at {gain_to_db(scan.peak):.1f} dBFS, first at {where}. "
        "Ask for the file again with more headroom"
    )
    serious = scan.clip_runs >= SERIOUS_RUNS
    return Problem(
        "clipping", track.id, text, float(scan.clip_runs), "flat tops", (times[0], times[-1]), None, serious
    )
