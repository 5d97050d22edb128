"""Delivery targets by name: how loud, and how high the peaks may go."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartmix.errors import SmartmixError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from smartmix.audio.wav import WavBits

FORMAT = 1
_RANGES = {"integrated_lufs": (-60.0, -5.0), "ceiling_dbtp": (-24.0, 0.0)}
_TEXTS = ("title", "source")


class TargetError(SmartmixError):
    """A target that does not exist or whose file cannot be used."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What else a delivery must be, for ``smartmix check``; None and empty: nothing is asked."""

    loudness_tolerance_lu: float = 1.0
    max_range_lu: float | None = None
    max_mono_loss_db: float | None = 6.0
    max_head_silence_s: float | None = 2.0
    max_tail_silence_s: float | None = 10.0
    max_channels: float = 2.0
    sample_rates_hz: tuple[int, ...] = ()
    bits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One delivery: loudness in LUFS, true peak ceiling in dBTP, and where the numbers come from."""

    name: str
    title: str
    integrated_lufs: float
    ceiling_dbtp: float
    source: str
    rules: Rules = field(default_factory=Rules)


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


def bits_for(target: Target) -> str:
    """The word length a delivery asks for, the longest where it takes several; "24" where it asks for none."""
    return target.rules.bits[-1] if target.rules.bits else "24"


def named_target(target: float | str | Target | None) -> Target | None:
    """The delivery that is asked for by name; None for a loudness, ``"match"`` and nothing."""
    if isinstance(target, Target):
        return target
    return load_target(target) if isinstance(target, str) and target != "match" else None


def word_length_for(target: Target | None) -> WavBits:
    """The same as files are written with it."""
    bits = "24" if target is None else bits_for(target)
    return "32f" if bits == "32f" else 16 if bits == "16" else 24


def format_notes(
    target: Target, sample_rate: int, bits: str, *, rate_option: str = "--rate"
) -> tuple[str, ...]:
    """What of a file's format a delivery asks to be otherwise, with the option that does it ("": there is none)."""
    found = []
    rates, lengths = target.rules.sample_rates_hz, target.rules.bits
    if rates and sample_rate not in rates:
        nearest = min(rates, key=lambda rate: (rate < sample_rate, abs(rate - sample_rate)))
        wanted = " or ".join(f"{rate / 1000:g}" for rate in rates)
        here = f"this file is at {sample_rate / 1000:g}"
        how = f": {rate_option} {nearest} makes it" if rate_option else ""
        found.append(f"{target.title} asks for {wanted} kHz, {here}{how}")
    if lengths and bits not in lengths:
        found.append(
            f"{target.title} asks for {' or '.join(lengths)} bit, this file has {bits}: --bits {lengths[-1]}"
        )
    return tuple(found)


def _parse(name: str, data: dict[str, Any]) -> Target:
    where = f"target {name}.toml"
    rules = _rules(where, data.pop("check", {}))
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
        name,
        data["title"],
        float(data["integrated_lufs"]),
        float(data["ceiling_dbtp"]),
        data["source"],
        rules,
    )


_RULE_RANGES = {
    "loudness_tolerance_lu": (0.0, 60.0),
    "max_range_lu": (0.0, 60.0),
    "max_mono_loss_db": (0.0, 120.0),
    "max_head_silence_s": (0.0, 3600.0),
    "max_tail_silence_s": (0.0, 3600.0),
    "max_channels": (1.0, 24.0),
}
_BITS = ("16", "24", "32f")


def _rules(where: str, table: object) -> Rules:
    """The table ``[check]``; what it leaves out is as in ``Rules``."""
    if not isinstance(table, dict):
        raise TargetError(f"{where}: check = {table!r}, expected a table")
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key in _RULE_RANGES:
            low, high = _RULE_RANGES[key]
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise TargetError(f"{where}: check.{key} = {value!r}, expected {low:g} to {high:g}")
            values[key] = float(value)
        elif key == "sample_rates_hz":
            if not isinstance(value, list) or not all(
                isinstance(v, int) and 8000 <= v <= 384_000 for v in value
            ):
                raise TargetError(f"{where}: check.{key} = {value!r}, expected rates of 8000 to 384000 Hz")
            values[key] = tuple(value)
        elif key == "bits":
            if not isinstance(value, list) or not set(value) <= set(_BITS):
                raise TargetError(f"{where}: check.{key} = {value!r}, expected some of {', '.join(_BITS)}")
            values[key] = tuple(value)
        else:
            raise TargetError(f"{where}: unknown key 'check.{key}'")
    return Rules(**values)


def _folder() -> Traversable:
    """The shipped presets; in a source tree they stand beside src."""
    packaged = resources.files("smartmix") / "presets" / "targets"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[3] / "presets" / "targets"
