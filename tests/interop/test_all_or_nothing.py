"""Full disks, interruptions and exports over exports: all of it or none, in the words of what was asked for."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from interop.scenes import lossy_plan, plain_plan, residual_db, session
from smartmix.errors import SmartmixError
from smartmix.interop.export import export_session
from smartmix.interop.formats import FORMATS, AudioChoice
from smartmix.interop.prints import export_prints
from smartmix.interop.to_session import import_project
from smartmix.rendering import render

BOTH = pytest.mark.parametrize("to", ["rpp", "dawproject"])


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """As on a full disk: a write past ``size`` bytes of a file fails."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("audio", ["copy", "link"])
@BOTH
def test_a_full_disk_leaves_nothing_of_an_export(tmp_path: Path, to: str, audio: AudioChoice) -> None:
    song, out = session(tmp_path), tmp_path / "out"
    out.mkdir()
    file = out / f"song.{to}"
    with no_file_over(40_000), pytest.raises(SmartmixError, match=rf"song\.{to}: cannot be written") as told:
        export_session(song, lossy_plan(), file, to, audio=audio)
    assert ".smartmix" not in str(told.value)
    assert names(out) == []
    export_session(song, lossy_plan(), file, to, audio=audio)  # and the same words again


def test_a_full_disk_leaves_nothing_of_prints(tmp_path: Path) -> None:
    song = session(tmp_path)
    before = names(tmp_path)
    with no_file_over(40_000), pytest.raises(SmartmixError, match=r"/mine: cannot be written"):
        export_prints(song, lossy_plan(), tmp_path / "mine")
    assert names(tmp_path) == before


@pytest.mark.parametrize(
    ("to", "size"),
    [("rpp", 40_000), ("dawproject", 40_000), ("dawproject", 2_000_000)],
    ids=["a track", "a member", "the copy that is kept"],
)
def test_a_full_disk_leaves_nothing_of_an_import(tmp_path: Path, to: str, size: int) -> None:
    """What cannot be written is the new folder, and neither a hidden one nor the project that is only read."""
    file = tmp_path / f"song.{to}"
    export_session(session(tmp_path), plain_plan(), file, to)
    before = names(tmp_path)
    with no_file_over(size), pytest.raises(SmartmixError, match=r"/back: cannot be written") as told:
        import_project(file, tmp_path / "back")
    assert f"song.{to}" not in str(told.value)
    assert names(tmp_path) == before


@BOTH
def test_an_interrupted_linked_export_leaves_no_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    song, out = session(tmp_path), tmp_path / "out"
    out.mkdir()

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(type(FORMATS[to]), "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export_session(song, lossy_plan(), out / f"song.{to}", to, audio="link")
    assert names(out) == []


@BOTH
def test_a_linked_export_over_another_takes_its_prints_place(tmp_path: Path, to: str) -> None:
    """Those of the project that goes; what else lies in the folder stays as it is."""
    song, out = session(tmp_path), tmp_path / "out"
    out.mkdir()
    file, prints = out / f"song.{to}", out / "song prints"
    export_session(song, lossy_plan(), file, to, audio="link")
    first = {name: (prints / name).read_bytes() for name in names(prints)}
    assert first
    (prints / "mine.wav").write_bytes(b"of somebody")
    (prints / "pad print-2.wav").write_bytes(b"of somebody")
    made = export_session(song, lossy_plan(), file, to, audio="link", force=True)
    there = {name: (prints / name).read_bytes() for name in names(prints)}
    assert there.pop("mine.wav") == there.pop("pad print-2.wav") == b"of somebody"
    assert there == first
    assert any("song prints" in str(clip.member) for t in FORMATS[to].read(file).tracks for clip in t.clips)
    other = {"rpp": "dawproject", "dawproject": "rpp"}[to]
    export_session(song, lossy_plan(), out / f"song.{other}", other, audio="link")
    assert {name: (prints / name).read_bytes() for name in first} == first
    assert made.printed


@pytest.mark.parametrize("audio", ["copy", "link", "none"])
def test_files_outside_an_archive_go_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, audio: AudioChoice
) -> None:
    """Beside the file that came nothing changes; elsewhere they are inside, named from there, or said."""
    song = session(tmp_path)
    (tmp_path / "far" / "away").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "far")
    came = Path("../song.dawproject")
    export_session(song, plain_plan(), came, "dawproject", audio="link")
    made = import_project(came, Path("../back"))
    export_session(made.session, made.plan, Path("../beside.dawproject"), "dawproject", audio=audio)
    assert Path("../beside.dawproject").read_bytes() == came.read_bytes()
    losses = export_session(
        made.session, made.plan, Path("away/again.dawproject"), "dawproject", audio=audio
    ).losses
    left = [str(loss) for loss in losses if "they lie in" in str(loss)]
    if audio == "none":
        assert "kick.wav" in left[0]
        assert str(tmp_path) in left[0]
        return
    assert not left
    again = Path("away/again.dawproject")
    if audio == "copy":
        again = again.rename(tmp_path / "far" / "elsewhere.dawproject")
        for path in tmp_path.glob("*.wav"):
            path.unlink()
    third = import_project(again, Path("third"))
    assert residual_db(*(render(m.session, m.plan).samples for m in (made, third))) <= -100.0


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of Unix")
@pytest.mark.parametrize("number", [signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)])
@pytest.mark.parametrize("deaf", [False, True], ids=["", "in the background"])
def test_a_command_told_to_end_tidies_as_after_ctrl_c(tmp_path: Path, number: int, deaf: bool) -> None:
    """Where a shell's background jobs ignore Ctrl-C, too."""
    program = f"""
import os, signal, tempfile, time
import smartmix.cli.main as cli
signal.signal(signal.SIGINT, signal.{"SIG_IGN" if deaf else "default_int_handler"})
signal.signal({int(number)}, signal.SIG_DFL)  # whatever runs the tests (nohup)

def app():
    with tempfile.TemporaryDirectory(dir="."):
        os.kill(os.getpid(), {int(number)})
        time.sleep(20)

cli.app = app
cli.main()
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=False, timeout=60)
    assert done.returncode == 130
    assert names(tmp_path) == []
