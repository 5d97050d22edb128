"""Which prints there are, and what of a session is in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smartmix.errors import SmartmixError
from smartmix.session import Session
from smartmix.session.roles import family

KINDS = ("main", "vocal-up", "vocal-down", "instrumental", "tv", "a-cappella", "stems")
"""What can be printed; the words of --which."""
VOCAL_STEP_DB = 1.0
_TITLES = {
    "main": "Main",
    "vocal-up": "Vocal up 1 dB",
    "vocal-down": "Vocal down 1 dB",
    "instrumental": "Instrumental",
    "tv": "TV",
    "a-cappella": "A cappella",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One print: its title, the tracks in it, and a change of the vocal's level in it (dB)."""

    title: str
    tracks: tuple[str, ...]
    vocals: tuple[str, ...] = ()
    vocal_db: float = 0.0


def parts_of(session: Session, which: Sequence[str]) -> tuple[list[Part], list[str]]:
    """The prints that were asked for and this session can make, and sentences for those it cannot."""
    unknown = [name for name in which if name not in KINDS]
    if unknown:
        raise SmartmixError(f"--which {unknown[0]}: expected some of {', '.join(KINDS)}")
    audible = [track.id for track in session.audible_tracks]
    vocals = [t.id for t in session.audible_tracks if _is_vocal(session, t.id)]
    leads = [t.id for t in session.audible_tracks if t.role == "lead_vocal"]
    without = tuple(name for name in audible if name not in vocals)
    tv = tuple(name for name in audible if name not in leads)
    whole = tuple(audible)
    made = {
        "main": Part(_TITLES["main"], whole),
        "vocal-up": Part(_TITLES["vocal-up"], whole, tuple(leads), VOCAL_STEP_DB),
        "vocal-down": Part(_TITLES["vocal-down"], whole, tuple(leads), -VOCAL_STEP_DB),
        "instrumental": Part(_TITLES["instrumental"], without),
        "tv": Part(_TITLES["tv"], tv),
        "a-cappella": Part(_TITLES["a-cappella"], tuple(vocals)),
    }
    chosen: list[Part] = []
    told: list[str] = []
    for name in dict.fromkeys(which):
        if name == "stems":
            chosen += _stems(session)
            continue
        needs_lead = name in ("vocal-up", "vocal-down", "tv")
        missing = "no lead vocal" if needs_lead and not leads else "no vocal" if not vocals else ""
        if name != "main" and missing:
            told.append(
                f"{made[name].title}: not printed, the session has {missing} (set roles in session.toml)"
            )
        elif not made[name].tracks:
            told.append(f"{made[name].title}: not printed, no track is left in it")
        else:
            chosen.append(made[name])
    return chosen, told


def _is_vocal(session: Session, track_id: str) -> bool:
    track = next(t for t in session.tracks if t.id == track_id)
    parent = next((t for t in session.tracks if t.id == track.child_of), track)
    return family(parent.role) == "vocals"


def _stems(session: Session) -> list[Part]:
    """One for each bus that carries tracks no bus before it carries, and one for the rest."""
    left = [track.id for track in session.audible_tracks]
    stems = []
    for bus in session.buses:
        inside = tuple(name for name in left if name in bus.members)
        if inside:
            stems.append(Part(f"Stem {bus.name}", inside))
            left = [name for name in left if name not in inside]
    if left:
        stems.append(Part("Stem Other", tuple(left)))
    return stems
