"""Changes in a kept REAPER project: a word of a line, the points of a lane, a note. All other bytes stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.interop.changes import SAME_DB
from smartmix.interop.lanes import added, amplitude_points
from smartmix.interop.model import Loss
from smartmix.interop.rpp.envelopes import bent, is_on, mode_of
from smartmix.interop.rpp.parts import fader, lane, notes, number, place, turned
from smartmix.interop.rpp.text import Block, Line, made_line
from smartmix.units import db_to_gain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.changes import WrittenBack
    from smartmix.interop.model import Track
    from smartmix.interop.rpp.envelopes import Mode
    from smartmix.interop.rpp.pan_law import PanLaw
    from smartmix.parameter import Breakpoint

FADER_WORDS = ("1", "0", "-1", "-1", "1")
"""A fader's line as it stands in a new project: gain, pan, pan law, and two more."""
_LANES = {"VOLENV": "trim", "VOLENV2": "fader", "MASTERVOLENV2": "fader"}


def line(block: Block, key: str, words: Sequence[str]) -> Line:
    """The line of this key; made behind the opening line where there is none."""
    found = block.line(key)
    if found is None:
        found = made_line(key, *words, depth=0, end=block.head.end)
        found.raw = block.head.indent + b"  " + found.raw
        block.parts.insert(0, found)
    return found


def strip(
    block: Block,
    new: Track,
    old: Track,
    told: WrittenBack,
    law: PanLaw,
    *,
    over: Mode | None,
    master: bool = False,
) -> list[Loss]:
    """Fader and pan where they have moved, in the project's pan law; ``master``: the master's lines, ``over``: the
    automation mode of the whole project. A ride that goes up or down as a whole keeps its points.
    """
    fader_key, lanes = ("MASTER_VOLUME", "MASTER") if master else ("VOLPAN", "")
    moved = told.pan_moved(new, old)
    losses: list[Loss] = []
    pan, gain = law.written_lane(new.pan)
    shift_db = None if moved and not law.is_house else told.fader_shift(new, old)
    if shift_db is not None:
        mode = mode_of(
            block.words("MASTERAUTOMODE" if master else "AUTOMODE"), over, f"{old.name}: automation mode"
        )
        if abs(shift_db) > SAME_DB:
            _raise(block, fader_key, f"{lanes}VOLENV2", shift_db, mode)
    elif told.fader_moved(new, old) or (moved and not law.is_house):
        now = told.volume_now(new, old)
        volume = now if gain.is_neutral else added(now, gain)
        line(block, fader_key, FADER_WORDS).put(1, fader(volume))
        losses += ride(block, f"{lanes}VOLENV2", old.name, amplitude_points(volume))
    if moved:
        line(block, fader_key, FADER_WORDS).put(2, place(pan))
        losses += ride(block, f"{lanes}PANENV2", old.name, turned(pan))
    return losses


def _raise(block: Block, fader_key: str, tag: str, shift_db: float, mode: Mode) -> None:
    """A whole ride up or down: by the fader where that adds to its lane, else point by point."""
    envelope = block.block(tag)
    in_lane = envelope is not None and is_on(envelope) and not mode.adds
    for each in (
        envelope.lines("PT") if envelope is not None and in_lane else [line(block, fader_key, FADER_WORDS)]
    ):
        at = 2 if in_lane else 1
        each.put(at, number(float(each.words[at]) * db_to_gain(shift_db)))


def ride(block: Block, tag: str, name: str, points: Sequence[Breakpoint]) -> list[Loss]:
    """The points of a lane anew; its other lines stay. Without points a lane is switched off."""
    found = block.block(tag)
    if not points:
        if found is not None:
            line(found, "ACT", ["0", "-1"]).put(1, "0")
        return []
    depth = len(block.head.indent) // 2 + 1
    made = lane(tag, points, (block.head.words[1:] or ["track"])[0], depth, block.head.end)
    if found is None:
        at = next((i for i, p in enumerate(block.parts) if isinstance(p, Block)), len(block.parts))
        block.parts.insert(at, made)
        return []
    curved = bent(found)
    line(found, "ACT", ["1", "-1"]).put(1, "1")
    kept = [p for p in found.parts if isinstance(p, Block) or p.key != "PT"]
    found.parts = [*kept, *made.lines("PT")]
    what = f"curved points of a {_LANES.get(tag, 'pan')} lane"
    return [Loss(name, what, "straight lines stand in their place")] if curved else []


def turn_round(block: Block, new: Track, old: Track) -> list[Loss]:
    """The polarity of a track."""
    if new.polarity == old.polarity:
        return []
    if new.polarity in ("left_inverted", "right_inverted"):
        return [
            Loss(old.name, f"polarity {new.polarity.replace('_', ' ')}", "REAPER turns both sides or none")
        ]
    # What its takes have turned already counts: the button goes to its other side, whichever that is.
    button = line(block, "IPHASE", ["0"])
    button.put(1, "0" if button.words[1:2] == ["1"] else "1")
    return []


def say(block: Block, new: Track, old: Track) -> list[Loss]:
    """The sentences of new moves as notes of the first item."""
    fresh = [text for text in new.comment.splitlines() if text not in old.comment.splitlines()]
    item = block.block("ITEM")
    if item is None:
        return [
            Loss(old.name, f"the sentence {text!r}", "without an item there is no place for a note")
            for text in fresh
        ]
    if fresh:
        made = notes("\n".join(fresh), len(item.head.indent) // 2 + 1, end=block.head.end)
        found = item.block("NOTES")
        if found is not None:
            found.parts += made.parts
        else:
            at = next((i for i, part in enumerate(item.parts) if isinstance(part, Block)), len(item.parts))
            item.parts.insert(at, made)
    return []
