"""Devices side by side: on middle and side, on bands of the sound, or in parallel, and added up in time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.audio.buffer import Samples
from smartmix.errors import PluginError
from smartmix.processors.base import Processor
from smartmix.rack.composite import BYPASSED, DRY_WET, LEVEL, Composite, Member, as_device
from smartmix.rack.device import Device

Parts = list[Samples]
_MIXING = (DRY_WET.id, BYPASSED.id, LEVEL.id)
_FEWEST_BRANCHES = 1
_BAND_NAMES = {2: ("low", "high"), 3: ("low", "mid", "high"), 4: ("low", "low_mid", "high_mid", "high")}


class Split(Composite):
    """The sound in parts, a branch for each; a part without a branch goes on as it is.

    A branch is a device, a native effect or a chain, with ``dry_wet``, ``bypassed`` and ``level_db``, which are lanes
    too ("side.level_db"). All branches come together as late as the latest.
    """

    kind = "split"

    def __init__(self, name: str, branches: Mapping[str, Device | Processor]) -> None:
        if len(branches) < _FEWEST_BRANCHES:
            raise PluginError(f"a {name} split needs a branch at least")
        super().__init__(name, (Member(i, as_device(d), _MIXING) for i, d in branches.items()))
        self._waiting: list[Samples] = []

    @property
    @abstractmethod
    def part_names(self) -> tuple[str, ...]:
        """What the parts are called; a branch has the name of its part."""

    @abstractmethod
    def _apart(self, samples: Samples) -> Parts:
        """The parts of the next samples."""

    @abstractmethod
    def _together(self, given: Parts, made: Parts) -> Samples:
        """The sum, of the parts as they were and as the branches made them."""

    def _part_channels(self, channels: int) -> int:
        return channels

    @property
    def latency_frames(self) -> int:
        """Of the branch that lags most."""
        return max(m.device.latency_frames for m in self._members.values())

    @property
    def stream_latency_frames(self) -> int:
        """By how many frames a stream lags in all."""
        return max(m.late_frames for m in self._members.values())

    @property
    def tail_frames(self) -> int:
        """Of the branch that rings longest; -1 when one never says it ends."""
        tails = [m.device.tail_frames for m in self._members.values()]
        return -1 if -1 in tails else max(tails)

    def _start(self, sample_rate: float, channels: int, keyed: Mapping[str, int]) -> None:
        part = self._part_channels(channels)
        for member in self._members.values():
            member.begin(sample_rate, part, keyed.get(member.id, 0))
        empty = np.zeros((part, 0), np.float32)
        self._given: Parts = [empty for _ in self.part_names]
        self._made: Parts = [empty for _ in self.part_names]

    def _pass(self, samples: Samples, keys: Mapping[str, Samples]) -> Samples:
        for k, (name, part) in enumerate(zip(self.part_names, self._apart(samples), strict=True)):
            member = self._members.get(name)
            made = part if member is None else member.feed(part, keys.get(name))
            self._given[k] = np.concatenate([self._given[k], part], axis=1)
            self._made[k] = np.concatenate([self._made[k], made], axis=1)
        ready = min(m.shape[1] for m in self._made)
        given, self._given = [g[:, :ready] for g in self._given], [g[:, ready:] for g in self._given]
        out, self._made = [m[:, :ready] for m in self._made], [m[:, ready:] for m in self._made]
        return self._together(given, out)

    def __repr__(self) -> str:
        inside = ", ".join(f"{i}: {m.device!r}" for i, m in self._members.items())
        return f"<{self.name} {inside}>"


class MidSide(Split):
    """Middle (L + R) / 2 and side (L - R) / 2 of stereo on their own: ``MidSide(side=ParametricEQ())``.

    What the branches change is added to the sound, so that branches that change nothing give it back bit for bit.
    Errors: PluginError for other than two channels.
    """

    def __init__(
        self, *, mid: Device | Processor | None = None, side: Device | Processor | None = None
    ) -> None:
        given = {"mid": mid, "side": side}
        super().__init__("mid/side", {i: d for i, d in given.items() if d is not None})

    @property
    def part_names(self) -> tuple[str, ...]:
        """Middle and side."""
        return ("mid", "side")

    def _part_channels(self, channels: int) -> int:
        if channels != 2:
            raise PluginError(f"a mid/side split takes stereo, got {channels} channel{'s'[: channels != 1]}")
        return 1

    def _start(self, sample_rate: float, channels: int, keyed: Mapping[str, int]) -> None:
        super()._start(sample_rate, channels, keyed)
        self._stereo = np.zeros((2, 0), np.float32)

    def _apart(self, samples: Samples) -> Parts:
        self._stereo = np.concatenate([self._stereo, samples], axis=1)
        left, right = samples[:1].astype(np.float64), samples[1:].astype(np.float64)
        return [np.asarray(0.5 * (left + right), np.float32), np.asarray(0.5 * (left - right), np.float32)]

    def _together(self, given: Parts, made: Parts) -> Samples:
        frames = made[0].shape[1]
        stereo, self._stereo = self._stereo[:, :frames].astype(np.float64), self._stereo[:, frames:]
        mid, side = (m.astype(np.float64) - g for g, m in zip(given, made, strict=True))
        return np.asarray(stereo + np.concatenate([mid + side, mid - side]), np.float32)


class Bands(Split):
    """Two to four bands by fourth-order Linkwitz-Riley crossovers: ``Bands([120, 4000], low=comp, high=saturation)``.

    The bands are called low, (mid | low_mid, high_mid,) high. Branches that change nothing leave an all-pass: as loud
    at every frequency (within 0.01 dB), turned in phase around the crossovers (docs/dsp/multiband_compressor.md).
    """

    def __init__(self, crossovers_hz: Sequence[float], **branches: Device | Processor) -> None:
        if not 1 <= len(crossovers_hz) <= 3:
            raise PluginError(f"crossovers_hz: expected 1 to 3 frequencies, got {len(crossovers_hz)}")
        self._crossovers_hz = [float(hz) for hz in crossovers_hz]
        unknown = sorted(set(branches) - set(self.part_names))
        if unknown:
            raise PluginError(f"no band {unknown[0]!r}; there are: {', '.join(self.part_names)}")
        super().__init__("band", branches)

    @property
    def part_names(self) -> tuple[str, ...]:
        """The bands, lowest first."""
        return _BAND_NAMES[len(self._crossovers_hz) + 1]

    @property
    def crossovers_hz(self) -> tuple[float, ...]:
        """Where the bands meet."""
        return tuple(self._crossovers_hz)

    def _start(self, sample_rate: float, channels: int, keyed: Mapping[str, int]) -> None:
        try:
            self._splitter = _core.BandSplitter(sample_rate, channels, self._crossovers_hz)
        except ValueError as error:
            raise PluginError(f"crossovers_hz {self._crossovers_hz}: {error}") from None
        super()._start(sample_rate, channels, keyed)

    def _apart(self, samples: Samples) -> Parts:
        return list(self._splitter.process(np.ascontiguousarray(samples)))

    def _together(self, given: Parts, made: Parts) -> Samples:
        return _sum(made)


class Parallel(Split):
    """Branches that all get the whole sound and are added up: ``Parallel(dry_db=0, crushed=Chain(comp, drive))``.

    ``dry_db`` is the level of the sound itself beside them, None for none of it.
    """

    def __init__(self, *, dry_db: float | None = 0.0, **branches: Device | Processor) -> None:
        if dry_db is not None and not LEVEL.low <= dry_db <= LEVEL.high:
            raise PluginError(f"dry_db {dry_db:g}: expected {LEVEL.low:g} to {LEVEL.high:g} dB, or None")
        if "dry" in branches:
            raise PluginError("a branch cannot be called dry; say how much of it by dry_db")
        self._dry_gain = None if dry_db is None else 10.0 ** (dry_db / 20.0)
        super().__init__("parallel", branches)

    @property
    def part_names(self) -> tuple[str, ...]:
        """The dry sound, then the branches."""
        return ("dry", *self._members)

    def _apart(self, samples: Samples) -> Parts:
        return [samples] * (1 + len(self._members))

    def _together(self, given: Parts, made: Parts) -> Samples:
        branches = made[1:]
        if self._dry_gain is None:
            return _sum(branches)
        dry = made[0] if self._dry_gain == 1.0 else made[0] * np.float64(self._dry_gain)
        return _sum([dry, *branches])


def _sum(parts: Sequence[NDArray[np.floating]]) -> Samples:
    total = parts[0].astype(np.float64)
    for part in parts[1:]:
        total += part
    return total.astype(np.float32)
