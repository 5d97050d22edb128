"""The instruction set changes the last bits only: every processor on the plain kernels, below -120 dB of the others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from properties.support import (
    Samples,
    channel_count,
    groups,
    noise,
    prepared,
    random_events,
    random_settings,
    run,
)
from smartmix import _core

FRAMES = 12_000
CASES = [(name, seed) for name in _core.processor_names() for seed in range(3)]


def swell(name: str, seed: int) -> Samples:
    """Noise that grows and dies away."""
    level = np.sin(np.arange(FRAMES) * np.pi / FRAMES)
    return (0.8 * level * noise(channel_count(name), FRAMES, seed=seed)).astype(np.float32)


def played(name: str, seed: int) -> Samples:
    """Through settings and movements that the seed chooses."""
    rng = np.random.default_rng(seed)
    processor = prepared(name, random_settings(name, rng, groups_used=min(8, len(groups(name)))))
    return run(processor, swell(name, seed), random_events(name, rng, FRAMES, 20))


def everything_played() -> dict[str, Samples]:
    return {f"{name}/{seed}": played(name, seed) for name, seed in CASES}


@pytest.fixture(scope="module")
def on_plain_kernels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Samples]:
    out = tmp_path_factory.mktemp("kernels") / "out.npz"
    code = (
        "import sys, numpy; from properties.test_kernels import everything_played; "
        "numpy.savez(sys.argv[1], **everything_played())"
    )
    paths = os.pathsep.join(
        [str(Path(__file__).resolve().parent.parent), *(path for path in sys.path if path)]
    )
    env = {**os.environ, "SMARTMIX_ISA": "baseline", "PYTHONPATH": paths}
    subprocess.run([sys.executable, "-c", code, str(out)], check=True, env=env, timeout=300)
    with np.load(out) as file:
        return {key: file[key] for key in file.files}


def power(x: NDArray[np.floating]) -> float:
    return float(np.sum(np.square(x.astype(np.float64))))


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_plain_kernels_give_the_same_sound(
    name: str, seed: int, on_plain_kernels: dict[str, Samples]
) -> None:
    """Against the louder of what goes in and what comes out."""
    ours = played(name, seed)
    loudest = max(power(ours), power(swell(name, seed)))
    apart = power(on_plain_kernels[f"{name}/{seed}"].astype(np.float64) - ours)
    assert 10.0 * np.log10(apart / loudest + 1e-30) < -120.0
