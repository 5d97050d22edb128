"""A chain made from what a chain file says, and what it says now of a chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples, check_samples
from smartmix.errors import PluginError, SmartmixError
from smartmix.processors import create
from smartmix.processors.events import Lane
from smartmix.processors.values import Value
from smartmix.rack.chain import Chain
from smartmix.rack.chain_file import ChainFile, DeviceEntry
from smartmix.rack.composite import BYPASSED, DRY_WET, LEVEL, SILENT_DB
from smartmix.rack.device import Device
from smartmix.rack.effect import PedalboardDevice
from smartmix.rack.loading import device_of, find_plugin
from smartmix.rack.native import NativeDevice
from smartmix.rack.scanning import ScannedFile, scan
from smartmix.rack.split import Bands, MidSide, Parallel, Split
from smartmix.rack.vst3 import Vst3Device


class MissingDevice(Device):
    """In the place of a plugin that cannot be used here: the sound goes through as it is."""

    kind = "missing"

    def __init__(self, entry: DeviceEntry, why: str) -> None:
        self.name = entry.label
        self.why = why
        self.parameters = ()

    def get(self, parameter_id: str) -> Value:
        """There is nothing to get."""
        return self._refuse(parameter_id)

    def set(self, parameter_id: str, value: Value) -> None:
        """There is nothing to set."""
        self._refuse(parameter_id)

    def _refuse(self, parameter_id: str) -> Value:
        raise PluginError(f"{self.name}.{parameter_id}: the plugin is not here ({self.why})")

    @property
    def latency_frames(self) -> int:
        """None."""
        return 0

    def process(
        self,
        audio: NDArray[np.floating],
        sample_rate: float,
        buffer_size: int = 8192,
        reset: bool = True,
        *,
        automation: Mapping[str, Lane] | None = None,
        side_chain: NDArray[np.floating] | None = None,
    ) -> Samples:
        """The audio as it is."""
        self.move(0, automation or {}, sample_rate)
        return check_samples(audio).copy()

    def begin(self, sample_rate: float, channels: int, side_chain_channels: int = 0) -> None:
        """Nothing to prepare."""

    def move(self, origin: int, automation: Mapping[str, Lane], sample_rate: float) -> None:
        """No lane finds its parameter."""
        for name in automation:
            self._refuse(name)

    def advance(self, samples: Samples, side_chain: Samples | None = None) -> Samples:
        """The audio as it is."""
        return samples.copy()


class FileChain(Chain):
    """A chain from a file. ``file`` is what the file said, ``remarks`` what a person should know of it."""

    def __init__(self, file: ChainFile, devices: Sequence[Device], remarks: Sequence[str]) -> None:
        super().__init__(*devices, name=file.name, ids=[e.id for e in file.devices])
        self.file = file
        self.remarks = tuple(remarks)
        for entry in file.devices:
            self.set(f"{entry.id}.{DRY_WET.id}", entry.dry_wet)
            self.set(f"{entry.id}.{BYPASSED.id}", entry.bypassed)

    @property
    def missing(self) -> tuple[str, ...]:
        """Ids of devices that are not here and let the sound through."""
        return tuple(i for i in self.ids if isinstance(self[i], MissingDevice))

    def entry(self, id_: str) -> DeviceEntry:
        """What the file said of a device."""
        return next(e for e in self.file.devices if e.id == id_)

    @property
    def lanes(self) -> dict[str, tuple[tuple[float, float], ...]]:
        """What the file moves through the song, by "member.parameter", of devices that are here."""
        return {
            f"{entry.id}.{name}": points
            for entry in self.file.devices
            if entry.id not in self.missing
            for name, points in entry.lanes.items()
        }

    def carriers(self, kind: str) -> tuple[str, ...]:
        """Ids of devices that carry out accepted moves of a kind ("eq", "compression") and are here to do so."""
        return tuple(
            e.id
            for e in self.file.devices
            if kind in e.carries and e.id not in self.missing and not e.bypassed
        )


def build(file: ChainFile, *, search: Sequence[str | Path] | None = None, isolated: bool = True) -> FileChain:
    """The devices of a chain file, set as it says; see ``load_chain``."""
    files = scan(search) if any(entry.kind == "vst3" for entry in all_entries(file.devices)) else ()
    return _built(file, files, isolated=isolated)


def all_entries(entries: Iterable[DeviceEntry]) -> Iterator[DeviceEntry]:
    """Entries, and those in branches of splits."""
    for entry in entries:
        yield entry
        for branch in entry.branches:
            yield from all_entries(branch.devices)


def _built(file: ChainFile, files: Sequence[ScannedFile], *, isolated: bool) -> FileChain:
    devices: list[Device] = []
    remarks: list[str] = []
    for entry in file.devices:
        try:
            device, said = _made(entry, files, file.path, isolated=isolated)
        except SmartmixError as error:
            raise PluginError(f"{file.path or file.name}: device {entry.id!r}: {error}") from None
        devices.append(device)
        remarks += [f"{entry.id}: {each}" for each in said]
    return FileChain(file, devices, remarks)


def _made(
    entry: DeviceEntry, files: Sequence[ScannedFile], source: Path | None, *, isolated: bool
) -> tuple[Device, list[str]]:
    remarks: list[str] = []
    device: Device
    if entry.branches:
        return _split(entry, files, source, isolated=isolated)
    if entry.kind == "native":
        device = NativeDevice(create(entry.name))
    elif entry.kind == "pedalboard":
        device = PedalboardDevice(entry.name)
    else:
        try:
            device = _plugin(entry, files, source, isolated=isolated)
        except PluginError as error:
            return MissingDevice(entry, str(error)), [f"{error}; it is bypassed, its settings are kept"]
        remarks += _restored(device, entry)
    for name, value in entry.values.items():
        device.set(name, value)
    if entry.intents:
        remarks.append("what it is to do is fitted to the sound of the track: smartmix.rack.fit_chain")
    return device, remarks


def _split(
    entry: DeviceEntry, files: Sequence[ScannedFile], source: Path | None, *, isolated: bool
) -> tuple[Split, list[str]]:
    """A split whose branches are chains."""
    chains = {
        b.part: _built(ChainFile(b.part, b.devices, source), files, isolated=isolated) for b in entry.branches
    }
    if len(chains) != len(entry.branches):
        raise PluginError("two branches for one part")
    split: Split
    if entry.kind == "mid_side":
        if unknown := sorted(set(chains) - {"mid", "side"}):
            raise PluginError(f"no part {unknown[0]!r}; there are: mid, side")
        split = MidSide(**chains)
    elif entry.kind == "bands":
        split = Bands(entry.crossovers_hz, **chains)
    else:
        split = Parallel(dry_db=entry.dry_db if entry.dry_db > SILENT_DB else None, **chains)
    for branch in entry.branches:
        split.set(f"{branch.part}.{LEVEL.id}", branch.level_db)
    return split, [f"{part}: {remark}" for part, chain in chains.items() for remark in chain.remarks]


def _plugin(
    entry: DeviceEntry, files: Sequence[ScannedFile], source: Path | None, *, isolated: bool
) -> Vst3Device:
    """By class id, which is the plugin's own wherever it lies and whatever it is called; then by path; then by name."""
    if entry.class_id:
        for file in files:
            for plugin in file.plugins:
                if plugin.class_id == entry.class_id:
                    return device_of(file, plugin, isolated=isolated)
    if entry.path:
        path = Path(entry.path).expanduser()
        path = path if path.is_absolute() or source is None else source.parent / path
        if path.exists():
            return device_of(*find_plugin(path, entry.name or None), isolated=isolated)
    if not entry.name:
        raise PluginError(f"no plugin {entry.path or entry.class_id}")
    return device_of(*find_plugin(entry.name, files=files), isolated=isolated)


def _restored(device: Device, entry: DeviceEntry) -> list[str]:
    """Set the state of the entry; what is to be said of it."""
    if entry.state is None or not isinstance(device, Vst3Device):
        return []
    device.load_preset(entry.state)
    held = device.loaded_hash
    if entry.state_hash and held != entry.state_hash:
        return [f"{entry.state.name} was changed since the chain was saved"]
    return []


def present_file(chain: FileChain, path: Path, *, force: bool) -> ChainFile:
    """What a file would say of a chain as it is now; states that settings do not tell are written beside ``path``."""
    entries = tuple(_present(chain, id_, path, force=force) for id_ in chain.ids)
    return ChainFile(chain.name, entries, path)


def _present(chain: FileChain, id_: str, path: Path, *, force: bool) -> DeviceEntry:
    device = chain[id_]
    entry = replace(
        chain.entry(id_),
        dry_wet=float(chain.get(f"{id_}.{DRY_WET.id}")),
        bypassed=bool(chain.get(f"{id_}.{BYPASSED.id}")),
    )
    if isinstance(device, MissingDevice):
        return entry
    if isinstance(device, Split):
        return _present_split(device, entry, path, force=force)
    entry = replace(entry, values=device.settings())
    if not isinstance(device, Vst3Device):
        return entry
    entry = replace(entry, name=device.name, class_id=device.class_id)
    if device.told_by_settings():
        return replace(entry, state=None, state_hash="")
    file = path.with_name(f"{path.stem}.{id_}.vstpreset")
    device.save_preset(file, force=force)
    return replace(entry, state=file, state_hash=device.state.hash)


def _present_split(split: Split, entry: DeviceEntry, path: Path, *, force: bool) -> DeviceEntry:
    branches = []
    for branch in entry.branches:
        chain = split[branch.part]
        assert isinstance(chain, FileChain)
        file = path.with_name(f"{path.stem}.{entry.id}.{branch.part}{path.suffix}")
        devices = tuple(_present(chain, id_, file, force=force) for id_ in chain.ids)
        level_db = float(split.get(f"{branch.part}.{LEVEL.id}"))
        branches.append(replace(branch, devices=devices, level_db=level_db))
    return replace(entry, branches=tuple(branches))
