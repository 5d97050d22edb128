"""The recordings a master is to sound like, each with its weight."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.loudness import MAX_CHANNELS
from smartmix.audio.buffer import check_finite, check_samples
from smartmix.audio.io import probe, stream
from smartmix.errors import AudioError, SmartmixError
from smartmix.mastering.portrait import MOST_CHANNELS, Portrait, SilentError, portrait_of

Recording = NDArray[np.floating] | str | Path
ReferenceLike = Recording | Sequence[Recording | tuple[Recording, float]]
"""Audio at the mix's sample rate or a sound file at any; or several, each alone or with its weight."""

MOST_WEIGHT = 1000.0
BLOCK_FRAMES = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """One reference: ``name`` as a person knows it, its share of all (0 to 1), and what it sounds like."""

    name: str
    weight: float
    portrait: Portrait


def parse_reference(text: str) -> tuple[Path, float]:
    """``"b.wav"`` or ``"b.wav:0.5"``. A file of that very name wins over the weight."""
    if Path(text).exists() or ":" not in text:
        return Path(text), 1.0
    name, _, weight = text.rpartition(":")
    try:
        return Path(name), _checked_weight(float(weight), name)
    except ValueError:
        return Path(text), 1.0


def read_references(given: ReferenceLike | None, sample_rate: int) -> tuple[Reference, ...]:
    """Every reference measured, weights made to add up to one. AudioError names one that is silent or unreadable."""
    listed = _listed(given)
    total = sum(weight for _, weight in listed)
    return tuple(_measured(one, weight / total, sample_rate) for one, weight in listed)


def keep_off_recordings(
    targets: Iterable[str | Path], sources: Sequence[str | Path], given: ReferenceLike | None
) -> None:
    """SmartmixError where a file to be written is one that is read: a mix, or a reference."""
    listened_to = [Path(one) for one, _ in _listed(given) if isinstance(one, str | Path)]
    for target in map(Path, targets):
        for what, files in (("input", map(Path, sources)), ("reference", listened_to)):
            if any(file.exists() and target.exists() and target.samefile(file) for file in files):
                raise SmartmixError(f"{target}: is the {what}; inputs are never touched, choose another name")


def reference_lufs(references: Sequence[Reference]) -> float:
    """The loudness they stand for: the weighted mean in LU."""
    return sum(each.weight * each.portrait.loudness.integrated_lufs for each in references)


def _listed(given: ReferenceLike | None) -> list[tuple[Recording, float]]:
    if given is None:
        return []
    if isinstance(given, np.ndarray | str | Path):
        return [(given, 1.0)]
    found: list[tuple[Recording, float]] = []
    for one in given:
        if isinstance(one, tuple):
            found.append((one[0], _checked_weight(one[1], str(one[0]) if not _is_audio(one[0]) else "audio")))
        else:
            found.append((one, 1.0))
    return found


def _checked_weight(weight: float, name: str) -> float:
    if not (math.isfinite(weight) and 0.0 < weight <= MOST_WEIGHT):
        raise SmartmixError(f"reference {name}: weight {weight:g}: expected over 0 to {MOST_WEIGHT:g}")
    return float(weight)


def _is_audio(one: Recording) -> bool:
    return isinstance(one, np.ndarray)


def _measured(one: Recording, weight: float, sample_rate: int) -> Reference:
    if isinstance(one, np.ndarray):
        samples = check_samples(one, max_channels=MAX_CHANNELS)
        check_finite(samples)
        name, blocks, rate, channels = "the reference", iter([samples]), sample_rate, samples.shape[0]
    else:
        info = probe(one)
        name, blocks, rate, channels = (
            str(info.path),
            stream(info.path, block_frames=BLOCK_FRAMES),
            info.sample_rate,
            info.channels,
        )
    if channels > MOST_CHANNELS:
        raise AudioError(f"{name}: {channels} channels: expected 1 or 2")
    try:
        portrait = portrait_of(blocks, rate, channels)
    except SilentError:
        portrait = None
    if portrait is None or not math.isfinite(portrait.loudness.integrated_lufs):
        raise AudioError(f"{name} has no loudness: it is silent or shorter than 0.4 s")
    return Reference(Path(name).name, weight, portrait)
