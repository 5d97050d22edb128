"""The signal path of a mix. Today it is one run: every audible track through a native strip to the main bus.

A foreign device will cut the run. Buses are plain sums, so their gains are folded into the faders of what
they carry (see ``automation.compile.bus_gain_db``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from smartmix import _core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.audio.buffer import Samples
    from smartmix.automation.events import CompiledMix


class NativeRun:
    """Native strips, set as compiled, that take the tracks block by block and give the main bus (2, frames).

    ``channels`` (1 or 2) is per strip. The output is ``latency_frames`` late.
    """

    def __init__(self, compiled: CompiledMix, sample_rate: int, channels: Sequence[int]) -> None:
        self._bank = _core.StripBank(float(sample_rate), list(channels))
        for index, strip in enumerate(compiled.strips):
            for parameter, value in strip.static.items():
                self._bank.set(index, parameter, value)
        ids = compiled.events.parameter_ids
        native = np.asarray([self._bank.parameter_index(parameter) for parameter in ids], np.int32)
        self._events = compiled.events.cursor(native)
        self.latency_frames = int(self._bank.latency_frames)

    def process(self, inputs: list[Samples]) -> Samples:
        """The next block: one array (channels, frames) per strip, all of one length, to (2, frames)."""
        return self._bank.process(inputs, *self._events.take(inputs[0].shape[1]))
