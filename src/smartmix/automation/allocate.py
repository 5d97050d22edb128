"""Virtual EQ sections get real bands: each move that equalises owns a section, a strip has 24 bands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable

BANDS = 24


def allocate_bands(sections: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Band 1..24 of each (track id, section id) in the order they come; PlanError past 24 on a track."""
    bands: dict[tuple[str, str], int] = {}
    used: dict[str, int] = {}
    for key in sections:
        if key not in bands:
            used[key[0]] = bands[key] = used.get(key[0], 0) + 1
    for track, count in used.items():
        if count > BANDS:
            raise PlanError(
                f"track {track}: {count} EQ moves are accepted, a strip has {BANDS} bands; "
                f"reject {count - BANDS}"
            )
    return bands
