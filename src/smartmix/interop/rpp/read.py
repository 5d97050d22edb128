"""Read a REAPER project into the model: tracks, folders, items, faders, pans, mutes, sends, rides, markers, tempo."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.errors import InteropError
from smartmix.interop.lanes import added
from smartmix.interop.model import Loss, Project, Track
from smartmix.interop.names import model_ids
from smartmix.interop.rpp.devices import devices_in, first_trim
from smartmix.interop.rpp.envelopes import (
    Mode,
    bent,
    is_on,
    level,
    level_and_pan,
    mode_of,
    mode_over,
    number_at,
    place,
)
from smartmix.interop.rpp.items import Items, items_of, notes_of
from smartmix.interop.rpp.pan_law import BALANCE_MODE, PanLaw
from smartmix.interop.rpp.routing import foldered, routed
from smartmix.interop.rpp.text import MOST_BYTES, Block, parse
from smartmix.interop.rpp.timeline import read_markers, read_tempo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.model import Device, Polarity

MOST_TRACKS = 4096
_UNHEARD_LANES = {
    "MUTEENV": "a mute that moves",
    "PANENV": "a pan in front of the effects",
    "VOLENV3": "a trim lane",
    "WIDTHENV2": "a width that moves",
    "DUALPANENV2": "a dual pan that moves",
}
_SAME_LAW_DB = 0.01
_OFF, _IN_SAMPLES = 1, 2
"""Flags of PLAYOFFS: the offset is off, or it counts samples."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that was read, as it lay there."""

    path: Path
    data: bytes


def read(path: Path) -> Project:
    """The project in a .rpp file; sound files stay where they are (``Clip.member``). InteropError for a file that is
    damaged, hostile, or no project.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InteropError(f"{path}: larger than {MOST_BYTES >> 20} MiB; it is not read")
        data = path.read_bytes()
    except FileNotFoundError:
        raise InteropError(f"{path}: no such file") from None
    except OSError as error:
        raise InteropError(f"{path}: {error.strerror or error}") from None
    project = parse(data, str(path)).block("REAPER_PROJECT")
    if project is None:
        raise InteropError(f"{path}: holds no <REAPER_PROJECT; not a REAPER project")
    try:
        return _Reading(project).project(path, data)
    except InteropError as error:
        raise InteropError(f"{path}: {error}") from None


def track_law(root: Block, words: Sequence[str], what: str) -> PanLaw:
    """The pan law of a fader's line (its third word), or the project's where that is negative."""
    own = number_at(words, 2, -1.0, what)
    centre = own if own > 0.0 else number_at(root.words("PANLAW"), 0, 1.0, "PANLAW")
    if not 0.05 <= centre <= 20.0:
        raise InteropError(f"{what}: a pan law of {centre:g}, expected a gain of 0.05 to 20")
    return PanLaw(centre, int(number_at(root.words("PANLAWFLAGS"), 0, 0.0, "PANLAWFLAGS")))


@dataclass(slots=True)
class _Reading:
    root: Block
    losses: list[Loss] = field(default_factory=list)
    rate: int = 48_000
    over: Mode | None = None
    """What the whole project makes of automation, where GLOBAL_AUTO says so."""

    def project(self, path: Path, data: bytes) -> Project:
        """The whole project."""
        blocks = self.root.blocks("TRACK")
        if len(blocks) > MOST_TRACKS:
            raise InteropError(f"{len(blocks)} tracks; expected at most {MOST_TRACKS}")
        rate = int(number_at(self.root.words("SAMPLERATE"), 0, 48_000, "SAMPLERATE"))
        self.rate = rate if 8_000 <= rate <= 384_000 else 48_000
        if self.rate != rate:
            self.losses.append(Loss("project", f"a sample rate of {rate} Hz", f"taken as {self.rate} Hz"))
        self.over = mode_over(self.root)
        ids = list(model_ids([f"track{number}" for number in range(1, len(blocks) + 1)]).values())
        tracks = [self._track(block, id_) for block, id_ in zip(blocks, ids, strict=True)]
        tracks, said = foldered(tracks, blocks)
        tracks, sent = routed(tracks, blocks, self.over)
        self._say_what_else_sounds()
        tempo, steps = read_tempo(self.root)
        self.losses += [*said, *sent, *steps]
        return Project(
            name=path.stem,
            sample_rate=self.rate,
            duration_s=max((c.time_s + c.duration_s for t in tracks for c in t.clips), default=0.0),
            tracks=(*self._master(), *tracks),
            tempo=tempo,
            markers=read_markers(self.root),
            comment=notes_of(self.root),
            losses=tuple(dict.fromkeys(self.losses)),
            origin_format="rpp",
            origin=Origin(path, data),
        )

    def _say_what_else_sounds(self) -> None:
        """Of the project as a whole: its playback rate, and groups of tracks, whose VCA faders act on others."""
        if (rate := number_at(self.root.words("PLAYRATE"), 0, 1.0, "PLAYRATE")) != 1.0:
            self.losses.append(Loss("project", f"a playback rate of {rate:g}", "heard at 1"))
        grouped = [
            " ".join(block.words("NAME")[:1])
            for block in self.root.blocks("TRACK")
            if any(word != "0" for key in ("GROUP_FLAGS", "GROUP_FLAGS_HIGH") for word in block.words(key))
        ]
        if grouped:
            names = ", ".join(grouped[:8]) + (" ..." if len(grouped) > 8 else "")
            done = "a VCA's fader among them is not heard here; kept for the way back"
            self.losses.append(Loss("project", f"groups of tracks ({names})", done))

    def _track(self, block: Block, id_: str) -> Track:
        name = " ".join(block.words("NAME")[:1]) or id_
        words, mute, what = block.words("VOLPAN"), block.words("MUTESOLO"), f"{name}: VOLPAN"
        items = items_of(block, name, self._offset(block, name))
        self.losses += items.losses
        self._say_lanes(block, name)
        mode = mode_of(block.words("AUTOMODE"), self.over, f"{name}: AUTOMODE")
        devices = self._devices(block.block("FXCHAIN"), name, block.words("FX"), mode)
        gain = number_at(words, 0, 1.0, what)
        if gain < 0.0:
            self.losses.append(Loss(name, f"a fader gain of {gain:g}", "heard as silence: none is below 0"))
        volume = level(gain, block.block("VOLENV2"), mode, what)
        if not -1.0 <= (knob := number_at(words, 1, 0.0, what)) <= 1.0:
            self.losses.append(Loss(name, f"a pan of {knob:g}", "REAPER has -1 to 1: held at the end"))
        pan = place(knob, block.block("PANENV2"), mode, what)
        volume, pan = level_and_pan(volume, pan, self._law(block, words, name))
        return Track(
            id_,
            name,
            clips=items.clips,
            polarity=_polarity(block, items),
            devices=devices,
            volume=volume,
            trim=added(level(1.0, block.block("VOLENV"), mode, f"{name}: VOLENV"), first_trim(devices)),
            pan=pan,
            muted=mute[:1] not in ([], ["0"]),
            solo=mute[1:2] not in ([], ["0"]),
            comment="\n".join(items.notes),
        )

    def _devices(
        self, chain: Block | None, name: str, switch: Sequence[str], mode: Mode
    ) -> tuple[Device, ...]:
        whole = switch[:1] in ([], ["1"])
        devices, unheard = devices_in(chain, name, is_on=whole, moves=not mode.bypassed)
        self.losses += unheard
        return devices

    def _law(self, block: Block, words: Sequence[str], name: str) -> PanLaw:
        """The track's pan law, with a word about what of its panning is not heard as it is."""
        law = track_law(self.root, words, f"{name}: VOLPAN")
        modes = [*block.words("PANMODE")[:1], *self.root.words("PANMODE")[:1]]
        mode = next((m for m in modes if not m.startswith("-")), str(BALANCE_MODE))
        if mode in ("5", "6"):
            kind = "a stereo pan" if mode == "5" else "a dual pan"
            self.losses.append(Loss(name, kind, "its pan knob is heard as a balance"))
        if number_at(words, 4, 1.0, f"{name}: VOLPAN") != 1.0:
            self.losses.append(Loss(name, "a stereo width", "heard at full width"))
        centred = number_at(words, 1, 0.0, f"{name}: VOLPAN") == 0.0 and block.block("PANENV2") is None
        if not law.sure and not centred:
            done = "read by the nearest law that is known: check panned tracks"
            self.losses.append(
                Loss("project", f"a pan law of {law.centre:g} (PANLAWFLAGS {law.flags})", done)
            )
        return law

    def _offset(self, block: Block, name: str) -> float:
        """How much later REAPER plays the track's items, in seconds."""
        words, what = block.words("PLAYOFFS"), f"{name}: PLAYOFFS"
        flags = int(number_at(words, 1, 1.0, what))
        late = number_at(words, 0, 0.0, what)
        if flags & _OFF:
            return 0.0
        return late / self.rate if flags & _IN_SAMPLES else late

    def _say_lanes(self, block: Block, name: str) -> None:
        lanes = [part for part in block.parts if isinstance(part, Block)]
        if any(bent(lane) for lane in lanes):
            self.losses.append(Loss(name, "curved points of a lane", "straight lines between them are heard"))
        for lane in lanes:
            if lane.key in _UNHEARD_LANES and is_on(lane) and lane.lines("PT"):
                self.losses.append(
                    Loss(name, _UNHEARD_LANES[lane.key], "kept for the way back, not heard here")
                )
            if lane.block("POOLEDENVINST") is not None or lane.line("POOLEDENVINST") is not None:
                self.losses.append(Loss(name, "automation items", "the lane under them is heard"))

    def _master(self) -> tuple[Track, ...]:
        words, root = self.root.words("MASTER_VOLUME"), self.root
        mode = mode_of(root.words("MASTERAUTOMODE"), self.over, "MASTERAUTOMODE")
        what = "MASTER_VOLUME"
        volume = level(number_at(words, 0, 1.0, what), root.block("MASTERVOLENV2"), mode, what)
        pan = place(number_at(words, 1, 0.0, what), root.block("MASTERPANENV2"), mode, what)
        law = track_law(root, words, what)
        volume, pan = level_and_pan(volume, pan, law)
        if abs(centre_db := law.told(0.0)[1]) > _SAME_LAW_DB:
            # No source says whether the law acts on the master; on folders it does.
            done = (
                f"read like a folder's, {centre_db:+.1f} dB at the centre; compare the level with the DAW's"
            )
            self.losses.append(Loss("Master", "the project's pan law on the master", done))
        self._say_lanes(root, "Master")
        state = int(number_at(root.words("MASTERMUTESOLO"), 0, 0.0, "MASTERMUTESOLO"))
        if state & 1:
            self.losses.append(Loss("Master", "it is muted", "heard as if it were not"))
        if state & 4:
            self.losses.append(Loss("Master", "it is summed to mono", "heard in stereo"))
        devices = self._devices(root.block("MASTERFXLIST"), "Master", root.words("MASTER_FX"), mode)
        if volume.is_neutral and pan.is_neutral and not devices:
            return ()
        return (Track("master", "Master", "master", volume=volume, pan=pan, devices=devices),)


def _polarity(block: Block, items: Items) -> Polarity:
    return "inverted" if (block.words("IPHASE")[:1] == ["1"]) != items.turned else "normal"
