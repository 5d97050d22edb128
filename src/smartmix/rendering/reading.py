"""A track as its strip hears it: on the session's time line, shifted and with its polarity, block by block."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from smartmix.audio.buffer import Samples
from smartmix.errors import AudioShapeError, PlanError
from smartmix.session.source import source_info, stream_placed_source

if TYPE_CHECKING:
    from smartmix.automation.events import StripSettings
    from smartmix.session.session import Session, Track

_FLIPPED = {"normal": (), "inverted": (0, 1), "left_inverted": (0,), "right_inverted": (1,)}
"""Sides that change their sign, by polarity."""


class Reader(Protocol):
    """Where a strip's samples come from."""

    channels: int

    def take(self, frames: int) -> Samples:
        """The next block (channels, frames)."""
        ...


class TrackReader:
    """A track's blocks on the session's time line, one after the other.

    A polarity only changes signs and a shift only moves whole frames, so both are exact. AudioShapeError for a track
    of more than two channels, PlanError for one side of a mono track.
    """

    def __init__(self, track: Track, strip: StripSettings, session: Session, block_frames: int) -> None:
        self.channels = source_info(track).channels
        if self.channels > 2:
            raise AudioShapeError(
                f"{track.path}: {self.channels} channels; a track has 1 or 2, split the file"
            )
        if self.channels == 1 and strip.polarity in ("left_inverted", "right_inverted"):
            raise PlanError(
                f"{track.id}/input/polarity = {strip.polarity!r}: the track is mono; expected normal or inverted"
            )
        self._flipped = [side for side in _FLIPPED[strip.polarity] if side < self.channels]
        placed = replace(track, offset_frames=track.offset_frames + strip.shift_frames)
        self._blocks = stream_placed_source(
            placed, sample_rate=session.sample_rate, block_frames=block_frames
        )

    def take(self, frames: int) -> Samples:
        """The next block: silence after the track's end, nothing past the session's."""
        block = next(self._blocks, None)
        if block is None or block.shape[1] != frames:
            fitted = np.zeros((self.channels, frames), np.float32)
            if block is not None:
                kept = block[:, :frames]
                fitted[:, : kept.shape[1]] = kept
            block = fitted
        for side in self._flipped:
            np.negative(block[side], out=block[side])
        return block
