"""Plosives of a voice that pop."""

from __future__ import annotations

from smartmix.analysis.analysis import Problem
from smartmix.analysis.features import SourceMeter
from smartmix.figures import format_time
from smartmix.session.session import Track

FEWEST = 2
"""One puff in a take is left alone (house)."""
MOST_PER_S = 0.5
"""More than this is how it sounds: chops with a thump of their own (measured on dev)."""
SERIOUS_DBFS = -20.0
SHOWN = 3


def plosives(track: Track, meter: SourceMeter, start_s: float) -> Problem | None:
    """Puffs of breath on a voice's microphone, or None; other sources are not asked."""
    found = () if meter.tone is None else meter.tone.plosives()
    if len(found) < FEWEST or len(found) > max(FEWEST, MOST_PER_S * meter.scan.frames / meter.sample_rate):
        return None
    times = [start_s + puff.time_s for puff in found]
    where = ", ".join(dict.fromkeys(format_time(t) for t in times[:SHOWN]))
    worst = max(found, key=lambda puff: puff.over_usual_db)
    text = (
        f"{track.name} pops on {len(found)} plosives, first at {where}, up to {worst.over_usual_db:.0f} dB over what "
        "it has under 60 Hz otherwise. A high-pass on those syllables, or plosive control, takes them out"
    )
    loudest = max(puff.level_db for puff in found)
    span = (times[0], times[-1])
    return Problem(
        "plosives", track.id, text, float(len(found)), "plosives", span, None, loudest > SERIOUS_DBFS
    )
