"""Documents: comments stay with what they are about; hostile files give one clear line."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartmix.errors import SessionError
from smartmix.session import document as toml
from smartmix.session.comments import Comments, comments_of

SOURCE = """\
# top of the file
format = 1  # only one
# about the name
name = "x # no comment"
lane = [  # lane begins
  [0.0, 1.0],
  [2.0, -1.0],  # quieter here
]

# the drums
[[track]]  # first
id = "kick"
gain_db = 0.5  # by ear
# end of the kick

# the voice
[[track]]
id = "vox"
  [[track.set]]
  # why
  ref = "a/b/c"

# the end
"""


def comments_in(text: str) -> list[str]:
    return sorted(
        line.partition("# ")[2] for line in text.replace('"x # no comment"', "").splitlines() if "# " in line
    )


def test_comments_survive_in_place() -> None:
    data = tomllib.loads(SOURCE)
    text = toml.render(data, comments_of(SOURCE))
    assert tomllib.loads(text) == data
    assert comments_in(text) == comments_in(SOURCE)
    lines = text.splitlines()
    assert lines[lines.index("# the voice") + 1] == "[[track]]"
    assert lines[lines.index("# the voice") + 2] == 'id = "vox"'
    assert lines.index("# end of the kick") < lines.index("# the voice")
    assert "gain_db = 0.5  # by ear" in lines
    assert lines[lines.index("# why") + 1] == 'ref = "a/b/c"'
    assert toml.render(data, comments_of(text)) == text


def test_comments_follow_their_entry_when_entries_move_and_stay_when_it_goes() -> None:
    data = tomllib.loads(SOURCE)
    data["track"] = [data["track"][1], {"id": "new", "gain_db": 1.0}]
    text = toml.render(data, comments_of(SOURCE))
    lines = text.splitlines()
    assert lines[lines.index("# the voice") + 2] == 'id = "vox"'
    assert lines.index(toml.GONE) < lines.index("# the drums")
    assert comments_in(text) == sorted([*comments_in(SOURCE), toml.GONE[2:]])
    again = toml.render(data, comments_of(text))
    assert comments_in(again) == comments_in(text)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUES = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.lists(st.floats(-100, 100), min_size=2, max_size=2), max_size=40),
)
TABLES = st.dictionaries(TEXTS.filter(bool), VALUES, max_size=5)


@given(TABLES, st.lists(TABLES.filter(bool), max_size=4))
def test_any_document_reads_back(table: dict[str, object], entries: list[dict[str, object]]) -> None:
    document = {"format": 1, **table, **({"entries": entries} if entries else {})}
    text = toml.render(document, Comments())
    assert tomllib.loads(text) == document
    assert toml.render(document, comments_of(text)) == text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = [", "is not valid TOML"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a" + b".a" * 1_000_000 + b" = 1", "nested deeper than 16 tables"),
        (b"[a" + b" . 'b'" * 50_000 + b"]", "nested deeper than 16 tables"),
        (b"a = " + b"1" * 5000, "cannot be read"),
        (b"a = \xff", "byte 4 is not UTF-8"),
        (b"\x00\x01", "is not valid TOML"),
        (b"x" * (toml.MAX_DOCUMENT_BYTES + 1), "expected at most"),
    ],
    ids=["open", "deep list", "deep key", "deep header", "long number", "latin-1", "binary", "huge"],
)
def test_hostile_files(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(SessionError, match=message) as caught:
        toml.parse(toml.read_text(path, SessionError), path, SessionError)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_no_file_where_a_file_must_be(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="no such file"):
        toml.read_text(tmp_path / "none.toml", SessionError)
    with pytest.raises(SessionError, match="is not a file"):
        toml.read_text(tmp_path, SessionError)
    with pytest.raises(SessionError, match="is not a file"):
        toml.read_text(Path("/dev/zero"), SessionError)
