"""The twelve curves of the EQ-fit table: two simple, four and four random of two smoothnesses, two of real speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.io import read

Curve = NDArray[np.float64]

HZ: Curve = np.geomspace(30.0, 16_000.0, 240)
OCTAVES: Curve = np.log2(HZ / 1000.0)
RANDOM_RMS_DB = 3.0
RANDOM_OCTAVES = (1.0, 0.5)
RANDOM_EACH = 4
SPEECH = ("speech_librispeech_barnett.flac", "speech_librispeech_comira.flac")
SPEECH_LIMIT_DB = 12.0


def smooth_random(octaves: float, seed: int) -> Curve:
    """White noise per point, under a Hann window ``octaves`` wide at half height, brought to 3 dB RMS about 0."""
    step = OCTAVES[1] - OCTAVES[0]
    reach = int(octaves / step)
    window = np.hanning(2 * reach + 1)
    noise = np.random.default_rng(seed).standard_normal(HZ.size + 2 * reach)
    curve = np.convolve(noise, window, mode="valid")
    curve -= curve.mean()
    return np.asarray(curve * RANDOM_RMS_DB / np.sqrt(np.mean(curve**2)))


def speech_against_pink(file: Path) -> Curve:
    """What would bring speech to a pink spectrum: a sixth of an octave, level-free, at most 12 dB."""
    audio = read(file)
    window, hop = np.hanning(4096), 2048
    mono = audio.samples.mean(axis=0)
    starts = range(0, mono.size - 4096, hop)
    power = np.mean([np.abs(np.fft.rfft(window * mono[s : s + 4096])) ** 2 for s in starts], axis=0)
    bins = np.fft.rfftfreq(4096, 1.0 / audio.sample_rate)
    level = []
    for hz in HZ:
        inside = np.abs(np.log2(np.maximum(bins, 1.0) / hz)) <= 1.0 / 12.0
        inside[np.argmin(np.abs(bins - min(hz, bins[-1])))] = True
        level.append(10.0 * np.log10(power[inside].mean() * hz))
    curve = -np.array(level)
    curve -= curve[(HZ > 80.0) & (HZ < 7000.0)].mean()
    return np.asarray(np.clip(curve, -SPEECH_LIMIT_DB, SPEECH_LIMIT_DB))


def targets(references: Path | None) -> dict[str, Curve]:
    """Name to curve in dB at ``HZ``; without the folder of real recordings the last two are left out."""
    found = {"tilt": 1.0 * OCTAVES, "smile": 6.0 * (OCTAVES / OCTAVES[0]) ** 2 - 2.0}
    for octaves in RANDOM_OCTAVES:
        for seed in range(RANDOM_EACH):
            found[f"random {octaves:g} oct {seed}"] = smooth_random(octaves, seed)
    for name in SPEECH if references is not None else ():
        found[name.split("_")[-1].removesuffix(".flac")] = speech_against_pink(references / name)
    return found
