"""What a pass over an imported session leaves alone: the mix the engineer has made already is its starting point.

The tracks come raw and the engineer's EQ, compressors and rides as moves in force, while opinions are formed on the raw
tracks. What would do the same thing a second time is not suggested.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace

from smartmix.plan import MixPlan
from smartmix.plan.merging import FROM_DAW
from smartmix.plan.move import Move, Value
from smartmix.session import Session
from smartmix.session.rough_names import IMPORTED, SENT, is_imports_mix

SAME_OCTAVES = 1.0 / 3.0
"""Bands this near, to the same side, are the same opinion (house)."""
LEVEL_DEVICES = frozenset({"compressor", "de_esser", "gate"})

_Band = Mapping[str, Value]


def rough_is_the_import(session: Session) -> bool:
    """Whether the rough mix is the one that an import made of these tracks and the engineer's moves."""
    return session.rough is not None and is_imports_mix(session.rough.path, session.root)


def without_what_is_there(session: Session, plan: MixPlan, earlier: MixPlan | None) -> MixPlan:
    """The suggestions without those that the engineer's moves in force do already, and, where the rough is the mix of
    these moves, without what would be read from it once more.
    """
    own = [m for m in earlier.moves if m.source == FROM_DAW and m.in_force] if earlier is not None else []
    told_twice, sent = rough_is_the_import(session), _sent(session)
    kept = tuple(
        m
        for m in plan.moves
        if not (told_twice and m.authority == "rough")
        and not any(_repeats(m, each) for each in own)
        and not any(s.ref.device == "send" and s.ref.track in sent for s in m.sets)
    )
    return plan if len(kept) == len(plan.moves) else replace(plan, moves=kept)


def _sent(session: Session) -> frozenset[str]:
    """Tracks that the engineer sends to effects already; none where nothing says so."""
    try:
        note = json.loads((session.root / IMPORTED / SENT).read_text(encoding="utf-8"))
        return frozenset(map(str, note["tracks"]))
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def _repeats(move: Move, own: Move) -> bool:
    if move.authority == "person" or {s.ref.track for s in move.sets} != {own.track}:
        return False
    devices = {s.ref.device for s in own.sets}
    if LEVEL_DEVICES & devices & {s.ref.device for s in move.sets}:
        return True
    if "fader" in devices and _rides(own) and _rides(move):
        return True
    return any(_same(band, done) for band in _bands(move) for done in _bands(own))


def _rides(move: Move) -> bool:
    return any(s.ref.device == "fader" and isinstance(s.value, tuple) for s in move.sets)


def _bands(move: Move) -> list[_Band]:
    """Settings of each band of a track's EQ that a move sets."""
    found: dict[str, dict[str, Value]] = {}
    for item in move.sets:
        if item.ref.device == "eq":
            band, _, key = item.ref.parameter.rpartition(".")
            found.setdefault(band, {})[key] = item.value
    return list(found.values())


def _same(band: _Band, done: _Band) -> bool:
    here, there = band.get("freq_hz"), done.get("freq_hz")
    if band.get("shape") != done.get("shape") or not (isinstance(here, float) and isinstance(there, float)):
        return False
    if band.get("shape") in ("high_pass", "low_pass"):
        return True
    gain_db, done_db = band.get("gain_db"), done.get("gain_db")
    sides = isinstance(gain_db, float) and isinstance(done_db, float) and gain_db * done_db > 0.0
    return sides and abs(math.log2(here / there)) < SAME_OCTAVES
