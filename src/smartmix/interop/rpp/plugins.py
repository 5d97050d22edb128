"""Plugins as effects of a REAPER chain, and back: a VST3 with its state and its lanes, others by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.interop.model import Control, Loss, OtherDevice, Plugin, PluginParameter
from smartmix.interop.rpp.fxchain import FxBlock, FxEnvelope
from smartmix.interop.rpp.vst3_state import (
    LEFT,
    ON_BOTH,
    RIGHT,
    STEREO,
    Pins,
    Vst3Name,
    name_in,
    opening_words,
    read_state,
    state_lines,
)
from smartmix.parameter import Breakpoint
from smartmix.rack.preset_file import parse_preset, preset_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.model import Device

_KINDS = {"VST": "vst2", "CLAP": "clap", "AU": "au", "LV2": "lv2", "DX": "dx"}
_OWN_KNOBS = {"bypass": "its switch moves", "wet": "its dry/wet moves", "delta": "its delta switch moves"}
_ELSEWHERE = {"PROGRAMENV": "knobs moved by an LFO or by sound", "PARALLEL": "the next effect beside it"}
_UNHEARD = "kept for the way back, not heard here"


def plugin_effects(plugin: Plugin, channels: int) -> tuple[FxBlock, ...]:
    """A VST3 on a track of this many channels: one effect, or one a side where the plugin takes one channel."""
    pins: tuple[Pins, ...] = (STEREO,)
    if plugin.channels == 1:
        pins = (ON_BOTH,) if channels == 1 else (LEFT, RIGHT)
    state = parse_preset(plugin.preset, plugin.name) if plugin.preset else None
    words = opening_words(Vst3Name(plugin.name, plugin.vendor, plugin.file_name, plugin.class_id))
    effect = FxBlock(
        words=words,
        envelopes=tuple(_envelope(each, plugin.name) for each in plugin.parameters),
        enabled=plugin.enabled,
        wet=plugin.wet,
        comment=plugin.comment,
    )
    return tuple(replace(effect, lines=state_lines(plugin.class_id, state, each)) for each in pins)


def _envelope(parameter: PluginParameter, owner: str) -> FxEnvelope:
    position = parameter.position
    return FxEnvelope(
        parameter=f"{parameter.index}:{parameter.param_id}",
        points=position.points or (Breakpoint(0.0, position.value),),
        name=f"{parameter.name} / {owner}",
    )


def plugins_in(effects: Sequence[FxBlock], where: str) -> tuple[tuple[Device, ...], list[Loss]]:
    """What a chain holds, in order, and what of it is not heard here; ``where`` is the track's name.

    A bypassed or offline effect is one that is off. Two VST3s that are alike, one on the left channel and one on the
    right, are one that takes a single channel.
    """
    read = [_device(effect) for effect in effects]
    devices: list[Device] = []
    losses: list[Loss] = []
    at = 0
    while at < len(read):
        device, pins, said = read[at]
        at += 1
        if isinstance(device, Plugin) and pins is not None:
            if pins == LEFT and at < len(read) and read[at][:2] == (device, RIGHT):
                device, at = replace(device, channels=1), at + 1
            elif pins == ON_BOTH:
                device = replace(device, channels=1)
            elif not _as_it_comes(pins):
                said = [*said, ("pins of its own", "heard on both sides here; kept for the way back")]
        devices.append(device)
        if device.enabled:
            losses += [Loss(where, f"{device.name}: {what}", done) for what, done in said]
            losses += [Loss(where, device.name, _UNHEARD)] if isinstance(device, OtherDevice) else []
    return tuple(devices), losses


def _as_it_comes(pins: Pins) -> bool:
    """Left to left and right to right; what a side-chain input listens to is another matter."""
    return (pins.inputs[:2], pins.outputs[:2]) == (STEREO.inputs, STEREO.outputs)


def _device(effect: FxBlock) -> tuple[Device, Pins | None, list[tuple[str, str]]]:
    """The device, its pins where they are known, and what is to be said of it."""
    enabled = effect.enabled and not effect.offline
    name = name_in(effect.words)
    if name is None or name.instrument or not name.class_id:
        return _other(effect, enabled=enabled), None, []
    read = read_state(name.class_id, effect.lines)
    said = [(what, _UNHEARD) for key, what in _ELSEWHERE.items() if key in effect.others]
    lanes = [each for each in effect.envelopes if each.active and each.points]
    said += [(_OWN_KNOBS[each.ident], _UNHEARD) for each in lanes if each.ident in _OWN_KNOBS]
    knobs = [each for each in lanes if each.index >= 0 and (each.ident.isdecimal() or not each.ident)]
    if any(each.bent for each in knobs):
        said.append(("curved points of a lane", "straight lines between them are heard"))
    device = Plugin(
        name=name.name,
        class_id=name.class_id,
        vendor=name.vendor,
        file_name=name.file_name,
        preset=b"" if read is None else preset_bytes(read[0]),
        parameters=tuple(_parameter(each, name.name) for each in knobs),
        comment=effect.comment,
        enabled=enabled,
        wet=effect.wet,
    )
    return device, None if read is None else read[1], said


def _parameter(lane: FxEnvelope, owner: str) -> PluginParameter:
    points = tuple(replace(p, value=min(max(p.value, 0.0), 1.0)) for p in lane.points)
    param_id = int(lane.ident) if lane.ident else -1
    return PluginParameter(
        param_id, lane.index, lane.name.removesuffix(f" / {owner}"), Control(points[0].value, points)
    )


def _other(effect: FxBlock, *, enabled: bool) -> Device:
    shown = effect.words[1] if len(effect.words) > 1 else effect.tag
    kind = _KINDS.get(effect.tag)
    if kind is None:
        return OtherDevice(shown, effect.tag.lower(), enabled=enabled)
    return Plugin(shown, "", kind=kind, enabled=enabled)
