"""Reading: exact samples, any block size, aligned resampling, and clear errors for broken files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from smartmix.audio import io
from smartmix.audio.buffer import Audio
from smartmix.audio.wav import write_wav
from smartmix.errors import AudioError

RATE = 48_000


def make(path: Path, samples: np.ndarray, rate: int = RATE, **options: str) -> Path:
    soundfile.write(path, samples.T, rate, **options)
    return path


def noise(channels: int, frames: int, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((channels, frames)) * 0.1).astype(np.float32)


def joined(path: Path, **options: int) -> np.ndarray:
    blocks = list(io.stream(path, **options))
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((0, 0), np.float32)


@pytest.mark.parametrize(
    ("name", "subtype", "scale"),
    [
        ("a.wav", "PCM_16", 2**15),
        ("a.flac", "PCM_24", 2**23),
        ("a.aiff", "PCM_24", 2**23),
        ("a.wav", "PCM_U8", 2**7),
    ],
)
def test_samples_are_those_in_the_file(tmp_path: Path, name: str, subtype: str, scale: int) -> None:
    codes = np.random.default_rng(0).integers(-scale, scale, (2, 5_000))
    path = make(tmp_path / name, codes / scale, subtype=subtype)
    audio = io.read(path)
    assert audio.sample_rate == RATE
    assert np.array_equal(audio.samples * np.float64(scale), codes)
    info = io.probe(path)
    assert (info.frames, info.channels, info.sample_rate, info.duration_s) == (5_000, 2, RATE, 5_000 / RATE)


@pytest.mark.parametrize("rate", [None, 44_100])
def test_blocks_have_one_length_and_any_length_gives_the_same(tmp_path: Path, rate: int | None) -> None:
    path = make(tmp_path / "a.wav", noise(2, 30_011), subtype="FLOAT")
    whole = io.read(path, rate).samples
    for size in (997, 16_384, 100_000):
        blocks = list(io.stream(path, sample_rate=rate, block_frames=size))
        assert all(block.shape == (2, size) and block.flags.c_contiguous for block in blocks[:-1])
        assert 0 < blocks[-1].shape[1] <= size
        assert np.concatenate(blocks, axis=1).tobytes() == whole.tobytes()


@pytest.mark.parametrize(
    ("name", "subtype"), [("a.flac", "PCM_16"), ("a.ogg", "VORBIS"), ("a.mp3", "MPEG_LAYER_III")]
)
def test_compressed_files_are_read_the_same_in_blocks_and_parts(
    tmp_path: Path, name: str, subtype: str
) -> None:
    path = make(tmp_path / name, noise(2, 100_000), subtype=subtype)
    whole = soundfile.read(path, dtype="float32")[0].T
    assert np.array_equal(joined(path, block_frames=997), whole)
    assert np.array_equal(joined(path, start_frame=70_001, frames=5_000), whole[:, 70_001:75_001])


@pytest.mark.parametrize("rate", [RATE, 44_100])
def test_parts_are_cut_from_the_whole(tmp_path: Path, rate: int) -> None:
    path = make(tmp_path / "a.wav", noise(2, 20_000), subtype="FLOAT")
    whole = io.read(path, rate).samples
    end = whole.shape[1]
    for start, frames in ((0, 10), (5_000, 7_000), (end - 5, 100), (123, None)):
        part = joined(path, sample_rate=rate, start_frame=start, frames=frames, block_frames=1_000)
        stop = end if frames is None else min(start + frames, end)
        assert np.array_equal(part, whole[:, start:stop])
    assert list(io.stream(path, sample_rate=rate, start_frame=end + 7, frames=3)) == []
    assert list(io.stream(path, sample_rate=rate, start_frame=7, frames=0)) == []


@pytest.mark.parametrize(
    ("from_hz", "to_hz"), [(44_100, 48_000), (48_000, 44_100), (96_000, 48_000), (8_000, 192_000)]
)
def test_resampled_file_is_soxr_in_one_piece(tmp_path: Path, from_hz: int, to_hz: int) -> None:
    samples = noise(2, 33_333)
    path = make(tmp_path / "a.wav", samples, from_hz, subtype="FLOAT")
    expected = soxr.resample(samples.T, from_hz, to_hz, quality="VHQ").T
    got = io.read(path, to_hz)
    assert got.sample_rate == to_hz
    assert got.frames == int(33_333 * to_hz / from_hz + 0.5)
    common = min(got.frames, expected.shape[1])
    assert abs(got.frames - expected.shape[1]) <= 1
    assert np.array_equal(got.samples[:, :common], expected[:, :common])


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000])
def test_a_click_stays_at_its_time(tmp_path: Path, rate: int) -> None:
    samples = np.zeros((1, rate), np.float32)
    samples[0, rate // 5] = 1.0
    path = make(tmp_path / "a.wav", samples, rate, subtype="FLOAT")
    at_48k = io.read(path, RATE)
    assert at_48k.frames == RATE
    assert np.abs(at_48k.samples[0]).argmax() == RATE // 5
    # Symmetric about the click: no part of a frame late either.
    around = at_48k.samples[0, RATE // 5 - 40 : RATE // 5 + 41].astype(np.float64)
    assert np.allclose(around, around[::-1], atol=2e-6)


@pytest.mark.parametrize("frames", [0, 1, 2])
@pytest.mark.parametrize("rate", [None, 44_100, 96_000])
def test_shortest_files(tmp_path: Path, frames: int, rate: int | None) -> None:
    path = make(tmp_path / "a.wav", noise(1, frames), subtype="FLOAT")
    audio = io.read(path, rate)
    expected = frames if rate is None else int(frames * rate / RATE + 0.5)
    assert audio.samples.shape == (1, expected)
    assert sum(block.shape[1] for block in io.stream(path, sample_rate=rate)) == expected


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_is_named(tmp_path: Path, bad: float) -> None:
    samples = noise(2, 40_000)
    samples[1, 20_001] = bad
    samples[0, 30_000] = -bad
    path = make(tmp_path / "a.wav", samples, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"a\.wav: the sample at frame 20001 is not"):
        io.read(path)
    with pytest.raises(AudioError, match="20001"):
        joined(path, start_frame=10_000, block_frames=333)
    assert joined(path, frames=20_001).shape == (2, 20_001)


def test_huge_finite_samples_are_let_through(tmp_path: Path) -> None:
    samples = np.full((1, 20_000), 3.4e38, np.float32)
    path = write_wav(tmp_path / "a.wav", Audio(samples, RATE))
    assert np.array_equal(io.read(path).samples, samples)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_16"),
        ("a.wav", "FLOAT"),
        ("a.aiff", "PCM_24"),
        ("a.flac", "PCM_16"),
        ("a.rf64", "PCM_24"),
    ],
)
def test_a_file_cut_short_is_an_error_with_counts(tmp_path: Path, name: str, subtype: str) -> None:
    path = make(tmp_path / name, noise(2, 48_000), subtype=subtype)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(AudioError, match="of 48000") as caught:
        io.read(path)
    assert str(path) in str(caught.value)


def test_counts_of_a_short_wav_are_exact(tmp_path: Path) -> None:
    path = make(tmp_path / "a.wav", noise(2, 48_000), subtype="PCM_16")
    path.write_bytes(path.read_bytes()[: 44 + 4 * 1_234])
    with pytest.raises(AudioError, match="1234 of 48000 frames"):
        io.probe(path)


def test_a_wav_of_unknown_length_is_read(tmp_path: Path) -> None:
    """Programs that write WAV to a pipe leave 0xFFFFFFFF for the length."""
    samples = noise(1, 1_000)
    path = make(tmp_path / "a.wav", samples, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    at = data.index(b"data")
    data[at + 4 : at + 8] = data[4:8] = b"\xff" * 4
    path.write_bytes(data)
    assert io.read(path).frames == 1_000


def test_broken_flac_is_an_error_not_silence(tmp_path: Path) -> None:
    path = make(tmp_path / "a.flac", noise(2, 200_000), subtype="PCM_16")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 500] = b"\xff" * 500
    path.write_bytes(data)
    with pytest.raises(AudioError, match=r"a\.flac: (damaged|the data ends)"):
        io.read(path)


def test_files_that_are_no_sound(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no such file"):
        io.stream(tmp_path / "none.wav")
    for content in (b"", b"RIFF", b"hello world" * 50):
        path = tmp_path / "a.wav"
        path.write_bytes(content)
        with pytest.raises(AudioError, match="cannot be read as a sound file"):
            io.stream(path)
    with pytest.raises(AudioError, match="start_frame"):
        io.stream(make(tmp_path / "b.wav", noise(1, 10)), start_frame=-1)


def test_what_the_sound_library_says_of_its_insides_is_said_in_words(tmp_path: Path) -> None:
    def opened(name: str, change: tuple[int, bytes] | None = None, cut: int | None = None) -> str:
        path = make(tmp_path / name, noise(2, 2_000))
        data = bytearray(path.read_bytes())[:cut]
        if change is not None:
            data[change[0] : change[0] + len(change[1])] = change[1]
        path.write_bytes(data)
        with pytest.raises(AudioError) as caught:
            list(io.stream(path))
        return str(caught.value)

    for said, expected in {
        opened("a.flac", cut=42): "its header and its data do not fit together",
        opened(
            "b.wav", (24, bytes(4))
        ): "its header is damaged: sample rate, channels or format make no sense",
        opened("c.wav", (22, bytes(2))): "Channel count is zero.",
    }.items():
        assert expected in said
        assert "nternal" not in said and "psf_" not in said


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Internal psf_fseek() failed.", "its header and its data do not fit together"),
        ("Error : parameters OK, but psf_seek() failed.", "its header and its data do not fit together"),
        ("Unspecified internal error.", "its header is damaged"),
        ("Internal malloc () failed.", "there is not enough memory to read it"),
        ("Error in header of 'Internal Mix'.", "Error in header of 'Internal Mix'."),
    ],
)
def test_a_message_is_changed_only_where_it_speaks_of_the_library(said: str, told: str) -> None:
    assert io._reason(RuntimeError(said)) == told
