"""Render a mix from its files, a block at a time: memory grows with the tracks, not with the song.

With a send in force, or a plugin that rings on, the mix is longer than the session by that tail: the tracks end where
the session ends, the reverb rings on.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from smartmix.audio import io
from smartmix.audio.buffer import Audio, Samples
from smartmix.audio.wav import WavWriter
from smartmix.automation.compile import compile_plan
from smartmix.errors import PlanError, SessionError
from smartmix.rendering.entry import DamagedEntryError
from smartmix.rendering.graph import NativeRun
from smartmix.rendering.stored import Sources, sources_of
from smartmix.session.routing import bus_members

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smartmix.automation.events import CompiledMix
    from smartmix.plan.mixplan import MixPlan
    from smartmix.progress import Progress
    from smartmix.rendering.cache import RenderCache
    from smartmix.session.session import Session

BLOCK_FRAMES = io.DEFAULT_BLOCK_FRAMES
TAIL_STEP_S = 0.1
"""House: the length a mix has past the session's end is a whole number of these."""


def stream(
    session: Session,
    plan: MixPlan,
    *,
    scale: float = 1.0,
    solo_move: str | None = None,
    block_frames: int = BLOCK_FRAMES,
    progress: Progress | None = None,
    cache: RenderCache | None = None,
    notices: list[str] | None = None,
) -> Iterator[Samples]:
    """The mix as blocks (2, block_frames) float32 at the session's rate, ``mix_frames`` in all.

    Tracks are read in step, each from its offset on, resampled where its file has another rate. With no
    move in force, or ``scale`` 0, the mix is the exact sum of the tracks (at the session's own gains),
    rounded once. ``scale`` and ``solo_move`` are those of ``compile_plan``. Any ``block_frames`` gives the
    same samples, and so does a ``cache``, which keeps tracks as they are before their fader. ``notices`` is given what
    plugins of chains did (missing, failed and bypassed) when the mix has ended. Errors: PlanError (also for a chain
    that cannot be used), AudioError (also for a track of more than two channels), SessionError when nothing sounds.
    """
    compiled = compile_plan(session, plan, scale=scale, solo_move=solo_move)
    return _stream(session, compiled, block_frames, progress, cache, notices=notices)


def stream_track(
    session: Session,
    plan: MixPlan,
    track_id: str,
    *,
    scale: float = 1.0,
    solo_move: str | None = None,
    with_returns: bool = False,
    block_frames: int = BLOCK_FRAMES,
    progress: Progress | None = None,
) -> Iterator[Samples]:
    """What one track brings to the mix, after its compressor, fader and pan: blocks as ``stream`` gives them.

    ``with_returns`` adds what its own sends bring back.
    """
    compiled = compile_plan(session, plan, scale=scale, solo_move=solo_move).only(track_id)
    return _stream(session, compiled if with_returns else compiled.without_returns(), block_frames, progress)


def stream_tracks(
    session: Session,
    plan: MixPlan,
    track_ids: Sequence[str],
    *,
    with_returns: bool = True,
    block_frames: int = BLOCK_FRAMES,
    progress: Progress | None = None,
) -> Iterator[Samples]:
    """What some tracks bring to the mix together, with what their own sends bring back (``with_returns``), behind the
    EQs of buses and the mix but without chains of either. Such shares of a mix without chains add up to it. PlanError
    for a track that does not sound.
    """
    compiled = compile_plan(session, plan).share(*track_ids)
    return _stream(session, compiled if with_returns else compiled.without_sends(), block_frames, progress)


def stream_before_fader(
    session: Session,
    plan: MixPlan,
    track_id: str,
    *,
    block_frames: int = BLOCK_FRAMES,
    progress: Progress | None = None,
) -> Iterator[Samples]:
    """A track as it comes to its fader: chain, EQ, dynamics and width done; fader, pan and sends not yet.

    Blocks as ``stream`` gives them; a mono track has the same samples on both sides.
    """
    only = compile_plan(session, plan).only(track_id).without_returns()

    def is_after(name: str) -> bool:
        return name.startswith(("fader.", "pan."))

    strips = tuple(
        replace(s, static={k: v for k, v in s.static.items() if not is_after(k)}) for s in only.strips
    )
    bare = replace(only, strips=strips, events=only.events.without(is_after))
    return _stream(session, bare, block_frames, progress)


def stream_bus(
    session: Session,
    plan: MixPlan,
    bus_id: str,
    *,
    scale: float = 1.0,
    solo_move: str | None = None,
    block_frames: int = BLOCK_FRAMES,
    progress: Progress | None = None,
) -> Iterator[Samples]:
    """What the tracks of a bus bring to the mix together, behind its EQ, without chain and returns; PlanError for a bus
    there is not.
    """
    if all(bus.id != bus_id for bus in session.buses):
        known = ", ".join(bus.id for bus in session.buses) or "none"
        raise PlanError(f"there is no bus {bus_id!r}; buses: {known}")
    members = bus_members(session, bus_id)
    names = [track.id for track in session.audible_tracks if track.id in members]
    whole = compile_plan(session, plan, scale=scale, solo_move=solo_move)
    own = tuple(replace(bus, chain="") for bus in whole.buses if bus.bus_id == bus_id and bus.eq is not None)
    compiled = replace(whole.only(*names), buses=own)
    return _stream(session, compiled.without_returns(), block_frames, progress)


def stream_return(
    session: Session,
    plan: MixPlan,
    return_id: str,
    *,
    scale: float = 1.0,
    solo_move: str | None = None,
    behind_mix: bool = True,
    block_frames: int = BLOCK_FRAMES,
    progress: Progress | None = None,
) -> Iterator[Samples]:
    """What one return brings to the mix, behind its fader, tail included; PlanError when nothing is sent to it.

    ``behind_mix``: behind the EQ of the mix too; without it what comes to that, for a mixer that has it on its master.
    """
    compiled = compile_plan(session, plan, scale=scale, solo_move=solo_move).only_return(return_id)
    if not behind_mix:
        compiled = replace(compiled, mix_eq=None, mix_chain="")
    return _stream(session, compiled, block_frames, progress)


def mix_frames(session: Session, plan: MixPlan, *, scale: float = 1.0, solo_move: str | None = None) -> int:
    """Length of the mix in frames: the session's, and the tail of returns and plugins as well."""
    compiled = compile_plan(session, plan, scale=scale, solo_move=solo_move)
    if any(strip.chain for strip in compiled.strips):
        sources = sources_of(session, compiled, BLOCK_FRAMES, None)
        tracks_tail = sources.tail_frames
        sources.close()
    else:
        tracks_tail = 0
    run = NativeRun(compiled, session.sample_rate, [2] * len(compiled.strips))
    return session.frames + _rounded_tail(tracks_tail + run.tail_frames, session)


def render(
    session: Session,
    plan: MixPlan,
    *,
    scale: float = 1.0,
    solo_move: str | None = None,
    progress: Progress | None = None,
    cache: RenderCache | None = None,
) -> Audio:
    """The whole mix in memory; see ``stream``."""
    options: dict[str, Any] = {"scale": scale, "solo_move": solo_move}
    blocks = stream(session, plan, **options, progress=progress, cache=cache)
    return Audio(np.concatenate(list(blocks), axis=1), session.sample_rate)


def render_file(  # noqa: PLR0913 (one per option)
    session: Session,
    plan: MixPlan,
    path: str | Path,
    *,
    force: bool = False,
    scale: float = 1.0,
    solo_move: str | None = None,
    progress: Progress | None = None,
    cache: RenderCache | None = None,
    notices: list[str] | None = None,
) -> Path:
    """The mix as a 32-bit float WAV, streamed from disk to disk; the file appears when it is complete.

    ``notices`` as for ``stream``. Errors: those of ``stream``, OutputExistsError for a file that is there already
    without ``force``.
    """
    with WavWriter(path, session.sample_rate, 2, bits="32f", force=force) as writer:
        blocks = stream(
            session,
            plan,
            scale=scale,
            solo_move=solo_move,
            progress=progress,
            cache=cache,
            notices=notices,
        )
        for block in blocks:
            writer.write(block)
    return writer.path


def _stream(
    session: Session,
    compiled: CompiledMix,
    block_frames: int,
    progress: Progress | None,
    cache: RenderCache | None = None,
    *,
    notices: list[str] | None = None,
) -> Iterator[Samples]:
    """Check everything that can be checked now; the blocks come from the generator."""
    if not compiled.strips:
        raise SessionError(f"session {session.name}: no track sounds (all are muted or there are none)")
    sources = sources_of(session, compiled, block_frames, cache)
    return _repaired(session, compiled, sources, block_frames, progress, notices=notices)


def _repaired(
    session: Session,
    compiled: CompiledMix,
    sources: Sources,
    block_frames: int,
    progress: Progress | None,
    *,
    notices: list[str] | None,
) -> Iterator[Samples]:
    """The blocks; when a cache entry turns out to be damaged, the rest again without it: it gives the same samples."""
    given = 0
    while True:
        at = 0
        try:
            for block in _blocks(session, sources, block_frames, progress, notices):
                at += block.shape[1]
                if at > given:
                    given = at
                    yield block
        except DamagedEntryError as damaged:
            key = damaged.key
        else:
            return
        finally:
            sources.close()
        if sources.cache is not None:
            sources.cache.drop(key)
        sources = sources_of(session, compiled, block_frames, sources.cache)


def _blocks(
    session: Session,
    sources: Sources,
    block_frames: int,
    progress: Progress | None,
    notices: list[str] | None,
) -> Iterator[Samples]:
    channels = [reader.channels for reader in sources.readers]
    run = NativeRun(sources.compiled, session.sample_rate, channels, sources.keys.channels)
    tracks = session.frames + sources.tail_frames
    total = session.frames + _rounded_tail(sources.tail_frames + run.tail_frames, session)
    pieces = _pieces(run, sources, (session.frames, tracks, total + run.latency_frames), block_frames)
    # What comes out before the first frame has got through is left out, and what comes after the last.
    longer = total > session.frames or run.latency_frames
    blocks = (
        io.reblock(pieces, block_frames, run.latency_frames, total + run.latency_frames) if longer else pieces
    )
    at = 0
    for block in blocks:
        at += block.shape[1]
        yield block
        if progress is not None:
            progress("Rendering", at / total)
    if notices is not None:
        notices += [*sources.notices, *run.notices]


def _pieces(
    run: NativeRun, sources: Sources, ends: tuple[int, int, int], block_frames: int
) -> Iterator[Samples]:
    """The tracks to the session's end, what their chains still give, then what rings on."""
    session_end, tracks_end, total = ends
    for at in range(0, session_end, block_frames):
        blocks, taps = sources.take(min(block_frames, session_end - at))
        mixed = run.process(blocks, taps, sources.heard(blocks))
        sources.keep(taps)
        yield mixed
    for at in range(session_end, tracks_end, block_frames):
        yield run.process(sources.take_tail(min(block_frames, tracks_end - at)))
    for at in range(tracks_end, total, block_frames):
        yield run.ring_out(min(block_frames, total - at))


def _rounded_tail(tail_frames: int, session: Session) -> int:
    """Frames past the session's end."""
    step = round(TAIL_STEP_S * session.sample_rate)
    return -(-tail_frames // step) * step
