"""What an address in a plan acts on: a track, all that a bus carries, or an effect return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.errors import PlanError
from smartmix.session.routing import bus_members

if TYPE_CHECKING:
    from smartmix.plan.mixplan import MixPlan
    from smartmix.session.session import Session, Track


def tracks_of(session: Session, name: str, device: str) -> list[Track]:
    """The audible tracks behind a track id or a bus id; PlanError for a name nothing has."""
    named = [track for track in session.tracks if track.id == name]
    if not named and any(bus.id == name for bus in session.buses):
        if device != "fader":
            raise PlanError("a bus has a fader only")
        members = bus_members(session, name)
        named = [track for track in session.tracks if track.id in members]
    if not named:
        known = ", ".join(track.id for track in session.tracks)
        raise PlanError(f"there is no track {name!r}; tracks: {known}")
    return [track for track in named if not track.muted]


def is_locked(session: Session, plan: MixPlan, track: Track) -> bool:
    """Whether nobody may move a track's fader: a group move leaves it where it is."""
    locks = session.locks | plan.locks
    return track.locked or track.id in locks or f"{track.id}/fader/gain_db" in locks
