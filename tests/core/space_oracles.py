"""What room acoustics measures, from impulse responses: nothing here knows how the reverb works."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt
from scipy.special import erfc

from properties.support import Samples
from smartmix.processors import Reverb

RATE = 48_000
Response = NDArray[np.float64]


def impulse(frames: int, *, left: float = 1.0, right: float = 1.0) -> Samples:
    audio = np.zeros((2, frames), dtype=np.float32)
    audio[:, 0] = left, right
    return audio


def response(seconds: float, rate: int = RATE, **settings: float) -> Response:
    """What comes of an impulse in the middle, fully wet."""
    reverb = Reverb(**{"mix": 1.0, **settings})
    return reverb(impulse(round(seconds * rate)), rate).astype(np.float64)


def octave(audio: Response, hz: float, rate: int = RATE) -> Response:
    edges = np.array([hz / np.sqrt(2.0), hz * np.sqrt(2.0)]) / (0.5 * rate)
    return sosfilt(butter(2, edges, btype="band", output="sos"), audio)


def narrow(audio: Response, hz: float, rate: int = RATE) -> Response:
    """A band of 100 Hz, steep: what lies beside it and lives longer stays out."""
    edges = np.array([hz - 50.0, hz + 50.0]) / (0.5 * rate)
    return sosfilt(butter(4, edges, btype="band", output="sos"), audio)


def decay_time_s(audio: Response, rate: int = RATE) -> float:
    """T30 (ISO 3382-1): twice the time from -5 to -35 dB on Schroeder's backward integral, both sides together."""
    energy = np.cumsum((audio**2).sum(axis=0)[::-1])[::-1]
    level = 10.0 * np.log10(energy / energy[0] + 1e-30)
    span = slice(int(np.argmax(level < -5.0)), int(np.argmax(level < -35.0)))
    return -60.0 / np.polyfit(np.arange(level.size)[span] / rate, level[span], 1)[0]


def echo_density(audio: Response, at_s: float, rate: int = RATE) -> float:
    """Abel & Huang (AES 121, 2006): share of samples beyond one standard deviation in 20 ms, 1 for Gaussian noise."""
    half = round(0.010 * rate)
    middle = round(at_s * rate)
    piece = audio[middle - half : middle + half + 1]
    weight = np.hanning(piece.size + 2)[1:-1]
    weight /= weight.sum()
    deviation = np.sqrt(np.sum(weight * piece**2))
    return float(np.sum(weight * (np.abs(piece) > deviation)) / erfc(1.0 / np.sqrt(2.0)))


def third_octaves_db(audio: Response, rate: int = RATE) -> Response:
    """Level density of each third octave from 63 Hz to 8 kHz about their median."""
    power = np.abs(np.fft.rfft(audio)) ** 2
    hz = np.fft.rfftfreq(audio.size, 1.0 / rate)
    middles = 1000.0 * 2.0 ** (np.arange(-12, 10) / 3.0)
    edges = 2.0 ** (1.0 / 6.0)
    levels = np.array([power[(hz > m / edges) & (hz < m * edges)].mean() for m in middles])
    db = 10.0 * np.log10(levels)
    return db - np.median(db)


def pink(seconds: float, *, seed: int = 0, channels: int = 2) -> Samples:
    """Pink noise from 20 Hz on, -20 dBFS rms."""
    frames = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal((channels, frames)), axis=1)
    hz = np.fft.rfftfreq(frames, 1.0 / RATE)
    spectrum *= np.where(hz < 20.0, 0.0, 1.0 / np.sqrt(np.maximum(hz, 1.0)))
    audio = np.fft.irfft(spectrum, frames, axis=1)
    return (0.1 * audio / audio.std()).astype(np.float32)
