"""The keys of session.toml (format 1) and what each may be. Loaded only when a session.toml is read."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from smartmix.session.roles import ROLES
from smartmix.session.session import Material

FORMAT = 1


def listed(literal: Any) -> str:
    """The words of a ``Literal`` for a message: '"a", "b" or "c"'."""
    *first, last = (f'"{word}"' for word in get_args(literal))
    return f"{', '.join(first)} or {last}"


def _known_role(role: str) -> str:
    if role not in ROLES:
        raise ValueError("one of " + ", ".join(ROLES))
    return role


Text = Annotated[str, StringConstraints(min_length=1, max_length=1024), Field(description="a text")]
Id = Annotated[
    str,
    StringConstraints(pattern=r"^\w[\w-]{0,63}$"),
    Field(description="an id of letters, digits, - and _ (at most 64)"),
]
Role = Annotated[str, AfterValidator(_known_role), Field(description="one of " + ", ".join(ROLES))]
LevelDb = Annotated[float, Field(ge=-120.0, le=24.0, description="-120 to 24 dB")]
TimeS = Annotated[float, Field(ge=0.0, le=86_400.0, description="0 to 86400 s")]
Switch = Annotated[bool, Field(description="true or false")]


class Table(BaseModel):
    """A table without room for unknown keys; numbers are numbers, words are words."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class TrackTable(Table):
    """``[[track]]``: one sound file and what it is."""

    file: Text
    id: Id | None = Field(None, description="an id of letters, digits, - and _ (at most 64)")
    name: Text | None = Field(None, description="a text")
    role: Role | None = Field(None, description="one of " + ", ".join(ROLES))
    group: Text | None = Field(None, description="a text")
    priority: float | None = Field(None, ge=0.0, le=1.0, description="0 to 1")
    protect: Switch = False
    locked: Switch = False
    muted: Switch | None = Field(None, description="true or false")
    gain_db: LevelDb = 0.0
    pan: float = Field(0.0, ge=-1.0, le=1.0, description="-1 (left) to 1 (right)")
    offset_s: TimeS | None = Field(None, description="0 to 86400 s")
    played_at_hz: int | None = Field(None, ge=8_000, le=384_000, description="8000 to 384000 Hz")
    right_file: Text | None = Field(None, description="the name of a sound file")


class BusTable(Table):
    """``[[bus]]``: a summing point and the ids that feed it."""

    id: Id
    name: Text | None = Field(None, description="a text")
    members: list[Id] = Field([], description="a list of track and bus ids")
    gain_db: LevelDb = 0.0


class TempoTable(Table):
    """``[[tempo]]``: the tempo from a time on."""

    time_s: TimeS
    bpm: float = Field(ge=20.0, le=400.0, description="20 to 400")
    beats_per_bar: int = Field(4, ge=1, le=32, description="1 to 32")
    beat_unit: Literal[1, 2, 4, 8, 16, 32] = Field(4, description="1, 2, 4, 8, 16 or 32")


class SectionTable(Table):
    """``[[section]]``: a named part of the song."""

    name: Text
    start_s: TimeS
    end_s: TimeS


class SessionTable(Table):
    """A whole session.toml."""

    format: Literal[1] = Field(
        description="1, the only format there is; a newer smartmix may have written this"
    )
    name: Text | None = Field(None, description="a text")
    sample_rate: int | None = Field(None, ge=8_000, le=384_000, description="8000 to 384000 Hz")
    material: Material = Field("unknown", description=listed(Material))
    rough: Text | None = Field(None, description="the name of a sound file")
    references: list[Text] = Field([], max_length=16, description="at most 16 names of sound files")
    match: dict[Id, Text] = Field(
        {}, description="a table: id of a track or bus, or mix = name of a sound file or preset"
    )
    locks: list[Text] = Field([], description='a list of track ids and addresses like "kick/fader/gain_db"')
    track: list[TrackTable] = Field([], max_length=1024, description="at most 1024 [[track]] entries")
    bus: list[BusTable] = Field([], max_length=256, description="at most 256 [[bus]] entries")
    tempo: list[TempoTable] = Field([], max_length=10_000, description="at most 10000 [[tempo]] entries")
    section: list[SectionTable] = Field([], max_length=1000, description="at most 1000 [[section]] entries")
