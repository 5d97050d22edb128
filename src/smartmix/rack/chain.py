"""Devices in series, each with a dry/wet and a bypass, latencies made good throughout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smartmix.audio.buffer import Samples
from smartmix.errors import PluginError
from smartmix.processors.base import Processor
from smartmix.rack.composite import Composite, Member, as_device, own_ids
from smartmix.rack.device import Device


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
