"""The signal path of a mix: every audible track through a native strip to the main bus, and by its sends through the
effect returns.

A foreign device will cut the run of strips. Buses are plain sums, so their gains are folded into the faders of what
they carry (see ``session.routing.bus_gain_db``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smartmix import _core
from smartmix.rendering.returns import Delay, ReturnRun
from smartmix.rendering.threads import thread_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from smartmix.audio.buffer import Samples
    from smartmix.automation.events import CompiledMix

Taps = list["Samples | None"]


class NativeRun:
    """Native strips, set as compiled, that take the tracks block by block and give the main bus (2, frames).

    ``channels`` (1 or 2) is per strip. The output is ``latency_frames`` late; after the tracks' end the returns are
    heard for ``tail_frames`` more.
    """

    def __init__(self, compiled: CompiledMix, sample_rate: int, channels: Sequence[int]) -> None:
        dynamics = [strip.dynamics for strip in compiled.strips]
        self._bank = _core.StripBank(
            float(sample_rate), list(channels), dynamics, len(compiled.returns), threads=thread_count()
        )
        for index, strip in enumerate(compiled.strips):
            for parameter, value in strip.static.items():
                self._bank.set(index, parameter, value)
        ids = compiled.events.parameter_ids
        native = np.asarray([self._bank.parameter_index(parameter) for parameter in ids], np.int32)
        self._events = compiled.events.cursor(native)
        self._returns: ReturnRun | None = None
        self.latency_frames = int(self._bank.latency_frames)
        self._solo = compiled.heard is not None
        self.tail_frames = 0
        if compiled.returns:
            self._returns = ReturnRun(
                compiled.returns, compiled.return_events, sample_rate, heard=compiled.heard
            )
            self._main_wait = Delay(self._returns.latency_frames, np.float64)
            self.latency_frames += self._returns.latency_frames
            self.tail_frames = self._returns.tail_frames

    def process(self, inputs: list[Samples], before_fader: Taps | None = None) -> Samples:
        """The next block: one array (channels, frames) per strip, all of one length, to (2, frames).

        Arrays in ``before_fader`` (per strip, or None) are filled with what the strip has behind its compressor.
        """
        events = self._events.take(inputs[0].shape[1])
        if self._returns is None:
            return self._bank.process(inputs, *events, before_fader=before_fader)
        return self._joined(self._bank.process(inputs, *events, before_fader=before_fader, exact=True))

    def ring_out(self, frames: int) -> Samples:
        """What is still heard ``frames`` frames further, after the last block of the tracks: returns alone."""
        sends = 0 if self._returns is None else self._returns.count
        return self._joined(np.zeros((2 + 2 * sends, frames)))

    def _joined(self, sums: NDArray[np.float64]) -> Samples:
        """Main and returns, added in double and rounded once."""
        if self._returns is None:
            return sums.astype(np.float32)
        sent = [sums[first : first + 2] for first in range(2, sums.shape[0], 2)]
        back = self._returns.process(sent)
        return (back if self._solo else self._main_wait.process(sums[:2]) + back).astype(np.float32)
