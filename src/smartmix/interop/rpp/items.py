"""Items of a REAPER track as clips: the active take, the lane that plays, its gain and fades."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smartmix.interop.lanes import to_db
from smartmix.interop.model import Clip, Loss
from smartmix.interop.rpp.envelopes import is_on, number_at
from smartmix.interop.rpp.text import Block

if TYPE_CHECKING:
    from smartmix.interop.rpp.text import Line

NO_SOUND = {
    "MIDI": "notes",
    "MIDIPOOL": "notes",
    "VIDEO": "video",
    "RPP_PROJECT": "a project inside the project",
}
SHORT_FADE_S = 0.02
"""Fades up to here are against clicks; their curve is not worth a word."""
_FIXED_LANES = 2
_LANE_BITS = 32
_OFFLINE = "_OFFLINE_"


@dataclass(slots=True)
class Items:
    """What the items of a track give: ``clips``, the ``notes`` they carry, and what cannot be told (``losses``).

    ``turned``: every take that sounds has its polarity turned, so that the track can be turned in its place.
    """

    clips: tuple[Clip, ...] = ()
    notes: list[str] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    turned: bool = False


def items_of(track: Block, name: str, shift_s: float = 0.0) -> Items:
    """The items of a track. ``shift_s``: how much later the track plays them (PLAYOFFS). InteropError for numbers no
    song has.
    """
    found = Items()
    turned: list[bool] = []
    clips = []
    for item in track.blocks("ITEM"):
        reading = _Item(item, name, found.losses)
        if said := notes_of(item):
            found.notes.append(said)
        clip = reading.clip(shift_s, hushed=_hushed(track, item, name))
        if clip is not None:
            clips.append(clip)
            turned.append(reading.turned)
    found.clips = tuple(clips)
    found.turned = bool(turned) and all(turned)
    if any(turned) and not found.turned:
        found.losses.append(Loss(name, "takes with their polarity turned", "heard as recorded"))
    return found


def notes_of(block: Block) -> str:
    """The text of a block's notes."""
    notes = block.block("NOTES")
    if notes is None:
        return ""
    rows = [line.body.lstrip(b" \t").decode("utf-8", "replace") for line in notes.lines()]
    return "\n".join(row[1:] for row in rows if row.startswith("|"))


def _hushed(track: Block, item: Block, name: str) -> bool:
    """Whether an item lies in a fixed lane that does not play (LANESOLO: a bit a lane)."""
    words, solo = item.words("YPOS"), track.words("LANESOLO")
    if track.words("FREEMODE")[:1] != [str(_FIXED_LANES)] or not solo:
        return False
    top, height = (number_at(words, i, i * 1.0, f"{name}: YPOS") for i in (0, 1))
    lane = round(top / height) if height > 0.0 else 0
    word, bit = divmod(lane, _LANE_BITS)
    if not 0 <= word < len(solo):
        return False
    return not int(number_at(solo, word, 0.0, f"{name}: LANESOLO")) >> bit & 1


@dataclass(slots=True)
class _Item:
    block: Block
    name: str
    losses: list[Loss]
    turned: bool = False

    def clip(self, shift_s: float, *, hushed: bool) -> Clip | None:
        """What is heard of the item; None, and a loss, where that is no sound file."""
        first, take = self._active()
        source = self._source(take)
        kind = "" if source is None else (source.head.words[1:] or [""])[0].removeprefix(_OFFLINE)
        if source is None or kind in NO_SOUND or not source.words("FILE"):
            self._lose(NO_SOUND.get(kind, "an item without a sound file"))
            return None
        self._say_what_is_not_heard(take)
        trim = self._figure(self.block, "VOLPAN", 0, 1.0)
        gain = self._figure(take, "VOLPAN", 2, 1.0) if first else self._figure(take, "TAKEVOLPAN", 1, 1.0)
        self.turned = gain < 0.0
        rate, pitch = self._figure(take, "PLAYRATE", 0, 1.0), self._figure(take, "PLAYRATE", 2, 0.0)
        return Clip(
            time_s=self._figure(self.block, "POSITION", 0, 0.0) + shift_s,
            duration_s=max(self._figure(self.block, "LENGTH", 0, 0.0), 0.0),
            member=f"external:{source.words('FILE')[0]}",
            start_s=self._figure(take, "SOFFS", 0, 0.0),
            name=" ".join(take.words("NAME")[:1]),
            gain_db=to_db(trim) + to_db(abs(gain)),
            fade_in_s=self._fade("FADEIN"),
            fade_out_s=self._fade("FADEOUT"),
            muted=hushed or self._figure(self.block, "MUTE", 0, 0.0) != 0.0,
            looped=self._figure(self.block, "LOOP", 0, 0.0) != 0.0,
            stretched=rate != 1.0 or pitch != 0.0 or take.line("SM") is not None,
        )

    def _active(self) -> tuple[bool, Block]:
        """The take that plays, as a block of its own, and whether it is the first."""
        takes: list[list[Line | Block]] = [[]]
        active = 0
        for part in self.block.parts:
            if not isinstance(part, Block) and part.key == "TAKE":
                active = len(takes) if "SEL" in part.words[1:] else active
                takes.append([])
            else:
                takes[-1].append(part)
        if len(takes) > 1 and self.block.words("ALLTAKES")[:1] not in ([], ["0"]):
            self._lose("all takes of an item at once", "the active one is heard")
        return active == 0, Block(self.block.head, takes[active])

    def _source(self, take: Block) -> Block | None:
        source = take.block("SOURCE")
        while source is not None and (inner := source.block("SOURCE")) is not None:
            self._lose("a section or a reversed item", "its plain sound is heard")
            source = inner
        return source

    def _say_what_is_not_heard(self, take: Block) -> None:
        if take.words("CHANMODE")[:1] not in ([], ["0"]):
            self._lose("an item's channel mode", "its file is heard as it is")
        first = self._figure(take, "VOLPAN", 1, 0.0) if take.line("VOLPAN") else 0.0
        if first or self._figure(take, "TAKEVOLPAN", 0, 0.0):
            self._lose("an item's own pan", "heard at its track's")
        if any(
            is_on(lane) for tag in ("VOLENV", "PANENV", "MUTEENV", "PITCHENV") for lane in take.blocks(tag)
        ):
            self._lose("lanes of an item", "kept for the way back, not heard here")
        if take.block("TAKEFX") is not None:
            self._lose("effects of an item", "kept for the way back, not heard here")

    def _fade(self, key: str) -> float:
        """The length of a fade, set by hand (second word) or by a crossfade (third)."""
        length = max(self._figure(self.block, key, 1, 0.0), self._figure(self.block, key, 2, 0.0), 0.0)
        if length > SHORT_FADE_S and self._figure(self.block, key, 0, 0.0) != 0.0:
            self._lose("curved fades", "straight ones are heard")
        return length

    def _figure(self, block: Block, key: str, index: int, default: float) -> float:
        return number_at(block.words(key), index, default, f"{self.name}: {key}")

    def _lose(self, what: str, done: str = "") -> None:
        self.losses.append(Loss(self.name, what, done))
