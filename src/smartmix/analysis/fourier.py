"""The real FFT used here: scipy's, which takes several single-precision rows at once (4 to 7 times numpy's
speed)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def rfft(rows: NDArray[np.floating]) -> NDArray[Any]:
    """Spectra of real rows (..., frames) -> (..., frames // 2 + 1), complex, in the precision that came
    in."""
    from scipy import fft  # imported on first use: `import smartmix` stays light

    return np.asarray(fft.rfft(rows, axis=-1))
