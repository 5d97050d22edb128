"""Faults as they happen in sessions, planted on purpose: what, where and how much is kept as a record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartmix.synth.seed import stream
from smartmix.synth.shaping import (
    SAMPLE_RATE_HZ,
    Signal,
    delayed,
    edges_faded,
    highpass,
    hiss,
    lowpass,
    seconds,
    smoothed,
    through,
    to_frames,
)
from smartmix.units import db_to_gain

Span = tuple[float, float]
"""A stretch of the song: start and end in s."""


@dataclass(frozen=True, slots=True)
class InvertedChannel:
    """One channel of a stereo track has its polarity inverted (0 is left, 1 is right)."""

    track: str
    channel: int


@dataclass(frozen=True, slots=True)
class LateTrack:
    """A track that comes so many frames after another one of the same performance."""

    track: str
    reference: str
    late_frames: int
    late_ms: float


@dataclass(frozen=True, slots=True)
class Hum:
    """Mains hum all through a track: RMS of all its lines, and ``rests`` where nothing else plays."""

    track: str
    mains_hz: int
    level_dbfs: float
    rests: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class ClippedTrack:
    """A track clipped on the way in, below full scale: the flat level, and how many frames sit on it."""

    track: str
    ceiling_dbfs: float
    flat_frames: int


@dataclass(frozen=True, slots=True)
class BadEdits:
    """Splices without a crossfade: at each of ``times_s`` so much of the track is missing."""

    track: str
    times_s: tuple[float, ...]
    cut_ms: float


@dataclass(frozen=True, slots=True)
class HissyTrack:
    """A noisy preamplifier all through a track: white noise of this RMS."""

    track: str
    level_dbfs: float


@dataclass(frozen=True, slots=True)
class BuriedTrack:
    """A track that drops by ``drop_db`` in one section while the rest of the song stays where it was."""

    track: str
    section: str
    span_s: Span
    drop_db: float


@dataclass(frozen=True, slots=True)
class Rumble:
    """Low-frequency stage noise all through a track: its band in Hz and RMS level."""

    track: str
    low_hz: float
    high_hz: float
    level_dbfs: float


_HUM_LINES_DB = (0.0, -7.0, -4.0, -14.0, -9.0, -18.0, -13.0, -22.0)


def with_inverted_channel(samples: Signal, fault: InvertedChannel) -> Signal:
    """The track (channels, frames) with that channel upside down."""
    signs = np.ones((samples.shape[0], 1))
    signs[fault.channel] = -1.0
    return samples * signs.astype(samples.dtype)


def made_late(samples: Signal, fault: LateTrack) -> Signal:
    """The track moved later by whole frames; its length stays."""
    return delayed(samples, fault.late_frames)


def with_hum(samples: Signal, fault: Hum) -> Signal:
    """The track with eight mains lines under it, as from a single-coil pickup near a transformer."""
    t = seconds(SAMPLE_RATE_HZ)
    lines = db_to_gain(np.asarray(_HUM_LINES_DB))
    phases = stream(f"hum {fault.track}").random(lines.size)
    hum = np.zeros_like(t)  # one second: mains at a whole number of hertz repeats in it
    for number, (line, phase) in enumerate(zip(lines, phases, strict=True), start=1):
        hum += line * np.sin(2.0 * np.pi * (fault.mains_hz * number * t + phase))
    hum *= db_to_gain(fault.level_dbfs) / np.sqrt(np.sum(np.square(lines)) / 2.0)
    return samples + np.resize(hum, samples.shape[-1]).astype(samples.dtype)


def with_bad_edits(samples: Signal, fault: BadEdits) -> Signal:
    """The track with the piece after each splice played early by ``cut_ms`` until the next one, length kept.

    What a razor does: the wave jumps at the splice, and nothing else changes. After the last splice the track stays
    early, so that there are exactly as many jumps as times.
    """
    spliced = samples.copy()
    for number, time_s in enumerate(fault.times_s, start=1):
        at, early = to_frames(time_s), number * to_frames(fault.cut_ms / 1000.0)
        spliced[..., at : samples.shape[-1] - early] = samples[..., at + early :]
    return spliced


def with_hiss(samples: Signal, fault: HissyTrack) -> Signal:
    """The track with white noise at that RMS over the noise it has."""
    noise = hiss(f"preamp {fault.track}", samples.shape[0], samples.shape[-1], fault.level_dbfs)
    return np.asarray(samples + noise)


def clipped(samples: Signal, ceiling_dbfs: float) -> tuple[Signal, int]:
    """The track cut flat at the ceiling, and how many of its frames (over all channels) were cut."""
    ceiling = db_to_gain(ceiling_dbfs)
    return np.clip(samples, -ceiling, ceiling), int(np.count_nonzero(np.abs(samples) >= ceiling))


def with_drop(samples: Signal, fault: BuriedTrack) -> Signal:
    """The track ``drop_db`` lower within the span, with ramps of 120 ms centred 60 ms outside its ends."""
    begin, end = (to_frames(time_s) for time_s in (fault.span_s[0] - 0.12, fault.span_s[1] + 0.12))
    inner = slice(to_frames(0.06), end - begin - to_frames(0.06))
    gain_db = np.zeros(end - begin)
    gain_db[inner] = -fault.drop_db
    dropped = samples.copy()
    dropped[..., begin:end] *= db_to_gain(smoothed(gain_db, 0.12))
    return dropped


def with_rumble(samples: Signal, fault: Rumble, thumps_s: Sequence[float] = ()) -> Signal:
    """The track with low band noise at that RMS; at ``thumps_s`` the stand is knocked (twice as strong)."""
    rng = stream(f"rumble {fault.track}")
    noise: Signal = rng.standard_normal(samples.shape[-1:], dtype=np.float32)
    swell = np.ones(samples.shape[-1], dtype=np.float32)
    knock = edges_faded(np.full(to_frames(0.5), 1.0), 0.05, 0.4)
    for thump_s in thumps_s:
        start = to_frames(thump_s)
        swell[start : start + knock.size] += knock[: max(0, swell.size - start)]
    # Three times through the band: the skirts must stay clear of the lowest sung note.
    noise = through(noise, *(3 * (highpass(fault.low_hz), lowpass(fault.high_hz))))
    noise *= swell
    noise *= db_to_gain(fault.level_dbfs) / math.sqrt(float(np.mean(np.square(noise, dtype=np.float64))))
    return samples + noise
