"""The tone of a recording: its long-term spectrum where it plays (docs/dsp/match_curve.md, steps 1 to 3)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis.fourier import rfft
from smartmix.analysis.pending import Pending
from smartmix.audio.buffer import Samples, check_finite, check_sample_rate, check_samples
from smartmix.errors import AudioError
from smartmix.matching.grid import EDGES_HZ, GRID_HZ, Floats, existing

SHORTEST_WINDOW_S = 0.17
LOUDNESS_OFFSET = -0.691
"""Of BS.1770: loudness is this over the level of the weighted power."""
ABSOLUTE_GATE_LUFS = -70
RELATIVE_GATE_LU = 10.0
LOUDEST_CLASS_LUFS = 10
CLASSES = LOUDEST_CLASS_LUFS - ABSOLUTE_GATE_LUFS + 1
MOST_CHANNELS = 8
FRAMES_AT_ONCE = 16


@dataclass(frozen=True, slots=True, eq=False)
class Tone:
    """What a recording sounds like on the long run, whatever its level.

    ``band_power`` (241,) mean square per 24th octave (``smartmix.matching.GRID_HZ``) of the frames that pass the gate,
    mean of the channels; ``heard_s`` how much passed; ``loudness_lufs`` of the frames over the relative gate.
    """

    band_power: Floats
    heard_s: float
    loudness_lufs: float
    sample_rate: float


class ToneMeter:
    """Takes in a recording in blocks (channels, frames); any cut gives the same tone. Memory does not grow."""

    def __init__(self, sample_rate: float, channels: int) -> None:
        self._rate = check_sample_rate(sample_rate)
        if not 1 <= channels <= MOST_CHANNELS:
            raise AudioError(f"{channels} channels: expected 1 to {MOST_CHANNELS}")
        self._channels = channels
        self._size = window_frames(sample_rate)
        self._window = (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(self._size) / self._size)).astype(
            np.float32
        )
        bins = self._size // 2 + 1
        self._to_power = np.full(
            bins, 2.0 / (self._size * float(np.sum(np.square(self._window, dtype=np.float64))))
        )
        self._to_power[[0, -1]] *= 0.5
        self._weighting = k_weighting(np.arange(bins) * self._rate / self._size, self._rate)
        self._there = existing(self._rate)
        place = np.minimum(EDGES_HZ * self._size / self._rate + 0.5, bins - 1e-6)
        self._bin = place.astype(np.intp)
        self._part = place - self._bin
        self._pending = Pending(channels)
        self._counts = np.zeros(CLASSES)
        self._loudness = np.zeros(CLASSES)
        self._powers = np.zeros((CLASSES, GRID_HZ.size))
        self._heard_any = False

    def push(self, block: Samples) -> None:
        """Take in the next block."""
        self._pending.add(block)
        hop = self._size // 2
        waiting = self._pending.samples
        frames = max(0, (waiting.shape[1] - self._size) // hop + 1)
        for first in range(0, frames, FRAMES_AT_ONCE):
            starts = [hop * k for k in range(first, min(first + FRAMES_AT_ONCE, frames))]
            self._take(np.stack([waiting[:, at : at + self._size] for at in starts]))
        self._pending.drop(frames * hop)

    def tone(self) -> Tone:
        """The tone so far; AudioError where nothing is louder than -70 LUFS."""
        if not self._heard_any and self._pending.samples.shape[1]:
            short = self._size - self._pending.samples.shape[1]
            self._take(np.pad(self._pending.samples, ((0, 0), (0, short)))[np.newaxis])
        counted = self._counts.sum()
        if counted == 0.0:
            raise AudioError("nothing here is louder than -70 LUFS: a silent recording has no tone to match")
        gate = LOUDNESS_OFFSET + 10.0 * math.log10(self._loudness.sum() / counted) - RELATIVE_GATE_LU
        first = _class_of(gate)
        frames = float(self._counts[first:].sum())
        power = self._powers[first:].sum(axis=0) / frames
        loudness = LOUDNESS_OFFSET + 10.0 * math.log10(self._loudness[first:].sum() / frames)
        return Tone(power, frames * (self._size // 2) / self._rate, loudness, self._rate)

    def _take(self, cut: NDArray[np.float32]) -> None:
        """Frames (frames, channels, size)."""
        self._heard_any = True
        spectrum = rfft(cut * self._window)
        power = (
            np.square(spectrum.real, dtype=np.float64) + np.square(spectrum.imag, dtype=np.float64)
        ).mean(axis=1)
        power *= self._to_power
        total = np.zeros((len(power), power.shape[1] + 1))
        np.cumsum(power, axis=1, out=total[:, 1:])
        bands = np.diff(total[:, self._bin] + self._part * power[:, self._bin], axis=1) * self._there
        for weighted, band in zip(self._channels * (power @ self._weighting), bands, strict=True):
            level = LOUDNESS_OFFSET + 10.0 * math.log10(weighted) if weighted > 0.0 else -math.inf
            if level < ABSOLUTE_GATE_LUFS:
                continue
            at = _class_of(level)
            self._counts[at] += 1.0
            self._loudness[at] += weighted
            self._powers[at] += band


def measure_tone(audio: NDArray[np.floating], sample_rate: float) -> Tone:
    """The tone of audio (channels, frames), 1 to 8 channels.

    AudioShapeError for another layout, AudioError for samples that are no finite numbers or for silence.
    """
    samples = check_samples(audio, max_channels=MOST_CHANNELS)
    check_finite(samples)
    return tone_of_blocks([samples], sample_rate, samples.shape[0])


def tone_of_blocks(blocks: Iterable[Samples], sample_rate: float, channels: int) -> Tone:
    """The tone of audio that comes in blocks (channels, frames)."""
    meter = ToneMeter(sample_rate, channels)
    for block in blocks:
        meter.push(block)
    return meter.tone()


def window_frames(sample_rate: float) -> int:
    """The smallest power of two of frames that lasts 0.17 s: 8192 at 44.1 and 48 kHz."""
    return int(2 ** math.ceil(math.log2(SHORTEST_WINDOW_S * sample_rate)))


def k_weighting(hz: NDArray[np.floating], sample_rate: float) -> Floats:
    """Power response of the two filters of BS.1770 at each frequency."""
    z = np.exp(-2j * np.pi * np.asarray(hz, np.float64) / sample_rate)
    power = np.ones(z.shape)
    for b0, b1, b2, a1, a2 in _core.k_weighting_coefficients(float(sample_rate)):
        power *= np.square(np.abs((b0 + z * (b1 + z * b2)) / (1.0 + z * (a1 + z * a2))))
    return power


def _class_of(level_lufs: float) -> int:
    return int(min(max(math.floor(level_lufs), ABSOLUTE_GATE_LUFS), LOUDEST_CLASS_LUFS)) - ABSOLUTE_GATE_LUFS
