"""The figures of a suite as tables on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from smartmix.training.suites.result import Cell, SuiteResult

_JUDGED = {True: "met", False: "MISSED", None: "not judged"}


def print_suite(result: SuiteResult, console: Console) -> None:
    """Tables, gates and notes, in this order."""
    from rich.table import Table as Sheet

    for table in result.tables:
        sheet = Sheet(title=table.title, title_justify="left", box=None, pad_edge=False)
        for number, name in enumerate(table.columns):
            sheet.add_column(name, justify="left" if number == 0 else "right")
        for row in table.rows:
            sheet.add_row(*(_words(cell) for cell in row))
        console.print(sheet)
        if table.note:
            console.print(table.note, soft_wrap=True)
        console.print()
    for gate in result.gates:
        console.print(f"gate {gate.name}: {_JUDGED[gate.met]} ({gate.measured}; wanted {gate.demand})")
    for note in result.notes:
        console.print(note, soft_wrap=True)


def _words(cell: Cell) -> str:
    if cell is None:
        return "-"
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)
