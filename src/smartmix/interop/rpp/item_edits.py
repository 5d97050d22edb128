"""Items of a kept REAPER project that play earlier or later: their places, all else as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.interop.model import Loss
from smartmix.interop.rpp.edits import line
from smartmix.interop.rpp.envelopes import number_at
from smartmix.interop.rpp.parts import number
from smartmix.interop.rpp.text import Block

if TYPE_CHECKING:
    from smartmix.interop.rpp.text import Line

_LANES = ("VOLENV", "PANENV", "MUTEENV", "PITCHENV")
_SHORT_FADE_S = 0.02
"""A fade against a click may go with what is cut off."""


def shift_items(track: Block, name: str, shift_s: float) -> list[Loss]:
    """Move all items of a track by seconds; what comes in front of 0 is cut off. Where one cannot be cut (lanes or
    fades of its own, stretched, gone as a whole) none moves, and that is said.
    """
    items = track.blocks("ITEM")
    starts = [number_at(item.words("POSITION"), 0, 0.0, f"{name}: POSITION") + shift_s for item in items]
    if not items or any(
        start < 0.0 and not _can_be_cut(i, start) for i, start in zip(items, starts, strict=True)
    ):
        return [Loss(name, f"its sound starts {shift_s * 1000:+.2f} ms off", "move its items in REAPER")]
    for item, start in zip(items, starts, strict=True):
        line(item, "POSITION", ["0"]).put(1, number(max(start, 0.0)))
        if start < 0.0:
            _cut(item, -start)
    return []


def _can_be_cut(item: Block, start_s: float) -> bool:
    """Whether an item may lose its first ``-start_s`` seconds."""
    fades = [number_at(item.words("FADEIN"), index, 0.0, "FADEIN") for index in (1, 2)]
    stretched = any(row.words[1:2] not in ([], ["1"]) for row in item.lines("PLAYRATE")) or bool(
        item.lines("SM")
    )
    lanes = any(item.block(tag) is not None for tag in _LANES)
    long_enough = number_at(item.words("LENGTH"), 0, 0.0, "LENGTH") > -start_s
    return long_enough and not stretched and not lanes and max(fades) <= _SHORT_FADE_S


def _cut(item: Block, cut_s: float) -> None:
    """Take the beginning of an item away, in every take."""
    length = line(item, "LENGTH", ["0"])
    length.put(1, number(number_at(item.words("LENGTH"), 0, 0.0, "LENGTH") - cut_s))
    for offset in _offsets(item):
        offset.put(1, number(number_at(offset.words[1:], 0, 0.0, "SOFFS") + cut_s))


def _offsets(item: Block) -> list[Line]:
    """Where each take begins in its file; made where a take does not say."""
    heads = [i for i, part in enumerate(item.parts) if not isinstance(part, Block) and part.key == "TAKE"]
    for start, end in reversed(list(zip([0, *heads], [*heads, len(item.parts)], strict=True))):
        take = Block(item.head, item.parts[start + bool(start) : end])
        if take.line("SOFFS") is None and take.block("SOURCE") is not None:
            made = line(take, "SOFFS", ["0"])
            item.parts.insert(start + bool(start), made)
    return item.lines("SOFFS")
