"""Whole recordings in memory, cleaned in one call."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples
from smartmix.cleanup.profiles import HumProfile, NoiseProfile, learn_hum, learn_noise_profile
from smartmix.processors import HumRemoval, NoiseReduction


def reduce_noise(
    audio: NDArray[np.floating],
    sample_rate: float,
    profile: NoiseProfile | None = None,
    *,
    reduction_db: float = 12.0,
    smoothing: float = 0.5,
    threshold_db: float = 0.0,
    delta: bool = False,
) -> Samples:
    """The recording (1 or 2 channels, frames) with its steady noise down by up to ``reduction_db`` (0 to 40).

    Without a ``profile`` it is learned first (``learn_noise_profile``); where none is found every bit stays.
    ``delta`` gives what would be taken out. The output lines up with the input.
    """
    known = profile if profile is not None else learn_noise_profile(audio, sample_rate)
    effect = NoiseReduction(
        reduction_db=reduction_db, smoothing=smoothing, threshold_db=threshold_db, delta=delta
    )
    known.write_to(effect)
    return effect.process(audio, sample_rate)


def remove_hum(
    audio: NDArray[np.floating],
    sample_rate: float,
    profile: HumProfile | None = None,
    *,
    amount: float = 1.0,
    width_hz: float = 0.5,
    delta: bool = False,
) -> Samples:
    """The recording (1 or 2 channels, frames) without its mains hum, ``amount`` 0..1 of it.

    Without a ``profile`` it is learned first (``learn_hum``); where there is no hum every bit stays. The hum is
    followed from the first frame on as the mains drift. ``delta`` gives what would be taken out.
    """
    known = profile if profile is not None else learn_hum(audio, sample_rate)
    effect = HumRemoval(amount=amount, width_hz=width_hz, delta=delta)
    known.write_to(effect)
    return effect.process(audio, sample_rate)
