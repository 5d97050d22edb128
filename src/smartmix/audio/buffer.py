"""Audio: samples with their sample rate, always (channels, frames) float32."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from smartmix.errors import AudioError, AudioShapeError

Samples = NDArray[np.float32]

MIN_SAMPLE_RATE_HZ = 8_000
MAX_SAMPLE_RATE_HZ = 384_000


def check_finite(
    samples: Samples,
    source: str = "",
    *,
    first_frame: int = 0,
    advice: str = "replace NaN and infinity first",
) -> None:
    """AudioError naming ``source`` and the frame (``samples`` begin at ``first_frame``) of a NaN or an infinity.

    ``advice`` ends the message: what the person may do.
    """
    # The sum of finite float32 samples cannot overflow a double, so a finite sum proves that all samples are.
    with np.errstate(invalid="ignore"):
        if np.isfinite(samples.sum(dtype=np.float64)):
            return
    frame = first_frame + int(np.argmin(np.isfinite(samples).all(axis=0)))
    named = f"{source}: " if source else ""
    raise AudioError(f"{named}the sample at frame {frame} is not a finite number; {advice}")


def check_samples(samples: NDArray[np.floating], *, max_channels: int | None = None) -> Samples:
    """The array as C-ordered float32 (channels, frames); other layouts are an AudioShapeError."""
    array = np.asarray(samples)
    if array.ndim != 2:
        raise AudioShapeError(
            f"expected an array (channels, frames), got shape {array.shape}. "
            "Pass audio[np.newaxis, :] for one channel."
        )
    channels, frames = array.shape
    if channels == 0 or (channels > frames > 0 and channels > 8):
        raise AudioShapeError(
            f"expected (channels, frames), got {array.shape}. Pass audio.T if frames come first."
        )
    if max_channels is not None and channels > max_channels:
        raise AudioShapeError(
            f"expected at most {max_channels} channels, got {channels} (shape {array.shape})"
        )
    if array.dtype.kind != "f":
        raise AudioError(f"expected floating point samples (full scale 1.0), got {array.dtype}")
    return np.ascontiguousarray(array, dtype=np.float32)


def check_sample_rate(sample_rate: float) -> float:
    """The rate in Hz if smartmix works at it (8 kHz to 384 kHz)."""
    if not MIN_SAMPLE_RATE_HZ <= sample_rate <= MAX_SAMPLE_RATE_HZ:
        raise AudioError(
            f"sample rate {sample_rate!r} Hz: expected {MIN_SAMPLE_RATE_HZ} to {MAX_SAMPLE_RATE_HZ} Hz"
        )
    return float(sample_rate)


@dataclass(frozen=True, slots=True)
class Audio:
    """Samples (channels, frames) float32, full scale 1.0, and their sample rate in Hz."""

    samples: Samples
    sample_rate: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", check_samples(self.samples))
        check_sample_rate(self.sample_rate)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.samples.shape[0])

    @property
    def frames(self) -> int:
        """Number of frames (samples per channel)."""
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate
