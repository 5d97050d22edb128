"""The signal path of a mix: every audible track through a native strip to the main bus, by its bus's chain if that has
one, and by its sends through the effect returns; the whole mix through its own chain.

Buses without a chain are plain sums, so their gains are folded into the faders of what they carry (see
``session.routing.bus_gain_db``). What is later than the rest makes the rest wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smartmix.rendering.chains import OpenChain, open_chain
from smartmix.rendering.returns import Delay, ReturnRun
from smartmix.rendering.side_chains import KeyedBank

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from smartmix.audio.buffer import Samples
    from smartmix.automation.events import CompiledMix

Taps = list["Samples | None"]


class NativeRun:
    """Native strips, set as compiled, that take the tracks block by block and give the main bus (2, frames).

    ``channels`` (1 or 2) is per strip, ``key_channels`` those of the tracks that strips listen to, by id. The output is
    ``latency_frames`` late; after the tracks' end the returns and the chains are heard for ``tail_frames`` more.
    PlanError for a chain that cannot be opened.
    """

    def __init__(
        self,
        compiled: CompiledMix,
        sample_rate: int,
        channels: Sequence[int],
        key_channels: Mapping[str, int] | None = None,
    ) -> None:
        sends = len(compiled.returns)
        self._parts = _parts(compiled, sample_rate, channels, key_channels or {}, sends)
        self._rows = 2 + 2 * sends
        self._mix_chain = (
            open_chain(compiled.mix_chain, sample_rate, 2, "the mix") if compiled.mix_chain else None
        )
        late = max(part.latency_frames for part in self._parts)
        self._waits = [Delay(late - part.latency_frames, np.float64, self._rows) for part in self._parts]
        self.latency_frames = late
        self.tail_frames = max(part.tail_frames for part in self._parts)
        self._returns: ReturnRun | None = None
        self._solo = compiled.heard is not None
        if compiled.returns:
            self._returns = ReturnRun(
                compiled.returns, compiled.return_events, sample_rate, heard=compiled.heard
            )
            self._main_wait = Delay(self._returns.latency_frames, np.float64)
            self.latency_frames += self._returns.latency_frames
            self.tail_frames = max(self.tail_frames, self._returns.tail_frames)
        if self._mix_chain is not None:
            self.latency_frames += self._mix_chain.latency_frames
            self.tail_frames += self._mix_chain.tail_frames

    @property
    def notices(self) -> tuple[str, ...]:
        """What the chains of buses and the mix have to tell."""
        mix = () if self._mix_chain is None else [f"mix: {n}" for n in self._mix_chain.notices]
        return (*(notice for part in self._parts for notice in part.notices), *mix)

    def process(
        self,
        inputs: list[Samples],
        before_fader: Taps | None = None,
        keys: Mapping[str, Samples] | None = None,
    ) -> Samples:
        """The next block: one array (channels, frames) per strip, all of one length, to (2, frames).

        Arrays in ``before_fader`` (per strip, or None) are filled with what the strip has behind its compressor.
        ``keys``: the same block of the tracks that strips listen to; silent without.
        """
        if self._is_plain:
            mixed: Samples = self._parts[0].rounded(inputs, before_fader, keys)
            return mixed
        return self._joined([part.process(inputs, before_fader, keys) for part in self._parts])

    def ring_out(self, frames: int) -> Samples:
        """What is still heard ``frames`` frames further, after the tracks' last block: returns and chains."""
        return self._joined([part.ring_out(np.zeros((self._rows, frames))) for part in self._parts])

    @property
    def _is_plain(self) -> bool:
        """Whether one bank gives the whole mix, rounded once."""
        alone = len(self._parts) == 1 and self._parts[0].chain is None
        return alone and self._returns is None and self._mix_chain is None

    def _joined(self, sums: list[NDArray[np.float64]]) -> Samples:
        """Parts and returns, added in double and rounded once; then the chain of the mix."""
        total, *others = [wait.process(part) for wait, part in zip(self._waits, sums, strict=True)]
        for part in others:
            total = total + part
        if self._returns is None:
            mixed = total.astype(np.float32)
        else:
            back = self._returns.process([total[first : first + 2] for first in range(2, self._rows, 2)])
            main = back if self._solo else self._main_wait.process(total[:2]) + back
            mixed = main.astype(np.float32)
        return mixed if self._mix_chain is None else self._mix_chain.process(np.ascontiguousarray(mixed))


class _Part:
    """Strips in one bank, and the chain their sum runs through; sends are taken in front of it."""

    def __init__(
        self,
        compiled: CompiledMix,
        indices: Sequence[int],
        sample_rate: int,
        channels: Sequence[int],
        key_channels: Mapping[str, int],
        *,
        sends: int,
        chain: OpenChain | None = None,
        name: str = "",
    ) -> None:
        self.chain = chain
        self._name = name
        self._indices = indices
        strips = [compiled.strips[i] for i in indices]
        self._keyed = KeyedBank(strips, [channels[i] for i in indices], key_channels, sample_rate, sends)
        self._bank = self._keyed.bank
        for index, strip in enumerate(strips):
            for parameter, value in strip.static.items():
                self._bank.set(index, parameter, value)
        events = (
            compiled.events if len(strips) == len(compiled.strips) else compiled.events.of_strips(indices)
        )
        ids = [self._bank.parameter_index(parameter) for parameter in events.parameter_ids]
        self._events = events.cursor(np.asarray(ids, np.int32))
        self._sent_waits = Delay(0 if chain is None else chain.latency_frames, np.float64, 2 * sends)

    @property
    def latency_frames(self) -> int:
        """Of the bank and the chain."""
        return int(self._bank.latency_frames) + (0 if self.chain is None else self.chain.latency_frames)

    @property
    def tail_frames(self) -> int:
        """Of the chain."""
        return 0 if self.chain is None else self.chain.tail_frames

    @property
    def notices(self) -> tuple[str, ...]:
        """What the chain has to tell."""
        return () if self.chain is None else tuple(f"{self._name}: {n}" for n in self.chain.notices)

    def rounded(
        self, inputs: list[Samples], before_fader: Taps | None, keys: Mapping[str, Samples] | None
    ) -> Samples:
        """The main bus of these strips alone, as samples."""
        frames = inputs[0].shape[1]
        heard = self._keyed.keys(keys, frames)
        return self._bank.process(inputs, *self._events.take(frames), before_fader=before_fader, keys=heard)

    def process(
        self, inputs: list[Samples], before_fader: Taps | None, keys: Mapping[str, Samples] | None
    ) -> NDArray[np.float64]:
        """Main bus and sends, two rows each, behind the chain."""
        frames = inputs[0].shape[1]
        events, heard = self._events.take(frames), self._keyed.keys(keys, frames)
        mine = [inputs[i] for i in self._indices]
        taps = None if before_fader is None else [before_fader[i] for i in self._indices]
        return self.ring_out(self._bank.process(mine, *events, before_fader=taps, keys=heard, exact=True))

    def ring_out(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """What comes out of the chain for sums of the strips."""
        if self.chain is None:
            return sums
        main = self.chain.process(np.ascontiguousarray(sums[:2], np.float32))
        return np.concatenate([main.astype(np.float64), self._sent_waits.process(sums[2:])])


def _parts(
    compiled: CompiledMix,
    sample_rate: int,
    channels: Sequence[int],
    key_channels: Mapping[str, int],
    sends: int,
) -> list[_Part]:
    """The strips without a bus chain first, if there are any, then those of each bus that has one."""
    parts: list[_Part] = []
    taken: set[int] = set()
    for bus in compiled.buses:
        mine = [i for i, strip in enumerate(compiled.strips) if strip.track_id in bus.members]
        if mine:
            chain = open_chain(bus.chain, sample_rate, 2, bus.bus_id)
            parts.append(
                _Part(
                    compiled,
                    mine,
                    sample_rate,
                    channels,
                    key_channels,
                    sends=sends,
                    chain=chain,
                    name=bus.bus_id,
                )
            )
            taken |= set(mine)
    others = [i for i in range(len(compiled.strips)) if i not in taken]
    if others or not parts:
        parts.insert(0, _Part(compiled, others, sample_rate, channels, key_channels, sends=sends))
    return parts
