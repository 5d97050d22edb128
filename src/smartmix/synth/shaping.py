"""Shared parts of the instruments: placing sounds in time, filters, saturation, spectral curves, rooms, levels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from smartmix.synth.seed import stream
from smartmix.units import db_to_gain

SAMPLE_RATE_HZ = 48_000

Signal = NDArray[np.float64]
"""Samples in double: (frames,) inside an instrument, (channels, frames) when it leaves one."""

CurvePoints = Sequence[tuple[float, float]]
"""A response as (frequency in Hz, level in dB) points, straight lines over log frequency between them."""

FilterKind = Literal["lowpass", "highpass", "bandpass"]


def to_frames(time_s: float) -> int:
    """The frame nearest to a time."""
    return round(time_s * SAMPLE_RATE_HZ)


def seconds(frames: int) -> Signal:
    """Time of each frame in s."""
    return np.arange(frames, dtype=np.float64) / SAMPLE_RATE_HZ


def hz(midi_note: float, cents: float = 0.0) -> float:
    """Frequency of a MIDI note (69 is A4, 440 Hz), off by so many cents."""
    return 440.0 * math.pow(2.0, (midi_note - 69.0 + cents / 100.0) / 12.0)


def add_at(track: Signal, start_frame: int, sound: Signal, gain: float = 1.0) -> None:
    """Mix a sound into a track in place from a frame on; what falls outside the track is dropped."""
    begin, end = max(0, start_frame), min(track.size, start_frame + sound.size)
    if end > begin:
        track[begin:end] += gain * sound[begin - start_frame : end - start_frame]


def delayed(signal: Signal, frames: int) -> Signal:
    """The signal so many frames later, same length: silence comes in, the end falls off."""
    late = np.zeros_like(signal)
    late[..., frames:] = signal[..., : signal.shape[-1] - frames]
    return late


@lru_cache(maxsize=64)
def _butterworth(kind: FilterKind, edges_hz: tuple[float, ...], order: int) -> Signal:
    from scipy.signal import butter

    edges = edges_hz[0] if len(edges_hz) == 1 else edges_hz
    sections: Signal = butter(order, edges, kind, fs=SAMPLE_RATE_HZ, output="sos")
    return sections


def filtered(signal: Signal, kind: FilterKind, *edges_hz: float, order: int = 2) -> Signal:
    """Butterworth filter (minimum phase); a bandpass takes two edges in Hz."""
    from scipy.signal import sosfilt

    result: Signal = sosfilt(_butterworth(kind, edges_hz, order), signal)
    return result


def with_response(signal: Signal, curve: CurvePoints) -> Signal:
    """Give a signal the response of a curve without shifting it in time (linear phase, zero delay)."""
    from scipy.fft import irfft, next_fast_len, rfft

    size = next_fast_len(signal.size + SAMPLE_RATE_HZ // 10, real=True)
    frequency_hz = np.fft.rfftfreq(size, 1.0 / SAMPLE_RATE_HZ)
    at_hz, level_db = np.asarray(curve, dtype=np.float64).T
    response = db_to_gain(np.interp(np.log(np.maximum(frequency_hz, 1.0)), np.log(at_hz), level_db))
    shaped: Signal = irfft(rfft(signal, size) * response, size)[: signal.size]
    return shaped


def saturated(signal: Signal, drive_db: float) -> Signal:
    """Soft clipping by tanh after a gain, back at the small-signal level; half a frame late.

    First-order antiderivative antialiasing (Parker et al., DAFx 2016) keeps the folded-back harmonics down.
    """
    driven = db_to_gain(drive_db) * signal
    before = np.concatenate((np.zeros(1), driven[:-1]))
    step = driven - before
    flat = np.abs(step) < 1e-5
    slope = (_log_cosh(driven) - _log_cosh(before)) / np.where(flat, 1.0, step)
    return np.where(flat, np.tanh(0.5 * (driven + before)), slope) / db_to_gain(drive_db)


def _log_cosh(x: Signal) -> Signal:
    size = np.abs(x)
    return size + np.log1p(np.exp(-2.0 * size)) - math.log(2.0)


def smoothed(signal: Signal, width_s: float) -> Signal:
    """A signal through two running means of ``width_s`` in all, centred: steps become soft S-curves."""
    width = max(1, to_frames(width_s / 2.0))
    for _ in range(2):
        padded = np.concatenate((np.full(width // 2 + 1, signal[0]), signal, np.full(width - width // 2 - 1, signal[-1])))
        total = np.cumsum(padded)
        signal = (total[width:] - total[:-width]) / width
    return signal


def edges_faded(signal: Signal, in_s: float, out_s: float) -> Signal:
    """A sound with raised-cosine fades at its start and end (s)."""
    faded = signal.copy()
    rise, fall = min(to_frames(in_s), signal.size), min(to_frames(out_s), signal.size)
    faded[:rise] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / max(1, rise))
    faded[signal.size - fall :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, fall + 1) / max(1, fall))
    return faded


def reverberated(signal: Signal, name: str, *, decay_s: float, level_db: float, start_s: float = 0.008) -> Signal:
    """The room's answer alone: decaying noise (60 dB in ``decay_s``), duller as it dies; ``name`` picks the room."""
    from scipy.signal import oaconvolve

    frames = to_frames(decay_s)
    noise = stream(f"room {name}").standard_normal(frames)
    fade = np.exp(-6.91 * seconds(frames) / decay_s)
    bright = fade * np.exp(-6.0 * seconds(frames) / decay_s)
    tail = fade * filtered(noise, "bandpass", 180.0, 2500.0, order=1) + bright * filtered(noise, "highpass", 2500.0)
    tail *= db_to_gain(level_db) / math.sqrt(float(np.sum(np.square(tail))))
    answer: Signal = oaconvolve(signal, np.concatenate((np.zeros(to_frames(start_s)), tail)))[: signal.size]
    return answer


def at_peak(signal: Signal, peak_dbfs: float) -> Signal:
    """The signal scaled so that its largest sample (over all channels) is at this level."""
    return signal * (db_to_gain(peak_dbfs) / float(np.max(np.abs(signal))))


def hiss(name: str, channels: int, frames: int, rms_dbfs: float) -> Signal:
    """The noise floor of a preamp: white noise, channels independent, at this RMS."""
    return db_to_gain(rms_dbfs) * stream(f"hiss {name}").standard_normal((channels, frames))
