"""What a day's pass adds to the report: questions, notes, the state of problems, the limiter, the settings sheet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console

from report.sample_result import sample_result
from smartmix.analysis.analysis import Problem
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan import own
from smartmix.plan.explain import sentence
from smartmix.plan.mixplan import HistoryEntry, MixPlan
from smartmix.plan.move import Move, MoveSet
from smartmix.plan.note import ClientNote
from smartmix.report.analysis_text import problem_line
from smartmix.report.asked import client_notes, lines, needs_you, note_lines
from smartmix.report.data import result_data
from smartmix.report.html import render_html
from smartmix.report.level_chart import level_bars
from smartmix.report.limiting import limiting
from smartmix.report.moves import audible_db
from smartmix.report.plan_text import differences
from smartmix.report.sheet import strips
from smartmix.report.tables import state_of
from smartmix.report.text import print_result
from smartmix.session.findings import Finding
from smartmix.session.session import Bus
from smartmix.workflow.limiter_bands import BandShare
from smartmix.workflow.limiter_share import LimiterShare, LimiterWork
from smartmix.workflow.result import MixResult, MoveOutcome
from smartmix.workflow.revisions import Revision


def _move(id_: str, *sets: MoveSet, **more: object) -> Move:
    base = Move(id_, sets[0].ref.track, id_, "test", 0.9, "", tuple(sets), status="accepted")
    return replace(base, **more)  # type: ignore[arg-type]


def _set(
    address: str, value: float | str | tuple[Breakpoint, ...], before: float | str = 0.0, unit: str = ""
) -> MoveSet:
    return MoveSet(ParamRef.parse(address), unit, before, value)


def _with(result: MixResult, *moves: Move, **more: object) -> MixResult:
    outcomes = tuple(MoveOutcome(m, m.title, "applied", "measured so") for m in moves)
    plan = MixPlan("song", tuple(moves))
    return replace(result, plan=plan, outcomes=outcomes, **more)  # type: ignore[arg-type]


def test_an_edited_move_is_headed_by_its_edited_value() -> None:
    cut = replace(_set("kick/eq/hp.freq_hz", 40.0, unit="Hz"), chosen=55.0)
    move = _move("m1", cut, title="Kick: high-pass at 40 Hz", status="edited", span_s=(1.0, 3.0))
    note = ClientNote("less rumble", ("m1",))
    shown = _with(sample_result(clips=False), move)
    shown = replace(shown, plan=replace(shown.plan, notes=(note,)))
    page = render_html(shown).replace("\N{NO-BREAK SPACE}", " ")
    assert "</span> Kick: high-pass at 55 Hz</h4>" in page
    assert page.count("high-pass at 55 Hz") == 3  # the note, the heading, the bar under the chart
    assert any("high-pass at 55 Hz (applied)" in line for line in note_lines(shown))
    assert differences(MixPlan("song"), shown.plan) == ["+ m1 Kick: high-pass at 55 Hz, 0:01\u20130:03"]


def test_questions_come_first_and_nothing_is_said_twice() -> None:
    result = sample_result(clips=False)
    findings = (
        Finding("muted", "Click is muted", ("click",)),
        Finding("asked", "is Bass 2 a double?", question=True),
    )
    session = replace(result.session, findings=findings)
    shown = replace(result, session=session, notices=("Click is muted", "the rough is 75 % explained"))
    shown = replace(
        shown, revisions=(Revision("kick", "revised", "Kick is a new version: 1.8 dB hotter", "kick", 1.8),)
    )
    said = lines(shown)
    assert said[0].startswith("Please decide: Is Bass 2")
    assert "1.8 dB hotter" in said[1]
    assert sum("Click is muted" in line for line in said) == 1
    assert "75 % explained" in said[-1]
    assert needs_you(replace(result, notices=())) is None


def test_a_note_stands_beside_what_was_done_and_measured() -> None:
    up = _move("m1", _set("lead-vox/fader/gain_db", 1.5, unit="dB"), source="note", authority="person")
    note = ClientNote("vocal up; make it <b>purple</b>", ("m1",), ('"make it purple": no track',), ("kick",))
    result = _with(sample_result(clips=False), up)
    result = replace(result, plan=replace(result.plan, notes=(note,)))
    page = client_notes(result)
    assert "measured so" in page.casefold()
    assert "&lt;b&gt;purple" in page
    assert "left alone, as asked" in page
    assert "Not done: " in page
    assert page.count("<tr>") == 4  # the head, the move, what was left alone, what was not read
    said = "\n".join(note_lines(result))
    assert "Measured: " in said and "Not done: " in said
    assert "Notes, done, measured" in render_html(result)
    client = render_html(result, client=True)
    assert "Your notes" in client and "move-m1" not in client
    assert "Not done: " in client  # who wrote it must not believe that it was
    assert "make it purple" in client[client.index("Not done: ") :]


def test_a_problem_says_what_became_of_it() -> None:
    result = sample_result(clips=False)
    polarity = next(p for p in result.analysis.problems if p.kind == "polarity")
    clipping = next(p for p in result.analysis.problems if p.kind == "clipping")
    flip = _move("m1", _set("bass-di/input/polarity", "inverted", "normal"))
    assert state_of(polarity, result) == "left"
    assert state_of(polarity, _with(result, flip)) == "fixed in the mix"
    waiting = _with(result, flip)
    waiting = replace(waiting, outcomes=tuple(replace(o, verdict="proposed") for o in waiting.outcomes))
    assert state_of(polarity, waiting) == "a move waits for you"
    assert state_of(clipping, _with(result, flip)) == "left"


def test_the_sheet_adds_faders_up_and_keeps_signal_order() -> None:
    ride = (Breakpoint(1.0, 0.0), Breakpoint(1.25, 2.0), Breakpoint(64.0, 0.0))
    moves = (
        _move("f1", _set("kick/fader/gain_db", 1.5, unit="dB")),
        _move("f2", _set("kick/fader/gain_db", -0.5, unit="dB")),
        _move("t", _set("kick/trim/gain_db", -1.8, unit="dB")),
        _move("p", _set("kick/pan/pan", -0.3)),
        _move("r", _set("kick/fader/gain_db", ride, unit="dB"), span_s=(1.0, 64.0)),
        _move(
            "c",
            _set("kick/compressor/ratio", 3.0, 1.0),
            _set("kick/compressor/threshold_db", -20.0, unit="dB"),
        ),
        _move(
            "e",
            _set("kick/eq/e.shape", "bell", "off"),
            _set("kick/eq/e.freq_hz", 310.0, 310.0, "Hz"),
            _set("kick/eq/e.gain_db", -2.5, unit="dB"),
            _set("kick/eq/e.q", 1.2, 1.2),
            span_s=(10.0, 20.0),
        ),
        _move("s", _set("kick/send/return-reverb.level_db", -9.0, -120.0, "dB")),
        _move("b", _set("bus-drums/fader/gain_db", -2.0, unit="dB")),
    )
    base = sample_result(clips=False)
    session = replace(base.session, buses=(Bus("bus-drums", "Drums", ("kick", "snare")),))
    found = {s.name: s for s in strips(_with(base, *moves, session=session))}
    kick = found["01 Kick In"]
    assert (kick.fader_db, kick.trim_db, kick.pan) == (1.0, -1.8, -0.3)
    assert kick.lines[0] == "EQ bell 310 Hz \u22122.5 dB Q 1.2 (0:10\u20130:20 only)"
    assert kick.lines[1].startswith("Compressor: ratio 3:1, threshold \u221220.0 dB")
    assert "Reverb send" in kick.lines[2]
    assert kick.rides == ["Ride 0:01.0 0.0, 0:01.2 +2.0, 1:04.0 0.0 dB"]
    assert found["Drums (group)"].fader_db == -2.0
    assert "Reverb return" not in found
    assert "Settings sheet" in render_html(_with(base, *moves, session=session))


def test_who_hits_the_limiter_is_told() -> None:
    result = sample_result(clips=False)
    assert "hardly works" in limiting(result)
    shares = (LimiterShare("kick", 0.62, "low", 0.9), LimiterShare("lead-vox", 0.2, "mid", 0.5))
    bands = (BandShare(0.0, 90.0, 0.61), BandShare(90.0, 180.0, 0.3), BandShare(6000.0, None, 0.09))
    told = replace(result, limiter=LimiterWork(12.3, 95.0, 4.1, shares, bands))
    page = limiting(told)
    assert "62 %" in page and "4.1 dB" in page and "1:35" in page
    assert "below 90 Hz 61 %, 90 Hz–180 Hz 30 %, above 6 kHz 9 %" in page
    assert result_data(told)["limiter"].bands == bands
    console = Console(width=200, record=True, file=None, highlight=False)
    with console.capture() as captured:
        print_result(told, console)
    assert "What's hitting the limiter: 01 Kick In 62 % (low)" in captured.get()
    assert "Of the mix: below 90 Hz 61 %, 90 Hz–180 Hz 30 %." in " ".join(captured.get().split())


def test_audible_size_orders_moves() -> None:
    fader = _move("a", _set("kick/fader/gain_db", -4.0, unit="dB"))
    bell = _move("b", _set("kick/eq/b.gain_db", -4.0, unit="dB"))
    mute = _move("c", _set("kick/fader/gain_db", -120.0, unit="dB"))
    flip = _move("d", _set("kick/input/polarity", "inverted", "normal"))
    sizes = [audible_db(m) for m in (mute, fader, bell, flip)]
    assert sizes == sorted(sizes, reverse=True)
    assert np.isfinite(sizes).all()


def test_who_hardly_hits_the_limiter_is_not_told() -> None:
    shares = (LimiterShare("kick", 0.99, "low", 0.9), LimiterShare("lead-vox", 0.004, "mid", 0.5))
    told = replace(sample_result(clips=False), limiter=LimiterWork(12.3, 95.0, 4.1, shares))
    console = Console(width=200, highlight=False)
    with console.capture() as captured:
        print_result(told, console)
    assert "01 Kick In 99 % (low)." in captured.get()


def test_a_decision_that_no_longer_counts_needs_you() -> None:
    chosen = _move("m1", _set("kick/fader/gain_db", -2.0, unit="dB"))
    result = _with(sample_result(clips=False), chosen)
    stale = chosen.with_status("stale")
    entry = HistoryEntry(
        "stale", "m1", "edited", "stale", "was edited; the kick is 3.0 dB louder", "re-run", 2
    )
    plan = replace(result.plan, moves=(stale,), history=(entry,))
    outcome = replace(result.outcomes[0], move=stale, verdict="stale")
    first = lines(replace(result, plan=plan, outcomes=(outcome,), notices=()))[0]
    assert first.startswith("Please decide: ")
    assert "out of the mix" in first and "the kick is 3.0 dB louder" in first


def test_a_file_keeps_its_spelling_in_front() -> None:
    result = sample_result(clips=False)
    tracks = (replace(result.session.tracks[0], path=Path("silent shaker.wav")),)
    findings = (
        Finding("set_aside", "corrupt tamb.wav is set aside: no sound file"),
        Finding("muted", "silent shaker.wav is muted: silence", ("kick",)),
    )
    said = lines(replace(result, session=replace(result.session, tracks=tracks, findings=findings)))
    assert "corrupt tamb.wav is set aside: no sound file." in said
    assert "silent shaker.wav is muted: silence." in said


def test_clicks_are_told_by_their_own_times() -> None:
    text = "Kick has 2 clicks at 0:19.62, 0:29.31"
    found = Problem("clicks", "kick", text, 2.0, "clicks", (19.62, 29.31))
    assert problem_line(found, {"kick": "Kick"}) == text


def test_the_rough_s_faders_stay_inside_the_drawing() -> None:
    """A mark at the end of the scale would say +3 dB where the rough has +10."""
    far = _move("m1", _set("kick/fader/gain_db", 10.0, unit="dB"), source="rough-balance", status="stale")
    drawing = level_bars(_with(sample_result(clips=False), far))
    assert drawing is not None and "+10" in drawing


def test_a_client_is_not_told_to_judge_or_reject() -> None:
    result = sample_result(clips=False)
    move = _move(
        "m1", _set("kick/fader/gain_db", -2.0, unit="dB"), reason="It is loud.", cost="Reject it if meant"
    )
    shown = _with(result, move)
    outcome = replace(shown.outcomes[0], sentence=sentence(move, result.session))
    shown = replace(shown, outcomes=(outcome,))
    page = render_html(shown, client=True)
    assert "It is loud." in page and "Reject it" not in page
    assert "Reject it" in render_html(shown)


def test_a_plan_says_q_and_where_of_an_own_move() -> None:
    plan = MixPlan("song", ())
    added = plan.add(own.bell_move("kick", 300.0, -2.0, 1.2, span_s=(64.0, 95.0)))
    (line,) = differences(plan, added)
    assert line.endswith("Bell 300 Hz, \u22122.0 dB, Q 1.2, 1:04\u20131:35")
