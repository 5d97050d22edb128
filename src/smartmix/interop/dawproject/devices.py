"""Devices of a channel in project.xml. Their parts come in the order the schema has them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from smartmix.interop.dawproject.elements import Writing, child, knob, switch
from smartmix.interop.model import Compressor, Control, Equalizer, OtherDevice, Plugin

if TYPE_CHECKING:
    from smartmix.interop.model import Device, EqBand

SHAPES = {
    "high_pass": "highPass",
    "low_pass": "lowPass",
    "band_pass": "bandPass",
    "high_shelf": "highShelf",
    "low_shelf": "lowShelf",
    "bell": "bell",
    "notch": "notch",
}
WITH_GAIN = ("high_shelf", "low_shelf", "bell")
HERTZ, GAIN_DB, Q = (10.0, 24_000.0), (-24.0, 24.0), (0.1, 40.0)


def percent(ratio: float) -> float:
    """A ratio n:1 as the format counts it: 0 % for 1:1, 50 % for 2:1, 100 % for a limiter."""
    return 100.0 * (1.0 - 1.0 / ratio)


def ratio(percent: float) -> float:
    """The way back, at most 100:1."""
    return 1.0 / max(1.0 - min(max(percent, 0.0), 100.0) / 100.0, 0.01)


def put_device(
    parent: Element, device: Device, base: str, writing: Writing, *, state: str, trim: Control
) -> None:
    """One device under Devices; ``trim`` goes into its input gain, ``state`` is the plugin's file in the archive."""
    if isinstance(device, Equalizer):
        _equalizer(parent, device, base, trim, writing)
    elif isinstance(device, Compressor):
        _compressor(parent, device, base, trim, writing)
    elif isinstance(device, Plugin):
        _plugin(parent, device, base, state, writing)


def _head(parent: Element, tag: str, device: Device, base: str, **more: str) -> Element:
    made = child(
        parent,
        tag,
        **more,
        deviceName=device.name,
        deviceRole="audioFX",
        loaded="true",
        id=base,
        name=device.name,
    )
    if not isinstance(device, OtherDevice) and device.comment:
        made.set("comment", device.comment)
    return made


def _equalizer(parent: Element, device: Equalizer, base: str, trim: Control, writing: Writing) -> None:
    made = _head(parent, "Equalizer", device, base)
    switch(made, "Enabled", f"{base}.enabled", device.enabled, "On/Off")
    for number, band in enumerate(device.bands, 1):
        _band(made, band, f"{base}.band{number}", writing)
    _gain(made, "InputGain", f"{base}.input", trim, writing)


def _band(parent: Element, band: EqBand, base: str, writing: Writing) -> None:
    made = child(parent, "Band", type=SHAPES[band.shape])
    if band.slope_db_oct:
        made.set("order", str(round(band.slope_db_oct / 6.0)))
    knob(made, "Freq", f"{base}.freq", band.freq_hz, "hertz", span=HERTZ, writing=writing, log=True)
    if band.shape in WITH_GAIN:
        knob(made, "Gain", f"{base}.gain", band.gain_db, "decibel", span=GAIN_DB, writing=writing)
    knob(made, "Q", f"{base}.q", band.q, "linear", span=Q, writing=writing, log=True)
    switch(made, "Enabled", f"{base}.enabled", band.enabled, "On/Off")


def _compressor(parent: Element, device: Compressor, base: str, trim: Control, writing: Writing) -> None:
    made = _head(parent, "Compressor", device, base)
    switch(made, "Enabled", f"{base}.enabled", device.enabled, "On/Off")
    times = (0.0, 10.0)
    knob(
        made,
        "Attack",
        f"{base}.attack",
        device.attack_ms,
        "seconds",
        span=times,
        writing=writing,
        way=_seconds,
    )
    _gain(made, "InputGain", f"{base}.input", trim, writing)
    _gain(made, "OutputGain", f"{base}.output", device.makeup_db, writing)
    knob(
        made,
        "Ratio",
        f"{base}.ratio",
        device.ratio,
        "percent",
        span=(0.0, 100.0),
        writing=writing,
        way=percent,
    )
    knob(
        made,
        "Release",
        f"{base}.release",
        device.release_ms,
        "seconds",
        span=times,
        writing=writing,
        way=_seconds,
    )
    levels = (-60.0, 0.0)
    knob(made, "Threshold", f"{base}.threshold", device.threshold_db, "decibel", span=levels, writing=writing)


def _seconds(milliseconds: float) -> float:
    return milliseconds / 1000.0


def _gain(parent: Element, tag: str, id_: str, control: Control, writing: Writing) -> None:
    if not control.is_neutral:
        knob(parent, tag, id_, control, "decibel", span=GAIN_DB, writing=writing)


def _plugin(parent: Element, device: Plugin, base: str, state: str, writing: Writing) -> None:
    made = _head(parent, "Vst3Plugin", device, base, deviceID=str(uuid.UUID(device.class_id)).upper())
    if device.vendor:
        made.set("deviceVendor", device.vendor)
    if device.version:
        made.set("pluginVersion", device.version)
    if device.parameters:
        table = child(made, "Parameters")
        for each in device.parameters:
            id_, place = f"{base}.p{each.param_id}", (0.0, 1.0)
            knob(
                table,
                "RealParameter",
                id_,
                each.position,
                "normalized",
                span=place,
                writing=writing,
                name=each.name,
            )
            table[-1].set("parameterID", str(_signed(each.param_id)))
    switch(made, "Enabled", f"{base}.enabled", device.enabled, "On/Off")
    if state:
        child(made, "State", path=state)


def _signed(param_id: int) -> int:
    """A ParamID is unsigned; the format's attribute is a signed 32-bit number."""
    return param_id - (1 << 32) if param_id >= 1 << 31 else param_id
