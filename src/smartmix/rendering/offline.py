"""Render a mix from its files, a block at a time: memory grows with the tracks, not with the song."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from smartmix.audio import io
from smartmix.audio.buffer import Audio, Samples
from smartmix.audio.wav import WavWriter
from smartmix.automation.compile import compile_plan
from smartmix.errors import AudioShapeError, SessionError
from smartmix.rendering.graph import NativeRun
from smartmix.session.source import source_info, stream_placed_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartmix.automation.events import CompiledMix
    from smartmix.plan.mixplan import MixPlan
    from smartmix.progress import Progress
    from smartmix.session.session import Session, Track

BLOCK_FRAMES = io.DEFAULT_BLOCK_FRAMES


def stream(
    session: Session,
    plan: MixPlan,
    *,
    scale: float = 1.0,
    solo_move: str | None = None,
    block_frames: int = BLOCK_FRAMES,
    progress: Progress | None = None,
) -> Iterator[Samples]:
    """The mix as blocks (2, block_frames) float32 at the session's rate, ``session.frames`` in all.

    Tracks are read in step, each from its offset on, resampled where its file has another rate. With no
    move in force, or ``scale`` 0, the mix is the exact sum of the tracks (at the session's own gains),
    rounded once. ``scale`` and ``solo_move`` are those of ``compile_plan``. Any ``block_frames`` gives the
    same samples. Errors: PlanError, AudioError (also for a track of more than two channels), SessionError
    when nothing sounds.
    """
    compiled = compile_plan(session, plan, scale=scale, solo_move=solo_move)
    return _stream(session, compiled, block_frames, progress)


def stream_track(
    session: Session,
    plan: MixPlan,
    track_id: str,
    *,
    scale: float = 1.0,
    solo_move: str | None = None,
    block_frames: int = BLOCK_FRAMES,
    progress: Progress | None = None,
) -> Iterator[Samples]:
    """What one track brings to the mix, after EQ, fader and pan: blocks as ``stream`` gives them."""
    compiled = compile_plan(session, plan, scale=scale, solo_move=solo_move).only(track_id)
    return _stream(session, compiled, block_frames, progress)


def render(
    session: Session,
    plan: MixPlan,
    *,
    scale: float = 1.0,
    solo_move: str | None = None,
    progress: Progress | None = None,
) -> Audio:
    """The whole mix in memory; see ``stream``."""
    mix = np.zeros((2, session.frames), np.float32)
    at = 0
    for block in stream(session, plan, scale=scale, solo_move=solo_move, progress=progress):
        mix[:, at : at + block.shape[1]] = block
        at += block.shape[1]
    return Audio(mix, session.sample_rate)


def render_file(
    session: Session,
    plan: MixPlan,
    path: str | Path,
    *,
    force: bool = False,
    scale: float = 1.0,
    solo_move: str | None = None,
    progress: Progress | None = None,
) -> Path:
    """The mix as a 32-bit float WAV, streamed from disk to disk; the file appears when it is complete.

    Errors: those of ``stream``, OutputExistsError for an existing file without ``force``.
    """
    with WavWriter(path, session.sample_rate, 2, bits="32f", force=force) as writer:
        for block in stream(session, plan, scale=scale, solo_move=solo_move, progress=progress):
            writer.write(block)
    return writer.path


def _stream(
    session: Session, compiled: CompiledMix, block_frames: int, progress: Progress | None
) -> Iterator[Samples]:
    """Check everything that can be checked now; the blocks come from the generator."""
    tracks = [session.track(strip.track_id) for strip in compiled.strips]
    if not tracks:
        raise SessionError(f"session {session.name}: no track sounds (all are muted or there are none)")
    readers = [_TrackReader(track, session.sample_rate, block_frames) for track in tracks]
    run = NativeRun(compiled, session.sample_rate, [reader.channels for reader in readers])
    return _blocks(run, readers, session.frames, block_frames, progress)


def _blocks(
    run: NativeRun,
    readers: list[_TrackReader],
    total_frames: int,
    block_frames: int,
    progress: Progress | None,
) -> Iterator[Samples]:
    early = run.latency_frames  # what comes out before the first frame has got through
    for at in range(0, total_frames + early, block_frames):
        frames = min(block_frames, total_frames + early - at)
        mixed = run.process([reader.take(frames) for reader in readers])
        mixed = mixed[:, min(max(early - at, 0), frames) :]
        if mixed.shape[1]:
            yield mixed
        if progress is not None:
            progress("Rendering", (at + frames) / (total_frames + early))


class _TrackReader:
    """A track's blocks on the session's time line, one after the other."""

    def __init__(self, track: Track, sample_rate: int, block_frames: int) -> None:
        self.channels = source_info(track).channels
        if self.channels > 2:
            raise AudioShapeError(
                f"{track.path}: {self.channels} channels; a track has 1 or 2, split the file"
            )
        self._blocks = stream_placed_source(track, sample_rate=sample_rate, block_frames=block_frames)

    def take(self, frames: int) -> Samples:
        """The next block: silence after the track's end, nothing past the session's."""
        block = next(self._blocks, None)
        if block is not None and block.shape[1] == frames:
            return block
        fitted = np.zeros((self.channels, frames), np.float32)
        if block is not None:
            kept = block[:, :frames]
            fitted[:, : kept.shape[1]] = kept
        return fitted
