"""Chains of effects (FXCHAIN of a track, MASTERFXLIST of the master): each effect with its switch, id and lanes.

An effect is the run of parts from one BYPASS line to the next: BYPASS, its own block (``<VST``, ``<JS``, ``<CLAP``
...), then, where they are there, WET, PRESETNAME, FLOATPOS, FXID, a ``<PARMENV`` for each lane, ``<COMMENT`` and WAK
(ReaTeam/Doc, "State Chunk Definitions", Track/Take FX). What an effect's own block says is the business of its kind.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smartmix.interop.rpp.parts import exact, guid, lane, number
from smartmix.interop.rpp.text import Block, Line, made_block, made_line
from smartmix.parameter import Breakpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TRACK, MASTER = "FXCHAIN", "MASTERFXLIST"
DEVICES = frozenset({"VST", "JS", "AU", "DX", "CLAP", "LV2", "VIDEO_EFFECT", "CONTAINER"})
_INNER = frozenset({"PARMENV", "PROGRAMENV", "COMMENT"})
_STRAIGHT, _HOLD = "0", "1"
LARGEST = 1e9
"""No time and no value of a knob is past this; a point that is counts as none."""


@dataclass(frozen=True, slots=True)
class FxEnvelope:
    """The lane of one knob.

    ``parameter`` is what REAPER calls it: "index:ParamID" for a VST3, the number of the slider from 0 for a JSFX,
    "index:bypass" or "index:wet" for the two that every effect has. ``points`` are in its own unit between ``low`` and
    ``high``, straight or held; ``bent`` says that some of the file's were curves. A lane that is not ``active`` is kept
    and does nothing.
    """

    parameter: str
    points: tuple[Breakpoint, ...]
    low: float = 0.0
    high: float = 1.0
    middle: float = 0.5
    name: str = ""
    active: bool = True
    bent: bool = False

    @property
    def index(self) -> int:
        """Which knob it is, from 0; -1 where the file does not say."""
        digits = self.parameter.partition(":")[0]
        return int(digits) if digits.isdecimal() and len(digits) < 10 else -1

    @property
    def ident(self) -> str:
        """What stands behind the index: the ParamID of a VST3, "bypass", "wet", or ""."""
        return self.parameter.partition(":")[2]


@dataclass(frozen=True, slots=True)
class FxBlock:
    """One effect. ``words`` are those of its opening line, its tag first; ``lines`` what is between, without indent.

    ``enabled`` is its switch; an ``offline`` effect is not even loaded. ``wet`` is how much of the result is its own
    sound, 0 to 1. ``comment`` is what a person reads beside it. ``others`` are the keys of further parts that say
    something of the sound: parallel effects, modulated knobs.
    """

    words: tuple[str, ...]
    lines: tuple[str, ...] = ()
    envelopes: tuple[FxEnvelope, ...] = ()
    enabled: bool = True
    offline: bool = False
    wet: float = 1.0
    comment: str = ""
    fxid: str = ""
    others: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """What kind of effect it is: "VST", "JS" ..."""
        return self.words[0] if self.words else ""


@dataclass(slots=True)
class FxRun:
    """The parts of a file that are one effect, in their order; ``device`` is its own block among them."""

    parts: list[Line | Block] = field(default_factory=list)
    device: Block | None = None

    def line(self, key: str) -> Line | None:
        """Its first line with this key."""
        return next((p for p in self.parts if isinstance(p, Line) and p.key == key), None)

    def words(self, key: str) -> list[str]:
        """The words behind the key of that line; empty where there is none."""
        line = self.line(key)
        return [] if line is None else line.words[1:]

    def blocks(self, key: str) -> list[Block]:
        """Its blocks with this tag."""
        return [p for p in self.parts if isinstance(p, Block) and p.key == key]


def put_effects(chain: Block, effects: Iterable[FxBlock], owner: str, more: int = 0) -> None:
    """Write effects behind those that a chain has. ``owner`` names the chain: ids are made from it and the place,
    ``more`` places further on.
    """
    depth, end = len(chain.head.indent) // 2 + 1, chain.head.end or b"\n"
    for place, effect in enumerate(effects, len(runs(chain)) + more + 1):
        chain.parts += _written(effect, f"{owner}.fx{place}", depth, end)


def chained(tag: str, effects: Iterable[FxBlock], owner: str, depth: int, end: bytes = b"\n") -> Block:
    """A new chain of effects, its window closed: ``tag`` is TRACK or MASTER, ``owner`` as for ``put_effects``."""
    made = made_block(tag, depth=depth, end=end)
    rows = (("SHOW", "0"), ("LASTSEL", "0"), ("DOCKED", "0"))
    made.parts += [made_line(*row, depth=depth + 1, end=end) for row in rows]
    put_effects(made, effects, owner)
    return made


def _written(effect: FxBlock, owner: str, depth: int, end: bytes) -> list[Line | Block]:
    def line(key: str, *words: str) -> Line:
        return made_line(key, *words, depth=depth, end=end)

    device = made_block(*effect.words, depth=depth, end=end)
    device.parts += [
        Line(b"  " * (depth + 1) + text.encode("utf-8", "surrogateescape") + end) for text in effect.lines
    ]
    parts: list[Line | Block] = [
        line("BYPASS", "0" if effect.enabled else "1", "1" if effect.offline else "0", "0"),
        device,
    ]
    if effect.wet != 1.0:
        parts.append(line("WET", number(effect.wet)))
    parts += [line("FLOATPOS", "0", "0", "0", "0"), line("FXID", effect.fxid or guid(owner))]
    parts += [_lane(each, owner, depth, end) for each in effect.envelopes]
    if effect.comment:
        comment = made_block("COMMENT", depth=depth, end=end)
        comment.parts += [
            Line(b"  " * (depth + 1) + row + end) for row in _base64_rows(effect.comment.encode())
        ]
        parts.append(comment)
    return [*parts, line("WAK", "0", "0")]


def _lane(each: FxEnvelope, owner: str, depth: int, end: bytes) -> Block:
    words = (each.parameter, number(each.low), number(each.high), number(each.middle), each.name)
    made = lane("PARMENV", each.points, f"{owner}.{each.parameter}", depth, end, words=words, show=exact)
    if not each.active:
        active = made.line("ACT")
        assert active is not None  # lane() writes one
        active.put(1, "0")
    return made


def _base64_rows(data: bytes, width: int = 128) -> list[bytes]:
    text = base64.b64encode(data)
    return [text[at : at + width] for at in range(0, len(text), width)]


def runs(chain: Block) -> list[FxRun]:
    """The effects of a chain as they stand in the file; its own lines (window, selection) belong to none."""
    found: list[FxRun] = []
    for part in chain.parts:
        if isinstance(part, Line):
            if part.key == "BYPASS":
                found.append(FxRun([part]))
            elif found:
                found[-1].parts.append(part)
            continue
        opens = part.key in DEVICES or (part.key not in _INNER and bool(found) and found[-1].device is None)
        if opens and (not found or found[-1].device is not None):
            found.append(FxRun())  # a device without a BYPASS of its own: it is on
        if found:
            found[-1].parts.append(part)
            found[-1].device = part if opens else found[-1].device
    return [run for run in found if run.device is not None]


def effects(chain: Block) -> list[FxBlock]:
    """The effects of a chain in order. What cannot be read of one (a number that is none) is as if it were not said."""
    return [_read(run) for run in runs(chain)]


def _read(run: FxRun) -> FxBlock:
    assert run.device is not None  # runs() gives no other
    bypass, wet = run.words("BYPASS"), run.words("WET")
    comment = run.blocks("COMMENT")
    others = ["PROGRAMENV"] if run.blocks("PROGRAMENV") else []
    others += ["PARALLEL"] if run.words("PARALLEL")[:1] not in ([], ["0"]) else []
    return FxBlock(
        words=tuple(run.device.head.words),
        lines=tuple(line.body.decode("utf-8", "surrogateescape").strip() for line in run.device.lines()),
        envelopes=tuple(_envelope(block) for block in run.blocks("PARMENV")),
        enabled=bypass[:1] in ([], ["0"]),
        offline=bypass[1:2] not in ([], ["0"]),
        wet=min(max(_or(_figure(wet, 0), 1.0), 0.0), 1.0),
        comment=_comment(comment[0]) if comment else "",
        fxid="".join(run.words("FXID")[:1]),
        others=tuple(others),
    )


def _envelope(block: Block) -> FxEnvelope:
    words = block.head.words[1:]
    rows = [line.words[1:] for line in block.lines("PT")]
    points = [
        Breakpoint(max(time_s, 0.0), value, "hold" if row[2:3] == [_HOLD] else "linear")
        for row in rows
        if (time_s := _figure(row, 0)) is not None and (value := _figure(row, 1)) is not None
    ]
    return FxEnvelope(
        parameter=words[0] if words else "",
        points=tuple(sorted(points, key=lambda point: point.time_s)),
        low=_or(_figure(words, 1), 0.0),
        high=_or(_figure(words, 2), 1.0),
        middle=_or(_figure(words, 3), 0.5),
        name=words[4] if len(words) > 4 else "",
        active=block.words("ACT")[:1] != ["0"],
        bent=any(row[2:3] not in ([], [_STRAIGHT], [_HOLD]) for row in rows),
    )


def _figure(words: Sequence[str], index: int) -> float | None:
    try:
        value = float(words[index])
    except (IndexError, ValueError):
        return None
    return value if abs(value) <= LARGEST else None


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _comment(block: Block) -> str:
    try:
        data = base64.b64decode(b"".join(line.body.strip() for line in block.lines()), validate=True)
    except binascii.Error:
        return ""
    return data.decode("utf-8", "replace").rstrip("\0")
