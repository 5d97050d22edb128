"""Formats libsndfile does not know: decoded by what the system has, into a cache, or refused with what to do."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from smartmix.audio import foreign, io
from smartmix.errors import AudioError

DECODER = """#!{python}
import shutil, sys
source = next(a for a, b in zip(sys.argv[1:], sys.argv) if b == "-i").removeprefix("file:")
target = sys.argv[-1].removeprefix("file:")
with open({log!r}, "a") as log:
    log.write(" ".join(sys.argv[1:]) + chr(10))
if open(source, "rb").read(4) == b"fail":
    sys.stderr.write("Invalid data found when processing input" + chr(10))
    sys.exit(1)
shutil.copyfile(source, target)
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SMARTMIX_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(foreign, "_pedalboard_reads", lambda suffix: False)
    return tmp_path


@pytest.fixture
def ffmpeg(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for ffmpeg that copies a WAV under another name, and writes down how it was called."""
    log = home / "calls.txt"
    program = home / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(DECODER.format(python=sys.executable, log=str(log)))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}")
    return log


def m4a(folder: Path, level: float = 0.1, name: str = "Vox.m4a") -> Path:
    samples = level * np.sin(np.arange(4_800) / 7.0)
    soundfile.write(folder / "x.wav", np.stack((samples, samples)).T, 44_100, subtype="FLOAT")
    return Path(shutil.move(folder / "x.wav", folder / name))


def test_without_a_decoder_the_message_says_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(
        AudioError, match=r"nothing here decodes \.m4a files; convert it to WAV or FLAC, or install"
    ):
        io.probe(m4a(home))


def test_a_decoded_file_reads_like_any_other_and_is_decoded_once(home: Path, ffmpeg: Path) -> None:
    path = m4a(home)
    info = io.probe(path)
    assert (info.path, info.sample_rate, info.channels, info.frames) == (path, 44_100, 2, 4_800)
    assert np.concatenate(list(io.stream(path)), axis=1).shape == (2, 4_800)
    assert io.read_excerpts(path, [-10, 4_790], 20).shape == (2, 2, 20)
    assert io.read(path, 48_000).frames == 5_224
    calls = ffmpeg.read_text().splitlines()
    assert len(calls) == 1
    # A playlist or a concat script under a sound file's name must not make it read other files.
    allowed = calls[0].split("-format_whitelist ")[1].split()[0].split(",")
    assert not {"hls", "concat", "dash", "image2", "rawvideo"} & set(allowed) and "mov" in allowed
    assert "-protocol_whitelist file,pipe" in calls[0] and f"-i file:{path}" in calls[0]
    assert {p.name for p in home.iterdir()} == {"bin", "cache", "calls.txt", "Vox.m4a"}, (
        "nothing beside the input"
    )


def test_a_changed_file_is_decoded_anew_and_a_renamed_one_is_not(home: Path, ffmpeg: Path) -> None:
    path = m4a(home)
    first = io.read(path).samples.max()
    renamed = path.rename(home / "Lead Vox.m4a")
    assert io.read(renamed).samples.max() == first
    assert len(ffmpeg.read_text().splitlines()) == 1
    m4a(home, level=0.2, name=renamed.name)
    assert io.read(renamed).samples.max() == pytest.approx(2 * first, rel=1e-5)
    assert len(ffmpeg.read_text().splitlines()) == 2


def test_a_file_that_cannot_be_decoded_says_why_and_leaves_nothing(home: Path, ffmpeg: Path) -> None:
    path = home / "bad.m4a"
    path.write_bytes(b"fail")
    with pytest.raises(AudioError, match=r"bad\.m4a: cannot be decoded \(Invalid data found"):
        io.probe(path)
    assert list((home / "cache" / "decoded").iterdir()) == []


def test_the_cache_keeps_within_its_bounds(home: Path, ffmpeg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign, "CACHE_BYTES", 50_000)
    for number in range(4):
        io.probe(m4a(home, 0.1 + number / 100, f"{number}.m4a"))
    assert len(list((home / "cache" / "decoded").iterdir())) == 1


def test_pedalboard_decodes_where_it_can(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path systems take whose pedalboard knows M4A, here with a WAV under that name."""
    target = home / "copy.wav"
    foreign._by_pedalboard(m4a(home, name="y.wav"), target)
    copy, rate = soundfile.read(target)
    assert rate == 44_100 and np.abs(copy).max() == pytest.approx(0.1, rel=1e-3)
    with pytest.raises(AudioError, match="cannot be decoded"):
        (home / "z.wav").write_bytes(b"nothing")
        foreign._by_pedalboard(home / "z.wav", target)
