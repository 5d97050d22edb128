"""Files to hand over, read back by others: soundfile, mutagen, ffprobe, and the standards' own words."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from pathlib import Path
from types import SimpleNamespace

import mutagen
import numpy as np
import pytest
import soundfile

from smartmix.audio.broadcast import time_reference
from smartmix.audio.delivery import DeliveryWriter
from smartmix.audio.encoders import coded_rate, lossy_formats
from smartmix.audio.riff import riff_chunks
from smartmix.audio.tags import Tags
from smartmix.errors import AudioError, OutputExistsError

RATE = 44_100
TAGS = Tags(
    title="Grüße",
    artist="Ännchen",
    album="Eins",
    track="3/12",
    date="2026-11-22",
    genre="Pop",
    comment="mastered",
    isrc="DEA451700001",
    copyright="2026 A",
)
LOUDNESS = SimpleNamespace(
    integrated_lufs=-14.006,
    range_lu=6.25,
    true_peak_dbtp=-1.004,
    momentary_max_lufs=-9.5,
    short_term_max_lufs=float("-inf"),
)


def music(seconds: float = 1.0, channels: int = 2) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    tone = 0.3 * np.sin(2 * np.pi * 440 * t) + 0.1 * np.sin(2 * np.pi * 3100 * t)
    return np.stack([tone * (1 - 0.3 * c) for c in range(channels)]).astype(np.float32)


def write(
    path: Path, samples: np.ndarray, cuts: tuple[int, ...] = (1000, 1001, 20_000), **options: object
) -> Path:
    with DeliveryWriter(path, options.pop("rate", RATE), samples.shape[0], **options) as writer:  # type: ignore[arg-type]
        for piece in np.split(samples, cuts, axis=1):
            writer.write(np.ascontiguousarray(piece))
    return path


def chunks_of(path: Path) -> dict[bytes, bytes]:
    found = {}
    with path.open("rb") as file:
        file.seek(12)
        for name, size in riff_chunks(file):
            found[name] = file.read(size) if name != b"data" else b""
            file.seek(-len(found[name]), 1)
    return found


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
@pytest.mark.parametrize("dither", ["tpdf", "shaped", "none"])
def test_whole_numbers_come_back_and_any_cut_gives_the_same_bytes(
    tmp_path: Path, bits: int, suffix: str, dither: str
) -> None:
    x = music()
    file = write(tmp_path / f"a{suffix}", x, bits=bits, dither=dither)
    whole = write(tmp_path / f"b{suffix}", x, cuts=(), bits=bits, dither=dither)
    codes, rate = soundfile.read(file, dtype="int32")
    assert rate == RATE and soundfile.info(file).subtype == f"PCM_{bits}"
    assert np.array_equal(codes, soundfile.read(whole, dtype="int32")[0])
    error = codes.T / 2.0**31 - x
    # Shaped noise is more in all (about 8 to 14 steps at its peaks), TPDF at most a step and a half, rounding a half.
    most = {"tpdf": 1.51, "shaped": 40.0, "none": 0.51}[dither]
    assert np.abs(error).max() <= most * 2.0 ** -(bits - 1)
    wav = write(tmp_path / "c.wav", x, bits=bits, dither=dither)
    assert np.array_equal(soundfile.read(wav, dtype="int32")[0], codes), "a FLAC holds the samples of the WAV"


def test_broadcast_wave_by_the_words_of_the_standard(tmp_path: Path) -> None:
    """EBU Tech 3285, version 2: the fields at their places, loudness in hundredths."""
    file = write(
        tmp_path / "a.wav", music(), tags=TAGS, bext=True, start_frames=3600 * RATE, loudness=LOUDNESS
    )
    body = chunks_of(file)[b"bext"]
    assert len(body) == 602
    assert body[:256].rstrip(b"\0") == b"?nnchen - Gr??e"
    assert body[256:288].rstrip(b"\0") == b"smartmix"
    assert body[320:338] == b"2026-11-2200:00:00"
    assert struct.unpack("<QH", body[338:348]) == (3600 * RATE, 2)
    assert body[348:412] == bytes(64)
    assert struct.unpack("<5h", body[412:422]) == (-1401, 625, -100, -950, 0x7FFF)
    assert body[422:] == bytes(180)
    assert time_reference(file) == 3600 * RATE
    assert soundfile.info(file).frames == RATE
    assert b"bext" not in chunks_of(write(tmp_path / "b.wav", music(), tags=TAGS))


def test_loudness_may_come_while_writing(tmp_path: Path) -> None:
    with DeliveryWriter(tmp_path / "a.wav", RATE, 2, bext=True) as writer:
        writer.write(music())
        writer.loudness = LOUDNESS
    assert struct.unpack("<h", chunks_of(tmp_path / "a.wav")[b"bext"][412:414]) == (-1401,)


def test_same_input_same_bytes_and_no_clock(tmp_path: Path) -> None:
    for suffix in (".wav", ".flac"):
        first = write(tmp_path / f"a{suffix}", music(), tags=TAGS, bext=True).read_bytes()
        assert first == write(tmp_path / f"b{suffix}", music(), tags=TAGS, bext=True).read_bytes()


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffmpeg is not installed")
def test_wav_tags_are_read_by_others(tmp_path: Path) -> None:
    file = write(tmp_path / "a.wav", music(), tags=TAGS)
    words = ["ffprobe", "-v", "error", "-show_format", "-of", "json", str(file)]
    said = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)["format"]["tags"]
    assert said["title"] == "Grüße" and said["artist"] == "Ännchen" and said["date"] == "2026-11-22"


def test_flac_tags_are_read_by_others(tmp_path: Path) -> None:
    tags = mutagen.File(write(tmp_path / "a.flac", music(), tags=TAGS)).tags
    assert tags["title"] == ["Grüße"] and tags["isrc"] == ["DEA451700001"]
    assert tags["tracknumber"] == ["3"] and tags["tracktotal"] == ["12"]


@pytest.mark.parametrize("suffix", [".mp3", ".ogg", ".opus", ".m4a"])
@pytest.mark.parametrize("rate", [RATE, 96_000])
def test_lossy_files_sound_like_it_and_carry_tags(tmp_path: Path, suffix: str, rate: int) -> None:
    if suffix not in lossy_formats():
        pytest.skip("ffmpeg is not installed")
    t = np.arange(2 * rate) / rate
    x = np.stack([0.3 * np.sin(2 * np.pi * 440 * t)] * 2).astype(np.float32)
    file = write(tmp_path / f"a{suffix}", x, rate=rate, tags=TAGS)
    found = mutagen.File(file)
    expected = coded_rate(lossy_formats()[suffix], rate)
    assert found.info.length == pytest.approx(2.0, abs=0.08)
    if suffix == ".mp3":
        assert found.info.bitrate == 320_000
        assert str(found.tags["TIT2"]) == "Grüße" and found.tags["TRCK"] == "3/12"
    elif suffix == ".m4a":
        assert found.tags["\xa9nam"] == ["Grüße"] and found.tags["trkn"] == [(3, 12)]
        assert 150_000 < found.info.bitrate < 320_000 or expected == 96_000
    else:
        assert found.tags["title"] == ["Grüße"]
    if suffix != ".m4a":
        y, got = soundfile.read(file)
        assert got == expected
        power = np.abs(np.fft.rfft(y[: len(y) // 2, 0])) ** 2
        assert np.argmax(power) * got / (len(y) // 2) == pytest.approx(440, abs=2)
        assert np.sqrt(np.mean(y[got // 2 : got] ** 2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.02)


def test_a_full_disk_or_a_bad_sample_leaves_nothing(tmp_path: Path) -> None:
    for suffix in (".wav", ".flac", *lossy_formats()):
        with pytest.raises(AudioError), DeliveryWriter(tmp_path / f"a{suffix}", RATE, 2) as writer:
            writer.write(music())
            writer.write(np.full((2, 100), np.nan, np.float32))
        with pytest.raises(KeyboardInterrupt), DeliveryWriter(tmp_path / f"a{suffix}", RATE, 2) as writer:
            writer.write(music())
            raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays_and_wrong_wishes_are_said(tmp_path: Path) -> None:
    for suffix in (".wav", ".flac", ".mp3"):
        file = tmp_path / f"a{suffix}"
        file.write_text("mine")
        with pytest.raises(OutputExistsError):
            write(file, music())
        assert file.read_text() == "mine"
    with pytest.raises(AudioError, match=r"no format by this name .* there are \.wav, \.flac"):
        write(tmp_path / "a.xyz", music())
    with pytest.raises(AudioError, match="whole numbers"):
        write(tmp_path / "b.flac", music(), bits="32f")
    with pytest.raises(AudioError, match="expected tpdf, shaped or none"):
        write(tmp_path / "b.wav", music(), dither="magic")
