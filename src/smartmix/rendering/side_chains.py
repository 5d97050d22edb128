"""What dynamics of a strip listen to in place of it: other tracks as they are read, behind their trims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smartmix import _core
from smartmix.rendering.reading import TrackReader
from smartmix.rendering.threads import thread_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from smartmix.audio.buffer import Samples
    from smartmix.automation.events import CompiledMix, StripSettings
    from smartmix.session.session import Session


class KeyTracks:
    """The tracks that some strips listen to, block by block, each read once.

    A key is what a track is before its EQ, so it waits for no strip, and one that is heard alone or runs through a
    chain hears the same.
    """

    def __init__(
        self, session: Session, compiled: CompiledMix, strips: Iterable[StripSettings], block_frames: int
    ) -> None:
        wanted = {key for strip in strips for key in strip.keys.values()}
        self._session, self._block_frames = session, block_frames
        self._settings = {strip.track_id: strip for strip in compiled.keys if strip.track_id in wanted}
        self._readers: dict[str, TrackReader] = {}
        self._trims: dict[str, _Trim] = {}
        self.channels: dict[str, int] = {}
        for index, strip in enumerate(compiled.keys):
            if strip.track_id not in wanted:
                continue
            self.channels[strip.track_id] = self._reader(strip.track_id).channels
            if strip.static or np.any(compiled.key_events.strips == index):
                self._trims[strip.track_id] = _Trim(
                    compiled, index, self.channels[strip.track_id], session.sample_rate
                )

    def read_by(self, track_id: str) -> None:
        """``take`` will be given the blocks of this track, which somebody reads anyway."""
        self._readers.pop(track_id, None)

    def take(self, frames: int, read: Mapping[str, Samples] | None = None) -> dict[str, Samples]:
        """The next block of each key by track id; ``read``: blocks of tracks that have been read already."""
        blocks = {}
        for name in self.channels:
            reader = self._readers.get(name)
            block = reader.take(frames) if reader is not None else (read or {})[name]
            trim = self._trims.get(name)
            blocks[name] = block if trim is None else trim.process(block)
        return blocks

    def _reader(self, track_id: str) -> TrackReader:
        settings = self._settings[track_id]
        reader = TrackReader(self._session.track(track_id), settings, self._session, self._block_frames)
        self._readers[track_id] = reader
        return reader


class _Trim:
    """The trim of a track, as its strip has it."""

    def __init__(self, compiled: CompiledMix, index: int, channels: int, sample_rate: int) -> None:
        self._bank = _core.StripBank(float(sample_rate), [channels])
        for name, value in compiled.keys[index].static.items():
            self._bank.set(0, name, value)
        events = compiled.key_events.of_strips([index])
        ids = [self._bank.parameter_index(name) for name in events.parameter_ids]
        self._events = events.cursor(np.asarray(ids, np.int32))

    def process(self, block: Samples) -> Samples:
        trimmed = np.empty(block.shape, np.float32)
        self._bank.process([block], *self._events.take(block.shape[1]), before_fader=[trimmed])
        return trimmed


class KeyedBank:
    """A strip bank for some strips, and which keys it wants to be given in which order."""

    def __init__(
        self,
        strips: Sequence[StripSettings],
        channels: Sequence[int],
        key_channels: Mapping[str, int],
        sample_rate: int,
        sends: int = 0,
    ) -> None:
        self._keys = list(dict.fromkeys(key for strip in strips for key in strip.keys.values()))
        self._channels = [key_channels.get(name, 2) for name in self._keys]
        self.bank = _core.StripBank(
            float(sample_rate),
            list(channels),
            [strip.dynamics for strip in strips],
            sends,
            threads=thread_count(),
            keys=self._channels,
            listeners={
                (index, part): self._keys.index(key)
                for index, strip in enumerate(strips)
                for part, key in strip.keys.items()
            },
        )

    def keys(self, given: Mapping[str, Samples] | None, frames: int) -> list[Samples]:
        """The blocks of the keys for ``bank.process``; silence where nothing is given: past the session's end."""
        if given is None:
            return [np.zeros((channels, frames), np.float32) for channels in self._channels]
        return [given[name] for name in self._keys]
