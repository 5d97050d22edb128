"""Polarity within a drum kit: each close microphone against the overheads, with their distance taken out.

The overheads hear every drum late because they are further away. That is not a fault, and nothing here moves them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import Problem, TrackFacts
from smartmix.analysis.faults.excerpts import both_sound_s, excerpt, own_hits
from smartmix.analysis.faults.mic_names import same_source
from smartmix.analysis.faults.pickup_likeness import PickupLikeness, compare
from smartmix.analysis.pickup import KIT, Pickup
from smartmix.figures import number
from smartmix.session.session import Session, Track

WINDOW_S = 12.0
CLOSEST_MS, FURTHEST_MS = -1.0, 15.0
"""Overheads hang up to 5 m from a drum; a little early is a close pair on a small kit with late converters (house)."""
CLEAR = 1.5
LEAST_MATCH = 0.2
WORTH_DB = 0.5
"""Turning a microphone over must gain the sum this much as the tracks stand, or it is only told."""
FLIP_COST = 0.25
"""A flip must explain at least this much match: one weak disagreement turns nothing over (house)."""
CLOSE_BANDS_HZ = {"kick": (50.0, 150.0), "snare": (120.0, 400.0), "toms": (60.0, 250.0)}
"""Where a drum's skin sounds: the band its polarity is read from."""

Side = Literal["both", "left", "right"]


@dataclass(frozen=True, slots=True)
class _Channel:
    """One overhead microphone: a mono track, or one side of a stereo one."""

    track: Track
    side: Side


def kit_pickups(session: Session, facts: Mapping[str, TrackFacts], sides: list[Pickup]) -> list[Pickup]:
    """How the close microphones and the overheads of the kit stand against each other; [] without overheads.

    The fewest turns that make them agree are taken: an overhead side that disagrees with kick and snare is turned over
    rather than both of those. ``sides`` are the stereo tracks whose sides oppose each other: comes back with the side
    the close microphones say for the overheads among them.
    """
    heads = [t for t in session.audible_tracks if t.role == "overheads"]
    channels = [c for t in heads for c in _channels(t)]
    found = (
        {mic.id: _against(session, facts, mic, channels) for mic in _close_microphones(session)}
        if heads
        else {}
    )
    found = {mic: likeness for mic, likeness in found.items() if likeness}
    if not found:
        return list(sides)
    turned_mics, turned_channels = _fewest_turns(found, len(channels))
    pickups = [_close_pickup(session, mic, channels, found[mic], mic in turned_mics) for mic in found]
    return [*_overhead_pickups(channels, turned_channels, found, sides), *pickups]


def _channels(track: Track) -> list[_Channel]:
    return (
        [_Channel(track, "both")]
        if track.channels < 2
        else [_Channel(track, "left"), _Channel(track, "right")]
    )


def _close_microphones(session: Session) -> list[Track]:
    """The first microphone of every kick, snare and tom."""
    second = {mic.track.id for group in same_source(session) for mic in group[1:]}
    return [t for t in session.audible_tracks if t.role in CLOSE_BANDS_HZ and t.id not in second]


def _against(
    session: Session, facts: Mapping[str, TrackFacts], mic: Track, channels: list[_Channel]
) -> dict[int, PickupLikeness]:
    """How a close microphone's own drum comes back in each overhead channel, by channel, where that is clear."""
    found: dict[int, PickupLikeness] = {}
    at_s = both_sound_s(facts[mic.id], facts[channels[0].track.id], WINDOW_S)
    if at_s is None:
        return found
    rate = session.sample_rate
    close = own_hits(excerpt(session, mic, at_s, WINDOW_S).mean(axis=0), rate)
    heard: dict[str, NDArray[np.float64]] = {}
    for index, channel in enumerate(channels):
        track = channel.track
        if track.id not in heard:
            heard[track.id] = excerpt(session, track, at_s, WINDOW_S)
        row = heard[track.id][1 if channel.side == "right" else 0]
        band_hz = CLOSE_BANDS_HZ[mic.role]
        likeness = compare(close, row, rate, band_hz, earliest_ms=CLOSEST_MS, latest_ms=FURTHEST_MS)
        agree = likeness.match * likeness.polarity > 0.0
        if likeness.clear >= CLEAR and abs(likeness.match) >= LEAST_MATCH and agree:
            found[index] = likeness
    return found


def _fewest_turns(
    found: Mapping[str, Mapping[int, PickupLikeness]], channels: int
) -> tuple[set[str], set[int]]:
    """Which close microphones and overhead channels to turn over so that all agree with the least doing."""
    best: tuple[float, int, set[str], set[int]] | None = None
    for signs in product((1, -1), repeat=channels):
        mics: set[str] = set()
        left = 0.0
        for mic, heard in found.items():
            votes = [likeness.match * signs[index] for index, likeness in heard.items()]
            against, for_it = -sum(v for v in votes if v < 0.0), sum(v for v in votes if v > 0.0)
            if against > for_it + FLIP_COST:
                mics.add(mic)
                left += for_it
            else:
                left += against
        turned = {index for index, sign in enumerate(signs) if sign < 0}
        cost = left + FLIP_COST * (len(mics) + len(turned))
        if best is None or (cost, len(turned)) < (best[0] - 1e-9, best[1]):
            best = (cost, len(turned), mics, turned)
    assert best is not None
    return best[2], best[3]


def _close_pickup(
    session: Session,
    mic_id: str,
    channels: list[_Channel],
    heard: Mapping[int, PickupLikeness],
    inverted: bool,
) -> Pickup:
    mic = session.track(mic_id)
    index, clearest = max(heard.items(), key=lambda item: abs(item[1].match))
    gained = [likeness.gained_db(turned=True, aligned=False) for likeness in heard.values()]
    return Pickup(
        KIT, "kit", mic.id, channels[index].track.id, "both", inverted,
        -1000.0 * clearest.late_frames / session.sample_rate, 0.0, abs(clearest.match), CLOSE_BANDS_HZ[mic.role],
        float(np.mean(gained)) if inverted else 0.0,
    )  # fmt: skip


def _overhead_pickups(
    channels: list[_Channel],
    turned: set[int],
    found: Mapping[str, Mapping[int, PickupLikeness]],
    sides: list[Pickup],
) -> list[Pickup]:
    """What to turn over among the overheads, in place of their entry in ``sides``."""
    tracks = {channel.track.id: channel.track for channel in channels}
    own = {p.track: p for p in sides if p.track in tracks}
    pickups = [p for p in sides if p.track not in tracks]
    for id_ in tracks:
        over = [i for i in turned if channels[i].track.id == id_]
        whole = [i for i, c in enumerate(channels) if c.track.id == id_]
        if not over:
            pickups += [replace(own[id_], group=KIT)] if id_ in own else []
            continue
        side: Side = "both" if len(over) == len(whole) else channels[over[0]].side
        if id_ in own and side != "both":
            pickups.append(replace(own[id_], group=KIT, side=side))
            continue
        votes = [(m, heard[i]) for m, heard in found.items() for i in over if i in heard]
        mic, likeness = max(votes, key=lambda vote: abs(vote[1].match))
        gained = float(np.mean([one.gained_db(turned=True, aligned=False) for _, one in votes]))
        pickups.append(
            Pickup(KIT, "kit", id_, mic, side, True, 0.0, 0.0, abs(likeness.match), (50.0, 400.0), gained)
        )
    return pickups


def kit_problem(session: Session, pickup: Pickup) -> Problem:
    """What to tell about a microphone of the kit that is upside down."""
    track, other = session.track(pickup.track), session.track(pickup.reference)
    side = "" if pickup.side == "both" else f" ({pickup.side} side)"
    low, high = pickup.band_hz
    gained = f"{number(pickup.gained_db, plus=True)} dB"
    advice = f"turned over, their sum gains {gained} there"
    if pickup.gained_db < WORTH_DB:
        advice = f"at this distance turning it over would not help their sum ({gained}): judge it by ear"
    text = (
        f"{track.name}{side} is out of polarity with {other.name} at {low:.0f}\u2013{high:.0f} Hz, "
        f"their distance taken out; {advice}"
    )
    serious = pickup.gained_db >= WORTH_DB
    return Problem("polarity", track.id, text, pickup.gained_db, "dB", None, other.id, serious)
