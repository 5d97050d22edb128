"""Intents: what a device is to do in words that do not depend on it, and its knobs fitted to them by measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartmix.rack.intents.intent import CeilingIntent, CompressionIntent, EQBand, EQIntent, Intent

if TYPE_CHECKING:
    from smartmix.rack.intents.ceiling_fit import fit_ceiling
    from smartmix.rack.intents.chain_fit import FittedChain, IntentFit, fit_chain
    from smartmix.rack.intents.compression_fit import fit_compression, fit_compressor_move
    from smartmix.rack.intents.eq_fit import fit_eq
    from smartmix.rack.intents.fit import Fit
    from smartmix.rack.intents.moves import CarriedMoves, MovingBand, PointError, fit_moves

__all__ = [
    "CarriedMoves",
    "CeilingIntent",
    "CompressionIntent",
    "EQBand",
    "EQIntent",
    "Fit",
    "FittedChain",
    "Intent",
    "IntentFit",
    "MovingBand",
    "PointError",
    "fit_ceiling",
    "fit_chain",
    "fit_compression",
    "fit_compressor_move",
    "fit_eq",
    "fit_moves",
]

_HOMES = {
    "CarriedMoves": "moves",
    "Fit": "fit",
    "FittedChain": "chain_fit",
    "IntentFit": "chain_fit",
    "MovingBand": "moves",
    "PointError": "moves",
    "fit_ceiling": "ceiling_fit",
    "fit_chain": "chain_fit",
    "fit_compression": "compression_fit",
    "fit_compressor_move": "compression_fit",
    "fit_eq": "eq_fit",
    "fit_moves": "moves",
}


def __getattr__(name: str) -> Any:
    """Load a fitter when it is first asked for: they need the plugin host."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"smartmix.rack.intents.{_HOMES[name]}"), name)
