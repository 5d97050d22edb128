"""House limits: how far a suggestion may go. Conservative on purpose; docs/rules.md says where each comes
from."""

from __future__ import annotations

CONFIDENT = 0.7
"""A move this sure, whose interval excludes 0, is accepted by ``--accept confident``."""
MOVES_PER_SONG = 12
MOVES_PER_TRACK = 3

SMALLEST_FADER_DB = 0.5
"""A fader move below this is not shown."""
SMALLEST_EQ_DB = 1.0
SMALLEST_PAN = 0.1

FADER_WITH_ROUGH_DB = 1.5
"""Largest departure from the client's balance; the lead vocal never goes down."""
FADER_DB = 6.0
"""Largest fader move when no rough says what the client wants."""
FADER_TO_ROUGH_DB = 18.0
"""Largest fader move on the way to the rough itself: that balance is the client's, not ours."""
FADER_PRINTS_DB = 1.5
"""Prints are already mixed."""

HIGH_PASS_SLOPE_DB_OCT = 12.0
HIGH_PASS_OCTAVES_UNDER_LOWEST_NOTE = 0.5

RIDE_DB = 2.0
RIDE_POINTS_PER_PHRASE = 2
LANE_POINTS = 200

CUT_DB = 3.0
BOOST_DB = 1.5
WIDEST_Q = 3.0
"""Highest Q of a tonal EQ move."""
