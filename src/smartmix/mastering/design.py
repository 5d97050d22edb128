"""From what was measured to a master plan: which stage does what, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from smartmix.errors import AudioError, SmartmixError
from smartmix.mastering.amounts import Amount, amounts
from smartmix.mastering.dynamics import dynamics_stage
from smartmix.mastering.inforce import fingerprint, level_reason
from smartmix.mastering.masterplan import (
    DEFAULT_TARGET_LUFS,
    MAX_UNASKED_REDUCTION_DB,
    LevelAim,
    MasterPlan,
)
from smartmix.mastering.portrait import Portrait
from smartmix.mastering.references import Reference, reference_lufs
from smartmix.mastering.stage import DEVICES, STAGES, MasterStage, Settings
from smartmix.mastering.targets import Target, load_target
from smartmix.mastering.tone import SMOOTHNESS, Detail, eq_stage, foreseeing, tone_aim, width_stage

DEFAULT_CEILING_DBTP = -1.0
TARGET_RANGE_LUFS = (-60.0, -1.0)
CEILING_RANGE_DBTP = (-24.0, 0.0)
MATCH = "match"
MOST_DRIVE_DB = 12.0


@dataclass(frozen=True, slots=True)
class MasterSettings:
    """What a person asks of a master.

    ``target``: LUFS, the name of a target, ``"match"`` (the reference's loudness, whatever it takes) or None;
    ``ceiling_dbtp`` None: the target's own, else -1. ``amount`` in %, of all stages or by stage. ``repair``: some of
    clips, clicks, rumble. ``drive_db`` of tape saturation. ``chains``: chain files that play instead of a stage.
    ``detail``: "tone" follows third octaves less where they follow the notes, "spectrum" nearly all of them.
    """

    target: float | str | Target | None = None
    ceiling_dbtp: float | None = None
    amount: Amount = 100.0
    repair: tuple[str, ...] = ()
    drive_db: float = 0.0
    chains: Mapping[str, str | Path] = field(default_factory=dict)
    detail: Detail = "tone"


def design(
    name: str, source: Portrait | None, references: Sequence[Reference], settings: MasterSettings
) -> MasterPlan:
    """The plan of a mix called ``name``. ``source`` may be None where there is no reference to match."""
    percent = amounts(settings.amount)
    if settings.detail not in SMOOTHNESS:
        raise SmartmixError(f"detail {settings.detail!r}: expected one of {', '.join(SMOOTHNESS)}")
    level = level_aim(settings.target, settings.ceiling_dbtp, references)
    stages = {id_: MasterStage(id_) for id_ in STAGES}
    stages["repair"] = _repair(settings.repair)
    stages["saturation"] = _saturation(settings.drive_db)
    if references and source is not None:
        names = Path(references[0].name).stem if len(references) == 1 else "the references"
        aim = tone_aim(source, references, settings.detail)
        if percent["level"] > 0.0:
            aim = foreseeing(aim, source, level, percent["eq"] / 100.0)
        stages["eq"] = eq_stage(source, aim, names)
        tone_db = aim.mid_db * percent["eq"] / 100.0
        stages["dynamics"] = dynamics_stage(source, tone_db, references, names)
        stages["width"] = width_stage(source, aim, names)
    for id_, file in settings.chains.items():
        if id_ not in STAGES or id_ == "level":
            known = ", ".join(each for each in STAGES if each != "level")
            raise SmartmixError(f"chain for {id_!r}: expected one of {known}")
        title = f"Chain {Path(file).stem}"
        stages[id_] = replace(stages[id_], chain=Path(file), title=title, reason="your chain file")
    why = level_reason(level, percent["level"] / 100.0)
    stages["level"] = MasterStage("level", "Loudness", why)
    played = (
        replace(stage, amount=percent[id_], suggested="" if id_ == "level" else fingerprint(stage))
        for id_, stage in stages.items()
    )
    heard = source.loudness if source is not None and references else None
    return MasterPlan(
        name,
        tuple(played),
        replace(level, suggested_lufs=level.target_lufs),
        tuple((r.name, r.weight) for r in references),
        None if heard is None else heard.integrated_lufs,
        None if heard is None else heard.true_peak_dbtp,
    )


def level_aim(
    target: float | str | Target | None, ceiling_dbtp: float | None, references: Sequence[Reference]
) -> LevelAim:
    """The loudness and ceiling that are meant. AudioError and TargetError for what cannot be."""
    named = load_target(target) if isinstance(target, str) and target != MATCH else target
    if ceiling_dbtp is None:
        ceiling_dbtp = named.ceiling_dbtp if isinstance(named, Target) else DEFAULT_CEILING_DBTP
    low, high = CEILING_RANGE_DBTP
    if not low <= ceiling_dbtp <= high:
        raise AudioError(f"ceiling {ceiling_dbtp!r} dBTP: expected {low} to {high}")
    if isinstance(named, str) or (named is None and references):
        if not references:
            raise AudioError('target "match": expected a reference to match')
        low, high = TARGET_RANGE_LUFS
        lufs = min(max(reference_lufs(references), low), high)
        return LevelAim(lufs, ceiling_dbtp, "reference", None if named else MAX_UNASKED_REDUCTION_DB)
    if named is None:
        return LevelAim(DEFAULT_TARGET_LUFS, ceiling_dbtp, "default", MAX_UNASKED_REDUCTION_DB)
    lufs = named.integrated_lufs if isinstance(named, Target) else float(named)
    low, high = TARGET_RANGE_LUFS
    if not low <= lufs <= high:
        raise AudioError(f"target {named!r} LUFS: expected {low} to {high}")
    return LevelAim(lufs, ceiling_dbtp, "asked")


def _repair(kinds: Sequence[str]) -> MasterStage:
    known = DEVICES["repair"]
    if unknown := [kind for kind in kinds if kind not in known]:
        raise SmartmixError(f"repair {unknown[0]!r}: expected some of {', '.join(known)}")
    if not kinds:
        return MasterStage("repair", "Repair", "not asked for: damage is mended where you say so")
    settings = {kind: {"amount": 1.0} for kind in known if kind in kinds}
    return MasterStage("repair", f"Repair: {', '.join(settings)}", "asked for", settings=settings)


def _saturation(drive_db: float) -> MasterStage:
    if not 0.0 <= drive_db <= MOST_DRIVE_DB:
        raise SmartmixError(f"saturation {drive_db!r} dB: expected 0 to {MOST_DRIVE_DB:g}")
    if drive_db == 0.0:
        return MasterStage("saturation", "Saturation", "not asked for")
    settings: Settings = {"saturation": {"drive_db": drive_db, "character": "tape", "oversampling": "4x"}}
    return MasterStage("saturation", f"Tape, {drive_db:g} dB", "asked for", settings=settings)
