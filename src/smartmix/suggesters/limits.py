"""House limits: how far a suggestion may go. Conservative on purpose; docs/rules.md says where each comes from.

How sure a move must be, and how many a song may get, are in plan/accept.py.
"""

from __future__ import annotations

from smartmix.plan.fader_room import FADER_DB as MOST_FADER_DB

SMALLEST_FADER_DB = 0.5
"""A fader move below this is not shown."""
SMALLEST_PAN = 0.1

FADER_DB = MOST_FADER_DB
"""Largest fader move when no rough says what the client wants, and all suggestions for one fader together."""
FADER_TO_ROUGH_DB = 18.0
"""Largest fader move on the way to the rough itself: that balance is the client's, not ours."""
FADER_PRINTS_DB = 1.5
"""Prints are already mixed."""

HIGH_PASS_SLOPE_DB_OCT = 12.0

CUT_DB = 3.0
CUT_Q = 3.0
"""Widest corrective cut: mud, boxiness, harshness."""
SURGICAL_CUT_DB = 6.0
SURGICAL_Q = 10.0
"""Steady resonances only."""
SMALLEST_CUT_DB = 1.0

ESS_DB = (2.0, 4.0)
"""Average reduction on esses."""
ESS_RANGE_DB = 6.0

COMPRESSION_RATIO = 3.0
COMPRESSION_DB = (2.0, 3.0)
"""Average reduction while it reduces."""
COMPRESSION_MAX_DB = 6.0

DUCK_DB = (1.0, 2.0)
"""A keyed band that gives way: the least that is heard, and the most that is not heard to pump."""

RIDE_DB = 2.0
SECTION_RIDE_DB = 6.0
"""Largest recalled ride between parts of the song: the client's own, but read from a mix, not from a fader."""
SMALLEST_SECTION_RIDE_DB = 1.0
"""Smaller differences between parts are the bus compressor's as soon as the client's."""
