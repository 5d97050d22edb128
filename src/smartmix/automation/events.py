"""What a compiled mix is made of: settings of strips on frame 0, and events in absolute frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from smartmix import _automation
from smartmix.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartmix.automation.lane import FrameLane
    from smartmix.plan.conflicts import Conflict

_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True, slots=True)
class StripSettings:
    """A strip on frame 0: parameter id ("eq.band1.freq_hz") -> plain value; what is not named is neutral.

    A choice has the index of its name as value.
    """

    track_id: str
    static: Mapping[str, float]


@dataclass(frozen=True, eq=False, slots=True)
class EventStream:
    """Events in order of frame, all arrays of one length; ``params`` are indices into ``parameter_ids``.

    From ``frames[i]`` on, the parameter moves in a straight line of its own scale and has ``values[i]``
    ``ramp_frames[i]`` frames later; 0 means on the frame itself.
    """

    parameter_ids: tuple[str, ...]
    frames: NDArray[np.int64]
    strips: NDArray[np.int32]
    params: NDArray[np.int32]
    values: NDArray[np.float64]
    ramp_frames: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.frames)

    def cursor(self, native_params: NDArray[np.int32]) -> _automation.BlockCursor:
        """Events block by block; ``native_params[i]`` is a strip bank's index of ``parameter_ids[i]``."""
        params = np.ascontiguousarray(native_params[self.params], np.int32)
        return _automation.BlockCursor(self.frames, self.strips, params, self.values, self.ramp_frames)

    def of_strip(self, strip: int) -> Self:
        """The events of one strip alone, as strip 0."""
        mine = self.strips == strip
        return replace(
            self,
            frames=self.frames[mine],
            strips=np.zeros(int(mine.sum()), np.int32),
            params=self.params[mine],
            values=self.values[mine],
            ramp_frames=self.ramp_frames[mine],
        )


@dataclass(frozen=True, slots=True)
class CompiledMix:
    """Strips in the order of the session's audible tracks, their events, and moves that lost a conflict."""

    strips: tuple[StripSettings, ...]
    events: EventStream
    set_aside: tuple[Conflict, ...] = ()

    def only(self, track_id: str) -> CompiledMix:
        """The same mix with one strip alone; PlanError for a track that has none (unknown or muted)."""
        for index, strip in enumerate(self.strips):
            if strip.track_id == track_id:
                return CompiledMix((strip,), self.events.of_strip(index), self.set_aside)
        raise PlanError(
            f"track {track_id!r} does not sound in the mix; "
            f"tracks that do: {', '.join(s.track_id for s in self.strips)}"
        )


class EventCollector:
    """Takes lanes strip by strip and sorts the events of all of them."""

    def __init__(self, total_frames: int) -> None:
        self._total_frames = total_frames
        self._ids: dict[str, int] = {}
        self._parts: list[tuple[int, int, NDArray[np.int64], NDArray[np.float64], NDArray[np.int32]]] = []

    def take(self, strip: int, parameter_id: str, lane: FrameLane, *, log_scale: bool = False) -> float:
        """Note what moves after frame 0 and return the value on frame 0."""
        try:
            first, frames, values, ramps = _automation.segments(
                lane.frames, lane.values, self._total_frames, log_scale
            )
        except OverflowError as error:
            raise PlanError(f"{parameter_id}: {error}; put a point in between") from error
        if len(frames):
            param = self._ids.setdefault(parameter_id, len(self._ids))
            self._parts.append((strip, param, frames, values, ramps))
        return first

    def sorted(self) -> EventStream:
        """All events, by frame, then strip, then parameter, then as the lane had them."""
        counts = [len(part[2]) for part in self._parts]
        frames = _joined((part[2] for part in self._parts), np.int64)
        strips = np.repeat(np.asarray([p[0] for p in self._parts], np.int32), counts)
        params = np.repeat(np.asarray([p[1] for p in self._parts], np.int32), counts)
        order = np.lexsort((params, strips, frames))  # stable: a jump stays before the line that leaves it
        return EventStream(
            tuple(self._ids),
            frames[order],
            strips[order],
            params[order],
            _joined((part[3] for part in self._parts), np.float64)[order],
            _joined((part[4] for part in self._parts), np.int32)[order],
        )


def _joined(parts: Iterable[NDArray[_Number]], kind: type[_Number]) -> NDArray[_Number]:
    return np.concatenate([np.zeros(0, kind), *parts])
