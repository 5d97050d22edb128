"""Who covers whom, on the page: the worst places in words, the table of tracks, a map for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.report import words
from smartmix.report.cover_matrix import cover_matrix
from smartmix.report.covered_map import covered_maps
from smartmix.report.markup import Html, join, tag

if TYPE_CHECKING:
    from smartmix.workflow.result import MixResult


def covering(result: MixResult) -> Html:
    """The section; nothing for a session of one track or one that was not listened to for it."""
    facts = result.analysis.masking
    if facts is None or len(facts.tracks) < 2:
        return Html("")
    matrix, maps = cover_matrix(result), covered_maps(result)
    if not facts.events and matrix is None and not maps:
        return tag("p", "Every track is heard: none covers another for long.")
    caption = (
        "Of a track's loudness, how many per cent one other track alone takes from it, with every fader where the "
        "session has it, before any move. Shares do not add up: two tracks can cover the same notes."
    )
    return join(
        tag("ul", *(tag("li", words.closed(place.text)) for place in facts.events), class_="done")
        if facts.events
        else None,
        join(tag("h3", "Table"), tag("figure", matrix, tag("figcaption", caption)))
        if matrix is not None
        else None,
        join(tag("h3", "Where each is covered"), maps) if maps else None,
    )
