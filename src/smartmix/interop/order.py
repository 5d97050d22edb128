"""Which devices of a DAW's track sound here, in which order: equalisers, the compressor, then plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.errors import SmartmixError
from smartmix.interop.model import Compressor, Equalizer, Plugin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.model import Device


def is_before(new: Device, old: Device) -> bool:
    """Whether smartmix plays a new device in front of one that a DAW has, which sounds here."""
    if not old.enabled:
        return False
    is_plugin = isinstance(old, Plugin) and can_be_kept(old)
    if isinstance(new, Equalizer):
        return is_plugin or isinstance(old, Compressor)
    return isinstance(new, Compressor) and is_plugin


def leading(devices: Sequence[Device]) -> tuple[Device, ...]:
    """The devices whose input gain is one in front of everything: the first that is on, and equalisers before it."""
    found: list[Device] = []
    for device in devices:
        if device.enabled:
            found.append(device)
            if not isinstance(device, Equalizer):
                break
    return tuple(found)


def can_be_kept(plugin: Plugin) -> bool:
    """Whether a chain file can hold it: a VST3 with its class and a state that can be read."""
    return plugin.kind == "vst3" and bool(plugin.class_id) and _is_preset(plugin.preset)


def _is_preset(data: bytes) -> bool:
    from smartmix.rack.preset_file import parse_preset

    try:
        parse_preset(data)
    except SmartmixError:
        return False
    return True
