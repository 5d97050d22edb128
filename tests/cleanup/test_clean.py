"""Clean-up of files and of recordings in memory."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from typer.testing import CliRunner, Result

from smartmix.audio.io import read
from smartmix.cleanup import (
    CleanSettings,
    clean_file,
    learn_hum,
    learn_noise_profile,
    reduce_noise,
    remove_hum,
)
from smartmix.cli.main import app
from smartmix.errors import SmartmixError

RATE = 44_100
SECONDS = 12
Values = NDArray[np.float64]


def level_db(x: NDArray[np.floating]) -> float:
    return float(10.0 * np.log10(np.mean(np.square(x, dtype=np.float64)) + 1e-30))


def sound() -> Values:
    """Phrases of notes with pauses, two channels."""
    t = np.arange(SECONDS * RATE) / RATE
    pitch = 220.0 * 2.0 ** (np.random.default_rng(5).integers(0, 12, 4 * SECONDS + 4) / 12.0)
    phase = np.cumsum(pitch[(2 * t).astype(int)]) / RATE
    shape = np.exp(-5.0 * (t % 0.5)) * (t % 3.0 < 2.0)
    voice = 0.2 * shape * sum(np.sin(2.0 * np.pi * k * phase) / k for k in range(1, 6))
    return np.stack((voice, 0.7 * voice))


def dirt() -> tuple[Values, Values]:
    t = np.arange(SECONDS * RATE) / RATE
    hum = sum(0.004 / k * np.sin(2.0 * np.pi * 50.02 * k * t + k) for k in range(1, 7))
    noise = 10.0 ** (-55.0 / 20.0) * np.random.default_rng(6).standard_normal((2, t.size))
    return np.stack((hum, hum)), noise


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A clean recording and a dirty one."""
    folder = tmp_path_factory.mktemp("takes")
    hum, noise = dirt()
    for name, samples in (("clean", sound()), ("dirty", sound() + hum + noise + 0.01)):
        soundfile.write(folder / f"{name}.wav", samples.T.astype(np.float32), RATE, subtype="FLOAT")
    return folder / "clean.wav", folder / "dirty.wav"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_dirty_file_is_cleaned_and_told(files: tuple[Path, Path], tmp_path: Path) -> None:
    report = clean_file(files[1], tmp_path / "out.wav")
    findings = {finding.kind: finding for finding in report.findings}
    assert list(findings) == ["rumble", "clicks", "hum", "noise"]
    assert {kind for kind, f in findings.items() if f.changed} >= {"rumble", "hum", "noise"}
    assert findings["hum"].text.startswith("50.0")
    out, clean, dirty = read(tmp_path / "out.wav").samples, sound(), read(files[1]).samples
    late = slice(3 * RATE, SECONDS * RATE)
    assert out.shape == clean.shape
    before, after = level_db((dirty - clean)[:, late]), level_db((out - clean)[:, late])
    assert after < before - 5.0  # the high pass turns the phase of the notes, which counts here
    pause = slice(round(11.4 * RATE), round(11.9 * RATE))
    assert level_db(out[:, pause]) < level_db(dirty[:, pause] - 0.01) - 9.0


def test_a_clean_file_comes_out_bit_for_bit(files: tuple[Path, Path], tmp_path: Path) -> None:
    report = clean_file(files[0], tmp_path / "out.wav", CleanSettings(("rumble", "hum", "noise")))
    assert not report.changed
    assert np.array_equal(read(tmp_path / "out.wav").samples, read(files[0]).samples)


def test_delta_and_result_add_up(files: tuple[Path, Path], tmp_path: Path) -> None:
    settings = CleanSettings(("hum", "noise", "plosives"))
    clean_file(files[1], tmp_path / "out.wav", settings)
    clean_file(files[1], tmp_path / "delta.wav", settings, delta=True)
    total = read(tmp_path / "out.wav").samples + read(tmp_path / "delta.wav").samples
    assert np.abs(total - read(files[1]).samples).max() < 1e-7


def test_a_noise_print_is_taken_from_its_span(files: tuple[Path, Path]) -> None:
    dirty = read(files[1]).samples
    profile = learn_noise_profile(dirty - 0.01, RATE, span_s=(2.2, 2.9))
    density = -55.0 - 10.0 * np.log10(RATE / 2)
    assert np.median(profile.levels_db[:, 100:900]) == pytest.approx(density, abs=1.0)
    assert profile.levels_db.shape == (2, 1025)
    with pytest.raises(SmartmixError, match="span 2 to 50 s"):
        learn_noise_profile(dirty, RATE, span_s=(2.0, 50.0))


def test_in_memory_faces_learn_by_themselves() -> None:
    hum, noise = dirt()
    humming, noisy = (sound() + hum).astype(np.float32), (sound() + noise).astype(np.float32)
    profile = learn_hum(humming, RATE)
    assert profile.mains_hz == pytest.approx(50.02, abs=0.03)
    assert profile.harmonics >= 4
    assert level_db(remove_hum(humming, RATE) - sound()) < level_db(hum) - 8.0
    assert level_db(reduce_noise(noisy, RATE) - sound()) < level_db(noise) - 6.0
    clean = sound().astype(np.float32)
    assert np.array_equal(remove_hum(clean, RATE), clean)
    assert np.array_equal(reduce_noise(clean, RATE), clean)
    assert not learn_hum(clean, RATE).known
    assert learn_noise_profile(clean, RATE).level_dbfs == -np.inf


def test_the_command_says_what_it_did(files: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "out.wav"
    result = run("clean", files[1], "-o", target, "--hum", "--noise", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)["clean"]["findings"]
    assert [f["kind"] for f in told] == ["hum", "noise"]
    assert all(f["changed"] for f in told)
    text = run("clean", files[0], "--dry-run", "--hum", "--noise").output
    assert text.splitlines() == ["hum: no mains hum", "noise: no steady noise floor"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--hum",), "expected --output"),
        (("-o", "out.mp3"), "a WAV file is written"),
        (("-o", "SELF", "--force"), "is the input"),
        (("--dry-run", "--noise-span", "now"), "expected seconds FROM-TO"),
        (("--dry-run", "--noise-span", "3-90"), "span 3 to 90 s"),
    ],
)
def test_a_mistake_is_one_line(files: tuple[Path, Path], words: tuple[str, ...], message: str) -> None:
    result = run("clean", files[1], *(str(files[1]) if word == "SELF" else word for word in words))
    assert result.exit_code == 2
    assert message in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_memory_and_blocks_do_not_show(files: tuple[Path, Path]) -> None:
    """The stream through a chain is what the effects do to the whole."""
    dirty = read(files[1]).samples
    hum = learn_hum(dirty, RATE)
    whole = remove_hum(dirty, RATE, hum)
    noise = learn_noise_profile(whole, RATE)
    expected = reduce_noise(whole, RATE, noise)
    out = files[1].with_name("streamed.wav")
    clean_file(files[1], out, CleanSettings(("hum", "noise")), force=True)
    assert np.array_equal(read(out).samples, expected)
