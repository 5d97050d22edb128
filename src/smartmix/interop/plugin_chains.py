"""Plugins of a DAW session as chain files: with their states, and their lanes where the plugin is installed here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from smartmix.audio.files import write_bytes
from smartmix.errors import PluginError
from smartmix.interop.model import Compressor, Equalizer, Loss, Plugin
from smartmix.interop.order import can_be_kept
from smartmix.interop.rides import fewer
from smartmix.parameter import Breakpoint
from smartmix.rack.chain_file import HEADER, read_chain_file
from smartmix.session import document as toml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smartmix.interop.model import PluginParameter, Track
    from smartmix.rack.chain_file import DeviceEntry, Lane
    from smartmix.rack.scanning import ScannedFile
    from smartmix.rack.vst3 import Vst3Device

CHAINS, PREFIX = "chains", "daw-"
"""Where an import puts chain files, and how their names begin."""
_MOST_POINTS = 2_000


@dataclass(slots=True)
class PluginChains:
    """Writes a chain file into ``folder``/chains for each track whose plugins can be kept going."""

    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    _installed: Sequence[ScannedFile] | None = None

    def take(self, owner: str, track: Track) -> bool:
        """The plugins of a track, those that are off as bypassed ones; whether there is a chain now, which takes one
        that is on. ``owner``: a track, bus or "mix".
        """
        plugins = [d for d in track.devices if isinstance(d, Plugin)]
        usable = [p for p in plugins if can_be_kept(p)]
        for plugin in plugins:
            if plugin.enabled and plugin not in usable:
                self.losses.append(Loss(track.name, plugin.name, "kept for the way back, not heard here"))
        if not any(plugin.enabled for plugin in usable):
            return False
        if _mixed_up(track):
            self.losses.append(
                Loss(track.name, "plugins in front of its EQ or compressor", "heard behind it here")
            )
        folder = self.folder / CHAINS
        folder.mkdir(exist_ok=True)
        rows = [self._row(plugin, f"{PREFIX}{owner}.{k}", k, track) for k, plugin in enumerate(usable, 1)]
        path = folder / f"{PREFIX}{owner}.toml"
        document: toml.Document = {"format": 1, "name": f"{track.name} in the DAW", "device": rows}
        toml.write(path, document, toml.with_header(HEADER, document))
        self.files[owner] = path
        return True

    def has(self, plugin: Plugin) -> bool:
        """Whether a plugin sounds here: its state can be read, and it is installed."""
        return can_be_kept(plugin) and self._device(plugin) is not None

    def _row(self, plugin: Plugin, name: str, number: int, track: Track) -> toml.Document:
        state = f"{name}.vstpreset"
        write_bytes(self.folder / CHAINS / state, plugin.preset)
        row: toml.Document = {
            "id": f"p{number}",
            "kind": "vst3",
            "name": plugin.name,
            "class_id": plugin.class_id,
        }
        row["state"] = state
        if plugin.wet != 1.0:
            row["dry_wet"] = plugin.wet
        if not plugin.enabled:
            row["bypassed"] = True
        device = self._device(plugin)
        if device is None and plugin.enabled:
            self.losses.append(
                Loss(
                    track.name,
                    f"{plugin.name} is not installed here",
                    "the sound goes past it; kept for the way back",
                )
            )
        elif device is not None and plugin.parameters:
            row["lanes"] = dict(self._lanes(device, plugin.parameters, track))
        return row

    def _device(self, plugin: Plugin) -> Vst3Device | None:
        from smartmix.rack.loading import device_of
        from smartmix.rack.scanning import scan

        if self._installed is None:
            self._installed = scan()
        for file in self._installed:
            for each in file.plugins:
                if each.class_id == plugin.class_id:
                    try:
                        return device_of(file, each)
                    except PluginError:
                        return None
        return None

    def _lanes(
        self, device: Vst3Device, parameters: Sequence[PluginParameter], track: Track
    ) -> list[tuple[str, list[list[float]]]]:
        """Points in the plugin's own units, by the names a chain file has for its knobs."""
        places = {info.id: device.address(info.id) for info in device.parameters}
        known = {param_id: id_ for id_, (param_id, _) in places.items()}
        listed = {index: id_ for id_, (_, index) in places.items()}
        lanes = []
        for parameter in parameters:
            id_ = known.get(parameter.param_id)
            if parameter.param_id < 0:
                id_ = listed.get(parameter.index)
            if id_ is None or id_ not in device.automatable:
                self.losses.append(
                    Loss(track.name, f"{device.name}: {parameter.name} moves", "not heard here")
                )
                continue
            points = [Breakpoint(max(p.time_s, 0.0), p.value, p.curve) for p in parameter.position.points]
            kept = fewer(points, _MOST_POINTS)[0]
            lanes.append((id_, _drawn(kept, device, id_)))
        return lanes


def _drawn(points: Sequence[Breakpoint], device: Vst3Device, id_: str) -> list[list[float]]:
    """Straight lines only: a hold is a jump at its end."""
    drawn: list[list[float]] = []
    for here, after in zip(points, [*points[1:], None], strict=True):
        plain = device.plain(id_, here.value)
        drawn.append([here.time_s, plain])
        if here.curve == "hold" and after is not None and after.time_s > here.time_s:
            drawn.append([after.time_s, plain])
    return drawn


def chain_as_it_came(folder: Path, owner: str, track: Track) -> bool:
    """Whether the chain file in a session's ``folder`` still says what an import made of a track's plugins.

    Lanes that one of the two does not have are no difference: an import draws none where the plugin is missing.
    """
    with TemporaryDirectory(prefix="smartmix-") as bench:
        remade = PluginChains(Path(bench))
        if not remade.take(owner, track):
            return True
        then, now = (
            _told(path) for path in (remade.files[owner], folder / CHAINS / remade.files[owner].name)
        )
    return [row[:2] for row in then] == [row[:2] for row in now] and all(
        not a[2] or not b[2] or a[2] == b[2] for a, b in zip(then, now, strict=True)
    )


def _told(path: Path) -> list[tuple[DeviceEntry, bytes, Mapping[str, Lane]]]:
    """Each device of a chain file with the bytes of its state and its lanes."""
    return [
        (
            replace(entry, state=None, lanes={}),
            entry.state.read_bytes() if entry.state is not None and entry.state.is_file() else b"",
            entry.lanes,
        )
        for entry in read_chain_file(path).devices
    ]


def _mixed_up(track: Track) -> bool:
    """Whether a plugin stands in front of a device that smartmix plays before its chain."""
    seen = False
    for device in (d for d in track.devices if d.enabled):
        seen = seen or isinstance(device, Plugin)
        if seen and (isinstance(device, Compressor) or (isinstance(device, Equalizer) and device.bands)):
            return True
    return False
