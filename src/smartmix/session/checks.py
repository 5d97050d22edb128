"""Whether the parts of a session.toml fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.errors import SessionError, SmartmixError
from smartmix.parameter import ParamRef
from smartmix.session.buses import DEFAULT_BUS_IDS
from smartmix.session.ids import RESERVED_IDS

if TYPE_CHECKING:
    from pathlib import Path

    from smartmix.session.session import Session


def check_session(path: Path, session: Session) -> None:
    """SessionError where ids, buses, locks, sections or tempo points do not fit together."""
    tracks = {t.id for t in session.tracks}
    names = tracks | {b.id for b in session.buses}
    if len(names) != len(session.tracks) + len(session.buses):
        raise SessionError(f"{path}: bus ids must differ from each other and from track ids")
    _check_buses(path, session, names)
    _check_match(path, session, names | {"mix"})
    for lock in sorted(session.locks):
        _check_lock(path, lock, tracks)
    for section in session.sections:
        if section.end_s <= section.start_s:
            where = f"{path}: section {section.name!r}, end_s = {section.end_s:g}"
            raise SessionError(f"{where}: expected more than {section.start_s:g}")
    times = [point.time_s for point in session.tempo_map]
    if times != sorted(set(times)):
        raise SessionError(f"{path}: [[tempo]] times must rise, got {', '.join(f'{t:g}' for t in times)}")


def _check_buses(path: Path, session: Session, names: set[str]) -> None:
    for bus in session.buses:
        if bus.id in RESERVED_IDS - DEFAULT_BUS_IDS:
            raise SessionError(f"{path}: bus {bus.id!r}: this id belongs to smartmix; choose another")
        for member in bus.members:
            if member not in names:
                raise SessionError(
                    f"{path}: bus {bus.id!r}, members: {member!r} is no track or bus; {_known(names)}"
                )
        if _reaches(session, bus.id, bus.id, set()):
            raise SessionError(f"{path}: bus {bus.id!r} feeds itself through its members")


def _check_match(path: Path, session: Session, names: set[str]) -> None:
    for owner, _ in session.match:
        if owner not in names:
            raise SessionError(f"{path}: match: {owner!r} is no track or bus; {_known(names)}")


def _known(names: set[str]) -> str:
    return "known: " + ", ".join(sorted(names))


def _check_lock(path: Path, lock: str, tracks: set[str]) -> None:
    try:
        track = ParamRef.parse(lock).track if "/" in lock else lock
    except SmartmixError:
        raise SessionError(
            f"{path}: locks: {lock!r}: expected a track id or 'track/device/parameter'"
        ) from None
    if track not in tracks:
        raise SessionError(f"{path}: locks: {lock!r} names no track; {_known(tracks)}")


def _reaches(session: Session, start: str, goal: str, seen: set[str]) -> bool:
    """Whether a bus is among the members of a bus, however deep."""
    members = next((b.members for b in session.buses if b.id == start), ())
    fresh = [m for m in members if m not in seen]
    seen.update(fresh)
    return goal in members or any(_reaches(session, m, goal, seen) for m in fresh)
