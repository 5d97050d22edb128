"""Clicks and bad edits of a source."""

from __future__ import annotations

from smartmix.analysis.analysis import Problem
from smartmix.analysis.clicks import Click
from smartmix.analysis.features import SourceMeter
from smartmix.figures import format_time
from smartmix.session.roles import family
from smartmix.session.session import Track
from smartmix.units import gain_to_db

BESIDE_PEAK = 0.01
"""A click 40 dB under the track's peak is left alone (house): the steps of an 8-bit sample are such."""
DRUM_RATIO = 10.0
"""A drum is a click with a tail: on drums a spike must stand out twice as far, and go on in sound on both sides."""
MOST_PER_S = 1.0
"""More than this over the whole track is how it sounds (crackle, bit crusher), not an accident."""
SHOWN = 3


def clicks(track: Track, meter: SourceMeter, start_s: float) -> Problem | None:
    """Spikes and splices that the sound around them does not explain, or None."""
    heard = [c for c in meter.clicks.facts() if _counts(c, track, meter)]
    if not heard or len(heard) > max(1.0, MOST_PER_S * meter.scan.frames / meter.sample_rate):
        return None
    times = [start_s + c.time_s for c in heard]
    where = ", ".join(dict.fromkeys(_exact(time_s) for time_s in times[:SHOWN]))
    loudest = max(heard, key=lambda c: c.height)
    what = "a click or a hard edit" if len(heard) == 1 else f"{len(heard)} clicks or hard edits"
    text = (
        f"{track.name} has {what} at {where}{' ...' if len(times) > SHOWN else ''}, up to "
        f"{gain_to_db(loudest.height):.0f} dBFS. Listen there: a short crossfade heals an edit"
    )
    serious = max(c.height for c in heard) > 0.1 * meter.scan.peak
    return Problem(
        "clicks", track.id, text, float(len(heard)), "clicks", (times[0], times[-1]), serious=serious
    )


def _counts(click: Click, track: Track, meter: SourceMeter) -> bool:
    if click.height < BESIDE_PEAK * meter.scan.peak:
        return False
    return family(track.role) != "drums" or (click.in_sound and click.ratio >= DRUM_RATIO)


def _exact(time_s: float) -> str:
    """A time one can go to: minutes, seconds, hundredths."""
    hundredths = round(100.0 * time_s)
    return f"{format_time(hundredths // 100)}.{hundredths % 100:02d}"
