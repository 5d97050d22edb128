"""master.toml: a master plan as people read and edit it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from smartmix.audio.files import check_target
from smartmix.errors import PlanError, SmartmixError
from smartmix.mastering.chain import check_chain_amount, face
from smartmix.mastering.masterplan import LevelAim, MasterPlan
from smartmix.mastering.stage import MOST_AMOUNT, STAGES, MasterStage, scaled
from smartmix.plan.evidence import Evidence
from smartmix.processors.values import Value
from smartmix.rack.chain_file import flat
from smartmix.session import document as toml
from smartmix.session.comments import comments_of
from smartmix.session.schema import Table

FORMAT = 1
HEADER = """\
A smartmix master, stage by stage in the order the sound goes through. Change it in any text editor; comments stay.
`smartmix master MIX --plan THIS -o OUT` plays it as it stands. bypass = true takes a stage out; amount is in % of the
settings written here; chain = "file.toml" plays a chain file (plugins) instead of the stage. A target_lufs of your own
is met whatever it takes. suggested... tells what you changed from what was suggested; result is written anew."""
SOURCES = ("asked", "reference", "default", "hand")
_SUM_SLACK = 0.01
_OTHERS = {
    "move": "the plan of a mix: play it with smartmix render SESSION --plan",
    "track": "a session: mix it with smartmix mix",
    "device": "a chain file: give it to --chain STAGE=FILE",
}

Text = Annotated[str, Field(max_length=10_000, description="a text")]


class EvidenceTable(Table):
    """``[[stage.evidence]]``: one measured fact."""

    kind: Text
    text: Text
    amount: float
    unit: Text = ""
    band_hz: list[float] | None = Field(None, description="[from, to] in Hz", min_length=2, max_length=2)


class StageTable(Table):
    """``[[stage]]``."""

    id: Annotated[str, Field(pattern=f"^({'|'.join(STAGES)})$", description=f"one of {', '.join(STAGES)}")]
    title: Text = ""
    reason: Text = ""
    result: Text = ""
    amount: float = Field(100.0, ge=0.0, le=MOST_AMOUNT, description=f"0 to {MOST_AMOUNT:g} %")
    bypass: bool = Field(False, description="true or false")
    chain: Text | None = None
    suggested: Text = ""
    settings: dict[str, Any] = Field(default_factory=dict, description="tables of settings by device")
    evidence: list[EvidenceTable] = Field(default_factory=list, description="tables")


class LevelTable(Table):
    """``[level]``."""

    target_lufs: float = Field(ge=-60.0, le=-1.0, description="-60 to -1 LUFS")
    ceiling_dbtp: float = Field(ge=-24.0, le=0.0, description="-24 to 0 dBTP")
    target_source: Annotated[
        str, Field(pattern=f"^({'|'.join(SOURCES)})$", description=f"one of {', '.join(SOURCES)}")
    ] = "asked"
    max_reduction_db: float | None = Field(None, ge=0.0, le=24.0, description="0 to 24 dB, or not there")
    suggested_lufs: float | None = Field(None, ge=-60.0, le=-1.0, description="-60 to -1 LUFS")


class ReferenceTable(Table):
    """``[[reference]]``."""

    name: Text
    weight: float = Field(gt=0.0, le=1.0, description="over 0 to 1")


class MasterTable(Table):
    """The whole file."""

    format: int
    source: Text = ""
    source_lufs: float | None = Field(None, ge=-70.0, le=5.0, description="-70 to 5 LUFS")
    source_dbtp: float | None = Field(None, ge=-120.0, le=60.0, description="-120 to 60 dBTP")
    level: LevelTable
    reference: list[ReferenceTable] = Field(default_factory=list, description="tables")
    stage: list[StageTable]


def load_master_plan(path: str | Path) -> MasterPlan:
    """Read a master.toml. PlanError names file, stage, key, value and what was expected."""
    path = Path(path)
    data = toml.parse(toml.read_text(path, PlanError), path, PlanError)
    if data.get("format") != FORMAT:
        raise PlanError(f"{path}: format = {data.get('format')!r}: expected {FORMAT}")
    if not data.keys() & {"level", "stage"}:
        for key, words in _OTHERS.items():
            if key in data:
                raise PlanError(f"{path}: this is {words}; expected the plan of a master (NAME_master.toml)")
    table = toml.validate(MasterTable, data, path, PlanError)
    _check_order([row.id for row in table.stage], path)
    _check_references(table, path)
    level = table.level
    try:
        stages = {row.id: _stage(row, path) for row in table.stage}
    except SmartmixError as error:
        raise PlanError(f"{path}: {error}") from None
    return MasterPlan(
        table.source,
        tuple(stages[id_] for id_ in STAGES if id_ in stages),
        LevelAim(**level.model_dump()),
        tuple((row.name, row.weight) for row in table.reference),
        table.source_lufs,
        table.source_dbtp,
    )


def _check_order(ids: list[str], path: Path) -> None:
    if len(set(ids)) != len(ids):
        raise PlanError(f"{path}: the stage {next(i for i in ids if ids.count(i) > 1)!r} is there twice")
    for before, after in itertools.pairwise(ids):
        if STAGES.index(after) < STAGES.index(before):
            raise PlanError(
                f"{path}: the stage {after!r} stands behind {before!r}: the sound goes through "
                f"{', '.join(STAGES)}, and the order cannot be changed"
            )


def _check_references(table: MasterTable, path: Path) -> None:
    """They are a record of what the plan was made for: a weight that is changed there changes nothing."""
    total = sum(row.weight for row in table.reference)
    if table.reference and abs(total - 1.0) > _SUM_SLACK:
        raise PlanError(
            f"{path}: the weights of the references add up to {total:g}: expected 1. The settings were made for "
            "them; for other weights, master with --reference FILE:WEIGHT again"
        )
    if table.level.target_source == "reference" and not table.reference:
        raise PlanError(
            f'{path}: level, target_source = "reference", and no [[reference]]: expected one, or another source'
        )


def save_master_plan(plan: MasterPlan, path: str | Path, *, force: bool = False) -> Path:
    """Write a plan atomically; comments of a file that is replaced (``force``) stay."""
    path = Path(path)
    check_target(path, force=force, advice="use --force to write over it; your comments stay")
    document = _document(plan, path)
    old = comments_of(toml.read_text(path, PlanError)) if path.exists() else None
    toml.write(path, document, old or toml.with_header(HEADER, document))
    return path


def _stage(row: StageTable, path: Path) -> MasterStage:
    settings: dict[str, dict[str, Value]] = {}
    for device, values in row.settings.items():
        if not isinstance(values, dict):
            raise SmartmixError(f"stage {row.id!r}: settings.{device} = {values!r}: expected a table")
        settings[device] = dict(flat(values))
        face(row.id, device, settings[device])
    if row.chain and row.id == "level":
        raise SmartmixError(f"stage 'level': chain = {row.chain!r}: it has none, only its gain and limiter")
    evidence = tuple(
        Evidence(
            e.kind, e.text, e.amount, e.unit, band_hz=(e.band_hz[0], e.band_hz[1]) if e.band_hz else None
        )
        for e in row.evidence
    )
    chain = (path.resolve().parent / row.chain) if row.chain else None
    stage = MasterStage(
        row.id,
        row.title,
        row.reason,
        row.result,
        row.amount,
        row.bypass,
        settings,
        chain,
        evidence,
        suggested=row.suggested,
    )
    _check_as_played(stage)
    return stage


def _check_as_played(stage: MasterStage) -> None:
    """Settings in their ranges can leave them at an amount over 100 %."""
    check_chain_amount(stage)
    if stage.chain is not None and not stage.chain.is_file():
        raise SmartmixError(f"stage {stage.id!r}: chain = {str(stage.chain)!r}: no such file")
    for device, values in scaled(stage, stage.amount / 100.0).items():
        try:
            face(stage.id, device, values)
        except SmartmixError as error:
            raise SmartmixError(
                str(error).replace(f"{stage.id!r}", f"{stage.id!r}, amount = {stage.amount:g}", 1)
            ) from None


def _document(plan: MasterPlan, path: Path) -> toml.Document:
    level = plan.level
    return {
        "format": FORMAT,
        "source": plan.source,
        **_heard("source_lufs", plan.source_lufs, 2),
        **_heard("source_dbtp", plan.source_dbtp, 2),
        "level": {
            "target_lufs": round(level.target_lufs, 3),
            "ceiling_dbtp": level.ceiling_dbtp,
            "target_source": level.target_source,
            **({} if level.max_reduction_db is None else {"max_reduction_db": level.max_reduction_db}),
            **_heard("suggested_lufs", level.suggested_lufs, 3),
        },
        "reference": [{"name": name, "weight": weight} for name, weight in plan.references],
        "stage": [dict(_row(stage, path)) for stage in plan.stages],
    }


def _heard(key: str, value: float | None, decimals: int) -> toml.Document:
    return {} if value is None or not math.isfinite(value) else {key: round(value, decimals)}


def _row(stage: MasterStage, path: Path) -> Iterator[tuple[str, Any]]:
    yield "id", stage.id
    for key in ("title", "reason", "result"):
        if text := getattr(stage, key):
            yield key, text
    yield "amount", stage.amount
    yield "bypass", stage.bypass
    if stage.suggested:
        yield "suggested", stage.suggested
    if stage.chain is not None:
        folder = path.resolve().parent
        whole = stage.chain.resolve()
        yield "chain", whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else str(whole)
    if stage.settings:
        yield "settings", {device: _nested(values) for device, values in stage.settings.items() if values}
    if stage.evidence:
        yield "evidence", [_evidence(each) for each in stage.evidence]


def _nested(values: Any) -> toml.Document:
    tables: toml.Document = {}
    for name, value in values.items():
        *above, last = name.split(".")
        table = tables
        for part in above:
            table = table.setdefault(part, {})
        table[last] = value
    return tables


def _evidence(each: Evidence) -> toml.Document:
    row: toml.Document = {
        "kind": each.kind,
        "text": each.text,
        "amount": round(each.amount, 3),
        "unit": each.unit,
    }
    return row | ({"band_hz": list(each.band_hz)} if each.band_hz else {})
