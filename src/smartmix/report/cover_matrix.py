"""Who covers whom, as a table of tracks against tracks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from smartmix.analysis.masking_pairs import one_sound
from smartmix.report import words
from smartmix.report.markup import Html, join, tag
from smartmix.report.svg import WIDTH, block, figure, fitting, label, rule

if TYPE_CHECKING:
    from smartmix.analysis.masking_facts import MaskingFacts
    from smartmix.workflow.result import MixResult

MOST = 16
"""Tracks in the table: those that take part most."""
LEAST_SHARE = 0.05
"""A pair with less is left blank, and a track without any such pair left out."""
_LEFT, _TOP = 190.0, 118.0


def cover_matrix(result: MixResult) -> Html | None:
    """Rows are covered, columns cover; a cell is the share of its loudness that the one takes from the other."""
    facts = result.analysis.masking
    if facts is None:
        return None
    facts = _of_rivals(result, facts)
    chosen = _chosen(facts)
    if not chosen:
        return None
    names = {track.id: track.name for track in result.session.tracks}
    titles = [names[facts.tracks[i]] for i in chosen]
    pitch = min(46.0, (WIDTH - _LEFT - 70.0) / len(chosen))
    height, right = 27.0, _LEFT + pitch * len(chosen)
    bottom = _TOP + height * len(chosen)
    parts: list[Html] = [label(_LEFT - 12, _TOP - 10, "covered ↓   by →", "unit", "end")]
    for row, name in enumerate(titles):
        y = _TOP + height * row
        parts.append(rule(_LEFT, y, right, y))
        parts.append(label(_LEFT - 12, y + 18, fitting(name, _LEFT - 24, 7.4), "rowname", "end"))
        parts.append(_head(name, _LEFT + pitch * (row + 0.5)))
        parts.extend(
            _cell(
                float(facts.lost_share[chosen[row], chosen[column]]),
                _LEFT + pitch * column,
                y,
                (pitch, height),
            )
            for column in range(len(chosen))
            if column != row
        )
    parts.append(rule(_LEFT, bottom, right, bottom))
    return figure("cover", (WIDTH, bottom + 8), "Who covers whom", _said(facts, names), join(*parts))


def _of_rivals(result: MixResult, facts: MaskingFacts) -> MaskingFacts:
    """The same without pairs that are one sound: microphones of one source, doubles, an effect and its dry track."""
    share = facts.lost_share.copy()
    for covered, covering in one_sound(result.session):
        if covered in facts.tracks and covering in facts.tracks:
            share[facts.index(covered), facts.index(covering)] = 0.0
    return replace(facts, lost_share=share)


def _chosen(facts: MaskingFacts) -> list[int]:
    """Tracks of a pair worth a word, in session order."""
    share = facts.lost_share.copy()
    np.fill_diagonal(share, 0.0)
    weight = np.maximum(share.max(axis=1, initial=0.0), share.max(axis=0, initial=0.0))
    ranked = [int(i) for i in np.argsort(-weight, kind="stable") if weight[i] >= LEAST_SHARE]
    return sorted(ranked[:MOST])


def _head(name: str, x: float) -> Html:
    shown = fitting(name, 130.0, 7.4)
    return tag(
        "text", shown, x=x, y=_TOP - 8, class_="rowname", transform=f"rotate(-45 {x:.1f} {_TOP - 8:.1f})"
    )


def _cell(share: float, x: float, y: float, size: tuple[float, float]) -> Html:
    if share < LEAST_SHARE:
        return Html("")
    width, height = size
    shade = block(x + 1, y + 1, width - 2, height - 2, "cover", rx=2.0, fill_opacity=0.12 + 0.7 * share)
    return join(shade, label(x + width / 2, y + 18, f"{100 * share:.0f}", "cell", "middle"))


def _said(facts: MaskingFacts, names: dict[str, str]) -> str:
    """The strongest pairs in words."""
    share = facts.lost_share.copy()
    np.fill_diagonal(share, 0.0)
    order = np.argsort(-share, axis=None, kind="stable")[:5]
    pairs = [np.unravel_index(place, share.shape) for place in order]
    told = [
        f"{names[facts.tracks[j]]} takes {100 * share[i, j]:.0f} % from {names[facts.tracks[i]]}"
        for i, j in pairs
        if share[i, j] >= LEAST_SHARE
    ]
    return words.closed("; ".join(told)) if told else "No track covers another."
