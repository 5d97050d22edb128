"""Ride the lead vocal: where it sinks under its usual place against the band, bring it back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import FRAME_RATE_HZ
from smartmix.figures import number, span
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import MAX_LANE_POINTS, Move, MoveSet, move_id
from smartmix.session.roles import family
from smartmix.session.routing import bus_gain_db
from smartmix.session.session import Track
from smartmix.suggesters.balance import weighted_median
from smartmix.suggesters.limits import RIDE_DB
from smartmix.suggesters.suggester import Context
from smartmix.units import db_to_power, mean_db, power_to_db

RIDDEN_ROLE = "lead_vocal"
SINKS_LU = 1.5
"""Nearer to its usual place than this a phrase is left alone."""
STICKS_OUT_LU = 4.0
"""Only this far over its usual place is a phrase turned down, and never with a rough."""
SPREAD_FACTOR = 1.0
"""A phrase must also lie this many times the song's own spread (median distance) away."""
SHORTEST_PHRASE_S = 0.6
LONGEST_PHRASE_S = 5.0
"""Longer spans are cut at a breath."""
SAME_STRETCH_S = 2.5
"""Phrases that sink within this of each other are one ride."""
FEWEST_PHRASES = 4
FEWEST_SECONDS = 6.0
REST_UNDER_VOCAL_LU = 25.0
"""Where the band is further down than this there is nothing to be buried under."""
RAMP_S = 0.25
SHORTEST_RAMP_S = 0.15
MOST_RIDES = 3
SILENT_LUFS = -120.0


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sung phrase: its span and how far the vocal lies over its usual place against the band, LU."""

    start_s: float
    end_s: float
    over_lu: float

    @property
    def ride_db(self) -> float:
        """The fader move that brings it back, within the limit."""
        return float(np.clip(-self.over_lu, -RIDE_DB, RIDE_DB))


class VocalRide:
    """A lane per stretch in which the lead vocal sinks (or, without a rough, clearly sticks out)."""

    name = "vocal-ride"

    def __init__(self, curves: Mapping[str, NDArray[np.float64]] | None = None) -> None:
        """``curves``: where faders stand already, dB per 10 Hz frame by track id (see ``fader_curves``)."""
        self._curves = dict(curves or {})

    def suggest(self, context: Context) -> list[Move]:
        """At most three rides per lead vocal, largest need first; [] for a steady vocal or a short one."""
        moves = []
        for track in context.session.audible_tracks:
            if track.role == RIDDEN_ROLE and not track.locked:
                moves.extend(self._rides(context, track))
        return moves

    def _rides(self, context: Context, track: Track) -> list[Move]:
        phrases = self._phrases(context, track)
        stretches = _stretches(phrases, up_only=context.has_rough)
        need = sorted(stretches, key=lambda s: (-_weight(s), s[0].start_s))[:MOST_RIDES]
        moves: list[Move] = []
        names: list[str] = []
        for stretch in sorted(need, key=lambda s: s[0].start_s):
            section = _section(context, stretch[0].start_s, stretch[-1].end_s)
            names.append(section)
            numbered = section if names.count(section) == 1 else f"{section} {names.count(section)}"
            moves.append(self._move(track, stretch, phrases, numbered))
        return moves

    def _phrases(self, context: Context, track: Track) -> list[Phrase]:
        """The phrases with their distance from the usual place; [] when there are too few to know a usual place."""
        facts = context.analysis.tracks[track.id]
        vocal = self._level(context, track)
        rest = self._rest(context, track)
        hearable = facts.features.active & (rest > vocal - REST_UNDER_VOCAL_LU)
        spans, levels, seconds = [], [], []
        for start_s, end_s in _phrase_spans(facts.active_spans_s, vocal):
            frames = np.flatnonzero(hearable[round(start_s * FRAME_RATE_HZ) : round(end_s * FRAME_RATE_HZ)])
            frames = frames + round(start_s * FRAME_RATE_HZ)
            if frames.size >= SHORTEST_PHRASE_S * FRAME_RATE_HZ:
                spans.append((start_s, end_s))
                levels.append(mean_db(vocal[frames]) - mean_db(rest[frames]))
                seconds.append(frames.size / FRAME_RATE_HZ)
        if len(spans) < FEWEST_PHRASES or sum(seconds) < FEWEST_SECONDS:
            return []
        usual = weighted_median(levels, seconds)
        return [Phrase(s, e, level - usual) for (s, e), level in zip(spans, levels, strict=True)]

    def _rest(self, context: Context, track: Track) -> NDArray[np.float64]:
        """Level of the band per frame, LUFS, with the faders as suggested. Other voices are not the band: a choir
        that covers the lead has to come down, the lead does not have to shout.
        """
        total = np.zeros(context.analysis.tracks[track.id].features.loudness_lufs.size)
        for other in context.session.audible_tracks:
            if other.id != track.id and family(other.role) != "vocals":
                total += db_to_power(self._level(context, other))
        return power_to_db(np.maximum(total, db_to_power(SILENT_LUFS)))

    def _level(self, context: Context, track: Track) -> NDArray[np.float64]:
        """A track's level per frame, LUFS, behind its fader and its buses'."""
        level = context.analysis.tracks[track.id].features.loudness_lufs.astype(np.float64)
        own_db = track.gain_db + bus_gain_db(context.session, track.id)
        return np.asarray(level + own_db + self._curves.get(track.id, 0.0))

    def _move(self, track: Track, stretch: list[Phrase], phrases: list[Phrase], section: str) -> Move:
        start_s, end_s = stretch[0].start_s, stretch[-1].end_s
        over = weighted_median([p.over_lu for p in stretch], [p.end_s - p.start_s for p in stretch])
        change = float(np.clip(-over, -RIDE_DB, RIDE_DB))
        where = span((start_s, end_s))
        place = "under" if over < 0 else "over"
        reason = f"{track.name} sits {abs(over):.1f} dB {place} its usual place against the band {where}."
        return Move(
            id=move_id(track.id, self.name, "fader", section),
            track=track.id,
            title=f"{track.name}: ride {number(change, plus=True)} dB, {where}",
            source=self.name,
            confidence=_confidence(over, phrases),
            reason=reason,
            sets=(MoveSet(ParamRef(track.id, "fader", "gain_db"), "dB", 0.0, lane(stretch, phrases)),),
            span_s=(start_s, end_s),
            interval=(change - 1.0, change + 1.0),
            result=f"{abs(over + change):.1f} dB {place} instead of {abs(over):.1f}.",
            cost="The level of the breaths and of any spill rides along."
            if change > 0
            else "A little less upfront there.",
            benefit=abs(change),
            evidence=(
                Evidence("level", reason.rstrip("."), over, "LU", (track.id,), span_s=(start_s, end_s)),
            ),
        )


def _phrase_spans(
    spans: tuple[tuple[float, float], ...], level: NDArray[np.float64]
) -> list[tuple[float, float]]:
    """Active spans, the long ones cut at their quietest places, so that a song has enough phrases to compare."""
    cut: list[tuple[float, float]] = []
    waiting = list(reversed(spans))
    while waiting:
        start_s, end_s = waiting.pop()
        if end_s - start_s <= LONGEST_PHRASE_S:
            cut.append((start_s, end_s))
            continue
        first, last = (round((start_s + w * (end_s - start_s)) * FRAME_RATE_HZ) for w in (0.3, 0.7))
        breath_s = (first + int(np.argmin(level[first:last])) + 0.5) / FRAME_RATE_HZ
        waiting += [(breath_s, end_s), (start_s, breath_s)]
    return cut


def _spread(phrases: list[Phrase]) -> float:
    return float(np.median([abs(p.over_lu) for p in phrases])) if phrases else 0.0


def _stretches(phrases: list[Phrase], *, up_only: bool) -> list[list[Phrase]]:
    """Runs of neighbouring phrases that are off to the same side by enough to be ridden.

    One phrase between two of them that is off to that side too, by less, is ridden with them: a hand on the fader does
    not go home for it, and a little more or less of it must not make two rides of one.
    """
    spread = SPREAD_FACTOR * _spread(phrases)
    runs: list[list[Phrase]] = []
    last = -1
    for index, phrase in enumerate(phrases):
        sinks = phrase.over_lu <= -max(SINKS_LU, spread)
        sticks_out = not up_only and phrase.over_lu >= max(STICKS_OUT_LU, spread)
        if not (sinks or sticks_out):
            continue
        way = phrases[last : index + 1] if last >= 0 and index - last <= 2 else []
        near = all(b.start_s - a.end_s <= SAME_STRETCH_S for a, b in pairwise(way))
        if way and near and all((p.over_lu < 0.0) == sinks for p in way):
            runs[-1].extend(way[1:])
        else:
            runs.append([phrase])
        last = index
    return runs


def _weight(stretch: list[Phrase]) -> float:
    return sum(abs(p.ride_db) * (p.end_s - p.start_s) for p in stretch)


def _confidence(over_lu: float, phrases: list[Phrase]) -> float:
    """More for a deep dip in a vocal that is steady elsewhere; turning a vocal down is never sure."""
    clear = abs(over_lu) - max(SINKS_LU, SPREAD_FACTOR * _spread(phrases))
    sure = float(np.clip(0.62 + 0.1 * clear, 0.5, 0.9))
    return sure if over_lu < 0.0 else min(sure, 0.55)


def lane(stretch: list[Phrase], phrases: list[Phrase]) -> tuple[Breakpoint, ...]:
    """Two points a phrase plus the way there and back, in the pauses around; straight lines in dB."""
    before = [p.end_s for p in phrases if p.end_s <= stretch[0].start_s]
    after = [p.start_s for p in phrases if p.start_s >= stretch[-1].end_s]
    lead_in = _ramp(stretch[0].start_s - (before[-1] if before else 0.0))
    points = [Breakpoint(max(0.0, stretch[0].start_s - lead_in), 0.0)]
    for phrase in stretch[: MAX_LANE_POINTS // 2 - 1]:
        points += [Breakpoint(phrase.start_s, phrase.ride_db), Breakpoint(phrase.end_s, phrase.ride_db)]
    gap = after[0] - stretch[-1].end_s if after else math.inf
    points.append(Breakpoint(points[-1].time_s + _ramp(gap), 0.0))
    return tuple(points)


def _ramp(pause_s: float) -> float:
    """Length of a fader move in a pause, s."""
    return min(RAMP_S, max(SHORTEST_RAMP_S, pause_s))


def _section(context: Context, start_s: float, end_s: float) -> str:
    """Which section the ride is in, so that its id survives a re-run; else the ten-second stretch it begins in."""
    section = context.session.section_at((start_s + end_s) / 2.0)
    return section.name if section is not None else f"{int(start_s // 10)}"
