"""Singers by four unrelated methods: pulses, partials, the demo's singer, frequency modulation."""

from __future__ import annotations

import numpy as np

from smartmix.synth.seed import seeded
from smartmix.synth.shaping import (
    SAMPLE_RATE_HZ,
    Signal,
    add_at,
    edges_faded,
    highpass,
    lowpass,
    through,
    to_frames,
)
from smartmix.synth.voice import Singer, SungNote, sing
from smartmix.training.sounds.hits import Rng, log_uniform

CONTROL_HZ = 200.0
VOWELS_HZ = (
    (730, 1090, 2440),
    (530, 1840, 2480),
    (270, 2290, 3010),
    (570, 840, 2410),
    (300, 870, 2240),
    (490, 1350, 1690),
)
"""First three formants of six vowels (Peterson and Barney, 1952)."""
HOUSE_VOWELS, HOUSE_CONSONANTS = "aeiou", ("", "s", "t", "k", "m", "n", "l", "h")

Line = list[tuple[float, float, float]]
"""What is sung: (start s, length s, pitch Hz), in order."""


def sung(line: Line, family: str, frames: int, rng: Rng) -> Signal:
    """One voice (frames,) singing a line, syllable after syllable, with breaths and consonants."""
    if not line:
        return np.zeros(frames)
    if family == "physical":
        return _house(line, frames, rng)
    points = int(frames / SAMPLE_RATE_HZ * CONTROL_HZ) + 2
    pitch, gain, formants = _controls(line, points, rng)
    pitch_hz = _drawn_out(pitch, frames)
    voice = {"analogue": _pulses, "modal": _partials, "fm": _bells}[family](pitch_hz, formants, frames, rng)
    loud = _drawn_out(gain, frames)
    sound = np.asarray(voice / (np.std(voice) + 1e-9) * loud)
    sound += rng.uniform(0.005, 0.08) * through(rng.standard_normal(frames), highpass(1500.0, 1)) * loud
    for start_s, _, _ in line:
        if rng.random() < 0.45:
            length = to_frames(rng.uniform(0.02, 0.12))
            hiss = through(
                rng.standard_normal(length), highpass(log_uniform(rng, 1500, 6000)), lowpass(11_000.0)
            )
            add_at(sound, to_frames(start_s) - length, edges_faded(hiss, 0.005, 0.01), rng.uniform(0.1, 0.8))
    return sound


def _house(line: Line, frames: int, rng: Rng) -> Signal:
    notes = [
        SungNote(
            start + 0.6,
            start + 0.6 + length,
            69 + 12 * np.log2(hz / 440),
            str(rng.choice(HOUSE_CONSONANTS)),
            str(rng.choice(list(HOUSE_VOWELS))),
            float(rng.uniform(-3, 3)),
        )
        for start, length, hz in line
    ]
    singer = Singer(
        "take", rng.uniform(0.85, 1.2), rng.uniform(4.5, 6.5), rng.uniform(5, 60), rng.uniform(-34, -20)
    )
    with seeded(int(rng.integers(1 << 31))):
        return np.asarray(sing([notes], singer, frames), dtype=np.float64)


def _controls(line: Line, points: int, rng: Rng) -> tuple[Signal, Signal, Signal]:
    """Pitch (points,), loudness (points,) and formants (points, 3) at CONTROL_HZ, gliding from note to note."""
    time = np.arange(points) / CONTROL_HZ
    pitch, gain, formants = np.full(points, line[0][2]), np.zeros(points), np.zeros((points, 3))
    throat = rng.uniform(0.85, 1.2)
    for start, length, hz in line:
        here = time >= start
        pitch[here] = hz
        formants[here] = throat * np.asarray(VOWELS_HZ[rng.integers(len(VOWELS_HZ))])
        level = 10 ** (rng.uniform(-6, 3) / 20)
        gain[(time >= start) & (time < start + length)] = level
    formants[time < line[0][0]] = VOWELS_HZ[0]
    glide = np.hanning(max(3, int(rng.uniform(0.03, 0.12) * CONTROL_HZ)))
    glide /= glide.sum()
    vibrato = 1 + 0.0006 * rng.uniform(2, 40) * np.sin(2 * np.pi * rng.uniform(4.5, 6.8) * time)
    smooth = [
        np.convolve(np.pad(x, glide.size, mode="edge"), glide, "same")[glide.size : -glide.size]
        for x in (pitch, gain, *formants.T)
    ]
    return smooth[0] * vibrato, smooth[1], np.stack(smooth[2:], axis=1)


def _drawn_out(control: Signal, frames: int) -> Signal:
    at = np.arange(frames) * (CONTROL_HZ / SAMPLE_RATE_HZ)
    return np.asarray(np.interp(at, np.arange(control.size), control))


def _throat(hz: Signal, formants: Signal) -> Signal:
    """Gain of the throat at these frequencies (points,)."""
    total = np.zeros(hz.shape)
    for number, width in enumerate((90.0, 130.0, 190.0)):
        total += 10 ** (-0.3 * number) / (1 + np.square((hz - formants[:, number]) / width))
    return np.asarray(total + 0.02)


def _partials(pitch_hz: Signal, formants: Signal, frames: int, rng: Rng) -> Signal:
    turn = 2 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE_HZ
    control = np.interp(np.arange(len(formants)) / CONTROL_HZ, np.arange(frames) / SAMPLE_RATE_HZ, pitch_hz)
    slope, sound = rng.uniform(0.5, 1.3), np.zeros(frames)
    for n in range(1, int(min(28, 5000 / float(pitch_hz.max()))) + 1):
        sound += _drawn_out(n**-slope * _throat(n * control, formants), frames) * np.sin(n * turn)
    return sound


def _pulses(pitch_hz: Signal, formants: Signal, frames: int, rng: Rng) -> Signal:
    """A pulse a period, answered by each of two blended sets of fixed formants: a talk box."""
    phase = np.mod(np.cumsum(pitch_hz) / SAMPLE_RATE_HZ, 1.0)
    width = rng.uniform(0.08, 0.5)
    source = through(np.where(phase < width, np.sin(np.pi * phase / width), 0.0), highpass(60.0, 1))
    middle = formants.mean(axis=0)
    sound = np.zeros(frames)
    for scale in (0.8, 1.25):
        near = np.exp(-np.square(np.log(formants[:, 1] / (scale * middle[1])) / 0.3))
        bands = [
            0.6**k * through(source, highpass(0.85 * scale * f), lowpass(min(20_000.0, 1.15 * scale * f)))
            for k, f in enumerate(middle)
        ]
        sound += _drawn_out(near + 0.05, frames) * sum(bands)
    return sound


def _bells(pitch_hz: Signal, formants: Signal, frames: int, rng: Rng) -> Signal:
    """Carriers at the harmonics nearest each formant, modulated at the pitch (Chowning's singer, in outline)."""
    turn = 2 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE_HZ
    sound, index = np.zeros(frames), rng.uniform(0.3, 1.2)
    for number in range(3):
        nearest = _drawn_out(formants[:, number], frames) / pitch_hz
        low = np.floor(nearest)
        for step, weight in ((low, 1 - (nearest - low)), (low + 1, nearest - low)):
            sound += 0.5**number * weight * np.sin(np.maximum(1, step) * turn + index * np.sin(turn))
    return sound
