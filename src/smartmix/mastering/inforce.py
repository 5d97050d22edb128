"""What is in force in a plan: values that a person changed in it are theirs, and its reasons say so.

A plan remembers what it suggested (``LevelAim.suggested_lufs``, ``MasterStage.suggested``) and which mix it was made
for. What stands there otherwise was set by hand; what was measured when it was written is not what comes out now.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.figures import number
from smartmix.mastering.masterplan import (
    DEFAULT_TARGET_LUFS,
    MAX_UNASKED_REDUCTION_DB,
    LevelAim,
    MasterPlan,
)
from smartmix.mastering.stage import DEVICES, MasterStage

if TYPE_CHECKING:
    from smartmix.mastering.portrait import Portrait

BY_HAND = "set by hand"
LEFT_ALONE = "left alone: neither gain nor limiter"
NOT_PLAYED = "not played: "
_BECAUSE = f"{BY_HAND}; suggested because "
_UNASKED = ("asked for", "your chain file")
_MEASURED_ON_THE_MIX = ("eq", "dynamics", "width")
_SAME_LU, _SAME_DB = 0.05, 0.5
"""The same file reads the same; at another sample rate it moves by less (house)."""
_STORED_LU = 0.001
_LEVEL_REASON = re.compile(rf"^(\S+ % of the way to )?\S+ LUFS under \S+ dBTP: |^{re.escape(LEFT_ALONE)}$")


def fingerprint(stage: MasterStage) -> str:
    """Eight characters that change with the stage's settings or its chain file."""
    rows = {
        device: {name: float(v) if isinstance(v, int) and not isinstance(v, bool) else v for name, v in rows}
        for device, rows in ((device, values.items()) for device, values in stage.settings.items() if values)
    }
    text = json.dumps([rows, stage.chain.name if stage.chain else ""], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def level_in_force(level: LevelAim) -> LevelAim:
    """The level as it is meant: a target that is not the suggested one is set by hand, and met whatever it takes."""
    if level.target_source == "hand":
        return level
    suggested = level.target_lufs if level.suggested_lufs is None else level.suggested_lufs
    if level.target_source == "default":
        suggested = DEFAULT_TARGET_LUFS
    if abs(level.target_lufs - suggested) <= _STORED_LU:
        return level
    unasked = level.target_source != "asked" and level.max_reduction_db == MAX_UNASKED_REDUCTION_DB
    return replace(level, target_source="hand", max_reduction_db=None if unasked else level.max_reduction_db)


def level_reason(level: LevelAim, share: float = 1.0) -> str:
    """Why it ends at this loudness, in words; ``share`` of the way from the mix."""
    if share == 0.0:
        return LEFT_ALONE
    why = {
        "asked": "you asked for it",
        "hand": BY_HAND,
        "reference": "that is how loud the reference is",
        "rough": "that is how loud the rough mix is",
        "default": "the house's choice where no target is given",
    }[level.target_source]
    cap = (
        "" if level.max_reduction_db is None else f", with at most {level.max_reduction_db:g} dB of limiting"
    )
    way = "" if share == 1.0 else f"{100.0 * share:g} % of the way to "
    return f"{way}{number(level.target_lufs)} LUFS under {number(level.ceiling_dbtp)} dBTP: {why}{cap}"


def told_anew(plan: MasterPlan, mix: Portrait | None) -> MasterPlan:
    """The plan without what an earlier run measured, its reasons those of the values now in force.

    ``mix`` is what it is about to be played on, where that was measured: reasons found on another one say so.
    """
    level = level_in_force(plan.level)
    if all(stage.id != "level" for stage in plan.stages):  # it is played all the same
        plan = plan.with_stage(MasterStage("level", "Loudness"))
    other = _another(plan, mix)
    stages = []
    for stage in plan.stages:
        if stage.id == "level":
            stages.append(_level_told(stage, level))
        else:
            stages.append(_told(stage.with_result(""), _of_the_first(plan), other))
    if mix is not None:
        stages = [with_nothing_to_widen(stage, mix) for stage in stages]
    return replace(plan, stages=tuple(stages), level=level)


def with_nothing_to_widen(stage: MasterStage, mix: Portrait) -> MasterStage:
    """A width that has no sides to work on says so; every other stage as it is."""
    if stage.id != "width" or not stage.played or stage.chain is not None:
        return stage
    if mix.channels == 1:
        return stage.with_result(f"{NOT_PLAYED}one channel has no width")
    return stage.with_result("nothing: the sides are silent") if mix.side is None else stage


def _another(plan: MasterPlan, mix: Portrait | None) -> bool | None:
    """Whether the plan was made for another mix; None where that cannot be told."""
    if mix is None or plan.source_lufs is None or plan.source_dbtp is None:
        return None
    louder_lu = plan.source_lufs - mix.loudness.integrated_lufs
    higher_db = plan.source_dbtp - mix.loudness.true_peak_dbtp
    return abs(louder_lu) > _SAME_LU or abs(higher_db) > _SAME_DB


def _level_told(stage: MasterStage, level: LevelAim) -> MasterStage:
    """Its own words anew; a person's words are left."""
    stage = stage.with_result("")
    if stage.reason and not _LEVEL_REASON.match(stage.reason):
        return stage
    return replace(stage, reason=level_reason(level, stage.share))


def _of_the_first(plan: MasterPlan) -> str:
    """What stands before a reason that was found on the mix the plan was made for, on another one."""
    known = [plan.source] if plan.source else []
    if plan.source_lufs is not None:
        known.append(f"{number(plan.source_lufs)} LUFS")
    return f"of another mix ({', '.join(known)}): "


def _told(stage: MasterStage, first: str, other: bool | None) -> MasterStage:
    hand, reason = stage.reason.startswith(_BECAUSE), stage.reason.removeprefix(_BECAUSE)
    if stage.id in _MEASURED_ON_THE_MIX and reason and other is not None and not reason.startswith(BY_HAND):
        reason = (first if other else "") + reason.removeprefix(first)
    told = replace(stage, reason=f"{_BECAUSE}{reason}" if hand else reason)
    mark = fingerprint(stage)
    return told if stage.suggested in ("", mark) else _by_hand(told, mark)


def _by_hand(stage: MasterStage, mark: str) -> MasterStage:
    """Settings that are a person's: what was expected of the old ones is gone."""
    if stage.reason in ("", *_UNASKED) or stage.reason.startswith("not asked for"):
        reason = BY_HAND
    else:
        reason = stage.reason if stage.reason.startswith(BY_HAND) else _BECAUSE + stage.reason
    return replace(stage, title=_title(stage), reason=reason, suggested=mark, evidence=())


def _title(stage: MasterStage) -> str:
    """The title, where it tells the settings, with the settings that are there now."""
    if stage.chain is not None:
        return f"Chain {stage.chain.stem}"
    if stage.id == "repair":
        kinds = ", ".join(device for device in DEVICES["repair"] if stage.settings.get(device))
        return f"Repair: {kinds}" if kinds else "Repair"
    if stage.id == "saturation":
        values = stage.settings.get("saturation", {})
        name = str(values.get("character", "tape")).capitalize()
        drive_db = values.get("drive_db", 0.0)
        return f"{name}, {float(drive_db):g} dB" if values else "Saturation"
    plain = {"eq": "Tone", "dynamics": "Dynamics", "width": "Width"}[stage.id]
    return plain if not stage.title or stage.title.startswith("Chain ") else stage.title
