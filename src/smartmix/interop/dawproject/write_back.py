"""Write an imported .dawproject back: the file that came, with what smartmix changed and nothing else touched."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, tostring

from smartmix.audio.files import AtomicFile, check_target, readable_errors
from smartmix.errors import InteropError
from smartmix.interop.changes import SAME_DB, WrittenBack
from smartmix.interop.dawproject.archive import MOST_AUDIO_BYTES, Archive
from smartmix.interop.dawproject.devices import put_device
from smartmix.interop.dawproject.document import Media, put_clips, put_track, with_placed_trim
from smartmix.interop.dawproject.edits import put_knob, put_mute, raised
from smartmix.interop.dawproject.elements import Lane, Writing, child, points
from smartmix.interop.dawproject.kept import ORIGINAL, kept_folder, kept_ids
from smartmix.interop.dawproject.outside_files import OutsideFiles
from smartmix.interop.dawproject.read import Origin, parse, read
from smartmix.interop.dawproject.write import media_of, put_audio, put_bytes, put_file, states_of, unsaid
from smartmix.interop.model import Control, Loss, Project, Track

if TYPE_CHECKING:
    from smartmix.interop.formats import AudioChoice
    from smartmix.interop.model import Clip

OWN = "smartmix-"
"""How ids begin that smartmix puts into another's file."""


def write_back(
    project: Project, path: Path, *, origin: Path, audio: AudioChoice, force: bool
) -> tuple[Loss, ...]:
    """The imported file with the faders, pans and mutes that moved, the devices that came, and new tracks for prints.

    Without a change it is the same file, byte for byte. In another folder than it came from, sound files outside the
    archive are taken inside or named where they lie, as ``audio`` says; what is inside stays there. Devices of the DAW
    stay as they are; where a person changed one of them in smartmix, the DAW's own are switched off and smartmix's
    stand behind them. What else is in the archive is copied as it is.
    """
    check_target(path, force=force)
    source = origin / ORIGINAL
    before = read(source)
    if not isinstance(before.origin, Origin):
        raise InteropError(f"{source}: was not read from a DAWproject file")
    patch = _Patch(project, before, parse(before.origin.xml, str(source)), kept_ids(origin))
    patch.work()
    with Archive(source) as archive:
        held = tuple(archive.names)
    outside = OutsideFiles(kept_folder(origin), path, audio)
    outside.take(patch.root, held)
    patch.losses += outside.losses
    if not (patch.changed or outside.changed):
        with AtomicFile(path, force=force) as file, readable_errors(path), source.open("rb") as old:
            shutil.copyfileobj(old, file.stream, 1 << 20)
        return tuple(patch.losses)
    with Archive(source) as archive:
        added = replace(project, tracks=tuple(patch.added))
        taken = frozenset(Path(name).name for name in (*held, *outside.inside.values()))
        media = media_of(added, path, audio, taken)
        patch.place(media)
        xml = bytes(tostring(patch.root, encoding="UTF-8", xml_declaration=True)) + b"\n"
        with (
            AtomicFile(path, force=force) as file,
            readable_errors(path),
            zipfile.ZipFile(file.stream, "w", zipfile.ZIP_STORED) as target,
        ):
            for name in archive.names:
                if name == "project.xml":
                    put_bytes(target, name, xml)
                else:
                    _copy(archive, name, target)
            for name, preset in patch.states.values():
                put_bytes(target, name, preset)
            if audio == "copy":
                put_audio(target, media)
            for sound, name in outside.inside.items():
                put_file(target, name, sound)
    return (*patch.losses, *unsaid(replace(project, markers=())))


def _copy(archive: Archive, name: str, target: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.file_size = archive.size(name)
    with target.open(info, "w") as out:
        for chunk in archive.chunks(name, MOST_AUDIO_BYTES):
            out.write(chunk)


@dataclass(slots=True)
class _Patch:
    """The tree of the file that came, and what is done to it."""

    project: Project
    before: Project
    root: Element
    ids: dict[str, str]
    changed: bool = False
    losses: list[Loss] = field(default_factory=list)
    added: list[Track] = field(default_factory=list)
    states: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def work(self) -> None:
        """Go through the tracks of the new project."""
        assert isinstance(self.before.origin, Origin)
        elements = {str(e.get("id")): e for e in self.root.iter() if e.get("id")}
        names: dict[str, str] = {}
        by_source = {track.source: track for track in self.project.tracks if track.source}
        hushed = _hushed(self.before)
        self.states = {
            base: (f"smartmix/{name}", preset) for base, (name, preset) in states_of(self._own()).items()
        }
        for mine, theirs in self.ids.items():
            new = by_source.get(mine)
            old = next((track for track in self.before.tracks if track.id == theirs), None)
            element = elements.get(self.before.origin.elements.get(theirs, ""))
            if new is None or old is None:
                continue
            names[new.id] = theirs
            channel = (
                None
                if element is None
                else (element if element.tag == "Channel" else element.find("Channel"))
            )
            if element is None or channel is None:
                self.losses.append(Loss(old.name, "it has no channel in the file", "it stays as it was"))
                continue
            if theirs in hushed and new.kind != "group" and not new.muted:
                self.losses.append(Loss(old.name, "it was unmuted", "its group is muted in the DAW"))
            self._track(element, channel, new, replace(old, muted=old.muted or theirs in hushed))
        self._new_tracks(names, elements)

    def _own(self) -> Project:
        """The new project with ids that the file cannot have."""
        return replace(self.project, tracks=tuple(replace(t, id=OWN + t.id) for t in self.project.tracks))

    def _track(self, element: Element, channel: Element, new: Track, old: Track) -> None:
        base, writing = OWN + new.id, Writing()
        if new.kind == "group":
            # A session's bus has neither: those of the DAW's group stay.
            new = replace(new, pan=old.pan, muted=old.muted)
        heard = not (new.muted and old.muted)  # of a muted track the mix does not say where its fader goes
        since = self.project.origin if isinstance(self.project.origin, WrittenBack) else WrittenBack()
        shift_db = since.fader_shift(new, old)
        moved = shift_db is not None and abs(shift_db) > SAME_DB and heard
        if moved and shift_db is not None and raised(self.root, channel, shift_db):
            self.changed = True
        elif heard and since.fader_moved(new, old):
            self._put(channel, "Volume", base, since.volume_now(new, old), writing)
        if heard and since.pan_moved(new, old):
            self._put(channel, "Pan", base, new.pan, writing)
        if new.muted != old.muted:
            self.changed = True
            put_mute(channel, new, base)
        if new.source in since.reworked:
            self._bypass(channel, old)
        if new.devices or (not new.trim.is_neutral and new.source in since.trimmed):
            self._devices(channel, replace(new, id=base), writing)
        if writing.lanes:
            self._lanes(element, base, writing.lanes)
        fresh = [line for line in new.comment.splitlines() if line not in (element.get("comment") or "")]
        if fresh:
            self.changed = True
            element.set("comment", "\n".join(filter(None, [element.get("comment"), *fresh])))

    def _put(self, channel: Element, tag: str, base: str, control: Control, writing: Writing) -> None:
        self.changed = True
        put_knob(self.root, channel, tag, base, control, writing=writing)

    def _bypass(self, channel: Element, old: Track) -> None:
        """Switch the DAW's own equalisers and compressors of a track off."""
        for device in channel.findall("Devices/*"):
            if device.tag in ("Equalizer", "Compressor"):
                self.changed = True
                enabled = device.find("Enabled")
                if enabled is None:
                    enabled = Element("Enabled")
                    device.insert(1 if device.find("Parameters") is not None else 0, enabled)
                enabled.set("value", "false")
        self.losses.append(
            Loss(
                old.name,
                "its own EQ or compressor was changed here",
                "switched off; the new one stands behind it",
            )
        )

    def _devices(self, channel: Element, track: Track, writing: Writing) -> None:
        self.changed = True
        holder = channel.find("Devices")
        if holder is None:
            holder = Element("Devices")
            channel.insert(0, holder)
        track = with_placed_trim(track)
        trim = track.trim
        for place, device in enumerate(track.devices, 1):
            base = f"{track.id}.device{place}"
            state = self.states[base][0] if base in self.states else ""
            put_device(holder, device, base, writing, state=state, trim=trim)
            trim = Control()

    def _lanes(self, element: Element, base: str, lanes: list[Lane]) -> None:
        """Points on the track's time line; it gets one if it has none."""
        outer = self._outer()
        track_id = str(element.get("id"))
        home = next((e for e in outer.iter("Lanes") if e.get("track") == track_id), None)
        if home is None:
            home = child(outer, "Lanes", track=track_id, id=f"{base}.lanes")
        for lane in lanes:
            own = replace(lane, id=lane.id if lane.id.startswith(OWN) else f"{OWN}{lane.id}")
            points(home, own)
            home[-1].set("timeUnit", "seconds")

    def _outer(self) -> Element:
        arrangement = self.root.find("Arrangement")
        if arrangement is None:
            arrangement = Element("Arrangement", id=f"{OWN}arrangement")
            scenes = self.root.find("Scenes")
            self.root.insert(len(self.root) if scenes is None else list(self.root).index(scenes), arrangement)
        outer = arrangement.find("Lanes")
        if outer is None:
            outer = Element("Lanes", id=f"{OWN}lanes")
            arrangement.insert(0, outer)
        return outer

    def _new_tracks(self, names: dict[str, str], elements: dict[str, Element]) -> None:
        """Prints, and whatever else the file does not have, behind its own tracks."""
        assert isinstance(self.before.origin, Origin)
        channels: dict[str, str] = {}
        for new, theirs in names.items():
            element = elements.get(self.before.origin.elements.get(theirs, ""))
            channel = None if element is None else element.find("Channel")
            if channel is not None and channel.get("id"):
                channels[new] = str(channel.get("id"))
        master = next((e for e in self.root.iter("Channel") if e.get("role") == "master"), None)
        structure = self.root.find("Structure")
        if structure is None:
            raise InteropError("the kept project has no Structure")
        for track in self.project.tracks:
            if track.kind in ("master", "group") or track.id in names or not track.clips:
                continue
            self.changed = True
            own = replace(track, id=OWN + track.id, sends=(), parent=None)
            lanes: dict[str, list[Lane]] = {}
            put_track(structure, own, replace(self.project, tracks=(own,)), {}, lanes)
            target = channels.get(track.parent or "") or (None if master is None else master.get("id"))
            if target:
                structure[-1].find("Channel").set("destination", target)  # type: ignore[union-attr]
            self.added.append(own)
            if lanes[own.id]:
                self._lanes(structure[-1], own.id, lanes[own.id])

    def place(self, media: dict[Clip, Media]) -> None:
        """Put the clips of new tracks on the time line."""
        for track in self.added:
            outer = self._outer()
            home = next((e for e in outer.iter("Lanes") if e.get("track") == f"{track.id}.track"), None)
            if home is None:
                home = child(outer, "Lanes", track=f"{track.id}.track", id=f"{track.id}.lanes")
            home.set("timeUnit", "seconds")
            put_clips(home, track, media)


def _hushed(project: Project) -> frozenset[str]:
    """Tracks that a muted group silences."""
    by_id = {track.id: track for track in project.tracks}

    def is_hushed(track: Track) -> bool:
        return track.parent is not None and (by_id[track.parent].muted or is_hushed(by_id[track.parent]))

    return frozenset(track.id for track in project.tracks if is_hushed(track))
