"""The mix as the plan has it, rendered once and kept on disk, to measure moves in that concern several tracks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from smartmix.analysis.loudness import measure_blocks
from smartmix.audio.buffer import Samples
from smartmix.audio.io import probe, stream
from smartmix.plan import MixPlan
from smartmix.rendering import render_file
from smartmix.session import Session


class MixContext:
    """One plan's mix in ``folder``, made when first asked for. It is the very file a pass writes for that plan."""

    def __init__(self, session: Session, plan: MixPlan, folder: Path) -> None:
        self.session = session
        self.plan = plan
        self.notices: list[str] = []
        """What plugins did while it was rendered."""
        self._file = folder / "context.wav"
        self._lufs: float | None = None

    @property
    def rendered(self) -> Path | None:
        """The file, if it was ever needed."""
        return self._file if self._file.exists() else None

    @property
    def integrated_lufs(self) -> float:
        """Integrated loudness of the mix."""
        if self._lufs is None:
            info = probe(self._rendered())
            self._lufs = measure_blocks(stream(info.path), info.sample_rate, info.channels).integrated_lufs
        return self._lufs

    def window(self, start_s: float, length_s: float) -> Samples:
        """A stretch of the mix (2, frames)."""
        return window(stream(self._rendered()), self.session.sample_rate, start_s, length_s)

    def _rendered(self) -> Path:
        if not self._file.exists():
            render_file(self.session, self.plan, self._file, notices=self.notices)
        return self._file


def window(blocks: Iterable[Samples], rate: int, start_s: float, length_s: float) -> Samples:
    """Frames [start, start + length) of a stream of two channels; silence where it has ended."""
    first, wanted = round(start_s * rate), round(length_s * rate)
    out = np.zeros((2, wanted), np.float32)
    position = 0
    for block in blocks:
        low, high = max(position, first), min(position + block.shape[1], first + wanted)
        if low < high:
            out[:, low - first : high - first] = block[:, low - position : high - position]
        position += block.shape[1]
        if position >= first + wanted:
            break
    return out
