"""Chain files: devices of every kind with their settings, states and intents, as TOML that people edit."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartmix.audio.files import check_target
from smartmix.errors import PluginError, SmartmixError
from smartmix.processors.values import Value
from smartmix.rack.intents.intent import CeilingIntent, CompressionIntent, EQBand, EQIntent, Intent
from smartmix.session import document as toml
from smartmix.session.comments import comments_of

if TYPE_CHECKING:
    from smartmix.rack.chain_schema import BandTable, BranchTable, DeviceTable, IntentTable
    from smartmix.rack.file_chain import FileChain

HEADER = """\
A smartmix chain: devices one after the other. Change it in any text editor; comments stay.
kind is native, pedalboard or vst3; `smartmix plugins show NAME` tells a plugin's parameters."""


Lane = tuple[tuple[float, float], ...]
"""Points (seconds, value), straight in between."""


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """One device as a chain file has it. ``state`` is a .vstpreset, its path complete; ``state_hash`` what it held.
    ``lanes`` move its parameters through the song. ``only_with_moves``: it was set for an accepted compression move of
    the track, and is bypassed in a mix without one.
    """

    id: str
    kind: str
    name: str = ""
    class_id: str = ""
    path: str = ""
    dry_wet: float = 1.0
    bypassed: bool = False
    carries: tuple[str, ...] = ()
    state: Path | None = None
    state_hash: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    intents: tuple[Intent, ...] = ()
    lanes: Mapping[str, Lane] = field(default_factory=dict)
    only_with_moves: bool = False
    branches: tuple[BranchEntry, ...] = ()
    crossovers_hz: tuple[float, ...] = ()
    dry_db: float = 0.0

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.name or Path(self.path).stem or self.class_id


@dataclass(frozen=True, slots=True)
class BranchEntry:
    """One part of a split: "mid", a band, or a branch of its own name, and the devices it runs through."""

    part: str
    devices: tuple[DeviceEntry, ...]
    level_db: float = 0.0


@dataclass(frozen=True, slots=True)
class ChainFile:
    """What a chain file says."""

    name: str
    devices: tuple[DeviceEntry, ...]
    path: Path | None = None


def read_chain_file(path: str | Path) -> ChainFile:
    """Read a chain file without making its devices. PluginError names file, device, key and what was expected."""
    from smartmix.rack.chain_schema import FORMAT, ChainTable

    path = Path(path)
    data = toml.parse(toml.read_text(path, PluginError), path, PluginError)
    if data.get("format") != FORMAT:
        raise PluginError(f"{path}: format = {data.get('format')!r}: expected {FORMAT}")
    table = toml.validate(ChainTable, data, path, PluginError)
    ids = _ids(table.device)
    if len(set(ids)) != len(ids):
        twice = next(i for i in ids if ids.count(i) > 1)
        raise PluginError(f"{path}: two devices have the id {twice!r}; give each its own")
    try:
        devices = tuple(_entry(i, row, path.parent) for i, row in zip(ids, table.device, strict=True))
    except PluginError as error:
        raise PluginError(f"{path}: {error}") from None
    return ChainFile(table.name, devices, path)


def load_chain(
    path: str | Path,
    sample_rate: float,
    channels: int,
    *,
    search: Sequence[str | Path] | None = None,
    isolated: bool = True,
) -> FileChain:
    """The chain of a file, every device made, set, and ready for ``channels`` channels at ``sample_rate`` Hz.

    Plugins are looked for by class id, then path, then name: in the folders and files of ``search``, or in the
    standard folders. One that is not there, or cannot be used, lets the sound through and is named in
    ``chain.remarks`` (its settings stay in ``chain.file``). Intents are read but not fitted: that takes the sound of
    the track, ``fit_chain(chain, audio, sample_rate)``. PluginError for a file, a setting or a state that is wrong.
    """
    from smartmix.rack.file_chain import build

    chain = build(read_chain_file(path), search=search, isolated=isolated)
    try:
        for id_ in chain.ids:
            chain[id_].begin(sample_rate, channels)
    except SmartmixError as error:
        raise PluginError(f"{path}: device {id_!r}: {error}") from None
    return chain


def save_chain(chain: FileChain, path: str | Path, *, force: bool = False) -> Path:
    """Write a chain as it is set now, with the states of its plugins beside it (NAME.ID.vstpreset) and their hashes.

    Comments of a file that is replaced (``force``) stay. A device that was missing is written as it was read.
    """
    from smartmix.rack.file_chain import present_file

    path = Path(path)
    check_target(path, force=force, advice="use --force to write over it; your comments stay")
    document = _document(present_file(chain, path, force=force), path.parent)
    old = comments_of(toml.read_text(path, PluginError)) if path.exists() else None
    toml.write(path, document, old or toml.with_header(HEADER, document))
    return path


def _ids(rows: Sequence[DeviceTable]) -> list[str]:
    """The ids given, or names in small letters; a second one of a name with its number."""
    seen: dict[str, int] = {}
    ids = []
    for row in rows:
        label = row.name or Path(row.path or "").stem or "device"
        plain = row.id or re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_") or "device"
        seen[plain] = seen.get(plain, 0) + 1
        ids.append(plain if row.id or seen[plain] == 1 else f"{plain}_{seen[plain]}")
    return ids


def _entry(id_: str, row: DeviceTable, folder: Path) -> DeviceEntry:
    intents = tuple(_intent(each) for each in row.intent)
    return DeviceEntry(
        id_,
        row.kind,
        row.name or "",
        (row.class_id or "").upper(),
        row.path or "",
        row.dry_wet,
        row.bypassed,
        tuple(row.carries),
        folder / row.state if row.state else None,
        row.state_hash or "",
        dict(flat(row.values)),
        intents,
        {name: tuple((p[0], p[1]) for p in points) for name, points in row.lanes.items()},
        row.only_with_moves,
        tuple(_branch(each, folder) for each in row.branch),
        tuple(row.crossovers_hz),
        row.dry_db,
    )


def _branch(row: BranchTable, folder: Path) -> BranchEntry:
    ids = _ids(row.device)
    if len(set(ids)) != len(ids):
        raise PluginError(f"branch {row.part!r}: two devices have one id; give each its own")
    devices = (_entry(i, each, folder) for i, each in zip(ids, row.device, strict=True))
    return BranchEntry(row.part, tuple(devices), row.level_db)


def flat(tables: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Value]]:
    """Values of nested tables by their whole names: band1.gain_db."""
    for key, value in tables.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _intent(row: IntentTable) -> Intent:
    if row.kind == "eq":
        return EQIntent(tuple(_band(band) for band in row.band), row.during)
    if row.kind == "ceiling":
        return CeilingIntent(row.dbtp or 0.0, row.drive_db or 0.0)
    return CompressionIntent(
        row.reduction_db or 0.0,
        row.ratio,
        row.attack_ms,
        row.release_ms,
        row.from_hz or 0.0,
        row.to_hz or math.inf,
        row.level_matched is not False,
    )


def _band(row: BandTable) -> EQBand:
    if row.freq_hz is None:
        return EQBand.between(row.from_hz or 0.0, row.to_hz or 0.0, row.gain_db)
    return EQBand(row.shape, row.freq_hz, row.gain_db, row.q or math.sqrt(0.5), row.slope_db_oct)


def _document(file: ChainFile, folder: Path) -> toml.Document:
    rows = [_row(entry, folder) for entry in file.devices]
    return {"format": 1, "name": file.name, "device": rows}


def _row(entry: DeviceEntry, folder: Path) -> toml.Document:
    """An entry as plain tables; what equals its default is left out."""
    state = entry.state.name if entry.state and entry.state.parent == folder else str(entry.state or "")
    row: toml.Document = {
        "id": entry.id,
        "kind": entry.kind,
        "name": entry.name,
        "class_id": entry.class_id,
        "path": entry.path,
        "dry_wet": entry.dry_wet,
        "bypassed": entry.bypassed,
        "carries": list(entry.carries),
        "only_with_moves": entry.only_with_moves,
        "state": state,
        "state_hash": entry.state_hash,
        "values": _nested(entry.values),
        "lanes": {name: [list(p) for p in points] for name, points in entry.lanes.items()},
        "intent": [_intent_row(intent) for intent in entry.intents],
        "crossovers_hz": list(entry.crossovers_hz),
        "dry_db": entry.dry_db,
        "branch": [
            {
                "part": branch.part,
                **({"level_db": branch.level_db} if branch.level_db else {}),
                "device": [_row(each, folder) for each in branch.devices],
            }
            for branch in entry.branches
        ],
    }
    defaults = {"dry_wet": 1.0, "bypassed": False, "only_with_moves": False, "dry_db": 0.0}
    return {k: v for k, v in row.items() if v not in ("", [], {}) and (k, v) not in defaults.items()}


def _nested(values: Mapping[str, Value]) -> toml.Document:
    tables: toml.Document = {}
    for name, value in values.items():
        *above, last = name.split(".")
        table = tables
        for part in above:
            table = table.setdefault(part, {})
        table[last] = value
    return tables


def _intent_row(intent: Intent) -> toml.Document:
    if isinstance(intent, CeilingIntent):
        return {"kind": "ceiling", "dbtp": intent.dbtp} | _given(drive_db=intent.drive_db or None)
    if isinstance(intent, EQIntent):
        bands = [_band_row(band) for band in intent.bands]
        return {"kind": "eq"} | _given(during=intent.during or None) | {"band": bands}
    return {"kind": "compression", "reduction_db": intent.reduction_db} | _given(
        ratio=intent.ratio,
        attack_ms=intent.attack_ms,
        release_ms=intent.release_ms,
        from_hz=intent.from_hz or None,
        to_hz=intent.to_hz if math.isfinite(intent.to_hz) else None,
        level_matched=None if intent.level_matched else False,
    )


def _band_row(band: EQBand) -> toml.Document:
    row: toml.Document = {"shape": band.shape, "freq_hz": band.freq_hz, "gain_db": band.gain_db, "q": band.q}
    return row | _given(slope_db_oct=band.slope_db_oct if band.slope_db_oct != 12 else None)


def _given(**values: object) -> toml.Document:
    return {key: value for key, value in values.items() if value is not None}
