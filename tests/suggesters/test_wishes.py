"""Wishes as people write them (wishes.txt): each is understood rightly or refused, never half understood silently."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from smartmix.analysis import analyze
from smartmix.audio.wav import WavWriter
from smartmix.session.role_names import role_from_name
from smartmix.session.session import Session, Track
from smartmix.suggesters.notes import Reading, read_notes
from smartmix.suggesters.notes.parse import parse_note
from smartmix.suggesters.notes.request import Request, When
from smartmix.suggesters.notes.targets import Names
from smartmix.suggesters.notes.when import AROUND_S, spans_of
from smartmix.suggesters.suggester import Context
from suggesters.test_notes import _session  # the song of the notes' own tests

ROWS = [
    tuple(part.strip() for part in line.split("  =>  "))
    for line in (Path(__file__).parent / "wishes.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def _place(when: When) -> str:
    if when.bars:
        return f"@bars{when.bars[0]}-{when.bars[1]}"
    if when.section:
        return f"@{when.section}" + ("" if when.number is None else f"#{when.number}")
    return f"@{when.start_s:g}-" + ("" if when.end_s is None else f"{when.end_s:g}")


def _told(request: Request, words: tuple[str, ...], names: Names) -> str:
    meant = names.meant(words, request.side)
    parts = [
        request.axis + ("+" if request.sign > 0 else "-"),
        meant.label if meant else "?" + " ".join(words),
    ]
    parts += [] if request.amount_db is None else [f"{request.amount_db:g}dB"]
    parts += [request.size] if request.size else []
    parts += [] if request.pan is None else [f"pan{request.pan:g}"]
    return " ".join([*parts, *(_place(w) for w in request.when)])


def _understood(note: str, session: Session) -> tuple[list[str], list[str]]:
    names = Names(session)
    sections = frozenset(s.name for s in session.sections)
    requests, unread = parse_note(note, names.is_target, sections, names.patterns)
    return [_told(r, words, names) for r in requests for words in r.targets], unread


def test_the_table_is_long() -> None:
    assert len(ROWS) >= 300


@pytest.mark.parametrize(("note", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_a_wish_is_understood_or_refused(note: str, expected: str) -> None:
    found, unread = _understood(note.replace("\\n", "\n"), _session())
    wanted = [part.strip() for part in expected.split(" | ") if part.strip() not in ("-", "!")]
    assert found == wanted
    assert bool(unread) == (expected == "-" or expected.endswith("!")), unread


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("Synth_Arp", ("arp", "synth arp", "Synth_Arp", "synth-arp", "synth.arp")),
        ("LeadVox", ("LeadVox", "lead vox", "lead_vox", "leadvox")),
        ("Gtr1", ("gtr1", "gtr 1", "Gtr-1", "gtr_1")),
        ("gtr.clean.02", ("gtr.clean.02", "gtr clean 02", "gtr-clean_02")),
        ("808", ("808", "the 808")),
        ("Vox 2", ("vox 2", "vox2")),
        ("TR-909 Hat", ("tr-909 hat", "tr909 hat", "909")),
    ],
)
def test_names_with_digits_dots_and_hyphens(name: str, notes: tuple[str, ...]) -> None:
    tracks = tuple(
        Track(n.lower().replace(" ", "-"), n, Path(n), role=role_from_name(n), channels=1)
        for n in (name, "Tambora", "Zither")
    )
    session = replace(_session(), tracks=tracks, buses=())
    for called in notes:
        assert _understood(f"{called} up 2 dB", session) == ([f"level+ {name} 2dB"], []), called
        assert _understood(f"zither down 1 dB and {called} up", session)[0] == [
            "level- Zither 1dB",
            f"level+ {name}",
        ]


def test_a_figure_is_not_the_number_of_a_track() -> None:
    tracks = tuple(Track(n.lower(), n, Path(n), role="lead_vocal", channels=1) for n in ("Vox", "Vox 2"))
    session = replace(_session(), tracks=tracks, buses=())
    assert _understood("vox 2 dB up", session)[0] == ["level+ Vox 2dB"]
    assert _understood("vox 2 up 1 dB", session)[0] == ["level+ Vox 2 1dB"]


def test_two_tracks_of_one_name_are_both_meant() -> None:
    tracks = tuple(Track(n, n, Path(n), role="pad", channels=1) for n in ("01 Wash", "02 Wash"))
    session = replace(_session(), tracks=tracks, buses=())
    meant = Names(session).meant(("wash",))
    assert meant is not None
    assert [t.name for t in meant.tracks] == ["01 Wash", "02 Wash"]


@pytest.mark.parametrize("length", [3.0, 8.0, 8.5, 10.0, 15.9, 30.0])
@pytest.mark.parametrize("time_s", [4.0, 6.0, 12.0])
def test_a_single_time_is_never_more_than_eight_seconds(length: float, time_s: float) -> None:
    phrases = ((6.0, 6.0 + length),)
    if phrases[0][1] <= time_s:
        return
    ((start, end),) = spans_of((When(time_s, time_s),), _session(), phrases)
    assert end - start <= AROUND_S + 1e-9
    assert phrases[0][0] <= start < end <= phrases[0][1]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    folder = tmp_path_factory.mktemp("wishes")
    rng = np.random.default_rng(5)
    for name in ("Kick", "Lead Vox", "Pad"):
        with WavWriter(folder / f"{name}.wav", 48_000, 1, bits="32f") as writer:
            writer.write((0.1 * rng.standard_normal((1, 96_000))).astype(np.float32))
    session = Session.open(folder)
    return Context(session, analyze(session))


def _read(context: Context, note: str) -> Reading:
    return read_notes(context, [note])


@pytest.mark.parametrize(
    ("note", "titles", "said"),
    [
        ("vocal up. vocal down 2 dB.", ["Lead Vox: fader +1.5 dB"], "another wish"),
        ("vocal up 1 dB; vocal up 2 dB", ["Lead Vox: fader +1.0 dB"], "another wish"),
        ("vocal up 2 dB and kick down 1", ["Lead Vox: fader +2.0 dB", "Kick: fader \u22121.0 dB"], ""),
        ("more reverb on the vocal, 2 dB", [], "figure in dB"),
        ("pad up 2 dB; banjo up", ["Pad: fader +2.0 dB"], "no banjo"),
        ("vocal brighter 30 dB", [], "more than 12"),
        ("vocal up so it kisses", ["Lead Vox: fader +1.5 dB"], "kisses"),
        ("x" * 3000, [], "2000 characters"),
    ],
)
def test_what_is_not_done_is_said(context: Context, note: str, titles: list[str], said: str) -> None:
    reading = _read(context, note)
    assert [m.title for m in reading.moves] == titles
    assert said in " ".join(reading.notes[0].unread)
    assert bool(said) == bool(reading.notes[0].unread)
