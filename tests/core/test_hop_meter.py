"""The meter of 10 ms hops against numpy and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from smartmix import _core

EDGES_HZ = (125.0, 500.0, 2000.0, 6000.0)


def hops_of(x: np.ndarray, rate: float, cuts: int = 1_000_000) -> tuple[np.ndarray, np.ndarray]:
    meter = _core.HopMeter(float(rate), x.shape[0])
    rows = []
    for start in range(0, x.shape[1], cuts):
        meter.process(np.ascontiguousarray(x[:, start : start + cuts]))
        rows.append(meter.take_hops())
    meter.finish()
    return np.concatenate([*rows, meter.take_hops()]), meter.group_peaks()


def music(rate: float, channels: int, seconds: float = 1.003) -> np.ndarray:
    rng = np.random.default_rng(4)
    return (0.2 * rng.standard_normal((channels, int(seconds * rate)))).astype(np.float32)


@pytest.mark.parametrize("rate", [11_025, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_powers_and_peaks_of_each_hop(rate, channels):
    x = music(rate, channels)
    hops, _ = hops_of(x, rate)
    ends = [*np.floor(np.arange(1, 101) * rate / 100 + 0.5).astype(int), x.shape[1]]
    left, right = x[0].astype(float), x[-1].astype(float)
    assert len(hops) == 101
    for hop, start, end in zip(hops, [0, *ends[:-1]], ends, strict=True):
        assert hop[0] == pytest.approx(np.mean(left[start:end] ** 2), rel=1e-6)
        assert hop[1] == pytest.approx(np.mean(right[start:end] ** 2), rel=1e-6)
        assert hop[2] == pytest.approx(np.mean(left[start:end] * right[start:end]), rel=1e-5, abs=1e-7)
        louder = np.abs(x[:, start:end]).max(axis=0)
        assert abs(hop[3]) == louder.max() and int(hop[4]) == int(np.argmax(louder))
        assert hop[3] in x[:, start + int(hop[4])]


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
def test_groups_against_butterworth_filters_in_scipy(rate):
    """The chain of splits: each edge's low pass is a group, its high pass goes on to the next edge."""
    x = music(rate, 2)
    hops, peaks = hops_of(x, rate)
    rest = x.astype(float)
    for group in range(5):
        there = group < 4 and EDGES_HZ[group] < 0.45 * rate
        low = (
            signal.sosfilt(signal.butter(2, EDGES_HZ[group], fs=rate, output="sos"), rest) if there else rest
        )
        whole = len(hops) // 10 * 10 - 10
        frames = round(whole * rate / 100)
        assert hops[:whole, 5 + group].mean() == pytest.approx(np.mean(low[:, :frames] ** 2), rel=2e-3)
        assert peaks[group] == pytest.approx(np.abs(low).max(), rel=2e-3)
        if not there:
            assert not hops[:, 6 + group :].any() and not peaks[group + 1 :].any()
            break
        rest = signal.sosfilt(signal.butter(2, EDGES_HZ[group], "high", fs=rate, output="sos"), rest)


def test_any_cut_gives_the_same_bits():
    x = music(44_100, 2)
    whole, peaks = hops_of(x, 44_100)
    for cuts in (1, 441, 1000):
        pieces, same = hops_of(x[:, :9000], 44_100, cuts)
        np.testing.assert_array_equal(pieces[:20], whole[:20])
    np.testing.assert_array_equal(hops_of(x, 44_100, 777)[1], peaks)
    assert same.max() <= peaks.max()


def test_what_it_does_not_take():
    with pytest.raises(ValueError, match="expected 1 or 2"):
        _core.HopMeter(48_000.0, 3)
    with pytest.raises(ValueError, match="8000 to 384000"):
        _core.HopMeter(4_000.0, 2)


def test_true_peaks_taken_one_after_another_add_up_to_the_whole():
    x = music(48_000, 2, 2.0)
    x[:, 30_000:40_000] *= 3.0
    whole, pieces = _core.LoudnessMeter(48_000.0, 2), _core.LoudnessMeter(48_000.0, 2)
    whole.process(x)
    taken = []
    for start in range(0, x.shape[1], 4800):
        pieces.process(np.ascontiguousarray(x[:, start : start + 4800]))
        taken.append(pieces.take_true_peak_dbtp())
    assert max(*taken, pieces.true_peak_dbtp()) == pytest.approx(whole.true_peak_dbtp(), abs=1e-6)
    assert pieces.true_peak_dbtp() == pytest.approx(whole.true_peak_dbtp(), abs=1e-6)
    loud = np.argmax(taken)
    assert 6 <= loud <= 8 and taken[2] < taken[loud] - 6.0
