"""A mix through its master plan: stages, loudness loop, and what was measured of each stage when it is done."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from smartmix.analysis.loudness import Loudness
from smartmix.audio.buffer import Samples
from smartmix.errors import AudioError
from smartmix.mastering.chain import MasterChain
from smartmix.mastering.inforce import level_in_force, told_anew
from smartmix.mastering.limited import LimitedStream, Source
from smartmix.mastering.loop import Goal, Outcome, Start, find_gain
from smartmix.mastering.loudest import Outline, OutlineMeter, foretold
from smartmix.mastering.masterplan import LevelAim, MasterPlan
from smartmix.mastering.mixfaults import without_offset
from smartmix.mastering.portrait import Portrait
from smartmix.mastering.result import MasterResult
from smartmix.mastering.spool import Spool
from smartmix.progress import Progress

REACHED_LU = 0.1
CLOSE_ENOUGH_LU = 0.07


@dataclass(frozen=True, slots=True)
class Rendered:
    """A master before it is written: its blocks, once; the outcome of the loop (None: the level was left alone)."""

    blocks: Callable[[], Iterator[Samples]]
    outcome: Outcome | None
    goal: Goal
    before: Outline
    chain: MasterChain


class SongMaster:
    """One run of a plan over a mix; in a ``with`` block, which owns the room on disk (``folder`` None: in memory)."""

    def __init__(self, plan: MasterPlan, source: Source, folder: Path | None) -> None:
        if source.channels > 2:
            raise AudioError(f"{plan.source}: {source.channels} channels; a master has 1 or 2")
        self._plan = replace(plan, level=level_in_force(plan.level))
        self._source = without_offset(source, plan)
        self._stack = ExitStack()
        self._mixed, self._limited = Spool(folder, source.channels), Spool(folder, source.channels)
        self._chain = MasterChain(plan.stages, source.sample_rate, source.channels)

    def __enter__(self) -> SongMaster:
        self._stack.enter_context(self._mixed)
        self._stack.enter_context(self._limited)
        return self

    def __exit__(self, *gone: object) -> None:
        self._stack.close()

    def render(self, progress: Progress | None = None) -> Rendered:
        """Run the stages once, then drive the limiter to the plan's loudness, loudest sections first."""
        level, share = self._plan.level, self._plan.stage("level").share
        meter = OutlineMeter(self._source.sample_rate, self._source.channels)
        passing = self._watched(self._source.blocks(), progress)
        self._mixed.fill(meter.watch(self._chain.run(passing)))
        outline = meter.outline
        if share == 0.0:
            goal = Goal(outline.lufs, level.ceiling_dbtp, None)
            return Rendered(self._mixed.blocks, None, goal, outline, self._chain)
        target = level.target_lufs
        if share != 1.0 and math.isfinite(outline.lufs):
            target = outline.lufs + share * (target - outline.lufs)
        goal = Goal(target, level.ceiling_dbtp, level.max_reduction_db, _further(level))
        mixed = replace(self._source, blocks=self._mixed.blocks)
        start = Start(room=self._limited)  # a mix that is only made loud: the steps, and bits, of master_file
        if not self._chain.neutral:
            guess = foretold(outline, self._mixed, mixed, goal)
            start = replace(guess, aim_lu=CLOSE_ENOUGH_LU, room=self._limited)
        outcome = find_gain(mixed, goal, progress, start)
        return Rendered(self._printed(mixed, outcome), outcome, goal, outline, self._chain)

    def _printed(self, mixed: Source, outcome: Outcome) -> Callable[[], Iterator[Samples]]:
        if outcome.last:
            return self._limited.blocks
        chosen = outcome.chosen
        return lambda: iter(LimitedStream(mixed, chosen.gain_db, chosen.limiter_ceiling_dbtp))

    def _watched(self, blocks: Iterator[Samples], progress: Progress | None) -> Iterator[Samples]:
        done = 0
        for block in blocks:
            yield block
            done += block.shape[1]
            if progress is not None:
                progress("stages", done / max(self._source.frames, 1))


def result_of(plan: MasterPlan, rendered: Rendered, loudness: Loudness) -> MasterResult:
    """The figures of a master whose printed loudness was read back."""
    outcome, goal = rendered.outcome, rendered.goal
    if outcome is None:
        return MasterResult(
            goal.target_lufs, "none", goal.ceiling_dbtp, True, "", 0.0, loudness, 0.0, 0.0, 0, plan
        )
    chosen = outcome.chosen
    return MasterResult(
        target_lufs=goal.target_lufs,
        target_source=level_in_force(plan.level).target_source,
        ceiling_dbtp=goal.ceiling_dbtp,
        reached=not outcome.reason and abs(loudness.integrated_lufs - goal.target_lufs) <= REACHED_LU,
        reason=outcome.reason,
        gain_db=chosen.gain_db,
        loudness=loudness,
        max_gain_reduction_db=chosen.max_reduction_db,
        mean_gain_reduction_db=chosen.mean_reduction_db,
        passes=outcome.passes,
        plan=plan,
    )


def planned(plan: MasterPlan, before: Portrait) -> MasterResult:
    """What a dry run says: the plan as it would be played, and the mix as it is."""
    plan = told_anew(plan, before)
    loudness, level = before.loudness, plan.level
    left = plan.stage("level").share == 0.0
    return MasterResult(
        loudness.integrated_lufs if left else level.target_lufs,
        "none" if left else level.target_source,
        level.ceiling_dbtp,
        False,
        "not rendered",
        0.0,
        loudness,
        0.0,
        0.0,
        0,
        plan,
    )


def _further(level: LevelAim) -> str:
    if level.target_source in ("asked", "hand"):
        return "Raise max_reduction_db in the plan to go further"
    return "Ask for a target, or raise max_reduction_db in the plan, to go further"
