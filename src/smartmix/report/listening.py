"""Before and after by ear: clips at a common loudness, embedded in the page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from smartmix.report import words
from smartmix.report.markup import Html, join, tag

if TYPE_CHECKING:
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
    return tag("div", title, *(_row(clip) for clip in clips), class_="ab")


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
