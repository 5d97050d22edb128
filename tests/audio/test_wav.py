"""WavWriter against readers it did not come from: soundfile, scipy and the standard library."""

from __future__ import annotations

import errno
import struct
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.io import wavfile

from smartmix.audio.buffer import Audio
from smartmix.audio.wav import WavBits, WavWriter, write_wav
from smartmix.errors import AudioError, AudioShapeError, OutputExistsError, SmartmixError

RATE = 48_000


def noise(channels: int, frames: int, level: float = 0.1, seed: int = 1) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((channels, frames)) * level).astype(np.float32)


def write_cut(path: Path, samples: np.ndarray, cuts: list[int], bits: WavBits, **options: int) -> bytes:
    with WavWriter(path, RATE, samples.shape[0], bits=bits, force=True, **options) as writer:
        for piece in np.split(samples, cuts, axis=1):
            writer.write(piece)
    return path.read_bytes()


@pytest.mark.parametrize("channels", [1, 2])
def test_float_files_hold_every_sample_exactly(tmp_path: Path, channels: int) -> None:
    samples = noise(channels, 12_345, level=2.0)  # past full scale too: floats are not held
    samples[0, :3] = [1e-42, -0.0, 3.4e38]
    path = write_wav(tmp_path / "a.wav", Audio(samples, 44_100))
    back, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == 44_100
    assert back.T.tobytes() == samples.tobytes()
    rate, other = wavfile.read(path)
    assert rate == 44_100
    assert np.array_equal(other.reshape(-1, channels).T, samples)


@pytest.mark.parametrize("channels", [1, 2])
def test_pcm_files_are_read_alike_by_three_readers(tmp_path: Path, channels: int) -> None:
    samples = noise(channels, 9_999)
    path = write_wav(tmp_path / "16.wav", Audio(samples, RATE), bits=16)
    by_soundfile = soundfile.read(path, dtype="int16", always_2d=True)[0]
    by_scipy = wavfile.read(path)[1].reshape(-1, channels)
    with wave.open(str(path)) as file:
        by_wave = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, channels)
    assert np.array_equal(by_soundfile, by_scipy)
    assert np.array_equal(by_soundfile, by_wave)
    # Rounding (half a step) and dither (one step each way) together stay below a step and a half.
    assert np.abs(by_soundfile.T - samples.astype(np.float64) * 2**15).max() < 1.5
    path = write_wav(tmp_path / "24.wav", Audio(samples, RATE), bits=24)
    by_soundfile = soundfile.read(path, dtype="int32", always_2d=True)[0] >> 8
    with wave.open(str(path)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), np.uint8).reshape(-1, channels, 3)
    by_wave = (raw.astype(np.int32) << [8, 16, 24]).sum(axis=2).astype(np.int32) >> 8
    assert np.array_equal(by_soundfile, by_wave)
    assert np.abs(by_soundfile.T - samples.astype(np.float64) * 2**23).max() < 1.5


def test_header_is_riff_with_sizes_that_add_up(tmp_path: Path) -> None:
    for bits in (16, 24, "32f"):
        for frames in (0, 1, 7):  # 7 mono frames of 24 bits need a pad byte
            data = write_cut(tmp_path / "h.wav", noise(1, frames), [], bits)
            assert data[:4] == b"RIFF"
            assert struct.unpack("<I", data[4:8])[0] == len(data) - 8
            assert len(data) % 2 == 0
            assert b"PEAK" not in data[:200]  # libsndfile's PEAK chunk carries a time stamp
            assert soundfile.info(str(tmp_path / "h.wav")).frames == frames


@pytest.mark.parametrize("bits", [16, 24, "32f"])
def test_bytes_do_not_depend_on_the_cut_or_the_day(tmp_path: Path, bits: WavBits) -> None:
    samples = noise(2, 5_000)
    whole = write_cut(tmp_path / "a.wav", samples, [], bits)
    assert whole == write_cut(tmp_path / "b.wav", samples, [], bits)
    assert whole == write_cut(tmp_path / "c.wav", samples, [0, 1, 2, 2, 5, 1_003, 4_999], bits)
    reseeded = write_cut(tmp_path / "d.wav", samples, [], bits, dither_seed=1)
    assert (reseeded == whole) is (bits == "32f")


@pytest.mark.parametrize("bits", [16, 24, "32f"])
def test_rf64_takes_over_past_the_limit(tmp_path: Path, bits: WavBits) -> None:
    samples = noise(2, 3_000)
    plain = write_cut(tmp_path / "plain.wav", samples, [], bits)
    large = write_cut(tmp_path / "large.wav", samples, [1_000], bits, rf64_above_bytes=len(plain) - 9)
    assert large[:4] == b"RF64"
    assert large[12:16] == b"ds64"
    riff_bytes, data_bytes, frames = struct.unpack("<QQQ", large[20:44])
    assert (riff_bytes, frames) == (len(large) - 8, 3_000)
    assert large[-data_bytes:] == plain[-data_bytes:]
    info = soundfile.info(str(tmp_path / "large.wav"))
    assert (info.format, info.frames, info.channels) == ("RF64", 3_000, 2)
    read_plain = soundfile.read(tmp_path / "plain.wav", dtype="float32")[0]
    assert np.array_equal(read_plain, soundfile.read(tmp_path / "large.wav", dtype="float32")[0])
    at_limit = write_cut(tmp_path / "limit.wav", samples, [], bits, rf64_above_bytes=len(plain) - 8)
    assert at_limit == plain


def test_samples_past_full_scale_are_held_and_counted(tmp_path: Path) -> None:
    samples = np.array([[1.5, -1.5, 0.0, 0.99, -0.99]], np.float32)
    with WavWriter(tmp_path / "a.wav", RATE, 1, bits=16) as writer:
        writer.write(samples)
    codes = wavfile.read(tmp_path / "a.wav")[1]
    assert codes[0] == 32_767
    assert codes[1] == -32_768
    assert writer.clipped_samples == 2


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError, SystemExit])
def test_an_interrupted_write_leaves_nothing(tmp_path: Path, failure: type[BaseException]) -> None:
    with pytest.raises(failure), WavWriter(tmp_path / "a.wav", RATE, 2) as writer:
        writer.write(noise(2, 100))
        raise failure
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_replacement_keeps_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    target.write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), WavWriter(target, RATE, 2, force=True) as writer:
        writer.write(noise(2, 100))
        raise KeyboardInterrupt
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_existing_target_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    target.write_bytes(b"old")
    with pytest.raises(OutputExistsError, match=r"a\.wav: is already there"):
        WavWriter(target, RATE, 2)
    late = tmp_path / "late.wav"
    writer = WavWriter(late, RATE, 2)
    with pytest.raises(OutputExistsError), writer:
        late.write_bytes(b"somebody else's")
    assert late.read_bytes() == b"somebody else's"
    assert sorted(tmp_path.iterdir()) == [target, late]
    with pytest.raises(SmartmixError, match="no folder"):
        WavWriter(tmp_path / "no" / "a.wav", RATE, 2)
    with pytest.raises(OutputExistsError, match="folder"):
        WavWriter(tmp_path, RATE, 2, force=True)


def test_a_full_disk_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SmartmixError, match=r"a\.wav: cannot be written \(No space left"):  # noqa: SIM117
        with WavWriter(tmp_path / "a.wav", RATE, 2) as writer:
            real = writer._file.stream

            class FullDisk:
                def write(self, data: bytes) -> int:
                    raise OSError(errno.ENOSPC, "No space left on device")

                def __getattr__(self, name: str) -> object:
                    return getattr(real, name)

            monkeypatch.setattr(writer._file, "_stream", FullDisk())
            writer.write(noise(2, 100))
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    bad = noise(2, 10)
    bad[1, 7] = np.nan
    with pytest.raises(AudioError, match="frame 17 "), WavWriter(tmp_path / "a.wav", RATE, 2) as writer:
        writer.write(noise(2, 10))
        writer.write(bad)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(AudioShapeError, match="1 or 2"):
        WavWriter(tmp_path / "a.wav", RATE, 3)
    with pytest.raises(AudioShapeError, match="2 channels"), WavWriter(tmp_path / "b.wav", RATE, 2) as writer:
        writer.write(noise(1, 10))
    with pytest.raises(AudioError, match="whole number"):
        WavWriter(tmp_path / "a.wav", 44_100.5, 2)
