"""What changed since a DAW session came in: so that the way back changes no more than that."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from smartmix.interop.lanes import added, negative, without_between
from smartmix.interop.model import Control
from smartmix.interop.plugin_chains import PREFIX
from smartmix.interop.rides import MUTED, SOURCE, held_db, standing_level

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from smartmix.interop.chains_back import ChainsSince
    from smartmix.interop.model import Track
    from smartmix.plan.mixplan import MixPlan
    from smartmix.plan.move import Move

SAME_DB = 0.02
"""Faders this close are where they were: the plan holds 4 decimals, a long ride 200 points."""
SILENT_DB, SAME_PLACE = -90.0, 0.002
"""Levels under this are silence; pans this close are the same."""
MOMENTS = 0.02
"""A line through fewer points may cut a corner for a moment; it is the same ride as long as most of it is."""
DRAWN = 6.0
"""Two drawings of one ride, each within 0.05 dB, are at most this many tolerances apart."""
MIX = "mix"
"""What a plan calls the sum of all."""
_BEHIND = ("eq", "compressor")


@dataclass(frozen=True, slots=True)
class WrittenBack:
    """What a writer is told beside the project when it writes an import back. ``reworked``: session ids of tracks whose
    own EQ or compressor a person changed here. ``whole``: each track as it is now with what the DAW has already, by
    session id; ``came``: each as the session and the moves that
    came in make it; ``stands``: where the session has its fader, in dB. ``rechained``: session ids ("mix" for the
    master) whose chain came with the import and is another now; ``unchained``: of those where it is gone.
    ``resounded``: of tracks that play another sound than the one that came.

    A ride that came in is thinned to 0.05 dB and 200 points on its way through the plan. So whether somebody moved it
    is asked of what came in, and not of the file.
    """

    reworked: frozenset[str] = frozenset()
    whole: Mapping[str, Track] = field(default_factory=dict)
    came: Mapping[str, Track] = field(default_factory=dict)
    stands: Mapping[str, float] = field(default_factory=dict)
    rechained: frozenset[str] = frozenset()
    unchained: frozenset[str] = frozenset()
    resounded: frozenset[str] = frozenset()

    def fader_moved(self, new: Track, old: Track) -> bool:
        """Whether a fader or its ride is another than in the DAW's file."""
        came = self.came.get(new.source)
        if came is None or not (came.volume.points and old.volume.points):
            stood = old.volume if old.volume.points else Control(held_db(old.volume.value))
            return differ(new.volume, stood, floor=SILENT_DB)
        stands = self.stands.get(new.source, 0.0) - held_db(standing_level(old.volume))
        return abs(stands) > SAME_DB or differ(new.volume, came.volume, floor=SILENT_DB, drawn_alike=True)

    def volume_now(self, new: Track, old: Track) -> Control:
        """A fader as it is now. A ride that came in keeps its own points, and what has changed since is on top of them:
        those of the plan are thinned.
        """
        came = self.came.get(new.source)
        if came is None or not (came.volume.points and old.volume.points and new.volume.points):
            return new.volume
        change = added(new.volume, negative(came.volume))
        stands = self.stands.get(new.source, 0.0) - held_db(standing_level(old.volume))
        return added(old.volume, Control(change.value, without_between(change.points)), Control(stands))

    def fader_shift(self, new: Track, old: Track) -> float | None:
        """By how many dB a fader's whole ride lies over the one in the DAW's file; None where it goes another way, or
        there is no ride on both sides.
        """
        came = self.came.get(new.source)
        if came is None or not (came.volume.points and old.volume.points):
            return None
        apart = _apart(new.volume, came.volume)
        return (
            None
            if apart is None
            else apart + self.stands.get(new.source, 0.0) - held_db(standing_level(old.volume))
        )

    def pan_moved(self, new: Track, old: Track) -> bool:
        """Whether a pan or its ride is another than in the DAW's file."""
        came = self.came.get(new.source)
        has_come = came is not None and came.pan.points and old.pan.points
        if came is not None and has_come:
            return differ(new.pan, came.pan, tolerance=SAME_PLACE, drawn_alike=True)
        return differ(new.pan, old.pan, tolerance=SAME_PLACE)

    def trim_moved(self, new: Track, old: Track) -> bool:
        """Whether the gain in front of the devices is another than in the DAW's file."""
        came = self.came.get(new.source)
        has_come = came is not None and came.trim.points and old.trim.points
        if came is not None and has_come:
            return differ(new.trim, came.trim, floor=SILENT_DB, drawn_alike=True)
        return differ(new.trim, old.trim, floor=SILENT_DB)


def owner_of(track: Track) -> str:
    """What a plan calls a track of a project; "" for one that is in no session."""
    return MIX if track.kind == "master" else track.source


def without_imported(
    plan: MixPlan, chains: ChainsSince, came: MixPlan, muted: Container[str] = ()
) -> tuple[MixPlan, WrittenBack]:
    """The plan without the devices, trims and chains that the DAW has already, and which of those a person changed, by
    a command or by hand in plan.toml. ``came`` is the plan as the import made it, ``muted`` are the tracks that nobody
    hears now: what they do waits for them.
    """
    now = {move.id: move for move in plan.moves if move.source == SOURCE}
    imported = {move.id: move for move in came.moves if move.source == SOURCE}
    kept_as = {id_ for id_, move in imported.items() if _is_as_it_came(now.get(id_), move, muted)}
    reworked = {
        m.track for m in (*imported.values(), *now.values()) if _device(m) in _BEHIND and m.id not in kept_as
    }
    gone = {
        id_ for id_ in kept_as & now.keys() if now[id_].in_force and _device(now[id_]) not in ("fader", "pan")
    }
    # Of a track whose own devices are switched off, those that were not changed come along again.
    gone -= {m.id for m in now.values() if m.track in reworked and _device(m) in _BEHIND}
    kept = tuple(move for move in plan.moves if move.id not in gone)
    new = {
        owner: file
        for owner, file in plan.chains.items()
        if owner in chains.changed or not Path(file).name.startswith(PREFIX)
    }
    told = WrittenBack(frozenset(reworked), rechained=chains.changed, unchained=chains.gone)
    return replace(plan, moves=kept, chains=new), told


def as_it_came(plan: MixPlan) -> MixPlan:
    """The plan of an import with nothing but the moves it made, as it made them."""
    moves = tuple(
        replace(
            move,
            status="rejected" if move.reason == MUTED else "accepted",
            sets=tuple(replace(item, chosen=None) for item in move.sets),
        )
        for move in plan.moves
        if move.source == SOURCE
    )
    return replace(plan, moves=moves, chains={})


def _is_as_it_came(now: Move | None, came: Move, muted: Container[str]) -> bool:
    """Whether an imported move does what the DAW does: in force with its values, or waiting with its muted track."""
    if came.reason == MUTED and came.track in muted and (now is None or not now.in_force):
        return True
    return now is not None and now.in_force and [s.value for s in now.sets] == [s.value for s in came.sets]


def _device(move: Move) -> str:
    return move.sets[0].ref.device if move.sets else ""


def differ(
    new: Control, old: Control, *, tolerance: float = SAME_DB, floor: float = -1e9, drawn_alike: bool = False
) -> bool:
    """Whether two controls are apart by more than ``tolerance``; under ``floor`` all is the same.

    A few points of a ride may be, by any amount (a jump that takes a moment), but of two that were ``drawn_alike`` by
    no more than drawing does.
    """
    first, second = (np.maximum(values, floor) for values in _side_by_side(new, old))
    return _are_apart(np.abs(first - second), tolerance, len(first) > 1, drawn_alike)


def _are_apart(steps: np.ndarray, tolerance: float, moving: bool, drawn_alike: bool) -> bool:
    if drawn_alike and bool((steps > DRAWN * tolerance).any()):
        return True
    return bool((steps > tolerance).mean() > (MOMENTS if moving else 0.0))


def _apart(new: Control, old: Control) -> float | None:
    """How far one level lies over another that was drawn alike, dB; None where that changes."""
    first, second = _side_by_side(new, old)
    heard = (first > SILENT_DB) & (second > SILENT_DB)
    if not heard.any():
        return None
    steps = (first - second)[heard]
    middle = float(np.median(steps))
    return None if _are_apart(np.abs(steps - middle), SAME_DB, True, True) else middle


def _side_by_side(new: Control, old: Control) -> tuple[np.ndarray, np.ndarray]:
    """Both controls at all their points, and just beside them: at a jump both its ends count."""
    times = np.array(sorted({p.time_s for p in (*new.points, *old.points)}))
    if not len(times):
        return np.array([new.value]), np.array([old.value])
    grid = np.unique(np.concatenate([times, times - 2e-3, times + 2e-3]))
    return _at(new, grid), _at(old, grid)


def _at(control: Control, grid: np.ndarray) -> np.ndarray:
    if not control.points:
        return np.full(len(grid), control.value)
    times = np.array([p.time_s for p in control.points])
    values = np.array([p.value for p in control.points])
    index = np.clip(np.searchsorted(times, grid, side="right") - 1, 0, len(times) - 1)
    line = np.interp(grid, times, values)
    holds = np.array([p.curve == "hold" for p in control.points])
    inside = grid >= times[0]
    return np.where(holds[index] & inside, values[index], line)
