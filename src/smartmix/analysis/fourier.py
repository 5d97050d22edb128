"""The real FFT used here: scipy's, which works on many single-precision rows at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def sine_window(frames: int) -> NDArray[np.float64]:
    """Half a sine (frames,): overlapped by half, its squares add up to one."""
    return np.asarray(np.sin(np.pi * (np.arange(frames) + 0.5) / frames))


def rfft(rows: NDArray[np.floating]) -> NDArray[Any]:
    """Spectra of real rows (..., frames) -> (..., frames // 2 + 1), complex, in the precision that came in."""
    from scipy import fft  # imported on first use: `import smartmix` stays light

    return np.asarray(fft.rfft(rows, axis=-1))
