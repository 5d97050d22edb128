"""Pickup: how one microphone or pick-up of a source stands against another one of the same source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KIT = "drum kit"
"""Group of every microphone of the drum kit; other sources are a group by their own name."""

PickupKind = Literal["pair", "kit", "sides"]


@dataclass(frozen=True, slots=True)
class Pickup:
    """``track`` compared with ``reference`` (itself, where its own two sides are compared: ``kind`` "sides").

    ``group`` names what they pick up ("drum kit", "bass"); ``inverted`` says that ``track`` is the one to turn over,
    on ``side``. ``late_ms`` is how much later it comes (negative: earlier), ``shift_ms`` by how much it should be
    moved (negative: earlier; 0: its distance is meant). ``match`` 0..1 is how alike the two are within ``band_hz``
    once the delay is taken out. ``gained_db`` is what their sum gains in that band when both are put right, with the
    tracks as loud and as late as they were delivered.
    """

    group: str
    kind: PickupKind
    track: str
    reference: str
    side: Literal["both", "left", "right"]
    inverted: bool
    late_ms: float
    shift_ms: float
    match: float
    band_hz: tuple[float, float]
    gained_db: float
