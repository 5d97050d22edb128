"""The two effect returns every session has: where sends go, and what they go through."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Return:
    """An effect that tracks are sent to after their fader and pan; its output joins the mix through a fader.

    ``device`` is the native processor it runs through, fully wet.
    """

    id: str
    name: str
    device: str


REVERB = Return("return-reverb", "Reverb return", "reverb")
DELAY = Return("return-delay", "Delay return", "delay")
RETURNS = (REVERB, DELAY)
"""In the order of the sends: send 1 feeds the first. No track may take one of these ids."""
