"""What a device asks of an instance of a plugin, in this process (``_core.Vst3Plugin``) or in another."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples

Cuts = NDArray[np.int32]
Columns = tuple[NDArray[np.int32], NDArray[np.uint32], NDArray[np.float64]]
"""Parameter writes: the piece at whose beginning, the plugin's own id of which, the normalised value."""


class Engine(Protocol):
    """An instance of a plugin. Values are normalised, parameters go by the plugin's own ids."""

    @property
    def facts(self) -> dict[str, str]:
        """Name, class id, vendor, version."""

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """The input buses."""

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """What the plugin tells of its parameters."""

    @property
    def latency_frames(self) -> int:
        """As the plugin last said."""

    @property
    def tail_frames(self) -> int:
        """As the plugin last said; -1 is for ever."""

    def prepare(
        self, sample_rate: float, channels: int, most_frames: int, side_chain_channels: int = 0
    ) -> None:
        """Ready for audio, from silence, every value set in force; RuntimeError for what the plugin does not take."""

    def process(  # noqa: PLR0917 (the columns of a job)
        self,
        samples: Samples,
        cuts: Cuts,
        pieces: NDArray[np.int32] | None = None,
        ids: NDArray[np.uint32] | None = None,
        values: NDArray[np.float64] | None = None,
        side_chain: Samples | None = None,
    ) -> Samples:
        """Audio in pieces that begin at ``cuts``, with writes at their beginnings."""

    def set(self, parameter: int, normalised: float) -> None:
        """Set one parameter."""

    def get(self, parameter: int) -> float:
        """The value in force, or what the plugin reported."""

    def to_plain(self, parameter: int, normalised: float) -> float:
        """The plugin's plain value."""

    def to_normalised_many(self, parameter: int, plain: NDArray[np.float64]) -> NDArray[np.float64]:
        """The normalised values of plain ones."""

    def text(self, parameter: int, normalised: float) -> str:
        """What the plugin shows for a value."""

    def state(self) -> tuple[bytes, bytes]:
        """The bytes of both halves: component, controller."""

    def set_state(self, component: bytes, controller: bytes) -> None:
        """Take both."""


class Maker(Protocol):
    """Makes new instances of one plugin."""

    def __call__(self) -> Engine:
        """A new one; PluginError when it cannot be made."""
