"""A first pan spread for raw mono tracks that all sit in the middle, after Perez-Gonzalez and Reiss 2010."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.analysis import Analysis, TrackFacts
from smartmix.audio.panning import pan_gains
from smartmix.figures import hertz, pan_position
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.session import Session, Track
from smartmix.suggesters.balance import MIX
from smartmix.suggesters.name_sides import side_of_name
from smartmix.suggesters.suggester import Context
from smartmix.units import db_to_power, power_to_db

CENTRE_ROLES = frozenset(
    {"kick", "snare", "drums", "bass", "bass_di", "bass_amp", "lead_vocal", "lead", "room"}
    | {"unknown", "effects", "click", "guide", "talkback"}
)
"""What a mix is built around, what carries the low end, and what nobody knows stays in the middle."""
KIT_ROLES = frozenset({"hihat", "toms", "cymbals"})
"""Spot microphones follow the picture of the overheads: where there are any, they are left to the engineer."""
LOWEST_PANNED_HZ = 200.0
"""Sources whose spectrum has its middle under this stay in the centre."""
NARROW, WIDE = 0.25, 0.65
"""Pan of a source around 200 Hz and from 2 kHz on: width grows with frequency (the rule is the paper's, the two
positions are house choices)."""
WIDE_HZ = 2_000.0
PAIR_PAN = 0.8
"""Two takes named left and right: wide, not pinned to the edge (house)."""
MICROPHONE_PAIR_PAN = 1.0
"""Two microphones of one pair are one stereo source."""
FEWEST_MONO = 3
FEWEST_TRACKS = 4
IMBALANCE_DB = 1.0
"""The sides may differ by this; beyond, the heavier side is drawn in."""
STEP = 0.05


@dataclass(frozen=True, slots=True)
class _Seat:
    """Where one track goes, -1..1, and why."""

    track: Track
    pan: float
    why: str


class PanSpread:
    """At most two grouped moves: pairs that say left and right in their names, and a spread for the rest."""

    name = "pan-spread"

    def suggest(self, context: Context) -> list[Move]:
        """[] with a rough, for prints, for few or stereo tracks, and when any mono track has been panned already."""
        session, analysis = context.session, context.analysis
        if context.has_rough or analysis.material == "prints" or not _is_raw(session):
            return []
        pairs = _pairs(session)
        taken = {seat.track.id for seat in pairs}
        spread = _spread(context, [t for t in _free(context) if t.id not in taken])
        spread = _balanced(analysis, session, pairs, spread)
        named = self._move(
            pairs, "pairs", "Pan: pairs to their sides", 0.75, "Their names say left and right."
        )
        reason = (
            "Raw mono tracks, all in the middle: what shares a band goes to opposite sides, lows and leads stay in "
            "the centre, higher sources go wider."
        )
        return [*named, *self._move(spread, "spread", "Pan spread", 0.55, reason)]

    def _move(
        self, seats: list[_Seat], section: str, title: str, confidence: float, reason: str
    ) -> list[Move]:
        seats = [s for s in seats if s.pan != 0.0 and not s.track.locked]
        if not seats:
            return []
        return [
            Move(
                id=move_id(MIX, self.name, "pan", section),
                track=MIX,
                title=title,
                source=self.name,
                confidence=confidence,
                reason=reason,
                sets=tuple(
                    MoveSet(ParamRef(s.track.id, "pan", "pan"), "", s.track.pan, s.pan) for s in seats
                ),
                interval=(min(abs(s.pan) for s in seats) / 2.0, 1.0),
                result="A picture with sides; the middle is left to what leads.",
                cost="In mono the panned tracks come down by up to 3 dB.",
                benefit=3.0 * float(np.mean([abs(s.pan) for s in seats])),
                grouped=True,
                evidence=tuple(
                    Evidence(
                        "pan", f"{s.track.name} {pan_position(s.pan)}: {s.why}", s.pan, "pan", (s.track.id,)
                    )
                    for s in seats
                ),
            )
        ]


def _is_raw(session: Session) -> bool:
    """Mostly mono tracks, none of them panned: nobody has begun with the picture."""
    tracks = session.audible_tracks
    mono = [t for t in tracks if _is_mono(t)]
    untouched = all(t.pan == 0.0 for t in tracks)
    return (
        untouched
        and len(tracks) >= FEWEST_TRACKS
        and len(mono) >= max(FEWEST_MONO, math.ceil(len(tracks) / 2))
    )


def _is_mono(track: Track) -> bool:
    return track.channels == 1 and track.right_path is None


def _pairs(session: Session) -> list[_Seat]:
    """Mono tracks whose names differ by left and right only, both of them there."""
    named: dict[str, dict[int, Track]] = {}
    for track in session.audible_tracks:
        side = side_of_name(track.name) if _is_mono(track) else None
        if side is not None:
            named.setdefault(side[0], {}).setdefault(side[1], track)
    seats = []
    for sides in named.values():
        if set(sides) == {-1, 1} and sides[-1].role == sides[1].role:
            wide = MICROPHONE_PAIR_PAN if sides[1].role in ("overheads", "room") else PAIR_PAN
            seats += [_Seat(t, side * wide, "its name says so") for side, t in sorted(sides.items())]
    return seats


def _free(context: Context) -> list[Track]:
    """Mono tracks that may leave the middle."""
    tracks = context.session.audible_tracks
    has_overheads = any(t.role == "overheads" for t in tracks)
    return [
        t
        for t in tracks
        if _is_mono(t)
        and not t.locked
        and t.role not in CENTRE_ROLES
        and not (t.role in KIT_ROLES and has_overheads)
        and side_of_name(t.name) is None
        and math.isfinite(context.analysis.tracks[t.id].active_lufs)
        and _middle_hz(context.analysis, context.analysis.tracks[t.id]) >= LOWEST_PANNED_HZ
    ]


def _spread(context: Context, tracks: list[Track]) -> list[_Seat]:
    """Loudest first, each to the side where it shares less with what is there already. Of an odd number the one that
    has the least to do with the others stays in the middle.
    """
    analysis = context.analysis
    ordered = sorted(tracks, key=lambda t: (-analysis.tracks[t.id].active_lufs, t.id))
    if len(ordered) % 2:
        ordered.remove(min(ordered, key=lambda t: (_rivalry(analysis, t, ordered), t.id)))
    seats: list[_Seat] = []
    for track in ordered:
        facts = analysis.tracks[track.id]
        shared = {s.track.id: likeness(facts, analysis.tracks[s.track.id]) for s in seats}
        cost = {side: sum(shared[s.track.id] for s in seats if s.pan * side > 0) for side in (-1, 1)}
        heavier = sum(
            float(np.sign(s.pan)) * db_to_power(analysis.tracks[s.track.id].active_lufs) for s in seats
        )
        side = min((-1, 1), key=lambda s: (round(cost[s], 6), s * heavier, s))
        seats.append(_Seat(track, side * _width(analysis, facts), _why(analysis, facts, shared, seats)))
    return seats


def _rivalry(analysis: Analysis, track: Track, others: list[Track]) -> float:
    facts = analysis.tracks[track.id]
    return sum(likeness(facts, analysis.tracks[o.id]) for o in others if o is not track)


def _why(analysis: Analysis, facts: TrackFacts, shared: dict[str, float], seats: list[_Seat]) -> str:
    around = f"around {hertz(_middle_hz(analysis, facts))}"
    rival = max(seats, key=lambda s: shared[s.track.id], default=None)
    if rival is None or shared[rival.track.id] < 0.3:
        return around
    return f"{around}, which it shares with {rival.track.name}"


def likeness(first: TrackFacts, second: TrackFacts) -> float:
    """How much two sources fight for the same bands at the same time, 0..1: cosine of their band powers over time."""
    frames = min(len(first.features.band_power), len(second.features.band_power))
    a, b = (np.sqrt(f.features.band_power[:frames].astype(np.float64)) for f in (first, second))
    norm = math.sqrt(float(np.sum(a * a)) * float(np.sum(b * b)))
    return float(np.sum(a * b)) / norm if norm > 0.0 else 0.0


def _middle_hz(analysis: Analysis, facts: TrackFacts) -> float:
    """Frequency with half of the track's loudness-like band level (square root of power) on either side."""
    weight: NDArray[np.float64] = np.sqrt(db_to_power(facts.spectrum_db.astype(np.float64)))
    running = np.cumsum(weight)
    return float(analysis.band_hz[int(np.searchsorted(running, running[-1] / 2.0))])


def _width(analysis: Analysis, facts: TrackFacts) -> float:
    octaves = math.log2(max(_middle_hz(analysis, facts), LOWEST_PANNED_HZ) / LOWEST_PANNED_HZ)
    share = min(1.0, octaves / math.log2(WIDE_HZ / LOWEST_PANNED_HZ))
    return NARROW + share * (WIDE - NARROW)


def _balanced(analysis: Analysis, session: Session, fixed: list[_Seat], seats: list[_Seat]) -> list[_Seat]:
    """The spread with the heavier side drawn in until both sides are about as loud, on steps of 5."""
    seats = [replace(s, pan=round(s.pan / STEP) * STEP) for s in seats]
    while seats:
        tilt = side_balance_db(analysis, session, {s.track.id: s.pan for s in (*fixed, *seats)})
        heavy = [s for s in seats if s.pan * tilt > 0.0 and abs(s.pan) > 1.5 * STEP]
        if abs(tilt) <= IMBALANCE_DB or not heavy:
            break
        widest = max(heavy, key=lambda s: (abs(s.pan), s.track.id))
        closer = replace(widest, pan=widest.pan - math.copysign(STEP, widest.pan))
        seats = [closer if s is widest else s for s in seats]
    return [replace(s, pan=round(s.pan, 2)) for s in seats]


def side_balance_db(analysis: Analysis, session: Session, pans: dict[str, float]) -> float:
    """Right over left energy of the whole song (K-weighted) with these pans, dB; other tracks as they are."""
    left = right = 0.0
    for track in session.audible_tracks:
        facts = analysis.tracks[track.id]
        if not math.isfinite(facts.active_lufs):
            continue
        energy = db_to_power(facts.active_lufs + track.gain_db) * facts.active_share
        sides = [
            float(np.sum(p, dtype=np.float64))
            for p in (facts.features.left_power, facts.features.right_power)
        ]
        share = sides[0] / max(sum(sides), 1e-30)
        gains = pan_gains(pans.get(track.id, track.pan))
        left += energy * share * gains[0] ** 2
        right += energy * (1.0 - share) * gains[1] ** 2
    return power_to_db(right / left) if left > 0.0 and right > 0.0 else 0.0
