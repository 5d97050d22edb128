"""Chains of plugins in a mix: opened from their files, streamed without delay, and what they want told."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.audio.buffer import Samples
from smartmix.errors import PlanError, PluginError, SmartmixError
from smartmix.parameter import Breakpoint

if TYPE_CHECKING:
    from smartmix.rack.file_chain import FileChain

LONGEST_TAIL_S = 10.0
"""House: a plugin that rings on for longer, or says it never ends, is faded by the end of the mix."""


@dataclass(slots=True)
class OpenChain:
    """A chain that a stream runs through: what goes in comes out ``latency_frames`` later."""

    chain: FileChain
    sample_rate: int
    automation: dict[str, tuple[Breakpoint, ...]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    """What it carries out of the moves, and what it cannot."""
    _begun: bool = False

    @property
    def latency_frames(self) -> int:
        """By how many frames the stream lags."""
        return self.chain.stream_latency_frames

    @property
    def tail_frames(self) -> int:
        """How long it is heard after its input has ended."""
        tail = self.chain.tail_frames
        most = round(LONGEST_TAIL_S * self.sample_rate)
        return most if tail < 0 else min(tail, most)

    def process(self, samples: Samples) -> Samples:
        """The next block, as long as it came."""
        automation, self._begun = {} if self._begun else self.automation, True
        return self.chain.process(samples, self.sample_rate, reset=False, automation=automation)

    @property
    def notices(self) -> tuple[str, ...]:
        """What a person should know."""
        return (*self.said, *self.troubles)

    @property
    def troubles(self) -> tuple[str, ...]:
        """A plugin that is missing, one that failed and was bypassed."""
        return (*self.chain.remarks, *self.chain.incident_texts())


def open_chain(file: str, sample_rate: int, channels: int, owner: str) -> OpenChain:
    """The chain of a track, bus or the mix (``owner``); PlanError that names it where the file cannot be used."""
    from smartmix.rack.chain_file import load_chain

    try:
        chain = load_chain(file, sample_rate, channels)
    except SmartmixError as error:
        raise PlanError(f"chain of {owner}: {error}") from None
    lanes = {name: tuple(Breakpoint(*point) for point in points) for name, points in chain.lanes.items()}
    return OpenChain(chain, sample_rate, lanes)


def chain_digest(file: str) -> str:
    """What a chain's sound depends on: its file, the states it names, and the plugins that are installed."""
    from importlib.metadata import version

    from smartmix.rack.chain_file import read_chain_file
    from smartmix.rack.file_chain import all_entries
    from smartmix.rack.places import find_files, library_of

    told = read_chain_file(file)
    parts: list[object] = [version("pedalboard"), Path(file).read_bytes().hex()]
    entries = list(all_entries(told.devices))
    parts += [e.state.read_bytes().hex() for e in entries if e.state is not None and e.state.exists()]
    if any(entry.kind == "vst3" for entry in entries):
        named = [Path(e.path).expanduser() for e in entries if e.path]
        for plugin in (*find_files(), *(Path(file).parent / each for each in named)):
            with contextlib.suppress(PluginError, OSError):
                info = library_of(plugin).stat()
                parts.append([str(plugin), info.st_size, info.st_mtime_ns])
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
