"""The tree of a .dawproject that goes back: where lanes and clips are put, and ids that nothing in it has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from smartmix.interop.dawproject.elements import child, points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.dawproject.elements import Lane
    from smartmix.interop.model import Loss


@dataclass(slots=True)
class Canvas:
    """``root`` is the Project element; ``changed`` says whether anything was done to it, ``losses`` what could not be.
    ``own`` is how ids begin that are put in.
    """

    root: Element
    changed: bool = False
    losses: list[Loss] = field(default_factory=list)
    own: str = field(init=False)

    def __post_init__(self) -> None:
        """Find a beginning of ids that an earlier way back has not used."""
        ids = [str(element.get("id")) for element in self.root.iter() if element.get("id")]
        number, self.own = 1, "smartmix-"
        while any(id_.startswith(self.own) for id_ in ids):
            number += 1
            self.own = f"smartmix{number}-"

    def put_lanes(self, track: str, base: str, lanes: Sequence[Lane]) -> None:
        """Points on the time line of the track with this id; it gets one if it has none."""
        if not lanes:
            return
        home = self.home(track, base)
        for lane in lanes:
            points(
                home, replace(lane, id=lane.id if lane.id.startswith(self.own) else f"{self.own}{lane.id}")
            )
            home[-1].set("timeUnit", "seconds")

    def home(self, track: str, base: str) -> Element:
        """The Lanes of a track."""
        outer = self.outer()
        found = next((e for e in outer.iter("Lanes") if e.get("track") == track), None)
        return child(outer, "Lanes", track=track, id=f"{base}.lanes") if found is None else found

    def outer(self) -> Element:
        """The Lanes that hold those of all tracks."""
        arrangement = self.arrangement()
        found = arrangement.find("Lanes")
        if found is None:
            found = Element("Lanes", id=f"{self.own}lanes")
            arrangement.insert(0, found)
        return found

    def arrangement(self) -> Element:
        """The Arrangement, which a project may lack."""
        found = self.root.find("Arrangement")
        if found is None:
            found = Element("Arrangement", id=f"{self.own}arrangement")
            scenes = self.root.find("Scenes")
            at = len(self.root) if scenes is None else list(self.root).index(scenes)
            self.root.insert(at, found)
        return found
