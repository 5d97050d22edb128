"""The tone of one recording brought to that of another: what is wanted, as bands to edit, as a filter.

>>> match = match_eq(source, reference, 48_000)  # doctest: +SKIP
>>> louder_top = match.eq(source, 48_000)  # doctest: +SKIP
"""

from smartmix.matching.curve import MatchCurve, match_curve
from smartmix.matching.grid import GRID_HZ
from smartmix.matching.match import EQMatch, OctaveMatch, match_eq, match_files, match_tones
from smartmix.matching.preset import match_preset, write_match_preset
from smartmix.matching.tone import Tone, ToneMeter, measure_tone

__all__ = [
    "GRID_HZ",
    "EQMatch",
    "MatchCurve",
    "OctaveMatch",
    "Tone",
    "ToneMeter",
    "match_curve",
    "match_eq",
    "match_files",
    "match_preset",
    "match_tones",
    "measure_tone",
    "write_match_preset",
]
