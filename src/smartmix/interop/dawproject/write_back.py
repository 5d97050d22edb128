"""Write an imported .dawproject back: the file that came, with what smartmix changed and nothing else touched."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import tostring

from smartmix.audio.files import AtomicFile, check_target, readable_errors
from smartmix.errors import InteropError
from smartmix.interop.changes import MIX, SAME_DB, WrittenBack
from smartmix.interop.dawproject.archive import MOST_AUDIO_BYTES, Archive
from smartmix.interop.dawproject.canvas import Canvas
from smartmix.interop.dawproject.devices_back import placed, put_devices, switch_off, trim_since
from smartmix.interop.dawproject.edits import put_knob, put_mute, raised
from smartmix.interop.dawproject.elements import Writing
from smartmix.interop.dawproject.kept import ORIGINAL, kept_folder, kept_ids
from smartmix.interop.dawproject.new_tracks import NewTracks, made_master, master_of
from smartmix.interop.dawproject.numbers import plain
from smartmix.interop.dawproject.outside_files import OutsideFiles
from smartmix.interop.dawproject.read import Origin, parse, read
from smartmix.interop.dawproject.time_edits import shift_clips, write_sections, write_tempo
from smartmix.interop.dawproject.write import media_of, put_audio, put_bytes, put_file, states_of, unsaid
from smartmix.interop.groups import hushed_tracks
from smartmix.interop.model import Control, Loss, Project, Track
from smartmix.interop.names import shown_name
from smartmix.interop.regrouped import folded, moved_losses, new_group_losses
from smartmix.interop.staging import turned_by_hand

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from smartmix.interop.dawproject.document import Media
    from smartmix.interop.formats import AudioChoice
    from smartmix.interop.model import Clip


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
    root = parse(before.origin.xml, str(source))
    patch = _Patch(project, before, Canvas(root), kept_ids(origin))
    patch.work()
    with Archive(source) as archive:
        held = tuple(archive.names)
    outside = OutsideFiles(kept_folder(origin), path, audio)
    outside.take(root, held)
    patch.canvas.losses += outside.losses
    if not (patch.canvas.changed or outside.changed):
        with AtomicFile(path, force=force) as file, readable_errors(path), source.open("rb") as old:
            shutil.copyfileobj(old, file.stream, 1 << 20)
        return tuple(patch.canvas.losses)
    with Archive(source) as archive:
        taken = frozenset(Path(name).name for name in (*held, *outside.inside.values()))
        media = media_of(replace(project, tracks=tuple(patch.added)), path, audio, taken)
        patch.place(media)
        with (
            AtomicFile(path, force=force) as file,
            readable_errors(path),
            zipfile.ZipFile(file.stream, "w", zipfile.ZIP_STORED) as target,
        ):
            xml = bytes(tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"
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
    return (*patch.canvas.losses, *unsaid(replace(project, markers=())))


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
    canvas: Canvas
    ids: dict[str, str]
    states: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Plugin states by device: their name in the archive, and the .vstpreset."""
    news: NewTracks = field(init=False)
    told: WrittenBack = field(init=False)

    @property
    def added(self) -> list[Track]:
        """The tracks that were put in."""
        return self.news.added

    def work(self) -> None:
        """Go through the tracks of the new project."""
        origin = self.project.origin
        self.told = origin if isinstance(origin, WrittenBack) else WrittenBack()
        losses = self.canvas.losses
        losses += new_group_losses(self.project, self.ids)
        self.project = replace(self.project, tracks=folded(self.project, self.ids))
        losses += moved_losses(self.project, self.before, self.ids, self.told.resounded)
        pairs = self._pairs()
        self.news = NewTracks(self.canvas, self._channels(pairs), self._new_states())
        known = {new.id for new, _, _ in pairs}
        self.news.put([t for t in self.project.tracks if _may_be_new(t) and t.id not in known])
        for new, old, element in pairs:
            self._pair(new, old, element)
        self._mix()
        losses += write_tempo(self.canvas, self.project, self.before)
        losses += write_sections(self.canvas, self.project, self.before)

    def _pairs(self) -> list[tuple[Track, Track, Element | None]]:
        """Each track that the file has: as it is now, as it came, and its element."""
        assert isinstance(self.before.origin, Origin)
        elements = {str(e.get("id")): e for e in self.canvas.root.iter() if e.get("id")}
        by_source = {track.source: track for track in self.project.tracks if track.source}
        olds = {track.id: track for track in self.before.tracks}
        return [
            (by_source[mine], olds[theirs], elements.get(self.before.origin.elements.get(theirs, "")))
            for mine, theirs in self.ids.items()
            if mine in by_source and theirs in olds
        ]

    def _channels(self, pairs: list[tuple[Track, Track, Element | None]]) -> dict[str, str]:
        """Channel ids of the file by the project's track ids."""
        found = {new.id: _channel(element) for new, _, element in pairs}
        return {id_: str(channel.get("id")) for id_, channel in found.items() if _has_id(channel)}  # type: ignore[union-attr]

    def _new_states(self) -> dict[str, str]:
        """The states of plugins on tracks that the file does not have."""
        fresh = [t for t in self.project.tracks if _may_be_new(t) and t.source not in self.ids]
        made = states_of(replace(self.project, tracks=tuple(self._own(t) for t in fresh)))
        return self._stored(made)

    def _stored(self, made: dict[str, tuple[str, bytes]]) -> dict[str, str]:
        own = {base: (f"smartmix/{name}", preset) for base, (name, preset) in made.items()}
        self.states |= own
        return {base: name for base, (name, _) in own.items()}

    def _own(self, track: Track) -> Track:
        """A track with an id that the file cannot have."""
        return replace(track, id=self.canvas.own + track.id)

    def _pair(self, new: Track, old: Track, element: Element | None) -> None:
        channel = _channel(element)
        if element is None or channel is None:
            self.canvas.losses.append(Loss(old.name, "it has no channel in the file", "it stays as it was"))
            return
        hushed = old.id in hushed_tracks(self.before.tracks)
        if hushed and new.kind != "group" and not new.muted:
            self.canvas.losses.append(Loss(old.name, "it was unmuted", "its group is muted in the DAW"))
        if shown_name(old.name) != new.name:
            self.canvas.changed = True
            element.set("name", plain(new.name))
        self._track(element, channel, new, replace(old, muted=old.muted or hushed))

    def _track(self, element: Element, channel: Element, new: Track, old: Track) -> None:
        base, writing = self.canvas.own + new.id, Writing()
        if new.kind == "group":
            # A session's bus has neither: those of the DAW's group stay.
            new = replace(new, pan=old.pan, muted=old.muted)
        heard = not (new.muted and old.muted)  # of a muted track the mix does not say where its fader goes
        if heard:
            new = placed(new, old, trim_since(new, old, self.told))
            self._fader(channel, new, old, writing)
            self._sound(element, new, old)
        elif new.comment:
            what = "moves on a muted track"
            self.canvas.losses.append(Loss(old.name, what, "its comment says them; nothing else changes"))
        if new.muted != old.muted:
            self.canvas.changed = True
            put_mute(channel, new, base)
            if not new.muted and element.get("loaded") is not None:
                element.set("loaded", "true")
        self._devices(channel, old, self._own(new), new.source, writing)
        self.news.send(channel, new, base, writing)
        self.canvas.put_lanes(str(element.get("id")), base, writing.lanes)
        self._say(element, new)

    def _fader(self, channel: Element, new: Track, old: Track, writing: Writing) -> None:
        """Fader and pan, where they moved."""
        told, base = self.told, self.canvas.own + new.id
        shift_db = told.fader_shift(new, old)
        moved = shift_db is not None and abs(shift_db) > SAME_DB
        if moved and shift_db is not None and raised(self.canvas.root, channel, shift_db):
            self.canvas.changed = True
        elif told.fader_moved(new, old):
            self._put(channel, "Volume", base, told.volume_now(new, old), writing)
        if told.pan_moved(new, old):
            self._put(channel, "Pan", base, new.pan, writing)

    def _put(self, channel: Element, tag: str, base: str, control: Control, writing: Writing) -> None:
        self.canvas.changed = True
        put_knob(self.canvas.root, channel, tag, base, control, writing=writing)

    def _sound(self, element: Element, new: Track, old: Track) -> None:
        """Its clips, where they start elsewhere; its polarity, for which there is no word."""
        losses = self.canvas.losses
        if new.clips and (shift_s := new.clips[0].time_s - new.clips[0].start_s):
            losses += shift_clips(self.canvas, element, old, shift_s)
        whole = self.told.whole.get(new.source, new)
        if whole.polarity != "normal":
            losses.append(turned_by_hand(replace(whole, name=old.name)))

    def _devices(self, channel: Element, old: Track, own: Track, owner: str, writing: Writing) -> None:
        """Devices that came, behind or between those of the file; those that are another here off."""
        said = switch_off(channel, old, owner, self.told)
        self.canvas.losses += said
        states = self._stored(states_of(replace(self.project, tracks=(own,))))
        if own.devices:
            put_devices(channel, old, own, states, writing)
        self.canvas.changed = self.canvas.changed or bool(said or own.devices)

    def _mix(self) -> None:
        """Devices of the mix, on the master; a file without one gets one."""
        new = next(t for t in self.project.tracks if t.kind == "master")
        old = next((t for t in self.before.tracks if t.kind == "master"), None)
        channel = master_of(self.canvas.root)
        if channel is None or old is None:
            if not new.devices:
                return
            channel, old = made_master(self.canvas), Track("master", "Master", "master")
        writing = Writing()
        own = replace(new, id=f"{self.canvas.own}mix")
        self._devices(channel, old, own, MIX, writing)
        home = next((t for t in self.canvas.root.iter("Track") if t.find("Channel") is channel), channel)
        self.canvas.put_lanes(str(home.get("id")), own.id, writing.lanes)

    def _say(self, element: Element, new: Track) -> None:
        """The sentences of new moves, in the track's comment."""
        fresh = [line for line in new.comment.splitlines() if line not in (element.get("comment") or "")]
        if fresh:
            self.canvas.changed = True
            element.set("comment", "\n".join(filter(None, [element.get("comment"), *fresh])))

    def place(self, media: dict[Clip, Media]) -> None:
        """Put the clips of new tracks on the time line."""
        self.news.place(media)


def _may_be_new(track: Track) -> bool:
    return track.kind not in ("master", "group")


def _channel(element: Element | None) -> Element | None:
    return element if element is None or element.tag == "Channel" else element.find("Channel")


def _has_id(channel: Element | None) -> bool:
    return channel is not None and bool(channel.get("id"))
