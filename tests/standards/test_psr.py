"""Peak to short-term loudness: libebur128's short-term loudness and the FFT's peaks, window by window."""

from __future__ import annotations

import numpy as np
import pyebur128
import pytest
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from smartmix.analysis.loudness import (
    PSR_GATE_LU,
    Loudness,
    from_both_sides,
    measure_blocks,
    measure_loudness,
)
from standards.oracles import ebur128
from standards.test_limiter import up_to_045_fs
from standards.test_loudness import music

RATE = 48_000
TENTH = RATE // 10


def programme() -> NDArray[np.float32]:
    """A loud dense part, a part with hits over little else (high PSR), and a fade that is mostly under the gate."""
    x = music(RATE, 16.0, seed=3)
    x[:, : 5 * RATE] = np.clip(9.0 * x[:, : 5 * RATE], -0.5, 0.5)
    x[:, 11 * RATE :] *= np.linspace(1.0, 0.0, 5 * RATE, dtype=np.float32) ** 3
    return up_to_045_fs(x)  # above that no meter knows its peaks


def oracle(x: NDArray[np.float32]) -> float:
    state = pyebur128.R128State(2, RATE, pyebur128.MeasurementMode.MODE_S)
    spectrum = rfft(x.astype(float), axis=1)
    wide = np.zeros((2, x.shape[1] * 8 // 2 + 1), complex)
    wide[:, : spectrum.shape[1]] = spectrum
    cells = np.abs(irfft(wide, x.shape[1] * 8, axis=1) * 8).max(axis=0).reshape(-1, 8 * TENTH).max(axis=1)
    gate = ebur128(x, RATE)[0] - PSR_GATE_LU
    found = []
    for k in range(cells.size):
        state.add_frames(np.ascontiguousarray(x[:, k * TENTH : (k + 1) * TENTH].T).ravel(), TENTH)
        level = pyebur128.get_loudness_shortterm(state)
        if k >= 29 and level >= gate:
            found.append(20 * np.log10(cells[k - 29 : k + 1].max()) - level)
    return min(found)


def test_psr_is_the_smallest_peak_over_short_term_loudness() -> None:
    read = measure_loudness(programme(), RATE)
    assert read.psr_lu == pytest.approx(oracle(programme()), abs=0.05)
    assert read.psr_lu < read.plr_lu, "the dense part is squashed more than the whole"


def test_any_cut_gives_the_same_psr_and_error() -> None:
    x = programme()
    whole = measure_loudness(x, RATE)
    for size in (1_001, 70_000):
        pieces = [np.ascontiguousarray(x[:, i : i + size]) for i in range(0, x.shape[1], size)]
        assert measure_blocks(pieces, RATE, 2) == whole


def test_gain_moves_no_ratio_and_what_is_too_short_has_none() -> None:
    x = programme()
    assert measure_loudness(0.5 * x, RATE).psr_lu == pytest.approx(measure_loudness(x, RATE).psr_lu, abs=1e-3)
    assert measure_loudness(x[:, : 2 * RATE], RATE).psr_lu is None
    assert measure_loudness(np.zeros((2, 5 * RATE), np.float32), RATE).psr_lu is None


def test_a_mono_file_from_both_sides_reads_3_lu_less() -> None:
    one: Loudness = measure_loudness(programme()[:1], RATE)
    both = from_both_sides(one)
    assert one.psr_lu is not None and both.psr_lu == pytest.approx(one.psr_lu - 3.0103, abs=1e-3)
