"""Sends and effect returns: which are in use, what feeds them, and what they are set to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from smartmix.automation.events import EventCollector, EventStream, ReturnSettings
from smartmix.automation.levels import FADER, Levels
from smartmix.automation.spans import jump_frames, limited_sum
from smartmix.automation.values import check_range, value_lane
from smartmix.errors import PlanError
from smartmix.plan.ranges import OFF_DB, RANGES
from smartmix.session.returns import RETURNS

if TYPE_CHECKING:
    from smartmix.automation.lane import FrameLane, FrameSpan
    from smartmix.plan.move import Move, MoveSet
    from smartmix.session.returns import Return


@dataclass(slots=True)
class Sends:
    """Send levels by track and return, and settings of the returns' effects, as the moves name them."""

    sample_rate: float
    scale: float
    levels: dict[tuple[str, str], list[tuple[FrameSpan | None, FrameLane]]] = field(default_factory=dict)
    effects: dict[str, dict[str, float]] = field(default_factory=dict)

    def take_level(self, move: Move, setting: MoveSet, track_id: str, span: FrameSpan | None) -> None:
        """A send of a track. It scales as an amplitude, so 0 is off."""
        label = f"move {move.id}: {setting.ref}"
        change_db = 20.0 * math.log10(self.scale)
        lane = value_lane(setting.value, self.sample_rate, label)
        lane = lane.mapped(lambda db: np.where(db <= OFF_DB, OFF_DB, np.maximum(db + change_db, OFF_DB)))
        lane = check_range(
            lane.without_jumps(jump_frames(self.sample_rate)), RANGES["send", "level_db"], label
        )
        if (lane.values > OFF_DB).any():
            return_id = setting.ref.parameter.rpartition(".")[0]
            self.levels.setdefault((track_id, return_id), []).append((span, lane))

    def take_effect(self, move: Move, setting: MoveSet) -> None:
        """A setting of a return's effect: one value for the whole song, on for any scale."""
        ref, value = setting.ref, setting.value
        if move.span_s is not None or isinstance(value, tuple):
            raise PlanError(
                f"move {move.id}: {ref}: an effect is set for the whole song; ride its sends or its fader instead"
            )
        allowed = RANGES[ref.device, ref.parameter]
        number = allowed.index_of(value) if allowed.choices else float(value)
        self.effects.setdefault(ref.track, {})[ref.parameter] = number

    @property
    def in_use(self) -> tuple[Return, ...]:
        """The returns something is sent to: the first is send 1 of every strip."""
        fed = {return_id for _, return_id in self.levels}
        return tuple(item for item in RETURNS if item.id in fed)

    def lanes(self, track_id: str) -> dict[str, FrameLane]:
        """Lanes of a strip's sends."""
        return {
            f"send{number}.level_db": limited_sum(
                self.levels[track_id, item.id], rest=OFF_DB, sample_rate=self.sample_rate
            )
            for number, item in enumerate(self.in_use, 1)
            if (track_id, item.id) in self.levels
        }

    def returns(self, levels: Levels, total_frames: int) -> tuple[tuple[ReturnSettings, ...], EventStream]:
        """Settings of the returns in use, fully wet, and the events of their faders."""
        collector = EventCollector(total_frames)
        settings = []
        for index, item in enumerate(self.in_use):
            fader = levels.lanes(item.id, {FADER: 0.0}).get(FADER)
            start_db = 0.0 if fader is None else collector.take(index, FADER, fader)
            static = {**self.effects.get(item.id, {}), "mix": 1.0}
            settings.append(ReturnSettings(item.id, item.device, static, start_db))
        return tuple(settings), collector.sorted()
