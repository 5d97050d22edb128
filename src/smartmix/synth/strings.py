"""Plucked strings (Karplus-Strong, solved in the frequency domain) and the amplifiers behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from smartmix.synth import song
from smartmix.synth.seed import stream
from smartmix.synth.shaping import (
    SAMPLE_RATE_HZ,
    Signal,
    Spectrum,
    add_at,
    curve,
    edges_faded,
    fast_size,
    highpass,
    hz,
    lowpass,
    saturated,
    through,
    to_frames,
)

# Samples are worked on inside a decaying envelope, so that what rings past the end of the transform folds
# back this far down instead of over the attack. What is undone afterwards would lift the rounding of float32
# out of the noise: all of it is done in double.
_FOLD_DB = 90.0

BASS_CABINET = curve(
    (20, -20), (45, -3), (80, 2), (140, 1), (400, -3), (800, 1), (1600, 0), (2800, -6), (4500, -22),
    (9000, -60),
)  # fmt: skip
GUITAR_CABINET = curve(
    (30, -40), (70, -12), (110, 1), (180, 2), (420, -3), (1000, 0), (2400, 4), (3600, 3), (5000, -8),
    (7500, -32), (14000, -70),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StringTone:
    """How a string rings: time to fall 60 dB (s), loop damping 0 (bright) to 0.5 (dull).

    ``pluck_place`` is a part of its length, ``pick_hz`` and its order the softness of what plucks it,
    ``scrape`` the noise of that.
    """

    ring_s: float
    damping: float
    pluck_place: float
    pick_hz: float
    pick_order: int = 1
    scrape: float = 0.35


FINGER_BASS = StringTone(ring_s=4.5, damping=0.28, pluck_place=0.21, pick_hz=420.0, pick_order=2, scrape=0.6)
OPEN_GUITAR = StringTone(ring_s=3.5, damping=0.16, pluck_place=0.13, pick_hz=2400.0)
MUTED_GUITAR = StringTone(ring_s=0.32, damping=0.32, pluck_place=0.11, pick_hz=1100.0)


@dataclass(frozen=True, slots=True)
class Pluck:
    """One stroke on a string: s from the start of the string's part, strength 0..1."""

    time_s: float
    strength: float


@lru_cache(maxsize=48)
def _loop_response(frequency_hz: float, tone: StringTone, size: int) -> Spectrum:
    """1 / (1 - g H(z) z^-N) on a circle outside the unit circle: the string's answer to any pluck."""
    period = SAMPLE_RATE_HZ / frequency_hz
    gain = 10.0 ** (-3.0 * period / (SAMPLE_RATE_HZ * tone.ring_s))
    log_radius = _FOLD_DB / 20.0 * np.log(10.0) / size
    z_inverse_log = -(log_radius + 1j * 2.0 * np.pi * np.arange(size // 2 + 1) / size)
    damping = (1.0 - tone.damping) + tone.damping * np.exp(z_inverse_log)
    loop = gain * damping * np.exp(z_inverse_log * (period - tone.damping))
    return np.asarray(1.0 / (1.0 - loop), dtype=np.complex128)


@lru_cache(maxsize=16)
def _fold_envelope(size: int) -> Signal:
    return np.asarray(10.0 ** (-_FOLD_DB / 20.0 * np.arange(size) / size))


def _burst(strength: float, tone: StringTone, period: int, rng: np.random.Generator) -> Signal:
    """What a pluck sets moving, about a period long."""
    push = tone.scrape * rng.standard_normal(period + 64)
    # A string let go is mostly a step: partials fall with 1/k above the pick's edge.
    push[0] += np.sqrt(period)
    edge_hz = tone.pick_hz * (0.5 + 0.5 * round(strength, 1))
    burst = through(push, lowpass(edge_hz, tone.pick_order))
    burst -= np.mean(burst)
    return np.asarray(burst * (strength / np.sqrt(np.mean(np.square(burst)))))


def ring(
    frequency_hz: float, plucks: Sequence[Pluck], length_s: float, tone: StringTone, rng: np.random.Generator
) -> Signal:
    """One string (frames,) of this pitch, plucked again and again while it sounds, damped at the end."""
    frames = to_frames(length_s)
    size = fast_size(frames)
    period = max(2, round(SAMPLE_RATE_HZ / frequency_hz))
    pushed = np.zeros(size)
    for pluck in plucks:
        burst = _burst(pluck.strength, tone, period, rng)
        start = to_frames(pluck.time_s)
        add_at(pushed, start, burst)
        add_at(pushed, start + round(tone.pluck_place * period), burst, -0.9)
    envelope = _fold_envelope(size)
    sound = (
        np.fft.irfft(np.fft.rfft(pushed * envelope) * _loop_response(frequency_hz, tone, size), size)
        / envelope
    )
    return edges_faded(sound[:frames], 0.0, 0.045)


def bass_di(frames: int) -> Signal:
    """The bass from its pickup through a tube DI box (frames,)."""
    rng = stream("bass")
    track = np.zeros(frames, dtype=np.float32)
    for note in song.bass_notes():
        late_s = float(np.clip(rng.normal(0.003, 0.003), -0.004, 0.01))
        start = to_frames(note.beat * song.BEAT_S + late_s)
        length_s = note.beats * song.BEAT_S + 0.04
        # Lengths come in steps so that strings share their solved response.
        length_s = np.ceil(length_s * 20.0) / 20.0
        sound = ring(hz(note.midi), [Pluck(0.0, note.strength)], length_s, FINGER_BASS, rng)
        add_at(track, start, sound)
    track /= float(np.max(np.abs(track)))
    return through(saturated(track, 6.0), lowpass(3800.0, 1), highpass(28.0, 1))


def bass_amp(di: Signal) -> Signal:
    """The same performance through a driven amplifier and its cabinet (frames,), in time with the DI."""
    level = float(np.max(np.abs(di)))
    return level * through(saturated(di / level, 12.0), BASS_CABINET)


def guitar(name: str, frames: int, *, cents: float, late_s: float) -> Signal:
    """One take of the rhythm guitar (frames,) through a crunchy amplifier; ``name`` is the take."""
    rng = stream(f"guitar {name}")
    clean = np.zeros(frames, dtype=np.float32)
    for bar in range(song.BAR_COUNT):
        strokes = song.guitar_strokes(bar)
        if not strokes:
            continue
        open_strings = song.is_chorus(bar) or bar == song.BAR_COUNT - 1
        notes = song.CHORDS[bar].guitar if open_strings else song.CHORDS[bar].guitar[:3]
        tone = OPEN_GUITAR if open_strings else MUTED_GUITAR
        played = [
            (beat * song.BEAT_S + 0.01 + float(rng.uniform(0.0, 0.012)), strength)
            for beat, strength in strokes
        ]
        for number, note in enumerate(notes):
            plucks = _strum(played, number, len(notes), rng)
            sound = ring(hz(note, cents), plucks, song.BAR_S + 0.03, tone, rng)
            add_at(clean, to_frames(bar * song.BAR_S - 0.01 + late_s), sound)
    clean /= float(np.max(np.abs(clean)))
    pickup = through(clean, highpass(90.0, 1), lowpass(4200.0))
    return through(saturated(pickup, 25.0), GUITAR_CABINET)


def _strum(
    strokes: Sequence[tuple[float, float]], string: int, strings: int, rng: np.random.Generator
) -> list[Pluck]:
    """The stroke as one string meets it: down strokes from the low string, up strokes from the high one."""
    plucks = []
    for number, (time_s, strength) in enumerate(strokes):
        order = string if number % 2 == 0 else strings - 1 - string
        plucks.append(Pluck(time_s + 0.006 * order, strength * float(rng.uniform(0.85, 1.1))))
    return plucks
