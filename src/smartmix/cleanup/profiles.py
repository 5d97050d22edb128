"""What is known of the noise and the hum of a recording, and learning it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples, check_sample_rate, check_samples
from smartmix.errors import SmartmixError
from smartmix.processors import HumRemoval, NoiseReduction

SILENT_DB = -200.0
"""In a curve: nothing here."""
POINT_HZ = 24_000.0 / 1024.0
"""Distance of the points of a noise profile, at any sample rate."""
PIECE_S = 0.25
LEAST_SIGHTINGS = 0.25
"""A harmonic is hum when it was there in this part of the moments in which hum was seen at all."""


@dataclass(frozen=True, slots=True)
class NoiseProfile:
    """Level of steady noise in dBFS per Hz (channels, 1025), every 23.4 Hz up to 24 kHz; -200 where none is known."""

    levels_db: NDArray[np.float32]

    @property
    def known(self) -> bool:
        """Whether there is any noise in it."""
        return bool(np.any(self.levels_db > SILENT_DB))

    @property
    def level_dbfs(self) -> float:
        """RMS of the noise in dBFS, over all that is known of it; of the louder channel; -inf without noise."""
        power = np.where(self.levels_db > SILENT_DB, 10.0 ** (self.levels_db.astype(np.float64) / 10.0), 0.0)
        total = float(power.sum(axis=1).max()) * POINT_HZ
        return 10.0 * float(np.log10(total)) if total > 0.0 else -np.inf

    def write_to(self, effect: NoiseReduction) -> None:
        """Give the profile to an effect, which is set to use it; one channel serves both."""
        for number in (1, 2):
            row = self.levels_db[min(number, self.levels_db.shape[0]) - 1]
            effect.write_curve(f"noise{number}_db", row)
        effect.set("profile", "learned")


@dataclass(frozen=True, slots=True)
class HumProfile:
    """Mains frequency in Hz and level of its first 20 harmonics in dBFS (channels, 20), -200 where there is none."""

    mains_hz: float
    levels_db: NDArray[np.float32]

    @property
    def known(self) -> bool:
        """Whether there is hum."""
        return bool(np.any(self.levels_db > SILENT_DB))

    @property
    def harmonics(self) -> int:
        """How many harmonics there are, in either channel."""
        return int(np.any(self.levels_db > SILENT_DB, axis=0).sum())

    @property
    def level_dbfs(self) -> float:
        """RMS of the hum in dBFS, of the louder channel; -inf without hum."""
        power = np.where(self.levels_db > SILENT_DB, 10.0 ** (self.levels_db.astype(np.float64) / 10.0), 0.0)
        total = 0.5 * float(power.sum(axis=1).max())
        return 10.0 * float(np.log10(total)) if total > 0.0 else -np.inf

    def write_to(self, effect: HumRemoval) -> None:
        """Give the profile to an effect, which is set to use it; one channel serves both."""
        effect.write_curve("mains_hz", [self.mains_hz])
        for number in (1, 2):
            row = self.levels_db[min(number, self.levels_db.shape[0]) - 1]
            effect.write_curve(f"lines{number}_db", row)
        effect.set("profile", "learned")


def learn_noise_profile(
    audio: NDArray[np.floating], sample_rate: float, *, span_s: tuple[float, float] | None = None
) -> NoiseProfile:
    """The steady noise of a recording (1 or 2 channels, frames).

    With ``span_s`` (from, to in seconds) that part is noise and nothing else, and the profile its mean. Without,
    the floor is found in the pauses: where nothing but Gaussian noise is heard, again and again at one level
    (docs/dsp/noise_reduction.md). Clean sound, continuous music and digital silence give a profile that is not
    ``known``. SmartmixError for a span outside the recording or shorter than 0.1 s.
    """
    samples = check_samples(audio)
    rate = check_sample_rate(sample_rate)
    if span_s is None:
        return noise_of([samples], rate, samples.shape[0])
    first, last = (round(s * rate) for s in span_s)
    check_span(span_s, samples.shape[1] / rate)
    return noise_of([np.ascontiguousarray(samples[:, first:last])], rate, samples.shape[0], all_noise=True)


def check_span(span_s: tuple[float, float], length_s: float) -> None:
    """SmartmixError unless the span lies in the recording and is long enough to say what noise is."""
    if not 0.0 <= span_s[0] <= span_s[1] - 0.1 or span_s[1] > length_s + 1e-6:
        raise SmartmixError(
            f"span {span_s[0]:g} to {span_s[1]:g} s: expected 0.1 s or more within 0 to {length_s:g} s"
        )


def noise_of(
    blocks: Iterable[Samples], sample_rate: float, channels: int, *, all_noise: bool = False
) -> NoiseProfile:
    """``learn_noise_profile`` of a stream of blocks."""
    effect = NoiseReduction(profile="learning" if all_noise else "automatic")
    latency = 0
    for block in blocks:
        effect.process(block, sample_rate, reset=False)
        latency = effect.latency_frames
    if all_noise:
        if latency:  # the last hop is told when learning ends
            effect.set("profile", "learned")
            effect.process(np.zeros((channels, 1), np.float32), sample_rate, reset=False)
        return NoiseProfile(_rows(effect, "noise{}_db", channels))
    return NoiseProfile(_rows(effect, "found{}_db", channels))


def learn_hum(audio: NDArray[np.floating], sample_rate: float) -> HumProfile:
    """The mains hum of a recording (1 or 2 channels, frames; at least five seconds), not ``known`` without any."""
    samples = check_samples(audio)
    piece = max(round(PIECE_S * sample_rate), 1)
    pieces = (np.ascontiguousarray(samples[:, at : at + piece]) for at in range(0, samples.shape[1], piece))
    return hum_of(pieces, check_sample_rate(sample_rate), samples.shape[0])


def hum_of(blocks: Iterable[Samples], sample_rate: float, channels: int) -> HumProfile:
    """``learn_hum`` of a stream of blocks: what was seen after each of them, put together.

    Each harmonic has the middle one of its levels; the frequency is the first that was seen, as the effect
    follows it from the start.
    """
    effect = HumRemoval()
    seen: list[NDArray[np.float32]] = []
    mains_hz = 50.0
    for block in blocks:
        effect.process(block, sample_rate, reset=False)
        lines = _rows(effect, "found{}_db", channels)
        if not np.any(lines > SILENT_DB):
            continue
        if not seen:
            mains_hz = float(effect.read_curve("found_mains_hz")[0])
        seen.append(lines)
    if not seen:
        return HumProfile(mains_hz, np.full((channels, 20), SILENT_DB, np.float32))
    every = np.array(seen)
    there = every > SILENT_DB
    levels = np.full(every.shape[1:], SILENT_DB, np.float32)
    for place in zip(*np.nonzero(there.mean(axis=0) >= LEAST_SIGHTINGS), strict=True):
        row = every[(slice(None), *place)]
        levels[place] = np.median(row[row > SILENT_DB])
    return HumProfile(mains_hz, levels)


def _rows(effect: NoiseReduction | HumRemoval, name: str, channels: int) -> NDArray[np.float32]:
    return np.array([effect.read_curve(name.format(c + 1)) for c in range(min(channels, 2))])
