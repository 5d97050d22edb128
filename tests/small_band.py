"""A small band whose balance is known, for the tests of balance, groups and sections."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from scipy import signal

from smartmix.audio.panning import pan_gains
from sources import RATE, melody

Sources = Mapping[str, tuple[str, np.ndarray]]
SECONDS = 10.0


@cache
def hits(hz: tuple[float, float], every_s: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = signal.sosfilt(
        signal.butter(2, hz, "band", fs=RATE, output="sos"), rng.standard_normal(int(SECONDS * RATE))
    )
    t = np.arange(x.size) / RATE
    return (0.5 * x / x.std() * np.exp(-((t + 0.03 * seed) % every_s) / 0.08))[np.newaxis]


def band() -> dict[str, tuple[str, np.ndarray]]:
    left, right = melody([262, 330, 392, 330, 294] * 2), melody([330, 262, 294, 392, 330] * 2)
    return {
        "kick": ("kick", hits((45, 90), 0.5, 1)),
        "snare": ("snare", hits((180, 5000), 1.0, 2)),
        "hats": ("hihat", 0.3 * hits((6000, 14000), 0.25, 3)),
        "bass": ("bass", melody([55, 65, 49, 73, 55] * 2)),
        "keys": ("keys", np.concatenate((left, right))),
        "vox": ("lead_vocal", 1.5 * melody([220, 247, 262, 294, 247] * 2, tilt=0.7)),
    }


def mix(
    sources: Sources, gains_db: Mapping[str, float] | None = None, pans: Mapping[str, float] | None = None
) -> np.ndarray:
    total = np.zeros((2, int(SECONDS * RATE)))
    for name, (_, x) in sources.items():
        left, right = pan_gains((pans or {}).get(name, 0.0))
        gain = 10 ** ((gains_db or {}).get(name, 0.0) / 20)
        total += gain * np.stack((left * x[0], right * x[-1]))
    return total
