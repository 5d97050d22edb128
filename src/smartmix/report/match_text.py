"""A match in the terminal and as data: its bands, and octave by octave what was wanted and what came out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from smartmix.figures import MINUS, hertz, number
from smartmix.matching.preset import used_bands

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from smartmix.matching.match import EQMatch

SURE, LIKELY = 0.8, 0.4
WEIGHED = 0.05
"""Below, a band has no say in the figures under the table."""


def print_match(match: EQMatch, names: tuple[str, str], console: Console) -> None:
    """What was compared, a row per band, a row per octave, and what it does to the loudness."""
    for line in opening(match, names):
        console.print(Text(line), soft_wrap=True)
    numbers = used_bands(match.eq)
    if numbers:
        console.print(_band_table(match, numbers, console))
    console.print(_octave_table(match, console))
    console.print(Text(closing(match)), soft_wrap=True)


def opening(match: EQMatch, names: tuple[str, str]) -> list[str]:
    """The two recordings, and what limits the match."""
    lines = []
    for role, name, tone in zip(("source", "reference"), names, (match.source, match.reference), strict=True):
        lines.append(
            f"{role}: {name}, {number(tone.loudness_lufs)} LUFS where it plays, {tone.heard_s:.0f} s of it"
        )
    lines.append(
        f"amount {100.0 * match.amount:.0f} %, at most {number(match.limit_db)} dB either way before it"
    )
    return lines


def closing(match: EQMatch) -> str:
    """The error over all and the change in loudness."""
    heard = match.confidence > WEIGHED
    if not heard.any() or not used_bands(match.eq):
        return "No bands: as far as both recordings tell, there is nothing to change."
    error = abs(match.achieved_db - match.intended_db)[heard]
    return (
        f"The bands are {error.mean():.2f} dB off the curve on average, {error.max():.2f} at most. "
        f"They change the loudness by {number(match.loudness_change_lu, plus=True)} LU: compare at equal loudness."
    )


def match_data(match: EQMatch, names: tuple[str, str]) -> dict[str, Any]:
    """The match for machines: bands, octaves, curves per 24th octave."""
    bands = [
        {key: match.eq.get(f"band{n}.{key}") for key in ("shape", "freq_hz", "gain_db", "q")}
        for n in used_bands(match.eq)
    ]
    return {
        "format": 1,
        "source": names[0],
        "reference": names[1],
        "sample_rate": match.sample_rate,
        "amount": match.amount,
        "limit_db": match.limit_db,
        "bands": bands,
        "octaves": match.octaves,
        "loudness_change_lu": match.loudness_change_lu,
        "hz": match.hz,
        "intended_db": match.intended_db,
        "achieved_db": match.achieved_db,
        "confidence": match.confidence,
    }


def _band_table(match: EQMatch, numbers: Sequence[int], console: Console) -> Table:
    table = _table(console, ("band", "shape"), ("at", "gain dB", "Q"))
    for n in numbers:
        shape, hz, gain_db, q = (
            match.eq.get(f"band{n}.{key}") for key in ("shape", "freq_hz", "gain_db", "q")
        )
        table.add_row(
            str(n),
            str(shape).replace("_", " "),
            hertz(float(hz)),
            number(float(gain_db), 2, plus=True),
            f"{float(q):.2f}",
        )
    return table


def _octave_table(match: EQMatch, console: Console) -> Table:
    table = _table(console, ("octave",), ("intended dB", "achieved dB", "error dB", "at most", "how sure"))
    for octave in match.octaves:
        sure = octave.confidence
        word = (
            "sure"
            if sure >= SURE
            else "likely"
            if sure >= LIKELY
            else "have a listen"
            if sure > WEIGHED
            else MINUS
        )
        table.add_row(
            hertz(math.floor(octave.centre_hz)),
            number(octave.intended_db, plus=True),
            number(octave.achieved_db, plus=True),
            f"{octave.mean_error_db:.2f}",
            f"{octave.max_error_db:.2f}",
            word,
        )
    return table


def _table(console: Console, names: Sequence[str], figures: Sequence[str]) -> Table:
    plain = not console.is_terminal
    table = Table(box=None if plain else SIMPLE_HEAD, pad_edge=False, header_style="" if plain else "bold")
    for name in names:
        table.add_column(name)
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    return table
