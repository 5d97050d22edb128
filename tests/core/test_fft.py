"""The native real FFT against numpy's in double."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from smartmix import _core

SIZES = [1 << e for e in range(5, 17)]


def rows(size: int, batch: int) -> np.ndarray:
    rng = np.random.default_rng(size + batch)
    samples = rng.standard_normal((batch, size)).astype(np.float32)
    samples[0] += np.sin(2 * np.pi * 3 * np.arange(size) / size).astype(np.float32)
    return samples


def relative(found: np.ndarray, wanted: np.ndarray) -> float:
    """The largest difference, row by row, against the row's largest value."""
    return float((np.abs(found - wanted).max(axis=1) / np.abs(wanted).max(axis=1)).max())


@pytest.mark.parametrize("batch", [1, 8, 19])
@pytest.mark.parametrize("size", SIZES)
def test_forwards_and_back_against_double(size: int, batch: int) -> None:
    """Rows in lanes (every eight) and rows alone (the rest)."""
    samples = rows(size, batch)
    wanted = np.fft.rfft(samples.astype(np.float64))
    assert relative(_core.rfft(samples), wanted) < 3e-7
    given = wanted.astype(np.complex64)
    assert relative(_core.irfft(given), np.fft.irfft(given.astype(np.complex128))) < 3e-7
    assert relative(_core.irfft(_core.rfft(samples)), samples) < 5e-7


@pytest.mark.parametrize("size", [32, 128, 4096])
def test_what_is_known_without_a_transform(size: int) -> None:
    silence = np.zeros((9, size), np.float32)
    assert not _core.rfft(silence).any()
    clicks = silence.copy()
    clicks[:, 0] = 1.0
    np.testing.assert_array_equal(_core.rfft(clicks), np.ones((9, size // 2 + 1)))
    level = np.ones((9, size), np.float32)
    flat = _core.rfft(level)
    np.testing.assert_array_equal(flat[:, 0], np.full(9, size))
    assert not flat[:, 1:].any()


@pytest.mark.parametrize("size", [64, 2048])
def test_every_lane_gives_the_same_bits(size: int) -> None:
    samples = np.repeat(rows(size, 1), 8, axis=0)
    spectra = _core.rfft(samples)
    assert all(spectra[0].tobytes() == row.tobytes() for row in spectra)
    back = _core.irfft(spectra)
    assert all(back[0].tobytes() == row.tobytes() for row in back)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros((2, 48), np.float32), "power of two"),
        (np.zeros((2, 16), np.float32), "power of two"),
        (np.zeros((1, 1 << 18), np.float32), "power of two"),
        (np.zeros(64, np.float32), "batch, samples"),
        (np.zeros((2, 64)), "float32"),
    ],
)
def test_what_it_refuses(given: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _core.rfft(given)
    with pytest.raises(ValueError, match="expected"):
        _core.irfft(given)


def test_no_rows_are_no_rows() -> None:
    assert _core.rfft(np.zeros((0, 64), np.float32)).shape == (0, 33)
    assert _core.irfft(np.zeros((0, 33), np.complex64)).shape == (0, 64)


PLAIN = """
import sys
import numpy as np
from smartmix import _core

assert _core.build_info()["kernels"] == "baseline"
given = np.load(sys.argv[1])
np.savez(sys.argv[2], **{name: _core.rfft(given[name]) for name in given})
"""


def test_instruction_sets_agree(tmp_path: Path) -> None:
    """The plain kernels, forced in a process of their own: below -120 dB from those of this process."""
    given = {str(size): rows(size, 9) for size in (32, 64, 128, 512, 2048, 16_384)}
    np.savez(tmp_path / "in.npz", **given)
    paths = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-c", PLAIN, str(tmp_path / "in.npz"), str(tmp_path / "out.npz")]
    environment = {**os.environ, "SMARTMIX_ISA": "baseline", "PYTHONPATH": paths}
    subprocess.run(command, check=True, env=environment, timeout=60)
    with np.load(tmp_path / "out.npz") as theirs:
        for name, samples in given.items():
            assert relative(theirs[name], _core.rfft(samples)) < 1e-6, name
