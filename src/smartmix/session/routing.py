"""Which tracks run through which buses, and what that does to their level."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartmix.session.session import Session


def bus_gain_db(session: Session, track_id: str) -> float:
    """Gain (dB) of the buses a track runs through: a bus is a plain sum, its fader acts like its members'."""
    return sum(bus.gain_db for bus in session.buses if track_id in bus_members(session, bus.id))


def bus_members(session: Session, bus_id: str) -> frozenset[str]:
    """Ids of the tracks that reach a bus, through other buses too; a name that is no bus stands for itself."""
    buses = {bus.id: bus for bus in session.buses}
    tracks: set[str] = set()
    seen: set[str] = set()
    waiting = [bus_id]
    while waiting:
        name = waiting.pop()
        if name in buses and name not in seen:
            seen.add(name)
            waiting += buses[name].members
        elif name not in buses:
            tracks.add(name)
    return frozenset(tracks)
