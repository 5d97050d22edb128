"""The tone of one recording brought to that of another by third octaves, each trusted as far as it tells no key.

docs/thirds_curve.md. The level of a third octave says how a recording sounds, and which notes happened to lie in
it. How much it says about the notes can be seen in the recording itself: by how much it would change, had the same
music been played a semitone higher or lower. The more it would, the more its neighbours are asked instead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.matching.curve import presence, taper
from smartmix.matching.grid import FIRST, GRID_HZ, LAST, NARROW, POINTS_PER_OCTAVE, Floats, averaged, existing
from smartmix.matching.tone import Tone

LOWEST, HIGHEST = -16, 12
"""Third octaves from 1 kHz: 25 Hz to 16 kHz."""
_STEPS = POINTS_PER_OCTAVE // 3
THIRDS_HZ: Floats = 1000.0 * 2.0 ** (np.arange(LOWEST, HIGHEST + 1) / 3.0)
THIRDS_HZ.setflags(write=False)

SEMITONE_STEPS = POINTS_PER_OCTAVE // 12
UNSURE_DB = 0.5
"""Nothing is known better than this: noise, arrangement, the excerpt (house)."""
AROUND = 5
"""Third octaves whose mean is the slope of a tone and not its notes."""
LEAST_PRESENCE = 0.05
SOLVING_ROUNDS = 2
_TINY = 1e-20


def _shares() -> Floats:
    """How much of each band of the grid lies in each third octave: its edges halve the band they fall on."""
    step = np.arange(FIRST, LAST + 1)
    apart = np.abs(step - _STEPS * np.arange(LOWEST, HIGHEST + 1)[:, np.newaxis])
    return np.where(2 * apart < _STEPS, 1.0, np.where(2 * apart == _STEPS, 0.5, 0.0))


def _hats() -> Floats:
    """One bump for each third octave, half a cosine wide as two of them; they add up to one up to 20 kHz."""
    octaves = np.log2(GRID_HZ / 1000.0)
    centres = np.arange(LOWEST, HIGHEST + 2)[:, np.newaxis] / 3.0
    bumps = np.where(
        np.abs(octaves - centres) < 1.0 / 3.0, 0.5 + 0.5 * np.cos(3.0 * np.pi * (octaves - centres)), 0.0
    )
    bumps[-2] += bumps[-1]  # over the last one its value is held: a third octave reaches beyond its centre
    return np.asarray(bumps[:-1])


_SHARES, _HATS = _shares(), _hats()
_SLOPES = np.diff(np.eye(THIRDS_HZ.size), axis=0)
_ROUGHNESS: Floats = _SLOPES.T @ _SLOPES


def thirds_db(tone: Tone) -> Floats:
    """Level of the third octaves (29,) around ``THIRDS_HZ``, dB; nan over what the sample rate holds."""
    return _in_thirds(tone.band_power, tone.sample_rate)


def key_spread_db(tone: Tone) -> Floats:
    """By how much each third octave (29,) would change, dB rms, were the music a semitone higher or lower.

    What is left when the change of its surroundings is taken out: a slope is moved too, and is no note. 0 where there
    is no third octave.
    """
    here = thirds_db(tone)
    total = np.zeros(here.size)
    for steps in (-SEMITONE_STEPS, SEMITONE_STEPS):
        moved = _in_thirds(_shifted(tone.band_power, steps), tone.sample_rate)
        change = np.nan_to_num(moved - here)
        around = np.pad(change, AROUND // 2, mode="edge")
        total += np.square(change - np.convolve(around, np.full(AROUND, 1.0 / AROUND), "valid"))
    return np.asarray(np.sqrt(total / 2.0))


def thirds_curve(source: Tone, reference: Tone, smoothness: float, limit_db: float) -> Floats:
    """What is to change, dB per band of ``GRID_HZ`` (241,), at most ``limit_db`` either way; level does not count.

    The gains g of the third octaves come as near to the differences D as the sum of w (g - D)^2 plus ``smoothness``
    times the sum of (g_i+1 - g_i)^2 lets them; w = presence / (0.25 dB^2 + the key spreads of both, squared). 0: all
    differences, notes and all; the larger, the more a third octave that follows notes takes after those beside it.
    """
    there = existing(source.sample_rate) & existing(reference.sample_rate)
    here, aim = thirds_db(source), thirds_db(reference)
    sure = np.where(there, _presence(source) * _presence(reference), 0.0)[_centres()]
    told = np.isfinite(here) & np.isfinite(aim) & (sure > LEAST_PRESENCE)
    if not told.any():
        return np.zeros(GRID_HZ.size)
    spread = np.square(key_spread_db(source)) + np.square(key_spread_db(reference))
    trust = np.where(told, sure / (UNSURE_DB**2 + spread), 1e-9)
    wanted = np.where(told, aim - here, 0.0)
    wanted = np.where(told, wanted - trust @ wanted / trust.sum(), 0.0)
    gains = np.linalg.solve(np.diag(trust) + smoothness * _ROUGHNESS, trust * wanted)
    gains = np.where(told, sure * np.clip(gains, -limit_db, limit_db), 0.0)
    curve = np.zeros(GRID_HZ.size)  # one that rises within a third octave lifts it by other than its middle
    for _ in range(SOLVING_ROUNDS):
        reached = _in_thirds(source.band_power * np.power(10.0, curve / 10.0), source.sample_rate) - here
        curve += np.where(told, gains - np.nan_to_num(reached), 0.0) @ _HATS
        curve = np.clip(curve, -limit_db, limit_db)
    return np.asarray(curve * _low_taper() * there)


def _in_thirds(band_power: Floats, sample_rate: float) -> Floats:
    power = _SHARES @ band_power
    whole = (_SHARES > 0.0) @ ~existing(sample_rate) == 0
    return np.where(whole, 10.0 * np.log10(np.maximum(power, _TINY)), np.nan)


def _shifted(band_power: Floats, steps: int) -> Floats:
    """The same spectrum so many bands higher; the ends are held."""
    band = np.clip(np.arange(band_power.size) - steps, 0, band_power.size - 1)
    return np.asarray(band_power[band])


def _presence(tone: Tone) -> Floats:
    level = averaged(tone.band_power, NARROW, existing(tone.sample_rate))
    return presence(tone, np.asarray(10.0 * np.log10(np.maximum(level, _TINY))))


def _centres() -> NDArray[np.intp]:
    return np.asarray(_STEPS * np.arange(LOWEST, HIGHEST + 1) - FIRST)


def _low_taper() -> Floats:
    """Nothing under 20 Hz, all from 40 Hz; the top is held as far as there is something."""
    return np.where(GRID_HZ < 1000.0, taper(192_000.0), 1.0)
