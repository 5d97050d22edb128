"""Band powers against numpy in double, and what has to hold whatever the edges are."""

from __future__ import annotations

import numpy as np
import pytest

from smartmix import _core


def oracle(x: np.ndarray, window: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Bins of the transform with zeros behind, shared in proportion where an edge lies within one."""
    size = max(32, 1 << int(np.ceil(np.log2(window.size))))
    power = np.abs(np.fft.rfft(x.astype(float) * window, size)) ** 2 * window.size / size
    total = np.concatenate(([0.0], np.cumsum(power)))
    at = (edges - 0.5) * size / window.size + 0.5
    return np.diff(np.interp(at, np.arange(total.size), total))


@pytest.mark.parametrize("frames", [7, 960, 8820, 12_000])
def test_against_numpy_in_double(frames):
    rng = np.random.default_rng(frames)
    window = np.hanning(frames + 2)[1:-1].astype(np.float32)
    edges = np.sort(rng.uniform(0.5, frames // 2 + 0.4, 9))
    x = rng.standard_normal((2, 3 * frames)).astype(np.float32)
    spectrum = _core.BandSpectrum(window, edges)
    starts = [0, 5, 2 * frames]
    powers = spectrum.powers(x, starts)
    assert powers.shape == (3, 2, 8)
    for row, start in zip(powers, starts, strict=True):
        for side, samples in zip(row, x, strict=True):
            expected = oracle(samples[start : start + frames], window, edges)
            np.testing.assert_allclose(side, expected, rtol=2e-5, atol=1e-6 * expected.sum())
    np.testing.assert_array_equal(
        spectrum.powers(x[1:], starts)[:, 0], powers[:, 1]
    )  # rows of a larger array


def test_bands_add_up_and_empty_ones_hold_nothing():
    x = np.random.default_rng(0).standard_normal((1, 1000)).astype(np.float32)
    window = np.ones(1000, np.float32)
    fine = _core.BandSpectrum(window, np.array([3.0, 10.25, 10.25, 400.5])).powers(x, (0,))[0, 0]
    whole = _core.BandSpectrum(window, np.array([3.0, 400.5])).powers(x, (0,))[0, 0]
    assert fine.sum() == pytest.approx(whole[0], rel=1e-9) and fine[1] == 0.0


def test_what_it_refuses():
    window = np.ones(64, np.float32)
    for edges in ([1.0], [5.0, 2.0], [-3.0, 2.0], [1.0, 60.0], [1.0, np.nan]):
        with pytest.raises(ValueError, match="edges"):
            _core.BandSpectrum(window, np.array(edges))
    with pytest.raises(ValueError, match="window of"):
        _core.BandSpectrum(np.ones(1 << 18, np.float32), np.array([1.0, 2.0]))
    spectrum = _core.BandSpectrum(window, np.array([1.0, 9.0]))
    for samples, starts in (
        (np.zeros((1, 64)), [0]),
        (np.zeros(64, np.float32), [0]),
        (np.zeros((1, 64), np.float32), [1]),
        (np.zeros((1, 64), np.float32), [-1]),
        (np.zeros((64, 2), np.float32).T, [0]),
        (np.zeros((1, 9), np.float32), [0]),
    ):
        with pytest.raises(ValueError, match=r"expected float32|past the samples"):
            spectrum.powers(samples, starts)
