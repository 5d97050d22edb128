"""The groups of a session as they sound in the plain sum: which tracks reach which bus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smartmix.analysis.analysis import BusFacts, TrackFacts
from smartmix.session.roles import family
from smartmix.session.session import Bus, Session

DEFAULT_NAMES = {
    "drums": "Drums",
    "bass": "Bass",
    "guitars": "Guitars",
    "keys": "Keys",
    "vocals": "Vocals",
    "effects": "Effects",
}
"""Families that get a bus where the session file names none, in the order of a desk."""


@dataclass(frozen=True, slots=True)
class Group:
    """A bus with the ids of the audible tracks that reach it, through other buses too."""

    bus: str
    name: str
    tracks: tuple[str, ...]


def groups_of(session: Session) -> tuple[Group, ...]:
    """The session's buses, or one per family of roles where it has none; only those that some audible track reaches."""
    buses = {bus.id: bus for bus in session.buses or default_buses(session)}
    audible = [track.id for track in session.audible_tracks]
    groups = (Group(bus.id, bus.name, _reaching(bus, buses, audible)) for bus in buses.values())
    return tuple(group for group in groups if group.tracks)


def default_buses(session: Session) -> tuple[Bus, ...]:
    """A bus per family of roles that has an audible track."""
    members: dict[str, list[str]] = {name: [] for name in DEFAULT_NAMES}
    for track in session.audible_tracks:
        if family(track.role) in members:
            members[family(track.role)].append(track.id)
    return tuple(Bus(f"bus-{name}", DEFAULT_NAMES[name], tuple(ids)) for name, ids in members.items() if ids)


def _reaching(bus: Bus, buses: Mapping[str, Bus], audible: list[str]) -> tuple[str, ...]:
    """Audible tracks below a bus, in session order; a bus that feeds itself is followed once."""
    reached: set[str] = set()
    seen, waiting = {bus.id}, list(bus.members)
    while waiting:
        member = waiting.pop()
        if member in buses and member not in seen:
            seen.add(member)
            waiting.extend(buses[member].members)
        reached.add(member)
    return tuple(track for track in audible if track in reached)


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
