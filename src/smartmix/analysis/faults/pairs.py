"""Delay and polarity between two pick-ups of one source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from smartmix.analysis.analysis import Problem, TrackFacts
from smartmix.analysis.faults.excerpts import both_sound_s, excerpt
from smartmix.analysis.faults.mic_names import PairKind, pairs
from smartmix.analysis.faults.pickup_likeness import PickupLikeness, compare
from smartmix.analysis.pickup import KIT, Pickup
from smartmix.figures import number
from smartmix.session.roles import family
from smartmix.session.session import Session, Track

WINDOW_S = 6.0
LONGEST_MS = 40.0
EARLIEST_MS = 0.15
"""A DI and its amp closer than this (5 cm of air) are together."""
AIR_MS = 3.0
"""Two close microphones of one drum are never a metre apart: later than this is not distance (house)."""
CLEAR = 2.0
"""The correlation peak must stand this many times over the next one."""
CLEAR_SIDES = 3.0
LEAST_MATCH = 0.3
"""Under this two tracks hardly share the band: their polarity there is not judged (house)."""
LEAST_SUB_MATCH = 0.2
WORTH_DB = 0.5
"""Turning one over must gain the sum this much in the band, or nothing is said."""
BANDS_HZ: dict[str, tuple[float, float]] = {
    "kick": (60.0, 120.0),
    "snare": (120.0, 400.0),
    "toms": (60.0, 250.0),
    "bass": (60.0, 250.0),
}
OTHER_BAND_HZ = (100.0, 500.0)
SUB_BAND_HZ = (40.0, 100.0)


def pair_pickups(session: Session, facts: Mapping[str, TrackFacts]) -> Iterator[Pickup]:
    """How every second microphone of a source stands against the first one; nothing where that is not clear."""
    for first, second, kind in pairs(session):
        found = _compared(session, facts, first, second, kind)
        if found is not None:
            yield _pickup(session, first, second, kind, found)


def band_of(track: Track, kind: PairKind = "close") -> tuple[float, float]:
    """The band in which two pick-ups of this source have to add up, Hz."""
    if kind == "sub":
        return SUB_BAND_HZ
    return BANDS_HZ.get(track.role, BANDS_HZ.get(family(track.role), OTHER_BAND_HZ))


def _compared(
    session: Session, facts: Mapping[str, TrackFacts], first: Track, second: Track, kind: PairKind
) -> PickupLikeness | None:
    at_s = both_sound_s(facts[first.id], facts[second.id], WINDOW_S)
    if at_s is None:
        return None
    one, two = (excerpt(session, t, at_s, WINDOW_S).mean(axis=0) for t in (first, second))
    rate, band_hz = session.sample_rate, band_of(first, kind)
    if kind == "sub":  # a loudspeaker as microphone hears nothing a delay could be read from
        return compare(one, two, rate, band_hz, earliest_ms=0.0, latest_ms=0.0)
    found = compare(one, two, rate, band_hz, earliest_ms=-LONGEST_MS, latest_ms=LONGEST_MS)
    return found if found.clear >= (CLEAR_SIDES if kind == "sides" else CLEAR) else None


def _pickup(session: Session, first: Track, second: Track, kind: PairKind, found: PickupLikeness) -> Pickup:
    late_ms = 1000.0 * found.late_frames / session.sample_rate
    shift_ms = -late_ms if kind == "di_amp" and abs(late_ms) >= EARLIEST_MS else 0.0
    least = LEAST_SUB_MATCH if kind == "sub" else LEAST_MATCH
    agrees = kind == "sub" or found.polarity < 0
    gained = {t: found.gained_db(turned=t, aligned=shift_ms != 0.0) for t in (False, True)}
    inverted = agrees and found.match <= -least and gained[True] - gained[False] >= WORTH_DB
    group = KIT if family(first.role) == "drums" else first.name
    return Pickup(
        group, "pair", second.id, first.id, "both", inverted, late_ms, shift_ms, abs(found.match),
        band_of(first, kind), gained[inverted],
    )  # fmt: skip


def pair_problems(session: Session, pickup: Pickup) -> Iterator[Problem]:
    """What to tell about a pair: delay first, then polarity."""
    second, first = session.track(pickup.track), session.track(pickup.reference)
    late_ms = pickup.late_ms
    too_late = pickup.shift_ms != 0.0 or abs(late_ms) >= AIR_MS
    if too_late:
        late, early = (second, first) if late_ms > 0 else (first, second)
        frames = abs(late_ms) * session.sample_rate / 1000.0
        text = (
            f"{late.name} arrives {abs(late_ms):.2f} ms ({frames:.0f} samples) after "
            f"{early.name}: together they comb. Move it earlier by that much"
        )
        yield Problem("delay", late.id, text, abs(late_ms), "ms", None, early.id, abs(late_ms) > 0.5)
    if pickup.inverted:
        low, high = pickup.band_hz
        lined_up = ", lined up," if pickup.shift_ms else ""
        text = (
            f"{second.name} is out of polarity with {first.name}: turned over{lined_up} the two give "
            f"{number(pickup.gained_db)} dB more at {low:.0f}\u2013{high:.0f} Hz"
        )
        yield Problem("polarity", second.id, text, pickup.gained_db, "dB", None, first.id, True)
