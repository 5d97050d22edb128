"""Devices made of devices: what a chain and a split have in common, latencies made good throughout."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence

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
LEVEL = ParameterInfo("level_db", "Level", "dB", -120.0, 24.0, 0.0, "db")
SILENT_DB = -120.0
"""A level at its lower end is silence."""
MIXING = {info.id: info for info in (DRY_WET, BYPASSED, LEVEL)}

Key = NDArray[np.floating] | Mapping[str, NDArray[np.floating]]


class Member:
    """A device in its place: what waits before it, and how the dry sound is mixed to its own."""

    def __init__(self, id_: str, device: Device, mixing: Sequence[str] = (DRY_WET.id, BYPASSED.id)) -> None:
        self.id = id_
        self.device = device
        self.values = {name: MIXING[name].default for name in mixing}
        self.ways: dict[str, Way] = {}

    @property
    def late_frames(self) -> int:
        """By how much what comes out in a stream lags, with what waits before it."""
        return self.device.advance_latency_frames + self.device.quantum_frames - 1

    def late_after(self, late_frames: int) -> int:
        """How late a live stream is behind this member that is ``late_frames`` late before it: what waits to be a whole
        block waits only as long as that takes.
        """
        if isinstance(self.device, Composite):
            return late_frames + self.late_frames
        quantum = self.device.quantum_frames
        return -(-late_frames // quantum) * quantum + self.device.advance_latency_frames

    def begin(self, sample_rate: float, channels: int, side_chain_channels: int) -> None:
        """From silence."""
        self.device.begin(sample_rate, channels, side_chain_channels)
        self.ways = {name: Way(value) for name, value in self.values.items()}
        self._input = np.zeros((channels, 0), np.float32)
        self._key = np.zeros((side_chain_channels, 0), np.float32)
        self._dry = self._input
        self._late = self.device.advance_latency_frames
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
        now = {name: way.span(self._out, frames) for name, way in self.ways.items()}
        self._out += frames
        mix = now[DRY_WET.id] * (now[BYPASSED.id] < 0.5)
        for way in self.ways.values():
            way.forget(self._out)
        return _at_level(_blended(dry, wet, mix), now.get(LEVEL.id, np.zeros(1)))


def _blended(dry: Samples, wet: Samples, mix: NDArray[np.float64]) -> Samples:
    if np.all(mix == 1.0):
        return wet
    if np.all(mix == 0.0):
        return dry
    blend = dry + mix * (wet.astype(np.float64) - dry)
    return np.where(mix == 1.0, wet, blend).astype(np.float32)


def _at_level(samples: Samples, level_db: NDArray[np.float64]) -> Samples:
    if np.all(level_db == 0.0):
        return samples
    gain = np.where(level_db <= SILENT_DB, 0.0, 10.0 ** (level_db / 20.0))
    return np.asarray(samples * gain, np.float32)


class Composite(Device):
    """A device whose members are devices; lanes and settings go by "member.parameter"."""

    def __init__(self, name: str, members: Iterable[Member]) -> None:
        self.name = name
        self._members = {member.id: member for member in members}
        self.parameters = tuple(
            _renamed(i, info)
            for i, member in self._members.items()
            for info in (*member.device.parameters, *(MIXING[v] for v in member.values))
        )
        self._spec: tuple[float, int, tuple[tuple[str, int], ...]] | None = None
        self._received = 0
        self._ready: Samples = np.zeros((0, 0), np.float32)

    @abstractmethod
    def _start(self, sample_rate: float, channels: int, keyed: Mapping[str, int]) -> None:
        """Every member from silence; ``keyed`` has the channels of the side chains, by member."""

    @abstractmethod
    def _pass(self, samples: Samples, keys: Mapping[str, Samples]) -> Samples:
        """What comes out for what goes in, in time with it; as much as is ready."""

    def __getitem__(self, member: str) -> Device:
        """A device by its id."""
        return self._member(member).device

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the members, in order."""
        return tuple(self._members)

    def leaves(self) -> Iterator[tuple[str, Device]]:
        """Every device inside that is not made of others, by its whole id ("wide.side.eq")."""
        for id_, member in self._members.items():
            if isinstance(member.device, Composite):
                yield from ((f"{id_}.{inner}", device) for inner, device in member.device.leaves())
            else:
                yield id_, member.device

    def incident_texts(self) -> tuple[str, ...]:
        """What plugins inside did that cost them their process."""
        return tuple(each.text for _, device in self.leaves() for each in getattr(device, "incidents", ()))

    @property
    def quantum_frames(self) -> int:  # type: ignore[override]
        """Any number: what waits is kept before the members."""
        return 1

    @property
    def advance_latency_frames(self) -> int:
        """What comes out of ``advance`` is as late as a stream."""
        return self.stream_latency_frames

    def get(self, parameter_id: str) -> Value:
        """Value of "member.parameter"."""
        member, own = self._split(parameter_id)
        if own in member.values:
            return to_person(MIXING[own], member.values[own])
        return member.device.get(own)

    def set(self, parameter_id: str, value: Value) -> None:
        """Set "member.parameter"."""
        member, own = self._split(parameter_id)
        if own not in member.values:
            member.device.set(own, value)
            return
        member.values[own] = to_native(MIXING[own], value, parameter_id)
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
        side_chain: Key | None = None,
    ) -> Samples:
        """Run it; see ``Device.process``. ``side_chain`` is what members listen to, by their ids."""
        samples = finite(check_samples(audio))
        keys = self._keys(side_chain, samples.shape[1])
        spec = (
            check_sample_rate(sample_rate),
            samples.shape[0],
            tuple(sorted((i, k.shape[0]) for i, k in keys.items())),
        )
        if reset or self._spec is None:
            self._restart(spec)
        elif spec != self._spec:
            raise AudioError(
                f"reset=False goes on with {self._spec}, got {spec} (rate, channels, side chains)"
            )
        self.move(self._received, automation or {}, sample_rate)
        self._received += samples.shape[1]
        if not reset:
            return self._stream(samples, keys)
        # As much silence as a stream needs to give everything back: every member then runs whole blocks, as in one.
        more = ((0, 0), (0, self.stream_latency_frames))
        self._spec = None
        keys = {i: np.pad(k, more) for i, k in keys.items()}
        return np.ascontiguousarray(self._pass(np.pad(samples, more), keys)[:, : samples.shape[1]])

    def _stream(self, samples: Samples, keys: Mapping[str, Samples]) -> Samples:
        frames = samples.shape[1]
        self._ready = np.concatenate([self._ready, self._pass(samples, keys)], axis=1)
        given, self._ready = self._ready[:, :frames], self._ready[:, frames:]
        return np.ascontiguousarray(given)

    def begin(self, sample_rate: float, channels: int, side_chain_channels: int = 0) -> None:
        """From silence, as a member of another; then no member has a side chain."""
        if side_chain_channels:
            raise PluginError(f"{self.name}: side chains go to the devices inside, not to the whole")
        self._restart((sample_rate, channels, ()))

    def move(self, origin: int, automation: Mapping[str, Lane], sample_rate: float) -> None:
        """Lanes of "member.parameter" from frame ``origin`` of the stream on."""
        for name, lane in automation.items():
            member, own = self._split(name)
            if own in member.values:
                member.ways[own].override(origin, *straight_points(MIXING[own], lane, sample_rate, name))
            else:
                member.device.move(origin, {own: lane}, sample_rate)

    def advance(self, samples: Samples, side_chain: Samples | None = None) -> Samples:
        """The next frames of the stream, late by ``stream_latency_frames``."""
        return self._stream(samples, {})

    def _restart(self, spec: tuple[float, int, tuple[tuple[str, int], ...]]) -> None:
        sample_rate, channels, keyed = spec
        self._start(sample_rate, channels, dict(keyed))
        self._spec, self._received = spec, 0
        self._ready = np.zeros((channels, self.stream_latency_frames), np.float32)

    def _keys(self, side_chain: Key | None, frames: int) -> dict[str, Samples]:
        if side_chain is None:
            return {}
        if not isinstance(side_chain, Mapping):
            raise PluginError(
                f"side_chain of a {self.kind}: expected a mapping from a member ({', '.join(self.ids)})"
            )
        keys = {self._member(i).id: finite(check_samples(key)) for i, key in side_chain.items()}
        for id_, key in keys.items():
            if key.shape[1] != frames:
                raise AudioError(f"side_chain of {id_} has {key.shape[1]} frames, the audio {frames}")
        return keys

    def _member(self, id_: str) -> Member:
        if id_ not in self._members:
            raise PluginError(f"{self.name}: no device {id_!r}; there are: {', '.join(self._members)}")
        return self._members[id_]

    def _split(self, parameter_id: str) -> tuple[Member, str]:
        member, _, own = parameter_id.partition(".")
        return self._member(member), own


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


def as_device(device: Device | Processor) -> Device:
    """A native effect gets the face of a device; a device is one."""
    return device if isinstance(device, Device) else NativeDevice(device)


def own_ids(devices: Sequence[Device]) -> list[str]:
    """Their names in small letters, a second one of a name with its number."""
    seen: dict[str, int] = {}
    ids = []
    for device in devices:
        plain = re.sub(r"[^a-z0-9]+", "_", device.name.lower()).strip("_")
        seen[plain] = seen.get(plain, 0) + 1
        ids.append(plain if seen[plain] == 1 else f"{plain}_{seen[plain]}")
    return ids
