"""The keys of plan.toml (format 1) and what each may be. Loaded only when a plan.toml is read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from smartmix.plan.mixplan import Action
from smartmix.plan.move import Authority, Status
from smartmix.session.schema import Table, listed

FORMAT = 1
MAX_TEXT = 10_000

Words = Annotated[str, StringConstraints(max_length=MAX_TEXT), Field(description="a text")]
Number = Annotated[float, Field(description="a number")]


def _rising(pair: list[float]) -> list[float]:
    if len(pair) != 2 or not pair[0] <= pair[1]:
        raise ValueError("two rising numbers [from, to]")
    return pair


def _value(value: Any) -> Any:
    """A number, a word, or a lane [[time, value], ...] whose points may end in "hold"."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | list):
        raise ValueError("a number, a word or a lane [[time_s, value], ...]")
    for point in value if isinstance(value, list) else []:
        if not isinstance(point, list) or not _is_point(point):
            raise ValueError('a lane of points [time_s, value] or [time_s, value, "hold"]')
    return value


def _is_point(point: list[Any]) -> bool:
    numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in point[:2])
    return numbers and (len(point) == 2 or (len(point) == 3 and point[2] in ("hold", "linear")))


Pair = Annotated[list[float], AfterValidator(_rising)]
Setting = Annotated[Any, AfterValidator(_value)]


class EvidenceTable(Table):
    """``[[move.evidence]]``: one measured fact."""

    kind: Words
    text: Words
    amount: Number
    unit: Words = ""
    tracks: list[Words] = Field([], description="a list of track ids")
    band_hz: Pair | None = Field(None, description="two rising numbers [from, to]")
    span_s: Pair | None = Field(None, description="two rising numbers [from, to]")


class SetTable(Table):
    """``[[move.set]]``: one parameter."""

    ref: Words
    unit: Words = ""
    before: Setting
    suggested: Setting
    chosen: Setting = None


class MoveTable(Table):
    """``[[move]]``: one decision."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(description="a text")
    track: Words
    title: Words
    status: Status = Field("proposed", description=listed(Status))
    source: Words
    authority: Authority = Field("rule", description=listed(Authority))
    confidence: float = Field(ge=0.0, le=1.0, description="0 to 1")
    interval: Pair | None = Field(None, description="two rising numbers [from, to]")
    benefit: Number = 0.0
    grouped: bool = Field(False, description="true or false")
    span_s: Pair | None = Field(None, description="two rising numbers [from, to]")
    reason: Words = ""
    result: Words = ""
    cost: Words = ""
    evidence: list[EvidenceTable] = Field([], description="[[move.evidence]] entries")
    set: list[SetTable] = Field([], description="[[move.set]] entries")


class HistoryTable(Table):
    """``[[history]]``: one decision that was made."""

    action: Action = Field(description=listed(Action))
    move: Words
    before_status: Status = Field(description=listed(Status))
    after_status: Status = Field(description=listed(Status))
    detail: Words = ""
    by: Words = "person"
    step: int = Field(0, ge=0, description="a whole number from 0")
    ref: Words = ""
    before: Setting = None
    after: Setting = None


class NoteTable(Table):
    """``[[note]]``: what the client wrote, and what came of it."""

    text: Words
    moves: list[Words] = Field([], description="a list of move ids")
    unread: list[Words] = Field([], description="a list of texts")
    left_alone: list[Words] = Field([], description="a list of track ids")


class PlanTable(Table):
    """A whole plan.toml."""

    format: Literal[1] = Field(
        description="1, the only format there is; a newer smartmix may have written this"
    )
    session: Words
    seed: int = Field(0, description="a whole number")
    locks: list[Words] = Field([], description="a list of track ids and addresses")
    versions: dict[str, str] = Field({}, description="names and versions")
    inputs: dict[str, str] = Field({}, description="names and hashes")
    chains: dict[str, Words] = Field({}, description="a table: track, bus or mix = chain file")
    note: list[NoteTable] = Field([], max_length=1000, description="at most 1000 [[note]] entries")
    move: list[MoveTable] = Field([], max_length=5000, description="at most 5000 [[move]] entries")
    history: list[HistoryTable] = Field([], description="[[history]] entries")
