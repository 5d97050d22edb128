"""What a plugin is and how it behaves, asked in a process that may die of it.

``python -m smartmix.rack.check LIBRARY ANSWER`` writes JSON to the file ANSWER.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from smartmix import _core

RATE_HZ = 48_000.0
FRAMES = 4096
"""Length of the noise a plugin is tried with: 85 ms."""
BLOCK = 512
RAGGED = (64, 7, 500, 333, 1)
AMPLITUDE = 0.1
SAME = 1e-7
"""Outputs this close are the same: float32 rounding of a full-scale sample."""


def main(library: str, answer: str) -> None:
    """Look inside, try each plugin, write the answer."""
    try:
        found: dict[str, Any] = {"plugins": _core.probe_vst3(library, RATE_HZ)}
    except RuntimeError as error:
        found = {"error": str(error)}
    for plugin in found.get("plugins", []):
        plugin["behaviour"] = {} if plugin["problem"] or not plugin["inputs"] else behaviour(library, plugin)
    Path(answer).write_text(json.dumps(found), encoding="utf-8")


def behaviour(library: str, plugin: dict[str, Any]) -> dict[str, Any]:
    """What two runs over the same noise tell: whether it runs, repeats itself, forgets when reset, minds blocks."""
    channels = next((bus["channels"] for bus in plugin["inputs"] if bus["main"]), 0)
    try:
        first = _Trial(library, plugin["class_id"], channels)
        plain = first.run(BLOCK)
        first.plugin.reset()
        after_reset = first.run(BLOCK)
        again = _Trial(library, plugin["class_id"], channels).run(BLOCK)
        ragged = _Trial(library, plugin["class_id"], channels).run(*RAGGED)
    except RuntimeError as error:
        return {"runs": False, "problem": str(error), "channels": channels}
    return {
        "runs": True,
        "channels": channels,
        "finite": bool(np.isfinite(plain).all()),
        "repeatable": _same(plain, again),
        "resets": _same(plain, after_reset),
        "any_blocks": _same(plain, ragged),
        "latency_frames": first.plugin.latency_frames,
    }


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.max(np.abs(np.nan_to_num(one) - np.nan_to_num(other)), initial=0.0) <= SAME)


class _Trial:
    """A new instance and the noise it is fed."""

    def __init__(self, library: str, class_id: str, channels: int) -> None:
        self.plugin = _core.Vst3Plugin(library, class_id)
        self.plugin.prepare(RATE_HZ, channels, BLOCK)
        noise = np.random.default_rng(0).standard_normal((channels, FRAMES))
        self.noise = (AMPLITUDE * noise).astype(np.float32)

    def run(self, *sizes: int) -> np.ndarray:
        """The noise in blocks of these sizes, again and again."""
        cuts, at = [], 0
        while at < FRAMES:
            cuts.append(at)
            at += sizes[(len(cuts) - 1) % len(sizes)]
        out: np.ndarray = self.plugin.process(self.noise, np.array(cuts, np.int32))
        return out


if __name__ == "__main__":
    main(*sys.argv[1:])
