"""The text of REAPER projects: every byte kept, words as REAPER quotes them, hostile files refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmix.errors import InteropError
from smartmix.interop.rpp.text import DEEPEST, Line, made_block, made_line, parse, quoted, written

SAMPLE = b"""<REAPER_PROJECT 0.1 "7.0/linux-x86_64" 1700000000\r
  TEMPO 120 4 4\r
  <NOTES 0 2\r
    |<not a block> "quoted'\r
    |>\r
  >\r
  <TRACK {8D64E65A-5CEE-4041-9E72-0802B6F1FCC2}\r
\tNAME 'the "lead"  vox'   \r
    VOLPAN 1 0 -1 -1 1\r
    <FXCHAIN\r
      <VST "VST3: ZamEQ2 (Damien Zammit)" ZamEQ2.vst3 0 "" 428544796{20} ""\r
        HBOLGe5e7f4CAAAA/+8=\r
        AAAQAAAA\r
      >\r
    >\r
  >\r
>\r
"""
PIECES = st.sampled_from(
    [
        b"<TRACK",
        b">",
        b"\n",
        b"\r\n",
        b"\r",
        b" ",
        b"\t",
        b'"',
        b"'",
        b"`",
        b"NAME",
        b"<",
        b"|>",
        b"\xff\x00",
        b"A==",
    ]
)
words = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=12)


@given(st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=60).map(b"".join)))
def test_what_is_parsed_is_written_as_it_came(data: bytes) -> None:
    try:
        tree = parse(data)
    except InteropError:
        return
    assert written(tree) == data


@given(st.lists(words, min_size=1, max_size=6))
def test_words_come_back_unless_they_hold_all_three_quotes(values: list[str]) -> None:
    line = Line(b"  KEY " + b" ".join(quoted(v) for v in values) + b"\n")
    told = [v.replace("`", "'") if all(q in v for q in "\"'`") and not _bare(v) else v for v in values]
    assert line.words == ["KEY", *told]


def _bare(value: str) -> bool:
    return bool(value) and value[0] not in "\"'`" and " " not in value and "\t" not in value


@given(st.lists(words, min_size=2, max_size=6), st.data())
def test_a_word_put_changes_that_word_alone(values: list[str], data: st.DataObject) -> None:
    line = made_line("KEY", *values, depth=2, end=b"\r\n")
    before = line.words
    index = data.draw(st.integers(1, len(values)))
    line.put(index, "0.25")
    assert line.words == [*before[:index], "0.25", *before[index + 1 :]]
    assert (line.indent, line.end) == (b"    ", b"\r\n")


def test_the_tree_of_a_project_and_an_edit_of_one_line() -> None:
    tree = parse(SAMPLE)
    project = tree.blocks("REAPER_PROJECT")[0]
    track = project.blocks("TRACK")[0]
    assert track.words("NAME") == ['the "lead"  vox']
    assert track.head.words == ["TRACK", "{8D64E65A-5CEE-4041-9E72-0802B6F1FCC2}"]
    notes = project.block("NOTES")
    assert notes is not None
    assert [line.body.strip() for line in notes.lines()] == [b"|<not a block> \"quoted'", b"|>"]
    fader = track.line("VOLPAN")
    assert fader is not None
    fader.put(1, "0.5")
    changed = [(a, b) for a, b in zip(SAMPLE.split(b"\n"), written(tree).split(b"\n"), strict=True) if a != b]
    assert changed == [(b"    VOLPAN 1 0 -1 -1 1\r", b"    VOLPAN 0.5 0 -1 -1 1\r")]
    fader.put(1, "1")
    assert written(tree) == SAMPLE


def test_a_word_put_again_as_it_is_keeps_its_own_quotes() -> None:
    line = Line(b'NAME "vox"  2\n')
    line.put(1, "vox")
    assert line.raw == b'NAME "vox"  2\n'


def test_the_rpp_package_reads_what_is_made_here() -> None:
    import rpp

    project = made_block("REAPER_PROJECT", "0.1", "7.0/linux", "1700000000", depth=0)
    track = made_block("TRACK", "{8D64E65A-5CEE-4041-9E72-0802B6F1FCC2}", depth=1)
    track.parts.append(made_line("NAME", 'Jo\'s "vox" 2', depth=2))
    track.parts.append(made_line("VOLPAN", "0.5", "0", "-1", "-1", "1", depth=2))
    project.parts.append(track)
    theirs = rpp.loads(written(project).decode())
    assert theirs.find("TRACK").find("NAME") == ["NAME", 'Jo\'s "vox" 2']
    ours = parse(rpp.dumps(theirs).encode()).blocks("REAPER_PROJECT")[0].blocks("TRACK")[0]
    assert ours.words("NAME") == ['Jo\'s "vox" 2']
    assert ours.words("VOLPAN") == ["0.5", "0", "-1", "-1", "1"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<TRACK\n" * (DEEPEST + 2), "nested deeper"),
        (b"<TRACK\nNAME x\n", "ends inside <TRACK"),
        (b"NAME x\n>\n", "line 2: '>' closes"),
    ],
)
def test_a_hostile_or_damaged_text_is_refused_with_its_line(data: bytes, said: str) -> None:
    with pytest.raises(InteropError, match=said):
        parse(data)
