"""Devices in series, each with a dry/wet and a bypass, latencies made good throughout."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples, check_sample_rate, check_samples
from smartmix.errors import AudioError, PluginError
from smartmix.parameter import ParameterInfo
from smartmix.processors.base import Processor
from smartmix.processors.events import Lane
from smartmix.processors.values import Value, to_native, to_person
from smartmix.rack.device import Device, finite, straight_points
from smartmix.rack.native import NativeDevice
from smartmix.rack.timeline import Way

DRY_WET = ParameterInfo("dry_wet", "Dry/wet", "", 0.0, 1.0, 1.0, "linear")
BYPASSED = ParameterInfo("bypassed", "Bypassed", "", 0.0, 1.0, 0.0, "toggle")


class _Member:
    """A device in its place: what waits before it, and how the dry sound is mixed to its own."""

    def __init__(self, id_: str, device: Device) -> None:
        self.id = id_
        self.device = device
        self.values = {DRY_WET.id: 1.0, BYPASSED.id: 0.0}
        self.ways: dict[str, Way] = {}

    def begin(self, sample_rate: float, channels: int, side_chain_channels: int) -> None:
        self.device.begin(sample_rate, channels, side_chain_channels)
        self.ways = {name: Way(value) for name, value in self.values.items()}
        self._input = np.zeros((channels, 0), np.float32)
        self._key = np.zeros((side_chain_channels, 0), np.float32)
        self._dry = self._input
        self._late = self.device.latency_frames
        self._out = 0

    def feed(self, samples: Samples, key: Samples | None) -> Samples:
        """What comes out for what goes in, in time with it; as much as is ready."""
        self._input = np.concatenate([self._input, samples], axis=1)
        if key is not None:
            self._key = np.concatenate([self._key, key], axis=1)
        quantum = self.device.quantum_frames
        ready = self._input.shape[1] // quantum * quantum
        if ready == 0:
            return self._input[:, :0]
        given = np.ascontiguousarray(self._input[:, :ready])
        heard = np.ascontiguousarray(self._key[:, :ready]) if key is not None else None
        self._input, self._key = self._input[:, ready:], self._key[:, ready:]
        wet = self.device.advance(given, heard)
        drop = min(self._late, ready)
        self._late -= drop
        self._dry = np.concatenate([self._dry, given], axis=1)
        return self._mixed(wet[:, drop:])

    def _mixed(self, wet: Samples) -> Samples:
        frames = wet.shape[1]
        dry, self._dry = self._dry[:, :frames], self._dry[:, frames:]
        at = self._out + np.arange(frames, dtype=np.float64)
        self._out += frames
        mix = self.ways[DRY_WET.id].at(at) * (self.ways[BYPASSED.id].at(at) < 0.5)
        for way in self.ways.values():
            way.forget(self._out)
        if np.all(mix == 1.0):
            return wet
        if np.all(mix == 0.0):
            return dry
        blend = dry + mix * (wet.astype(np.float64) - dry)
        return np.where(mix == 1.0, wet, blend).astype(np.float32)


class Chain(Device):
    """Devices one after the other. ``chain["comp"].threshold_db = -20`` sets one; lanes go by "comp.threshold_db".

    Every member has a ``dry_wet`` (0 … 1) and can be ``bypassed``, which are lanes too ("comp.dry_wet"): the dry sound
    is as late as the member makes it, so that nothing combs, and a bypass changes no timing. The chain's own latency is
    that of its members together.
    """

    kind = "chain"

    def __init__(self, *devices: Device | Processor, name: str = "chain", ids: Iterable[str] = ()) -> None:
        if not devices:
            raise PluginError("a chain needs at least one device")
        faces = [d if isinstance(d, Device) else NativeDevice(d) for d in devices]
        if any(isinstance(d, Chain) for d in faces):
            raise PluginError("a chain inside a chain: put its devices into this one")
        names = list(ids) or _own_ids(faces)
        if len(names) != len(faces) or len(set(names)) != len(names):
            raise PluginError(f"ids {names}: expected one of its own for each of {len(faces)} devices")
        self.name = name
        self._members = {i: _Member(i, d) for i, d in zip(names, faces, strict=True)}
        self.parameters = tuple(
            _renamed(i, info)
            for i, member in self._members.items()
            for info in (*member.device.parameters, DRY_WET, BYPASSED)
        )
        self._spec: tuple[float, int, tuple[tuple[str, int], ...]] | None = None
        self._received = 0
        self._ready: Samples = np.zeros((0, 0), np.float32)

    def __getitem__(self, member: str) -> Device:
        """A device by its id."""
        return self._member(member).device

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the members, in order."""
        return tuple(self._members)

    @property
    def latency_frames(self) -> int:
        """Of all members together."""
        return sum(m.device.latency_frames for m in self._members.values())

    @property
    def stream_latency_frames(self) -> int:
        """By how many frames the output of calls with ``reset=False`` lags in all."""
        return self.latency_frames + sum(m.device.quantum_frames - 1 for m in self._members.values())

    @property
    def tail_frames(self) -> int:
        """Of all members together; -1 when one never says it ends."""
        tails = [m.device.tail_frames for m in self._members.values()]
        return -1 if -1 in tails else sum(tails)

    def get(self, parameter_id: str) -> Value:
        """Value of "member.parameter"."""
        member, own = self._split(parameter_id)
        if own in member.values:
            return to_person(DRY_WET if own == DRY_WET.id else BYPASSED, member.values[own])
        return member.device.get(own)

    def set(self, parameter_id: str, value: Value) -> None:
        """Set "member.parameter"."""
        member, own = self._split(parameter_id)
        if own not in member.values:
            member.device.set(own, value)
            return
        member.values[own] = to_native(DRY_WET if own == DRY_WET.id else BYPASSED, value, parameter_id)
        if own in member.ways:
            member.ways[own] = Way(member.values[own])

    def process(
        self,
        audio: NDArray[np.floating],
        sample_rate: float,
        buffer_size: int = 8192,
        reset: bool = True,
        *,
        automation: Mapping[str, Lane] | None = None,
        side_chain: NDArray[np.floating] | Mapping[str, NDArray[np.floating]] | None = None,
    ) -> Samples:
        """Run the chain; see ``Device.process``. ``side_chain`` is what members listen to, by their ids."""
        samples = finite(check_samples(audio))
        keys = self._keys(side_chain, samples.shape[1])
        spec = (
            check_sample_rate(sample_rate),
            samples.shape[0],
            tuple(sorted((i, k.shape[0]) for i, k in keys.items())),
        )
        if reset or self._spec is None:
            self._start(spec)
        elif spec != self._spec:
            raise AudioError(
                f"reset=False goes on with {self._spec}, got {spec} (rate, channels, side chains)"
            )
        self.move(self._received, automation or {}, sample_rate)
        self._received += samples.shape[1]
        if not reset:
            self._ready = np.concatenate([self._ready, self._pass(samples, keys)], axis=1)
            given, self._ready = self._ready[:, : samples.shape[1]], self._ready[:, samples.shape[1] :]
            return np.ascontiguousarray(given)
        # As much silence as a stream needs to give everything back: every member then runs whole blocks, as in one.
        more = ((0, 0), (0, self.stream_latency_frames))
        self._spec = None
        keys = {i: np.pad(k, more) for i, k in keys.items()}
        return np.ascontiguousarray(self._pass(np.pad(samples, more), keys)[:, : samples.shape[1]])

    def begin(self, sample_rate: float, channels: int, side_chain_channels: int = 0) -> None:
        """Chains are not driven by chains."""
        raise PluginError("a chain inside a chain")

    def move(self, origin: int, automation: Mapping[str, Lane], sample_rate: float) -> None:
        """Lanes of "member.parameter" from frame ``origin`` of the stream on."""
        for name, lane in automation.items():
            member, own = self._split(name)
            if own in member.values:
                info = DRY_WET if own == DRY_WET.id else BYPASSED
                member.ways[own].override(origin, *straight_points(info, lane, sample_rate, name))
            else:
                member.device.move(origin, {own: lane}, sample_rate)

    def advance(self, samples: Samples, side_chain: Samples | None = None) -> Samples:
        """Chains are not driven by chains."""
        raise PluginError("a chain inside a chain")

    def _start(self, spec: tuple[float, int, tuple[tuple[str, int], ...]]) -> None:
        sample_rate, channels, keyed = spec
        for member in self._members.values():
            member.begin(sample_rate, channels, dict(keyed).get(member.id, 0))
        self._spec, self._received = spec, 0
        self._ready = np.zeros((channels, self.stream_latency_frames), np.float32)

    def _pass(self, samples: Samples, keys: Mapping[str, Samples]) -> Samples:
        for member in self._members.values():
            samples = member.feed(samples, keys.get(member.id))
        return samples

    def _keys(
        self, side_chain: NDArray[np.floating] | Mapping[str, NDArray[np.floating]] | None, frames: int
    ) -> dict[str, Samples]:
        if side_chain is None:
            return {}
        if not isinstance(side_chain, Mapping):
            raise PluginError(
                f"side_chain of a chain: expected a mapping from a member ({', '.join(self.ids)})"
            )
        keys = {self._member(i).id: finite(check_samples(key)) for i, key in side_chain.items()}
        for id_, key in keys.items():
            if key.shape[1] != frames:
                raise AudioError(f"side_chain of {id_} has {key.shape[1]} frames, the audio {frames}")
        return keys

    def _member(self, id_: str) -> _Member:
        if id_ not in self._members:
            raise PluginError(f"{self.name}: no device {id_!r}; there are: {', '.join(self._members)}")
        return self._members[id_]

    def _split(self, parameter_id: str) -> tuple[_Member, str]:
        member, _, own = parameter_id.partition(".")
        return self._member(member), own

    def __repr__(self) -> str:
        return f"<chain {self.name}: {' -> '.join(repr(m.device) for m in self._members.values())}>"


def _renamed(member: str, info: ParameterInfo) -> ParameterInfo:
    return ParameterInfo(
        f"{member}.{info.id}",
        f"{member} {info.name}",
        info.unit,
        info.low,
        info.high,
        info.default,
        info.scale,
        info.choices,
    )


def _own_ids(devices: list[Device]) -> list[str]:
    """Their names in small letters, a second one of a name with its number."""
    seen: dict[str, int] = {}
    ids = []
    for device in devices:
        plain = re.sub(r"[^a-z0-9]+", "_", device.name.lower()).strip("_")
        seen[plain] = seen.get(plain, 0) + 1
        ids.append(plain if seen[plain] == 1 else f"{plain}_{seen[plain]}")
    return ids
