"""What an address in a plan acts on: a track, all that a bus carries, or an effect return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.errors import PlanError
from smartmix.session.routing import bus_members

if TYPE_CHECKING:
    from smartmix.plan.mixplan import MixPlan
    from smartmix.session.session import Session, Track


MIX = "mix"
"""What the whole mix is called where a plan names its EQ or its chain."""


def tracks_of(session: Session, name: str, device: str) -> list[Track]:
    """The audible tracks behind a track id or a bus id; none behind the EQ of a bus or the mix, which is that of a sum.
    PlanError for a name nothing has.
    """
    named = [track for track in session.tracks if track.id == name]
    is_bus = any(bus.id == name for bus in session.buses)
    if not named and name == MIX and not is_bus:
        if device != "eq":
            raise PlanError("the mix has an EQ only")
        return []
    if not named and is_bus:
        if device == "eq":
            return []
        if device != "fader":
            raise PlanError("a bus has a fader and an EQ only")
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
