"""Whole files appear complete or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from smartmix.audio.files import AtomicFile, check_target, write_bytes, write_text
from smartmix.errors import OutputExistsError, SmartmixError


def test_text_is_written_as_it_is(tmp_path: Path) -> None:
    path = write_text(tmp_path / "a.toml", "ä = 1\r\nb = 2\n")
    assert path.read_bytes() == "ä = 1\r\nb = 2\n".encode()
    assert path.stat().st_mode & 0o600 == 0o600


def test_replacing_needs_force(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_bytes(path, b"one")
    with pytest.raises(OutputExistsError):
        write_bytes(path, b"two")
    assert path.read_bytes() == b"one"
    write_bytes(path, b"two", force=True)
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_visible_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with AtomicFile(path) as file:
        file.stream.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"


def test_no_hard_links_still_no_overwriting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory cards and some network drives know no hard links."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    assert write_bytes(tmp_path / "a", b"one").read_bytes() == b"one"
    with pytest.raises(OutputExistsError), AtomicFile(tmp_path / "b") as file:
        file.stream.write(b"mine")
        (tmp_path / "b").write_bytes(b"theirs")
    assert (tmp_path / "b").read_bytes() == b"theirs"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SmartmixError, match="no folder"):
        write_text(tmp_path / "x" / "a", "")


def test_a_failed_replacement_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.toml"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SmartmixError, match="No space left"):
        write_text(path, "new", force=True)
    assert [p.name for p in tmp_path.iterdir()] == ["x.toml"]
    assert path.read_text() == "old"


def test_a_refusal_ends_with_the_advice_for_that_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    check_target(path, force=False)
    path.touch()
    check_target(path, force=True)
    with pytest.raises(OutputExistsError, match="already there; merge it"):
        check_target(path, force=False, advice="merge it")
    with pytest.raises(OutputExistsError, match="is a folder"):
        check_target(tmp_path, force=True)
