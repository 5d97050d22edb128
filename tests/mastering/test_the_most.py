"""How loud a mix gets: one loudness for one mix and ceiling, whatever is asked for, and never less for asking more."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from smartmix.mastering.limited import Source
from smartmix.mastering.loop import AIM_LU, Goal, Outcome, find_gain

RATE = 48_000
TARGETS = (-16.0, -12.0, -10.0, -9.0, -8.0, -7.0, -6.0, -5.0, -4.0, -2.0)


def dense() -> np.ndarray:
    """Noise that swells: little room for peaks."""
    rng = np.random.default_rng(7)
    return 0.1 * rng.standard_normal((2, 6 * RATE)) * (1.0 + 0.5 * np.sin(np.arange(6 * RATE) / 9_000.0))


def sparse() -> np.ndarray:
    """Hits that decay, over a quiet bed."""
    rng = np.random.default_rng(8)
    at = np.arange(6 * RATE) % (RATE // 2)
    return rng.standard_normal((2, 6 * RATE)) * (0.3 * np.exp(-at / 1_500.0) + 0.004)


def mastered(sound: np.ndarray, target_lufs: float) -> Outcome:
    audio = sound.astype(np.float32)
    blocks = lambda: (np.ascontiguousarray(audio[:, at : at + 4096]) for at in range(0, audio.shape[1], 4096))  # noqa: E731
    return find_gain(Source(blocks, RATE, 2, audio.shape[1]), Goal(target_lufs, -1.0, None))


@pytest.mark.parametrize("sound", [dense, sparse])
def test_there_is_one_most_and_asking_for_more_gives_no_less(sound) -> None:
    made = {target: mastered(sound(), target) for target in TARGETS}
    loud = [made[target].chosen.lufs for target in TARGETS]
    assert all(after >= before - 0.02 for before, after in pairwise(loud))
    refused = {t: done for t, done in made.items() if done.reason}
    most = {round(done.chosen.lufs, 2) for done in refused.values()}
    assert refused
    assert max(most) - min(most) <= 0.05
    assert all(
        f"the most is {done.chosen.lufs:.1f}".replace("-", "−") in done.reason for done in refused.values()
    )
    for target, done in made.items():
        if target not in refused:
            assert abs(done.chosen.lufs - target) <= AIM_LU
            assert target <= max(most) + AIM_LU
