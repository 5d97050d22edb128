"""Processors by name, and from preset files."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from smartmix import _core
from smartmix.errors import SmartmixError
from smartmix.processors.base import Processor
from smartmix.processors.colour import Saturation
from smartmix.processors.dynamics import (
    Compressor,
    DeEsser,
    DynamicEQ,
    Gate,
    MultibandCompressor,
    TruePeakLimiter,
)
from smartmix.processors.levels import Gain, LinearPhaseEQ, Pan, ParametricEQ, StereoWidth
from smartmix.processors.matching import MatchEQ
from smartmix.processors.noise import HumRemoval, NoiseReduction, RumbleFilter
from smartmix.processors.repair import Declick, Declip, PlosiveControl
from smartmix.processors.space import Delay, Reverb
from smartmix.processors.values import Value

FACES: dict[str, type[Processor]] = {
    face.native_name: face
    for face in (
        Compressor,
        DeEsser,
        Declick,
        Declip,
        Delay,
        DynamicEQ,
        Gain,
        Gate,
        HumRemoval,
        LinearPhaseEQ,
        MatchEQ,
        MultibandCompressor,
        NoiseReduction,
        Pan,
        ParametricEQ,
        PlosiveControl,
        Reverb,
        RumbleFilter,
        Saturation,
        StereoWidth,
        TruePeakLimiter,
    )
}
"""Python class of each native processor that has one of its own."""


def create(native_name: str, **settings: Value) -> Processor:
    """A processor by its registry name, such as ``"parametric_eq"``."""
    if native_name not in _core.processor_names():
        raise SmartmixError(f"no processor {native_name!r}; there are: {', '.join(_core.processor_names())}")
    face = FACES.get(native_name)
    if face is None:
        face = type(native_name, (Processor,), {"native_name": native_name})
    made: Processor = face(**settings)
    return made


def load_preset(path: Path) -> Processor:
    """The processor a preset file (TOML) describes; absent keys are defaults, ``[curves]`` are its curves.

    An unknown key or a value out of range is a SmartmixError naming file, key, value and range.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SmartmixError(f"{path}: cannot be read as a preset: {error}") from None
    if tables.pop("format", None) != 1:
        raise SmartmixError(f"{path}: expected format = 1")
    tables.pop("name", None)
    try:
        processor = create(str(tables.pop("device", "")))
        curves = tables.pop("curves", {})
        if not isinstance(curves, Mapping):
            raise SmartmixError(f"curves = {curves!r}: expected a table, [curves]")
        for key, value in _flat(tables):
            processor.set(key, value)
        for key, row in curves.items():
            processor.write_curve(key, row)
    except SmartmixError as error:
        raise SmartmixError(f"{path}: {error}") from None
    return processor


def save_preset(processor: Processor, path: Path, *, name: str = "", force: bool = False) -> Path:
    """Write the settings and writable curves of a processor as a preset file; what is at its default is left out.

    ``load_preset`` gives the same sound, bit for bit. A file that is there is replaced only with ``force``, and then
    as a whole or not at all. SmartmixError naming the file when it cannot be written.
    """
    if path.exists() and not force:
        raise SmartmixError(f"{path} exists: pass force=True to replace it")
    partial = path.with_name(path.name + ".part")
    try:
        partial.write_text(_preset_text(processor, name), encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise SmartmixError(f"{path}: cannot be written: {error}") from None
    return path


def _preset_text(processor: Processor, name: str) -> str:
    # A JSON string is a TOML basic string; a number as Python writes it is a TOML number.
    lines = ["format = 1", f"device = {json.dumps(processor.native_name)}"]
    lines += [f"name = {json.dumps(name, ensure_ascii=False)}"] if name else []
    groups: dict[str, list[str]] = {}
    for key, value in processor.settings().items():
        group, _, field = key.rpartition(".")
        groups.setdefault(group, []).append(f"{field} = {json.dumps(value)}")
    lines += groups.pop("", [])
    for group, rows in groups.items():
        lines += ["", f"[{group}]", *rows]
    rows = []
    for info in processor.curves():
        values = processor.read_curve(info.id)
        if info.writable and not np.all(values == np.float32(info.default)):
            # The shortest digits that give the same float32.
            rows.append(f"{json.dumps(info.id)} = [{', '.join(_digits(value) for value in values)}]")
    lines += ["", "[curves]", *rows] if rows else []
    return "\n".join(lines) + "\n"


def _digits(value: np.float32) -> str:
    return np.format_float_positional(value, unique=True, trim="0")


def _flat(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Value]]:
    for key, value in tables.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
