"""Change of sample rate, aligned: frame 0 stays frame 0, nothing is late. soxr at its best quality (VHQ)."""

from __future__ import annotations

import numpy as np
import soxr

from smartmix.audio.buffer import Samples, check_sample_rate, check_samples

_QUALITY = "VHQ"


def resampled_frames(frames: int, from_hz: int, to_hz: int) -> int:
    """Length after a change of rate: frames * to / from to the nearest frame, a half upwards, exactly."""
    return (2 * frames * to_hz + from_hz) // (2 * from_hz)


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """Samples (channels, frames) at another rate, without delay, ``resampled_frames`` long."""
    resampler = StreamResampler(from_hz, to_hz, check_samples(samples).shape[0])
    return np.concatenate((resampler.push(samples), resampler.finish()), axis=1)


class StreamResampler:
    """Resample a signal in pieces; any cut into pieces gives the same samples as ``resample`` of the whole.

    ``push`` returns what is ready (it may be nothing: the filter looks ahead), ``finish`` the rest.
    """

    def __init__(self, from_hz: int, to_hz: int, channels: int) -> None:
        check_sample_rate(from_hz)
        check_sample_rate(to_hz)
        self.from_hz = from_hz
        self.to_hz = to_hz
        self.channels = channels
        self._taken = 0
        self._given = 0
        self._stream: soxr.ResampleStream | None = None
        if from_hz != to_hz:
            self._stream = soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32", quality=_QUALITY)

    def push(self, samples: Samples) -> Samples:
        """Take the next input (channels, frames) and return the output that is ready."""
        block = check_samples(samples)
        self._taken += block.shape[1]
        return self._give(self._convert(block, last=False))

    def finish(self) -> Samples:
        """End the input and return the rest, so that the whole has exactly ``resampled_frames`` frames."""
        rest = self._give(self._convert(np.zeros((self.channels, 0), np.float32), last=True))
        missing = resampled_frames(self._taken, self.from_hz, self.to_hz) - self._given
        return np.pad(rest, ((0, 0), (0, missing))) if missing > 0 else rest

    def _convert(self, block: Samples, *, last: bool) -> Samples:
        if self._stream is None:
            return block.copy()
        out = self._stream.resample_chunk(np.ascontiguousarray(block.T), last=last)
        return np.ascontiguousarray(out.T, dtype=np.float32)

    def _give(self, out: Samples) -> Samples:
        room = resampled_frames(self._taken, self.from_hz, self.to_hz) - self._given
        kept = out[:, : max(room, 0)]
        self._given += kept.shape[1]
        return kept
