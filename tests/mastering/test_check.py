"""A delivery and its limits: files with one fault each, made by code, fail on that fault and no other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyebur128
import pytest
import soundfile
from typer.testing import CliRunner

from smartmix.audio.delivery import DeliveryWriter
from smartmix.audio.encoders import lossy_formats
from smartmix.cli.main import app
from smartmix.errors import AudioError
from smartmix.mastering.check import check_file
from smartmix.mastering.inspect import inspect_file
from smartmix.mastering.targets import Rules, Target, TargetError, _parse

RATE = 48_000
TARGET = Target(
    "test", "Test", -14.0, -1.0, "", Rules(max_range_lu=8.0, sample_rates_hz=(RATE,), bits=("16", "24"))
)


def programme(seconds: float = 8.0, seed: int = 3) -> np.ndarray:
    """Noise with a spectrum like music, -14 LUFS, with room above, 0.2 s of silence around it."""
    rng = np.random.default_rng(seed)
    bins = np.fft.rfft(rng.standard_normal((2, int(seconds * RATE))))
    hz = np.maximum(np.fft.rfftfreq(int(seconds * RATE), 1 / RATE), 20.0)
    x = np.fft.irfft(bins / hz**0.5, int(seconds * RATE))
    x[1] = 0.6 * x[0] + 0.8 * x[1]
    x -= x.mean(axis=1, keepdims=True)
    x = np.tanh(x / np.std(x) * 0.5)
    x = np.pad(x, ((0, 0), (RATE // 5, RATE // 5)))
    loudness = pyebur128.get_loudness_global(_state(x))
    return (x * 10 ** (0.05 * (-14.0 - loudness))).astype(np.float32)


def _state(x: np.ndarray) -> pyebur128.R128State:
    state = pyebur128.R128State(2, RATE, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(np.ascontiguousarray(x.T.astype(np.float32)).ravel(), x.shape[1])
    return state


@pytest.fixture(scope="module")
def good() -> np.ndarray:
    return programme()


def written(path: Path, x: np.ndarray, *, bits: object = 24, dither: str = "tpdf", rate: int = RATE) -> Path:
    with DeliveryWriter(path, rate, x.shape[0], bits=bits, dither=dither) as writer:  # type: ignore[arg-type]
        writer.write(np.ascontiguousarray(x, np.float32))
    return path


def failed(path: Path, **options: object) -> set[str]:
    return {f.name for f in check_file(path, TARGET, **options).findings if f.state == "fail"}  # type: ignore[arg-type]


def test_a_good_file_passes(good: np.ndarray, tmp_path: Path) -> None:
    check = check_file(written(tmp_path / "a.wav", good), TARGET)
    assert check.passed, check.findings
    found = check.inspection
    assert found.loudness.integrated_lufs == pytest.approx(-14.0, abs=0.01)
    assert (found.bits, found.used_bits, found.sample_rate) == ("24", 24, RATE)
    assert found.head_silence_s == pytest.approx(0.2, abs=0.01)


def test_each_fault_is_named_and_alone(good: np.ndarray, tmp_path: Path) -> None:
    t = np.arange(good.shape[1]) / RATE
    peak = good.copy()
    peak[:, 3 * RATE] = 0.97
    clipped = good.copy()
    clipped[:, RATE : RATE + 4000 : 400] = 1.0
    for k in range(1, 6):
        clipped[:, RATE + k : RATE + 4000 : 400] = 1.0
    mono = good.copy()
    mono[1] = -0.9 * mono[0]
    dynamic = good * np.where(t < 4.0, 0.16, 1.02).astype(np.float32)
    cases = {
        "loudness": (good * 0.5, {"loudness"}),
        "peak": (peak, {"true peak"}),
        "range": (dynamic, {"loudness range"}),
        "mono": (mono, {"mono"}),
        "dc": (good + np.float32(0.008), {"DC"}),
        "clipping": (clipped, {"clipping", "true peak"}),
        "head": (np.pad(good, ((0, 0), (3 * RATE, 0))), {"silence at the head"}),
        "tail": (np.pad(good, ((0, 0), (0, 11 * RATE))), {"silence at the tail"}),
    }
    for name, (samples, expected) in cases.items():
        assert failed(written(tmp_path / f"{name}.wav", samples)) - {"loudness"} == expected - {"loudness"}, (
            name
        )
    assert failed(tmp_path / "loudness.wav") == {"loudness"}
    assert "bits" in failed(written(tmp_path / "float.wav", good, bits="32f"))
    assert failed(written(tmp_path / "rate.wav", good, rate=44_100)) >= {"sample rate"}


def test_dither_and_padded_words_are_seen(good: np.ndarray, tmp_path: Path) -> None:
    t = np.arange(2 * RATE) / RATE
    fade = np.stack([3e-5 * np.sin(2 * np.pi * 100 * t)] * 2).astype(np.float32)
    x = np.concatenate([good, fade], axis=1)
    states = {
        d: inspect_file(written(tmp_path / f"{d}.wav", x, bits=16, dither=d)).dither
        for d in ("tpdf", "shaped", "none")
    }
    assert states == {"tpdf": "seen", "shaped": "seen", "none": "not seen"}
    assert "dither" in failed(tmp_path / "none.wav")
    assert (
        inspect_file(written(tmp_path / "loud.wav", good[:, RATE : 6 * RATE], bits=16)).dither
        == "cannot be told"
    )

    codes = soundfile.read(tmp_path / "tpdf.wav", dtype="int32")[0]
    soundfile.write(tmp_path / "padded.wav", codes, RATE, subtype="PCM_24")
    check = check_file(tmp_path / "padded.wav", TARGET)
    assert check.inspection.used_bits == 16
    assert any("only 16 of 24 bits" in f.text for f in check.findings)


@pytest.mark.parametrize(("bits", "level_db"), [(16, -30), (24, -70)])
def test_a_fade_of_noise_without_dither_is_told_from_one_with(
    bits: int, level_db: float, tmp_path: Path
) -> None:
    """The fade is dither of its own until it is under a step: only its last pieces stand still. Digital silence
    behind a dithered fade, as an editor leaves it, is no fault.
    """
    rng = np.random.default_rng(4)
    slope = 10.0 ** (np.linspace(level_db, level_db - 120.0, 4 * RATE) / 20.0)
    x = rng.standard_normal((2, slope.size)) * slope
    steps = 2.0 ** (bits - 1)
    noise = rng.random(x.shape) - rng.random(x.shape)
    found = {}
    for name, added in (("rounded", 0.0), ("dithered", noise), ("then black", noise)):
        codes = np.floor(x * steps + added + 0.5) / steps
        if name == "then black":
            codes[:, -RATE // 2 :] = 0.0
        soundfile.write(tmp_path / f"{name}.wav", codes.T, RATE, subtype=f"PCM_{bits}")
        found[name] = inspect_file(tmp_path / f"{name}.wav").dither
    assert found == {"rounded": "not seen", "dithered": "seen", "then black": "seen"}


def test_codecs_are_tried_for_real(good: np.ndarray, tmp_path: Path) -> None:
    hot = np.clip(good * 3.0, -0.99, 0.99)
    file = written(tmp_path / "hot.wav", hot)
    codec = "ogg" if ".ogg" in lossy_formats() else "mp3"
    assert f"as {codec}" in failed(file, codecs=[codec])
    assert f"as {codec}" not in failed(written(tmp_path / "good.wav", good * 0.5), codecs=[codec])
    with pytest.raises(AudioError, match="no encoder for 'atrac'"):
        check_file(file, TARGET, codecs=["atrac"])


def test_hostile_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    soundfile.write(tmp_path / "none.wav", np.zeros((0, 2)), RATE)
    soundfile.write(tmp_path / "one.wav", np.zeros((1, 2)), RATE)
    soundfile.write(tmp_path / "silent.wav", np.zeros((RATE, 2)), RATE)
    soundfile.write(tmp_path / "nan.wav", np.full((RATE, 2), np.nan), RATE, subtype="FLOAT")
    for name in ("empty.wav", "none.wav", "nan.wav"):
        with pytest.raises(AudioError):
            check_file(tmp_path / name, TARGET)
    for name in ("one.wav", "silent.wav"):
        assert "loudness" in failed(tmp_path / name)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"max_range_lu": -1}, r"check\.max_range_lu = -1, expected 0 to 60"),
        ({"bits": ["12"]}, r"check\.bits"),
        ({"sample_rates_hz": [1]}, r"check\.sample_rates_hz"),
        ({"colour": 1}, r"unknown key 'check\.colour'"),
        (3, "expected a table"),
    ],
)
def test_rules_out_of_range_are_named(table: object, message: str) -> None:
    data = {
        "format": 1,
        "title": "T",
        "source": "",
        "integrated_lufs": -14.0,
        "ceiling_dbtp": -1.0,
        "check": table,
    }
    with pytest.raises(TargetError, match=message):
        _parse("mine", data)


def test_exit_codes_for_scripts(good: np.ndarray, tmp_path: Path) -> None:
    fine = written(tmp_path / "fine.wav", good)
    quiet = written(tmp_path / "quiet.wav", good * 0.5)
    (tmp_path / "bad.wav").write_text("no sound")

    def run(*words: object) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["check", *map(str, words)])
        return result.exit_code, result.stdout

    assert run(fine)[0] == 0
    code, said = run(fine, quiet)
    assert code == 1 and "fails on 1 point" in said
    assert run(fine, tmp_path / "bad.wav")[0] == 3
    assert run(tmp_path / "bad.wav")[0] == 2
    assert run(fine, "--target", "nowhere")[0] == 2
    data = json.loads(run(quiet, "--json")[1])
    assert data["files"][0]["passed"] is False


def test_channels_are_told_and_surround_is_no_stereo_delivery(tmp_path: Path, good: np.ndarray) -> None:
    six = tmp_path / "six.wav"
    soundfile.write(six, np.tile(good, (3, 1)).T * 0.5, RATE, subtype="PCM_24")
    found = {f.name: f for f in check_file(six, "streaming").findings}
    assert found["channels"].state == "fail"
    assert found["channels"].text.startswith("6; at most 2 (its loudness is that of 5.1")
    assert {f.name: f.state for f in check_file(six, "broadcast-r128").findings}["channels"] == "pass"
    for sound, word in ((good, "stereo"), (good[:1], "mono")):
        path = written(tmp_path / f"{word}.wav", sound)
        assert [f.text for f in check_file(path, TARGET).findings if f.name == "channels"] == [word]
