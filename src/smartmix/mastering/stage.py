"""The stages of a master: each one a move with its reason, a bypass, an amount, settings, and what it measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.processors import FACES
from smartmix.processors.values import Value

Settings = Mapping[str, Mapping[str, Value]]
"""Parameters that are not at their default, by device of the stage: {"mid": {"band1.gain_db": 2.0}}."""

STAGES = ("repair", "eq", "dynamics", "width", "saturation", "level")
"""In the order the sound goes through them."""

DEVICES: dict[str, dict[str, str]] = {
    "repair": {"clips": "declip", "clicks": "declick", "rumble": "rumble_filter"},
    "eq": {"both": "parametric_eq", "mid": "parametric_eq", "side": "parametric_eq"},
    "dynamics": {"bands": "multiband_compressor"},
    "width": {"stereo": "stereo_width", "side": "parametric_eq"},
    "saturation": {"saturation": "saturation"},
    "level": {},
}
"""Devices of each stage in their order, and the effect each is."""

MOST_AMOUNT = 150.0
MASTER_TRACK = "master"


@dataclass(frozen=True, slots=True)
class MasterStage:
    """One stage. ``settings`` are those of the whole move; ``amount`` (0 to 150 %) of it is played.

    ``chain`` is a chain file (plugins of every kind) that plays instead of the stage's own devices, ``amount`` of it
    against the dry sound. ``bypass`` leaves every bit alone. ``reason`` says why, ``result`` what was measured;
    ``suggested`` is the fingerprint of the settings as they were designed: others are a person's.
    """

    id: str
    title: str = ""
    reason: str = ""
    result: str = ""
    amount: float = 100.0
    bypass: bool = False
    settings: Settings = field(default_factory=dict)
    chain: Path | None = None
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 1.0
    suggested: str = ""

    @property
    def share(self) -> float:
        """The amount as a factor; 0 where it is bypassed."""
        return 0.0 if self.bypass else self.amount / 100.0

    @property
    def played(self) -> bool:
        """Whether it changes anything."""
        return self.share > 0.0 and (self.chain is not None or any(self.settings.values()))

    @property
    def move(self) -> Move:
        """The same as a move of a plan: one setting for each parameter, at the amount that is played."""
        return Move(
            id=move_id(MASTER_TRACK, "mastering", self.id),
            track=MASTER_TRACK,
            title=self.title,
            source="mastering",
            confidence=self.confidence,
            reason=self.reason,
            sets=tuple(self._sets()),
            status="accepted" if self.played else "rejected" if self.bypass else "proposed",
            result=self.result,
            evidence=self.evidence,
        )

    def _sets(self) -> Iterator[MoveSet]:
        played = scaled(self, 1.0 if self.bypass else self.share)
        for device, values in played.items():
            infos = {info.id: info for info in FACES[DEVICES[self.id][device]]().parameters}
            for name, value in values.items():
                ref = ParamRef(MASTER_TRACK, self.id, f"{device}.{name}")
                if isinstance(value, str):
                    yield MoveSet(ref, "", "", value)
                else:
                    yield MoveSet(ref, infos[name].unit, infos[name].default, float(value))

    def with_result(self, result: str, *evidence: Evidence) -> MasterStage:
        """A copy that knows what came out; what an earlier run measured is gone."""
        told = tuple(each for each in self.evidence if each.kind != "outcome")
        return replace(self, result=result, evidence=(*told, *evidence))


def scaled(stage: MasterStage, share: float) -> dict[str, dict[str, Value]]:
    """The settings at a share of the move: what is in dB and not a threshold, and ratio - 1, are multiplied."""
    return {
        device: {name: _scaled(name, value, share) for name, value in values.items()}
        for device, values in stage.settings.items()
    }


_IN_PROPORTION = ("gain_db", "side_db", "drive_db", "makeup_db", "amount")


def _scaled(name: str, value: Value, share: float) -> Value:
    if isinstance(value, str | bool):
        return value
    last = name.rpartition(".")[2]
    if last == "ratio":
        return 1.0 + (value - 1.0) * share
    if last == "mono_below_hz":
        return value if share > 0.0 else 20.0
    if last in _IN_PROPORTION:
        return min(value * share, 1.0) if last == "amount" else value * share
    return value
