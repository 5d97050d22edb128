"""Single pitched notes by four unrelated methods, every number drawn once for an instrument.

"analogue": saw and pulse waves through a filter; "modal": partials one by one, stretched; "physical": plucked strings
and bands of noise; "fm": frequency modulation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

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
from smartmix.training.sounds.hits import Rng, log_uniform

Note = Callable[[float, float], Signal]
"""Makes one note: pitch in Hz, length in s -> (frames,)."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a kind of instrument speaks: attack and decay (s, ranges), whether it is held, brightness (partials)."""

    attack_s: tuple[float, float]
    decay_s: tuple[float, float]
    held: float
    """Chance that it sounds on for as long as the note is held."""
    top_hz: tuple[float, float]


SHAPES = {
    "bass": Shape((0.001, 0.03), (0.3, 2.0), 0.5, (250.0, 3000.0)),
    "guitar": Shape((0.001, 0.008), (0.15, 2.5), 0.0, (1200.0, 6000.0)),
    "keys": Shape((0.001, 0.02), (0.3, 2.5), 0.25, (1000.0, 7000.0)),
    "synth": Shape((0.001, 0.08), (0.08, 1.0), 0.6, (800.0, 14_000.0)),
    "pad": Shape((0.15, 1.2), (2.0, 6.0), 1.0, (600.0, 7000.0)),
}


def instrument(role: str, family: str, rng: Rng) -> Note:
    """An instrument of this kind, made by this method; every note it plays shares its numbers."""
    shape = SHAPES[role]
    attack_s, decay_s = log_uniform(rng, *shape.attack_s), log_uniform(rng, *shape.decay_s)
    held, top_hz = rng.random() < shape.held, log_uniform(rng, *shape.top_hz)
    voice = _VOICES[family](role, top_hz, decay_s, rng)

    def note(pitch_hz: float, length_s: float) -> Signal:
        t = seconds(to_frames(length_s))
        gain = np.minimum(1.0, t / attack_s) * (1.0 if held else np.exp(-t / decay_s))
        return edges_faded(voice(pitch_hz, t) * gain, 0.0005, min(0.08, length_s / 4))

    return note


_Voice = Callable[[float, Signal], Signal]


def _analogue(role: str, top_hz: float, decay_s: float, rng: Rng) -> _Voice:
    wave, width = rng.choice(["saw", "pulse", "triangle"]), rng.uniform(0.1, 0.5)
    voices = int(rng.integers(1, 7)) if role in ("pad", "synth") else int(rng.integers(1, 3))
    detune = rng.uniform(-1, 1, voices) * rng.uniform(0.001, 0.012)
    sweep_s = log_uniform(rng, 0.05, 1.0)
    order = 1 if role == "guitar" else 2

    def voice(pitch_hz: float, t: Signal) -> Signal:
        turns = [np.mod(pitch_hz * (1 + d) * t + k / voices, 1.0) for k, d in enumerate(detune)]
        if wave == "saw":
            raw = sum(2.0 * x - 1.0 for x in turns)
        elif wave == "pulse":
            raw = sum(np.where(x < width, 1.0, -1.0) for x in turns)
        else:
            raw = sum(4.0 * np.abs(x - 0.5) - 1.0 for x in turns)
        open_, shut = (
            through(raw, lowpass(top_hz, order)),
            through(raw, lowpass(max(1.5 * pitch_hz, top_hz / 5))),
        )
        blend = np.exp(-t / sweep_s)
        return np.asarray(blend * open_ + (1 - blend) * shut)

    return voice


def _modal(role: str, top_hz: float, decay_s: float, rng: Rng) -> _Voice:
    stretch = log_uniform(rng, 1e-6, 6e-4) if role != "pad" else 0.0
    slope, odd = rng.uniform(0.4, 1.8), rng.uniform(0.0, 1.0) * (rng.random() < 0.4)
    place, damping = rng.uniform(0.05, 0.5), rng.uniform(0.0, 1.0)

    def voice(pitch_hz: float, t: Signal) -> Signal:
        sound = np.zeros(t.size)
        for n in range(1, int(min(20, 15_000.0 / pitch_hz)) + 1):
            hz = n * pitch_hz * np.sqrt(1 + stretch * n * n)
            level = n**-slope * abs(np.sin(np.pi * n * place)) / (1 + (hz / top_hz) ** 2)
            level *= 1.0 - odd * (n % 2 == 0)
            fade = np.exp(-damping * n * t / (3 * decay_s))
            sound += level * np.sin(2 * np.pi * hz * t + rng.uniform(0, 6.28)) * fade
        return sound

    return voice


def _physical(role: str, top_hz: float, decay_s: float, rng: Rng) -> _Voice:
    if role in ("pad", "synth") or (role == "keys" and rng.random() < 0.3):
        return _noise_band(top_hz, rng)
    place, loss = rng.uniform(0.06, 0.4), rng.uniform(0.985, 0.9985)
    soft_hz = log_uniform(rng, 1000, 8000)

    def voice(pitch_hz: float, t: Signal) -> Signal:
        period = max(4, round(SAMPLE_RATE_HZ / pitch_hz))
        burst = through(np.pad(rng.standard_normal(period), (0, period)), lowpass(soft_hz, 1))[:period]
        loop = burst - 0.9 * np.roll(burst, round(place * period))
        turns = t.size // period + 1
        string = np.empty((turns, period))
        for k in range(turns):
            string[k] = loop
            loop = loss * 0.5 * (loop + np.roll(loop, 1))
        return string.ravel()[: t.size]

    return voice


def _noise_band(top_hz: float, rng: Rng) -> _Voice:
    width, slope = rng.uniform(0.002, 0.02), rng.uniform(0.7, 1.6)

    def voice(pitch_hz: float, t: Signal) -> Signal:
        size = 1 << int(np.ceil(np.log2(max(2, t.size))))
        hz = np.fft.rfftfreq(size, 1 / SAMPLE_RATE_HZ)
        spectrum = np.zeros(hz.size)
        for n in range(1, int(min(30, 15_000 / pitch_hz)) + 1):
            centre = n * pitch_hz
            near = slice(*np.searchsorted(hz, [centre * (1 - 4 * width), centre * (1 + 4 * width)]))
            level = n**-slope / (1 + (centre / top_hz) ** 2) / np.sqrt(centre)
            spectrum[near] += level * np.exp(-np.square((hz[near] - centre) / (width * centre)))
        sound = np.fft.irfft(spectrum * np.exp(2j * np.pi * rng.random(hz.size)), size)[: t.size]
        return np.asarray(sound / (np.std(sound) + 1e-12))

    return voice


def _fm(role: str, top_hz: float, decay_s: float, rng: Rng) -> _Voice:
    whole = role in ("bass", "pad", "guitar")
    ratio = (
        float(rng.choice([0.5, 1, 1, 2, 3, 4, 7])) if whole or rng.random() < 0.7 else rng.uniform(0.5, 14)
    )
    index, fall_s = log_uniform(rng, 0.3, 6.0), log_uniform(rng, 0.05, 1.5)
    rest, drift = rng.uniform(0.0, 0.5), rng.uniform(0.0, 0.004)

    def voice(pitch_hz: float, t: Signal) -> Signal:
        turn = 2 * np.pi * pitch_hz * t
        bark = index * (rest + (1 - rest) * np.exp(-t / fall_s))
        raw = np.sin(turn + bark * np.sin(ratio * turn)) + np.sin(
            turn * (1 + drift) + bark * np.sin(ratio * turn * (1 - drift))
        )
        return through(raw, lowpass(2 * top_hz, 1), highpass(30.0, 1))

    return voice


_VOICES: dict[str, Callable[[str, float, float, Rng], _Voice]] = {
    "analogue": _analogue,
    "modal": _modal,
    "physical": _physical,
    "fm": _fm,
}
