"""Moves on the page: one card each with reason, evidence, settings, cost and what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from smartmix.plan.evidence import Evidence
from smartmix.plan.lessons import lesson
from smartmix.plan.merging import FROM_NOTE
from smartmix.plan.move import Move, MoveSet
from smartmix.report import words
from smartmix.report.heading import heading
from smartmix.report.markup import Html, join, tag
from smartmix.report.room import room_lines
from smartmix.report.settings import parameter_name, value_words
from smartmix.session.returns import RETURNS

if TYPE_CHECKING:
    from smartmix.workflow.result import MixResult, MoveOutcome

SHOWN_SETTINGS = 6
SHOWN_EVIDENCE = 3
VERDICT_WORDS = {
    "applied": "in the mix",
    "proposed": "not in the mix",
    "rejected": "rejected",
    "stale": "stale",
    "backed out": "backed out",
    "set aside": "set aside",
}
AUTHORITY_WORDS = {"person": "yours", "rough": "from the rough mix", "rule": "house rule", "model": "model"}


def split(outcomes: Iterable[MoveOutcome]) -> tuple[list[MoveOutcome], list[MoveOutcome], list[MoveOutcome]]:
    """Moves in the mix, moves that wait for a decision, the rest (rejected, stale, backed out, set aside)."""
    applied: list[MoveOutcome] = []
    open_: list[MoveOutcome] = []
    rest: list[MoveOutcome] = []
    for outcome in outcomes:
        kind = applied if outcome.verdict == "applied" else open_ if outcome.verdict == "proposed" else rest
        kind.append(outcome)
    return applied, open_, rest


def unmoved(plugins: Sequence[str]) -> str:
    """What a mix without moves is."""
    what = "the tracks through your plugins" if plugins else "the plain sum of the tracks"
    return f"No move is in the mix: it is {what}."


def moves(result: MixResult, *, learner: bool = False) -> Html:
    """All moves: in the mix first, then those to have a listen to; what was turned down is folded."""
    applied, open_, rest = split(result.outcomes)
    names = track_names(result)
    parts: list[Html] = []
    if result.plugins:
        parts.append(tag("h3", "Plugins"))
        parts.append(tag("ul", *(tag("li", words.closed(line)) for line in result.plugins)))
    if not applied:
        parts.append(tag("p", unmoved(result.plugins)))
    if room := room_lines((o.move for o in result.outcomes), names):
        parts.append(tag("ul", *(tag("li", words.closed(line)) for line in room), class_="done"))
    parts.extend(_by_track(applied, names, learner=learner))
    if open_:
        parts.append(tag("h3", "Waiting for your ears"))
        parts.append(
            tag(
                "p",
                "Not in the mix: less sure, or one more than the 3 moves a track and 12 a song.",
                class_="note",
            )
        )
        parts.extend(card(o, names, learner=learner) for o in open_)
    lost = [o for o in rest if o.verdict == "backed out"]
    if lost:
        parts.append(tag("h3", "Backed out"))
        parts.append(
            tag("p", "Taken, measured on the render, and no better than leaving it alone.", class_="note")
        )
        parts.extend(card(o, names, learner=learner) for o in lost)
    others = [o for o in rest if o.verdict in ("rejected", "stale")]
    if others:
        summary = tag(
            "summary", words.count(len(others), "move"), " rejected, or stale since something changed"
        )
        parts.append(tag("details", summary, *(card(o, names) for o in others)))
    parts.append(_how_to())
    return join(*parts)


def clashes(result: MixResult) -> Html:
    """Moves that wanted the same thing differently: which one gave way and why; nothing without any."""
    names = track_names(result)
    lost = [o for o in result.outcomes if o.verdict == "set aside"]
    return join(*(card(o, names) for o in lost))


def _by_track(outcomes: list[MoveOutcome], names: dict[str, str], *, learner: bool) -> list[Html]:
    """Cards, the moves of a track together, by audible size: the track that changes most first."""
    groups: dict[str, list[MoveOutcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.move.track, []).append(outcome)
    for group in groups.values():
        group.sort(key=lambda o: (-audible_db(o.move), o.move.id))
    order = sorted(groups, key=lambda t: (-audible_db(groups[t][0].move), t))
    return [card(o, names, learner=learner) for track in order for o in groups[track]]


SEND_HEARD_DB = 20.0
"""A send counts by how far it is over this much under its track: -10 dB is as audible as 10 dB of it (house)."""


def audible_db(move: Move) -> float:
    """How much of a change a move is, roughly, dB: its largest setting in dB, faders and rides in full, EQ by half
    since it acts on a part of the spectrum; a filter or a pan counts as one and a half.
    """
    sizes = [0.0]
    for item in move.sets:
        value = item.value
        figures = [p.value for p in value] if isinstance(value, tuple) else [value]
        figures = [v for v in figures if isinstance(v, float)]
        most = max((abs(v) for v in figures), default=0.0)
        if item.ref.device in ("fader", "trim"):
            sizes.append(min(most, 24.0))
        elif item.ref.device == "send":
            sizes.append(max(0.0, SEND_HEARD_DB + max(figures, default=-SEND_HEARD_DB)))
        elif item.ref.parameter.endswith("gain_db") or item.ref.parameter.endswith("range_db"):
            sizes.append(0.5 * most)
        else:
            sizes.append(1.5)
    return max(sizes)


def _how_to() -> Html:
    return tag(
        "p",
        "To decide otherwise: ",
        tag("code", "smartmix plan accept|reject|edit plan.toml ID"),
        ", then ",
        tag("code", "smartmix mix … --force"),
        ". Your decisions are kept.",
        class_="note",
    )


def track_names(result: MixResult) -> dict[str, str]:
    """Names of tracks, groups and returns by id."""
    names = {back.id: back.name for back in RETURNS}
    names |= {bus.id: bus.name for bus in result.session.buses}
    return names | {track.id: track.name for track in result.session.tracks}


def card(outcome: MoveOutcome, names: dict[str, str], *, learner: bool = False) -> Html:
    """One move; for a ``learner`` with what to listen for."""
    move = outcome.move
    track, title = heading(move, names)
    head = tag(
        "header",
        tag("h4", tag("span", track, class_="name"), " ", title),
        tag("p", *_chips(outcome), class_="chips"),
    )
    told = _sentence(outcome)
    if not move.grouped:
        told = words.sentence_start(words.without_name(told, words.prose(track)))
    body = tag("div", tag("p", told, class_="sentence"), _facts(outcome, names, learner=learner))
    side = tag("div", _settings(move, names), class_="settings")
    kind = "" if outcome.verdict == "applied" else " quiet"
    return tag(
        "article", head, tag("div", body, side, class_="columns"), class_=f"move{kind}", id=f"move-{move.id}"
    )


def _sentence(outcome: MoveOutcome) -> str:
    """The move in words; of a grouped one only the why, since the settings stand beside it one by one."""
    move = outcome.move
    if move.grouped and (move.reason or move.result):
        return " ".join(words.sentence(text) for text in (move.reason, move.result) if text)
    return words.explanation(outcome.sentence)


def _chips(outcome: MoveOutcome) -> list[Html]:
    move = outcome.move
    kind = {"applied": "good", "backed out": "warn", "stale": "warn"}.get(outcome.verdict, "")
    chips = [tag("span", VERDICT_WORDS[outcome.verdict], class_=f"chip {kind}".strip())]
    if move.authority != "person":
        sure = f"{words.confidence_word(move.confidence)} {move.confidence * 100:.0f} %"
        chips.append(tag("span", sure, class_="chip"))
    if move.status == "edited":
        chips.append(tag("span", "edited by you", class_="chip"))
    where = words.span(move.span_s) if move.span_s else "whole song"
    chips.append(tag("span", where, class_="chip"))
    told = "from a note" if move.source == FROM_NOTE else AUTHORITY_WORDS[move.authority]
    chips.append(tag("span", told, class_="chip"))
    chips.append(tag("span", move.id, class_="id"))
    return [join(chip, " ") for chip in chips]


def _facts(outcome: MoveOutcome, names: dict[str, str], *, learner: bool) -> Html:
    """What speaks for it, what it costs, what the render measured; nothing the sentence already says."""
    move = outcome.move
    said = _bare(_sentence(outcome))
    rows: list[tuple[str, Html]] = []
    if outcome.verdict_reason:
        rows.append((outcome.verdict.capitalize(), join(words.sentence(outcome.verdict_reason))))
    if move.reason and _bare(words.prose(move.reason)) not in said:
        rows.append(("Because", join(words.sentence(move.reason))))
    unsaid = [item for item in move.evidence if _bare(words.prose(item.text)) not in said]
    if unsaid:
        rows.append(("Evidence", _evidence_list(unsaid, names, of=move.track)))
    if move.result and _bare(words.prose(move.result)) not in said:
        rows.append(("Result", join(words.sentence(move.result))))
    if move.cost and _bare(words.prose(move.cost)) not in said:
        rows.append(("Cost", join(words.sentence(move.cost))))
    if outcome.measured:
        rows.append(("Measured", join(words.sentence(outcome.measured))))
    if learner:
        told = lesson(move, names)
        rows.append(("For the ear", join(words.sentence(told.listen_for))))
        rows.append(("The fault", join(words.sentence(told.fault))))
    return tag("dl", *(join(tag("dt", term), tag("dd", text)) for term, text in rows)) if rows else Html("")


def _bare(text: str) -> str:
    """The text as it is compared: without case, spacing and final stop."""
    return " ".join(text.casefold().split()).rstrip(".")


def _evidence_list(evidence: Sequence[Evidence], names: dict[str, str], of: str) -> Html:
    items = [_evidence(item, names, of=of) for item in evidence]
    shown = tag("ul", *items[:SHOWN_EVIDENCE])
    if len(items) <= SHOWN_EVIDENCE:
        return shown
    more = tag("summary", f"{len(items) - SHOWN_EVIDENCE} more")
    return join(shown, tag("details", more, tag("ul", *items[SHOWN_EVIDENCE:])))


def _evidence(evidence: Evidence, names: dict[str, str], of: str) -> Html:
    where = []
    others = (names.get(track, track) for track in evidence.tracks if track != of)
    unsaid = [name for name in others if name not in evidence.text]
    if unsaid:
        where.append(", ".join(unsaid))
    if evidence.band_hz:
        low, high = evidence.band_hz
        band = f"{words.hertz(low)} to {words.hertz(high)}" if low > 0 else f"under {words.hertz(high)}"
        if band not in evidence.text:
            where.append(band)
    if evidence.span_s and words.span(evidence.span_s) not in evidence.text:
        where.append(words.span(evidence.span_s))
    tail = tag("small", " · ".join(where)) if where else None
    return tag("li", words.prose(evidence.text), tail)


def _settings(move: Move, names: dict[str, str]) -> Html:
    """The move's settings, before → after; a long list is folded."""
    several = len({item.ref.track for item in move.sets}) > 1
    rows = [_setting_row(item, names, several) for item in move.sets]
    parts = [_setting_table(rows[:SHOWN_SETTINGS])]
    if len(rows) > SHOWN_SETTINGS:
        more = words.count(len(rows) - SHOWN_SETTINGS, "more setting")
        parts.append(tag("details", tag("summary", more), _setting_table(rows[SHOWN_SETTINGS:])))
    unit = main_unit(move.sets)
    ranged = [item for item in move.sets if item.unit == unit]
    # Of a move that sets several, the range is that of what they do together: no line of the table is its own.
    if move.interval and not move.grouped and unit and len(ranged) == 1:
        low, high = (words.setting(v, unit, plus=True) for v in sorted(move.interval))
        if low != high:
            name = parameter_name(ranged[0])
            parts.append(tag("p", f"{name}: 80 % range {low} to {high}", class_="note"))
    return join(*parts)


def _setting_table(rows: Sequence[Html]) -> Html:
    return tag("table", tag("tbody", *rows))


def main_unit(sets: Sequence[MoveSet]) -> str:
    """The unit a move is talked about in: dB when any of its settings is in dB, else Hz, else the first."""
    units = [item.unit for item in sets]
    return next((unit for unit in ("dB", "Hz") if unit in units), units[0] if units else "")


def _setting_row(item: MoveSet, names: dict[str, str], several: bool) -> Html:
    name = parameter_name(item)
    if several:
        name = f"{names.get(item.ref.track, item.ref.track)} {name}"
    after = value_words(item, item.value)
    moved = item.before != item.value and not isinstance(item.value, (tuple, str))
    before = tag("span", value_words(item, item.before), " → ", class_="was") if moved else None
    edited = None
    if item.chosen is not None and item.chosen != item.suggested:
        edited = tag("small", f"suggested {value_words(item, item.suggested)}")
    return tag("tr", tag("th", name, scope="row"), tag("td", before, after, edited, class_="number"))
