"""What stands in the chains of a REAPER project: the one place that knows which device is which kind of effect."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.interop.lanes import added
from smartmix.interop.model import Compressor, Control, Equalizer, Plugin
from smartmix.interop.order import leading
from smartmix.interop.rpp.fxchain import effects
from smartmix.interop.rpp.jsfx import jsfx_effects
from smartmix.interop.rpp.jsfx_read import jsfx_device
from smartmix.interop.rpp.plugins import plugin_effects, plugins_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.model import Device, Loss, Track
    from smartmix.interop.rpp.fxchain import FxBlock
    from smartmix.interop.rpp.text import Block


def track_effects(track: Track) -> tuple[tuple[FxBlock, ...], tuple[Device, ...]]:
    """The effects of a track in the order of its devices, and the devices that none is for."""
    blocks: list[FxBlock] = []
    left: list[Device] = []
    for device in track.devices:
        if isinstance(device, Plugin) and device.kind == "vst3" and device.class_id:
            blocks += plugin_effects(device, track.channels)
        elif own := jsfx_effects(device):
            blocks += own
        else:
            left.append(device)
    return tuple(blocks), tuple(left)


def devices_in(
    chain: Block | None, where: str, *, is_on: bool, moves: bool = True
) -> tuple[tuple[Device, ...], list[Loss]]:
    """The devices of a chain and what of them is not heard; a chain that is switched off has none that is on, and
    without ``moves`` all lanes are bypassed.
    """
    if chain is None:
        return (), []
    devices: list[Device] = []
    losses: list[Loss] = []
    others: list[FxBlock] = []

    def put_others() -> None:
        made, said = plugins_in(others, where)
        devices.extend(made)
        losses.extend(said)
        others.clear()

    for found in effects(chain):
        envelopes = found.envelopes if moves else ()
        effect = replace(found, enabled=found.enabled and is_on, envelopes=envelopes)
        own = jsfx_device(effect, where)
        if own is None:
            others.append(effect)
            continue
        put_others()
        devices.append(own[0])
        losses += own[1]
    put_others()
    return tuple(devices), losses


def first_trim(devices: Sequence[Device]) -> Control:
    """The gain at the input of the devices whose gain is one in front of everything."""
    return added(*(device.trim for device in leading(devices) if isinstance(device, Equalizer | Compressor)))
