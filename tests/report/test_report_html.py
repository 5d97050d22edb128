"""The page: nothing on it can run or call home, hostile names stay text, figures are right, bytes repeat."""

from __future__ import annotations

import base64
import hashlib
import io
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile

from report.sample_result import EMOJI_NAME, HOSTILE_NAMES, QUOTE_NAME, SCRIPT_NAME, sample_result
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import MoveSet
from smartmix.report.html import render_html
from smartmix.report.listening import listening
from smartmix.report.moves import audible_db, card
from smartmix.session.session import Session
from smartmix.workflow.result import MixResult

VOID = {"meta", "br", "hr", "col", "link", "img", "input"}
EVENT = re.compile(r"on[a-z]+$")


class Page(HTMLParser):
    """What a browser would see: elements with attributes, text by element, and whether the tags nest."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[tuple[tuple[str, ...], str]] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), f"attribute given twice on <{tag}>"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append((tuple(self.open), data))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]

    def inside(self, tag: str) -> str:
        return "".join(text for path, text in self.text if tag in path)

    def visible(self) -> str:
        return "".join(text for path, text in self.text if not {"style", "script"} & set(path))


@pytest.fixture(scope="module")
def result() -> MixResult:
    return sample_result()


@pytest.fixture(scope="module", params=[False, True], ids=["engineer", "client"])
def page(request: pytest.FixtureRequest, result: MixResult) -> Page:
    return Page(render_html(result, client=request.param))


def test_the_tags_nest_and_close(page: Page) -> None:
    assert page.open == []


def test_hostile_names_are_text_and_nothing_else(result: MixResult) -> None:
    source = render_html(result)
    page = Page(source)
    assert SCRIPT_NAME not in source
    assert len(page.of("script")) == 1, "only the page's own script"
    assert SCRIPT_NAME in page.visible()
    assert QUOTE_NAME in page.visible()
    assert EMOJI_NAME in page.visible()
    assert "\x1b" not in source
    assert "\u202e" not in source


def test_hostile_names_do_not_leave_attributes(page: Page) -> None:
    for tag, attrs in page.elements:
        assert not [name for name in attrs if EVENT.match(name)], f"event handler on <{tag}>"
        assert "style" not in attrs, "a style attribute would be stopped by the policy"


def test_every_field_with_words_is_escaped() -> None:
    """Put markup into each string a session, a plan or an analysis can carry; no element of it may appear."""
    evil = "<img src=x onerror=alert(1)>'\">"
    result = sample_result(clips=False)
    outcome = result.outcomes[1]
    move = replace(
        outcome.move, title=evil, reason=evil, result=evil, cost=evil, source=evil, track=evil,
        evidence=tuple(replace(e, text=evil, tracks=(evil,), unit=evil) for e in outcome.move.evidence),
        sets=tuple(replace(s, unit=evil, suggested=evil, before=evil) for s in outcome.move.sets),
    )  # fmt: skip
    session = replace(
        result.session, name=evil, sections=tuple(replace(s, name=evil) for s in result.session.sections),
        tracks=tuple(replace(t, name=evil, role=evil) for t in result.session.tracks),
    )  # fmt: skip
    problems = tuple(replace(p, text=evil, track=evil) for p in result.analysis.problems)
    hostile = replace(
        result, session=session, notices=(evil,), analysis=replace(result.analysis, problems=problems),
        outcomes=(replace(outcome, move=move, sentence=evil, measured=evil, verdict_reason=evil),),
        programmes=tuple(replace(p, name=evil) if p.name == "sum" else p for p in result.programmes),
        master=replace(result.master, reason=evil, target_source=evil),
        plan=replace(result.plan, versions={"smartmix": evil, evil: evil}),
        files={evil: session.root / evil},
    )  # fmt: skip
    for client in (False, True):
        source = render_html(hostile, client=client)
        assert "<img" not in source
        assert Page(source).of("img") == []


def test_no_request_can_leave_the_page(result: MixResult) -> None:
    source = render_html(result)
    assert not re.search(
        r"(?i)\bhttps?:|//[a-z]|@import|url\(", re.sub(r"base64,[A-Za-z0-9+/=]+", "", source)
    )
    page = Page(source)
    for _, attrs in page.elements:
        for name in ("src", "href"):
            target = attrs.get(name) or "#"
            assert target.startswith(("data:audio/flac;base64,", "#"))


def test_policy_allows_exactly_the_style_and_script_on_the_page(page: Page) -> None:
    policy = next(m["content"] for m in page.of("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.inside(kind).encode()).digest()).decode()
        assert rules[f"{kind}-src"] == f"'sha256-{digest}'"
    assert "unsafe" not in policy


def test_links_lead_to_sections_and_ids_are_unique(page: Page) -> None:
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    for link in page.of("a"):
        assert (link["href"] or "")[1:] in ids


def test_every_drawing_has_a_text_alternative(page: Page) -> None:
    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    assert page.of("svg")
    for drawing in page.of("svg"):
        named = (drawing["aria-labelledby"] or "").split()
        assert len(named) == 2
        assert ids.issuperset(named)


def test_coordinates_are_finite_numbers(page: Page) -> None:
    for tag, attrs in page.elements:
        for name in ("x", "y", "x1", "y1", "x2", "y2", "width", "height", "cx", "cy"):
            if tag in ("rect", "line", "text", "circle") and name in attrs:
                assert math.isfinite(float(attrs[name] or "nan"))
        assert "nan" not in (attrs.get("d") or "")


def test_figures_of_the_table(result: MixResult) -> None:
    rows = re.findall(r"<tr>(.*?)</tr>", render_html(result))
    cells = [re.sub(r"\|+", "|", re.sub(r"<[^>]+>", "|", row)).strip("|") for row in rows]
    assert "Integrated loudness|−19.4|−16.2|−18.1|−14.0|LUFS" in cells
    assert "True peak|+1.3| over|−0.3|−2.2|−1.0|dBTP" in cells
    assert "Lost in mono|0.6|0.9|1.1|1.1|dB" in cells


def test_guesses_stand_before_the_verdict_and_the_table(result: MixResult) -> None:
    text = Page(render_html(result)).visible()
    places = [
        text.index(t) for t in ("Harbour Lights", "Click is muted", "Target −14.0 LUFS reached", "Integrated")
    ]
    assert places == sorted(places)


def test_an_unreachable_target_says_why(result: MixResult) -> None:
    reason = "-8.0 LUFS is not reachable under -1.0 dBTP; the most is -9.2 LUFS."
    master = replace(result.master, reached=False, target_lufs=-8.0, target_source="asked", reason=reason)
    text = Page(render_html(replace(result, master=master))).visible()
    assert "Target −8.0 LUFS not reached (asked for)" in text
    assert "the most is −9.2 LUFS." in text


def test_moves_in_the_mix_come_first_and_the_rest_is_folded(result: MixResult) -> None:
    page = Page(render_html(result))
    ids = [attrs["id"] for attrs in page.of("article")]
    assert sorted(ids) == sorted(f"move-{o.move.id}" for o in result.outcomes)
    # The moves of a track stand together, the track that changes most first; then what waits; then what lost.
    verdicts = {o.move.id: o.verdict for o in result.outcomes}
    order = ["applied", "proposed", "backed out", "rejected", "stale", "set aside"]
    places = [order.index(verdicts[i.removeprefix("move-")]) for i in ids]
    assert places == sorted(places)
    applied = [o.move for o in result.outcomes if o.verdict == "applied"]
    shown = [next(m for m in applied if f"move-{m.id}" == i) for i in ids[: len(applied)]]
    tracks = [m.track for m in shown]
    assert tracks == sorted(tracks, key=tracks.index)
    assert audible_db(shown[0]) == max(audible_db(m) for m in applied)
    folded = page.inside("details")
    assert "Set aside" not in page.inside("nav")
    assert "On the render it bought 0.1 dB" in page.visible()
    assert "Vocal ride" not in folded


def test_a_person_sees_how_sure_a_move_is_and_what_it_costs(result: MixResult) -> None:
    text = Page(render_html(result)).visible()
    for words in (
        "sure 93 %",
        "likely 78 %",
        "have a listen 55 %",
        "Breaths come up with it.",
        "edited by you",
    ):
        assert words in text
    assert "80 % range −3.4 dB to −1.6 dB" in text
    assert text.count("Thinner in solo") == 1, "what the sentence says is not said twice"


def test_serious_problems_come_first(result: MixResult) -> None:
    text = Page(render_html(result)).visible()
    assert (
        text.index("214 samples at full scale") < text.index("Polarity against") < text.index("Hum at 50 Hz")
    )


def test_clips_come_back_out_of_the_page(result: MixResult) -> None:
    players = Page(render_html(result)).of("audio")
    assert [p["aria-label"] for p in players] == ["rough clip", "mix clip", "rough clip", "mix clip"]
    flac = base64.b64decode((players[1]["src"] or "").split(",", 1)[1])
    samples, rate = soundfile.read(io.BytesIO(flac))
    assert (samples.size, rate) == (4 * 16000, 16000)


def test_client_page_keeps_private_facts_out(result: MixResult) -> None:
    text = render_html(result, client=True)
    for private in (
        "Problems",
        "Clipped",
        "Check these first",
        "Click is muted",
        "have a listen",
        "house rule",
        "9f3b",
        "plan.toml",
    ):
        assert private not in text
    for outcome in result.outcomes:
        assert outcome.move.id not in text
    assert "Bass DI: down 1 dB" not in text, "a rejected move is nobody's business"
    assert "−2.5 dB at 310 Hz" in text


def test_nobody_is_called_ai_and_no_listening_test_is_claimed(result: MixResult) -> None:
    for client in (False, True):
        text = Page(render_html(result, client=client)).visible()
        assert not re.search(r"\bA\.?I\b|artificial|neural", text)
        assert "No listening test has been run" in text


def test_same_result_same_bytes() -> None:
    assert render_html(sample_result()) == render_html(sample_result())


def test_a_decision_changes_the_plan_hash(result: MixResult) -> None:
    plan = result.plan.reject([result.plan.moves[0].id])

    def foot(of: MixResult) -> str:
        found = re.search(r"plan ([0-9a-f]{12})", Page(render_html(of)).inside("footer"))
        assert found
        return found[1]

    assert foot(result) != foot(replace(result, plan=plan))


def silent(result: MixResult) -> MixResult:
    """The same song with nothing in it."""
    none = replace(
        result.programmes[0].loudness, integrated_lufs=-math.inf, momentary_max_lufs=-math.inf, range_lu=0.0,
        short_term_max_lufs=-math.inf, true_peak_dbtp=-math.inf, sample_peak_dbfs=-math.inf, plr_lu=math.nan,
    )  # fmt: skip
    quiet = np.full_like(result.programmes[0].short_term_lufs, -np.inf)
    dark = np.full_like(result.programmes[0].spectrum_db, -np.inf)
    programmes = tuple(
        replace(p, loudness=none, short_term_lufs=quiet, spectrum_db=dark) for p in result.programmes
    )
    return replace(result, programmes=programmes, track_level_change_db={})


def test_silence_is_called_silent() -> None:
    page = Page(render_html(silent(sample_result(clips=False))))
    assert "silent" in page.visible()
    assert not re.search(r"\binf\b|\bnan\b", page.visible())


def bare_session(session: Session) -> Session:
    return replace(session, sections=(), duration_s=0.4)


def test_a_session_without_rough_sections_moves_or_clips() -> None:
    full = sample_result(clips=False)
    bare = replace(
        full, session=bare_session(full.session), outcomes=(), notices=(), files={}, track_level_change_db={},
        programmes=tuple(
            replace(p, short_term_lufs=p.short_term_lufs[:0]) for p in full.programmes if p.name != "rough"
        ),
        analysis=replace(full.analysis, problems=(), tracks={}, rough=None),
    )  # fmt: skip
    text = Page(render_html(bare)).visible()
    assert "No move is in the mix" in text
    assert not re.search(r"\brough\b", text)
    assert "Listen" not in text


def test_a_kept_edit_shows_what_was_suggested(result: MixResult) -> None:
    outcome = result.outcomes[1]
    gain = outcome.move.sets[2]
    sets = (*outcome.move.sets[:2], replace(gain, chosen=-1.0), *outcome.move.sets[3:])
    edited = replace(outcome, move=replace(outcome.move, sets=sets, status="edited"))
    text = Page(render_html(replace(result, outcomes=(edited,)))).visible()
    assert "0.0 dB → −1.0 dBsuggested −2.5 dB" in text


def test_a_grouped_move_lists_its_settings_once(result: MixResult) -> None:
    """Eight faders stand in the table of the card; the sentence beside it gives the reason only."""
    text = Page(render_html(result)).visible()
    assert "8 tracks First balance from the rough mix" in text
    assert text.count("These levels explain the rough mix to within 0.8 dB.") == 1
    assert "and six more" not in text


def test_a_pan_reads_as_on_a_console(result: MixResult) -> None:
    outcome = result.outcomes[1]
    pan = MoveSet(ParamRef("gtr-bass", "pan", "pan"), "", 0.0, -0.3)
    panned = replace(outcome, move=replace(outcome.move, sets=(pan,), interval=None))
    assert "panC → L30" in Page(render_html(replace(result, outcomes=(panned,)))).visible()


def test_hostile_names_list_is_used(result: MixResult) -> None:
    names = {track.name for track in result.session.tracks}
    assert names.issuperset(HOSTILE_NAMES)


def test_a_card_names_its_track_once(result: MixResult) -> None:
    outcome = next(o for o in result.outcomes if not o.move.grouped and o.verdict == "applied")
    outcome = replace(outcome, sentence="Kick In: fader −1.0 dB. Too loud. Likely (0.80).")
    move = replace(
        outcome.move, track="kick", title="Kick In: fader −1.0 dB", evidence=(), reason="Too loud."
    )
    page = str(
        card(replace(outcome, move=move), {s.ref.track: "Kick In" for s in move.sets} | {"kick": "Kick In"})
    )
    assert page.count("Kick In") == 1
    assert "Fader −1.0 dB. Too loud." in page


def test_a_group_of_one_names_its_track_and_evidence_is_not_said_twice(result: MixResult) -> None:
    outcome = next(o for o in result.outcomes if o.verdict == "applied")
    names = {track.id: track.name for track in result.session.tracks}
    member = replace(
        outcome.move.sets[0], ref=ParamRef("kick", "fader", "gain_db"), unit="dB", before=0.0, suggested=-1.4
    )
    told = Evidence("spectrum", "−14 dB against the track under 40 Hz", -14.0, "dB", ("kick",), (0.0, 40.0))
    again = Evidence("level", "The kick is loud", 1.0, "dB", ("kick",))
    move = replace(
        outcome.move, track="mix", title="Balance", grouped=True, sets=(member,), reason="The kick is loud.",
        evidence=(told, again),
    )  # fmt: skip
    page = str(card(replace(outcome, move=move), names | {"kick": "Kick In"}))
    assert "Kick In</span>" in page
    assert page.count("under 40 Hz") == 1
    assert page.count("The kick is loud") == 1


def test_a_move_on_several_tracks_says_how_many_behind_its_name(result: MixResult) -> None:
    outcome = next(o for o in result.outcomes if o.verdict == "applied")
    item = outcome.move.sets[0]
    refs = (
        "kick/send/return-reverb.level_db",
        "snare/send/return-reverb.level_db",
        "return-reverb/reverb/decay_s",
    )
    sets = tuple(replace(item, ref=ParamRef.parse(ref), suggested=-9.0) for ref in refs)
    title = "Space: a room for what is dry"
    move = replace(outcome.move, track="mix", title=title, grouped=True, sets=sets)
    for count, heading in (
        (3, "Space A room for what is dry, 2 tracks"),
        (1, "01 Kick In Space: a room for"),
    ):
        some = replace(move, sets=sets[:1] if count == 1 else sets)
        page = Page(str(card(replace(outcome, move=some), {"kick": "01 Kick In"}))).visible()
        assert " ".join(page.split()).startswith(heading)
    one_and_its_return = replace(move, sets=(sets[0], sets[2]))
    assert "01 Kick In" in str(card(replace(outcome, move=one_and_its_return), {"kick": "01 Kick In"}))


def test_moves_that_the_clips_have_nothing_of_are_named(result: MixResult) -> None:
    outcome = next(o for o in result.outcomes if o.verdict == "applied" and not o.move.grouped)
    start_s = result.clips[0].start_s
    there = replace(outcome.move, id="m1", title="Kick: there", span_s=(start_s + 1.0, start_s + 2.0))
    lane = (Breakpoint(start_s + 60.0, 0.0), Breakpoint(start_s + 61.0, 2.0), Breakpoint(start_s + 62.0, 0.0))
    fader = replace(there.sets[0], ref=ParamRef("kick", "fader", "gain_db"), before=0.0, suggested=lane)
    later = replace(there, id="m2", title="Kick: later", span_s=None, sets=(fader,))
    spoken = replace(
        result, outcomes=(replace(outcome, move=there), replace(outcome, move=later)), clips=result.clips[:2]
    )
    text = Page(str(listening(spoken))).visible()
    assert "Not heard in this stretch: Kick: later. To hear one" in text
    assert "Kick: there" not in text
    silent = replace(
        spoken,
        outcomes=(
            replace(
                outcome,
                move=replace(there, sets=(replace(fader, ref=ParamRef("click", "fader", "gain_db")),)),
            ),
        ),
    )
    assert "Not heard in this stretch: Kick: there" in Page(str(listening(silent))).visible()
