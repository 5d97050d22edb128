"""Balance between the parts of a song: where the client rode a track or a group in the rough, recall the ride."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from smartmix.analysis.rough_cells import as_placed
from smartmix.analysis.rough_fit import RoughFit, SectionFit, fit_rough, fit_section
from smartmix.figures import number, span
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.session import Section, Session
from smartmix.suggesters.balance import is_brief, rough_confidence
from smartmix.suggesters.groups import FEWEST_MEMBERS, Wanted, shared_change
from smartmix.suggesters.limits import SECTION_RIDE_DB, SMALLEST_SECTION_RIDE_DB
from smartmix.suggesters.suggester import Context
from smartmix.units import Z80

SHORTEST_SECTION_S = 4.0
"""Shorter parts hold too little to read a fader from."""
BEYOND_ERROR = 2.5
"""A ride is believed this many standard deviations out: no false one among 360 (measured on dev, tuned)."""
SAME_RIDE_DB = 1.0
"""Members of a group that are ridden alike to within this are one group ride."""
MOST_RIDES = 6
"""More than this is no longer a start from the rough but its automation (house)."""


@dataclass(frozen=True, slots=True)
class _Ride:
    """One fader in one part of the song; ``members`` are the tracks it carries (itself, for a track)."""

    id: str
    name: str
    section: Section
    wanted: Wanted
    members: tuple[str, ...]


class SectionBalance:
    """One move per ridden track or group and part of the song. Nothing without a rough, and nothing for prints."""

    name = "section-balance"

    def suggest(self, context: Context) -> list[Move]:
        """At most six rides, the largest first, in the order of the song; [] where the rough stands still, and where
        RoughRides knows more.
        """
        analysis, sections = context.analysis, song_sections(context)
        if context.recalled is not None:
            return []  # its rides are known second by second
        if analysis.rough is None or analysis.material == "prints" or len(sections) < 2:
            return []
        heard = as_placed(context.session, analysis.tracks)
        fit = fit_rough(heard, analysis.sum, analysis.rough)
        if fit is None or not is_brief(fit):
            return []
        rides: list[_Ride] = []
        for section in sections:
            part = fit_section(fit, heard, analysis.sum, analysis.rough, (section.start_s, section.end_s))
            if part is not None:
                rides += _fewest_rides(context.session, section, _wanted(context.session, fit, part))
        largest = sorted(rides, key=lambda r: -abs(r.wanted.change_db))[:MOST_RIDES]
        return [self._move(r, fit) for r in sorted(largest, key=lambda r: (r.section.start_s, r.id))]

    def _move(self, ride: _Ride, fit: RoughFit) -> Move:
        change = float(np.clip(ride.wanted.change_db, -SECTION_RIDE_DB, SECTION_RIDE_DB))
        error = Z80 * ride.wanted.error_db
        where = span((ride.section.start_s, ride.section.end_s))
        reason = (
            f"The rough has {ride.name} {number(abs(change))} dB {'up' if change > 0 else 'down'} there against the "
            f"rest of the song (±{error:.1f}): the client rode it."
        )
        return Move(
            id=move_id(ride.id, self.name, "fader", ride.section.name),
            track=ride.id,
            title=f"{ride.name}: fader {number(change, plus=True)} dB, {ride.section.name} ({where})",
            source=self.name,
            confidence=min(rough_confidence(fit), 0.85),
            reason=reason,
            sets=(MoveSet(ParamRef(ride.id, "fader", "gain_db"), "dB", 0.0, change),),
            authority="rough",
            span_s=(ride.section.start_s, ride.section.end_s),
            interval=(change - error, change + error),
            result=f"{ride.section.name} sits as in the rough.",
            cost="It moves at the section's edges: check the joins." if abs(change) > 2.0 else "",
            benefit=abs(change),
            evidence=(
                Evidence(
                    "rough",
                    reason.split(":", maxsplit=1)[0],
                    change,
                    "dB",
                    ride.members,
                    span_s=(ride.section.start_s, ride.section.end_s),
                ),
            ),
        )


def song_sections(context: Context) -> list[Section]:
    """The parts of the song that are long enough to be judged: the session's own, else those heard."""
    own = context.session.sections
    parts = own or tuple(Section(s.name, s.start_s, s.end_s) for s in context.analysis.sections)
    return [s for s in parts if s.end_s - s.start_s >= SHORTEST_SECTION_S]


def _wanted(session: Session, fit: RoughFit, part: SectionFit) -> dict[str, Wanted]:
    """What the part says of each unlocked track it tells about."""
    told = zip(fit.tracks, part.delta_db, part.error_db, part.heard, strict=True)
    locked = {t.id for t in session.tracks if t.locked} | session.locks
    return {name: Wanted(float(d), float(e)) for name, d, e, heard in told if heard and name not in locked}


def _fewest_rides(session: Session, section: Section, wanted: Mapping[str, Wanted]) -> list[_Ride]:
    """The rides that explain the part with the fewest faders: it may be louder or quieter as a whole (bus compression,
    a bus fader), and then the tracks that follow it were not ridden.
    """
    levels = sorted({0.0, *(w.change_db for w in wanted.values())}, key=abs)
    answers = [_rides(session, section, {k: w.apart_from(c) for k, w in wanted.items()}) for c in levels]
    return min(answers, key=len)


def _rides(session: Session, section: Section, wanted: Mapping[str, Wanted]) -> list[_Ride]:
    """Group rides first; what a group does not cover, track by track."""
    rides: list[_Ride] = []
    covered: set[str] = set()
    for bus in session.buses:
        members = [m for m in bus.members if m in wanted]
        if len(members) < FEWEST_MEMBERS or bus.id in session.locks:
            continue
        shared = shared_change({m: wanted[m] for m in members})
        alike = all(abs(wanted[m].change_db - shared.change_db) <= SAME_RIDE_DB for m in members)
        if alike and _is_ridden(shared):
            rides.append(_Ride(bus.id, bus.name, section, shared, tuple(members)))
            covered.update(members)
    for name, item in wanted.items():
        if name not in covered and _is_ridden(item):
            rides.append(_Ride(name, session.track(name).name, section, item, (name,)))
    return rides


def _is_ridden(wanted: Wanted) -> bool:
    return abs(wanted.change_db) >= max(SMALLEST_SECTION_RIDE_DB, BEYOND_ERROR * wanted.error_db)
