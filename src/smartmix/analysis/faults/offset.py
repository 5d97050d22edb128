"""DC offset: the zero line is not at zero."""

from __future__ import annotations

import numpy as np

from smartmix.analysis.analysis import Problem
from smartmix.analysis.features import SourceMeter
from smartmix.session.session import Track
from smartmix.units import gain_to_db

DC_DB = -46.0
SERIOUS_DB = -30.0


def offset(track: Track, meter: SourceMeter) -> Problem | None:
    """A constant offset of -46 dBFS or more on a source of at least a second that is there all the time, or None."""
    level = gain_to_db(float(np.abs(meter.low.dc()).max()))
    if level < DC_DB or meter.scan.frames < meter.sample_rate or not meter.low.is_steady_dc():
        return None
    text = f"{track.name} has a DC offset of {level:.0f} dBFS: it eats headroom and can click at edits"
    return Problem("dc", track.id, text, level, "dBFS", serious=level >= SERIOUS_DB)
