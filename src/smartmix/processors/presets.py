"""Processors by name, and from preset files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

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
        LinearPhaseEQ,
        MultibandCompressor,
        Pan,
        ParametricEQ,
        PlosiveControl,
        Reverb,
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
    """The processor a preset file (TOML) describes; absent keys are defaults.

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
        for key, value in _flat(tables):
            processor.set(key, value)
    except SmartmixError as error:
        raise SmartmixError(f"{path}: {error}") from None
    return processor


def _flat(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Value]]:
    for key, value in tables.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value
