"""The samples of a track, wherever they come from: one file, or a pair of mono files that are its two sides.

Everything that listens to a track reads it here and nowhere else.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from smartmix.audio import io
from smartmix.audio.buffer import Samples
from smartmix.errors import AudioError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from smartmix.session.session import Track


def source_info(track: Track) -> io.AudioInfo:
    """Format of a track as it is played: its sample rate (Hz) is the track's, which may correct a header that is
    wrong; a pair counts as stereo, as long as its longer side. AudioError as ``io.probe``.
    """
    infos = [io.probe(path) for path in _paths(track)]
    frames = max(info.frames for info in infos)
    channels = 2 if len(infos) == 2 else infos[0].channels
    return replace(infos[0], sample_rate=_rate(track, infos[0]), channels=channels, frames=frames)


def stream_source(
    track: Track,
    *,
    sample_rate: int,
    block_frames: int = io.DEFAULT_BLOCK_FRAMES,
    start_frame: int = 0,
    frames: int | None = None,
) -> Iterator[Samples]:
    """A track's own samples from its first frame on, as ``io.stream`` gives them, at ``sample_rate`` (Hz)."""

    def side(path: Path) -> Iterator[Samples]:
        return io.stream(
            path,
            sample_rate=sample_rate,
            block_frames=block_frames,
            start_frame=start_frame,
            frames=frames,
            played_at_hz=_rate(track, io.probe(path)),
        )

    sides = [side(path) for path in _paths(track)]
    return sides[0] if len(sides) == 1 else _paired(*sides)


def stream_placed_source(
    track: Track, *, sample_rate: int, block_frames: int = io.DEFAULT_BLOCK_FRAMES
) -> Iterator[Samples]:
    """A track on the session's time line (``sample_rate`` Hz), its own start at ``track.offset_frames``: silence
    comes before a late track, what lies before frame 0 is left out.
    """
    blocks = stream_source(
        track,
        sample_rate=sample_rate,
        block_frames=block_frames,
        start_frame=max(-track.offset_frames, 0),
    )
    late = max(track.offset_frames, 0)
    return io.after_silence(blocks, late, source_info(track).channels, block_frames) if late else blocks


def source_excerpts(track: Track, starts: Sequence[int], frames: int) -> Samples:
    """Short parts of a track (parts, channels, frames), counted from its own first frame at the rate it is played at;
    silence where a part lies outside. For a first listen: nothing is resampled. AudioError as ``io.stream``.
    """
    sides = [io.read_excerpts(path, starts, frames) for path in _paths(track)]
    return sides[0] if len(sides) == 1 else np.concatenate([side[:, :1] for side in sides], axis=1)


def _paths(track: Track) -> tuple[Path, ...]:
    return (track.path,) if track.right_path is None else (track.path, track.right_path)


def _rate(track: Track, info: io.AudioInfo) -> int:
    return track.sample_rate or info.sample_rate


def _paired(left: Iterator[Samples], right: Iterator[Samples]) -> Iterator[Samples]:
    """Two mono streams as the sides of one; the shorter one ends in silence."""
    for a, b in zip_longest(left, right):
        blocks = [block for block in (a, b) if block is not None]
        if any(block.shape[0] != 1 for block in blocks):
            raise AudioError(
                f"a left/right pair needs two mono files, got {blocks[0].shape[0]} channels in one"
            )
        paired = np.zeros((2, max(block.shape[1] for block in blocks)), np.float32)
        for side, block in enumerate((a, b)):
            if block is not None:
                paired[side, : block.shape[1]] = block[0]
        yield paired
