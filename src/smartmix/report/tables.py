"""The tables of the page: before and after, problems, tracks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartmix.analysis.analysis import OCTAVE_GROUPS, Problem, TrackFacts
from smartmix.report import words
from smartmix.report.analysis_text import problems_in_order
from smartmix.report.level_chart import activity_strip
from smartmix.report.markup import Html, join, tag
from smartmix.session.session import Track

if TYPE_CHECKING:
    from smartmix.workflow.result import MixResult, Programme


@dataclass(frozen=True, slots=True)
class Measure:
    """One row of the before/after table."""

    name: str
    unit: str
    decimals: int
    read: Callable[[Programme], float]
    signed: bool = False

    def shown(self, programme: Programme) -> str:
        """The figure without its unit; a level that does not exist is "silent"."""
        value = self.read(programme)
        if value == -math.inf and self.unit in ("LUFS", "dBTP"):
            return words.SILENT
        return words.number(value, self.decimals, plus=self.signed)


MEASURES = (
    Measure("Integrated loudness", "LUFS", 1, lambda p: p.loudness.integrated_lufs),
    Measure("Momentary, loudest", "LUFS", 1, lambda p: p.loudness.momentary_max_lufs),
    Measure("Short-term, loudest", "LUFS", 1, lambda p: p.loudness.short_term_max_lufs),
    Measure("Loudness range", "LU", 1, lambda p: p.loudness.range_lu),
    Measure("True peak", "dBTP", 1, lambda p: p.loudness.true_peak_dbtp, signed=True),
    Measure("Peak to loudness", "LU", 1, lambda p: p.loudness.plr_lu),
    Measure("Correlation L/R", "", 2, lambda p: p.correlation, signed=True),
    Measure("Lost in mono", "dB", 1, lambda p: p.mono_loss_db),
)
"""The rows of the before/after table, on the page and in the terminal."""


def before_after(result: MixResult) -> Html:
    """One column per version of the song, one row per measure."""
    head = tag(
        "tr",
        tag("th", "", scope="col"),
        *(tag("th", p.name, scope="col", class_=f"number {p.name}") for p in result.programmes),
        tag("th", "unit", scope="col", class_="unit"),
    )
    rows = [
        tag(
            "tr",
            tag("th", measure.name, scope="row"),
            *(_figure(measure, p) for p in result.programmes),
            tag("td", measure.unit, class_="unit"),
        )
        for measure in MEASURES
    ]
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="figures")
    return join(tag("div", table, class_="scroll"), _over_note(result))


def _over_note(result: MixResult) -> Html | None:
    """What an over means, where there is one that does no harm."""
    if not any(p.loudness.true_peak_dbtp > 0.0 for p in result.programmes if p.name in ("sum", "mix")):
        return None
    return tag(
        "p",
        "Over 0 dBTP does no harm to the sum or to the mix, a 32-bit float file; it would to a master.",
        class_="note",
    )


def _figure(measure: Measure, programme: Programme) -> Html:
    over = measure.unit == "dBTP" and measure.read(programme) > 0.0
    mark = tag("span", " over", class_="over") if over else None
    return tag("td", measure.shown(programme), mark, class_="number")


def problems(result: MixResult) -> Html:
    """What is wrong with the sources, serious first."""
    found = problems_in_order(result.analysis.problems)
    if not found:
        return tag(
            "p", "None of the checks found anything: clipping, DC, hum, polarity, delay, silence, noise."
        )
    names = {t.id: t.name for t in result.session.tracks}
    rows = [_problem_row(p, names, state_of(p, result)) for p in found]
    head = tag("tr", *(tag("th", t, scope="col") for t in ("", "Track", "What", "Where", "State")))
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows), class_="list"), class_="scroll")


REPAIRS = {"polarity": "polarity", "delay": "shift_ms"}
"""The setting that repairs a kind of problem."""


def state_of(problem: Problem, result: MixResult) -> str:
    """Whether a problem is repaired in the mix, waits for a decision, or is left as it came."""
    wanted = REPAIRS.get(problem.kind)
    tracks = {problem.track, problem.other_track}
    verdicts = {
        o.verdict
        for o in result.outcomes
        if any(s.ref.parameter == wanted and s.ref.track in tracks for s in o.move.sets)
    }
    if "applied" in verdicts:
        return "fixed in the mix"
    return "a move waits for you" if "proposed" in verdicts else "left"


def _problem_row(problem: Problem, names: dict[str, str], state: str) -> Html:
    name = names.get(problem.track, problem.track)
    weight = (
        tag("span", "serious", class_="chip bad") if problem.serious else tag("span", "minor", class_="chip")
    )
    return tag(
        "tr",
        tag("td", weight),
        tag("td", name, class_="name"),
        tag("td", words.sentence(words.without_name(problem.text, name))),
        tag("td", words.span(problem.span_s) if problem.span_s else "throughout", class_="where"),
        tag("td", tag("span", state, class_="chip good" if state.startswith("fixed") else "chip")),
    )


def dynamics(result: MixResult) -> Html:
    """Width and crest by band of every version of the song; nothing where it was not measured."""
    if not any(p.crest_by_band_db for p in result.programmes):
        return Html("")
    head = tag(
        "tr",
        tag("th", "", scope="col"),
        *(tag("th", p.name, scope="col", class_=f"number {p.name}") for p in result.programmes),
        tag("th", "unit", scope="col", class_="unit"),
    )
    width = [
        words.number(p.width_db, plus=True) if p.width_db > -math.inf else "mono" for p in result.programmes
    ]
    rows = [_figures_row("Side over mid", width, "dB")]
    for group in OCTAVE_GROUPS:
        crest = [words.number(p.crest_by_band_db.get(group, math.nan)) for p in result.programmes]
        rows.append(_figures_row(f"Crest, {group}", crest, "dB"))
    return tag(
        "div", tag("table", tag("thead", head), tag("tbody", *rows), class_="figures"), class_="scroll"
    )


def _figures_row(name: str, figures: list[str], unit: str) -> Html:
    cells = (tag("td", figure, class_="number") for figure in figures)
    return tag("tr", tag("th", name, scope="row"), *cells, tag("td", unit, class_="unit"))


TRACK_COLUMNS = (
    ("Track", "", ""),
    ("Role", "", ""),
    ("Level", "LUFS while it sounds", "number"),
    ("Change", "dB", "number"),
    ("True peak", "dBTP", "number"),
    ("Crest", "dB", "number"),
    ("Lowest note", "", ""),
    ("Plays", "", ""),
)


def tracks(result: MixResult) -> Html:
    """Every track of the session: role, level, change, peak, crest, lowest note and where it plays."""
    head = tag(
        "tr",
        *(
            tag("th", name, tag("small", unit) if unit else None, scope="col", class_=kind or None)
            for name, unit, kind in TRACK_COLUMNS
        ),
    )
    rows = [_track_row(index, track, result) for index, track in enumerate(result.session.tracks)]
    return tag(
        "div", tag("table", tag("thead", head), tag("tbody", *rows), class_="list tracks"), class_="scroll"
    )


ROLE_SOURCES = {"session": "given", "name": "from the name", "none": "not known"}


def role_words(track: Track) -> tuple[str, str]:
    """The role in words, and whether it was given or guessed."""
    return track.role.replace("_", " "), ROLE_SOURCES[track.role_source]


def _track_row(index: int, track: Track, result: MixResult) -> Html:
    facts = result.analysis.tracks.get(track.id)
    role, source = role_words(track)
    state = "muted" if track.muted else "locked" if track.locked else None
    name = join(track.name, tag("span", state, class_="chip") if state else None)
    change_db = result.track_level_change_db.get(track.id)
    return tag(
        "tr",
        tag("td", name, class_="name"),
        tag("td", role, tag("small", source), class_="role"),
        tag(
            "td",
            words.SILENT if facts and facts.active_lufs == -math.inf else _number(facts, "active_lufs"),
            class_="number",
        ),
        tag("td", _change(change_db, track), class_="number"),
        tag("td", _peak(facts), class_="number"),
        tag("td", _number(facts, "crest_db"), class_="number"),
        tag("td", _lowest(facts)),
        tag("td", _strip(index, track, facts, result)),
    )


def _number(facts: TrackFacts | None, name: str) -> str:
    return words.NOTHING if facts is None else words.number(float(getattr(facts, name)))


def _change(change_db: float | None, track: Track) -> str:
    if track.muted or change_db == -math.inf:
        return "muted"
    return words.NOTHING if change_db is None else words.number(change_db, plus=True)


def _peak(facts: TrackFacts | None) -> str:
    return words.NOTHING if facts is None else words.number(facts.loudness.true_peak_dbtp, plus=True)


def _lowest(facts: TrackFacts | None) -> Html:
    if facts is None or facts.lowest_note_hz is None:
        return join(words.NOTHING)
    return join(words.note_name(facts.lowest_note_hz), tag("small", words.hertz(facts.lowest_note_hz)))


def _strip(index: int, track: Track, facts: TrackFacts | None, result: MixResult) -> Html:
    if facts is None:
        return join(words.NOTHING)
    return activity_strip(f"plays{index}", track.name, facts.active_spans_s, result.session.duration_s)
