"""Buses as a DAW has them: a track runs into one group, a group into another or into the master."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartmix.automation.targets import is_locked
from smartmix.interop.model import Loss
from smartmix.session.routing import bus_members

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from smartmix.interop.model import Track
    from smartmix.plan.mixplan import MixPlan
    from smartmix.session.session import Bus, Session


@dataclass(frozen=True, slots=True)
class Groups:
    """``buses`` that become groups, a group before those inside it; ``parents`` by track or bus id.

    ``riding``: ids of buses whose own fader is the group's fader. Those of all others are folded into their tracks'.
    """

    buses: tuple[Bus, ...]
    parents: dict[str, str]
    riding: frozenset[str]
    losses: tuple[Loss, ...]


def groups_of(session: Session, plan: MixPlan) -> Groups:
    """Which buses become groups: each whose members no earlier one has, and that is in no circle.

    The fader of a bus stays in its tracks where a locked member must not follow it, and in front of a chain of the bus,
    which is set for the level it gets.
    """
    parents: dict[str, str] = {}
    kept: list[Bus] = []
    losses: list[Loss] = []
    for bus in session.buses:
        shared = [name for name in bus.members if name in parents]
        if shared or {bus.id, *_chain_up(bus.id, parents)} & set(bus.members):
            why = f"shares {shared[0]} with {parents[shared[0]]}" if shared else "runs into itself"
            losses.append(Loss(bus.name, f"no group: it {why}", "its fader is in its tracks' faders"))
            continue
        kept.append(bus)
        parents |= dict.fromkeys(bus.members, bus.id)
    inside = {bus.id for bus in kept}
    parents = {name: bus for name, bus in parents.items() if name in inside or _is_track(session, name)}
    ordered = sorted(kept, key=lambda bus: len(_chain_up(bus.id, parents)))
    riding = frozenset(bus.id for bus in ordered if _may_ride(session, plan, bus.id))
    return Groups(tuple(ordered), parents, riding, tuple(losses))


def _is_track(session: Session, name: str) -> bool:
    return any(track.id == name for track in session.tracks)


def _chain_up(name: str, parents: dict[str, str]) -> list[str]:
    """The groups above a name, nearest first."""
    found: list[str] = []
    while name in parents and parents[name] not in found:
        name = parents[name]
        found.append(name)
    return found


def _may_ride(session: Session, plan: MixPlan, bus_id: str) -> bool:
    members = bus_members(session, bus_id)
    tracks = [track for track in session.tracks if track.id in members]
    return not plan.chains.get(bus_id) and not any(is_locked(session, plan, track) for track in tracks)


def silent_groups(tracks: Iterable[Track], sounding: Container[str]) -> frozenset[str]:
    """Groups of a DAW that hold none of the tracks that are ``sounding`` (by id) here: they are no buses."""
    by_id = {track.id: track for track in tracks}
    filled: set[str] = set()
    for track in (t for t in by_id.values() if t.id in sounding and t.kind not in ("group", "master")):
        above = track.parent
        while above is not None and above not in filled:
            filled.add(above)
            above = by_id[above].parent
    return frozenset(track.id for track in by_id.values() if track.kind == "group" and track.id not in filled)


def hushed_tracks(tracks: Iterable[Track]) -> frozenset[str]:
    """Tracks and groups of a DAW that a muted group silences."""
    by_id = {track.id: track for track in tracks}

    def is_hushed(track: Track) -> bool:
        return track.parent is not None and (by_id[track.parent].muted or is_hushed(by_id[track.parent]))

    return frozenset(track.id for track in by_id.values() if is_hushed(track))
