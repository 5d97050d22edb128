"""smartmix's own effects as devices of a chain: lanes of any parameter, straight from sample to sample."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples
from smartmix.processors.base import Processor
from smartmix.processors.events import Events, Lane
from smartmix.processors.values import Value, to_native
from smartmix.rack.device import Device, straight_points
from smartmix.rack.timeline import Way

Rows = list[tuple[int, int, float, int]]


class NativeDevice(Device):
    """A native effect (``smartmix.processors``) as a device."""

    kind = "native"

    def __init__(self, processor: Processor) -> None:
        self._processor = processor
        self._ways: dict[str, Way] = {}
        self._done = 0
        self.name = processor.native_name
        self.parameters = processor.parameters

    @property
    def processor(self) -> Processor:
        """The effect itself."""
        return self._processor

    def get(self, parameter_id: str) -> Value:
        """Value of a parameter in its plain unit; a choice by its name."""
        return self._processor.get(self.info(parameter_id).id)

    def set(self, parameter_id: str, value: Value) -> None:
        """Set a parameter; out of range is an error naming it."""
        self._processor.set(self.info(parameter_id).id, value)
        self._ways.pop(parameter_id, None)

    @property
    def latency_frames(self) -> int:
        """By how many frames the output lags."""
        return self._processor.latency_frames

    @property
    def tail_frames(self) -> int:
        """How long it rings on, frames."""
        return self._processor._native.tail_frames

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
        """Run the effect; see ``smartmix.processors.Processor.process``."""
        return self._processor.process(
            audio, sample_rate, buffer_size, reset, automation=automation, side_chain=side_chain
        )

    def begin(self, sample_rate: float, channels: int, side_chain_channels: int = 0) -> None:
        """From silence, with every setting in force."""
        self._processor._prepare((sample_rate, channels, side_chain_channels), reset=True)
        self._ways, self._done = {}, 0

    def move(self, origin: int, automation: Mapping[str, Lane], sample_rate: float) -> None:
        """Lanes from frame ``origin`` of the stream on."""
        for name, lane in automation.items():
            info = self.info(name)
            value = to_native(info, self.get(name), self.name)
            way = self._ways.setdefault(name, Way(float(np.log(value)) if info.scale == "log" else value))
            way.override(origin, *straight_points(info, lane, sample_rate, self.name))

    def advance(self, samples: Samples, side_chain: Samples | None = None) -> Samples:
        """The next frames of the stream, late by ``latency_frames``."""
        first, end = self._done, self._done + samples.shape[1]
        rows: Rows = []
        for name, way in sorted(self._ways.items()):
            rows += self._events(name, way, first, end)
            way.forget(end)
        self._done = end
        events = Events(rows).between(0, end - first)
        made: Samples = self._processor._native.process(
            np.ascontiguousarray(samples), *events, side_chain=side_chain
        )
        return made

    def _events(self, name: str, way: Way, first: int, end: int) -> Rows:
        """One event for each straight line that begins in the stretch: a line goes on by itself in the next."""
        info = self.info(name)
        index = self._processor._native.parameter_index(name)
        rows: Rows = []
        for k in np.nonzero((way.frames >= first) & (way.frames < end))[0].tolist():
            at = int(way.frames[k])
            last = k + 1 == len(way.frames)
            if not last and int(way.frames[k + 1]) == at:
                continue  # a step: the later of the two counts
            rows.append((at - first, index, self._plain(info.scale, way.values[k]), 0))
            if not last and way.values[k + 1] != way.values[k]:
                run = int(way.frames[k + 1]) - at
                rows.append((at - first, index, self._plain(info.scale, way.values[k + 1]), run))
        return rows

    @staticmethod
    def _plain(scale: str, value: float) -> float:
        return float(np.exp(value)) if scale == "log" else float(value)
