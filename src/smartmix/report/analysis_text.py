"""Facts in the terminal: the tracks of a session, its problems, the loudness of files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from smartmix.report import words

if TYPE_CHECKING:
    from rich.console import Console

    from smartmix.analysis.analysis import Analysis, Problem, TrackFacts
    from smartmix.analysis.loudness import Loudness
    from smartmix.session.session import Session


LONGEST_NAME = 48
"""Letters of a track's name in a table."""


def print_analysis(session: Session, analysis: Analysis, console: Console) -> None:
    """A row per track, then sum and rough mix, then what is wrong with the sources."""
    for notice in session.notices:
        console.print(Text(words.sentence(notice)), soft_wrap=True)
    table = _table(console, ("track", "role"), ("LUFS", "dBTP", "crest dB", "plays", "lowest note"))
    for track in session.tracks:
        if track.id in analysis.tracks:
            role = track.role.replace("_", " ") + (" (muted)" if track.muted else "")
            table.add_row(Text(_short(words.printable(track.name))), role, *_cells(analysis.tracks[track.id]))
    for name, facts in (("sum", analysis.sum), ("rough", analysis.rough)):
        if facts is not None:
            table.add_row(Text(name, style="bold"), "", *_cells(facts, whole=True))
    console.print(table)
    console.print(
        Text(f"Material: {analysis.material}. {words.sentence(analysis.material_reason)}"), soft_wrap=True
    )
    names = {track.id: words.printable(track.name) for track in session.tracks}
    for problem in problems_in_order(analysis.problems):
        console.print(Text(problem_line(problem, names)), soft_wrap=True)


def _short(name: str) -> str:
    """A name that leaves room for the figures; the end of a very long one gives way."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _cells(facts: TrackFacts, *, whole: bool = False) -> list[str]:
    level = facts.loudness.integrated_lufs if whole else facts.active_lufs
    lowest = facts.lowest_note_hz
    return [
        words.SILENT if level == -math.inf else words.number(level),
        words.number(facts.loudness.true_peak_dbtp, plus=True),
        words.number(facts.crest_db),
        f"{facts.active_share * 100:.0f} %",
        "" if lowest is None or whole else f"{words.note_name(lowest)} ({words.hertz(lowest)})",
    ]


def problems_in_order(problems: Sequence[Problem]) -> list[Problem]:
    """Serious ones first, else in the order they were found."""
    return sorted(problems, key=lambda problem: not problem.serious)


def problem_line(problem: Problem, names: dict[str, str]) -> str:
    """One problem: how serious, which track, what, where."""
    moment = words.span(problem.span_s) if problem.span_s else ""
    where = f" ({moment})" if moment and moment not in problem.text else ""
    weight = "serious: " if problem.serious else ""
    name = names.get(problem.track, problem.track)
    text = words.prose(problem.text)
    return f"{weight}{text if text.startswith(name) else f'{name}: {text}'}{where}"


def print_loudness(measured: Sequence[tuple[Path, Loudness]], console: Console) -> None:
    """A row per file."""
    table = _table(
        console,
        ("file",),
        ("LUFS-I", "M max", "S max", "LRA", "dBTP", "dBFS", "PLR"),
    )
    for path, loudness in measured:
        levels = (loudness.integrated_lufs, loudness.momentary_max_lufs, loudness.short_term_max_lufs)
        cells = [words.SILENT if level == -math.inf else words.number(level) for level in levels]
        peaks = [words.number(p, plus=True) for p in (loudness.true_peak_dbtp, loudness.sample_peak_dbfs)]
        range_ = words.number(loudness.range_lu)
        table.add_row(Text(words.printable(str(path))), *cells, range_, *peaks, words.number(loudness.plr_lu))
    console.print(table)


def _table(console: Console, names: Sequence[str], figures: Sequence[str]) -> Table:
    plain = not console.is_terminal
    table = Table(box=None if plain else SIMPLE_HEAD, pad_edge=False, header_style="" if plain else "bold")
    for name in names:
        table.add_column(name, overflow="fold", min_width=12)
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    return table
