"""Changes in the channel of a kept .dawproject: its fader, pan, mute and rides, its own devices off."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from smartmix.interop.dawproject.elements import knob, switch, volume
from smartmix.interop.dawproject.numbers import flag, number, told
from smartmix.units import db_to_gain

if TYPE_CHECKING:
    from smartmix.interop.dawproject.elements import Writing
    from smartmix.interop.model import Control, Track


def put_knob(
    root: Element, channel: Element, tag: str, base: str, control: Control, *, writing: Writing
) -> None:
    """A fader or pan in the place of the old one, in the unit and with the id it had."""
    old = channel.find(tag)
    id_ = (None if old is None else old.get("id")) or f"{base}.{tag.lower()}"
    holder = Element("x")
    if tag == "Pan":
        span = (0.0, 1.0)
        knob(holder, tag, id_, control, "normalized", span=span, writing=writing, way=_position, name=tag)
    elif old is not None and old.get("unit") == "decibel":
        knob(holder, tag, id_, control, "decibel", span=(-120.0, 6.0), writing=writing, name=tag)
    else:
        volume(holder, tag, id_, control, writing)
    made = holder[0]
    if old is not None:
        made.attrib = {**old.attrib, **made.attrib}
        channel[list(channel).index(old)] = made
    else:
        insert(channel, made)
    _forget_lane(root, id_)


def raised(root: Element, channel: Element, shift_db: float) -> bool:
    """A fader and its ride up or down as a whole, each point where it is; False without a fader."""
    fader = channel.find("Volume")
    if fader is None or not fader.get("id"):
        return False
    rows = [(fader, fader.get("unit"))]
    for _, lane in _lanes_of(root, str(fader.get("id"))):
        rows += [(row, lane.get("unit") or fader.get("unit")) for row in lane.findall("RealPoint")]
    for row, unit in rows:
        value, in_db = number(row.get("value"), "Volume"), unit == "decibel"
        moved = value + shift_db if in_db else value * db_to_gain(shift_db)
        row.set("value", told(moved) if math.isfinite(moved) else str(row.get("value")))
        if row is fader and moved > number(fader.get("max"), "Volume: max", math.inf):
            fader.set("max", told(moved))
    return True


def _lanes_of(root: Element, parameter: str) -> list[tuple[Element, Element]]:
    """The points that move a parameter, each with the element they are in."""
    return [
        (holder, lane)
        for holder in root.iter("Lanes")
        for lane in holder.findall("Points")
        if (target := lane.find("Target")) is not None and target.get("parameter") == parameter
    ]


def _forget_lane(root: Element, parameter: str) -> None:
    """Take out the points that moved a parameter."""
    for holder, lane in _lanes_of(root, parameter):
        holder.remove(lane)


def put_mute(channel: Element, new: Track, base: str) -> None:
    """A mute as it stands now."""
    mute = channel.find("Mute")
    if mute is None:
        holder = Element("x")
        switch(holder, "Mute", f"{base}.mute", new.muted, "Mute")
        insert(channel, holder[0])
    else:
        mute.set("value", flag(new.muted))


def _position(pan: float) -> float:
    return (pan + 1.0) / 2.0


def insert(channel: Element, made: Element) -> None:
    """Put a part of a channel in the place the schema has for it."""
    order = ("Devices", "Mute", "Pan", "Sends", "Volume")
    later = order[order.index(made.tag) + 1 :]
    at = next((i for i, part in enumerate(channel) if part.tag in later), len(channel))
    channel.insert(at, made)
