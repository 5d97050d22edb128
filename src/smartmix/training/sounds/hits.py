"""Single drum strokes by four unrelated methods, every number drawn anew: no two kits are alike.

Methods (families of sources): "analogue" (swept sines and filtered noise, as drum machines do), "modal" (sums of damped
modes), "physical" (the demo's drums, at another pitch), "fm" (frequency modulation).
"""

from __future__ import annotations

import numpy as np

from smartmix.synth import drums
from smartmix.synth.shaping import (
    SAMPLE_RATE_HZ,
    Signal,
    edges_faded,
    highpass,
    lowpass,
    seconds,
    through,
    to_frames,
)

Rng = np.random.Generator

PITCH_HZ = {"kick": (38.0, 75.0), "snare": (140.0, 280.0), "toms": (70.0, 220.0), "conga": (170.0, 420.0)}
DECAY_S = {"kick": (0.08, 0.5), "snare": (0.05, 0.22), "toms": (0.15, 0.5), "conga": (0.06, 0.25)}
METAL_S = {"hihat": (0.02, 0.3), "cymbals": (0.5, 1.8), "bell": (0.05, 0.4)}


def stroke(kind: str, family: str, rng: Rng) -> Signal:
    """One stroke (frames,): kick, snare, toms, conga (skins), hihat, cymbals, bell (metal), clap, shaker (noise)."""
    if kind in ("clap", "shaker"):
        return _noise(kind, rng)
    if kind in METAL_S:
        return _metal(kind, family, rng)
    return _skin(kind, family, rng)


def log_uniform(rng: Rng, low: float, high: float) -> float:
    """A number between two positive ones, every octave as likely."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _skin(kind: str, family: str, rng: Rng) -> Signal:
    pitch_hz = log_uniform(rng, *PITCH_HZ[kind])
    decay_s = log_uniform(rng, *DECAY_S[kind])
    t = seconds(to_frames(min(1.6, 6.0 * decay_s + 0.1)))
    if family == "physical":
        body = _house_skin(kind, rng)
        t = seconds(body.size)
    elif family == "analogue":
        drop = rng.uniform(0.5, 6.0 if kind == "kick" else 1.0) * np.exp(-t / rng.uniform(0.005, 0.06))
        body = np.sin(2 * np.pi * np.cumsum(pitch_hz * (1.0 + drop)) / SAMPLE_RATE_HZ) * np.exp(-t / decay_s)
    elif family == "modal":
        body = _modes(t, pitch_hz, decay_s, rng)
    else:
        ratio, index = rng.uniform(0.5, 3.7), rng.uniform(0.5, 5.0) * np.exp(-t / (0.3 * decay_s))
        turn = (
            2 * np.pi * np.cumsum(pitch_hz * (1.0 + rng.uniform(0, 3.0) * np.exp(-t / 0.02))) / SAMPLE_RATE_HZ
        )
        body = np.sin(turn + index * np.sin(ratio * turn)) * np.exp(-t / decay_s)
    noise = rng.standard_normal(t.size)
    click = through(noise, highpass(log_uniform(rng, 800, 4000), 1)) * np.exp(-t / rng.uniform(0.001, 0.008))
    sound = body + rng.uniform(0.0, 0.6) * click
    if kind == "snare":
        wires = through(
            noise, highpass(log_uniform(rng, 700, 3000)), lowpass(log_uniform(rng, 6000, 16_000), 1)
        )
        sound = sound * rng.uniform(0.2, 1.0) + rng.uniform(0.3, 1.2) * wires * np.exp(
            -t / rng.uniform(0.04, 0.2)
        )
    return edges_faded(sound, 0.0003, 0.05)


def _house_skin(kind: str, rng: Rng) -> Signal:
    strength = rng.uniform(0.6, 1.0)
    if kind == "kick":
        body = drums.kick(strength, rng)
    elif kind == "snare":
        body = drums.snare(strength, rng)
    else:
        return drums.tom(log_uniform(rng, *PITCH_HZ[kind]), strength, rng)
    return repitched(body, log_uniform(rng, 0.7, 1.4))


def repitched(sound: Signal, ratio: float) -> Signal:
    """A sound played faster (ratio > 1) or slower, as a sampler does."""
    return np.asarray(np.interp(np.arange(0, sound.size - 1, ratio), np.arange(sound.size), sound))


def _modes(t: Signal, pitch_hz: float, decay_s: float, rng: Rng) -> Signal:
    sound = np.zeros(t.size)
    for number in range(int(rng.integers(3, 9))):
        ratio = 1.0 if number == 0 else 1.0 + number * rng.uniform(0.35, 0.8)
        sound += (
            np.sin(2 * np.pi * pitch_hz * ratio * t + rng.uniform(0, 6))
            * np.exp(-t * ratio / decay_s)
            / ratio
        )
    return sound


def _metal(kind: str, family: str, rng: Rng) -> Signal:
    decay_s = log_uniform(rng, *METAL_S[kind])
    low_hz = log_uniform(rng, 500, 1500) if kind == "bell" else log_uniform(rng, 2000, 6500)
    if kind == "cymbals":
        low_hz = log_uniform(rng, 350, 2500)
    t = seconds(to_frames(min(3.0, 4.0 * decay_s + 0.05)))
    fade = np.exp(-t / decay_s)
    if family == "physical" and kind != "bell":
        return repitched(drums.cymbal(decay_s, low_hz, 1.0, rng), log_uniform(rng, 0.8, 1.25))
    if family == "analogue":
        wash = rng.standard_normal(t.size)
    elif family == "fm":
        turn = 2 * np.pi * log_uniform(rng, 300, 1200) * t
        wash = np.sin(turn * rng.uniform(3, 9) + rng.uniform(4, 30) * np.sin(turn * rng.uniform(1.1, 5.3)))
    else:  # six square waves that share no pitch, or many modes
        pitches = log_uniform(rng, 200, 900) * (1.0 + rng.random(6) * rng.uniform(1, 8))
        wash = sum(np.sign(np.sin(2 * np.pi * hz * t)) for hz in pitches) + 0.4 * rng.standard_normal(t.size)
    if kind == "bell":
        pair = np.sin(2 * np.pi * low_hz * t) + np.sin(2 * np.pi * low_hz * rng.uniform(1.3, 1.6) * t)
        return edges_faded(np.tanh(rng.uniform(1, 6) * pair) * fade, 0.0005, 0.02)
    return edges_faded(through(wash * fade, highpass(low_hz)), 0.0005, 0.02)


def _noise(kind: str, rng: Rng) -> Signal:
    t = seconds(to_frames(0.35))
    noise = through(
        rng.standard_normal(t.size), highpass(log_uniform(rng, 600, 4500), 1), lowpass(12_000.0, 1)
    )
    if kind == "shaker":
        rise = rng.uniform(0.01, 0.06)
        return edges_faded(
            noise * np.minimum(1.0, t / rise) * np.exp(-t / rng.uniform(0.02, 0.08)), 0.001, 0.02
        )
    times = np.cumsum(rng.uniform(0.006, 0.014, 4))
    bursts = sum((t > s) * np.exp(-np.maximum(0.0, t - s) / 0.006) for s in times)
    tail = (t > times[-1]) * np.exp(-np.maximum(0.0, t - times[-1]) / rng.uniform(0.03, 0.12))
    return edges_faded(noise * (bursts + 0.8 * tail), 0.0005, 0.02)
