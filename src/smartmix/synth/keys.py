"""Keyboards: an electric piano by frequency modulation and a pad whose partials are bands of noise."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from smartmix.synth import song
from smartmix.synth.seed import stream
from smartmix.synth.shaping import (
    SAMPLE_RATE_HZ,
    Signal,
    add_at,
    edges_faded,
    hz,
    saturated,
    seconds,
    to_frames,
    wandering,
)

_PAD_LOOP_FRAMES = 1 << 18


@lru_cache(maxsize=64)
def electric_piano_note(midi: int, strength: float, length_s: float) -> Signal:
    """A tine piano note (frames,): two-operator FM whose bark grows with the strength, a short bell."""
    t = seconds(to_frames(length_s))
    turn = 2.0 * np.pi * hz(midi) * t
    wobble = np.sin(turn)
    bark = (0.5 + 2.2 * strength) * np.exp(-t / 0.45) + 0.12
    body = np.sin(turn + bark * wobble) * np.exp(-t / (1.3 * (60.0 / midi) ** 2))
    bell = 0.14 * strength * np.sin(2.0 * np.pi * hz(midi) * 13.98 * t + 0.6 * wobble) * np.exp(-t / 0.07)
    thump = 0.25 * strength * np.sin(2.0 * np.pi * 95.0 * t) * np.exp(-t / 0.02)
    return edges_faded(strength * (body + bell + thump), 0.0015, 0.12)


def electric_piano(frames: int) -> Signal:
    """The electric piano part (2, frames) with its slow stereo tremolo."""
    rng = stream("keys")
    mono = np.zeros(frames, dtype=np.float32)
    for note in song.keys_notes():
        sound = electric_piano_note(note.midi, round(note.strength, 1), note.beats * song.BEAT_S + 0.12)
        start = to_frames(note.beat * song.BEAT_S + float(rng.uniform(0.0, 0.012)))
        add_at(mono, start, sound, float(rng.uniform(0.9, 1.05)))
    warm = saturated(mono / float(np.max(np.abs(mono))), 5.0)
    sway = (0.28 * np.sin(2.0 * np.pi * 4.3 * seconds(frames))).astype(np.float32)
    return np.stack((warm * (1.0 + sway), warm * (1.0 - sway)))


def pad_loop(notes: tuple[int, ...], name: str) -> Signal:
    """A seamless loop (frames,) of a chord: each partial is a bell-shaped band of random-phase noise.

    The method is PADsynth (Nasca Octavian Paul, 2006, published as a free algorithm).
    """
    rng = stream(f"pad {name}")
    magnitude = np.zeros(_PAD_LOOP_FRAMES // 2 + 1)
    bin_hz = SAMPLE_RATE_HZ / _PAD_LOOP_FRAMES
    for note in notes:
        for partial in range(1, 25):
            centre_hz = partial * hz(note)
            width_hz = 0.009 * centre_hz * partial**0.2
            low, high = (int((centre_hz + side * 4.0 * width_hz) / bin_hz) for side in (-1, 1))
            at_hz = np.arange(low, high) * bin_hz
            level = partial**-1.1 / (1.0 + (centre_hz / 3000.0) ** 2) / np.sqrt(width_hz)
            magnitude[low:high] += level * np.exp(-np.square((at_hz - centre_hz) / width_hz))
    phase = np.exp(2j * np.pi * rng.random(magnitude.size))
    loop = np.fft.irfft(magnitude * phase, _PAD_LOOP_FRAMES)
    return loop / float(np.sqrt(np.mean(np.square(loop))))


def pad(frames: int) -> Signal:
    """The pad part (2, frames): a held chord a bar, soft in verse 2, wide and full in the choruses."""
    track = np.zeros((2, frames), dtype=np.float32)
    loops: dict[tuple[int, ...], tuple[Signal, Signal]] = {}
    for bar in range(song.BAR_COUNT):
        strength = _pad_strength(bar)
        if strength == 0.0:
            continue
        notes = song.CHORDS[bar].pad
        if notes not in loops:
            both, apart = pad_loop(notes, f"{notes} middle"), pad_loop(notes, f"{notes} side")
            loops[notes] = (both + 0.6 * apart, both - 0.6 * apart)
        length = to_frames(song.BAR_S + 0.7)
        for channel, loop in enumerate(loops[notes]):
            sound = edges_faded(loop[:length], 0.25, 0.65)
            add_at(track[channel], to_frames(bar * song.BAR_S - 0.06), sound, strength)
    track *= 1.0 + 0.07 * wandering(frames, 1.5, stream("pad breath"))
    return track


def _pad_strength(bar: int) -> float:
    name = song.section_of_bar(bar).name
    if name.startswith("chorus") or name == "outro":
        return 1.0
    return {"intro": 0.55, "verse 2": 0.6}.get(name, 0.0)
