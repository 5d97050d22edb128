"""Write a REAPER project: tracks, folders, faders, pans, mutes, sends, rides, markers, regions, tempo, notes.

REAPER's own effects are not invented here: VST3s go with their states, EQ and compressors as JSFX of ours, and what
else a plan does with the sound comes as a print on a muted track. Rides are in trim/read mode, where REAPER adds the
fader to the lane: the fader of a moving track stands at 0 dB.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.files import AtomicFile, check_target, readable_errors
from smartmix.errors import InteropError
from smartmix.interop.bench import none_left_over
from smartmix.interop.lanes import added, amplitude_points, to_gain
from smartmix.interop.model import Control, Loss
from smartmix.interop.names import file_name, seen_from
from smartmix.interop.rpp.devices import track_effects
from smartmix.interop.rpp.fxchain import MASTER, TRACK, chained
from smartmix.interop.rpp.jsfx_sources import check_sources, put_sources, source_files
from smartmix.interop.rpp.media import copy_sounds
from smartmix.interop.rpp.pan_law import BALANCE_MODE, HOUSE, HYBRID
from smartmix.interop.rpp.parts import fader, guid, lane, notes, number, place, standing, turned
from smartmix.interop.rpp.text import Block, made_block, made_line, written
from smartmix.interop.rpp.timeline import START, made_markers, made_tempo_lane, tempo_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartmix.interop.formats import AudioChoice
    from smartmix.interop.model import Clip, Project, Track

VERSION = "7.0/linux-x86_64"


def write(
    project: Project, path: Path, *, audio: AudioChoice, origin: Path | None, force: bool
) -> tuple[Loss, ...]:
    """Write a project as a .rpp file and return what the format could not say.

    ``audio``: "copy" puts the sound files into a folder "NAME audio" beside it, "link" names them where they lie,
    "none" names them in that folder. Errors: OutputExistsError, InteropError for a sound file that is not there.
    With ``origin`` (what an import kept) the imported file is written back with only the changes.
    """
    if origin is not None:
        from smartmix.interop.rpp.write_back import write_back

        return write_back(project, path, origin=origin, audio=audio, force=force)
    check_target(path, force=force)
    check_sources(project.tracks, path, force=force)
    ordered = in_folders(project.tracks)
    places = _places(ordered, path, audio)
    writing = _Writing(project, [track for track in ordered if track.kind != "master"], places)
    data = written(writing.root())
    copies = places if audio == "copy" else {}
    # The project comes last: one that is there has all it names.
    with none_left_over([*_targets(copies, path), *source_files(project.tracks, path)]):
        copy_sounds(copies, path, force=force)
        said = put_sources(project.tracks, path, force=force)
        with AtomicFile(path, force=force) as file, readable_errors(path):
            file.stream.write(data)
    return (*_unsaid(project), *said)


def _targets(copies: dict[Path, str], path: Path) -> list[Path]:
    return [path.parent / said for said in copies.values()]


def in_folders(tracks: Iterable[Track]) -> list[Track]:
    """The tracks with each group straight in front of its members, which is how folders stand in REAPER."""
    below: dict[str | None, list[Track]] = {}
    for track in tracks:
        below.setdefault(track.parent, []).append(track)
    ordered: list[Track] = []
    waiting = list(reversed(below.get(None, [])))
    while waiting:
        track = waiting.pop()
        ordered.append(track)
        waiting += reversed(below.get(track.id, []))
    return ordered


@dataclass(slots=True)
class _Writing:
    project: Project
    tracks: list[Track]
    places: dict[Path, str]

    def root(self) -> Block:
        """The whole file."""
        root = made_block("REAPER_PROJECT", "0.1", VERSION, "0", depth=0)
        parts = root.parts
        if told := "\n".join([self.project.comment, *_without_items(self.project)]).strip():
            parts.append(notes(told, 1, "0", "2"))
        first = next(iter(self.project.tempo), None)
        bars = START if first is None else tempo_words(first)
        parts.append(made_line("TEMPO", *bars, depth=1))
        parts.append(made_line("SAMPLERATE", str(self.project.sample_rate), "1", "0", depth=1))
        parts.append(made_line("PANLAW", number(HOUSE), depth=1))
        parts.append(made_line("PANMODE", str(BALANCE_MODE), depth=1))
        parts.append(made_line("PANLAWFLAGS", str(HYBRID), depth=1))
        self._master(root)
        if len(self.project.tempo) > 1:
            parts.append(made_tempo_lane(self.project.tempo))
        for index, marker in enumerate(self.project.markers, 1):
            parts += made_markers(index, marker)
        parts += [self._track(index, track) for index, track in enumerate(self.tracks)]
        return root

    def _master(self, root: Block) -> None:
        master = next((t for t in self.project.tracks if t.kind == "master"), None)
        volume = Control() if master is None else added(master.trim, master.volume)
        pan = Control() if master is None else master.pan
        words = (fader(volume), place(pan), "-1", "-1", "1")
        root.parts.append(made_line("MASTER_VOLUME", *words, depth=1))
        root.parts.append(made_line("MASTER_PANMODE", str(BALANCE_MODE), depth=1))
        root.parts.append(made_line("MASTER_PANLAWFLAGS", str(HYBRID), depth=1))
        if volume.points:
            root.parts.append(lane("MASTERVOLENV2", amplitude_points(volume), "master", 1))
        if pan.points:
            root.parts.append(lane("MASTERPANENV2", turned(pan), "master", 1))
        if master is not None and (effects := track_effects(master)[0]):
            root.parts.append(made_line("MASTER_FX", "1", depth=1))
            root.parts.append(chained(MASTER, effects, master.id, 1))

    def _track(self, index: int, track: Track) -> Block:
        made = made_block("TRACK", guid(track.id), depth=1)
        effects = track_effects(track)[0]
        volume = track.volume if effects else added(track.trim, track.volume)
        parts = made.parts
        parts.append(made_line("NAME", track.name, depth=2))
        parts.append(made_line("AUTOMODE", "0", depth=2))
        parts.append(made_line("PANLAWFLAGS", str(HYBRID), depth=2))
        words = (fader(volume), place(track.pan), "-1", "-1", "1")
        parts.append(made_line("VOLPAN", *words, depth=2))
        solo = "1" if track.solo else "0"
        parts.append(made_line("MUTESOLO", "1" if track.muted else "0", solo, "0", depth=2))
        parts.append(made_line("IPHASE", "0", depth=2))
        parts.append(made_line("PLAYOFFS", "0", "1", depth=2))
        parts.append(made_line("ISBUS", *self._folder(index), depth=2))
        parts.append(made_line("NCHAN", "2", depth=2))
        parts.append(made_line("FX", "1", depth=2))
        parts.append(made_line("TRACKID", guid(track.id), depth=2))
        self._received(made, track)
        parts.append(made_line("MAINSEND", "1", "0", depth=2))
        if volume.points:
            parts.append(lane("VOLENV2", amplitude_points(volume), track.id, 2))
        if track.pan.points:
            parts.append(lane("PANENV2", turned(track.pan), track.id, 2))
        if effects:
            if not track.trim.is_neutral:
                parts.append(lane("VOLENV", amplitude_points(standing(track.trim)), track.id, 2))
            parts.append(chained(TRACK, effects, track.id, 2))
        comment = track.comment
        for count, clip in enumerate(track.clips, 1):
            parts.append(self._item(clip, f"{track.id}.{count}", comment))
            comment = ""
        return made

    def _folder(self, index: int) -> tuple[str, str]:
        """How a track opens or closes folders."""
        track = self.tracks[index]
        following = self.tracks[index + 1].parent if index + 1 < len(self.tracks) else None
        if following == track.id:
            return "1", "1"
        parents = {t.id: t.parent for t in self.tracks}
        closed, at = 0, track.parent
        while at is not None and at != following:
            closed, at = closed + 1, parents.get(at)
        return ("2", str(-closed)) if closed else ("0", "0")

    def _received(self, made: Block, track: Track) -> None:
        """What other tracks send here: REAPER holds a send where it arrives."""
        for index, source in enumerate(self.tracks):
            for count, send in enumerate(source.sends, 1):
                if send.to != track.id:
                    continue
                mode, mute = "3" if send.pre else "0", "0" if send.enabled else "1"
                words = (str(index), mode, fader(send.level), "0", mute, "0", "0", "0", "0")
                made.parts.append(made_line("AUXRECV", *words, "-1:U", "0", "-1", "", depth=2))
                if send.level.points:
                    name = f"{source.id}.send{count}"
                    made.parts.append(lane("AUXVOLENV", amplitude_points(send.level), name, 2))

    def _item(self, clip: Clip, name: str, comment: str) -> Block:
        item = made_block("ITEM", depth=2)
        rows = [
            ("POSITION", number(clip.time_s)),
            ("LENGTH", number(clip.duration_s)),
            ("LOOP", "1" if clip.looped else "0"),
            ("FADEIN", "0", number(clip.fade_in_s), "0"),
            ("FADEOUT", "0", number(clip.fade_out_s), "0"),
            ("MUTE", "1" if clip.muted else "0", "0"),
            ("IGUID", guid(f"{name}.item")),
            ("NAME", clip.name or Path(clip.member or str(clip.file)).name),
            ("VOLPAN", number(to_gain(clip.gain_db)), "0", "1", "-1"),
            ("SOFFS", number(clip.start_s)),
            ("PLAYRATE", "1", "1", "0", "-1", "0", "0.0025"),
            ("CHANMODE", "0"),
            ("GUID", guid(f"{name}.take")),
        ]
        item.parts += [made_line(row[0], *row[1:], depth=3) for row in rows]
        if comment:
            item.parts.append(notes(comment, 3))
        said = self.places[clip.file] if clip.file is not None else clip.member
        kind = {".flac": "FLAC", ".mp3": "MP3", ".ogg": "VORBIS"}.get(Path(said).suffix.lower(), "WAVE")
        source = made_block("SOURCE", kind, depth=3)
        source.parts.append(made_line("FILE", said, depth=4))
        item.parts.append(source)
        return item


def _places(tracks: Iterable[Track], path: Path, audio: AudioChoice) -> dict[Path, str]:
    """What the project calls each sound file. InteropError for one that is not there."""
    places: dict[Path, str] = {}
    used: set[str] = set()
    for track in tracks:
        for clip in track.clips:
            if clip.file is None or not (clip.file.is_file() or audio == "none"):
                raise InteropError(f"{track.name}: {clip.file or clip.member}: the sound file is not there")
            if clip.file in places:
                continue
            if audio == "link":
                places[clip.file] = seen_from(path.parent, clip.file)
            else:
                places[clip.file] = f"{path.stem} audio/{file_name(track.name, clip.file.suffix, used)}"
    return places


def _without_items(project: Project) -> list[str]:
    """The sentences of tracks that have no item to carry them: groups and returns. The project's notes do."""
    return [line for track in project.tracks if not track.clips for line in track.comment.splitlines()]


def _unsaid(project: Project) -> tuple[Loss, ...]:
    losses = [
        Loss(track.name, f"the device {device.name}", "it is left out")
        for track in project.tracks
        for device in track_effects(track)[1]
    ]
    if any(not track.pan.is_neutral for track in project.tracks):
        law = "its pan law is set to smartmix's own, 0 dB at the centre and +3 dB at a side"
        losses.append(Loss("project", law, "not tried in REAPER: check a panned track by ear"))
    return tuple(losses)
