"""The keys of habits.toml (format 1) and what each may be. Loaded only when one is read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from smartmix.session.roles import ROLES
from smartmix.session.schema import Table
from smartmix.suggesters.habits.decisions import LARGEST_DB, QUANTITIES


def _one_of(kind: str, known: tuple[str, ...]) -> AfterValidator:
    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"a {kind}: one of {', '.join(known)}")
        return value

    return AfterValidator(check)


class DecisionTable(Table):
    """``[[song.decision]]``: one wish."""

    role: Annotated[str, _one_of("role", tuple(ROLES))]
    quantity: Annotated[str, _one_of("quantity", QUANTITIES)]
    wanted_db: float = Field(
        ge=-LARGEST_DB,
        le=LARGEST_DB,
        allow_inf_nan=False,
        description=f"-{LARGEST_DB:g} to {LARGEST_DB:g} dB",
    )


class SongTable(Table):
    """``[[song]]``: one song."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = Field(description="a name")
    decision: list[DecisionTable] = Field([], max_length=1000, description="[[song.decision]] entries")


class HabitsTable(Table):
    """A whole habits.toml."""

    format: Literal[1] = Field(
        description="1, the only format there is; a newer smartmix may have written this"
    )
    on: bool = Field(True, description="true or false")
    song: list[SongTable] = Field([], max_length=1000, description="at most 1000 [[song]] entries")
