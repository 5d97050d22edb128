"""What a compiled mix is made of: settings of strips on frame 0, and events in absolute frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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

    A choice has the index of its name as value. ``polarity`` (of ``plan.ranges.POLARITIES``) and ``shift_frames``
    (later if positive) are how the track is read, before anything else. ``dynamics``: whether a compressor or a
    de-esser ever works on it. ``chain`` is the chain file the track runs through ("": none). ``lanes`` are the same
    settings and events once more, as they go through time: for what a chain carries out in the strip's place, and for
    what is handed over to another mixer.
    """

    track_id: str
    static: Mapping[str, float]
    polarity: str = "normal"
    shift_frames: int = 0
    dynamics: bool = False
    chain: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    """What listens to another track ("dynamic_eq.band1", "compressor"), and that track's id."""
    lanes: Mapping[str, FrameLane] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, eq=False, slots=True)
class SumEq:
    """The equaliser of a sum: what its bands ("eq.band1.freq_hz") are on frame 0, and how they move."""

    static: Mapping[str, float]
    events: EventStream
    lanes: Mapping[str, FrameLane] = field(default_factory=dict)
    """The same through time."""


@dataclass(frozen=True, slots=True)
class BusSettings:
    """A bus whose sum is worked on: the tracks it carries, its EQ and then its chain file ("": none)."""

    bus_id: str
    members: frozenset[str]
    chain: str
    eq: SumEq | None = None


@dataclass(frozen=True, slots=True)
class ReturnSettings:
    """An effect return that something is sent to: its native processor's settings for the whole song, by id, and
    where its fader is on frame 0 (dB).
    """

    return_id: str
    device: str
    static: Mapping[str, float]
    fader_db: float = 0.0


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

    def of_strips(self, strips: Sequence[int]) -> Self:
        """The events of some strips, which count from 0 in the order given (rising)."""
        new = np.full(int(max([*strips, *self.strips, -1])) + 1, -1, np.int32)
        new[np.asarray(strips, np.intp)] = np.arange(len(strips))
        kept = self._where(new[self.strips] >= 0)
        return replace(kept, strips=new[kept.strips])

    def without(self, unwanted: Callable[[str], bool], *, strips: Sequence[int] | None = None) -> Self:
        """The events without those of unwanted parameters (of some strips); no parameter is listed that has none."""
        unwanted_ids = np.asarray([unwanted(name) for name in self.parameter_ids], np.bool_)
        gone = unwanted_ids[self.params] if len(self) else np.zeros(0, np.bool_)
        if strips is not None:
            gone &= np.isin(self.strips, np.asarray(strips, np.int32))
        kept = self._where(~gone)
        left = np.unique(kept.params)
        names = tuple(self.parameter_ids[index] for index in left.tolist())
        return replace(kept, parameter_ids=names, params=np.searchsorted(left, kept.params).astype(np.int32))

    def none(self) -> Self:
        """No event at all."""
        return self._where(np.zeros(len(self), np.bool_))

    def _where(self, kept: NDArray[np.bool_]) -> Self:
        return replace(
            self,
            frames=self.frames[kept],
            strips=self.strips[kept],
            params=self.params[kept],
            values=self.values[kept],
            ramp_frames=self.ramp_frames[kept],
        )


@dataclass(frozen=True, slots=True)
class CompiledMix:
    """Strips in the order of the session's audible tracks, their events, and moves that lost a conflict.

    ``returns`` are those in use: send 1 of every strip ("send1.level_db") feeds the first. Their faders' events
    (``return_events``) count returns as strips. ``notices`` say where a move could not be followed to the end (a pan
    past a side, a fader under its floor, a locked member of a group).
    """

    strips: tuple[StripSettings, ...]
    events: EventStream
    set_aside: tuple[Conflict, ...] = ()
    returns: tuple[ReturnSettings, ...] = ()
    return_events: EventStream = field(default_factory=lambda: EventCollector(0).sorted())
    notices: tuple[str, ...] = ()
    buses: tuple[BusSettings, ...] = ()
    """Buses with an EQ or a chain of their own; a track belongs to at most one of them."""
    mix_eq: SumEq | None = None
    """The EQ of the whole mix, returns included, in front of its chain."""
    mix_chain: str = ""
    """The chain file the whole mix runs through; "" for none."""
    keys: tuple[StripSettings, ...] = ()
    """Tracks that strips listen to, as they are read and trimmed, whether or not they have a strip themselves."""
    key_events: EventStream = field(default_factory=lambda: EventCollector(0).sorted())
    """Of their trims; ``keys`` counted as strips."""
    heard: str | None = None
    """The one return that is heard, without the tracks themselves; None for the whole mix."""

    def only(self, *track_ids: str) -> CompiledMix:
        """Some strips alone, before EQ and chains of buses and the mix; PlanError for a track that has none."""
        indices = {strip.track_id: index for index, strip in enumerate(self.strips)}
        for name in track_ids:
            if name not in indices:
                raise PlanError(
                    f"track {name!r} does not sound in the mix; tracks that do: {', '.join(indices)}"
                )
        kept = [index for name, index in indices.items() if name in track_ids]
        strips = tuple(self.strips[i] for i in kept)
        return replace(
            self, strips=strips, events=self.events.of_strips(kept), buses=(), mix_eq=None, mix_chain=""
        )

    def share(self, *track_ids: str) -> CompiledMix:
        """What some strips bring to the whole mix: behind the EQs of buses and the mix, which are linear, so that
        shares add up; without chains of either. PlanError for a track that has no strip.
        """
        buses = tuple(replace(bus, chain="") for bus in self.buses if bus.eq and bus.members & set(track_ids))
        return replace(self.only(*track_ids), buses=buses, mix_eq=self.mix_eq)

    def without_returns(self) -> CompiledMix:
        """The same strips with no send: what they bring to the mix themselves."""
        return replace(self.without_sends(), returns=(), return_events=self.return_events.none())

    def without_sends(self) -> CompiledMix:
        """The same strips with no send, as long as with them: what rings on in an EQ of a bus is heard to its end."""
        strips = tuple(
            replace(s, static={k: v for k, v in s.static.items() if not is_send(k)}) for s in self.strips
        )
        return replace(self, strips=strips, events=self.events.without(is_send))

    def only_return(self, return_id: str) -> CompiledMix:
        """The same mix with one return heard alone; PlanError when nothing is sent to it."""
        if all(item.return_id != return_id for item in self.returns):
            used = ", ".join(item.return_id for item in self.returns) or "none"
            raise PlanError(f"nothing is sent to {return_id!r}; returns in use: {used}")
        return replace(self, heard=return_id)


def is_send(parameter_id: str) -> bool:
    """Whether a strip parameter is a send's level."""
    return parameter_id.startswith("send")


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
