"""Intents: what a device is to do in words that do not depend on it, and its knobs fitted to them by measurement."""

from __future__ import annotations

from smartmix.rack.intents.intent import CeilingIntent, CompressionIntent, EQBand, EQIntent, Intent

__all__ = ["CeilingIntent", "CompressionIntent", "EQBand", "EQIntent", "Intent"]
