"""The groups of a session as they sound in the plain sum: which tracks reach which bus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smartmix.analysis.analysis import BusFacts, TrackFacts
from smartmix.session.buses import default_buses
from smartmix.session.roles import family
from smartmix.session.routing import bus_members
from smartmix.session.session import Bus, Session


@dataclass(frozen=True, slots=True)
class Group:
    """A bus with the ids of the audible tracks that reach it, through other buses too."""

    bus: str
    name: str
    tracks: tuple[str, ...]


def groups_of(session: Session) -> tuple[Group, ...]:
    """The session's buses, or one per family of roles where it has none; only those that some audible track reaches."""
    buses = session.buses or default_buses(session.tracks)
    groups = (Group(bus.id, bus.name, _reaching(session, bus)) for bus in buses)
    return tuple(group for group in groups if group.tracks)


def _reaching(session: Session, bus: Bus) -> tuple[str, ...]:
    """Audible tracks below a bus, in session order."""
    reached = bus_members(session, bus.id) if session.buses else frozenset(bus.members)
    return tuple(track.id for track in session.audible_tracks if track.id in reached)


def drum_group(session: Session, groups: tuple[Group, ...]) -> str | None:
    """The bus whose tracks are all drums and that holds most of them, None without one: the pulse is clearest there."""
    best: tuple[int, str] | None = None
    for group in groups:
        families = {family(session.track(track).role) for track in group.tracks}
        if families == {"drums"} and (best is None or len(group.tracks) > best[0]):
            best = (len(group.tracks), group.bus)
    return best[1] if best else None


def bus_facts(groups: tuple[Group, ...], facts: Mapping[str, TrackFacts]) -> dict[str, BusFacts]:
    """Facts by bus id, from what was measured of each bus."""
    return {group.bus: BusFacts(group.bus, group.name, group.tracks, facts[group.bus]) for group in groups}
