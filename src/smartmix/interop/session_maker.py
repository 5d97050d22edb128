"""What an import writes into a folder: consolidated tracks, session.toml, plan.toml, chains, the rough mix."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from smartmix.audio.files import write_text
from smartmix.errors import AudioError, InteropError
from smartmix.interop.consolidate import consolidate
from smartmix.interop.fetching import SILENT
from smartmix.interop.groups import hushed_tracks, silent_groups
from smartmix.interop.heard_returns import HeardReturns, in_order
from smartmix.interop.imported import Imported, mixer_losses, with_files
from smartmix.interop.made import PLAN, note_made
from smartmix.interop.model import Equalizer, Loss, OtherDevice, Plugin
from smartmix.interop.names import free_name
from smartmix.interop.plugin_chains import PluginChains
from smartmix.interop.rides import LOUDEST_DB, Rides, held_db, standing_level
from smartmix.interop.room import check_room, stray_losses
from smartmix.interop.sections import is_assumed, odd_tempo_losses, told_sections, told_tempo, untold_markers
from smartmix.plan import MixPlan, save_plan
from smartmix.progress import part
from smartmix.session import session as sessions
from smartmix.session.ids import slug, unique_id
from smartmix.session.role_names import role_from_name
from smartmix.session.rough_names import IMPORTED, IMPORTS_MIX, SENT
from smartmix.session.saving import save_session

if TYPE_CHECKING:
    from collections.abc import Container

    from smartmix.interop.formats import Format
    from smartmix.interop.model import Project, Track
    from smartmix.progress import Progress

MASTER_BUS = "daw-master"
_MOST_NAMED = 5
NO_SOUND = "no sound on it"


@dataclass(slots=True)
class SessionMaker:
    """Makes a session of a project that was read from ``file`` in ``folder``."""

    project: Project
    file: Path
    folder: Path
    form: Format
    losses: list[Loss] = field(default_factory=list)
    rides: Rides = field(default_factory=Rides)
    chains: PluginChains = field(init=False)
    ids: dict[str, str] = field(default_factory=dict)
    """Session ids by the project's track id."""
    sent: set[str] = field(default_factory=set)
    """Session ids of tracks that are sent somewhere, heard here or not: their space is the engineer's."""

    def done(self, *, rough: bool, progress: Progress) -> Imported:
        """Write the session into its folder."""
        self.chains = PluginChains(self.folder)
        with TemporaryDirectory(prefix=".smartmix-", dir=self.folder.parent) as loose:
            self.project = with_files(self.project, self.file, self.form, Path(loose))
            check_room(self.project, self.folder, rough=rough)
            self.losses += (*self.project.losses, *stray_losses(self.project))
            tracks = self._tracks(part(progress, 0.0, 0.6 if rough else 0.9))
            self._returns(
                tracks, Path(loose), part(progress, 0.6, 0.7) if rough else part(progress, 0.9, 1.0)
            )
        if not tracks:
            raise InteropError(f"{self.file}: {self._why_silent()}")
        self.losses += mixer_losses(self.project, self.form)
        end_s = max(t.frames / t.sample_rate for t in tracks)
        session = sessions.Session(
            name=self.project.name,
            root=self.folder,
            tracks=tuple(tracks),
            sample_rate=self.project.sample_rate,
            material="multitrack",
            duration_s=end_s,
            buses=self._buses(),
            tempo_map=self._tempo_map(),
            sections=tuple(section for _, section in told_sections(self.project.markers, end_s)),
        )
        self.losses += untold_markers(self.project.markers, end_s)
        nothing = {self.ids[group] for group in silent_groups(self.project.tracks, self.ids)}
        self.rides.moves = [move for move in self.rides.moves if move.track not in nothing]
        self.losses += self.rides.losses
        self.losses += self.chains.losses
        chains = {owner: str(path) for owner, path in self.chains.files.items() if owner not in nothing}
        plan = MixPlan(session=session.name, moves=tuple(self.rides.moves), chains=chains)
        self._write(session, plan, rough=rough, progress=part(progress, 0.7, 1.0))
        return Imported(self.folder, session, plan, self._plugins(), tuple(dict.fromkeys(self.losses)))

    def _why_silent(self) -> str:
        """Why no track has sound."""
        mute = [loss.what for loss in self.losses if loss.done == SILENT]
        if not mute:
            return "no track has sound here; render instruments to audio in the DAW first"
        more = f", and {len(mute) - _MOST_NAMED} more" if len(mute) > _MOST_NAMED else ""
        return f"no track has sound here: {'; '.join(mute[:_MOST_NAMED])}{more}"

    def _tempo_map(self) -> tuple[sessions.TempoPoint, ...]:
        """Tempo and bars as somebody set them; () for those a DAW starts with, the tracks are listened to instead."""
        if is_assumed(self.project.tempo):
            told = "not taken as set: listened for in the tracks (if it is meant, say it in session.toml)"
            self.losses.append(Loss("project", "120 bpm in 4/4, which DAWs start with", told))
        self.losses += odd_tempo_losses(self.project.tempo)
        return told_tempo(self.project.tempo)

    def _tracks(self, progress: Progress) -> list[sessions.Track]:
        made: list[sessions.Track] = []
        every = self.project.tracks
        hushed = hushed_tracks(self.project.tracks)
        for number, track in enumerate(every):
            progress(f"Consolidating {track.name}", number / len(every))
            if track.kind in ("group", "master"):
                self._take_group(track)
                continue
            sound = self._sound(track)
            if sound is None:
                continue
            made.append(self._track(track, sound, muted=track.muted or track.id in hushed))
        return made

    def _returns(self, tracks: list[sessions.Track], bench: Path, progress: Progress) -> None:
        """Adds the returns that can be heard to the tracks, and says what of the sends is not."""
        by_id = {track.id: track for track in tracks}
        heard = HeardReturns(self.project, self.ids, by_id, (), self.rides.moves, self.chains.files, bench)
        hushed, printed = hushed_tracks(self.project.tracks), set[str]()
        for back in in_order(self.project, set(self.ids)):
            heard.buses = self._buses()
            if back.id in hushed or not heard.can_be_heard(back):
                continue
            progress(f"Listening to {back.name}", 0.0)
            path = free_name(self.folder, back.name, ".wav", [IMPORTS_MIX])
            if heard.wet(back, path):
                made = self._return(back, path)
                tracks.append(made)
                by_id[made.id] = made
                printed.add(back.id)
        for track in self.project.tracks:
            self._sends(track, printed)
            if track.id in self.ids and any(send.enabled for send in track.sends):
                self.sent.add(self.ids[track.id])

    def _return(self, back: Track, path: Path) -> sessions.Track:
        """A return as a track: its effects are in the sound, its fader and pan are live."""
        done = "heard as a print of how it stands now; what changes in front of it is heard in the DAW only"
        self.losses = [each for each in self.losses if (each.where, each.what) != (back.name, NO_SOUND)]
        self.losses.append(Loss(back.name, "what is sent to it", done))
        return self._placed(back, path, muted=False)

    def _sound(self, track: Track) -> tuple[Path, int] | None:
        path = free_name(self.folder, track.name, ".wav", [IMPORTS_MIX])
        for clip in track.clips:
            if clip.stretched:
                self.losses.append(
                    Loss(track.name, f"{clip.name or 'a clip'} is stretched", "heard as recorded")
                )
        try:
            channels = consolidate(track.clips, path, self.project.sample_rate)
        except AudioError as error:
            raise InteropError(f"{self.file}: {track.name}: {error}") from None
        if channels == 0 and track.kind == "audio":
            self.losses.append(Loss(track.name, NO_SOUND, "left out; it is kept for the way back"))
        return (path, channels) if channels else None

    def _track(self, track: Track, sound: tuple[Path, int], *, muted: bool) -> sessions.Track:
        made = self._placed(track, sound[0], muted=muted)
        self.rides.polarity(made.id, track.name, track.polarity)
        self.rides.trim(made.id, track.name, track.trim)
        self.rides.devices(made.id, track)
        if not muted:
            self.chains.take(made.id, track)
        return made

    def _placed(self, track: Track, path: Path, *, muted: bool) -> sessions.Track:
        """A track under its fader and pan."""
        from smartmix.audio.io import probe

        info, id_ = probe(path), self._id(track)
        standing = self._standing(track)
        self.rides.silent = muted
        self.rides.level(id_, track.name, track.volume, standing)
        self.rides.pan(id_, track.name, track.pan)
        return sessions.Track(
            id=id_,
            name=track.name,
            path=path,
            role=role_from_name(track.name),
            muted=muted,
            gain_db=standing,
            pan=round(min(max(track.pan.value, -1.0), 1.0), 6),
            sample_rate=info.sample_rate,
            channels=info.channels,
            frames=info.frames,
            told=frozenset({"listed", "muted", "gain_db", "pan", "offset_s"}),
        )

    def _standing(self, track: Track) -> float:
        """Where its fader stands, in a session's range."""
        level_db = round(standing_level(track.volume), 4)
        if level_db > LOUDEST_DB:
            self.losses.append(
                Loss(track.name, f"its fader at {level_db:+.1f} dB", f"held at {LOUDEST_DB:+.0f} dB")
            )
        return held_db(level_db)

    def _id(self, track: Track) -> str:
        self.ids[track.id] = unique_id(slug(track.name), self.ids.values())
        return self.ids[track.id]

    def _take_group(self, track: Track) -> None:
        if track.kind == "master":
            self.ids[track.id] = MASTER_BUS
        else:
            self._id(track)
        id_ = self.ids[track.id]
        self.rides.silent = False
        self.rides.level(id_, track.name, track.volume, standing_level(track.volume))
        heard = [d for d in track.devices if d.enabled and not (isinstance(d, Equalizer) and not d.bands)]
        owner = "mix" if track.kind == "master" else id_
        equalisers = [d for d in heard if isinstance(d, Equalizer) and d.trim.is_neutral]
        plugins = [d for d in heard if isinstance(d, Plugin)]
        # Here a group's fader is in front of its chain, in a DAW behind it, and its EQ in front of the plugins.
        if heard == [*equalisers, *plugins] and (
            not plugins or track.kind == "master" or track.volume.is_neutral
        ):
            self.rides.devices(owner, replace(track, devices=tuple(equalisers)))
            if plugins:
                self.chains.take(owner, track)
            heard = []
        what = [*(d.name for d in heard), *(["its pan"] if track.pan.value or track.pan.points else [])]
        if what:
            self.losses.append(Loss(track.name, ", ".join(what), "kept for the way back, not heard here"))

    def _sends(self, track: Track, heard: Container[str]) -> None:
        names = {t.id: t.name for t in self.project.tracks if not t.muted and t.id not in heard}
        to = [names[s.to] for s in track.sends if s.enabled and s.to in names and track.id in self.ids]
        if to and not track.muted:
            self.losses.append(
                Loss(track.name, f"sends to {', '.join(to)}", "kept for the way back, not heard here")
            )

    def _buses(self) -> tuple[sessions.Bus, ...]:
        """Groups as buses; the master as one over all of them, where its fader does not stand at 0."""
        masters = [t for t in self.project.tracks if t.kind == "master" and not t.volume.is_neutral]
        silent = silent_groups(self.project.tracks, self.ids)
        there = {t.id: t for t in self.project.tracks if t.id in self.ids and t.id not in silent}
        buses = []
        for group in (t for t in there.values() if t.kind == "group"):
            members = [self.ids[t.id] for t in there.values() if t.parent == group.id]
            buses.append(self._bus(group, members))
        for master in masters[:1]:
            inside = {member for bus in buses for member in bus.members}
            own = [i for t, i in self.ids.items() if t in there and i not in inside and i != MASTER_BUS]
            buses.append(self._bus(master, own))
        return tuple(buses)

    def _bus(self, track: Track, members: list[str]) -> sessions.Bus:
        standing = self._standing(track)
        return sessions.Bus(self.ids[track.id], track.name, tuple(members), standing)

    def _plugins(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (track.name, device.name)
            for track in self.project.tracks
            for device in track.devices
            if isinstance(device, Plugin | OtherDevice)
        )

    def _write(self, session: sessions.Session, plan: MixPlan, *, rough: bool, progress: Progress) -> None:
        save_session(session, self.folder)
        save_plan(plan, self.folder / "plan.toml")
        if rough and session.audible_tracks:
            from smartmix.rendering import render_file

            render_file(session, plan, self.folder / IMPORTS_MIX, progress=progress)
        kept = self.folder / IMPORTED / self.form.name
        kept.mkdir(parents=True)
        save_plan(plan, self.folder / IMPORTED / PLAN)
        self.form.keep(self.project, kept, {mine: theirs for theirs, mine in self.ids.items()})
        if self.sent:
            note = json.dumps({"format": 1, "tracks": sorted(self.sent)}, indent=1)
            write_text(self.folder / IMPORTED / SENT, note + "\n")
        note_made(self.folder, {track.id: track.path for track in session.tracks})
