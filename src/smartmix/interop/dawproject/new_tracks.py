"""Tracks that a .dawproject does not have when it goes back: prints, returns, recordings; and a master of its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from smartmix.errors import InteropError
from smartmix.interop.dawproject.document import put_clips, put_track
from smartmix.interop.dawproject.edits import insert
from smartmix.interop.dawproject.elements import Writing, child, switch, volume
from smartmix.interop.model import Project, Track

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from smartmix.interop.dawproject.canvas import Canvas
    from smartmix.interop.dawproject.document import Media
    from smartmix.interop.dawproject.elements import Lane
    from smartmix.interop.model import Clip


@dataclass(slots=True)
class NewTracks:
    """Puts tracks into ``canvas``. ``channels`` are channel ids of the file by the project's track ids; ``states`` the
    archive's name of each plugin's state, by device.
    """

    canvas: Canvas
    channels: dict[str, str]
    states: Mapping[str, str]
    added: list[Track] = field(default_factory=list)

    def put(self, tracks: Iterable[Track]) -> None:
        """Those that play something, and empty returns that others feed; their clips come later, by ``place``."""
        fed = {send.to for track in tracks for send in track.sends}
        fresh = [t for t in tracks if t.clips or (t.kind == "return" and t.id in fed)]
        self.channels |= {track.id: f"{self.canvas.own}{track.id}.channel" for track in fresh}
        for track in fresh:
            self._put(track)

    def _put(self, track: Track) -> None:
        canvas = self.canvas
        canvas.changed = True
        own = replace(track, id=canvas.own + track.id, sends=(), parent=None)
        lanes: dict[str, list[Lane]] = {}
        element = put_track(_structure(canvas), own, _alone(own), self.states, lanes)
        channel = element.find("Channel")
        assert channel is not None
        target = self.channels.get(track.parent or "") or _id_of(master_of(canvas.root))
        if target:
            channel.set("destination", target)
        writing = Writing(lanes[own.id])
        self.send(channel, track, own.id, writing)
        self.added.append(own)
        canvas.put_lanes(f"{own.id}.track", own.id, writing.lanes)

    def send(self, channel: Element, track: Track, base: str, writing: Writing) -> None:
        """New sends of a track to returns that are in the file now."""
        sends = [send for send in track.sends if send.to in self.channels]
        if not sends:
            return
        self.canvas.changed = True
        home = channel.find("Sends")
        if home is None:
            home = Element("Sends")
            insert(channel, home)
        for number, send in enumerate(sends, 1):
            id_ = f"{base}.send{number}"
            kind = "pre" if send.pre else "post"
            one = child(home, "Send", destination=self.channels[send.to], type=kind, id=id_)
            switch(one, "Enable", f"{id_}.enable", send.enabled, "Enable")
            volume(one, "Volume", f"{id_}.volume", send.level, writing, name="Level")

    def place(self, media: Mapping[Clip, Media]) -> None:
        """Put the clips of the new tracks on the time line."""
        for track in self.added:
            home = self.canvas.home(f"{track.id}.track", track.id)
            home.set("timeUnit", "seconds")
            put_clips(home, track, media)


def master_of(root: Element) -> Element | None:
    """The channel of the master."""
    return next((e for e in root.iter("Channel") if e.get("role") == "master"), None)


def made_master(canvas: Canvas) -> Element:
    """A master for a file that takes its own for granted; what ran nowhere runs into it."""
    canvas.changed = True
    structure = _structure(canvas)
    loose = [
        channel
        for part in structure
        for channel in [part if part.tag == "Channel" else part.find("Channel")]
        if channel is not None and not channel.get("destination")
    ]
    own = Track(f"{canvas.own}master", "Master", "master")
    element = put_track(structure, own, _alone(own), {}, {})
    channel = element.find("Channel")
    assert channel is not None
    for each in loose:
        each.set("destination", str(channel.get("id")))
    return channel


def _structure(canvas: Canvas) -> Element:
    structure = canvas.root.find("Structure")
    if structure is None:
        raise InteropError("the kept project has no Structure")
    return structure


def _alone(track: Track) -> Project:
    return Project(track.name, 0, 0.0, (track,))


def _id_of(element: Element | None) -> str | None:
    return None if element is None else element.get("id")
