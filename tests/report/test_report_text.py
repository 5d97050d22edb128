"""The terminal: the before/after table to the letter, and nothing that steers the terminal."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from report.sample_result import ESCAPE_NAME, sample_result
from smartmix.plan.explain import sentence
from smartmix.report import words
from smartmix.report.svg import Scale, spread, ticks, time_ticks
from smartmix.report.text import print_result
from smartmix.workflow.result import MixResult

GOLDEN_TABLE = """\
                       sum  rough    mix  master  unit
Integrated loudness  −19.4  −16.2  −18.1   −14.0  LUFS
Momentary, loudest   −14.3  −11.1  −13.0    −8.9  LUFS
Short-term, loudest  −16.2  −13.0  −14.9   −10.8  LUFS
Loudness range         7.5    7.5    7.5     7.5  LU
True peak             +1.3   −0.3   −2.2    −1.0  dBTP
Peak to loudness      20.7   15.9   15.9    13.0  LU
Correlation L/R      +0.71  +0.64  +0.58   +0.58
Lost in mono           0.6    0.9    1.1     1.1  dB
"""


def printed(result: MixResult, *, terminal: bool = False, width: int = 100) -> str:
    stream = io.StringIO()
    print_result(result, Console(file=stream, width=width, force_terminal=terminal))
    return stream.getvalue()


def test_the_table_is_golden() -> None:
    lines = [line.rstrip() for line in printed(sample_result(clips=False)).splitlines()]
    start = next(i for i, line in enumerate(lines) if line.endswith("unit"))
    assert "\n".join(lines[start : start + 9]) + "\n" == GOLDEN_TABLE


def test_a_pipe_gets_plain_whole_lines() -> None:
    result = sample_result(clips=False)
    text = printed(result, width=40)
    assert "\x1b" not in text
    for outcome in result.outcomes:
        assert f"    {words.prose(outcome.sentence)}\n" in text


def test_hostile_names_do_not_steer_the_terminal() -> None:
    """A track name may hold an escape sequence, a direction override and what rich reads as markup."""
    result = sample_result(clips=False)
    evil = f"{ESCAPE_NAME}\r\n\x07[bold red]:smile:[/]"
    tracks = tuple(replace(t, name=evil) for t in result.session.tracks)
    outcomes = tuple(replace(o, sentence=evil, measured=evil, verdict_reason=evil) for o in result.outcomes)
    session = replace(result.session, name=evil, tracks=tracks)
    text = printed(replace(result, session=session, outcomes=outcomes, notices=(evil,)))
    assert not [c for c in text if c != "\n" and (ord(c) < 32 or c in "\x7f\x9b\u202e")]
    assert "[bold red]:smile:[/]" in text


def test_each_verdict_stands_under_its_heading() -> None:
    text = printed(sample_result(clips=False))
    order = [
        "Needs you:", "Click is muted", "Integrated loudness",
        "Master: −14.0 LUFS, −1.0 dBTP",
        "Moves in the mix:", "Q 1.2, chorus 1 only", "Waiting for your ears", "have a listen 55 %",
        "Set aside:", "backed out", "On the render it bought 0.1 dB", "Problems in the sources:",
        "Serious: 02 Snare",
        "Where to look:", "report.html",
    ]  # fmt: skip
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_colour_only_on_a_terminal() -> None:
    assert "\x1b[1m" in printed(sample_result(clips=False), terminal=True)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (words.level(-math.inf, "LUFS"), "silent"),
        (words.change(-math.inf), "muted"),
        (words.change(1.25, 2), "+1.25 dB"),
        (words.setting(12.0, "dB/oct"), "12 dB/oct"),
        (words.setting(1.2, ""), "1.2"),
        (words.confidence_word(0.85), "sure"),
        (words.confidence_word(0.7), "likely"),
        (words.confidence_word(0.69), "have a listen"),
        (words.prose("-8.0 LUFS, 1:04-1:35, Gtr-2, take -3"), "−8.0 LUFS, 1:04-1:35, Gtr-2, take −3"),
    ],
)
def test_words(shown: str, expected: str) -> None:
    assert shown == expected


@pytest.mark.parametrize("status", ["accepted", "edited"])
@pytest.mark.parametrize("authority", ["rule", "person"])
@pytest.mark.parametrize("confidence", [0.93, 0.78, 0.51])
def test_how_sure_a_move_is_is_said_once(status: str, authority: str, confidence: float) -> None:
    """The plan's own sentences end with it; page and terminal show it beside the move instead."""
    result = sample_result(clips=False)
    move = replace(
        result.outcomes[1].move, status=status, authority=authority, confidence=confidence, source="person"
    )
    said = sentence(move, result.session)
    shown = words.explanation(said)
    assert said.startswith(shown)
    assert shown.endswith("judge it in the mix.")


def test_a_name_is_not_said_twice() -> None:
    assert words.without_name("04 OH: out of polarity", "04 OH") == "out of polarity"
    assert words.without_name("04 OH is clipped", "04 OH") == "is clipped"
    assert words.without_name("04 OHs are clipped", "04 OH") == "04 OHs are clipped"
    assert words.without_name("04 OH", "04 OH") == "04 OH"


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 10))
def test_ticks_are_round_inside_and_few(low: float, extent: float, most: int) -> None:
    marks = ticks(low, low + extent, most)
    assert len(marks) <= most + 1
    slack = extent * 1e-6 + abs(low) * 1e-9
    assert all(low - slack <= mark <= low + extent + slack for mark in marks)
    if len(marks) > 1:
        step = marks[1] - marks[0]
        leading = step / 10 ** math.floor(math.log10(step) + 1e-6)
        assert min(abs(leading - round_step) for round_step in (1, 2, 5, 10)) < 1e-3


@given(st.floats(0.1, 20000.0))
def test_a_time_ruler_has_few_marks_for_any_length(duration_s: float) -> None:
    marks = time_ticks(duration_s)
    assert marks[0] == 0.0
    assert marks[-1] <= duration_s
    assert len(marks) <= 11


@given(st.lists(st.floats(0.0, 100.0), min_size=1, max_size=5))
def test_labels_keep_apart_and_in_order(wanted: list[float]) -> None:
    placed = spread(wanted, 15.0, 0.0, 100.0)
    paired = sorted(zip(wanted, placed, strict=True))
    places = [place for _, place in paired]
    assert all(0.0 <= place <= 100.0 for place in places)
    assert all(b - a >= 15.0 - 1e-9 for a, b in zip(sorted(places), sorted(places)[1:], strict=False))


def test_a_scale_clamps_and_is_logarithmic_when_told() -> None:
    octaves = Scale(20.0, 20000.0, 0.0, 300.0, log=True)
    assert octaves(200.0) == pytest.approx(100.0)
    assert octaves(5.0) == 0.0
    assert Scale(-10.0, 10.0, 100.0, 0.0)(5.0) == pytest.approx(25.0)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("kick.wav is set aside", "kick.wav is set aside."),
        ("vox_lead is quiet", "vox_lead is quiet."),
        ("808 sub hums", "808 sub hums."),
        ("no role can be read", "No role can be read."),
        ("muted: click", "Muted: click."),
        ("", ""),
    ],
)
def test_names_in_front_keep_their_spelling(text: str, shown: str) -> None:
    assert words.sentence(text) == shown


def test_one_moment_is_one_time() -> None:
    assert words.span((64.0, 64.2)) == "1:04"
    assert words.span((64.0, 95.0)) == "1:04–1:35"
