"""What a suite hands back: tables for people, the same figures for machines, gates met or missed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

Cell = str | float | int | None
"""A figure or a word; None is printed as a dash."""


@dataclass(frozen=True, slots=True)
class SuiteOptions:
    """How a suite is run.

    ``songs`` is a folder of real sessions (one folder each), judged beside the synthesised ones; they are read only.
    ``model`` is a folder of trained weights to judge instead of the shipped ones. ``quick`` takes fewer songs: for a
    look, not for a figure.
    """

    songs: Path | None = None
    model: Path | None = None
    seed: int = 0
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a title, column names, rows as long as those, and what the columns mean."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """One demand and what was measured; ``met`` None: could not be judged here, ``measured`` says why."""

    name: str
    demand: str
    measured: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """Everything one suite found out."""

    suite: str
    tables: tuple[Table, ...]
    gates: tuple[Gate, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether no gate was missed."""
        return all(gate.met is not False for gate in self.gates)
