"""Before and after by ear: clips at a common loudness, embedded in the page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from smartmix.analysis.analysis import FRAME_RATE_HZ
from smartmix.plan.acting import acts_within
from smartmix.plan.titles import title_in_force
from smartmix.report import words
from smartmix.report.markup import Html, join, tag

if TYPE_CHECKING:
    from smartmix.plan.move import Move
    from smartmix.workflow.result import Clip, MixResult


def listening(result: MixResult) -> Html:
    """The clips, those of one stretch together; a button switches between them without losing the place."""
    groups: dict[tuple[float, float], list[Clip]] = {}
    for clip in result.clips:
        groups.setdefault((clip.start_s, clip.duration_s), []).append(clip)
    return join(*(_group(result, clips) for clips in groups.values()))


def _group(result: MixResult, clips: list[Clip]) -> Html:
    start_s, duration_s = clips[0].start_s, clips[0].duration_s
    section = result.session.section_at(start_s + duration_s / 2)
    where = f"{section.name}, " if section else ""
    title = tag("h3", f"{where}{words.span((start_s, start_s + duration_s))}")
    elsewhere = _elsewhere(result, (start_s, start_s + duration_s))
    note = tag("p", elsewhere, class_="note") if elsewhere else None
    return join(tag("div", title, *(_row(clip) for clip in clips), class_="ab"), note)


def _elsewhere(result: MixResult, stretch_s: tuple[float, float]) -> str:
    """Which moves of the mix this stretch has nothing of: they act elsewhere, or their tracks do not play here."""
    applied = [o.move for o in result.outcomes if o.verdict == "applied"]
    missed = [m for m in applied if not (acts_within(m, *stretch_s) and _plays(result, m, stretch_s))]
    if not missed:
        return ""
    told = "; ".join(words.prose(title_in_force(move)) for move in missed)
    return f"Not heard in this stretch: {told}. To hear one by itself: smartmix listen."


def _plays(result: MixResult, move: Move, stretch_s: tuple[float, float]) -> bool:
    """Whether a track of the move plays there; a group, a return or the mix is taken to."""
    first, last = (round(edge * FRAME_RATE_HZ) for edge in stretch_s)
    facts = [result.analysis.tracks.get(item.ref.track) for item in move.sets]
    return not facts or any(f is None or bool(f.features.active[first:last].any()) for f in facts)


def _row(clip: Clip) -> Html:
    source = "data:audio/flac;base64," + base64.b64encode(clip.flac).decode("ascii")
    return tag(
        "div",
        tag(
            "button",
            clip.name,
            type="button",
            hidden=True,
            class_=f"switch {clip.name}",
            aria_pressed="false",
            aria_label=f"Switch to {clip.name}",
        ),
        tag("span", clip.name, class_=f"clip {clip.name}"),
        tag(
            "audio", controls=True, loop=True, preload="metadata", src=source, aria_label=f"{clip.name} clip"
        ),
        tag("small", f"{words.change(clip.gain_db)} for equal loudness"),
        class_="row",
    )
