"""Channels of a project as the model's tracks: fader, pan, mute, sends and devices."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from smartmix.interop.dawproject.devices import SHAPES, ratio
from smartmix.interop.dawproject.house import House
from smartmix.interop.dawproject.numbers import finite, number, switch
from smartmix.interop.dawproject.switches import is_heard, is_muted, is_on
from smartmix.interop.lanes import added, decibel_points, to_db, without_between
from smartmix.interop.model import (
    Compressor,
    Control,
    EqBand,
    Equalizer,
    Loss,
    OtherDevice,
    Plugin,
    PluginParameter,
    Send,
    Track,
)
from smartmix.parameter import Breakpoint, Curve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from xml.etree.ElementTree import Element

    from smartmix.interop.model import Device, TrackKind

MOST_POINTS = 1_000_000
_KINDS: dict[str, TrackKind] = {"master": "master", "effect": "return", "submix": "group"}
_PLUGINS = {"Vst2Plugin": "vst2", "Vst3Plugin": "vst3", "ClapPlugin": "clap", "AuPlugin": "au"}
_NAMES = {shape: name for name, shape in SHAPES.items()}


def read_channel(
    element: Element,
    id_: str,
    house: House,
    channels: Mapping[str, str],
) -> Track:
    """One Track element (or a Channel without one), its clips left out. ``channels``: track ids by channel id."""
    losses = house.losses
    channel = element if element.tag == "Channel" else element.find("Channel")
    name = element.get("name") or (channel.get("name") if channel is not None else None) or id_
    comment = element.get("comment") or ""
    content = (element.get("contentType") or "").replace(",", " ").split()
    if channel is None:
        return Track(id_, name, "group" if "tracks" in content else "audio", comment=comment)
    reader = _Strip(house, name)
    kind = _KINDS.get(channel.get("role") or "", "audio")
    if kind == "audio" and "tracks" in content:
        kind = "group"
    if channel.get("role") == "vca":
        losses.append(
            Loss(name, "a VCA: what it holds is not told by the format", "its own fader does nothing here")
        )
    return Track(
        id=id_,
        name=name,
        kind=kind,
        parent=channels.get(channel.get("destination") or ""),
        trim=reader.trim(channel.find("Devices")),
        devices=reader.devices(channel.find("Devices")),
        volume=reader.level(channel.find("Volume")),
        pan=reader.pan(channel.find("Pan")),
        muted=is_muted(element, channel, kind, name, losses),
        solo=switch(channel.get("solo"), False),
        sends=reader.sends(channel.find("Sends"), channels),
        comment=comment,
        color=element.get("color") or "",
        channels=int(min(max(number(channel.get("audioChannels"), "audioChannels", 2.0), 1.0), 2.0)),
    )


class _Strip:
    def __init__(self, house: House, name: str) -> None:
        self.tempo, self.lanes, self.states = house.tempo, house.lanes, house.states
        self.name, self.losses, self.followed = name, house.losses, house.followed

    def level(self, element: Element | None) -> Control:
        """A fader or send in dB."""
        if element is None:
            return Control()
        unit, value = element.get("unit"), number(element.get("value"), "Volume", 1.0)
        moved = self._level_points(element)
        if unit == "decibel":
            return _standing(Control(max(value, -120.0), moved))
        if unit not in ("linear", None):
            self.losses.append(Loss(self.name, f"a level in {unit}", "read as linear gain"))
        if value < 0.0:
            self.losses.append(Loss(self.name, f"a gain of {value:g}", "heard as silence: none is below 0"))
        return _standing(Control(to_db(value), moved))

    def _level_points(self, element: Element) -> tuple[Breakpoint, ...]:
        """The lane of a level in dB; it may count in another unit than its fader."""
        points = self._points(element)
        lane = self.lanes.get(element.get("id") or "")
        unit = (lane[0].get("unit") if lane is not None else None) or element.get("unit")
        if unit == "decibel":
            return tuple(Breakpoint(p.time_s, max(p.value, -120.0), p.curve) for p in points)
        return decibel_points(points)

    def pan(self, element: Element | None) -> Control:
        """A pan, -1 to 1."""
        if element is None:
            return Control()

        def way(value: float) -> float:
            place = value if element.get("unit") == "linear" and _low(element) < 0.0 else 2.0 * value - 1.0
            return min(max(round(place, 9), -1.0), 1.0)

        return self._control(element, way, default=0.5)

    def sends(self, element: Element | None, channels: Mapping[str, str]) -> tuple[Send, ...]:
        """Sends whose destination is there."""
        found = []
        for send in element.findall("Send") if element is not None else ():
            to = channels.get(send.get("destination") or "")
            if to is not None:
                on = is_on(send.find("Enable"), default=True)
                found.append(Send(to, self.level(send.find("Volume")), send.get("type") == "pre", on))
        return tuple(found)

    def trim(self, element: Element | None) -> Control:
        """Gain in front of everything: that of the first device, of equalisers in front of it, and what those add
        behind themselves. A device that is off has none.
        """
        gains: list[Control] = []
        leading = True
        for device in element if element is not None else ():
            if not is_heard(device):
                continue
            tags = ("InputGain", "OutputGain") if device.tag == "Equalizer" else ("InputGain",)
            own = [gain for tag in tags if not (gain := self._control(device.find(tag))).is_neutral]
            if leading:
                gains += own
            elif own:
                name = device.get("deviceName") or device.tag
                self.losses.append(
                    Loss(self.name, f"the gain of {name}", "kept for the way back, not heard here")
                )
            leading = leading and device.tag == "Equalizer"
        return added(*gains)

    def devices(self, element: Element | None) -> tuple[Device, ...]:
        """Devices in order; what has no word here is an OtherDevice."""
        found: list[Device] = []
        for device in element if element is not None else ():
            name, on = device.get("deviceName") or device.tag, is_heard(device)
            id_ = device.get("id") or ""
            if device.tag == "Equalizer":
                found.append(self._equalizer(device, name, on, id_))
            elif device.tag == "Compressor" and device.find("Threshold") is not None:
                found.append(self._compressor(device, name, on, id_))
            elif device.tag in _PLUGINS:
                found.append(self._plugin(device, name, on, id_))
            else:
                found.append(OtherDevice(name, device.tag, on, id_))
        return tuple(found)

    def _equalizer(self, device: Element, name: str, on: bool, id_: str) -> Equalizer:
        bands = []
        for band in device.findall("Band"):
            freq = band.find("Freq")
            if freq is None or band.get("type") not in _NAMES:
                continue
            order = number(band.get("order"), "order", 0.0)
            bands.append(
                EqBand(
                    _NAMES[str(band.get("type"))],
                    self._control(freq, _hertz(freq), log=True),
                    self._control(band.find("Gain")),
                    self._control(band.find("Q"), default=0.7071067811865476, log=True),
                    finite(6.0 * order, "order", 96.0),
                    is_on(band.find("Enabled"), default=True),
                )
            )
        return Equalizer(tuple(bands), name, device.get("comment") or "", on, id_)

    def _compressor(self, device: Element, name: str, on: bool, id_: str) -> Compressor:
        def milliseconds(value: float) -> float:
            return value * 1000.0

        slope = device.find("Ratio")
        as_percent = slope is not None and slope.get("unit") == "percent"
        return Compressor(
            threshold_db=self._control(device.find("Threshold")),
            ratio=self._control(slope, ratio if as_percent else float, default=0.0 if as_percent else 1.0),
            attack_ms=self._control(device.find("Attack"), milliseconds, default=0.01),
            release_ms=self._control(device.find("Release"), milliseconds, default=0.1),
            makeup_db=self._control(device.find("OutputGain")),
            knee_db=Control(6.0),
            name=name,
            comment=device.get("comment") or "",
            enabled=on,
            id=id_,
        )

    def _plugin(self, device: Element, name: str, on: bool, id_: str) -> Plugin:
        state = device.find("State")
        digits = re.sub(r"[^0-9A-Fa-f]", "", device.get("deviceID") or "").upper()
        rows = device.findall("Parameters/RealParameter")
        parameters = [
            PluginParameter(
                int(number(row.get("parameterID"), "parameterID")) % (1 << 32),
                index,
                row.get("name") or "",
                moved,
            )
            for index, row in enumerate(rows)
            if row.get("parameterID") is not None and (moved := self._control(row)).points
        ]
        return Plugin(
            name=name,
            class_id=digits if len(digits) == 32 else "",
            vendor=device.get("deviceVendor") or "",
            version=device.get("pluginVersion") or "",
            preset=self.states.get((state.get("path") or "") if state is not None else "", b""),
            parameters=tuple(parameters),
            kind=_PLUGINS[device.tag],
            comment=device.get("comment") or "",
            enabled=on,
            id=id_,
        )

    def _control(
        self,
        element: Element | None,
        way: Callable[[float], float] = float,
        *,
        default: float = 0.0,
        log: bool = False,
    ) -> Control:
        if element is None:
            return Control(way(default))
        value = way(finite(number(element.get("value"), element.tag, default), element.tag))
        points = [
            Breakpoint(p.time_s, way(finite(p.value, element.tag)), p.curve) for p in self._points(element)
        ]
        if log:
            return _standing(Control(value, _log_lines(points)))
        return _standing(Control(value, without_between(points, 1e-9)))

    def _points(self, element: Element) -> list[Breakpoint]:
        """The points that move a parameter, in seconds."""
        self.followed.add(element.get("id") or "")
        found = self.lanes.get(element.get("id") or "")
        if found is None:
            return []
        lane, unit = found
        rows = [row for row in lane if row.tag in ("RealPoint", "BoolPoint", "IntegerPoint", "EnumPoint")]
        if len(rows) > MOST_POINTS:
            rows = rows[:MOST_POINTS]
            self.losses.append(Loss(self.name, f"automation past its first {MOST_POINTS} points"))
        points = []
        for row in rows:
            time = finite(number(row.get("time"), "point: time"), "point: time")
            time_s = time if unit == "seconds" else self.tempo.seconds(time)
            curve: Curve = "linear" if row.get("interpolation") == "linear" else "hold"
            points.append(Breakpoint(time_s, number(row.get("value"), "point: value"), curve))
        return sorted(points, key=lambda p: p.time_s)


def _standing(control: Control) -> Control:
    """A ride that never moves is no ride."""
    values = {point.value for point in control.points}
    if len(values) == 1:
        return Control(values.pop())
    return control


def _hertz(element: Element) -> Callable[[float], float]:
    """Frequencies in hertz; some write them in semitones (MIDI note numbers)."""
    if element.get("unit") == "semitones":
        return lambda note: 440.0 * 2.0 ** ((note - 69.0) / 12.0)
    return lambda hertz: min(max(hertz, 1.0), 1e6)


def _log_lines(points: list[Breakpoint]) -> tuple[Breakpoint, ...]:
    import math

    logs = [Breakpoint(p.time_s, math.log(max(p.value, 1e-9)), p.curve) for p in points]
    return tuple(Breakpoint(p.time_s, math.exp(p.value), p.curve) for p in without_between(logs, 1e-6))


def _low(element: Element) -> float:
    return number(element.get("min"), "Pan: min", 0.0)
