"""report.html: the whole outcome of a pass on one page that needs nothing else, not even a network."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from smartmix.analysis.analysis import Problem
from smartmix.figures import format_time
from smartmix.report import tables, words
from smartmix.report.asked import client_answers, client_notes, needs_you
from smartmix.report.covering import covering
from smartmix.report.level_chart import level_bars, rough_faders_db
from smartmix.report.limiting import limiting
from smartmix.report.listening import listening
from smartmix.report.loudness_chart import loudness_chart
from smartmix.report.markup import Child, Html, join, tag
from smartmix.report.moves import clashes, moves, split
from smartmix.report.ride_chart import lane_chart
from smartmix.report.sheet import sheet
from smartmix.report.spectrum_chart import spectrum_chart

if TYPE_CHECKING:
    from smartmix.plan.move import Move
    from smartmix.workflow.result import MixResult


def render_html(result: MixResult, *, client: bool = False, learner: bool = False) -> str:
    """The report as one HTML page: inline style, drawings and clips; no external request is possible (CSP).

    The same result gives the same bytes. With ``client`` the page leaves out what is between the engineer and
    the session: guesses, problems, confidence, evidence, turned down moves, track figures, ids and hashes. With
    ``learner`` each move also says what to listen for and how to hear the fault it mends.
    """
    style, script = _resource("style.css"), _resource("listening.js")
    sections = _client_sections(result) if client else _engineer_sections(result, learner=learner)
    kept = [(key, title, body) for key, title, body in sections if body]
    name = words.printable(result.session.name)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{name}: mix report"),
        tag("style", Html(style)),
    )
    body = tag(
        "body",
        _title(result),
        None if client else needs_you(result),
        _verdict(result, client=client),
        tag("nav", *(tag("a", title, href=f"#{key}") for key, title, _ in kept)),
        tag("main", *(_section(key, title, content) for key, title, content in kept)),
        _foot(result, client=client),
        tag("script", Html(script)),
    )
    return join(Html("<!DOCTYPE html>\n"), tag("html", head, body, lang="en"), "\n")


def write_report(
    result: MixResult, path: str | Path, *, client: bool = False, learner: bool = False, force: bool = False
) -> Path:
    """Write the page; OutputExistsError when the file is there and ``force`` is not given."""
    from smartmix.audio.files import write_text

    path = Path(path)
    write_text(path, render_html(result, client=client, learner=learner), force=force)
    return path


def _resource(name: str) -> str:
    return files("smartmix.report").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing may be loaded; only this style, this script and clips in the page itself are let through."""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "media-src data:; img-src data:; base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _section(key: str, title: str, content: Html) -> Html:
    return tag("section", tag("h2", title), content, id=key)


def _engineer_sections(result: MixResult, *, learner: bool) -> list[tuple[str, str, Html]]:
    return [
        ("figures", "Before and after", tables.before_after(result)),
        ("listening", "Listen", listening(result)),
        ("notes", "Notes, done, measured", client_notes(result)),
        ("problems", "Problems in the sources", tables.problems(result)),
        ("balance", "Faders", _chart(level_bars(result), _balance_caption(result))),
        ("covering", "Who covers whom", covering(result)),
        ("moves", "Moves", moves(result, learner=learner)),
        ("clashes", "Clashes", clashes(result)),
        ("tone", "Tone, stereo, dynamics", join(_tone(result), tables.dynamics(result))),
        ("over-time", "Over time", _over_time(result)),
        ("limiter", "What's hitting the limiter", limiting(result)),
        ("tracks", "Tracks", tables.tracks(result)),
        ("sheet", "Settings sheet", sheet(result)),
    ]


def _client_sections(result: MixResult) -> list[tuple[str, str, Html]]:
    return [
        ("listening", "Listen", listening(result)),
        ("notes", "Your notes", client_answers(result)),
        ("moves", "What was done", _done(result)),
        ("figures", "Before and after", tables.before_after(result)),
        ("over-time", "Loudness over time", _chart(loudness_chart(result, with_moves=False))),
        ("tone", "Tone", _tone(result)),
    ]


def _title(result: MixResult) -> Html:
    session = result.session
    audible = len(session.audible_tracks)
    facts = [
        words.count(audible, "track"),
        format_time(session.duration_s),
        f"{session.sample_rate / 1000:g} kHz",
        *_tempo(result),
    ]
    return tag("header", tag("h1", session.name), tag("p", " · ".join(facts)), class_="title")


def _tempo(result: MixResult) -> list[str]:
    """The tempo, with the octave it might also be counted in."""
    tempo = result.analysis.tempo
    if tempo is None:
        return []
    other = f" (or {words.number(tempo.other_bpm, 0)})" if tempo.other_bpm else ""
    return [f"{words.number(tempo.bpm, 1 if tempo.source == 'heard' else 0)} bpm{other}"]


def _balance_caption(result: MixResult) -> str:
    if not rough_faders_db(result):
        return "Change of each track against the plain sum of the files."
    return "Change of each track against the plain sum of the files; the mark is where the rough mix has it."


def _verdict(result: MixResult, *, client: bool) -> Html:
    master = result.master
    reached = "reached" if master.reached else "not reached"
    source = words.target_source(master.target_source)
    tiles = [
        ("Master", words.level(master.loudness.integrated_lufs, "LUFS")),
        ("True peak", words.level(master.loudness.true_peak_dbtp, "dBTP")),
        ("Gain reduction, max", f"{words.number(master.max_gain_reduction_db)} dB"),
    ]
    if not client:
        tiles += _engineer_tiles(result)
    line = tag(
        "p",
        tag(
            "strong",
            f"Target {words.level(master.target_lufs, 'LUFS')} {reached}",
            class_=_judgement(result),
        ),
        f" ({source}), ceiling {words.level(master.ceiling_dbtp, 'dBTP')}, "
        f"gain {words.change(master.gain_db)}, {words.limiter(master)}.",
        f" {words.sentence(master.reason)}" if master.reason else None,
    )
    drawn = (tag("div", tag("span", name), tag("b", value), class_="tile") for name, value in tiles)
    return tag("section", tag("div", *drawn, class_="tiles"), line, class_="verdict")


def _judgement(result: MixResult) -> str:
    """Missing a target somebody asked for is bad; staying under the rough mix is the house's own caution."""
    if result.master.reached:
        return "good"
    return "bad" if result.master.target_source == "asked" else "warn"


def _engineer_tiles(result: MixResult) -> list[tuple[str, str]]:
    applied, waiting, _ = split(result.outcomes)
    serious = sum(problem.serious for problem in result.analysis.problems)
    return [
        ("Moves in the mix", f"{len(applied)} of {len(result.outcomes)}"),
        ("Waiting for you", str(len(waiting))),
        ("Problems", _problem_count(result.analysis.problems, serious)),
    ]


def _problem_count(problems: tuple[Problem, ...], serious: int) -> str:
    return f"{len(problems)}, {serious} serious" if serious else str(len(problems))


def _done(result: MixResult) -> Html:
    applied = split(result.outcomes)[0]
    if not applied:
        what = "the tracks through plugins, unmoved" if result.plugins else "the plain sum of the tracks"
        return tag("p", f"Nothing was changed: this is {what}.")
    return tag("ul", *(tag("li", _for_client(o.move, o.sentence)) for o in applied), class_="done")


def _for_client(move: Move, said: str) -> str:
    """What was done and why, without what it costs: "judge it again", "reject this" are for the engineer."""
    cost = " ".join(move.cost.split())
    before, found, after = words.explanation(said).rpartition(words.closed(cost)) if cost else ("", "", "")
    return f"{before.rstrip()}{after}" if found else words.explanation(said)


def _chart(drawing: Html | None, caption: str = "") -> Html:
    if drawing is None:
        return Html("")
    return tag("figure", drawing, tag("figcaption", caption) if caption else None)


def _over_time(result: MixResult) -> Html:
    return join(
        tag("h3", "Loudness"),
        _chart(loudness_chart(result), "Short-term loudness: the last 3 seconds at each moment."),
        *_rides(result),
    )


def _rides(result: MixResult) -> list[Child]:
    drawing = lane_chart(result)
    return [] if drawing is None else [tag("h3", "Rides"), _chart(drawing)]


def _tone(result: MixResult) -> Html:
    return _chart(
        spectrum_chart(result),
        "Mean power per ERB band, both at the same loudness (pink noise is about level), and the difference.",
    )


def _foot(result: MixResult, *, client: bool) -> Html:
    versions = result.plan.versions
    smartmix = f"smartmix {versions.get('smartmix') or _installed_version()}".strip()
    lines: list[Child] = [
        tag("p", f"{smartmix}. No listening test has been run: the figures are measured, the ears are yours.")
    ]
    if not client:
        inputs = hashlib.sha256(
            "\n".join(
                f"{key} {value}" for key, value in sorted(result.analysis.input_hashes.items())
            ).encode()
        ).hexdigest()
        facts = [
            f"plan {plan_digest(result)[:12]}",
            f"inputs {inputs[:12]}",
            f"analysis {result.analysis.content_hash[:12]}",
            f"seed {result.plan.seed}",
        ]
        others = (key for key in sorted(versions) if key not in ("smartmix", "analysis"))
        facts += [f"{key} {versions[key][:12]}" for key in others]
        lines.append(tag("p", " · ".join(facts), class_="id"))
        if result.files:
            names = ", ".join(path.name for _, path in sorted(result.files.items()))
            lines.append(tag("p", f"Files beside this page: {names}."))
    return tag("footer", *lines)


def _installed_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("smartmix")
    except PackageNotFoundError:
        return ""


def plan_digest(result: MixResult) -> str:
    """SHA-256 over the moves, their decisions and values: reports of the same digest show the same plan."""
    parts = [
        f"{move.id}\x1f{move.status}\x1f{item.ref}\x1f{item.value!r}"
        for move in result.plan.moves
        for item in move.sets
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
