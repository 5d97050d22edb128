"""A track that runs through a chain of plugins on its way to its strip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smartmix.rendering.keys import is_before_fader, keys_left
from smartmix.rendering.side_chains import KeyedBank, KeyTracks

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartmix.audio.buffer import Samples
    from smartmix.automation.events import CompiledMix
    from smartmix.rendering.chains import OpenChain
    from smartmix.rendering.reading import TrackReader
    from smartmix.session.session import Session


def is_trim(parameter_id: str) -> bool:
    """Whether a strip parameter comes before everything else."""
    return parameter_id.startswith("trim.")


def runs_before(chain: OpenChain) -> Callable[[str], bool]:
    """Which parameters of a strip act before its chain.

    A chain that carries out EQ moves stands first, behind the trim, as an EQ does in a strip; any other last, in front
    of the fader.
    """
    return is_trim if chain.chain.carriers("eq") else is_before_fader


def strip_before(
    session: Session,
    compiled: CompiledMix,
    index: int,
    channels: int,
    before: Callable[[str], bool],
    *,
    block_frames: int,
) -> Callable[[Samples], Samples]:
    """The part of a strip whose parameters ``before`` names, in blocks of ``block_frames``; the last may be shorter."""
    strip = keys_left(compiled.strips[index], lambda name: not before(name))
    tracks = KeyTracks(session, compiled, [strip], block_frames)
    keyed = KeyedBank([strip], [channels], tracks.channels, session.sample_rate)
    bank = keyed.bank
    for name, value in strip.static.items():
        if before(name):
            bank.set(0, name, value)
    events = compiled.events.of_strips([index]).without(lambda name: not before(name))
    cursor = events.cursor(np.asarray([bank.parameter_index(n) for n in events.parameter_ids], np.int32))

    def process(block: Samples) -> Samples:
        out = np.empty(block.shape, np.float32)
        frames = block.shape[1]
        heard = keyed.keys(tracks.take(frames), frames)
        bank.process([block], *cursor.take(frames), before_fader=[out], keys=heard)
        return out

    return process


class InsertReader:
    """A track behind the part of its strip that comes before the chain, and behind the chain.

    What the chain has ``carried`` out is left to it. It reads as far ahead as the chain lags: the track stays in
    time with all others, at any block length.
    """

    def __init__(
        self,
        reader: TrackReader,
        session: Session,
        compiled: CompiledMix,
        index: int,
        *,
        chain: OpenChain,
        carried: Callable[[str], bool],
        block_frames: int,
    ) -> None:
        self.chain = chain
        self.channels = reader.channels
        self._reader = reader
        self._block_frames = block_frames
        before = runs_before(chain)
        self._before = strip_before(
            session,
            compiled,
            index,
            self.channels,
            lambda name: before(name) and not carried(name),
            block_frames=block_frames,
        )
        self._ready: Samples = np.zeros((self.channels, 0), np.float32)
        self._late: int | None = None

    @property
    def tail_frames(self) -> int:
        """How long the chain is heard after the track's end."""
        return self.chain.tail_frames

    def take(self, frames: int) -> Samples:
        """The next block, in time; past the session's end what the chain still gives."""
        while self._ready.shape[1] < frames:
            made = self.chain.process(self._next())
            if self._late is None:
                self._late = self.chain.latency_frames
            drop = min(self._late, made.shape[1])
            self._late -= drop
            self._ready = np.concatenate([self._ready, made[:, drop:]], axis=1)
        given, self._ready = self._ready[:, :frames], self._ready[:, frames:]
        return np.ascontiguousarray(given)

    def _next(self) -> Samples:
        return self._before(self._reader.take(self._block_frames))
