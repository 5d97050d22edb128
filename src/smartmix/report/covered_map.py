"""Where in time and pitch a track is covered: one map each, those that lose most first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from smartmix.report import words
from smartmix.report.markup import Html, join, tag
from smartmix.report.png import Colour, data_uri, indexed_png
from smartmix.report.svg import LEFT, RIGHT, WIDTH, Box, Scale, figure, label, rule, section_bands, time_axis

if TYPE_CHECKING:
    from smartmix.analysis.masking_facts import MaskingFacts
    from smartmix.workflow.result import MixResult

SHOWN = 6
"""Maps in sight; the others are folded."""
LEAST_LOST = 0.05
"""A track that loses less than this has no map: there is nothing to see."""
_HEARD, _COVERED = (52, 120, 190), (222, 82, 20)
_SHARES, _LEVELS = 16, 8
_RANGE_DB = 36.0
"""From a track's loud places down: what lies lower is not drawn."""
_TICKS_HZ = (100.0, 1000.0, 10_000.0)
_HEIGHT = 92.0
_SECTION_ROW = 18.0


def covered_maps(result: MixResult) -> Html:
    """A map for each track that loses something, the worst first."""
    facts = result.analysis.masking
    if facts is None:
        return Html("")
    names = {track.id: track.name for track in result.session.tracks}
    lost = 1.0 - facts.heard_share
    order = [int(i) for i in np.argsort(-lost, kind="stable") if lost[i] >= LEAST_LOST]
    drawn = [_map(result, facts, i, names[facts.tracks[i]]) for i in order]
    if not drawn:
        return Html("")
    rest = drawn[SHOWN:]
    folded = tag("details", tag("summary", words.count(len(rest), "more track")), *rest) if rest else None
    legend = tag(
        "p",
        tag("span", "heard", class_="key heard"),
        " ",
        tag("span", "covered by the others", class_="key covered"),
        " The stronger the colour, the louder the track is there. Low notes are at the bottom. "
        "Faders stand where the session has them, before any move.",
        class_="note",
    )
    return join(legend, *drawn[:SHOWN], folded)


def _map(result: MixResult, facts: MaskingFacts, index: int, name: str) -> Html:
    title_y = 15.0
    top = (
        24.0 if not result.session.sections else 24.0 + _SECTION_ROW
    )  # section names have a row of their own
    box = Box(LEFT, top, RIGHT, top + _HEIGHT)
    duration_s = max(result.session.duration_s, facts.column_s)
    x = Scale(0.0, duration_s, box.left, box.right)
    columns = facts.covered.shape[1]
    picture = tag(
        "image",
        x=box.left,
        y=box.top,
        width=max(x(columns * facts.column_s) - box.left, 1.0),
        height=box.bottom - box.top,
        preserveAspectRatio="none",
        class_="map",
        href=data_uri(indexed_png(_pixels(facts, index), palette())),
    )
    return figure(
        f"covered-{index}",
        (WIDTH, box.bottom + 24.0),
        f"Where {name} is covered",
        _said(facts, index),
        section_bands(result.session.sections, x, box, box.bottom),
        *_pitches(facts, box),
        picture,
        label(box.left, title_y, name, "rowname"),
        time_axis(box, x, duration_s),
    )


def _pitches(facts: MaskingFacts, box: Box) -> list[Html]:
    edges = facts.band_edges_hz
    marks = []
    for hz in _TICKS_HZ:
        place = float(np.interp(np.log(hz), np.log(edges), np.arange(edges.size))) / (edges.size - 1)
        at = box.bottom - place * (box.bottom - box.top)
        marks.append(rule(box.left, at, box.right, at))
        marks.append(label(box.left - 7, at + 4, words.hertz(hz), "tick", "end"))
    return marks


def _pixels(facts: MaskingFacts, index: int) -> NDArray[np.uint8]:
    """Places in the palette, high notes in the first row."""
    level = facts.level_db[index]
    top = float(np.percentile(level[np.isfinite(level)], 98.0)) if np.isfinite(level).any() else 0.0
    strength = np.clip((level - top + _RANGE_DB) / _RANGE_DB, 0.0, 1.0)
    loud = np.rint(strength * _LEVELS).astype(int)
    share = np.rint(facts.covered_share[index] * (_SHARES - 1)).astype(int)
    places = np.where(loud > 0, 1 + (loud - 1) * _SHARES + share, 0)
    return np.ascontiguousarray(places.T[::-1], np.uint8)


def palette() -> list[Colour]:
    """Nothing, then for each strength the way from heard to covered."""
    colours: list[Colour] = [(0, 0, 0, 0)]
    for strength in range(1, _LEVELS + 1):
        opaque = round(40 + 215 * strength / _LEVELS)
        for step in range(_SHARES):
            share = step / (_SHARES - 1)
            red, green, blue = (round(a + share * (b - a)) for a, b in zip(_HEARD, _COVERED, strict=True))
            colours.append((red, green, blue, opaque))
    return colours


def _said(facts: MaskingFacts, index: int) -> str:
    """The band in which most is lost, for people who do not see the map."""
    lost = facts.covered_share[index] * (10.0 ** (0.03 * facts.level_db[index]))
    by_band = lost.sum(axis=0)
    if not by_band.any():
        return "Nothing of it is covered."
    worst = int(np.argmax(by_band))
    low, high = facts.band_edges_hz[worst], facts.band_edges_hz[worst + 1]
    return f"Most is lost around {words.hertz(float(np.sqrt(low * high)))}."
