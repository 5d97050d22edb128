"""24-bit WAV files read without libsndfile: the same bits, for every cut, and only where that is sure."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from smartmix.audio import io
from smartmix.audio.pcm24 import pcm24_start
from smartmix.audio.riff import riff_chunk
from smartmix.errors import AudioError

if TYPE_CHECKING:
    from pathlib import Path

CODES = np.array([0, 1, -1, 255, 256, -256, -257, 8_388_607, -8_388_608, 65_535, -65_536, 1_234_567])


def _written(path: Path, channels: int, kind: str = "WAV", subtype: str = "PCM_24") -> np.ndarray:
    """Every kind of code, and noise, in a file; as int32 with the code on top."""
    noise = np.random.default_rng(5).integers(-(1 << 23), 1 << 23, 30_001 * channels)
    codes = np.concatenate((np.repeat(CODES, channels), noise))
    samples = (codes.reshape(-1, channels) << 8).astype(np.int32)
    soundfile.write(path, samples, 48_000, format=kind, subtype=subtype)
    return samples


@pytest.mark.parametrize("kind", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_same_bits_as_libsndfile_in_any_blocks(tmp_path: Path, kind: str, channels: int) -> None:
    path = tmp_path / "take.wav"
    samples = _written(path, channels, kind)
    there = soundfile.read(path, dtype="float32", always_2d=True)[0].T
    assert pcm24_start(path, channels) is not None
    np.testing.assert_array_equal(there, (samples.T / 2.0**31).astype(np.float32))
    for block in (1_000, 16_384, 65_536):
        pieces = list(io.stream(path, block_frames=block))
        assert all(p.flags.c_contiguous and p.dtype == np.float32 for p in pieces)
        np.testing.assert_array_equal(np.concatenate(pieces, axis=1), there)
    part = np.concatenate(list(io.stream(path, block_frames=777, start_frame=4_321, frames=9_876)), axis=1)
    np.testing.assert_array_equal(part, there[:, 4_321 : 4_321 + 9_876])


def test_blocks_are_not_overwritten_by_later_ones(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    _written(path, 2)
    blocks = io.stream(path, block_frames=4_096)
    first = next(blocks)
    kept = first.copy()
    next(blocks)
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [("WAV", "PCM_16"), ("WAV", "PCM_32"), ("WAV", "FLOAT"), ("AIFF", "PCM_24"), ("FLAC", "PCM_24")],
)
def test_other_files_are_left_to_libsndfile(tmp_path: Path, kind: str, subtype: str) -> None:
    path = tmp_path / "take.wav"
    _written(path, 2, kind, subtype)
    assert pcm24_start(path, 2) is None


def _chunks(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WAVE" + b"".join(riff_chunk(name, content) for name, content in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def test_chunks_before_and_behind_the_samples(tmp_path: Path) -> None:
    form = struct.pack("<HHIIHH", 1, 2, 48_000, 288_000, 6, 24)
    data = np.random.default_rng(1).integers(0, 256, 600, np.uint8).tobytes()
    path = tmp_path / "take.wav"
    path.write_bytes(_chunks((b"junk", b"x" * 27), (b"fmt ", form), (b"data", data), (b"LIST", b"INFOtext")))
    there = soundfile.read(path, dtype="float32", always_2d=True)[0].T
    np.testing.assert_array_equal(np.concatenate(list(io.stream(path)), axis=1), there)


def test_a_header_that_can_be_read_in_two_ways_is_left_to_libsndfile(tmp_path: Path) -> None:
    form = struct.pack("<HHIIHH", 1, 2, 48_000, 288_000, 6, 24)
    wide = struct.pack("<HHIIHH", 1, 2, 48_000, 384_000, 8, 24)
    data = bytes(600)
    path = tmp_path / "take.wav"
    for chunks in (
        ((b"fmt ", form), (b"data", data), (b"data", data)),
        ((b"fmt ", form), (b"fmt ", form), (b"data", data)),
        ((b"data", data), (b"fmt ", form)),
        ((b"fmt ", wide), (b"data", data)),
    ):
        path.write_bytes(_chunks(*chunks))
        assert pcm24_start(path, 2) is None
    path.write_bytes(_chunks((b"fmt ", form), (b"data", data)))
    assert pcm24_start(path, 2) == 44
    assert pcm24_start(path, 1) is None


def test_a_file_cut_short_while_it_is_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "take.wav"
    _written(path, 2)
    blocks = io.stream(path, block_frames=4_096)
    next(blocks)
    with path.open("r+b") as file:
        file.truncate(60_000)
    with pytest.raises(AudioError, match=r"take\.wav: the data ends early: 9992 of 30013"):
        list(blocks)
