"""Facts in the terminal: the tracks of a session, its problems, the loudness of files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from smartmix.figures import format_time
from smartmix.report import words

if TYPE_CHECKING:
    from rich.console import Console

    from smartmix.analysis.album import AlbumLoudness
    from smartmix.analysis.analysis import Analysis, Problem, TrackFacts
    from smartmix.analysis.loudness import Loudness
    from smartmix.session.session import Session


LONGEST_NAME = 48
"""Letters of a track's name in a table."""
SHOWN_ERROR_DB = 0.1
"""Uncertainty of a true peak from which it is shown."""


def print_analysis(session: Session, analysis: Analysis, console: Console) -> None:
    """Tempo, a row per track, bus, sum and rough, the sections, what covers what, what is wrong with the sources."""
    for notice in session.notices:
        console.print(Text(words.sentence(notice)), soft_wrap=True)
    console.print(Text(tempo_line(analysis)), soft_wrap=True)
    table = _table(console, ("track", "role"), ("LUFS", "dBTP", "crest dB", "plays", "lowest note"))
    for track in session.tracks:
        if track.id in analysis.tracks:
            role = track.role.replace("_", " ") + (" (muted)" if track.muted else "")
            table.add_row(Text(_short(words.printable(track.name))), role, *_cells(analysis.tracks[track.id]))
    for bus in analysis.buses.values():
        table.add_row(Text(_short(words.printable(bus.name))), "bus", *_cells(bus.facts))
    for name, facts in (("sum", analysis.sum), ("rough", analysis.rough)):
        if facts is not None:
            table.add_row(Text(name, style="bold"), "", *_cells(facts, whole=True))
    console.print(table)
    if analysis.sections:
        console.print(_section_table(analysis, console))
    console.print(
        Text(f"Material: {analysis.material}. {words.sentence(analysis.material_reason)}"), soft_wrap=True
    )
    _print_places(analysis, console)
    names = {track.id: words.printable(track.name) for track in session.tracks}
    for problem in problems_in_order(analysis.problems):
        console.print(Text(problem_line(problem, names)), soft_wrap=True)


def _print_places(analysis: Analysis, console: Console) -> None:
    """The worst ten places where one track covers another."""
    places = analysis.masking.events if analysis.masking is not None else ()
    if places:
        console.print(Text("What covers what, the worst first:"))
    for place in places:
        console.print(Text(f"  {words.printable(place.text)}"), soft_wrap=True)


def tempo_line(analysis: Analysis) -> str:
    """The tempo in words: who says so, and how else it could be counted."""
    tempo = analysis.tempo
    if tempo is None:
        return "Tempo: no steady pulse found."
    if tempo.source == "session" or tempo.other_bpm is None:
        return f"Tempo: {tempo.bpm:g} bpm (session file)."
    return f"Tempo: {tempo.bpm:.1f} bpm, or {tempo.other_bpm:.1f} counted the other way (heard, not given)."


def _section_table(analysis: Analysis, console: Console) -> Table:
    """A row per section: where it is, how loud, how wide, how many play."""
    table = _table(console, ("section",), ("from", "to", "LUFS", "dBTP", "crest dB", "correlation", "tracks"))
    for section in analysis.sections:
        silent = section.loudness_lufs == -math.inf
        table.add_row(
            Text(_short(words.printable(section.name))),
            format_time(section.start_s),
            format_time(section.end_s),
            words.SILENT if silent else words.number(section.loudness_lufs),
            "" if silent else words.number(section.true_peak_dbtp, plus=True),
            "" if silent else words.number(section.crest_db),
            f"{section.correlation:.2f}",
            str(len(section.tracks)),
        )
    return table


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
    told = problem.kind == "clicks"  # each by its own time
    moment = words.span(problem.span_s) if problem.span_s and not told else ""
    where = f" ({moment})" if moment and moment not in problem.text else ""
    weight = "serious: " if problem.serious else ""
    name = names.get(problem.track, problem.track)
    text = words.prose(problem.text)
    return f"{weight}{text if text.startswith(name) else f'{name}: {text}'}{where}"


def print_loudness(
    measured: Sequence[tuple[Path, Loudness]], console: Console, album: AlbumLoudness | None = None
) -> None:
    """A row per file, and one of all of them together where that was asked for."""
    table = _table(
        console,
        ("file",),
        ("LUFS-I", "M max", "S max", "LRA", "dBTP", "dBFS", "PLR", "PSR"),
    )
    for path, loudness in measured:
        levels = (loudness.integrated_lufs, loudness.momentary_max_lufs, loudness.short_term_max_lufs)
        table.add_row(
            Text(words.printable(str(path))),
            *(_loud(level) for level in levels),
            words.number(loudness.range_lu),
            _true_peak(loudness),
            words.number(loudness.sample_peak_dbfs, plus=True),
            words.number(loudness.plr_lu),
            words.NOTHING if loudness.psr_lu is None else words.number(loudness.psr_lu),
        )
    if album is not None:
        peak = words.number(album.true_peak_dbtp, plus=True)
        figures = (words.number(album.range_lu), peak, "", words.number(album.plr_lu), "")
        table.add_row(Text("together"), _loud(album.integrated_lufs), "", "", *figures)
    console.print(table)


def _loud(level_lufs: float) -> str:
    return words.SILENT if level_lufs == -math.inf else words.number(level_lufs)


def _true_peak(loudness: Loudness) -> str:
    """With its uncertainty where that reaches a tenth of a dB."""
    peak = words.number(loudness.true_peak_dbtp, plus=True)
    error_db = loudness.true_peak_error_db or 0.0
    return f"{peak} ±{error_db:.1f}" if error_db >= SHOWN_ERROR_DB else peak


def _table(console: Console, names: Sequence[str], figures: Sequence[str]) -> Table:
    plain = not console.is_terminal
    table = Table(box=None if plain else SIMPLE_HEAD, pad_edge=False, header_style="" if plain else "bold")
    for name in names:
        table.add_column(name, overflow="fold", min_width=12)
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    return table
