"""Shared parts of the instruments: placing in time, filters, saturation, response curves, rooms, levels."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmix.synth.seed import stream
from smartmix.units import db_to_gain

SAMPLE_RATE_HZ = 48_000

Signal = NDArray[np.floating[Any]]
"""Samples: (frames,) inside an instrument, (channels, frames) when it leaves one.

Short sounds are double, whole tracks float32."""

Spectrum = NDArray[np.complexfloating[Any, Any]]

Response = Callable[[Spectrum], Spectrum]
"""What a filter does, from z^-1 on the unit circle (one value a bin) to its complex gain there."""

_RINGING_S = 0.06

# Whole tracks are worked on in pieces: fresh memory for 45 s temporaries costs more time than the arithmetic.
_BLOCK_FRAMES = 1 << 15
_FILTER_FRAMES = 3 << 15
_HISTORY_FRAMES = 24_576
_FUTURE_FRAMES = 8_192


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
    for at in range(begin, end, _BLOCK_FRAMES):
        until = min(end, at + _BLOCK_FRAMES)
        track[at:until] += gain * sound[at - start_frame : until - start_frame]


def delayed(signal: Signal, frames: int) -> Signal:
    """The signal so many frames later, same length: silence comes in, the end falls off."""
    late = np.zeros_like(signal)
    late[..., frames:] = signal[..., : signal.shape[-1] - frames]
    return late


def fast_size(frames: int) -> int:
    """A length of at least so many frames that transforms quickly: a power of two times 1, 3, 5, 9 or 15."""
    return min(odd << max(0, math.ceil(math.log2(frames / odd))) for odd in (1, 3, 5, 9, 15))


@lru_cache(maxsize=32)
def z_inverse(size: int) -> Spectrum:
    """z^-1 at every bin of a transform of this size."""
    turn = np.arange(size // 2 + 1) / size
    return np.asarray(np.exp(-2j * np.pi * turn), dtype=np.complex128)


def through(signal: Signal, *responses: Response) -> Signal:
    """The signal (last axis is time) through one filter after another; length and sample type stay.

    A filter may ring for half a second and look ahead by 0.17 s (``curve`` does).
    """
    frames = signal.shape[-1]
    whole = frames <= 4 * _BLOCK_FRAMES
    size = (
        fast_size(frames + to_frames(_RINGING_S))
        if whole
        else _HISTORY_FRAMES + _FILTER_FRAMES + _FUTURE_FRAMES
    )
    total = np.ones(1, dtype=np.complex128)
    for response in responses:
        total = total * response(z_inverse(size))
    total = total.astype(np.result_type(signal.dtype, np.complex64))
    if whole:
        result: Signal = np.fft.irfft(np.fft.rfft(signal, size) * total, size)[..., :frames]
        return result
    return _in_blocks(signal, total, size)


def _in_blocks(signal: Signal, response: Spectrum, size: int) -> Signal:
    """Overlap-save: each block is filtered with enough around it to be exact, and only it is kept."""
    frames = signal.shape[-1]
    padded = np.zeros((*signal.shape[:-1], size), dtype=signal.dtype)
    result = np.empty_like(signal)
    for start in range(0, frames, _FILTER_FRAMES):
        first, last = start - _HISTORY_FRAMES, min(frames, start - _HISTORY_FRAMES + size)
        padded[:] = 0.0
        padded[..., max(0, first) - first : last - first] = signal[..., max(0, first) : last]
        kept = min(_FILTER_FRAMES, frames - start)
        if padded.any():
            block = np.fft.irfft(np.fft.rfft(padded) * response, size)
            result[..., start : start + kept] = block[..., _HISTORY_FRAMES : _HISTORY_FRAMES + kept]
        else:
            result[..., start : start + kept] = 0.0
    return result


def lowpass(cutoff_hz: float, order: int = 2) -> Response:
    """Butterworth low-pass of order 1 or 2 (bilinear transform, minimum phase)."""
    return lambda z: _butterworth(2 * (z.size - 1), cutoff_hz, order, low=True)


def highpass(cutoff_hz: float, order: int = 2) -> Response:
    """Butterworth high-pass of order 1 or 2 (bilinear transform, minimum phase)."""
    return lambda z: _butterworth(2 * (z.size - 1), cutoff_hz, order, low=False)


@lru_cache(maxsize=64)
def _butterworth(size: int, cutoff_hz: float, order: int, *, low: bool) -> Spectrum:
    z = z_inverse(size)
    warp = math.tan(math.pi * cutoff_hz / SAMPLE_RATE_HZ)
    # s = (1 - z^-1) / (1 + z^-1), multiplied out so that neither end of the band divides by zero.
    rise, fall = 1.0 - z, warp * (1.0 + z)
    passed = fall if low else rise
    if order == 1:
        return np.asarray(passed / (rise + fall))
    return np.asarray(passed * passed / (rise * rise + math.sqrt(2.0) * rise * fall + fall * fall))


def resonator(centre_hz: float, width_hz: float) -> Response:
    """A two-pole resonance with unity gain at 0 Hz (Klatt, JASA 67, 1980): one formant."""
    radius = math.exp(-math.pi * width_hz / SAMPLE_RATE_HZ)
    b, c = 2.0 * radius * math.cos(2.0 * math.pi * centre_hz / SAMPLE_RATE_HZ), -radius * radius
    return lambda z: np.asarray((1.0 - b - c) / (1.0 - z * (b + c * z)))


def curve(*points: tuple[float, float]) -> Response:
    """A response through (Hz, dB) points, straight over log frequency; no shift in time (linear phase)."""
    at_hz, level_db = np.asarray(points, dtype=np.float64).T

    def response(z: Spectrum) -> Spectrum:
        frequency_hz = np.linspace(0.0, SAMPLE_RATE_HZ / 2.0, z.size)
        levels = np.interp(np.log(np.maximum(frequency_hz, 1.0)), np.log(at_hz), level_db)
        return np.asarray(db_to_gain(levels), dtype=np.complex128)

    return response


def saturated(signal: Signal, drive_db: float) -> Signal:
    """Soft clipping by tanh after a gain, back at the small-signal level; half a frame late.

    First-order antiderivative antialiasing (Parker et al., DAFx 2016) keeps the folded-back harmonics down.
    """
    drive = db_to_gain(drive_db)
    result = np.empty_like(signal)
    for start in range(0, signal.size, _BLOCK_FRAMES):
        block = drive * signal[max(0, start - 1) : start + _BLOCK_FRAMES].astype(np.float64)
        if start == 0:
            block = np.concatenate((np.zeros(1), block))
        result[start : start + _BLOCK_FRAMES] = _mean_tanh(block) / drive
    return result


def _mean_tanh(driven: Signal) -> Signal:
    """The mean of tanh along the straight line from each sample to the next, one fewer than came."""
    size = np.abs(driven)
    area = size + np.log1p(np.exp(-2.0 * size))  # log cosh, but for a constant that cancels
    step = np.diff(driven)
    flat = np.abs(step) < 1e-5
    mean = np.diff(area) / np.where(flat, 1.0, step)
    mean[flat] = np.tanh(0.5 * (driven[1:] + driven[:-1])[flat])
    return mean


def smoothed(signal: Signal, width_s: float, rate_hz: float = SAMPLE_RATE_HZ) -> Signal:
    """A signal through two running means of ``width_s`` in all, centred: steps become soft S-curves."""
    width = max(1, round(0.5 * width_s * rate_hz))
    for _ in range(2):
        before, after = width // 2 + 1, width - width // 2 - 1
        padded = np.concatenate((np.full(before, signal[0]), signal, np.full(after, signal[-1])))
        total = np.cumsum(padded)
        signal = (total[width:] - total[:-width]) / width
    return signal


def wandering(
    frames: int, pace_s: float, rng: np.random.Generator, rate_hz: float = SAMPLE_RATE_HZ
) -> Signal:
    """A slow random walk about zero (frames,), standard deviation near 1, with a new aim every ``pace_s``."""
    aims = rng.standard_normal(math.ceil(frames / rate_hz / pace_s) + 2)
    return np.interp(np.arange(frames) / (rate_hz * pace_s), np.arange(aims.size), aims)


def edges_faded(signal: Signal, in_s: float, out_s: float) -> Signal:
    """A sound (last axis is time) with raised-cosine fades at its start and end (s)."""
    faded = signal.copy()
    rise, fall = (min(to_frames(time_s), signal.shape[-1]) for time_s in (in_s, out_s))
    faded[..., :rise] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / max(1, rise))
    faded[..., signal.shape[-1] - fall :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, fall + 1) / max(1, fall))
    return faded


def room(name: str, *, decay_s: float, level_db: float, start_s: float = 0.008) -> Response:
    """The direct sound and the answer of a small room: noise that decays 60 dB in ``decay_s``, treble faster.

    ``level_db`` is the room's energy against the direct sound's; ``name`` picks the room.
    """
    frames = to_frames(decay_s)
    noise = stream(f"room {name}").standard_normal(frames)
    fade = np.exp(-6.91 * seconds(frames) / decay_s)
    bright = fade * np.exp(-6.0 * seconds(frames) / decay_s)
    tail = fade * through(noise, highpass(180.0, 1), lowpass(2500.0, 1)) + bright * through(
        noise, highpass(2500.0)
    )
    tail *= db_to_gain(level_db) / math.sqrt(float(np.sum(np.square(tail))))
    answer = np.concatenate((np.ones(1), np.zeros(to_frames(start_s)), tail))
    return lambda z: np.fft.rfft(answer, 2 * (z.size - 1))


def hiss(name: str, channels: int, frames: int, rms_dbfs: float) -> Signal:
    """The noise floor of a recording chain (channels, frames): white, channels independent, at this RMS."""
    # Uniform noise: heard under music it is the same as Gaussian, and needs no logarithms.
    noise = stream(f"hiss {name}").random((channels, frames), dtype=np.float32)
    noise -= np.float32(0.5)
    noise *= np.float32(math.sqrt(12.0) * db_to_gain(rms_dbfs))
    return noise
