"""What a client asked for, and what stands open: notes with what came of them, questions before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartmix.plan.titles import title_in_force
from smartmix.report import words
from smartmix.report.markup import Html, join, tag

if TYPE_CHECKING:
    from smartmix.plan.note import ClientNote
    from smartmix.workflow.result import MixResult, MoveOutcome

KIND_WORDS = {
    "corrected": "corrected",
    "asked": "please decide",
    "missing": "missing",
    "set_aside": "left out",
    "muted": "muted",
    "paired": "paired",
    "related": "belongs together",
    "moved": "placed",
    "resampled": "resampled",
    "guessed": "guessed",
    "kept": "kept",
    "noted": "noted",
}


WARNED = ("corrected", "missing", "set_aside")


def needs_you(result: MixResult) -> Html | None:
    """Questions first, then what was changed since the last pass, then what was decided while opening."""
    rows = _rows(result)
    if not rows:
        return None
    items = (
        tag("li", tag("span", kind, class_=f"chip {style}".strip()), " ", text) for kind, style, text in rows
    )
    return tag("aside", tag("h2", "Needs you"), tag("ul", *items, class_="asked"), class_="notices")


def _rows(result: MixResult) -> list[tuple[str, str, str]]:
    """(chip, style of the chip, sentence), in the order they are read."""
    questions = [f for f in result.session.findings if f.question]
    others = [f for f in result.session.findings if not f.question]
    rows = [("please decide", "bad", f.text) for f in questions]
    rows += [("please decide", "bad", _stale(o, result)) for o in result.outcomes if o.verdict == "stale"]
    rows += [("new file", "warn", r.text) for r in result.revisions]
    rows += [(KIND_WORDS[f.kind], "warn" if f.kind in WARNED else "", f.text) for f in others]
    said = {text for _, _, text in rows}
    rows += [("noted", "", text) for text in result.notices if text not in said]
    names = tuple(
        words.prose(path.name) for t in result.session.tracks for path in (t.path, t.right_path) if path
    )
    asides = {f.text for f in others if f.kind == "set_aside"}
    return [(kind, style, _spelt(text, names, always=text in asides)) for kind, style, text in rows]


def _spelt(text: str, names: tuple[str, ...], *, always: bool) -> str:
    """A sentence; a file in front of it ("silent shaker.wav") keeps the spelling it has on disk."""
    return words.closed(text) if always or text.startswith(names) else words.sentence(text)


def _stale(outcome: MoveOutcome, result: MixResult) -> str:
    """A decision that no longer counts, and since when: without it the mix is not what the person set up."""
    last = result.plan.last_entry(outcome.move.id)
    why = f" ({last.detail})" if last and last.action == "stale" and last.detail else ""
    return f"{title_in_force(outcome.move)}: out of the mix, what you decided it on has changed{why}; decide again"


def lines(result: MixResult) -> list[str]:
    """The same for a terminal."""
    return [f"Please decide: {text}" if kind == "please decide" else text for kind, _, text in _rows(result)]


def client_notes(result: MixResult) -> Html:
    """Note, what was done about it, what the render measured; nothing without notes."""
    if not result.plan.notes:
        return Html("")
    outcomes = {outcome.move.id: outcome for outcome in result.outcomes}
    head = tag("tr", *(tag("th", t, scope="col") for t in ("The note", "Done", "Measured")))
    rows = [row for note in result.plan.notes for row in _note_rows(note, outcomes, result)]
    return tag(
        "div", tag("table", tag("thead", head), tag("tbody", *rows), class_="list notes"), class_="scroll"
    )


def client_answers(result: MixResult) -> Html:
    """The notes for the person who wrote them: what was done, in plain words; nothing without notes."""
    if not result.plan.notes:
        return Html("")
    outcomes = {outcome.move.id: outcome for outcome in result.outcomes}
    items = []
    for note in result.plan.notes:
        applied = [outcomes[i] for i in note.moves if i in outcomes and outcomes[i].verdict == "applied"]
        done = "; ".join(words.prose(title_in_force(o.move)) for o in applied)
        if note.left_alone and not done:
            done = "left as it is"
        answers = [words.sentence(done)] if done else [] if note.unread else ["Still open."]
        answers += [f"Not done: {words.closed(text)}" for text in note.unread]
        items.append(tag("li", tag("b", f"\u201c{note.text}\u201d"), " ", " ".join(answers)))
    return tag("ul", *items, class_="done")


def _note_rows(note: ClientNote, outcomes: dict[str, MoveOutcome], result: MixResult) -> list[Html]:
    """One row a consequence; the note itself stands in the first."""
    cells = [_done(outcomes[i]) for i in note.moves if i in outcomes]
    names = {t.id: t.name for t in result.session.tracks}
    left = [f"{names.get(t, t)} was left alone, as asked." for t in note.left_alone]
    cells += [(join(text), Html("")) for text in left]
    cells += [
        (tag("span", "Not done: ", words.sentence(text), class_="undone"), Html("")) for text in note.unread
    ]
    quoted = tag("td", f"\u201c{note.text}\u201d", rowspan=str(max(1, len(cells))), class_="quote")
    if not cells:
        return [tag("tr", quoted, tag("td", "Nothing could be read in it."), tag("td", ""))]
    first, *rest = ((tag("td", done), tag("td", measured)) for done, measured in cells)
    return [tag("tr", quoted, *first), *(tag("tr", *row) for row in rest)]


def _done(outcome: MoveOutcome) -> tuple[Html, Html]:
    title = words.prose(title_in_force(outcome.move))
    state = "" if outcome.verdict == "applied" else f" ({outcome.verdict})"
    link = tag("a", title, href=f"#move-{outcome.move.id}")
    why = f" {words.sentence(outcome.verdict_reason)}" if outcome.verdict_reason else ""
    return join(link, state, why), join(words.sentence(outcome.measured))


def note_lines(result: MixResult) -> list[str]:
    """The notes for a terminal: what was asked, what was done, what was measured."""
    outcomes = {outcome.move.id: outcome for outcome in result.outcomes}
    said = []
    for note in result.plan.notes:
        said.append(f"\u201c{words.printable(note.text)}\u201d")
        for id_ in note.moves:
            if id_ in outcomes:
                outcome = outcomes[id_]
                measured = f" Measured: {words.sentence(outcome.measured)}" if outcome.measured else ""
                said.append(f"  {words.prose(title_in_force(outcome.move))} ({outcome.verdict}).{measured}")
        said += [f"  {track} was left alone, as asked." for track in note.left_alone]
        said += [f"  Not done: {words.sentence(text)}" for text in note.unread]
    return said
