"""Client notes: what is read, what is answered, and what is said not to be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from smartmix.analysis import analyze
from smartmix.audio.wav import WavWriter
from smartmix.automation import compile_plan
from smartmix.parameter import ParamRef
from smartmix.plan import MixPlan, apply_policy, load_plan, merge, save_plan
from smartmix.plan.conflicts import resolve
from smartmix.plan.move import Move, MoveSet
from smartmix.session.role_names import role_from_name
from smartmix.session.session import Bus, Section, Session, TempoPoint, Track
from smartmix.suggesters import suggest
from smartmix.suggesters.notes import Reading, read_notes
from smartmix.suggesters.notes.parse import parse_note
from smartmix.suggesters.notes.targets import Names
from smartmix.suggesters.notes.when import UnknownPlaceError, spans_of
from smartmix.suggesters.suggester import Context

NAMES = [
    "01 Kick",
    "02 Snare",
    "03 Hat",
    "04 OH",
    "05 Bass DI",
    "06 Bass Amp",
    "07 Gtr L",
    "08 Gtr R",
    "09 Pad",
    "11 Lead Vox",
    "12 BV L",
    "13 BV R",
]
SECTIONS = (
    Section("verse 1", 0.0, 10.0),
    Section("chorus 1", 10.0, 20.0),
    Section("verse 2", 20.0, 30.0),
    Section("chorus 2", 30.0, 40.0),
)


def _session(sections: tuple[Section, ...] = SECTIONS) -> Session:
    tracks = tuple(
        Track(n.lower().replace(" ", "-"), n, Path(n), role=role_from_name(n), channels=1) for n in NAMES
    )
    drums = Bus("bus-drums", "Drums", tuple(t.id for t in tracks[:4]))
    return Session("song", Path(), tracks, 48_000, 40.0, sections=sections, buses=(drums,))


def _read(note: str) -> tuple[list[tuple[str, int, str]], list[str]]:
    """(axis, sign, what is meant) of every request in a note, and what was not read."""
    session = _session()
    names = Names(session)
    requests, unread = parse_note(note, names.is_target, frozenset(s.name for s in session.sections))
    found = []
    for request in requests:
        for words in request.targets:
            meant = names.meant(words, request.side)
            found.append((request.axis, request.sign, meant.label if meant else "nothing"))
    return found, unread


VOX = "11 Lead Vox"


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("vocal up", [("level", 1, VOX)]),
        ("Vocal UP!", [("level", 1, VOX)]),
        ("vox down 2 dB", [("level", -1, VOX)]),
        ("turn down the hats", [("level", -1, "03 Hat")]),
        ("turn down the hats and bring up the pad", [("level", -1, "03 Hat"), ("level", 1, "09 Pad")]),
        ("the vocal is buried", [("level", 1, VOX)]),
        ("I can't hear the backing vocals", [("level", 1, "backing vocals")]),
        ("the snare is too loud", [("level", -1, "02 Snare")]),
        ("snare not loud enough", [("level", 1, "02 Snare")]),
        ("snare is too quiet", [("level", 1, "02 Snare")]),
        ("kick muddy", [("mud", -1, "01 Kick")]),
        ("vocal up, kick muddy", [("level", 1, VOX), ("mud", -1, "01 Kick")]),
        (
            "kick, snare and pad down 1 dB",
            [("level", -1, "01 Kick"), ("level", -1, "02 Snare"), ("level", -1, "09 Pad")],
        ),
        ("vocal brighter", [("bright", 1, VOX)]),
        ("vocal bright", [("bright", -1, VOX)]),
        ("vocal too bright", [("bright", -1, VOX)]),
        ("vocal not bright enough", [("bright", 1, VOX)]),
        ("less bright vocal", [("bright", -1, VOX)]),
        ("pad darker", [("bright", -1, "09 Pad")]),
        ("vocal thin and harsh", [("body", 1, VOX), ("harsh", -1, VOX)]),
        ("the vocal needs more air and less mud", [("air", 1, VOX), ("mud", -1, VOX)]),
        ("snare boxy", [("box", -1, "02 Snare")]),
        ("drums punchier", [("punch", 1, "Drums")]),
        ("less reverb on the vocal", [("reverb", -1, VOX)]),
        ("vocal too dry", [("reverb", 1, VOX)]),
        ("vocal drier", [("reverb", -1, VOX)]),
        ("more reverb on the snare please", [("reverb", 1, "02 Snare")]),
        ("some slap on the vocal", [("delay", 1, VOX)]),
        ("lead vox sibilant", [("esses", -1, VOX)]),
        ("more low end on the kick", [("low_end", 1, "01 Kick")]),
        ("gtr l left 30", [("pan", -1, "07 Gtr L")]),
        ("pan the pad hard right", [("pan", 1, "09 Pad")]),
        ("guitars wider", [("width", 1, "guitars")]),
        ("the guitar on the left is too loud", [("level", -1, "07 Gtr L")]),
        ("lose the pad", [("mute", 1, "09 Pad")]),
        ("no pad in the verses", [("mute", 1, "09 Pad")]),
        ("flip the phase on the bass DI", [("polarity", 1, "05 Bass DI")]),
        ("don't touch the pad", [("leave", 1, "09 Pad")]),
        ("love the snare but the hats are harsh", [("leave", 1, "02 Snare"), ("harsh", -1, "03 Hat")]),
        ("pad: a touch less", [("level", -1, "09 Pad")]),
        ("more pad", [("level", 1, "09 Pad")]),
        ("Hats are piercing!! Turn the pad up", [("harsh", -1, "03 Hat"), ("level", 1, "09 Pad")]),
        ("everything a bit muddy", [("mud", -1, "the mix")]),
        ("drums up", [("level", 1, "Drums")]),
        ("tambourine louder", [("level", 1, "nothing")]),
        ("the vocal is too upfront", [("level", -1, VOX)]),
        ("vocal less forward", [("level", -1, VOX)]),
        ("the vocal isn't muddy", []),
        ("the vocal is loud enough", []),
    ],
)
def test_trade_words(note: str, expected: list[tuple[str, int, str]]) -> None:
    assert _read(note)[0] == expected


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ("make it sound like a record", "like"),
        ("vocal more purple", "purple"),
        ("the vocal", "says no change"),
        ("louder", "names no track"),
    ],
)
def test_says_what_it_cannot_read(note: str, why: str) -> None:
    requests, unread = _read(note)
    assert all(axis == "level" for axis, _, _ in requests)
    if note != "vocal more purple":
        assert len(unread) == 1
        assert why in unread[0]


def _spans(note: str, active: tuple[tuple[float, float], ...] = (), session: Session | None = None) -> object:
    session = session or _session()
    requests, _ = parse_note(note, Names(session).is_target, frozenset(s.name for s in session.sections))
    return spans_of(requests[0].when, session, active)


def test_times_of_a_note() -> None:
    assert _spans("0:12-0:15 vocal up") == ((12.0, 15.0),)
    assert _spans("vocal up from 0:12 to 0:15.5") == ((12.0, 15.5),)
    assert _spans("vocal up from 0:12 on") == ((12.0, 40.0),)
    assert _spans("vocal up until 0:12") == ((0.0, 12.0),)
    assert _spans("vocal up") == ()
    assert _spans("vocal up in the second chorus") == ((30.0, 40.0),)
    assert _spans("vocal up in chorus 1") == ((10.0, 20.0),)
    assert _spans("vocal up in the choruses") == ((10.0, 20.0), (30.0, 40.0))
    assert _spans("vocal up in the last verse") == ((20.0, 30.0),)
    # A single time is the passage that sounds then: two phrases a breath apart, not the one after a long pause.
    phrases = ((2.0, 4.0), (12.5, 14.0), (15.0, 17.0), (25.0, 27.0))
    assert _spans("0:12 vocal up", phrases) == ((12.5, 17.0),)
    # A track that plays all along: eight seconds from just before.
    assert _spans("0:12 pad up", ((0.0, 40.0),)) == ((11.0, 19.0),)


def test_a_place_where_it_is_silent_is_said() -> None:
    phrases = ((2.0, 4.0), (25.0, 27.0))
    for note in ("0:12-0:15 vocal up", "0:12 vocal up", "vocal up in chorus 1"):
        with pytest.raises(UnknownPlaceError, match="silent"):
            _spans(note, phrases)
    assert _spans("vocal up in the choruses", ((31.0, 33.0),)) == ((10.0, 20.0), (30.0, 40.0))


def test_bars_need_a_tempo() -> None:
    tempo = replace(_session(), tempo_map=(TempoPoint(0.0, 120.0), TempoPoint(8.0, 60.0)))
    assert _spans("bars 2-3 vocal up", session=tempo) == ((2.0, 6.0),)
    assert _spans("bar 6 vocal up", session=tempo) == ((12.0, 16.0),)
    with pytest.raises(Exception, match=r"bars need a tempo"):
        _spans("bar 6 vocal up")


def test_a_time_holds_for_its_sentence_only() -> None:
    session = _session()
    requests, _ = parse_note(
        "In the chorus the vocal is lost, snare down. Kick boomy.", Names(session).is_target
    )
    assert [bool(r.when) for r in requests] == [True, True, False]
    requests, _ = parse_note("vocal louder at 0:12, snare back a touch", Names(session).is_target)
    assert [bool(r.when) for r in requests] == [True, False]


@pytest.mark.parametrize(
    "text", ["", ";;;,,,", "\u202e\u0000", "a" * 5000, "9" * 400 + ":99 vocal up", "vocal up " * 900]
)
def test_odd_text_is_harmless(text: str) -> None:
    session = _session()
    parse_note(text[:2000], Names(session).is_target, frozenset())


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """Four seconds of kick, a muddy guitar, a vocal and a dull pad."""
    folder = tmp_path_factory.mktemp("noted")
    rate, seconds = 48_000, 4.0
    rng = np.random.default_rng(7)
    time = np.arange(int(rate * seconds)) / rate
    pink = np.fft.irfft(
        np.fft.rfft(rng.standard_normal(time.size)) / np.sqrt(np.arange(time.size // 2 + 1) + 20.0)
    )
    double = np.fft.irfft(
        np.fft.rfft(rng.standard_normal(time.size)) / np.sqrt(np.arange(time.size // 2 + 1) + 20.0)
    )
    bump = np.fft.rfft(pink)
    hz = np.fft.rfftfreq(time.size, 1 / rate)
    bump *= 1.0 + 3.0 * np.exp(-0.5 * (np.log2(np.maximum(hz, 1.0) / 310.0) / 0.15) ** 2)
    low = np.sin(2 * np.pi * 55 * time) * np.exp(-((time % 0.5) / 0.1))
    pad = np.sin(2 * np.pi * 110 * time)
    tracks = {
        "Kick": low,
        "Gtr L": np.fft.irfft(bump),
        "Gtr R": double,
        "Lead Vox": np.roll(pink, 999),
        "Pad": pad,
    }
    for name, audio in tracks.items():
        scaled = (0.3 * audio / np.max(np.abs(audio)))[None].astype(np.float32)
        with WavWriter(folder / f"{name}.wav", rate, 1, bits="32f") as writer:
            writer.write(scaled)
    session = Session.open(folder)
    return Context(session, analyze(session))


def _moves(context: Context, *notes: str) -> Reading:
    return read_notes(context, notes)


def _only(reading: Reading) -> Move:
    assert len(reading.moves) == 1, [m.title for m in reading.moves]
    return reading.moves[0]


def test_a_level_note_is_a_fader_move_that_quotes_it(context: Context) -> None:
    move = _only(_moves(context, "Vocal up 2.5 dB"))
    assert [(str(s.ref), s.suggested) for s in move.sets] == [("lead-vox/fader/gain_db", 2.5)]
    assert '"Vocal up 2.5 dB"' in move.reason  # as it was typed
    assert (move.status, move.authority, move.source) == ("proposed", "person", "note")


def test_a_stretch_is_a_lane_with_ramps(context: Context) -> None:
    move = _only(_moves(context, "vocal down from 0:01 to 0:02"))
    lane = move.sets[0].suggested
    assert [(p.time_s, p.value) for p in lane] == [(0.75, 0.0), (1.0, -1.5), (2.0, -1.5), (2.25, 0.0)]  # type: ignore[union-attr]


def test_mud_is_cut_where_the_track_itself_bulges(context: Context) -> None:
    move = _only(_moves(context, "gtr l muddy"))
    values = {s.ref.parameter.rpartition(".")[2]: s.suggested for s in move.sets}
    assert values["shape"] == "bell"
    assert abs(np.log2(float(values["freq_hz"]) / 310.0)) < 0.25
    assert values["gain_db"] == -2.5
    assert "over its surroundings" in move.reason


def test_a_muddy_mix_is_cut_where_it_comes_from(context: Context) -> None:
    moves = _moves(context, "the mix is muddy").moves
    assert moves
    assert {m.track for m in moves} <= {"gtr-l", "gtr-r", "pad"}
    assert "gtr-l" in {m.track for m in moves}


def test_nothing_is_raised_where_there_is_no_signal(context: Context) -> None:
    reading = _moves(context, "more air on the pad")
    assert not reading.moves
    assert "no signal" in reading.notes[0].unread[0]


def test_what_cannot_be_done_is_said(context: Context) -> None:
    for note, why in (
        ("less reverb on the vocal", "in the recording"),
        ("everything louder", "--target"),
        ("vocal wider", "nothing of it stands to a side"),
        ("vocal up in the bridge", "no sections"),
        ("tambourine up", "no tambourine"),
        ("vocal up 40 dB", "more than"),
        ("vocal up at 9:59", "past the end"),
    ):
        reading = _moves(context, note)
        assert not reading.moves, note
        assert why in reading.notes[0].unread[0], (note, reading.notes[0].unread)


def test_named_sides_go_apart(context: Context) -> None:
    moves = _moves(context, "guitars wider").moves
    assert {m.track: m.sets[0].suggested for m in moves} == {"gtr-l": -0.7, "gtr-r": 0.7}


def test_left_alone_means_no_other_move(context: Context) -> None:
    session, analysis = context.session, context.analysis
    before = suggest(session, analysis)
    touched = {s.ref.track for m in before.moves for s in m.sets}
    assert touched
    track = sorted(touched)[0]
    name = session.track(track).name
    after = suggest(session, analysis, notes=(f"leave the {name}",))
    assert track not in {s.ref.track for m in after.moves for s in m.sets}
    assert after.notes[0].left_alone == (track,)


def test_notes_live_in_the_plan(context: Context, tmp_path: Path) -> None:
    plan = suggest(context.session, context.analysis, notes=("vocal up; make it purple",))
    save_plan(plan, tmp_path / "plan.toml")
    loaded = load_plan(tmp_path / "plan.toml")
    assert loaded.notes == plan.notes
    assert loaded.notes[0].moves
    assert loaded.notes[0].unread
    # A re-run without the note keeps it; a person's refusal of its move survives a re-run with it.
    refused = loaded.reject(loaded.notes[0].moves)
    again = merge(refused, suggest(context.session, context.analysis, notes=("vocal up; make it purple",)))
    assert again.move(loaded.notes[0].moves[0]).status == "rejected"
    assert merge(refused, suggest(context.session, context.analysis)).notes == plan.notes


def test_asked_for_moves_are_outside_the_budget(context: Context) -> None:
    many = "; ".join(f"gtr l {word}" for word in ("up", "muddy", "boxy", "harsh", "darker", "left 30"))
    plan: MixPlan = apply_policy(suggest(context.session, context.analysis, notes=(many,)), "confident")
    assert all(plan.move(i).in_force for i in plan.notes[0].moves)
    assert len(plan.notes[0].moves) == 6


def test_uneven_and_punchier_are_compressors(context: Context) -> None:
    punch = _only(_moves(context, "kick punchier"))
    values = {s.ref.parameter: s.suggested for s in punch.sets}
    assert {s.ref.device for s in punch.sets} == {"compressor"}
    levels = context.analysis.tracks["kick"].tone
    assert levels is not None and levels.levels is not None
    heard = levels.levels.rms_db[levels.levels.sounding]
    assert np.percentile(heard, 50.0) <= float(values["threshold_db"]) <= np.percentile(heard, 70.0)
    assert float(values["attack_ms"]) >= 30.0
    # A level that never changes cannot be evened out, and that is said.
    reading = _moves(context, "pad uneven")
    assert not reading.moves
    assert "would not even out" in reading.notes[0].unread[0]


def test_a_squashed_recording_stays_squashed(context: Context) -> None:
    assert "cannot be taken out" in _moves(context, "kick too squashed").notes[0].unread[0]


def test_esses_are_looked_for(context: Context) -> None:
    assert "no esses" in _moves(context, "pad sibilant").notes[0].unread[0]


def test_reverb_notes_start_from_the_sends_that_are_suggested(context: Context) -> None:
    """More is more than that, and drier takes the send away: a person's send wins over the grouped suggestion's."""
    lead = next(t.id for t in context.session.tracks if t.role == "lead_vocal")
    ref = ParamRef(lead, "send", "return-reverb.level_db")
    space = Move("s", "mix", "Space", "space", 0.72, "", (MoveSet(ref, "dB", -120.0, -6.5),), grouped=True)
    for note, level_db in (
        ("more reverb on the vocal", -3.5),
        ("a touch more reverb on the vocal", -4.5),
        ("vocal drier", -120.0),
    ):
        reading = read_notes(context, [note], [space])
        (answer,) = reading.moves
        assert [(s.ref, s.value) for s in answer.sets] == [(ref, level_db)], note
        plan = MixPlan("song", (space, answer)).accept(["s", answer.id])
        sounding = {m.id: m for m in resolve(plan)[0]}
        assert sounding[answer.id].sets == answer.sets and "s" not in sounding
        sent = [
            name
            for strip in compile_plan(context.session, plan).strips
            for name in strip.static
            if "send" in name
        ]
        assert bool(sent) == (level_db > -120.0)
    assert read_notes(context, ["vocal drier"], []).notes[0].unread


def test_a_note_about_a_locked_setting_says_so(context: Context) -> None:
    """A lock in the session on one address: no move, no dangling id, and the note tells why."""
    kick = next(t.id for t in context.session.tracks if t.role == "kick")
    locked = replace(context.session, locks=frozenset({f"{kick}/fader/gain_db"}))
    plan = suggest(locked, context.analysis, notes=("kick up; kick left 30",))
    (note,) = plan.notes
    assert [str(plan.move(i).sets[0].ref) for i in note.moves] == [f"{kick}/pan/pan"]
    assert any("locked" in line for line in note.unread)
