"""A chain as it was fitted to a track, as a chain file can hold it: values, lanes, and what stands in for a plugin."""

from __future__ import annotations

from dataclasses import replace

from smartmix.rack.chain_file import ChainFile, DeviceEntry
from smartmix.rack.composite import BYPASSED, DRY_WET
from smartmix.rack.file_chain import FileChain
from smartmix.rack.intents.chain_fit import FittedChain


def fitted_file_chain(source: FileChain, fitted: FittedChain) -> FileChain:
    """The fitted chain as one of a file, with nothing left to fit: its intents have become values and lanes."""
    chain = fitted.chain
    entries = tuple(_entry(source, fitted, id_) for id_ in chain.ids)
    made = FileChain(ChainFile(source.file.name, entries), [chain[i] for i in chain.ids], ())
    for id_ in chain.ids:
        for name in (DRY_WET.id, BYPASSED.id):
            made.set(f"{id_}.{name}", chain.get(f"{id_}.{name}"))
    return made


def _entry(source: FileChain, fitted: FittedChain, id_: str) -> DeviceEntry:
    lanes = {
        name.partition(".")[2]: tuple((float(time_s), float(value)) for time_s, value in points)
        for name, points in fitted.automation.items()
        if name.partition(".")[0] == id_
    }
    if id_ in source.ids:
        entry = source.entry(id_)
        return replace(entry, intents=(), lanes={**entry.lanes, **lanes})
    return DeviceEntry(id_, "native", fitted.chain[id_].name, lanes=lanes)
