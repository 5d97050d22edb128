"""What a mix or a master sounds like, in the figures that a master is matched by: one pass over its blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from smartmix import _core
from smartmix.analysis.loudness import Loudness, read_meter
from smartmix.audio.buffer import Samples
from smartmix.errors import AudioError
from smartmix.matching.grid import EDGES_HZ, GRID_HZ, Floats, existing
from smartmix.matching.tone import (
    ABSOLUTE_GATE_LUFS,
    LOUDNESS_OFFSET,
    RELATIVE_GATE_LU,
    Tone,
    k_weighting,
    window_frames,
)

CROSSOVERS_HZ = (150.0, 900.0, 4500.0)
"""Where the four bands of the dynamics part (house): bass, body, presence, air."""
BANDS = len(CROSSOVERS_HZ) + 1
TRACE_S = 0.045
"""Length of one reading of a band's level; a beat is several of them."""
LONG_TAPER = 0.5
"""Of a tone's windows, which lie side by side: a Hann window would look at three eighths of what was played (docs)."""
MOST_CHANNELS = 2
_TINY = 1e-20


class SilentError(AudioError):
    """A recording in which nothing is loud enough to be measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A recording as its master is judged.

    ``mid`` and ``side`` (None: mono, or nothing in it) are the tones of (L + R) / 2 and (L - R) / 2 over the frames
    that pass the loudness gate of the whole; ``band_levels_db`` (4, readings) the level of the mid in four bands
    (edges ``CROSSOVERS_HZ``) every ``trace_s``, dB of mean square; ``side_silent``: two channels, the same samples.
    """

    mid: Tone
    side: Tone | None
    band_levels_db: Floats
    trace_s: float
    loudness: Loudness
    sample_rate: int
    channels: int
    frames: int

    @property
    def width_db(self) -> float:
        """Side against mid, dB; -inf for mono."""
        if self.side is None:
            return -np.inf
        return float(10.0 * np.log10(self.side.band_power.sum() / max(self.mid.band_power.sum(), _TINY)))


class PortraitMeter:
    """Takes in a recording in blocks (channels, frames), one or two channels; any cut gives the same portrait.

    ``loudness``: of the whole, where it was measured already.
    """

    def __init__(self, sample_rate: int, channels: int, *, loudness: Loudness | None = None) -> None:
        if not 1 <= channels <= MOST_CHANNELS:
            raise AudioError(f"{channels} channels: a master has 1 or 2")
        self._rate, self._channels = sample_rate, channels
        self._known = loudness
        self._meter = _core.LoudnessMeter(sample_rate, channels)
        self._long = _Bands(sample_rate, window_frames(sample_rate), EDGES_HZ, channels, LONG_TAPER)
        short = 2 ** round(np.log2(TRACE_S * sample_rate))
        self._short = _Bands(sample_rate, short, np.array([20.0, *CROSSOVERS_HZ, 0.49 * sample_rate]), 1)
        self._tones: list[Floats] = []
        self._weights = k_weighting(GRID_HZ, sample_rate) * existing(sample_rate)
        self._traces: list[Floats] = []
        self._frames = 0
        self._kept = _GatedSum(channels)

    def push(self, block: Samples) -> None:
        """Take in the next block."""
        if self._known is None:
            self._meter.process(block)
        self._frames += block.shape[1]
        self._keep(self._long.taken(block))
        self._traces.append(self._short.taken(block)[:, 0])

    def watch(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """The same blocks, taken in as they go by."""
        for block in blocks:
            self.push(block)
            yield block

    def portrait(self) -> Portrait:
        """The portrait so far; SilentError where nothing is louder than -70 LUFS."""
        if not self._kept.heard:
            self._keep(self._long.rest())
        power, heard, lufs = self._kept.gated()
        heard_s = heard * self._long.size / self._rate
        tones = [Tone(row, heard_s, lufs, self._rate) for row in power]
        side = tones[1] if self._channels == MOST_CHANNELS and power[1].sum() > _TINY else None
        traces = np.concatenate(self._traces) if self._traces else np.zeros((0, BANDS))
        levels = 10.0 * np.log10(np.maximum(traces.T, _TINY))
        return Portrait(
            tones[0],
            side,
            levels,
            self._short.size / self._rate,
            self._known or read_meter(self._meter),
            self._rate,
            self._channels,
            self._frames,
        )

    def _keep(self, powers: Floats) -> None:
        """Frames (frames, channels, bands): counted by their loudness; L2 + R2 = 2 (M2 + S2)."""
        self._kept.add(powers, self._channels * np.array([row.sum(axis=0) @ self._weights for row in powers]))


class _Bands:
    """Power of windows side by side in bands between edges, of mid and side or of the mid alone."""

    def __init__(self, sample_rate: int, size: int, edges_hz: Floats, parts: int, taper: float = 1.0) -> None:
        self.size = size
        # Bands over what the rate holds are empty: their edges are the last one.
        place = np.minimum(
            np.minimum(edges_hz, edges_hz[-1]) * size / sample_rate + 0.5, size // 2 + 1 - 1e-6
        )
        self._powers = _core.BandPowers(size, place.tolist(), parts, taper)
        self._there = edges_hz[1:] <= 0.4901 * sample_rate

    def taken(self, block: Samples) -> Floats:
        """Band powers (windows, parts, bands) of every window that is full now."""
        return np.asarray(self._powers.process(block) * self._there)

    def rest(self) -> Floats:
        """The same of what is left, filled up with silence."""
        return np.asarray(self._powers.finish() * self._there)


class _GatedSum:
    """Sums by classes of loudness, so that the relative gate of BS.1770 can be set at the end."""

    def __init__(self, channels: int) -> None:
        classes = 10 - ABSOLUTE_GATE_LUFS + 1
        self._counts, self._loudness = np.zeros(classes), np.zeros(classes)
        self._powers = np.zeros((classes, channels, GRID_HZ.size))
        self.heard = False

    def add(self, powers: Floats, weighted: Floats) -> None:
        self.heard = self.heard or len(powers) > 0
        level = LOUDNESS_OFFSET + 10.0 * np.log10(np.maximum(weighted, _TINY))
        counted = level >= ABSOLUTE_GATE_LUFS
        at = np.minimum(np.floor(level), 10.0).astype(np.intp) - ABSOLUTE_GATE_LUFS
        for row in np.flatnonzero(
            counted
        ):  # one by one: the order, and so every bit, is that of any other cut
            self._counts[at[row]] += 1.0
            self._loudness[at[row]] += weighted[row]
            self._powers[at[row]] += powers[row]

    def gated(self) -> tuple[Floats, float, float]:
        """Mean powers (channels, bands), how many frames they are of, and their loudness."""
        if self._counts.sum() == 0.0:
            raise SilentError("nothing here is louder than -70 LUFS: silence cannot be matched")
        gate = LOUDNESS_OFFSET + 10.0 * np.log10(self._loudness.sum() / self._counts.sum()) - RELATIVE_GATE_LU
        first = max(int(np.floor(gate)) - ABSOLUTE_GATE_LUFS, 0)
        frames = float(self._counts[first:].sum())
        lufs = LOUDNESS_OFFSET + 10.0 * np.log10(self._loudness[first:].sum() / frames)
        return self._powers[first:].sum(axis=0) / frames, frames, float(lufs)


def portrait_of(
    blocks: Iterable[Samples], sample_rate: int, channels: int, *, loudness: Loudness | None = None
) -> Portrait:
    """The portrait of audio that comes in blocks (channels, frames); of its ``loudness`` where that is known."""
    meter = PortraitMeter(sample_rate, channels, loudness=loudness)
    for block in blocks:
        meter.push(block)
    return meter.portrait()


def encoded(block: Samples) -> Samples:
    """Mid and side of a stereo block; mono as it is."""
    if len(block) != MOST_CHANNELS:
        return block
    parts = np.empty_like(block)
    np.add(block[0], block[1], out=parts[0])
    np.subtract(block[0], block[1], out=parts[1])
    parts *= np.float32(0.5)
    return parts


def decoded(parts: Samples) -> Samples:
    """Left and right of mid and side."""
    block = np.empty_like(parts)
    np.add(parts[0], parts[1], out=block[0])
    np.subtract(parts[0], parts[1], out=block[1])
    return block
