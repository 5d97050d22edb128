"""Group moves: one bus fader instead of many when a whole family moves the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from smartmix.session.session import Bus, Session
from smartmix.suggesters.limits import SMALLEST_FADER_DB
from smartmix.units import Z80

FEWEST_MEMBERS = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a track's fader should go, dB, and one standard deviation of that."""

    change_db: float
    error_db: float

    @property
    def is_clear(self) -> bool:
        """Whether the change can be read and lies beyond its own 80 % error."""
        return abs(self.change_db) >= max(SMALLEST_FADER_DB, Z80 * self.error_db)

    def apart_from(self, group_db: float) -> Wanted:
        """What is left for the track's own fader when its group has moved."""
        return Wanted(self.change_db - group_db, self.error_db)


def grouped_faders(session: Session, wanted: Mapping[str, Wanted]) -> dict[str, Wanted]:
    """Clear fader changes by track or bus id: a bus takes over what its members share, where that needs fewer faders.

    A bus moves only when every audible member is known and unlocked and all go the same way, so that nothing is
    dragged along. What a member needs beyond its group stays on its own fader.
    """
    found = {name: item for name, item in wanted.items() if item.is_clear}
    for bus in session.buses:
        members = _members(session, bus, wanted)
        if len(members) < FEWEST_MEMBERS or len({np.sign(wanted[m].change_db) for m in members}) != 1:
            continue
        shared = shared_change({m: wanted[m] for m in members})
        left = {m: own for m in members if (own := wanted[m].apart_from(shared.change_db)).is_clear}
        alone = [m for m in members if m in found]
        if shared.is_clear and len(left) + 1 < len(alone):
            found = {k: v for k, v in found.items() if k not in alone} | {bus.id: shared} | left
    return found


def shared_change(wanted: Mapping[str, Wanted]) -> Wanted:
    """What tracks have in common: the middle of their changes, and the error of that middle."""
    changes = np.array([w.change_db for w in wanted.values()])
    errors = np.array([w.error_db for w in wanted.values()])
    return Wanted(float(np.median(changes)), float(np.sqrt(np.mean(errors**2) / errors.size)))


def _members(session: Session, bus: Bus, wanted: Mapping[str, Wanted]) -> list[str]:
    """The audible tracks of a bus of tracks; [] when one of them is unknown, locked, or a bus itself."""
    tracks = {t.id: t for t in session.tracks}
    audible = [m for m in bus.members if m not in tracks or not tracks[m].muted]
    free = all(m in wanted and not tracks[m].locked and m not in session.locks for m in audible)
    return audible if free and bus.id not in session.locks else []
