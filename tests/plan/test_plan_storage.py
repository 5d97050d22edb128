"""plan.toml: read back as written, comments and decisions kept, hand edits honoured, mistakes named."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans import fact, lane, move, plan, setting
from smartmix.errors import OutputExistsError, PlanError
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan import schema
from smartmix.plan.evidence import Evidence
from smartmix.plan.mixplan import HistoryEntry, MixPlan
from smartmix.plan.move import Move, MoveSet
from smartmix.plan.note import ClientNote
from smartmix.plan.storage import load_plan, save_plan, to_toml

GOLDEN = Path(__file__).parent.parent / "golden" / "plan_v1.toml"


@pytest.fixture
def golden(tmp_path) -> Path:
    return Path(shutil.copy(GOLDEN, tmp_path / "plan.toml"))


def test_the_golden_plan_saves_to_the_same_bytes(golden) -> None:
    save_plan(load_plan(golden), golden, force=True)
    assert golden.read_bytes() == GOLDEN.read_bytes()


def test_the_golden_plan_means_what_it_says(golden) -> None:
    p = load_plan(golden)
    assert (p.session, p.seed, p.versions, p.input_hashes) == (
        "My Song",
        7,
        {"smartmix": "0.1.0"},
        {"kick": "9f86d081"},
    )
    assert p.locks == {"kick/fader/gain_db"}
    assert p.chains == {"gtr-l": str(golden.resolve().parent / "chains" / "gtr.toml")}
    unread = ('"make it purple": names no track or group of this session',)
    assert p.notes == (ClientNote("1:12 vocal up; make it purple", ("m01a2b3c4",), unread, ("kick",)),)
    eq, balance = p.moves
    assert eq == Move(
        "m01a2b3c4",
        "gtr-l",
        "Room for the vocal",
        "masking",
        0.78,
        "It sits 4 dB over the vocal at 250–400 Hz while she sings.",
        (
            MoveSet(ParamRef("gtr-l", "eq", "m01a2b3c4.shape"), "", "off", "bell"),
            MoveSet(ParamRef("gtr-l", "eq", "m01a2b3c4.freq_hz"), "Hz", 310.0, 310.0),
            MoveSet(ParamRef("gtr-l", "eq", "m01a2b3c4.gain_db"), "dB", 0.0, -2.5, -1.25),
        ),
        "edited",
        "rule",
        (64.0, 95.0),
        (-3.5, -1.2),
        "After, 1 under.",
        "Thinner in solo: judge it in the mix.",
        1.25,
        evidence=(
            Evidence(
                "masking",
                "4 dB over the vocal at 250–400 Hz",
                4.0,
                "dB",
                ("gtr-l", "vox-lead"),
                (250.0, 400.0),
                (64.0, 95.0),
            ),
        ),
    )
    assert balance.grouped and balance.authority == "rough" and balance.status == "accepted"
    assert isinstance(balance.sets[0].suggested, tuple)
    assert balance.sets[0].suggested[2] == Breakpoint(64.5, 1.0, "hold")
    assert len(balance.sets[0].suggested) == 9
    assert p.history[0] == HistoryEntry(
        "edit",
        "m01a2b3c4",
        "proposed",
        "edited",
        step=1,
        ref="gtr-l/eq/m01a2b3c4.gain_db",
        before=-2.0,
        after=-1.25,
    )
    assert p.undo().undo().moves[0].sets[2].chosen == -2.0


def test_the_keys_of_the_format() -> None:
    """A key added or taken away changes the format: CHANGELOG line, migration and a new golden are due."""
    tables = (
        schema.PlanTable,
        schema.NoteTable,
        schema.MoveTable,
        schema.EvidenceTable,
        schema.SetTable,
        schema.HistoryTable,
    )
    assert [" ".join(t.model_fields) for t in tables] == [
        "format session seed locks versions inputs chains note move history",
        "text moves unread left_alone",
        "id track title status source authority confidence interval benefit grouped span_s reason "
        "result cost evidence set",
        "kind text amount unit tracks band_hz span_s",
        "ref unit before suggested chosen",
        "action move before_status after_status detail by step ref before after",
    ]
    text = GOLDEN.read_text(encoding="utf-8")
    pattern = r"^(\[{{1,2}}(move\.)?)?{}\b"
    missing = [
        k for t in tables for k in t.model_fields if not re.search(pattern.format(k), text, re.MULTILINE)
    ]
    assert missing == []


TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.sampled_from(
        ['"""', "'''", "a\nb\r\n", "# no comment", "🎸 “quoted” \\ ", "[[move]]", "\x7f\x00\x1b", "ﬁ\u2028x"]
    ),
)
NUMBER = st.floats(-20.0, 20.0)
PAIR = st.none() | st.tuples(NUMBER, NUMBER).map(lambda p: (min(p), max(p)))
LANE = st.lists(
    st.tuples(st.floats(0.0, 600.0), NUMBER, st.sampled_from(["linear", "hold"])), min_size=1, max_size=200
).map(lambda points: tuple(Breakpoint(*p) for p in sorted(points, key=lambda p: p[0])))
VALUE = NUMBER | LANE
NAME = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=12)
SETS = st.builds(MoveSet, st.builds(ParamRef, NAME, NAME, NAME), TEXT, VALUE, VALUE, st.none() | VALUE)
STATUS = st.sampled_from(["proposed", "accepted", "rejected", "edited", "stale"])
EVIDENCE = st.builds(Evidence, TEXT, TEXT, NUMBER, TEXT, st.lists(TEXT, max_size=3).map(tuple), PAIR, PAIR)
MOVES = st.builds(
    Move,
    NAME,
    TEXT,
    TEXT,
    TEXT,
    st.floats(0.0, 1.0),
    TEXT,
    st.lists(SETS, max_size=3).map(tuple),
    STATUS,
    st.sampled_from(["person", "rough", "rule", "model"]),
    PAIR,
    PAIR,
    TEXT,
    TEXT,
    NUMBER,
    st.booleans(),
    st.lists(EVIDENCE, max_size=2).map(tuple),
)
HISTORY = st.builds(
    HistoryEntry,
    st.sampled_from(["accept", "reject", "edit", "add", "stale", "restore"]),
    TEXT,
    STATUS,
    STATUS,
    TEXT,
    TEXT,
    st.integers(0, 9),
    TEXT,
    st.none() | VALUE,
    st.none() | VALUE,
)
PLANS = st.builds(
    MixPlan,
    TEXT,
    st.lists(MOVES, max_size=3, unique_by=lambda m: m.id).map(tuple),
    st.dictionaries(TEXT, TEXT, max_size=2),
    st.dictionaries(TEXT, TEXT, max_size=2),
    st.integers(0, 2**31),
    st.lists(HISTORY, max_size=3).map(tuple),
    st.frozensets(TEXT, max_size=2),
)


@settings(max_examples=60, deadline=None)
@given(PLANS)
def test_any_plan_reads_back(tmp_path_factory, p: MixPlan) -> None:
    folder = tmp_path_factory.mktemp("plan")
    path = folder / "plan.toml"
    saved = save_plan(p, path)
    first = path.read_bytes()
    assert load_plan(path) == p
    assert to_toml(p).encode() == first
    save_plan(saved, path, force=True)
    assert path.read_bytes() == first


def test_numbers_are_printed_short(tmp_path) -> None:
    p = plan(move("a", setting("kick/fader/gain_db", 0.1 + 0.2), benefit=1e-9, confidence=2 / 3))
    text = to_toml(p)
    assert "suggested = 0.3\n" in text
    assert "benefit = 0.0\n" in text
    assert "confidence = 0.667\n" in text


COMMENTED = {
    "# Change it": "# my own header",
    '[[move]]\nid = "b"': '# above b\n[[move]]  # behind b\n# above its id\nid = "b"',
    "suggested = -3.0": "suggested = -3.0  # too much",
}


def test_comments_survive_every_kind_of_save(tmp_path) -> None:
    path = tmp_path / "plan.toml"
    save_plan(plan(move("a"), move("b", setting("kick/fader/gain_db", -3.0)), move("c")), path)
    text = path.read_text(encoding="utf-8") + "# at the end\n"
    for old, new in COMMENTED.items():
        assert text.count(old) >= 1 or old.startswith("#")
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    save_plan(load_plan(path).reject("a").accept("b"), path, force=True)
    lines = path.read_text(encoding="utf-8").splitlines()
    above = lines.index("# above b")
    assert lines[above : above + 4] == ["# above b", "[[move]]  # behind b", "# above its id", 'id = "b"']
    assert "suggested = -3.0  # too much" in lines
    assert "# at the end" in lines
    # A re-run that suggests them in another order, and no longer suggests a.
    save_plan(plan(move("c"), move("b", setting("kick/fader/gain_db", -3.0))), path, force=True)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[lines.index("[[move]]  # behind b") + 2] == 'id = "b"'
    assert lines.index('id = "c"') < lines.index('id = "b"')
    assert "# at the end" in lines
    assert sum(line.startswith("# A smartmix plan") for line in lines) == 1


def test_hand_edits_are_honoured(tmp_path) -> None:
    path = tmp_path / "plan.toml"
    save_plan(plan(move("a")), path)
    text = path.read_text(encoding="utf-8")
    text = text.replace('status = "proposed"', 'status = "edited"').replace(
        "suggested = -1.0", "suggested = -1.0\nchosen = -2"
    )
    path.write_text(text, encoding="utf-8")
    p = load_plan(path)
    assert p.moves[0].in_force
    assert p.moves[0].sets[0].value == -2.0
    rerun = save_plan(plan(move("a")), path, force=True)
    assert rerun.moves[0].status == "edited"
    assert load_plan(path).moves[0].sets[0].value == -2.0


def test_chains_are_found_from_wherever_the_plan_is_written_and_read(tmp_path, monkeypatch) -> None:
    """Written from a relative folder, below a linked one, moved with its folder, and read from elsewhere."""
    whole = tmp_path / "disk" / "song"
    (whole / "chains").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    for chain in (whole / "chains" / "beside.toml", tmp_path / "elsewhere.toml"):
        chain.write_text("")
    monkeypatch.chdir(tmp_path / "disk")
    for folder in (Path("song"), tmp_path / "link" / "song", whole):
        chains = {"vox": str(folder / "chains" / "beside.toml"), "gtr": "../elsewhere.toml"}
        save_plan(MixPlan("x", chains=chains), folder / "plan.toml")
        assert load_plan(folder / "plan.toml").chains == {
            "vox": str(whole / "chains" / "beside.toml"),
            "gtr": str(tmp_path / "elsewhere.toml"),
        }
        (whole / "plan.toml").rename(tmp_path / "plan.toml")
        assert load_plan(tmp_path / "plan.toml").chains["vox"] == str(tmp_path / "chains" / "beside.toml")
        (tmp_path / "plan.toml").unlink()


def test_nothing_is_replaced_without_force_and_a_backup_is_kept_with_it(tmp_path) -> None:
    path = tmp_path / "plan.toml"
    first = save_plan(plan(move("a")), path)
    before = path.read_bytes()
    with pytest.raises(OutputExistsError, match="use --force to merge"):
        save_plan(plan(move("b")), path)
    assert path.read_bytes() == before
    save_plan(first.accept("a"), path, force=True)
    assert (tmp_path / "plan.toml.bak").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["plan.toml", "plan.toml.bak"]


def test_undo_reaches_the_file_but_a_rerun_does_not_undo(tmp_path) -> None:
    path = tmp_path / "plan.toml"
    p = save_plan(plan(move("a")), path)
    p = save_plan(p.accept("a"), path, force=True)
    p = save_plan(p.undo(), path, force=True)
    assert load_plan(path).moves[0].status == "proposed"
    save_plan(p.reject("a"), path, force=True)
    save_plan(plan(move("a")), path, force=True)
    assert load_plan(path).moves[0].status == "rejected"


def test_a_decision_made_by_hand_meanwhile_is_not_lost(tmp_path) -> None:
    path = tmp_path / "plan.toml"
    p = save_plan(plan(move("a"), move("b")), path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('status = "proposed"', 'status = "rejected"', 1), encoding="utf-8")
    save_plan(p.accept("b"), path, force=True)
    assert [m.status for m in load_plan(path).moves] == ["rejected", "accepted"]


def test_a_file_that_is_no_plan_is_never_replaced(tmp_path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text("dear diary", encoding="utf-8")
    with pytest.raises(PlanError, match="is not valid TOML"):
        save_plan(plan(move("a")), path, force=True)
    assert path.read_text(encoding="utf-8") == "dear diary"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.toml"]


MOVE = """format = 1
session = "x"
[[move]]
id = "m1"
track = "kick"
title = "t"
source = "s"
confidence = 0.8
"""
SET = MOVE + '[[move.set]]\nref = "kick/eq/m1.gain_db"\nbefore = 0.0\n'
SHAPE = SET.replace("gain_db", "shape").replace("before = 0.0", "before = 'off'")
REFUSED = {
    "session = 'x'": "the key 'format' is missing",
    "format = 2\nsession = 'x'": "format = 2: expected 1",
    MOVE + "colour = 'red'": "move 1 ('m1'), unknown key 'colour'; known: authority, benefit",
    MOVE.replace("0.8", "1.8"): "move 1 ('m1'), confidence = 1.8: expected 0 to 1",
    MOVE.replace("0.8", "'high'"): "move 1 ('m1'), confidence = \"high\": expected 0 to 1",
    MOVE + "status = 'yes'": 'move 1 (\'m1\'), status = "yes": expected "proposed", "accepted"',
    MOVE + "authority = 'ai'": 'authority = "ai": expected "person", "rough", "rule" or "model"',
    MOVE + "span_s = [9, 3]": "span_s = [9, 3]: expected two rising numbers",
    MOVE + "interval = [1]": "interval = [1]: expected two rising numbers",
    MOVE + "interval = 3": "interval = 3: expected two rising numbers",
    MOVE + "benefit = inf": "benefit = Infinity: expected a number",
    MOVE + "grouped = 1": "grouped = 1: expected true or false",
    MOVE + MOVE[MOVE.index("[[move]]") :]: "move ids must be unique, found twice: m1",
    SET + "suggested = 99": "move 1 ('m1'), set 1, suggested: kick/eq/m1.gain_db = 99: expected -24 to 24 dB",
    SET + "suggested = -1\nchosen = 30.5": "set 1, chosen: kick/eq/m1.gain_db = 30.5: expected -24 to 24 dB",
    SET + "suggested = -1\nchosen = 'loud'": "chosen: kick/eq/m1.gain_db = 'loud': expected -24 to 24 dB",
    SET + "suggested = nan": "suggested: kick/eq/m1.gain_db = nan: expected a finite number",
    SET + "suggested = true": "suggested = true: expected a number, a word or a lane",
    SET + "suggested = [[1.0]]": "suggested = [[1.0]]: expected a lane of points [time_s, value]",
    SET + "suggested = [[1.0, 2.0, 'jump']]": "expected a lane of points [time_s, value]",
    SET + "suggested = [[2.0, 1.0], [1.0, 1.0]]": "lane times must rise",
    SET + f"suggested = {[[float(t), 0.0] for t in range(201)]}": "a lane of 201 points; expected 1 to 200",
    SET + "suggested = []": "a lane of 0 points; expected 1 to 200",
    SET: "set 1 ('kick/eq/m1.gain_db'), the key 'suggested' is missing",
    SET.replace("kick/eq/", "kick-eq-")
    + "suggested = 1": "ref: parameter address 'kick-eq-m1.gain_db': expected",
    SHAPE + "suggested = 'peak'": "suggested: kick/eq/m1.shape = 'peak': expected one of off, bell",
}


@pytest.mark.parametrize("text", REFUSED, ids=list(REFUSED.values()))
def test_refusals_name_file_move_key_value_and_range(tmp_path, text: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PlanError, match=re.escape(REFUSED[text])) as caught:
        load_plan(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_plan_of_another_song_is_not_merged(tmp_path) -> None:
    path = tmp_path / "plan.toml"
    save_plan(plan(move("a")), path)
    with pytest.raises(PlanError, match="is a plan of 'song', not of 'other'; write elsewhere"):
        save_plan(MixPlan("other", (move("a"),)), path, force=True)


def test_files_of_windows_editors_are_read(tmp_path) -> None:
    path = tmp_path / "plan.toml"
    saved = save_plan(plan(move("a")), path)
    text = path.read_text(encoding="utf-8").replace("title a", "title ä")
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    again = load_plan(path)
    assert again.moves[0] == replace(saved.moves[0], title="title ä")
    save_plan(again, path, force=True)
    assert path.read_bytes() == text.encode()


def test_every_plan_that_can_be_made_can_be_read(tmp_path) -> None:
    odd = move(
        "a", setting("kick/eq/a.freq_hz", 310.0, 0.0, "Hz"), setting("kick/eq/a.shape", "bell", 0.0, "")
    )
    save_plan(plan(odd), tmp_path / "p.toml")
    assert load_plan(tmp_path / "p.toml") == plan(odd)
    for bad, message in (
        (replace(odd, confidence=1.1), "move a: confidence 1.1: expected 0 to 1"),
        (replace(odd, span_s=(9.0, 1.0)), "expected two rising numbers"),
        (move("a", setting("kick/eq/a.freq_hz", 0.0)), "freq_hz = 0: expected 10 to 24000 Hz"),
    ):
        with pytest.raises(PlanError, match=re.escape(message)):
            plan(bad)


def test_a_missing_plan(tmp_path) -> None:
    with pytest.raises(PlanError, match="no such file"):
        load_plan(tmp_path / "plan.toml")


def test_a_plan_of_a_plugin_parameter_has_no_range_to_break(tmp_path) -> None:
    p = plan(replace(move("a", setting("kick/zameq/band 1", 1e6, unit=""), evidence=(fact(1.0),))))
    save_plan(p, tmp_path / "p.toml")
    assert load_plan(tmp_path / "p.toml") == p
    assert lane((0.0, 1.0))[0].curve == "linear"
