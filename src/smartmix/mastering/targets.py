"""Delivery targets by name: how loud, and how high the peaks may go."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartmix.errors import SmartmixError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FORMAT = 1
_RANGES = {"integrated_lufs": (-60.0, -5.0), "ceiling_dbtp": (-24.0, 0.0)}
_TEXTS = ("title", "source")


class TargetError(SmartmixError):
    """A target that does not exist or whose file cannot be used."""


@dataclass(frozen=True, slots=True)
class Target:
    """One delivery: loudness in LUFS, true peak ceiling in dBTP, and where the numbers come from."""

    name: str
    title: str
    integrated_lufs: float
    ceiling_dbtp: float
    source: str


def target_names() -> list[str]:
    """The names ``load_target`` knows, sorted."""
    return sorted(
        entry.name.removesuffix(".toml") for entry in _folder().iterdir() if entry.name.endswith(".toml")
    )


def load_target(name: str) -> Target:
    """The target of this name from the presets. TargetError names the known ones, or the faulty key."""
    if name not in target_names():
        raise TargetError(f"no target '{name}'; there are: {', '.join(target_names())}")
    text = (_folder() / f"{name}.toml").read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"target {name}.toml: {error}") from error
    return _parse(name, data)


def _parse(name: str, data: dict[str, Any]) -> Target:
    where = f"target {name}.toml"
    known = {"format", *_TEXTS, *_RANGES}
    if data.get("format") != FORMAT:
        raise TargetError(f"{where}: format = {data.get('format')!r}, expected {FORMAT}")
    for key in sorted(known ^ data.keys()):
        raise TargetError(f"{where}: {'unknown' if key in data else 'missing'} key '{key}'")
    for key in _TEXTS:
        if not isinstance(data[key], str):
            raise TargetError(f"{where}: {key} = {data[key]!r}, expected text")
    for key, (low, high) in _RANGES.items():
        value = data[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise TargetError(f"{where}: {key} = {value!r}, expected {low} to {high}")
    return Target(
        name, data["title"], float(data["integrated_lufs"]), float(data["ceiling_dbtp"]), data["source"]
    )


def _folder() -> Traversable:
    """The shipped presets; in a source tree they stand beside src."""
    packaged = resources.files("smartmix") / "presets" / "targets"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[3] / "presets" / "targets"
