"""Plucked strings (Karplus-Strong, solved in the frequency domain) and the amplifiers behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from smartmix.synth import song
from smartmix.synth.seed import stream
from smartmix.synth.shaping import (
    SAMPLE_RATE_HZ,
    CurvePoints,
    Signal,
    add_at,
    edges_faded,
    filtered,
    hz,
    saturated,
    to_frames,
    with_response,
)

# Samples are worked on inside a decaying envelope, so that what rings past the end of the transform folds back
# 100 dB down instead of over the attack.
_FOLD_DB = 100.0

BASS_CABINET: CurvePoints = (
    (20, -20), (45, -3), (80, 2), (140, 1), (400, -3), (800, 1), (1600, 0), (2800, -6), (4500, -22), (9000, -60),
)  # fmt: skip
GUITAR_CABINET: CurvePoints = (
    (30, -40), (70, -12), (110, 1), (180, 2), (420, -3), (1000, 0), (2400, 4), (3600, 3), (5000, -8), (7500, -32),
    (14000, -70),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StringTone:
    """How a string rings: time to fall 60 dB (s), loop damping 0 (bright) to 0.5 (dull), pluck place 0..0.5."""

    ring_s: float
    damping: float
    pluck_place: float
    pick_hz: float


FINGER_BASS = StringTone(ring_s=4.5, damping=0.28, pluck_place=0.21, pick_hz=900.0)
OPEN_GUITAR = StringTone(ring_s=3.5, damping=0.16, pluck_place=0.13, pick_hz=4500.0)
MUTED_GUITAR = StringTone(ring_s=0.28, damping=0.35, pluck_place=0.11, pick_hz=2600.0)


@dataclass(frozen=True, slots=True)
class Pluck:
    """One stroke on a string: s from the start of the string's part, strength 0..1."""

    time_s: float
    strength: float


@lru_cache(maxsize=48)
def _loop_response(frequency_hz: float, tone: StringTone, size: int) -> NDArray[np.complex128]:
    """1 / (1 - g H(z) z^-N) on a circle outside the unit circle: the string's answer to any pluck, exactly in tune."""
    period = SAMPLE_RATE_HZ / frequency_hz
    gain = 10.0 ** (-3.0 * period / (SAMPLE_RATE_HZ * tone.ring_s))
    log_radius = _FOLD_DB / 20.0 * np.log(10.0) / size
    z_inverse_log = -(log_radius + 1j * 2.0 * np.pi * np.arange(size // 2 + 1) / size)
    damping = (1.0 - tone.damping) + tone.damping * np.exp(z_inverse_log)
    response: NDArray[np.complex128] = 1.0 / (1.0 - gain * damping * np.exp(z_inverse_log * (period - tone.damping)))
    return response


def ring(
    frequency_hz: float, plucks: Sequence[Pluck], length_s: float, tone: StringTone, rng: np.random.Generator
) -> Signal:
    """One string (frames,) of this pitch, plucked again and again while it still sounds, damped at the end."""
    from scipy.fft import irfft, next_fast_len, rfft

    frames = to_frames(length_s)
    size = next_fast_len(frames, real=True)
    period = max(2, round(SAMPLE_RATE_HZ / frequency_hz))
    pushed = np.zeros(size)
    for pluck in plucks:
        burst = filtered(rng.standard_normal(period + 64), "lowpass", tone.pick_hz * (0.4 + 0.6 * pluck.strength))
        burst -= np.mean(burst)
        burst *= pluck.strength / np.sqrt(np.mean(np.square(burst)))
        start = to_frames(pluck.time_s)
        add_at(pushed, start, burst)
        add_at(pushed, start + round(tone.pluck_place * period), burst, -0.9)
    envelope = 10.0 ** (-_FOLD_DB / 20.0 * np.arange(size) / size)
    sound: Signal = irfft(rfft(pushed * envelope) * _loop_response(frequency_hz, tone, size), size) / envelope
    return edges_faded(sound[:frames], 0.0, 0.045)


def bass_di(frames: int) -> Signal:
    """The bass straight from the pickup (frames,)."""
    rng = stream("bass")
    track = np.zeros(frames)
    for note in song.bass_notes():
        late_s = float(np.clip(rng.normal(0.003, 0.003), -0.004, 0.01))
        start = to_frames(note.beat * song.BEAT_S + late_s)
        length_s = note.beats * song.BEAT_S + 0.04
        # Lengths come in steps so that strings share their solved response.
        length_s = np.ceil(length_s * 20.0) / 20.0
        sound = ring(hz(note.midi), [Pluck(0.0, note.strength)], length_s, FINGER_BASS, rng)
        add_at(track, start, sound)
    return filtered(filtered(track, "lowpass", 3800.0, order=1), "highpass", 28.0, order=1)


def bass_amp(di: Signal) -> Signal:
    """The same performance through a driven amplifier and its cabinet (frames,), in time with the DI."""
    level = float(np.max(np.abs(di)))
    driven = saturated(filtered(di / level, "highpass", 40.0, order=1), 14.0)
    return level * with_response(driven, BASS_CABINET)


def guitar(name: str, frames: int, *, cents: float, late_s: float) -> Signal:
    """One take of the rhythm guitar (frames,) through a crunchy amplifier; ``name`` is the take."""
    rng = stream(f"guitar {name}")
    clean = np.zeros(frames)
    for bar in range(song.BAR_COUNT):
        strokes = song.guitar_strokes(bar)
        if not strokes:
            continue
        open_strings = song.is_chorus(bar) or bar == song.BAR_COUNT - 1
        notes = song.CHORDS[bar].guitar if open_strings else song.CHORDS[bar].guitar[:3]
        tone = OPEN_GUITAR if open_strings else MUTED_GUITAR
        played = [(beat * song.BEAT_S + 0.01 + float(rng.uniform(0.0, 0.012)), strength) for beat, strength in strokes]
        for number, note in enumerate(notes):
            plucks = _strum(played, number, len(notes), rng)
            sound = ring(hz(note, cents), plucks, song.BAR_S + 0.03, tone, rng)
            add_at(clean, to_frames(bar * song.BAR_S - 0.01 + late_s), sound)
    clean /= float(np.max(np.abs(clean)))
    pickup = filtered(filtered(clean, "highpass", 90.0, order=1), "lowpass", 4200.0)
    return with_response(saturated(pickup, 24.0), GUITAR_CABINET)


def _strum(
    strokes: Sequence[tuple[float, float]], string: int, strings: int, rng: np.random.Generator
) -> list[Pluck]:
    """The stroke as one string meets it: down strokes from the low string, every other stroke from the high one."""
    plucks = []
    for number, (time_s, strength) in enumerate(strokes):
        order = string if number % 2 == 0 else strings - 1 - string
        plucks.append(Pluck(time_s + 0.006 * order, strength * float(rng.uniform(0.85, 1.1))))
    return plucks
