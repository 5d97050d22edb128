"""A drum kit and the microphones around it: skins, cymbals of many modes, bleed, a pair of overheads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from smartmix.synth.seed import stream
from smartmix.synth.shaping import (
    SAMPLE_RATE_HZ,
    Signal,
    add_at,
    edges_faded,
    highpass,
    lowpass,
    room,
    seconds,
    through,
    to_frames,
)
from smartmix.synth.song import BEAT_S, Hit
from smartmix.units import db_to_gain

MicPlacement = Mapping[str, tuple[float, float]]
"""What a microphone hears: drum -> (level in dB, distance delay in ms)."""

STROKES = 2
"""Different recordings of each drum at each of two strengths, used in turn."""

_TOMS_IN_CLOSE_MICS = {"rack tom": (-24.0, 1.4), "floor tom": (-26.0, 1.9)}

KICK_IN: MicPlacement = {
    "kick": (0.0, 0.0),
    "snare": (-30.0, 1.3),
    "floor tom": (-27.0, 1.0),
    "rack tom": (-30.0, 1.1),
}
SNARE_TOP: MicPlacement = {
    "snare": (0.0, 0.0),
    "kick": (-26.0, 1.5),
    "hat": (-21.0, 1.1),
    "open hat": (-21.0, 1.1),
    "crash left": (-30.0, 2.0),
    "crash right": (-34.0, 2.8),
    **_TOMS_IN_CLOSE_MICS,
}
HAT_MIC: MicPlacement = {
    "hat": (0.0, 0.0),
    "open hat": (0.0, 0.0),
    "snare": (-16.0, 1.1),
    "kick": (-30.0, 2.2),
    "crash left": (-20.0, 1.6),
    "crash right": (-30.0, 3.2),
    **_TOMS_IN_CLOSE_MICS,
}
# A spaced pair set up with a string: both microphones equally far from the snare and the kick.
OVERHEAD_LEFT: MicPlacement = {
    "snare": (-5.0, 2.8),
    "kick": (-8.0, 3.8),
    "hat": (-7.0, 2.3),
    "open hat": (-7.0, 2.3),
    "rack tom": (-6.0, 2.7),
    "floor tom": (-11.0, 3.5),
    "crash left": (-3.0, 2.1),
    "crash right": (-10.0, 3.6),
}
OVERHEAD_RIGHT: MicPlacement = {
    "snare": (-5.0, 2.8),
    "kick": (-8.0, 3.8),
    "hat": (-12.0, 3.5),
    "open hat": (-12.0, 3.5),
    "rack tom": (-8.0, 3.0),
    "floor tom": (-6.0, 2.5),
    "crash left": (-10.0, 3.6),
    "crash right": (-3.0, 2.1),
}


def kick(strength: float, rng: np.random.Generator) -> Signal:
    """A bass drum from inside: a skin that drops in pitch, and the beater's click."""
    t = seconds(to_frames(0.42))
    pitch_hz = 51.0 + 110.0 * np.exp(-t / 0.016) + 18.0 * np.exp(-t / 0.09)
    body = np.sin(2.0 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE_HZ) * np.exp(-t / 0.13)
    click = through(
        rng.standard_normal(t.size) * np.exp(-t / 0.0035), highpass(1800.0, 1), lowpass(7000.0, 1)
    )
    box = through(rng.standard_normal(t.size) * np.exp(-t / 0.02), highpass(250.0, 1), lowpass(600.0, 1))
    return edges_faded(strength * (body + 0.5 * strength * click + 0.12 * box), 0.0005, 0.06)


def snare(strength: float, rng: np.random.Generator) -> Signal:
    """A snare drum from above: two skin modes that sink a little, the stick, and the rattle of the wires."""
    t = seconds(to_frames(0.45))
    sink = 1.0 + 0.12 * np.exp(-t / 0.012)
    turns = np.cumsum(sink) / SAMPLE_RATE_HZ
    skin = np.sin(2.0 * np.pi * 188.0 * turns) * np.exp(-t / 0.085)
    skin += 0.55 * np.sin(2.0 * np.pi * 331.0 * turns + 0.7) * np.exp(-t / 0.055)
    skin += 0.25 * np.sin(2.0 * np.pi * 517.0 * turns + 1.9) * np.exp(-t / 0.04)
    noise = rng.standard_normal(t.size)
    wires = through(noise, highpass(1600.0, 1), lowpass(8500.0, 1))
    wires *= np.exp(-t / 0.075) + 0.35 * np.exp(-t / 0.16)
    stick = through(noise, highpass(3000.0)) * np.exp(-t / 0.004)
    struck = skin + (0.24 + 0.2 * strength) * wires + 0.22 * strength * stick
    return edges_faded(strength * struck, 0.0003, 0.08)


def tom(pitch_hz: float, strength: float, rng: np.random.Generator) -> Signal:
    """A tom: a singing skin that sinks in pitch, an overtone, the stick."""
    t = seconds(to_frames(0.7))
    turns = np.cumsum(pitch_hz * (1.0 + 0.35 * np.exp(-t / 0.05))) / SAMPLE_RATE_HZ
    body = np.sin(2.0 * np.pi * turns) * np.exp(-t / 0.2)
    body += 0.3 * np.sin(2.0 * np.pi * 1.59 * turns + 0.4) * np.exp(-t / 0.08)
    stick = through(rng.standard_normal(t.size) * np.exp(-t / 0.006), highpass(700.0, 1), lowpass(5000.0, 1))
    return edges_faded(strength * (body + 0.35 * stick), 0.0005, 0.1)


def cymbal(length_s: float, low_hz: float, strength: float, rng: np.random.Generator) -> Signal:
    """A plate of bronze: dozens of unrelated modes over a wash of noise, the highest dying first."""
    t = seconds(to_frames(2.6 * length_s))
    sound = np.zeros(t.size)
    modes_hz = np.sort(low_hz * np.exp(rng.random(22) * np.log(15_000.0 / low_hz)))
    for mode_hz in modes_hz:
        decay_s = length_s * (low_hz / mode_hz) ** 0.35
        used = t[: min(t.size, to_frames(5.0 * decay_s))]
        mode = np.sin(2.0 * np.pi * (mode_hz * used + rng.random())) * np.exp(-used / decay_s)
        sound[: used.size] += rng.uniform(0.4, 1.0) * mode
    wash = through(rng.standard_normal(t.size), highpass(1.6 * low_hz))
    sound += 4.0 * wash * (np.exp(-t / (0.35 * length_s)) + 0.5 * np.exp(-t / (0.05 * length_s)))
    return edges_faded(0.1 * strength * through(sound, highpass(low_hz)), 0.0008, 0.3 * length_s)


_DRUMS: dict[str, Callable[[float, np.random.Generator], Signal]] = {
    "kick": kick,
    "snare": snare,
    "hat": lambda strength, rng: cymbal(0.075, 3200.0, strength, rng),
    "open hat": lambda strength, rng: cymbal(0.26, 3000.0, strength, rng),
    "rack tom": lambda strength, rng: tom(128.0, strength, rng),
    "floor tom": lambda strength, rng: tom(84.0, strength, rng),
    "crash left": lambda strength, rng: cymbal(0.95, 480.0, strength, rng),
    "crash right": lambda strength, rng: cymbal(0.8, 560.0, strength, rng),
}


def play_kit(hits: Sequence[Hit], frames: int) -> dict[str, Signal]:
    """What each drum sounds at its own skin, (frames,) each: the hits with human timing and strength."""
    kit: dict[str, Signal] = {drum: np.zeros(frames, dtype=np.float32) for drum in _DRUMS}
    for drum, track in kit.items():
        rng = stream(f"drum {drum}")
        strokes: dict[tuple[float, int], Signal] = {}
        for number, hit in enumerate(h for h in hits if h.drum == drum):
            stroke = (1.0 if hit.strength > 0.8 else 0.75, number % STROKES)
            if stroke not in strokes:
                strokes[stroke] = _DRUMS[drum](stroke[0], rng)
            strength = hit.strength / stroke[0] * db_to_gain(rng.normal(0.0, 0.6))
            late_s = float(np.clip(rng.normal(0.0, 0.0025), -0.006, 0.006))
            start = max(0, to_frames(hit.beat * BEAT_S + late_s))
            add_at(track, start, strokes[stroke], strength)
    return kit


def heard_by(kit: Mapping[str, Signal], placement: MicPlacement) -> Signal:
    """One microphone's signal (frames,): each drum at its level and distance."""
    mic = np.zeros_like(next(iter(kit.values())))
    for drum, (level_db, delay_ms) in placement.items():
        add_at(mic, to_frames(delay_ms / 1000.0), kit[drum], db_to_gain(level_db))
    return mic


def overheads(kit: Mapping[str, Signal]) -> Signal:
    """The overhead pair (2, frames): the whole kit 2 to 4 ms late, each side with its own room."""
    pair = (("left", OVERHEAD_LEFT), ("right", OVERHEAD_RIGHT))
    return np.stack(
        [
            through(
                heard_by(kit, placement), room(f"kit {side}", decay_s=0.45, level_db=-11.0), highpass(45.0, 1)
            )
            for side, placement in pair
        ]
    )
