"""One face for every effect in a chain, native, pedalboard's or a plugin: plain units, the same calls."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples, check_sample_rate, check_samples
from smartmix.errors import AudioError, PluginError
from smartmix.parameter import ParameterInfo
from smartmix.processors.events import Lane, points_of
from smartmix.processors.values import Value, id_list, to_native, to_person
from smartmix.rack.timeline import BLOCK_FRAMES, Way, plan

PART_FRAMES = 256 * BLOCK_FRAMES
"""A long recording goes to a plugin in parts of this length (5 s at 48 kHz): what is shared with its process stays
small, and a plugin that hangs is known after seconds, not after three times the length of the song."""


class Device(ABC):
    """An effect with parameters as attributes in plain units. One object per stream and thread."""

    name: str
    kind: str
    parameters: tuple[ParameterInfo, ...]

    @abstractmethod
    def get(self, parameter_id: str) -> Value:
        """Value of a parameter in its plain unit; a choice by its name."""

    @abstractmethod
    def set(self, parameter_id: str, value: Value) -> None:
        """Set a parameter; it counts from the next frame that is processed. Out of range is an error naming it."""

    @property
    @abstractmethod
    def latency_frames(self) -> int:
        """By how many frames the effect itself lags, at the rate last used; a one-shot call takes it out."""

    @property
    def stream_latency_frames(self) -> int:
        """By how many frames the output of calls with ``reset=False`` lags in all."""
        return self.latency_frames

    @property
    def advance_latency_frames(self) -> int:
        """By how many frames what ``advance`` gives lags."""
        return self.latency_frames

    @property
    def tail_frames(self) -> int:
        """How long it rings on, frames; -1 when it never says it ends."""
        return 0

    @abstractmethod
    def process(
        self,
        audio: NDArray[np.floating],
        sample_rate: float,
        buffer_size: int = 8192,
        reset: bool = True,
        *,
        automation: Mapping[str, Lane] | None = None,
        side_chain: NDArray[np.floating] | None = None,
    ) -> Samples:
        """Run the effect over ``audio`` (channels, frames), as ``smartmix.processors.Processor.process`` does.

        With ``reset`` it starts from silence and its latency is taken out; without, it goes on where the last call
        ended, ``stream_latency_frames`` late. However the audio is cut into calls, the samples are the same.
        """

    quantum_frames: int = 1
    """``advance`` takes multiples of this many frames until the end of the stream."""

    @abstractmethod
    def begin(self, sample_rate: float, channels: int, side_chain_channels: int = 0) -> None:
        """From silence, with every setting in force. This and the next two are what a chain drives a device by."""

    @abstractmethod
    def move(self, origin: int, automation: Mapping[str, Lane], sample_rate: float) -> None:
        """Lanes from frame ``origin`` of the stream on."""

    @abstractmethod
    def advance(self, samples: Samples, side_chain: Samples | None = None) -> Samples:
        """The next frames of the stream, late by ``latency_frames``."""

    def __call__(self, audio: NDArray[np.floating], sample_rate: float, **more: Any) -> Samples:
        """``process``."""
        return self.process(audio, sample_rate, **more)

    def settings(self) -> dict[str, Value]:
        """Every parameter that is not at its default, by id."""
        return {i.id: self.get(i.id) for i in self.parameters if not _is_default(i, self.get(i.id))}

    def info(self, parameter_id: str) -> ParameterInfo:
        """What is known of a parameter; PluginError naming what there is for an unknown one."""
        for info in self.parameters:
            if info.id == parameter_id:
                return info
        raise PluginError(
            f"{self.name}: no parameter {parameter_id!r}; there are: {id_list({i.id: i for i in self.parameters})}"
        )

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and any(i.id == name for i in self.__dict__.get("parameters", ())):
            return self.get(name)
        raise AttributeError(f"{type(self).__name__} has no attribute or parameter {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if any(i.id == name for i in self.__dict__.get("parameters", ())):
            self.set(name, value)
        else:
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name} {self.settings()}>"


class ForeignDevice(Device):
    """An effect whose parameters count from the beginning of a block: it is run in blocks of our choosing.

    Blocks begin at multiples of 1024 frames of the stream, and while a lane moves on a grid of 64; steps of a lane
    begin a block of their own. That depends on the stream and the lanes alone, so any cut into calls gives the same
    samples; a stream pays for it with 1024 frames of delay. ``quantum_frames`` may be set to a smaller power of two for
    live use.
    """

    quantum_frames = BLOCK_FRAMES

    def __init__(self) -> None:
        self._values: dict[str, float] = {}
        self._asked: dict[str, float] = {}
        self._ways: dict[str, Way] = {}
        self._written: dict[str, float] = {}
        self._spec: tuple[float, int, int] | None = None
        self._done = 0
        self._waiting: list[Samples] = []
        self._heard: list[Samples] = []
        self._ready: Samples = np.zeros((0, 0), np.float32)

    @abstractmethod
    def _begin(self, sample_rate: float, channels: int, side_chain_channels: int) -> None:
        """From silence, with every value asked for in force; PluginError for what it does not take."""

    @abstractmethod
    def _run(
        self,
        audio: Samples,
        cuts: NDArray[np.int32],
        writes: list[tuple[int, str, float]],
        side_chain: Samples | None,
    ) -> Samples:
        """The audio in blocks that begin at ``cuts``; writes (block, parameter id, value) at their beginnings."""

    @property
    def stream_latency_frames(self) -> int:
        """By how many frames the output of calls with ``reset=False`` lags in all."""
        return self.latency_frames + self.quantum_frames

    def get(self, parameter_id: str) -> Value:
        """Value of a parameter in its plain unit; a choice by its name."""
        return to_person(self.info(parameter_id), self._values[parameter_id])

    def set(self, parameter_id: str, value: Value) -> None:
        """Set a parameter; it counts from the next frame that is processed. Out of range is an error naming it."""
        self._values[parameter_id] = to_native(self.info(parameter_id), value, self.name)
        self._asked[parameter_id] = self._values[parameter_id]
        self._ways.pop(parameter_id, None)
        self._written.pop(parameter_id, None)

    def process(
        self,
        audio: NDArray[np.floating],
        sample_rate: float,
        buffer_size: int = 8192,
        reset: bool = True,
        *,
        automation: Mapping[str, Lane] | None = None,
        side_chain: NDArray[np.floating] | None = None,
    ) -> Samples:
        """Run the effect; see ``Device.process``. ``buffer_size`` changes nothing but how much is handed on at once."""
        samples = finite(check_samples(audio))
        heard = None if side_chain is None else finite(check_samples(side_chain))
        if heard is not None and heard.shape[1] != samples.shape[1]:
            raise AudioError(f"side_chain has {heard.shape[1]} frames, the audio {samples.shape[1]}")
        if buffer_size < 1:
            raise AudioError(f"buffer_size {buffer_size}: expected at least 1 frame")
        spec = (check_sample_rate(sample_rate), samples.shape[0], 0 if heard is None else heard.shape[0])
        if reset or self._spec is None:
            self.begin(*spec)
        elif spec != self._spec:
            raise AudioError(
                f"reset=False goes on with {self._spec}, got {spec} (rate, channels, side chain)"
            )
        origin = self._done + sum(part.shape[1] for part in self._waiting)
        self.move(origin, automation or {}, sample_rate)
        return self._one_shot(samples, heard) if reset else self._stream(samples, heard)

    def begin(self, sample_rate: float, channels: int, side_chain_channels: int = 0) -> None:
        """From silence, with every setting in force; PluginError for what it does not take."""
        self._begin(sample_rate, channels, side_chain_channels)
        self._spec = (sample_rate, channels, side_chain_channels)
        self._ways, self._written = {}, dict(self._asked)
        self._done = 0
        self._waiting, self._heard = [], []
        self._ready = np.zeros((channels, self.quantum_frames), np.float32)

    def _one_shot(self, samples: Samples, heard: Samples | None) -> Samples:
        """All at once: latency fed with silence and cut off in front. The last block is a whole one, as in a stream."""
        frames, late = samples.shape[1], self.latency_frames
        quantum = self.quantum_frames
        more = -(-(frames + late) // quantum) * quantum - frames
        heard = None if heard is None else np.pad(heard, ((0, 0), (0, more)))
        samples = np.pad(samples, ((0, 0), (0, more)))
        parts = []
        for first in range(0, samples.shape[1], PART_FRAMES):
            part = slice(first, first + PART_FRAMES)
            key = None if heard is None else np.ascontiguousarray(heard[:, part])
            parts.append(self.advance(np.ascontiguousarray(samples[:, part]), key))
        out = np.concatenate(parts, axis=1) if parts else samples
        self._spec = None  # what follows without reset begins anew
        return np.ascontiguousarray(out[:, late : late + frames])

    def _stream(self, samples: Samples, heard: Samples | None) -> Samples:
        self._waiting.append(samples)
        self._heard += [] if heard is None else [heard]
        frames = samples.shape[1]
        there = sum(part.shape[1] for part in self._waiting)
        whole = there // self.quantum_frames * self.quantum_frames
        if whole:
            joined = np.concatenate(self._waiting, axis=1)
            key = np.concatenate(self._heard, axis=1) if self._heard else None
            out = self.advance(
                np.ascontiguousarray(joined[:, :whole]),
                None if key is None else np.ascontiguousarray(key[:, :whole]),
            )
            self._waiting = [joined[:, whole:]]
            self._heard = [] if key is None else [key[:, whole:]]
            self._ready = np.concatenate([self._ready, out], axis=1)
        given, self._ready = self._ready[:, :frames], self._ready[:, frames:]
        return np.ascontiguousarray(given)

    def advance(self, samples: Samples, side_chain: Samples | None = None) -> Samples:
        """The next frames of the stream, from a multiple of the longest block on."""
        first, end = self._done, self._done + samples.shape[1]
        if first == end:
            return samples.copy()
        names = sorted(self._ways)
        ways = [(k, self._ways[name]) for k, name in enumerate(names)]
        pieces = plan(first, end, ways, block=self.quantum_frames)
        writes = self._settled(names)
        values = pieces.values.copy()
        for which, name in enumerate(names):
            mine = pieces.which == which
            values[mine] = self._plain(self.info(name), values[mine])
        writes += zip(
            pieces.blocks.tolist(), [names[k] for k in pieces.which.tolist()], values.tolist(), strict=True
        )
        out = self._run(samples, pieces.cuts, self._news(sorted(writes, key=lambda w: w[0])), side_chain)
        self._done = end
        for way in self._ways.values():
            way.forget(end)
        return out

    def _settled(self, moving: list[str]) -> list[tuple[int, str, float]]:
        """What was set by hand since the last stretch."""
        return [(0, i, v) for i, v in self._asked.items() if i not in moving and i not in self._written]

    def _news(self, writes: list[tuple[int, str, float]]) -> list[tuple[int, str, float]]:
        """The writes that change something."""
        new = []
        for block, name, value in writes:
            if self._written.get(name) != value:
                self._written[name] = self._values[name] = value
                if name in self._asked:
                    self._asked[name] = value
                new.append((block, name, value))
        return new

    def move(self, origin: int, automation: Mapping[str, Lane], sample_rate: float) -> None:
        """Lanes from frame ``origin`` of the stream on; they go straight in the scale of their parameter."""
        for name, lane in automation.items():
            info = self.info(name)
            way = self._ways.setdefault(name, Way(self._straight(info)))
            way.override(origin, *straight_points(info, lane, sample_rate, self.name))

    def _straight(self, info: ParameterInfo) -> float:
        value = self._values[info.id]
        return float(np.log(value)) if info.scale == "log" else value

    def _plain(self, info: ParameterInfo, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip(np.exp(values) if info.scale == "log" else values, info.low, info.high)


def straight_points(
    info: ParameterInfo, lane: Lane, sample_rate: float, owner: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Frames and values of a lane, values in the scale in which it goes straight; held ones end in a step.

    From frame 0 on it has the value of its first point.
    """
    points = points_of(info.id, lane)
    steps = info.scale in ("toggle", "choice")
    frames: list[int] = []
    values: list[float] = []
    for k, point in enumerate(points):
        at, value = round(point.time_s * sample_rate), to_native(info, point.value, owner)
        if k and (steps or points[k - 1].curve == "hold") and at > frames[-1]:
            frames.append(at)
            values.append(values[-1])
        frames.append(at)
        values.append(float(np.log(value)) if info.scale == "log" else value)
    return np.array([0, *frames], np.int64), np.array([values[0], *values])


def _is_default(info: ParameterInfo, value: Value) -> bool:
    default = to_person(info, info.default)
    if isinstance(value, str | bool) or isinstance(default, str | bool):
        return value == default
    return math.isclose(value, default, rel_tol=1e-5, abs_tol=1e-5 * (info.high - info.low))


def finite(samples: Samples) -> Samples:
    """Samples that are no numbers as silence: some plugins never get over one."""
    good = np.isfinite(samples)
    return samples if good.all() else np.where(good, samples, np.float32(0.0))
