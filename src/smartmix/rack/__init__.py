"""The rack: plugins found, looked at and run, in chains with everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartmix.rack.chain import Chain
    from smartmix.rack.chain_file import ChainFile, load_chain, read_chain_file, save_chain
    from smartmix.rack.device import Device
    from smartmix.rack.effect import PedalboardDevice
    from smartmix.rack.file_chain import FileChain
    from smartmix.rack.intents.chain_fit import fit_chain
    from smartmix.rack.live import run_live
    from smartmix.rack.loading import load_vst3
    from smartmix.rack.ports import FilePort, InterfacePort
    from smartmix.rack.scanning import scan
    from smartmix.rack.split import Bands, MidSide, Parallel
    from smartmix.rack.vst3 import Vst3Device

__all__ = [
    "Bands",
    "Chain",
    "ChainFile",
    "Device",
    "FileChain",
    "FilePort",
    "InterfacePort",
    "MidSide",
    "Parallel",
    "PedalboardDevice",
    "Vst3Device",
    "fit_chain",
    "load_chain",
    "load_vst3",
    "read_chain_file",
    "run_live",
    "save_chain",
    "scan",
]

_HOMES = {
    "Bands": "split",
    "Chain": "chain",
    "ChainFile": "chain_file",
    "Device": "device",
    "FileChain": "file_chain",
    "FilePort": "ports",
    "InterfacePort": "ports",
    "MidSide": "split",
    "Parallel": "split",
    "PedalboardDevice": "effect",
    "Vst3Device": "vst3",
    "fit_chain": "intents.chain_fit",
    "load_chain": "chain_file",
    "load_vst3": "loading",
    "read_chain_file": "chain_file",
    "run_live": "live",
    "save_chain": "chain_file",
    "scan": "scanning",
}


def __getattr__(name: str) -> Any:
    """Load a part of the rack when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"smartmix.rack.{_HOMES[name]}"), name)
