"""Devices in series, each with a dry/wet and a bypass, latencies made good throughout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from smartmix.audio.buffer import Samples
from smartmix.errors import PluginError
from smartmix.processors.base import Processor
from smartmix.rack.composite import Composite, Member, as_device, own_ids
from smartmix.rack.device import Device, ForeignDevice, finite
from smartmix.rack.timeline import BLOCK_FRAMES

FEWEST_LIVE = 16
"""Shorter blocks cost more for the call than for the sound."""


class Chain(Composite):
    """Devices one after the other. ``chain["comp"].threshold_db = -20`` sets one; lanes go by "comp.threshold_db".

    Every member has a ``dry_wet`` (0 … 1) and can be ``bypassed``, which are lanes too ("comp.dry_wet"): the dry sound
    is as late as the member makes it, so that nothing combs, and a bypass changes no timing. The chain's own latency is
    that of its members together. A member may be a chain or a split (``smartmix.rack.split``) itself.
    """

    kind = "chain"

    def __init__(self, *devices: Device | Processor, name: str = "chain", ids: Iterable[str] = ()) -> None:
        if not devices:
            raise PluginError("a chain needs at least one device")
        faces = [as_device(d) for d in devices]
        names = list(ids) or own_ids(faces)
        if len(names) != len(faces) or len(set(names)) != len(names):
            raise PluginError(f"ids {names}: expected one of its own for each of {len(faces)} devices")
        super().__init__(name, (Member(i, d) for i, d in zip(names, faces, strict=True)))

    @property
    def latency_frames(self) -> int:
        """Of all members together."""
        return sum(m.device.latency_frames for m in self._members.values())

    @property
    def stream_latency_frames(self) -> int:
        """By how many frames the output of calls with ``reset=False`` lags in all."""
        return sum(m.late_frames for m in self._members.values())

    def go_live(self, sample_rate: float, channels: int, block_frames: int) -> LiveStream:
        """From silence, to be fed in blocks of ``block_frames`` (a power of two from 16 to 1024) with less delay than a
        stream that may be cut anywhere.
        """
        if not (FEWEST_LIVE <= block_frames <= BLOCK_FRAMES and block_frames & (block_frames - 1) == 0):
            raise PluginError(
                f"blocks of {block_frames} frames: expected a power of two from {FEWEST_LIVE} to {BLOCK_FRAMES}"
            )
        for _, device in self.leaves():
            if isinstance(device, ForeignDevice):
                device.quantum_frames = block_frames
        self.begin(sample_rate, channels)
        return LiveStream(self, channels)

    @property
    def live_latency_frames(self) -> int:
        """By how many frames what comes out of a live stream lags, without that of the audio interface."""
        late = 0
        for member in self._members.values():
            late = member.late_after(late)
        return late

    @property
    def tail_frames(self) -> int:
        """Of all members together; -1 when one never says it ends."""
        tails = [m.device.tail_frames for m in self._members.values()]
        return -1 if -1 in tails else sum(tails)

    def _start(self, sample_rate: float, channels: int, keyed: Mapping[str, int]) -> None:
        for member in self._members.values():
            member.begin(sample_rate, channels, keyed.get(member.id, 0))

    def _pass(self, samples: Samples, keys: Mapping[str, Samples]) -> Samples:
        for member in self._members.values():
            samples = member.feed(samples, keys.get(member.id))
        return samples

    def __repr__(self) -> str:
        return f"<chain {self.name}: {' -> '.join(repr(m.device) for m in self._members.values())}>"


class LiveStream:
    """A chain fed block by block as the audio comes: every block gives one as long, ``latency_frames`` late."""

    def __init__(self, chain: Chain, channels: int) -> None:
        self.chain = chain
        self.latency_frames = chain.live_latency_frames
        self._ready: Samples = np.zeros((channels, self.latency_frames), np.float32)

    def process(self, samples: Samples) -> Samples:
        """The next block."""
        made = self.chain._pass(finite(samples), {})
        self._ready = np.concatenate([self._ready, made], axis=1)
        given, self._ready = self._ready[:, : samples.shape[1]], self._ready[:, samples.shape[1] :]
        return np.ascontiguousarray(given)
