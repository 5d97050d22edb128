"""What is on and what is heard of a project's tracks and devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.interop.dawproject.numbers import switch
from smartmix.interop.model import Loss

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from smartmix.interop.model import TrackKind


def is_muted(element: Element, channel: Element, kind: TrackKind, name: str, losses: list[Loss]) -> bool:
    """Whether nothing of a track is heard. A session's mix has no mute: that of the master is said."""
    muted = is_on(channel.find("Mute"), default=False)
    if kind == "master":
        if muted:
            losses.append(Loss(name, "it is muted", "heard as if it were not"))
        return False
    if not is_loaded(element):
        losses.append(Loss(name, "it is switched off in the DAW (not loaded)", "muted here"))
    return muted or not is_loaded(element)


def is_loaded(element: Element) -> bool:
    """Whether a track or device is active in the DAW at all."""
    return switch(element.get("loaded"), True)


def is_heard(device: Element) -> bool:
    """Whether a device is active and on."""
    return is_loaded(device) and is_on(device.find("Enabled"), default=True)


def is_on(element: Element | None, *, default: bool) -> bool:
    """How a switch stands."""
    return default if element is None else switch(element.get("value"), default)
