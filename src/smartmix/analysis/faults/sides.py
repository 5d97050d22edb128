"""One side of a stereo source out of polarity with the other."""

from __future__ import annotations

from smartmix.analysis.analysis import Problem
from smartmix.analysis.features import SourceMeter
from smartmix.analysis.pickup import Pickup
from smartmix.analysis.stereo import mono_loss_db
from smartmix.session.session import Track

INVERTED_CORRELATION = -0.6
LOW_BAND_HZ = (60.0, 500.0)
"""Here spaced microphones still hear the same wave; higher up distance turns the phase."""
INVERTED_LOW_CORRELATION = -0.5
NOT_RELATED = -0.1
"""Low-band correlation alone does not count where the whole is not negative too (house)."""


def is_inverted(meter: SourceMeter) -> bool:
    """Whether left and right of a stereo source are the same sound upside down."""
    if meter.channels != 2:
        return False
    whole = meter.scan.correlation
    if whole <= INVERTED_CORRELATION:
        return True
    return whole <= NOT_RELATED and meter.low.side_correlation(*LOW_BAND_HZ) <= INVERTED_LOW_CORRELATION


def sides(track: Track, meter: SourceMeter) -> Pickup | None:
    """The two sides of an inverted stereo source; turning the right one is as good as the left until close
    microphones say which.
    """
    if not is_inverted(meter):
        return None
    correlation = meter.low.side_correlation(*LOW_BAND_HZ)
    lost_db = meter.low.side_loss_db(*LOW_BAND_HZ)
    after_db = meter.low.side_loss_db(*LOW_BAND_HZ, turned=True)
    return Pickup(
        track.name, "sides", track.id, track.id, "right", True, 0.0, 0.0, abs(correlation), LOW_BAND_HZ,
        lost_db - after_db,
    )  # fmt: skip


def sides_problem(track: Track, meter: SourceMeter) -> Problem:
    """What to tell about it."""
    correlation = meter.scan.correlation
    lost_db = mono_loss_db(correlation, *meter.scan.squares)
    text = (
        f"{track.name}: left and right are out of polarity (correlation {correlation:.2f}); "
        f"in mono it drops {lost_db:.0f} dB. Flip one side"
    )
    return Problem("polarity", track.id, text, correlation, "correlation", serious=True)
