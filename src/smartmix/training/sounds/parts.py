"""What is played: a role's part over a few bars, drawn anew, on an instrument drawn anew."""

from __future__ import annotations

import numpy as np

from smartmix.synth.shaping import Signal, add_at, hz, to_frames
from smartmix.training.sounds.hits import Rng, stroke
from smartmix.training.sounds.tones import instrument
from smartmix.training.sounds.voices import sung

FAMILIES = ("analogue", "modal", "physical", "fm")
"""The families of sources. Training never hears the one that is held out."""
LENGTH_S = 8.0

SCALES = ((0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 5, 7, 9, 11), (0, 3, 5, 7, 10))
REGISTER = {
    "bass": (28, 45),
    "guitar": (40, 64),
    "keys": (48, 79),
    "synth": (45, 86),
    "pad": (41, 72),
    "vocal": (45, 76),
}
STEPS = {
    "kick": (0.55, 0.05),
    "snare": (0.06, 0.5),
    "hihat": (0.8, 0.6),
    "toms": (0.08, 0.12),
    "cymbals": (0.07, 0.02),
    "percussion": (0.35, 0.3),
}
"""Chance of a stroke on a beat and between beats, per eighth."""


def part(role: str, family: str, rng: Rng) -> Signal:
    """One track (frames,) of LENGTH_S, peak near 1, of this role by this family of sources."""
    frames, eighth_s = to_frames(LENGTH_S), 30.0 / rng.uniform(70, 170)
    sound: Signal
    if role == "drums":
        kit = [
            "kick",
            "snare",
            "hihat",
            *rng.choice(["cymbals", "toms", "percussion"], int(rng.integers(0, 3))),
        ]
        sound = np.zeros(frames)
        for drum in dict.fromkeys(kit):
            add_at(
                sound,
                0,
                _level(_struck(str(drum), family, eighth_s, frames, rng)),
                10 ** (rng.uniform(-14, 0) / 20),
            )
    elif role in STEPS:
        sound = _struck(role, family, eighth_s, frames, rng)
    elif role == "vocal":
        sound = sung(_line(eighth_s, rng), family, frames, rng)
    else:
        sound = _tonal(role, family, eighth_s, frames, rng)
    return _level(sound)


def _level(sound: Signal) -> Signal:
    return sound / max(1e-9, float(np.max(np.abs(sound))))


def _struck(role: str, family: str, eighth_s: float, frames: int, rng: Rng) -> Signal:
    """A pattern of one bar, repeated with small changes; two or three different strokes of each drum."""
    kind = role
    if role == "percussion":
        kind = str(rng.choice(["clap", "shaker", "bell", "conga"]))
    takes = [stroke(kind, family, rng) for _ in range(1 if family == "analogue" else 3)]
    if role == "toms":
        takes = [stroke(kind, family, rng) for _ in range(4)]
    on, off = STEPS[role]
    swing, steps = rng.uniform(0, 0.15), 8
    bar = np.where(np.arange(steps) % 2 == 0, on, off) > rng.random(steps)
    if role == "snare":
        bar |= np.isin(np.arange(steps), (2, 6))
    bar[0] |= not bar.any()
    track, at_s, count = np.zeros(frames), 0.0, 0
    while at_s < LENGTH_S:
        if bar[count % steps] ^ (rng.random() < 0.04):
            late_s = rng.normal(0, 0.003) + swing * eighth_s * (count % 2)
            take = takes[int(rng.integers(len(takes)))]
            add_at(track, max(0, to_frames(at_s + late_s)), take, rng.uniform(0.5, 1.0))
        at_s, count = at_s + eighth_s, count + 1
    return track


def _line(eighth_s: float, rng: Rng) -> list[tuple[float, float, float]]:
    scale, low, high = SCALES[rng.integers(len(SCALES))], *REGISTER["vocal"]
    centre, at_s = rng.uniform(low + 5, high - 5), rng.uniform(0.2, 1.0)
    line = []
    while at_s < LENGTH_S - 1.5:
        for _ in range(int(rng.integers(3, 9))):
            length_s = eighth_s * float(rng.choice([1, 1, 2, 3]))
            midi = centre + scale[rng.integers(len(scale))] - 6
            if at_s + length_s < LENGTH_S - 1.0:
                line.append((at_s, 0.93 * length_s, hz(midi)))
            at_s += length_s
        at_s += rng.uniform(0.3, 1.6)
    return line


def _tonal(role: str, family: str, eighth_s: float, frames: int, rng: Rng) -> Signal:
    note = instrument(role, family, rng)
    scale, (low, high) = SCALES[rng.integers(len(SCALES))], REGISTER[role]
    root = int(rng.integers(low, low + 12))
    chord = (
        role == "pad"
        or (role in ("guitar", "keys") and rng.random() < 0.7)
        or (role == "synth" and rng.random() < 0.25)
    )
    per_chord = {"pad": 8, "bass": 1}.get(role, int(rng.choice([1, 1, 2, 4])))
    strum_s = rng.uniform(0.004, 0.02) if role == "guitar" else 0.0
    track, at_s, count, degrees = np.zeros(frames), 0.0, 0, rng.integers(0, len(scale), 4)
    while at_s < LENGTH_S:
        length_s = eighth_s * per_chord
        if role == "pad" or rng.random() < 0.85:
            degree = int(degrees[int(at_s / (8 * eighth_s)) % 4])
            picks = (
                [degree + 2 * k for k in range(int(rng.integers(3, 5)))]
                if chord
                else [_step(role, degree, count, rng)]
            )
            for string, pick in enumerate(picks):
                midi = root + 12 * (pick // len(scale)) + scale[pick % len(scale)]
                sound = note(hz(min(midi, high + 7)), length_s * (1.3 if role == "pad" else 0.98))
                add_at(track, to_frames(at_s + string * strum_s), sound, rng.uniform(0.7, 1.0))
        at_s, count = at_s + length_s, count + 1
    return track


def _step(role: str, degree: int, count: int, rng: Rng) -> int:
    """The next scale step of a single line: basses stay on the root, others wander or arpeggiate."""
    if role == "bass":
        return degree if rng.random() < 0.8 else degree + int(rng.choice([2, 4]))
    return degree + (2 * (count % 4) if rng.random() < 0.6 else int(rng.integers(0, 8)))
