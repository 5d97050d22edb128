"""The bus tree a session opens with: drums, bass, guitars, keys, vocals, effects, from the roles of its tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.session.roles import Family, family
from smartmix.session.session import Bus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartmix.session.session import Track

DEFAULT_BUSES: tuple[tuple[Family, str], ...] = (
    ("drums", "Drums"),
    ("bass", "Bass"),
    ("guitars", "Guitars"),
    ("keys", "Keys"),
    ("vocals", "Vocals"),
    ("effects", "Effects"),
)
DEFAULT_BUS_IDS = frozenset(f"bus-{name}" for name, _ in DEFAULT_BUSES)


def default_buses(tracks: Iterable[Track]) -> tuple[Bus, ...]:
    """A bus for each family of roles that has an audible track, in the order of a console.

    A wet print follows the track it belongs to, so that a group move keeps their balance. Tracks without a role are
    on no bus. Buses at 0 dB change nothing in the sound.
    """
    tracks = [t for t in tracks if not t.muted]
    by_id = {t.id: t for t in tracks}

    def bus_family(track: Track) -> Family:
        parent = by_id.get(track.child_of or "")
        return family((parent or track).role)

    families = {t.id: bus_family(t) for t in tracks}
    members = {name: tuple(id_ for id_, own in families.items() if own == name) for name, _ in DEFAULT_BUSES}
    return tuple(Bus(f"bus-{name}", label, members[name]) for name, label in DEFAULT_BUSES if members[name])
