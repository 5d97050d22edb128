"""Where the tracks of a render come from: their files, the cache, chains of plugins in between."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from smartmix.rendering.carried import carry, either
from smartmix.rendering.chains import open_chain
from smartmix.rendering.inserts import InsertReader, runs_before
from smartmix.rendering.keys import is_before_fader, keys_left, track_key
from smartmix.rendering.reading import Reader, TrackReader
from smartmix.rendering.side_chains import KeyTracks

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartmix.audio.buffer import Samples
    from smartmix.automation.events import CompiledMix
    from smartmix.rendering.cache import RenderCache
    from smartmix.rendering.entry import EntryReader, EntryWriter
    from smartmix.session.session import Session


@dataclass(slots=True)
class Sources:
    """Where each strip's samples come from, and the mix as its strips then have to be set.

    A track from the cache is what it is before its fader, so its strip is neutral up to there; one that runs through a
    chain has its strip neutral up to the chain.
    """

    compiled: CompiledMix
    readers: list[Reader]
    cache: RenderCache | None = None
    writers: dict[int, tuple[str, EntryWriter]] = field(default_factory=dict)
    hits: list[EntryReader] = field(default_factory=list)
    inserts: dict[int, InsertReader] = field(default_factory=dict)
    keys: KeyTracks = field(init=False)
    """What the strips listen to."""

    @property
    def tail_frames(self) -> int:
        """How long a chain of a track is heard after the session's end."""
        return max((insert.tail_frames for insert in self.inserts.values()), default=0)

    @property
    def notices(self) -> tuple[str, ...]:
        """What the chains have to tell, each by its track."""
        return tuple(
            f"{self.compiled.strips[index].track_id}: {notice}"
            for index, insert in self.inserts.items()
            for notice in insert.chain.notices
        )

    def take(self, frames: int) -> tuple[list[Samples], list[Samples | None] | None]:
        """The next block of every strip, and room for what goes into the cache."""
        blocks = [reader.take(frames) for reader in self.readers]
        if not self.writers:
            return blocks, None
        taps: list[Samples | None] = [
            np.empty(block.shape, np.float32) if index in self.writers else None
            for index, block in enumerate(blocks)
        ]
        return blocks, taps

    def heard(self, blocks: list[Samples]) -> dict[str, Samples]:
        """What the strips listen to beside their next blocks, read once where a block is the track as it is read."""
        read = {
            strip.track_id: block
            for strip, reader, block in zip(self.compiled.strips, self.readers, blocks, strict=True)
            if isinstance(reader, TrackReader)
        }
        return self.keys.take(blocks[0].shape[1], read)

    def take_tail(self, frames: int) -> list[Samples]:
        """Past the session's end: what chains still give, silence of everything else."""
        return [
            self.inserts[index].take(frames)
            if index in self.inserts
            else np.zeros((reader.channels, frames), np.float32)
            for index, reader in enumerate(self.readers)
        ]

    def keep(self, taps: list[Samples | None] | None) -> None:
        """Pass on to the cache what the strips have filled in."""
        for index, block in enumerate(taps or ()):
            if block is not None:
                self.writers[index][1].push(block)

    def close(self) -> None:
        """End reading and writing; entries that are not whole, or whose chain failed, are not kept."""
        for reader in self.hits:
            reader.close()
        for index, (key, writer) in self.writers.items():
            if self.cache is not None:
                self.cache.settle(key, writer)
                if index in self.inserts and self.inserts[index].chain.troubles:
                    self.cache.drop(key)


def sources_of(
    session: Session, compiled: CompiledMix, block_frames: int, cache: RenderCache | None
) -> Sources:
    """Open every track, from the cache where it has it. Errors as ``TrackReader``, PlanError for a chain."""
    sources = Sources(compiled, [], cache)
    neutral: dict[int, Callable[[str], bool]] = {}
    try:
        for index in range(len(compiled.strips)):
            sources.readers.append(_reader(session, sources, index, block_frames, neutral))
    except BaseException:
        sources.close()
        raise
    sources.compiled = _neutral_before(compiled, neutral)
    sources.keys = KeyTracks(session, sources.compiled, sources.compiled.strips, block_frames)
    for strip, reader in zip(compiled.strips, sources.readers, strict=True):
        if isinstance(reader, TrackReader):
            sources.keys.read_by(strip.track_id)
    return sources


def _reader(
    session: Session,
    sources: Sources,
    index: int,
    block_frames: int,
    neutral: dict[int, Callable[[str], bool]],
) -> Reader:
    """The source of one strip; ``neutral`` notes what its strip no longer has to do."""
    compiled, cache = sources.compiled, sources.cache
    strip = compiled.strips[index]
    # A file that cannot be read is said, cache or not.
    reader: Reader = TrackReader(session.track(strip.track_id), strip, session, block_frames)
    key = "" if cache is None else track_key(session, compiled, index, cache.folder)
    if cache is not None and (hit := cache.open(key, session.frames, block_frames)) is not None:
        sources.hits.append(hit)
        neutral[index] = is_before_fader
        return hit
    if strip.chain:
        assert isinstance(reader, TrackReader)
        chain = open_chain(strip.chain, session.sample_rate, reader.channels, strip.track_id)
        carried = carry(chain, strip)
        reader = InsertReader(
            reader, session, compiled, index, chain=chain, carried=carried, block_frames=block_frames
        )
        sources.inserts[index] = reader
        neutral[index] = either(runs_before(chain), carried)
        if chain.tail_frames:
            return reader  # the cache ends where the session does
    if cache is not None and (writer := cache.writer(key, reader.channels, session.frames)) is not None:
        sources.writers[index] = key, writer
    return reader


def _neutral_before(compiled: CompiledMix, neutral: dict[int, Callable[[str], bool]]) -> CompiledMix:
    """The mix with some strips set to do nothing of what their source has done already."""
    strips, events = list(compiled.strips), compiled.events
    for index, done in neutral.items():
        static = {k: v for k, v in strips[index].static.items() if not done(k)}
        dynamics = strips[index].dynamics and done is not is_before_fader
        strips[index] = replace(keys_left(strips[index], done), static=static, dynamics=dynamics)
        events = events.without(done, strips=[index])
    return replace(compiled, strips=tuple(strips), events=events)
