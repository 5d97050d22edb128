"""Mastering: the loudness is met, the ceiling holds in the file, and what cannot be had is said."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyebur128
import pytest
import soundfile
from numpy.typing import NDArray

from smartmix.errors import AudioError, OutputExistsError
from smartmix.figures import number
from smartmix.mastering import load_target, master, master_file, target_names
from smartmix.mastering.targets import TargetError

RATE = 48_000


def mix(seconds: float = 6.0) -> NDArray[np.float32]:
    rng = np.random.default_rng(4)
    t = np.arange(round(seconds * RATE)) / RATE
    chords = sum(np.sin(2 * np.pi * (hz * t + rng.random())) for hz in rng.uniform(60.0, 6_000.0, 30))
    hits = rng.standard_normal((2, t.size)) * np.exp(-((t * 2.0) % 1.0) * 40.0)
    return (0.012 * np.stack([chords, np.roll(chords, 50)]) + 0.1 * hits).astype(np.float32)


def bursts() -> NDArray[np.float32]:
    rng = np.random.default_rng(5)
    x = np.zeros((2, 6 * RATE), np.float32)
    for start in range(0, x.shape[1], RATE):
        x[:, start : start + 100] = 0.3 * rng.standard_normal((2, 100))
    return x


def read_back(path: Path) -> tuple[float, float]:
    """Integrated loudness and true peak of a file after libebur128."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mode = pyebur128.MeasurementMode
    state = pyebur128.R128State(samples.shape[1], rate, mode.MODE_I | mode.MODE_TRUE_PEAK)
    state.add_frames(samples.ravel(), len(samples))
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(samples.shape[1]))
    return pyebur128.get_loudness_global(state), 20 * math.log10(peak)


def write(path: Path, samples: NDArray[np.float32]) -> Path:
    soundfile.write(path, samples.T, RATE, subtype="FLOAT")
    return path


@pytest.mark.parametrize("target", [-23.0, -14.0, -10.0])
def test_a_target_is_met_within_a_twentieth_in_the_written_file(tmp_path: Path, target: float) -> None:
    source = write(tmp_path / "mix.wav", mix())
    result = master_file(source, tmp_path / "out.wav", target_lufs=target, rough_lufs=None)
    lufs, peak = read_back(tmp_path / "out.wav")
    assert lufs == pytest.approx(target, abs=0.05)
    assert peak <= -1.0
    assert result.reached
    assert result.reason == ""
    assert result.target_source == "asked"
    assert result.loudness.integrated_lufs == pytest.approx(lufs, abs=0.001)
    info = soundfile.info(tmp_path / "out.wav")
    assert (info.subtype, info.frames) == ("PCM_24", mix().shape[1])


def test_the_file_and_the_array_are_the_same_master(tmp_path: Path) -> None:
    source = write(tmp_path / "mix.wav", mix())
    master_file(source, tmp_path / "out.wav", target_lufs=-10.0, rough_lufs=None, bits="32f")
    audio, result = master(mix(), RATE, -10.0)
    written, _ = soundfile.read(tmp_path / "out.wav", dtype="float32", always_2d=True)
    assert np.array_equal(written.T, audio.samples)
    assert result.max_gain_reduction_db > 1.0


def test_the_same_job_gives_the_same_bytes(tmp_path: Path) -> None:
    source = write(tmp_path / "mix.wav", mix(3.0))
    for name in ("a.wav", "b.wav"):
        master_file(source, tmp_path / name, target_lufs=-12.0, rough_lufs=None)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_without_a_target_it_stops_at_3_db_of_reduction_and_says_what_it_got(tmp_path: Path) -> None:
    source = write(tmp_path / "mix.wav", mix())
    result = master_file(source, tmp_path / "out.wav", target_lufs=None, rough_lufs=-7.0)
    assert result.target_source == "rough"
    assert 2.9 <= result.max_gain_reduction_db <= 3.0
    assert not result.reached
    assert f"{number(result.loudness.integrated_lufs)} LUFS" in result.reason
    asked = master_file(source, tmp_path / "asked.wav", target_lufs=-9.0, rough_lufs=-7.0)
    assert asked.reached
    assert asked.max_gain_reduction_db > 3.0


def test_the_rough_mix_sets_the_loudness_and_minus_14_does_without_one() -> None:
    quiet = (0.1 * mix()).astype(np.float32)
    _, result = master(quiet, RATE)
    assert (result.target_lufs, result.target_source) == (-14.0, "default")
    audio, result = master(quiet, RATE, reference=mix())
    _, again = master(mix(), RATE, -30.0)
    assert result.target_lufs == pytest.approx(-30.0 - again.gain_db, abs=0.05)
    np.testing.assert_allclose(audio.samples, mix(), atol=2e-3)


def test_a_target_that_bursts_cannot_reach_is_refused_with_the_most(tmp_path: Path) -> None:
    source = write(tmp_path / "bursts.wav", bursts())
    result = master_file(source, tmp_path / "out.wav", target_lufs=-9.0, rough_lufs=None)
    lufs, peak = read_back(tmp_path / "out.wav")
    assert not result.reached
    assert "not reachable" in result.reason
    assert f"{number(lufs)} LUFS" in result.reason
    assert peak <= -1.0
    assert result.passes <= 8


def test_silence_and_a_single_frame_come_back_as_they_are() -> None:
    for samples in (np.zeros((2, RATE)), np.full((1, 1), 0.5), np.zeros((2, 0))):
        audio, result = master(samples, RATE, -14.0)
        assert np.array_equal(audio.samples, samples)
        assert (result.gain_db, result.reached) == (0.0, False)
        assert "silence" in result.reason


def test_a_mix_that_is_too_loud_is_only_turned_down() -> None:
    audio, result = master(mix(), RATE, -30.0)
    assert result.max_gain_reduction_db == 0.0
    np.testing.assert_allclose(audio.samples, mix() * 10 ** (result.gain_db / 20), atol=1e-7)


@pytest.mark.parametrize("name", ["apple", "broadcast-r128", "cd", "club", "streaming"])
def test_every_named_target_brings_its_loudness_and_ceiling(name: str) -> None:
    assert name in target_names()
    target = load_target(name)
    _, result = master(mix(), RATE, name)
    assert (result.target_lufs, result.ceiling_dbtp) == (target.integrated_lufs, target.ceiling_dbtp)
    assert result.loudness.true_peak_dbtp <= target.ceiling_dbtp
    assert target.source


def test_what_makes_no_sense_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="there are: apple"):
        master(mix(1.0), RATE, "loudest")
    with pytest.raises(AudioError, match=r"expected -60\.0 to -1\.0"):
        master(mix(1.0), RATE, 3.0)
    with pytest.raises(AudioError, match=r"expected -24\.0 to 0\.0"):
        master(mix(1.0), RATE, -14.0, ceiling_dbtp=1.0)
    with pytest.raises(AudioError, match="reference has no loudness"):
        master(mix(1.0), RATE, reference=np.zeros((2, RATE), np.float32))
    source = write(tmp_path / "mix.wav", mix(1.0))
    with pytest.raises(OutputExistsError):
        master_file(source, source, target_lufs=-14.0, rough_lufs=None)
