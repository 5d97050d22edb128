"""Test signals for tests and benchmarks: sines, noises, sweeps, impulses. All (channels, frames) float32."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Audio
from smartmix.errors import AudioError
from smartmix.synth.seed import stream
from smartmix.units import db_to_gain


def frame_count(duration_s: float, sample_rate: int) -> int:
    """Frames in a duration, rounded to the nearest; a duration under one frame is an AudioError."""
    frames = round(duration_s * sample_rate)
    if frames < 1:
        raise AudioError(f"duration {duration_s!r} s at {sample_rate} Hz: expected at least one frame")
    return frames


def sine(
    frequency_hz: float,
    duration_s: float,
    sample_rate: int = 48_000,
    *,
    peak_dbfs: float = -20.0,
) -> Audio:
    """A mono sine; ``peak_dbfs`` is the level of its crest, it rises from zero."""
    _check_below_nyquist(frequency_hz, sample_rate)
    frames = np.arange(frame_count(duration_s, sample_rate), dtype=np.float64)
    # The turn is reduced before 2 pi is applied: late frames keep full phase precision.
    turns = np.mod(frames * (frequency_hz / sample_rate), 1.0)
    return _audio(db_to_gain(peak_dbfs) * np.sin(2.0 * math.pi * turns), sample_rate)


def sweep(
    start_hz: float, end_hz: float, duration_s: float, sample_rate: int = 48_000, *, peak_dbfs: float = -20.0
) -> Audio:
    """A mono exponential sine sweep: equal time for every octave between the two frequencies."""
    _check_below_nyquist(max(start_hz, end_hz), sample_rate)
    if min(start_hz, end_hz) <= 0.0 or start_hz == end_hz:
        raise AudioError(
            f"sweep from {start_hz!r} to {end_hz!r} Hz: expected two different frequencies above 0"
        )
    frames = frame_count(duration_s, sample_rate)
    rate = math.log(end_hz / start_hz)
    turns = start_hz * duration_s / rate * np.expm1(rate * np.arange(frames) / frames)
    return _audio(db_to_gain(peak_dbfs) * np.sin(2.0 * math.pi * np.mod(turns, 1.0)), sample_rate)


def white_noise(
    duration_s: float,
    sample_rate: int = 48_000,
    *,
    rms_dbfs: float = -20.0,
    channels: int = 1,
    name: str = "white",
) -> Audio:
    """Gaussian white noise, channels independent, each at this RMS; ``name`` picks the random stream."""
    shape = (channels, frame_count(duration_s, sample_rate))
    return _audio(_at_rms(stream(name).standard_normal(shape), rms_dbfs), sample_rate)


def pink_noise(
    duration_s: float,
    sample_rate: int = 48_000,
    *,
    rms_dbfs: float = -20.0,
    channels: int = 1,
    name: str = "pink",
) -> Audio:
    """Noise of equal power for every octave from 20 Hz up, nothing below, each channel at this RMS."""
    frames = frame_count(duration_s, sample_rate)
    spectrum = np.fft.rfft(stream(name).standard_normal((channels, frames)))
    frequency_hz = np.fft.rfftfreq(frames, 1.0 / sample_rate)
    slope = np.zeros_like(frequency_hz)
    heard = frequency_hz >= 20.0
    slope[heard] = 1.0 / np.sqrt(frequency_hz[heard])
    return _audio(_at_rms(np.fft.irfft(spectrum * slope, frames), rms_dbfs), sample_rate)


def impulse(
    duration_s: float, sample_rate: int = 48_000, *, at_s: float = 0.0, peak_dbfs: float = 0.0
) -> Audio:
    """One mono sample at ``at_s``, silence around it."""
    samples = np.zeros(frame_count(duration_s, sample_rate))
    samples[round(at_s * sample_rate)] = db_to_gain(peak_dbfs)
    return _audio(samples, sample_rate)


def _at_rms(samples: NDArray[np.float64], rms_dbfs: float) -> NDArray[np.float64]:
    rms = np.sqrt(np.mean(np.square(samples), axis=-1, keepdims=True))
    return np.asarray(samples * (db_to_gain(rms_dbfs) / rms))


def _audio(samples: NDArray[np.float64], sample_rate: int) -> Audio:
    return Audio(np.atleast_2d(samples).astype(np.float32), sample_rate)


def _check_below_nyquist(frequency_hz: float, sample_rate: int) -> None:
    if not 0.0 < frequency_hz < sample_rate / 2:
        raise AudioError(
            f"frequency {frequency_hz!r} Hz at {sample_rate} Hz: expected 0 to {sample_rate / 2:g} Hz"
        )
