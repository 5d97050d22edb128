"""Chain files as a DAW's plugins: each VST3 with its state and its moving knobs by ParamID."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from smartmix.interop.model import Control, Plugin, PluginParameter
from smartmix.parameter import Breakpoint
from smartmix.rack.places import SUFFIX
from smartmix.rendering.carried import carry
from smartmix.rendering.chains import open_chain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from smartmix.automation.events import StripSettings
    from smartmix.rack.vst3 import Vst3Device
    from smartmix.rendering.chains import OpenChain

STRAIGHT = 1e-3
"""A plugin's own way of a knob may bend this much (of its whole way) between two points before one is put between."""
_DEEPEST = 8


@dataclass(slots=True)
class ToldChain:
    """A chain as plugins; ``lost`` and ``near`` as in ``strips.Told``. ``first``: it stands in front of the strip's EQ.
    ``carried`` says which parameters of the strip it does in the strip's place.
    """

    plugins: list[Plugin] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    near: list[str] = field(default_factory=list)
    first: bool = False
    carried: Callable[[str], bool] = field(default=lambda _: False)


def told_chain(file: str, strip: StripSettings, sample_rate: int, channels: int, owner: str) -> ToldChain:
    """The devices of a chain file for a strip (for a bus, one without lanes). PlanError where it cannot be used."""
    opened = open_chain(file, sample_rate, channels, owner)
    told = ToldChain(first=bool(opened.chain.carriers("eq")))
    told.carried = carry(opened, strip)
    for id_ in opened.chain.ids:
        _tell(opened, id_, told)
    return told


def _tell(opened: OpenChain, id_: str, told: ToldChain) -> None:
    from smartmix.rack.composite import BYPASSED, DRY_WET
    from smartmix.rack.file_chain import MissingDevice
    from smartmix.rack.vst3 import Vst3Device

    device, entry = opened.chain[id_], opened.chain.entry(id_)
    enabled = not bool(opened.chain.get(f"{id_}.{BYPASSED.id}"))
    wet = float(opened.chain.get(f"{id_}.{DRY_WET.id}"))
    mixed = f"{id_}.{DRY_WET.id}" in opened.automation
    if isinstance(device, MissingDevice) and entry.state is not None and entry.class_id:
        preset = entry.state.read_bytes() if entry.state.exists() else b""
        missing = Plugin(device.name, entry.class_id, preset=preset, enabled=enabled, wet=wet, id=id_)
        told.plugins.append(missing)
        told.near.append(f"{device.name} is not installed here: its state goes along unheard")
    elif isinstance(device, Vst3Device) and not mixed:
        told.plugins.append(replace(_plugin(opened, id_, device), enabled=enabled, wet=wet))
    elif enabled:
        told.lost.append(
            f"{device.name} with a moving dry/wet" if mixed else f"{device.name} ({device.kind})"
        )


def _plugin(opened: OpenChain, id_: str, device: Vst3Device) -> Plugin:
    from smartmix.rack.preset_file import preset_bytes

    moving = {
        name.partition(".")[2]: points
        for name, points in opened.automation.items()
        if name.partition(".")[0] == id_
    }
    return Plugin(
        name=device.name,
        class_id=device.class_id,
        vendor=device.vendor,
        version=device.version,
        file_name=_file_name(device.library),
        preset=preset_bytes(device.state),
        parameters=tuple(_parameter(device, name, points) for name, points in moving.items()),
        channels=1 if device.main_channels == 1 else 2,
        id=id_,
    )


def _file_name(library: Path | None) -> str:
    """What a DAW calls the file: a bundle by its own name, not by that of the library inside."""
    if library is None:
        return ""
    return next((p.name for p in (library, *library.parents) if p.suffix.lower() == SUFFIX), library.name)


def _parameter(device: Vst3Device, name: str, points: Sequence[Breakpoint]) -> PluginParameter:
    param_id, index = device.address(name)
    placed = [Breakpoint(p.time_s, device.position(name, p.value), p.curve) for p in points]
    drawn: list[Breakpoint] = []
    for k in range(len(points) - 1):
        drawn.append(placed[k])
        if points[k].curve == "linear" and points[k + 1].time_s > points[k].time_s:
            drawn += _bent(device, name, (points[k], points[k + 1]), _DEEPEST)
    drawn += placed[-1:]
    first = drawn[0].value if drawn else 0.0
    moving = tuple(drawn) if len({p.value for p in drawn}) > 1 else ()
    return PluginParameter(param_id, index, device.info(name).name, Control(first, moving))


def _bent(
    device: Vst3Device, name: str, ends: tuple[Breakpoint, Breakpoint], deepest: int
) -> list[Breakpoint]:
    """Points in between, where a straight line in the knob's own unit is none between 0 and 1."""
    start, end = ends
    middle = Breakpoint((start.time_s + end.time_s) / 2.0, (start.value + end.value) / 2.0)
    low, here, high = (device.position(name, p.value) for p in (start, middle, end))
    if deepest == 0 or abs(here - (low + high) / 2.0) <= STRAIGHT:
        return []
    before = _bent(device, name, (start, middle), deepest - 1)
    after = _bent(device, name, (middle, end), deepest - 1)
    return [*before, Breakpoint(middle.time_s, here), *after]
