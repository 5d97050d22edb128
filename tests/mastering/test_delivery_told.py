"""Whatever check fails of a master that was made for a target was said when it was made; one rate from mix to file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pyebur128
import pytest
import soundfile
from scipy.signal import resample_poly
from typer.testing import CliRunner

from mastering.songs import RATE, Song, song
from smartmix.audio.encoders import lossy_formats
from smartmix.audio.tags import Tags
from smartmix.cli.main import app
from smartmix.errors import AudioError
from smartmix.mastering import MasterResult, MasterSettings, master_song, target_names
from smartmix.mastering.check import check_file
from smartmix.mastering.stems import StemFiles, master_stems

UPS = {44_100: (1, 1), 48_000: (160, 147), 96_000: (320, 147), 192_000: (640, 147)}
WORDS = {"sample rate": "kHz, this file is at", "bits": "bit, this file has", "DC": "offset (DC)"}


def at(rate: int, seconds: float = 3.0) -> Song:
    up, down = UPS[rate]
    return np.asarray(resample_poly(song(1, seconds), up, down, axis=1), np.float32)


def write(path: Path, samples: Song, rate: int = RATE, subtype: str = "FLOAT") -> Path:
    soundfile.write(path, samples.T, rate, subtype=subtype)
    return path


def lufs_of(path: Path) -> tuple[float, int]:
    """Loudness after libebur128, and the rate, of what soundfile decodes."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    state = pyebur128.R128State(samples.shape[1], rate, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(samples.ravel(), len(samples))
    return pyebur128.get_loudness_global(state), rate


def failing(path: Path, target: str) -> set[str]:
    return {finding.name for finding in check_file(path, target).findings if finding.state == "fail"}


def said(result: MasterResult, name: str) -> bool:
    if name == "loudness":
        return not result.reached and bool(result.reason)
    return any(WORDS.get(name, f": {name}: ") in note for note in result.notes)


def mixes() -> dict[str, tuple[Song, int]]:
    clean = song(1, 3.0)
    return {
        "mono": (clean[:1], 44_100),
        "44": (clean, 44_100),
        "48": (at(48_000), 48_000),
        "96": (at(96_000), 96_000),
        "hot": (np.clip(6.0 * clean + 0.05, -1.0, 1.0).astype(np.float32), 44_100),
        "late": (np.pad(clean, ((0, 0), (3 * RATE, 0))), 44_100),
        "long": (np.pad(clean, ((0, 0), (0, 11 * RATE))), 44_100),
        "turned": (np.stack([clean[0], -0.8 * clean[0]]), 44_100),
    }


@pytest.mark.parametrize("target", target_names())
def test_what_check_will_fail_is_said_when_the_master_is_made(tmp_path: Path, target: str) -> None:
    found = set()
    for kind, (samples, rate) in mixes().items():
        mix, out = write(tmp_path / f"{kind}.wav", samples, rate), tmp_path / f"{kind}_out.wav"
        result = master_song(mix, out, MasterSettings(target=target))
        for name in (fails := failing(out, target)):
            assert said(result, name), (kind, name, result.notes)
        found |= fails
        for name in ("DC", "mono", "silence at the head", "silence at the tail", "sample rate"):
            assert name in fails or not said(result, name), (kind, name, result.notes)
    assert found >= {"DC", "mono", "silence at the head", "silence at the tail"}


def test_a_delivery_brings_its_bits_to_python_as_well(tmp_path: Path) -> None:
    mix = write(tmp_path / "mix.wav", song(1, 2.0))
    for settings, bits, subtype in (
        (MasterSettings(target="cd"), None, "PCM_16"),
        (MasterSettings(target="cd"), 24, "PCM_24"),
        (MasterSettings(), None, "PCM_24"),
    ):
        result = master_song(mix, tmp_path / "out.wav", settings, bits=bits, force=True)  # type: ignore[arg-type]
        assert soundfile.info(tmp_path / "out.wav").subtype == subtype
        assert any("--bits 16" in note for note in result.notes) == (bits == 24)


def test_a_lossy_master_is_made_at_the_rate_of_its_file(tmp_path: Path) -> None:
    t = np.arange(at(192_000).shape[1]) / 192_000
    ultrasonic = 0.2 * np.sin(
        2 * np.pi * 40_000 * t
    )  # most of the loudness at 192 kHz, and none of it in the file
    mix = write(tmp_path / "mix.wav", (at(192_000) + ultrasonic).astype(np.float32), 192_000)
    for suffix in (".mp3", ".opus"):
        result = master_song(mix, tmp_path / f"out{suffix}", MasterSettings(target=-14.0))
        lufs, rate = lufs_of(tmp_path / f"out{suffix}")
        assert (rate, result.reached) == (48_000, True)
        assert lufs == pytest.approx(-14.0, abs=0.1)
        assert result.loudness.integrated_lufs == pytest.approx(lufs, abs=0.01)
        assert any("no 192 kHz: the file is at 48 kHz" in note for note in result.notes)


def test_what_an_encoder_leaves_out_is_said(tmp_path: Path) -> None:
    if ".m4a" not in lossy_formats():
        pytest.skip("ffmpeg is not installed")
    t = np.arange(at(192_000).shape[1]) / 192_000
    high = 0.2 * np.sin(2 * np.pi * 40_000 * t)  # 96 kHz would hold it, AAC does not
    mix, out = (
        write(tmp_path / "mix.wav", (at(192_000) + high).astype(np.float32), 192_000),
        tmp_path / "out.m4a",
    )
    result = master_song(mix, out, MasterSettings(target=-14.0))
    words = ["ffmpeg", "-v", "error", "-i", str(out), "-c:a", "pcm_f32le", str(tmp_path / "back.wav")]
    subprocess.run(words, check=True)
    lufs, rate = lufs_of(tmp_path / "back.wav")
    assert rate == 96_000 and not result.reached
    assert result.loudness.integrated_lufs == pytest.approx(lufs, abs=0.02)
    assert any("LU from what was encoded" in note for note in result.notes)


def test_clipping_is_seen_before_another_rate_rounds_it(tmp_path: Path) -> None:
    hot = np.clip(6.0 * at(48_000), -1.0, 1.0).astype(np.float32)
    mix = write(tmp_path / "hot.wav", hot, 48_000, "PCM_16")
    plain = master_song(mix, tmp_path / "a.wav")
    other = master_song(mix, tmp_path / "b.wav", sample_rate=44_100)
    (told,) = [note for note in plain.notes if "clipped" in note]
    assert told in other.notes
    assert soundfile.info(tmp_path / "b.wav").samplerate == 44_100
    late = master_song(mix, tmp_path / "c.wav", MasterSettings(repair=("clips",)), sample_rate=44_100)
    assert any("not flat" in note for note in late.notes), "declipping finds nothing in converted samples"
    assert master_song(mix, tmp_path / "d.wav", MasterSettings(repair=("clips",))).notes == ()


def test_the_repair_is_offered_in_the_plan_and_is_enough(tmp_path: Path) -> None:
    hot = np.clip(6.0 * song(1, 2.0) + 0.05, -1.0, 1.0).astype(np.float32)
    mix = write(tmp_path / "hot.wav", hot, subtype="PCM_16")

    def run(*words: object) -> str:
        done = CliRunner().invoke(app, ["master", *map(str, words)])
        assert done.exit_code == 0, done.output
        return done.stdout

    first = run(mix, "--target", "streaming", "-o", tmp_path / "out")
    assert "repair: bypassed; suggested because hot.wav has" in first
    plan, out = tmp_path / "out" / "hot_master.toml", tmp_path / "again.wav"
    unasked, _ = soundfile.read(tmp_path / "out" / "hot_master.wav")
    assert float(np.abs(unasked.mean(axis=0)).max()) > 1e-3, "nothing is mended unasked"
    plan.write_text(
        plan.read_text(encoding="utf-8").replace("bypass = true", "bypass = false"), encoding="utf-8"
    )
    again = run(mix, "--plan", plan, "-o", out)
    assert "repair: clips, rumble; because hot.wav has" in again and "Note: The mix" not in again
    assert failing(out, "streaming") == set()


def test_an_offset_that_the_gain_brings_up_is_the_mixs_own(tmp_path: Path) -> None:
    still = song(1, 1.5) * np.float32(0.2)
    still = still - still.mean(axis=1, keepdims=True) + np.float32(10.0 ** (-64.0 / 20.0))
    mix, out = write(tmp_path / "mix.wav", still), tmp_path / "out.wav"
    result = master_song(mix, out, MasterSettings(target=-14.0))
    (note,) = [note for note in result.notes if "(DC)" in note]
    assert "the mix's own (\N{MINUS SIGN}64 dBFS) made louder" in note and "--repair rumble" in note
    mended = master_song(mix, out, MasterSettings(target="streaming", repair=("rumble",)), force=True)
    assert mended.notes == () and failing(out, "streaming") == set()


def test_a_clean_mix_is_offered_nothing(tmp_path: Path) -> None:
    result = master_song(write(tmp_path / "mix.wav", song(1, 2.0)), tmp_path / "out.wav")
    assert result.plan is not None
    assert not result.plan.stage("repair").bypass and result.notes == ()


def test_stems_of_a_delivery_are_no_files_of_it_on_the_way(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{k}.wav", song(k, 2.0) * np.float32(0.5)) for k in (1, 2)]
    made = master_stems(files, tmp_path / "out", MasterSettings(target="cd"), form=StemFiles(16))
    assert not any("asks" in note for note in made.master.notes)
    assert (made.master.target_lufs, made.master.ceiling_dbtp) == (-11.0, -0.5)


def test_silence_has_findings_that_agree(tmp_path: Path) -> None:
    silent = write(tmp_path / "silent.wav", np.zeros((2, 2 * RATE), np.float32), subtype="PCM_24")
    findings = {each.name: each for each in check_file(silent, "streaming").findings}
    assert findings["silence"].state == findings["loudness"].state == "fail"
    assert not {"true peak", "mono", "DC", "clipping", "end", "loudness range"} & set(findings)


@pytest.mark.parametrize(
    "field", [{"date": "2026-02-30"}, {"date": "0000"}, {"track": "5/3"}, {"isrc": "DE1234"}]
)
def test_tags_of_no_meaning_are_refused(field: dict[str, str]) -> None:
    with pytest.raises(AudioError, match=next(iter(field))):
        Tags(**field)


def test_an_isrc_is_its_twelve_characters() -> None:
    assert Tags(isrc="de-a12-26-00017").isrc == "DEA122600017"
    assert Tags(date="2024-02-29", track="3/3").date == "2024-02-29"
