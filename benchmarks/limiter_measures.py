"""What is measured of a limiter's output: true peak, loudness, distortion of tones, what it leaves of a mix."""

from __future__ import annotations

import numpy as np
import pyebur128
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

Samples = NDArray[np.float32]
SETTLED_S = 1.0
FRAME = 4_096


def fft_peak_db(samples: Samples, factor: int = 32) -> float:
    """Peak of the band-limited signal through the samples, by zero-padding its spectrum, in dBTP."""
    pad, peak = 1024, 0.0
    for channel in samples.astype(np.float64):
        n = next_fast_len(channel.size + 2 * pad, real=True)
        n += n % 2
        spectrum = rfft(np.pad(channel, (pad, n - channel.size - pad)))
        spectrum[-1] *= 0.5
        wide = np.zeros(n * factor // 2 + 1, complex)
        wide[: spectrum.size] = spectrum
        peak = max(peak, float(np.abs(irfft(wide, n * factor)).max()) * factor)
    return 20.0 * np.log10(max(peak, 1e-30))


def lufs(samples: Samples, rate: int) -> float:
    """Integrated loudness after libebur128."""
    state = pyebur128.R128State(samples.shape[0], rate, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(np.ascontiguousarray(samples.T, np.float32).ravel(), samples.shape[1])
    return pyebur128.get_loudness_global(state)


def _lines(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Power of each whole Hz of the left side, the first and the last second left out."""
    seconds = int(samples.shape[1] / rate - 2.0 * SETTLED_S)
    x = samples[0, round(SETTLED_S * rate) :][: seconds * rate].astype(np.float64)
    return np.abs(rfft(x)[::seconds] / x.size * 2.0) ** 2


def thd_db(samples: Samples, rate: int, hz: int = 50) -> float:
    """All harmonics to 20 kHz against the fundamental, dB."""
    power = _lines(samples, rate)
    return 10.0 * np.log10(power[2 * hz : 20_001 : hz].sum() / power[hz] + 1e-20)


def smpte_db(samples: Samples, rate: int) -> float:
    """Sidebands of 7 kHz at the multiples of 60 Hz (SMPTE RP 120, 4:1) against the 7 kHz, dB."""
    power = _lines(samples, rate)
    sides = [power[7_000 + side * 60 * k] for k in range(1, 21) for side in (-1, 1)]
    return 10.0 * np.log10(sum(sides) / power[7_000] + 1e-20)


def ccif_db(samples: Samples, rate: int) -> float:
    """19 + 20 kHz, 1:1: products 1, 2, 3, ... kHz and 21-23 kHz against the two tones, dB."""
    power = _lines(samples, rate)
    products = [power[k * 1_000] for k in range(1, 24) if k not in (19, 20)]
    return 10.0 * np.log10(sum(products) / (power[19_000] + power[20_000]) + 1e-20)


def aligned(limited: Samples, source: Samples) -> Samples:
    """The output moved back by its delay, from a cross-correlation of the sums."""
    n = next_fast_len(2 * source.shape[1], real=True)
    cross = irfft(rfft(limited.sum(axis=0), n) * np.conj(rfft(source.sum(axis=0), n)), n)
    late = int(np.argmax(cross[: source.shape[1] // 4]))
    return np.pad(limited[:, late:], ((0, 0), (0, late)))


def residue_db(limited: Samples, source: Samples) -> float:
    """What is left of the output once each frame of 4096 (Hann, half overlapped) is taken as the input times one gain:
    distortion and gain moves faster than the frame, against the output's power, dB.
    """
    window = np.hanning(FRAME)
    left = total = 0.0
    for start in range(0, source.shape[1] - FRAME, FRAME // 2):
        piece = slice(start, start + FRAME)
        x, y = (window * z[:, piece].astype(np.float64) for z in (source, limited))
        power = float((x * x).sum())
        gain = float((x * y).sum()) / power if power > 0.0 else 0.0
        left += float(((y - gain * x) ** 2).sum())
        total += float((y * y).sum())
    return 10.0 * np.log10(left / total + 1e-20)
