"""What the property suite knows about any registered processor: nothing but its own description of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from smartmix import _core

SAMPLE_RATE = 48_000.0
Samples = NDArray[np.float32]
Curves = dict[str, NDArray[np.float32]]
"""Rows of numbers to write, by the id of the curve."""
Row = tuple[int, int, float, int]
"""One event: frame, parameter index, value, ramp frames."""


@cache
def parameters(name: str) -> tuple[_core.ParameterInfo, ...]:
    return tuple(_core.Processor(name).parameters())


@cache
def channel_count(name: str) -> int:
    """Two channels where the processor takes them, else one."""
    try:
        _core.Processor(name).prepare(SAMPLE_RATE, 2)
    except ValueError:
        return 1
    return 2


def prepared(
    name: str,
    settings: dict[str, float] | None = None,
    *,
    sample_rate: float = SAMPLE_RATE,
    channels: int | None = None,
    curves: Curves | None = None,
) -> _core.Processor:
    """Set before prepare, as the contract allows: also settings that only count from then on."""
    processor = _core.Processor(name)
    for parameter_id, value in (settings or {}).items():
        processor.set(parameter_id, value)
    for curve_id, values in (curves or {}).items():
        processor.write_curve(curve_id, values)
    processor.prepare(sample_rate, channels or channel_count(name))
    return processor


@cache
def counts_from_prepare(name: str) -> frozenset[str]:
    """Parameters that decide the latency: they may be set at any time but act from the next prepare on."""
    return frozenset(
        info.id
        for info in parameters(name)
        if len({prepared(name, {info.id: v}).latency_frames for v in (info.low, info.high)}) > 1
    )


def groups(name: str) -> dict[str, list[_core.ParameterInfo]]:
    """Parameters by what stands before the dot of their id ("band1"); "" for those without one."""
    found: dict[str, list[_core.ParameterInfo]] = {}
    for info in parameters(name):
        found.setdefault(info.id.rpartition(".")[0], []).append(info)
    return found


def inside(info: _core.ParameterInfo, position: float) -> float:
    """A value of the parameter at `position` 0..1 of its range."""
    if info.scale == "log":
        return float(info.low * (info.high / info.low) ** position)
    value = info.low + position * (info.high - info.low)
    return round(value) if info.scale in ("toggle", "choice") else value


def random_settings(name: str, rng: np.random.Generator, *, groups_used: int = 4) -> dict[str, float]:
    """Settings all over the ranges, for a few groups: enough to be heard, few enough to be quick."""
    found = groups(name)
    keys = [str(k) for k in rng.permutation(sorted(found))[:groups_used]]
    return {info.id: inside(info, rng.uniform(0.05, 0.95)) for key in keys for info in found[key]}


def random_curves(name: str, rng: np.random.Generator) -> Curves:
    """Some of the curves that can be written, each going up and down in the middle of its range."""
    found: Curves = {}
    for info in _core.Processor(name).curves():
        if info.writable and rng.uniform() < 0.7:
            span = info.high - info.low
            walk = info.low + span * (rng.uniform(0.4, 0.6) + np.cumsum(rng.normal(0.0, 0.0025, info.length)))
            found[info.id] = np.clip(walk, info.low, info.high).astype(np.float32)
    return found


def curves_of(processor: _core.Processor) -> Curves:
    """What belongs to a preset: every curve that can be written, as it is."""
    return {info.id: processor.read_curve(info.id) for info in processor.curves() if info.writable}


def random_events(name: str, rng: np.random.Generator, frames: int, count: int) -> list[Row]:
    """Events all over the block, in the first few groups so that they meet one another, some with ramps."""
    infos = parameters(name)[:15]
    rows: list[Row] = []
    for frame in np.sort(rng.integers(0, frames, count)):
        index = int(rng.integers(len(infos)))
        ramp = int(rng.choice([0, 0, 1, 7, 31, 32, 33, 100, 1000]))
        rows.append((int(frame), index, inside(infos[index], rng.uniform(0.02, 0.98)), ramp))
    return rows


def run(
    processor: _core.Processor,
    samples: Samples,
    events: list[Row] | None = None,
    cuts: list[int] | None = None,
) -> Samples:
    """Process in blocks that end at `cuts`; events go to the block they fall in."""
    bounds = [0, *(cuts or []), samples.shape[1]]
    pieces = []
    for first, end in pairwise(bounds):
        rows = [(f - first, p, v, r) for f, p, v, r in events or [] if first <= f < end]
        columns = [list(column) for column in zip(*rows, strict=True)] if rows else []
        pieces.append(processor.process(np.ascontiguousarray(samples[:, first:end]), *columns))
    return np.concatenate(pieces, axis=1)


def noise(channels: int, frames: int, *, seed: int = 1, level: float = 0.25) -> Samples:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((channels, frames))).astype(np.float32)


def same_bits(a: Samples, b: Samples) -> bool:
    return a.shape == b.shape and np.array_equal(a.view(np.uint32), b.view(np.uint32))


@dataclass(frozen=True)
class Knob:
    """A parameter, two of its values and the settings of its neighbours under which it ought to be heard."""

    info: _core.ParameterInfo
    values: tuple[float, float]
    context: dict[str, float] = field(default_factory=dict)


def knob_contexts(name: str, info: _core.ParameterInfo) -> list[Knob]:
    """Ways to hear one parameter: the choices of its group in turn, other neighbours away from neutral or anywhere."""
    group = groups(name)[info.id.rpartition(".")[0]]
    others = [other for other in group if other.id != info.id]
    levels = {o.id: inside(o, 0.7) for o in others if o.scale in ("db", "linear")}
    switches = [o for o in others if o.scale in ("choice", "toggle")]
    values = (inside(info, 0.35), inside(info, 0.6)) if not info.choices else (info.low, info.high)
    contexts: list[dict[str, float]] = [{}, levels]
    for switch in switches:
        contexts += [{**levels, switch.id: float(v)} for v in range(int(switch.low), int(switch.high) + 1)]
    rng = np.random.default_rng(9)
    contexts += [{o.id: inside(o, rng.uniform()) for o in others} for _ in range(12)]
    if not info.id.count("."):  # what all bands share is heard where the bands do something
        everyone = [other for other in parameters(name) if other.id != info.id]
        contexts += [{o.id: inside(o, rng.uniform()) for o in everyone} for _ in range(12)]
    if info.scale in ("choice", "toggle"):
        steps = [(float(v), float(v + 1)) for v in range(int(info.low), int(info.high))]
        return [Knob(info, pair, context) for context in contexts for pair in steps]
    return [Knob(info, values, context) for context in contexts]
