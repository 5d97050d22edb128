"""Devices of a channel on the way back: the DAW's own off where they were changed here, new ones where they work."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from smartmix.interop.dawproject.devices import put_device
from smartmix.interop.dawproject.document import with_placed_trim
from smartmix.interop.dawproject.edits import insert
from smartmix.interop.dawproject.numbers import switch
from smartmix.interop.lanes import added, negative, without_between
from smartmix.interop.model import Compressor, Control, Equalizer, Loss, Plugin
from smartmix.interop.order import can_be_kept, is_before

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartmix.interop.changes import WrittenBack
    from smartmix.interop.dawproject.elements import Writing
    from smartmix.interop.model import Device, Track


def switch_off(channel: Element, old: Track, owner: str, told: WrittenBack) -> list[Loss]:
    """Bypass the devices of the file that sound otherwise here, and say so. ``owner`` is the session's id."""
    rechained = owner in told.rechained or owner in told.unchained
    losses: list[Loss] = []
    holder = channel.find("Devices")
    for element, device in zip(holder if holder is not None else (), old.devices, strict=True):
        if not device.enabled:
            continue
        if isinstance(device, Equalizer | Compressor) and owner in told.reworked:
            done = "switched off; the new one stands behind it"
            losses.append(Loss(old.name, "its own EQ or compressor was changed here", done))
        elif isinstance(device, Plugin) and can_be_kept(device) and rechained:
            if owner in told.unchained:
                what, done = "is not in its chain here any more", "switched off there too"
            else:
                what, done = "was changed here", "switched off there; what it does now stands behind it"
            losses.append(Loss(old.name, f"{device.name} {what}", done))
        else:
            continue
        _bypass(element)
    return list(dict.fromkeys(losses))


def _bypass(device: Element) -> None:
    enabled = device.find("Enabled")
    if enabled is None:
        enabled = Element("Enabled")
        device.insert(1 if device.find("Parameters") is not None else 0, enabled)
    enabled.set("value", "false")


def trim_since(new: Track, old: Track, told: WrittenBack) -> Control:
    """What smartmix's gain in front of the devices adds to the file's, dB."""
    whole = told.whole.get(new.source, new)
    held = _held_by_off(old) if new.source in told.reworked else Control()
    if not told.trim_moved(whole, old) and held.is_neutral:
        return Control()
    came = told.came.get(new.source)
    stood = came.trim if came is not None and came.trim.points and old.trim.points else old.trim
    change = added(whole.trim, negative(stood), held)
    return Control(change.value, without_between(change.points))


def _held_by_off(old: Track) -> Control:
    """The gain that goes with the file's own equaliser and compressor when they are switched off."""
    first = next((device for device in old.devices if device.enabled), None)
    return old.trim if isinstance(first, Equalizer | Compressor) else Control()


def placed(new: Track, old: Track, trim: Control) -> Track:
    """The track to be put in with its ``trim`` in a place: in the fader where only EQ is in between, which no send in
    front of it hears; else in a device. What plays a return has the DAW's effects in it: its trim is behind those.
    """
    if trim.is_neutral or not old.clips:
        return with_placed_trim(replace(new, trim=trim))
    between = [device for device in old.devices if device.enabled] + list(new.devices)
    if all(isinstance(device, Equalizer) for device in between) and not any(s.pre for s in old.sends):
        return replace(new, trim=Control(), volume=added(new.volume, trim))
    return replace(new, trim=trim, devices=(Equalizer((), "Trim"), *new.devices))


def put_devices(
    channel: Element, old: Track, track: Track, states: Mapping[str, str], writing: Writing
) -> None:
    """New devices into a channel: EQ in front of a compressor or plugin that sounds here, as smartmix plays it, a
    compressor in front of such a plugin, all others behind what is there.
    """
    holder = channel.find("Devices")
    if holder is None:
        holder = Element("Devices")
        insert(channel, holder)
    there = list(zip(list(holder), old.devices, strict=True))
    trim, in_front = track.trim, bool(old.clips)
    for place, device in enumerate(track.devices, 1):
        base = f"{track.id}.device{place}"
        bench = Element("Devices")
        put_device(bench, device, base, writing, state=states.get(base, ""), trim=trim)
        is_trim = in_front and isinstance(device, Equalizer) and not device.bands and not trim.is_neutral
        holder.insert(0 if is_trim else _place(list(holder), there, device), bench[0])
        trim = Control()


def _place(now: list[Element], there: list[tuple[Element, Device]], device: Device) -> int:
    """In front of which device a new one stands."""
    for element, old in there:
        if is_before(device, old) and switch(_value(element.find("Enabled")), True):
            return now.index(element)
    return len(now)


def _value(element: Element | None) -> str | None:
    return None if element is None else element.get("value")
