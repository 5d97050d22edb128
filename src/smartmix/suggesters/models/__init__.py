"""Opinions that need torch. They hand back plain figures: a plan made with them renders without torch."""

from __future__ import annotations

import importlib.util


def available() -> bool:
    """Whether torch is there; nothing is imported."""
    return importlib.util.find_spec("torch") is not None
