"""What all strips of a project share, and the lanes that none of them follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smartmix.interop.model import Loss

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from xml.etree.ElementTree import Element

    from smartmix.interop.dawproject.timing import TempoMap


@dataclass(frozen=True, slots=True)
class House:
    """What all strips of a project share: tempo, lanes with their unit of time by parameter, plugin states by name in
    the archive, and what is lost.
    """

    tempo: TempoMap
    lanes: Mapping[str, tuple[Element, str]]
    states: Mapping[str, bytes]
    losses: list[Loss]
    followed: set[str] = field(default_factory=set)
    """Parameters whose lanes somebody has read."""


def unheard_lanes(rows: Sequence[tuple[Element, str]], house: House) -> list[Loss]:
    """Lanes of parameters that nobody here follows (a mute, the pan of a send), unless they stand still; ``rows``: each
    track's element and name, a group before what is in it.
    """
    owners = {part.get("id"): (name, part) for element, name in rows for part in element.iter()}
    losses = []
    lost = sum(parameter not in owners for parameter in house.lanes)
    if lost:
        what = f"{lost} lane{'s' * (lost != 1)} of a knob that the file does not have"
        losses.append(Loss("project", what, "kept for the way back"))
    for parameter, (lane, _) in house.lanes.items():
        if parameter in house.followed or parameter not in owners:
            continue
        name, knob = owners[parameter]
        if {row.get("value") for row in lane if row.tag.endswith("Point")} <= {knob.get("value")}:
            continue
        what = f"{(knob.get('name') or knob.tag).casefold()} automation"
        losses.append(Loss(name, what, "kept for the way back, not heard here"))
    return losses
