"""A master as a plan: its stages with their reasons, its level, and the references it was made for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from smartmix.mastering.stage import STAGES, MasterStage

if TYPE_CHECKING:
    from smartmix.plan.move import Move


DEFAULT_TARGET_LUFS = -14.0
MAX_UNASKED_REDUCTION_DB = 3.0
"""Without a target that somebody asked for, the limiter never takes more than this."""


@dataclass(frozen=True, slots=True)
class LevelAim:
    """The loudness to end at; ``max_reduction_db`` None: no cap.

    ``target_source``: asked, reference, rough, default or hand. ``suggested_lufs``: what the plan was made with; where
    ``target_lufs`` is another, it was set by hand, and met whatever it takes.
    """

    target_lufs: float
    ceiling_dbtp: float
    target_source: str
    max_reduction_db: float | None = None
    suggested_lufs: float | None = None


@dataclass(frozen=True, slots=True)
class MasterPlan:
    """Stages in their order (``stage(id)``), the level, and (name, weight) of each reference.

    Change it with ``with_stage``, or in its file (``save_master_plan``), and master again with it: nothing is measured
    anew but what comes out. ``source``, ``source_lufs`` and ``source_dbtp`` are the mix that the reasons are about
    (None: nothing was measured on it).
    """

    source: str
    stages: tuple[MasterStage, ...]
    level: LevelAim
    references: tuple[tuple[str, float], ...] = ()
    source_lufs: float | None = None
    source_dbtp: float | None = None

    def stage(self, id_: str) -> MasterStage:
        """The stage of that name; one that does nothing where the plan has none."""
        return next((each for each in self.stages if each.id == id_), MasterStage(id_))

    def with_stage(self, stage: MasterStage) -> MasterPlan:
        """A copy with this stage in the place of the one of its name."""
        rest = {each.id: each for each in self.stages} | {stage.id: stage}
        return replace(self, stages=tuple(rest[id_] for id_ in STAGES if id_ in rest))

    @property
    def moves(self) -> tuple[Move, ...]:
        """Each stage as a move."""
        return tuple(stage.move for stage in self.stages)

    def played(self) -> Iterator[MasterStage]:
        """The stages that change something; the level is one unless its amount is 0."""
        for stage in self.stages:
            if stage.played or (stage.id == "level" and stage.share > 0.0):
                yield stage
