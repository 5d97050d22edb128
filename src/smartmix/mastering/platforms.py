"""What the places music is played from will do to a master's level."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.analysis.loudness import Loudness
from smartmix.errors import SmartmixError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

HARDLY_LU = 0.05


@dataclass(frozen=True, slots=True)
class Platform:
    """Where music is played: the loudness it is brought to, and whether quiet music is turned up as well.

    ``turns_up``: "no", "to_ceiling" (only as far as true peaks stay under ``ceiling_dbtp``), or "yes".
    """

    name: str
    plays_at_lufs: float
    turns_up: str
    ceiling_dbtp: float
    source: str


@dataclass(frozen=True, slots=True)
class PlatformLevel:
    """What one platform does to a master: ``change_db``, and the sentence for it."""

    platform: str
    change_db: float
    text: str


def platforms() -> tuple[Platform, ...]:
    """The platforms of presets/platforms/music.toml. SmartmixError where that cannot be used."""
    try:
        rows = tomllib.loads(_file().read_text(encoding="utf-8"))["platform"]
        return tuple(Platform(**row) for row in rows)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise SmartmixError(f"platforms/music.toml: {error}") from None


def platform_levels(loudness: Loudness) -> tuple[PlatformLevel, ...]:
    """What each platform will do to a master of this loudness and true peak; nothing for silence."""
    if not math.isfinite(loudness.integrated_lufs):
        return ()
    return tuple(_level(each, loudness) for each in platforms())


def _level(platform: Platform, loudness: Loudness) -> PlatformLevel:
    change = platform.plays_at_lufs - loudness.integrated_lufs
    room = platform.ceiling_dbtp - loudness.true_peak_dbtp
    held = ""
    if change > 0.0 and platform.turns_up == "no":
        under = f", {change:.1f} dB under its level" if change > HARDLY_LU else ""
        change, held = 0.0, f"played as it is{under}"
    elif change > 0.0 and platform.turns_up == "to_ceiling" and change > room:
        left = change - max(room, 0.0)
        change = max(room, 0.0)
        how_far = f"turned up {change:.1f} dB" if change > HARDLY_LU else "played as it is"
        if left > HARDLY_LU:
            held = f"{how_far}: its peaks hold it {left:.1f} dB under the platform's level"
    if held:
        text = held
    elif abs(change) <= HARDLY_LU:
        text = "played as it is"
    else:
        text = f"turned {'up' if change > 0.0 else 'down'} {abs(change):.1f} dB"
    return PlatformLevel(platform.name, change, text)


def _file() -> Traversable:
    packaged = resources.files("smartmix") / "presets" / "platforms" / "music.toml"
    if packaged.is_file():
        return packaged
    return Path(__file__).resolve().parents[3] / "presets" / "platforms" / "music.toml"
