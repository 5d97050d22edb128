"""What is wrong with a mix before it is mastered: flat tops and an offset, told while it is read anyway."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.scan import SourceScan
from smartmix.audio.buffer import Samples
from smartmix.errors import AudioError
from smartmix.figures import format_time, number
from smartmix.mastering.inforce import fingerprint
from smartmix.mastering.limited import Source
from smartmix.mastering.masterplan import MasterPlan
from smartmix.mastering.stage import MasterStage
from smartmix.units import gain_to_db

DC_LIMIT_DBFS = -46.0
"""An offset over this (0.5 % of full scale) is a fault of a converter or edit, as in the analysis of sources (house).
Under it a lopsided waveform makes one as well, and it costs less than 0.05 dB of headroom.
"""
LEAST_OFFSET_DBFS = -80.0
"""A master may be 20 dB louder than its mix, and its offset with it (house)."""
BLOCK_S = 0.4
"""The gating block of ITU-R BS.1770-5: loudness is that of blocks this long."""
MOST_PEAK = 1e6
"""+120 dBFS: no level of a recording, and squares of what is far over it overflow."""
CLIP_RUNS = 3
"""So many flat tops and more are clipping (as in the analysis of sources)."""


class MixListener:
    """Looks for flat tops and an offset in blocks that pass."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._scan = SourceScan(sample_rate, channels)
        self._sums = np.zeros(channels)

    def watch(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        """The blocks as they are."""
        for block in blocks:
            self._scan.push(block)
            if self._scan.peak > MOST_PEAK:
                over = f"{number(gain_to_db(self._scan.peak), 0)} dBFS"
                raise AudioError(
                    f"a peak of {over} is no sound: the file is damaged, or its numbers are not samples"
                )
            self._sums += block.sum(axis=1, dtype=np.float64)
            yield block

    @property
    def offsets(self) -> NDArray[np.float64]:
        """The mean of each channel, full scale 1."""
        offsets: NDArray[np.float64] = self._sums / max(self._scan.frames, 1)
        return offsets

    @property
    def has_offset(self) -> bool:
        """Whether the offset is one that a delivery fails by."""
        return offset_dbfs(self.offsets) > DC_LIMIT_DBFS

    def notes(self, plan: MasterPlan, *, converted: bool = False) -> tuple[str, ...]:
        """What a person should know, with what to do about it; nothing of what the plan mends. A mix that
        was ``converted`` to another rate has no flat tops left that could be found.
        """
        repair = plan.stage("repair")
        mended = repair.settings if repair.played else {}
        found = []
        if self._scan.clip_runs >= CLIP_RUNS and "clips" not in mended:
            first = (
                f", first at {format_time(self._scan.first_clips_s[0])}" if self._scan.first_clips_s else ""
            )
            peak = number(gain_to_db(self._scan.peak)) if self._scan.peak > 0.0 else ""
            what = f"{self._scan.clip_runs} flat tops at {peak} dBFS{first}"
            found.append(f"The mix is clipped: {what}. smartmix master --repair clips mends what it can")
        elif self._scan.clip_runs >= CLIP_RUNS and converted:
            found.append(
                "The mix is clipped, and at another sample rate its flat tops are not flat: --repair clips finds few. "
                "Mend it at its own rate (smartmix master --repair clips --amount level=0 --bits 32f), then master that"
            )
        if self.has_offset and "rumble" not in mended:
            level = f"{number(offset_dbfs(self.offsets), 0)} dBFS"
            found.append(
                f"The mix has an offset (DC) of {level}. smartmix master --repair rumble takes it out"
            )
        return tuple(found)

    def offered(self, plan: MasterPlan) -> MasterPlan:
        """A plan that was made for this mix, with the repair it wants as a stage that is bypassed: nothing is mended
        unasked, and ``bypass = false`` in the plan asks for it.
        """
        stage = plan.stage("repair")
        if stage.settings or stage.chain is not None or stage.amount == 0.0:
            return plan
        why = {}
        if self._scan.clip_runs >= CLIP_RUNS:
            why["clips"] = f"{self._scan.clip_runs} flat tops"
        if self.has_offset:
            why["rumble"] = f"an offset (DC) of {number(offset_dbfs(self.offsets), 0)} dBFS"
        if not why:
            return plan
        reason = f"{plan.source or 'the mix'} has {' and '.join(why.values())}"
        return plan.with_stage(_bypassed(stage, reason, list(why)))


def _bypassed(stage: MasterStage, reason: str, devices: list[str]) -> MasterStage:
    settings = {device: {"amount": 1.0} for device in devices}
    title = f"Repair: {', '.join(devices)}"
    offered = replace(stage, title=title, reason=reason, settings=settings, bypass=True)
    return replace(offered, suggested=fingerprint(offered))


def offset_dbfs(offsets: NDArray[np.float64]) -> float:
    """The largest of some offsets; -inf for none."""
    largest = float(np.abs(offsets).max(initial=0.0))
    return gain_to_db(largest) if largest > 0.0 else -math.inf


def without_offset(source: Source, plan: MasterPlan) -> Source:
    """A mix without its offset, where the plan's repair has a rumble filter: that comes up over a second, and what is
    in front of it would stay. An offset of less than -80 dBFS is left, and every bit with it.
    """
    repair = plan.stage("repair")
    if not repair.played or "rumble" not in repair.settings:
        return source
    listener = MixListener(source.sample_rate, source.channels)
    for _ in listener.watch(source.blocks()):
        pass
    limit = 10.0 ** (LEAST_OFFSET_DBFS / 20.0)
    offsets = np.where(np.abs(listener.offsets) > limit, listener.offsets, 0.0) * repair.share
    if not offsets.any():
        return source
    taken = offsets.astype(np.float32)[:, np.newaxis]

    def blocks() -> Iterator[Samples]:
        for block in source.blocks():
            yield block - taken

    return replace(source, blocks=blocks)
