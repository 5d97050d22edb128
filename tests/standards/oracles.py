"""What the meters and the limiter are compared with: libebur128, and the band-limited signal itself."""

from __future__ import annotations

import math

import numpy as np
import pyebur128
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft


def ebur128(samples: NDArray[np.float32], rate: int) -> tuple[float, float]:
    """Integrated loudness (LUFS) and true peak (dBTP) after libebur128."""
    mode = pyebur128.MeasurementMode
    state = pyebur128.R128State(samples.shape[0], rate, mode.MODE_I | mode.MODE_TRUE_PEAK)
    state.add_frames(np.ascontiguousarray(samples.T, np.float32).ravel(), samples.shape[1])
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(samples.shape[0]))
    return pyebur128.get_loudness_global(state), 20.0 * math.log10(max(peak, 1e-30))


def fft_peak_dbtp(samples: NDArray[np.float32], factor: int = 32) -> float:
    """Peak of the band-limited signal through the samples, by zero-padding its spectrum."""
    pad = 1024
    peak = 0.0
    for channel in samples.astype(np.float64):
        n = next_fast_len(channel.size + 2 * pad, real=True)
        padded = np.zeros(n)
        padded[pad : pad + channel.size] = channel
        spectrum = rfft(padded)
        if n % 2 == 0:
            spectrum[-1] *= 0.5  # the Nyquist bin stands for both its sides
        wide = np.zeros(n * factor // 2 + 1, complex)
        wide[: spectrum.size] = spectrum
        peak = max(peak, float(np.abs(irfft(wide, n * factor)).max()) * factor)
    return 20.0 * math.log10(max(peak, 1e-30))
