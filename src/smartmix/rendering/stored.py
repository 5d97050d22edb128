"""Which tracks of a render come from the cache, and which go into it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from smartmix.rendering.keys import is_before_fader, track_key
from smartmix.rendering.reading import Reader, TrackReader

if TYPE_CHECKING:
    from smartmix.audio.buffer import Samples
    from smartmix.automation.events import CompiledMix
    from smartmix.rendering.cache import RenderCache
    from smartmix.rendering.entry import EntryReader, EntryWriter
    from smartmix.session.session import Session


@dataclass(slots=True)
class Sources:
    """Where each strip's samples come from, and the mix as its strips then have to be set.

    A track from the cache is what it is before its fader, so its strip is neutral up to there.
    """

    compiled: CompiledMix
    readers: list[Reader]
    cache: RenderCache | None = None
    writers: dict[int, tuple[str, EntryWriter]] = field(default_factory=dict)
    hits: list[EntryReader] = field(default_factory=list)

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

    def keep(self, taps: list[Samples | None] | None) -> None:
        """Pass on to the cache what the strips have filled in."""
        for index, block in enumerate(taps or ()):
            if block is not None:
                self.writers[index][1].push(block)

    def close(self) -> None:
        """End reading and writing; entries that are not whole are not kept."""
        for reader in self.hits:
            reader.close()
        for key, writer in self.writers.values():
            if self.cache is not None:
                self.cache.settle(key, writer)


def sources_of(
    session: Session, compiled: CompiledMix, block_frames: int, cache: RenderCache | None
) -> Sources:
    """Open every track, from the cache where it has it. Errors as ``TrackReader``."""
    readers: list[Reader] = []
    sources = Sources(compiled, readers, cache)
    cached: list[int] = []
    try:
        for index, strip in enumerate(compiled.strips):
            # A file that cannot be read is said, cache or not.
            reader: Reader = TrackReader(session.track(strip.track_id), strip, session, block_frames)
            if cache is not None:
                key = track_key(session, compiled, index, cache.folder)
                hit = cache.open(key, session.frames, block_frames)
                if hit is not None:
                    reader = hit
                    sources.hits.append(hit)
                    cached.append(index)
                elif (writer := cache.writer(key, reader.channels, session.frames)) is not None:
                    sources.writers[index] = key, writer
            readers.append(reader)
    except BaseException:
        sources.close()
        raise
    sources.compiled = _neutral_before_fader(compiled, cached)
    return sources


def _neutral_before_fader(compiled: CompiledMix, cached: list[int]) -> CompiledMix:
    strips = list(compiled.strips)
    for index in cached:
        static = {k: v for k, v in strips[index].static.items() if not is_before_fader(k)}
        strips[index] = replace(strips[index], static=static, dynamics=False)
    return replace(
        compiled, strips=tuple(strips), events=compiled.events.without(is_before_fader, strips=cached)
    )
