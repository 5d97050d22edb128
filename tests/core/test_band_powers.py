"""Band powers of middle and side against numpy in double."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal.windows import tukey

from smartmix import _core

SIZE = 1024
EDGES = (3.5, 9.0, 9.25, 40.75, 512.9)


def wanted(rows: NDArray[np.float64], taper: float = 1.0) -> NDArray[np.float64]:
    """Powers (windows, rows, bands): a bin counts by the part of it that lies inside the band."""
    window = tukey(SIZE, taper, sym=False)
    windows = rows.shape[1] // SIZE
    cut = rows[:, : windows * SIZE].reshape(len(rows), windows, SIZE).transpose(1, 0, 2)
    power = 2.0 * np.abs(np.fft.rfft(cut * window)) ** 2 / (SIZE * np.square(window).sum())
    total = np.concatenate([np.zeros((*power.shape[:2], 1)), np.cumsum(power, axis=2)], axis=2)
    at = np.array(EDGES)
    whole = at.astype(int)
    below = total[..., whole] + (at - whole) * power[..., whole]
    return np.diff(below, axis=2)


def stereo(frames: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(frames)
    samples = rng.standard_normal((2, frames)).astype(np.float32)
    samples[1] += 0.7 * samples[0]
    return samples


@pytest.mark.parametrize(("parts", "taper"), [(1, 1.0), (2, 1.0), (2, 0.5), (1, 0.3)])
def test_against_numpy_in_double(parts: int, taper: float) -> None:
    samples = stereo(11 * SIZE + 77)
    left, right = samples.astype(np.float64)
    rows = np.stack([(left + right) / 2.0, (left - right) / 2.0])[:parts]
    found = _core.BandPowers(SIZE, EDGES, parts, taper).process(samples)
    assert found.shape == (11, parts, 4)
    np.testing.assert_allclose(found, wanted(rows, taper), rtol=3e-5)


@pytest.mark.parametrize("cuts", [(1,), (SIZE,), (700, 3, 5000), (3 * SIZE + 1,)])
def test_any_cut_gives_the_same_bits(cuts: tuple[int, ...]) -> None:
    samples = stereo(7 * SIZE + 500 if cuts != (1,) else SIZE + 40)
    whole = _core.BandPowers(SIZE, EDGES, 2)
    expected = np.concatenate([whole.process(samples), whole.finish()])
    pieces, at, turn = [], 0, 0
    cut = _core.BandPowers(SIZE, EDGES, 2)
    while at < samples.shape[1]:
        end = at + cuts[turn % len(cuts)]
        pieces.append(cut.process(np.ascontiguousarray(samples[:, at:end])))
        at, turn = end, turn + 1
    pieces.append(cut.finish())
    assert np.concatenate(pieces).tobytes() == expected.tobytes()


def test_the_last_window_is_filled_up_with_silence() -> None:
    samples = stereo(300)
    padded = np.zeros((2, SIZE), np.float32)
    padded[:, :300] = samples
    short = _core.BandPowers(SIZE, EDGES, 2)
    assert len(short.process(samples)) == 0
    np.testing.assert_array_equal(short.finish(), _core.BandPowers(SIZE, EDGES, 2).process(padded))
    assert len(short.finish()) == 0


def test_one_channel_is_the_middle() -> None:
    samples = stereo(2 * SIZE)[:1]
    found = _core.BandPowers(SIZE, EDGES, 2).process(samples)
    np.testing.assert_allclose(found[:, 0], wanted(samples.astype(np.float64))[:, 0], rtol=3e-5)
    assert not found[:, 1].any()


@pytest.mark.parametrize(
    ("size", "edges", "parts", "said"),
    [
        (1000, EDGES, 1, "power of two"),
        (SIZE, (1.0,), 1, "edges"),
        (SIZE, (5.0, 4.0), 1, "edges"),
        (SIZE, (-1.0, 4.0), 1, "edges"),
        (SIZE, (1.0, 513.0), 1, "edges"),
        (SIZE, (1.0, float("nan"), 3.0), 1, "edges"),
        (SIZE, EDGES, 3, "parts"),
    ],
)
def test_what_is_refused(size: int, edges: tuple[float, ...], parts: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _core.BandPowers(size, edges, parts)


@pytest.mark.parametrize("taper", [0.0, 1.01, float("nan")])
def test_a_window_needs_ends(taper: float) -> None:
    with pytest.raises(ValueError, match="taper: expected over 0 to 1"):
        _core.BandPowers(SIZE, EDGES, 1, taper)


def test_samples_of_another_shape_are_refused() -> None:
    powers = _core.BandPowers(SIZE, EDGES, 1)
    with pytest.raises(ValueError, match="expected"):
        powers.process(np.zeros((3, 10), np.float32))
    with pytest.raises(ValueError, match="float32"):
        powers.process(np.zeros((2, 10)))  # type: ignore[arg-type]
