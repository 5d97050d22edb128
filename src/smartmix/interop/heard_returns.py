"""What a DAW's sends bring to its returns, heard: each return as a print of its effects, under its own fader."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from smartmix.interop.consolidate import consolidate
from smartmix.interop.model import Clip, Compressor, Equalizer, Plugin
from smartmix.interop.plugin_chains import PluginChains
from smartmix.interop.rides import Rides, standing_level
from smartmix.plan import MixPlan
from smartmix.plan.move import move_id
from smartmix.session import session as sessions
from smartmix.session.routing import bus_members
from smartmix.units import db_to_gain

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping, Sequence

    from smartmix.interop.model import Device, Project, Send, Track
    from smartmix.plan.move import Move

_IN_FRONT = ("fader", "pan")
"""What a send in front of the fader does not hear."""


LONGEST_TAIL_S, SILENT_DBFS = 10.0, -90.0
"""How long a return is listened to behind the last sound sent to it, and what counts as silence then (house)."""


@dataclass(slots=True)
class HeardReturns:
    """Renders returns. ``ids``: session ids by the project's; ``tracks`` and ``buses`` of the session by session id;
    ``moves`` and ``chains`` (files by owner) are the engineer's. ``bench`` is a folder for what is rendered on the way.
    """

    project: Project
    ids: Mapping[str, str]
    tracks: dict[str, sessions.Track]
    buses: Sequence[sessions.Bus]
    moves: Sequence[Move]
    chains: Mapping[str, Path]
    bench: Path
    _sent: dict[tuple[str, bool], Path] = field(default_factory=dict)

    def feeds(self, back: Track) -> list[tuple[Track, Send]]:
        """The tracks that sound and send to a return, with those sends."""
        return [
            (track, send)
            for track in self.project.tracks
            for send in track.sends
            if send.enabled and send.to == back.id and self._sounds(track)
        ]

    def can_be_heard(self, back: Track) -> bool:
        """Whether everything a return does can be done here, and written back without harm: its plugins are installed,
        nothing stands in front of them, and sends of groups stand still.
        """
        feeds = self.feeds(back)
        plain = back.trim.is_neutral and back.polarity == "normal"
        still = all(track.kind != "group" or not send.level.points for track, send in feeds)
        return bool(feeds) and plain and still and all(map(self._runs, back.devices))

    def wet(self, back: Track, path: Path) -> int:
        """Print a return as it comes to its fader; how many channels it has (0: nothing comes)."""
        from smartmix.rendering import render_file

        rate = self.project.sample_rate
        clips = [self._clip(track, send) for track, send in self.feeds(back)]
        dry = self.bench / f"{path.stem} dry.wav"
        channels = consolidate(clips, dry, rate)
        if not channels:
            return 0
        track = self._alone(back.id, back.name, dry)
        rides, chains = Rides(), PluginChains(self._room(back.id))
        rides.devices(track.id, back)
        chains.take(track.id, back)
        files = {owner: str(file) for owner, file in chains.files.items()}
        session = self._session((track,))
        if files:
            session = replace(session, duration_s=session.duration_s + LONGEST_TAIL_S)
        whole = self.bench / f"{path.stem} wet.wav"
        render_file(session, MixPlan("return", moves=tuple(rides.moves), chains=files), whole)
        _write_to_silence(whole, path, at_least=track.frames)
        return 2

    def _sounds(self, track: Track) -> bool:
        id_ = self.ids.get(track.id, "")
        if track.kind == "group":
            return any(bus.id == id_ for bus in self.buses) and not track.muted
        return id_ in self.tracks and not self.tracks[id_].muted

    def _runs(self, device: Device) -> bool:
        if not device.enabled or isinstance(device, Equalizer):
            return True
        if isinstance(device, Plugin):
            return PluginChains(self.bench).has(device)
        return isinstance(device, Compressor)

    def _clip(self, track: Track, send: Send) -> Clip:
        """What one send brings, as a clip at 0:00."""
        file = self._rendered(track, send)
        frames = _frames(file)
        level_db = standing_level(send.level)
        return Clip(0.0, frames / self.project.sample_rate, file=file, gain_db=level_db)

    def _rendered(self, track: Track, send: Send) -> Path:
        """A track or group alone, as its sends hear it; once for all its sends that stand still."""
        from smartmix.rendering import render_file

        id_ = self.ids[track.id]
        if (id_, send.pre) in self._sent and not send.level.points:
            return self._sent[id_, send.pre]
        path = self.bench / f"send {len(self._sent)} {send.to}.wav"
        bus = next((b for b in self.buses if b.id == id_), None)
        members = {id_} if bus is None else self._inside(bus)
        buses = tuple(b for b in self.buses if b.id == id_ or b.id in members)
        tracks = [
            self._as_sent(self.tracks[name], send, grouped=bus is not None)
            for name in members
            if name in self.tracks
        ]
        moves = [m for m in self.moves if m.track in members | {id_} and not self._unheard(m, id_, send)]
        if send.level.points:
            moves += _send_ride(id_, track.name, send)
        if send.pre:
            buses = tuple(replace(b, gain_db=0.0) if b.id == id_ else b for b in buses)
        chains = {owner: str(file) for owner, file in self.chains.items() if owner in members | {id_}}
        session = self._session(tuple(tracks), buses)
        render_file(session, MixPlan("send", moves=tuple(moves), chains=chains), path)
        if not send.level.points:
            self._sent[id_, send.pre] = path
        return path

    def _inside(self, bus: sessions.Bus) -> set[str]:
        """Tracks and buses in a bus, however deep."""
        whole = replace(self._session(()), buses=tuple(self.buses))
        return set(bus_members(whole, bus.id)) | _below(bus, self.buses)

    def _as_sent(self, track: sessions.Track, send: Send, *, grouped: bool) -> sessions.Track:
        return replace(track, gain_db=0.0, pan=0.0) if send.pre and not grouped else track

    def _unheard(self, move: Move, owner: str, send: Send) -> bool:
        return send.pre and move.track == owner and any(s.ref.device in _IN_FRONT for s in move.sets)

    def _alone(self, id_: str, name: str, path: Path) -> sessions.Track:
        from smartmix.audio.io import probe

        info = probe(path)
        return sessions.Track(
            id_, name, path, sample_rate=info.sample_rate, channels=info.channels, frames=info.frames
        )

    def _session(
        self, tracks: tuple[sessions.Track, ...], buses: tuple[sessions.Bus, ...] = ()
    ) -> sessions.Session:
        end_s = max((t.frames / t.sample_rate for t in tracks), default=0.0)
        return sessions.Session(
            name="send",
            root=self.bench,
            tracks=tracks,
            sample_rate=self.project.sample_rate,
            material="multitrack",
            duration_s=end_s,
            buses=buses,
        )

    def _room(self, name: str) -> Path:
        room = self.bench / f"{name} effects"
        room.mkdir(exist_ok=True)
        return room


def in_order(project: Project, sounding: Container[str]) -> Iterator[Track]:
    """Tracks without sound of their own, each behind those that send to it; ``sounding``: ids of the others."""
    left = [
        t
        for t in project.tracks
        if t.kind not in ("group", "master") and t.id not in sounding and not t.muted
    ]
    while left:
        waiting = {t.id for t in left}
        ready = [
            t
            for t in left
            if not any(s.to == t.id for f in project.tracks if f.id in waiting for s in f.sends)
        ]
        if not ready:
            return  # they feed each other
        for track in ready:
            left.remove(track)
            yield track


def _send_ride(owner: str, name: str, send: Send) -> list[Move]:
    rides = Rides()
    rides.level(owner, name, send.level, standing_level(send.level))
    return [replace(m, id=move_id(owner, m.source, "fader", f"send to {send.to}")) for m in rides.moves]


def _below(bus: sessions.Bus, buses: Sequence[sessions.Bus]) -> set[str]:
    """Buses inside a bus."""
    by_id = {b.id: b for b in buses}
    found: set[str] = set()
    waiting = [bus]
    while waiting:
        for name in waiting.pop().members:
            if name in by_id and name not in found:
                found.add(name)
                waiting.append(by_id[name])
    return found


def _frames(path: Path) -> int:
    from smartmix.audio.io import probe

    return probe(path).frames


def _write_to_silence(source: Path, target: Path, *, at_least: int) -> None:
    """Copy a sound without the silence at its end."""
    from smartmix.audio.io import probe, stream
    from smartmix.audio.wav import WavWriter

    last, at = at_least, 0
    for block in stream(source):
        loud = np.flatnonzero(np.abs(block).max(axis=0) > db_to_gain(SILENT_DBFS))
        last = max(last, at + int(loud[-1]) + 1) if loud.size else last
        at += block.shape[1]
    info = probe(source)
    with WavWriter(target, info.sample_rate, info.channels) as writer:
        for block in stream(source, frames=min(last, info.frames)):
            writer.write(block)
