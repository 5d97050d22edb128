"""Augmentation of audio: what studios, samplers, converters and neighbours do to a sound before it is a track."""

from __future__ import annotations

import numpy as np

from smartmix.synth.seed import seeded
from smartmix.synth.shaping import (
    SAMPLE_RATE_HZ,
    Signal,
    curve,
    highpass,
    lowpass,
    room,
    saturated,
    smoothed,
    through,
    to_frames,
)
from smartmix.training.sounds.hits import Rng, log_uniform, repitched

Stereo = np.ndarray


def roughened(role: str, sound: Signal, neighbour: Signal, rng: Rng) -> Stereo:
    """A track (channels, frames) float32 of a dry part, ``neighbour`` another part that may spill into it."""
    if rng.random() < 0.3:
        sound = _fit(repitched(sound, log_uniform(rng, 0.8, 1.25)), sound.size)
    sound = _driven(role, sound, rng)
    responses = [curve(*_random_curve(rng))]
    if rng.random() < 0.5:
        with seeded(int(rng.integers(1 << 31))):
            responses.append(room("r", decay_s=log_uniform(rng, 0.1, 1.6), level_db=rng.uniform(-26, -3)))
    if rng.random() < 0.25:
        responses.append(lowpass(log_uniform(rng, 3500, 16_000)))
    if role not in ("kick", "bass", "drums") and rng.random() < 0.4:
        responses.append(highpass(log_uniform(rng, 40, 250)))
    sound = through(sound, *responses)
    if rng.random() < 0.4:
        sound = _squeezed(sound, rng)
    if rng.random() < 0.25:
        sound = _echoed(sound, rng)
    sound = _in_places(sound, rng)
    level = float(np.sqrt(np.mean(np.square(sound)))) + 1e-9
    if rng.random() < 0.3:
        spill = through(neighbour, lowpass(log_uniform(rng, 1500, 12_000), 1))
        sound = sound + spill / (np.std(spill) + 1e-9) * level * 10 ** (rng.uniform(-45, -14) / 20)
    sound = sound + level * 10 ** (rng.uniform(-85, -45) / 20) * rng.standard_normal(sound.size)
    if rng.random() < 0.15:
        steps = 2.0 ** int(rng.integers(6, 11))
        sound = np.round(sound / (np.max(np.abs(sound)) + 1e-9) * steps) / steps
    return _widened(role, sound, rng).astype(np.float32)


def _fit(sound: Signal, frames: int) -> Signal:
    return np.pad(sound, (0, max(0, frames - sound.size)))[:frames]


def _driven(role: str, sound: Signal, rng: Rng) -> Signal:
    guitar = role == "guitar" and rng.random() < 0.6
    if guitar or rng.random() < 0.35:
        sound = saturated(
            sound / (np.max(np.abs(sound)) + 1e-9), rng.uniform(12, 38) if guitar else rng.uniform(2, 18)
        )
    if guitar:  # a loudspeaker cabinet: nothing much over 5 kHz
        sound = through(
            sound, highpass(log_uniform(rng, 70, 140)), lowpass(log_uniform(rng, 3200, 6500)), lowpass(7000.0)
        )
    return sound


def _random_curve(rng: Rng) -> list[tuple[float, float]]:
    """A smooth curve of up to about ±9 dB: a tilt and a few bumps."""
    at_hz = np.geomspace(25, 20_000, 9)
    tilt = rng.normal(0, 1.2) * np.log2(at_hz / 800.0)
    level = np.clip(tilt + rng.normal(0, 2.5, at_hz.size), -14, 14)
    return [(float(f), float(v)) for f, v in zip(at_hz, level, strict=True)]


def _squeezed(sound: Signal, rng: Rng) -> Signal:
    """A compressor: the level's slow part taken down by its share."""
    level = np.sqrt(smoothed(np.square(sound), log_uniform(rng, 0.01, 0.2)) + 1e-8)
    return np.asarray(sound * (level / level.max()) ** -rng.uniform(0.2, 0.75))


def _echoed(sound: Signal, rng: Rng) -> Signal:
    late = to_frames(rng.uniform(0.08, 0.5))
    wet, echo = sound.copy(), sound
    for _ in range(3):
        echo = rng.uniform(0.2, 0.55) * np.pad(echo, (late, 0))[: sound.size]
        wet = wet + echo
    return wet


def _in_places(sound: Signal, rng: Rng) -> Signal:
    """Real tracks are silent for much of a song: a half, a quarter or single strokes are left of some."""
    if rng.random() > 0.45:
        return sound
    gain = np.zeros(sound.size)
    for _ in range(int(rng.integers(1, 4))):
        start = int(rng.integers(0, sound.size - SAMPLE_RATE_HZ))
        gain[start : start + to_frames(rng.uniform(0.7, 4.0))] = 1.0
    return np.asarray(sound * smoothed(gain, 0.02))


def _widened(role: str, sound: Signal, rng: Rng) -> Stereo:
    """Mono, two equal sides, or two sides that differ as doubling, chorus or a pair of microphones makes them."""
    kind = rng.random()
    wide = 0.2 if role in ("kick", "snare", "bass") else 0.55
    if kind > wide:
        return sound[np.newaxis] if kind > 0.7 * (1 + wide) / 1.7 else np.stack((sound, sound))
    late = to_frames(log_uniform(rng, 0.0004, 0.03))
    other = np.roll(sound, late) * rng.uniform(0.5, 1.2)
    side = through(other, curve(*_random_curve(rng))) * rng.uniform(0.1, 1.0)
    return np.stack((sound + side, sound - side if rng.random() < 0.5 else sound + np.roll(side, late)))
