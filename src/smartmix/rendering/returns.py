"""Effect returns: what the strips send goes through an effect, fully wet, and by a fader into the mix."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from smartmix import _core

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from smartmix.automation.events import EventStream, ReturnSettings

_FADER = "fader.gain_db"
_Float = TypeVar("_Float", np.float32, np.float64)


class ReturnRun:
    """The returns of a mix, block by block. What comes out is ``latency_frames`` late, all of it alike.

    ``tail_frames`` is how long the longest effect is heard after its input has ended. ``heard``: the only return that
    gets what is sent to it.
    """

    def __init__(
        self,
        returns: Sequence[ReturnSettings],
        fader_events: EventStream,
        sample_rate: int,
        *,
        heard: str | None = None,
    ) -> None:
        self.count = len(returns)
        self._fed = [heard in (None, settings.return_id) for settings in returns]
        self._effects = [_effect(settings, sample_rate) for settings in returns]
        self.latency_frames = max(int(effect.latency_frames) for effect in self._effects)
        self.tail_frames = max(int(effect.tail_frames) for effect in self._effects)
        self._waits = [Delay(self.latency_frames - int(e.latency_frames), np.float32) for e in self._effects]
        self._faders = _core.StripBank(float(sample_rate), [2] * len(returns))
        for index, settings in enumerate(returns):
            self._faders.set(index, _FADER, settings.fader_db)
        native = [self._faders.parameter_index(name) for name in fader_events.parameter_ids]
        late = replace(fader_events, frames=fader_events.frames + self.latency_frames)
        self._events = late.cursor(np.asarray(native, np.int32))

    def process(self, sent: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """The next block of what is sent, (2, frames) for each return, to what they add to the mix, not rounded."""
        wet = []
        for effect, wait, fed, send in zip(self._effects, self._waits, self._fed, sent, strict=True):
            taken = send.astype(np.float32) if fed else np.zeros(send.shape, np.float32)
            wet.append(wait.process(effect.process(taken)))
        return self._faders.process(wet, *self._events.take(sent[0].shape[1]), exact=True)


class Delay(Generic[_Float]):
    """Some channels, two or ``rows``, later by some whole frames."""

    def __init__(self, frames: int, kind: type[_Float], rows: int = 2) -> None:
        self._held: NDArray[_Float] = np.zeros((rows, frames), kind)

    def process(self, block: NDArray[_Float]) -> NDArray[_Float]:
        """The next block, as long as it came."""
        if not self._held.shape[1]:
            return block
        joined = np.concatenate((self._held, block), axis=1)
        self._held = joined[:, block.shape[1] :]
        return np.ascontiguousarray(joined[:, : block.shape[1]])


def _effect(settings: ReturnSettings, sample_rate: int) -> _core.Processor:
    effect = _core.Processor(settings.device)
    for name, value in settings.static.items():
        effect.set(name, value)
    effect.prepare(float(sample_rate), 2)
    return effect
