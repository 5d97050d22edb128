"""What is said of a mix and of the file that was written, by independent meters; deliveries that pass their check."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from typer.testing import CliRunner, Result

from mixes import noise
from smartmix.audio.delivery import DeliveryWriter
from smartmix.cli.main import app
from smartmix.errors import AudioError
from smartmix.mastering import master_song, target_names
from smartmix.mastering.album import master_album
from smartmix.mastering.check import check_file
from smartmix.mastering.design import MasterSettings
from smartmix.mastering.stems import StemFiles, master_stems
from standards.oracles import ebur128

RATE = 48_000


def written(
    path: Path, seconds: float = 6.0, *, rate: int = RATE, level: float = 0.5, channels: int = 2
) -> Path:
    """Noise that comes and goes, in float."""
    frames = round(seconds * RATE)
    sound = np.stack([noise(1, frames, 11 + k)[0] for k in range(channels)], axis=1)
    sound *= level / np.abs(sound).max()
    sound *= 0.6 + 0.4 * np.sin(2.0 * np.pi * np.arange(frames) / RATE / 2.5)[:, np.newaxis]
    soundfile.write(path, soxr.resample(sound, RATE, rate) if rate != RATE else sound, rate, subtype="FLOAT")
    return path


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result


def output(result: Result) -> str:
    return result.output.replace("\n", " ")


@pytest.mark.parametrize("suffix", [".mp3", ".opus", ".ogg"])
@pytest.mark.parametrize("rate", [44_100, 192_000])
def test_a_lossy_master_is_measured_as_it_decodes(tmp_path: Path, suffix: str, rate: int) -> None:
    mix, out = written(tmp_path / "mix.wav", rate=rate), tmp_path / f"out{suffix}"
    result = master_song(mix, out, MasterSettings(-16.0))
    samples, decoded_rate = soundfile.read(out, dtype="float32", always_2d=True)
    lufs, peak_dbtp = ebur128(samples.T, decoded_rate)
    assert result.loudness.integrated_lufs == pytest.approx(lufs, abs=0.02)
    # libebur128 looks at four points a sample and reads noise up to half a dB low
    assert -0.05 <= result.loudness.true_peak_dbtp - peak_dbtp <= 0.5
    told = [note for note in result.notes if "kHz" in note]
    assert bool(told) == (decoded_rate != rate)
    assert all(f"the file is at {decoded_rate / 1000:g} kHz" in note for note in told)


def test_an_encoder_that_goes_over_the_ceiling_is_said(tmp_path: Path) -> None:
    result = master_song(written(tmp_path / "mix.wav"), tmp_path / "out.mp3", MasterSettings(-5.5, -0.1))
    assert result.loudness.true_peak_dbtp > -0.05
    assert any("over the ceiling" in note and "--ceiling" in note for note in result.notes)


def test_what_is_cut_off_at_full_scale_is_said(tmp_path: Path) -> None:
    mix = written(tmp_path / "mix.wav", level=3.0)
    over = int(np.count_nonzero(np.abs(soundfile.read(mix)[0]) > 1.0))
    result = master_song(mix, tmp_path / "out.wav", MasterSettings(amount=0.0))
    (note,) = [each for each in result.notes if "full scale" in each]
    assert int(note.split()[0]) == pytest.approx(over, abs=3)
    whole = master_song(mix, tmp_path / "whole.wav", MasterSettings(amount=0.0), bits="32f")
    assert not [each for each in whole.notes if "full scale" in each]


def test_a_clipped_mix_and_an_offset_are_said_unless_they_are_mended(tmp_path: Path) -> None:
    samples, _ = soundfile.read(written(tmp_path / "loud.wav", level=3.0))
    soundfile.write(tmp_path / "mix.wav", np.clip(samples, -1.0, 0.5), RATE, subtype="PCM_24")
    plain = master_song(tmp_path / "mix.wav", tmp_path / "a.wav")
    assert [note.split(":")[0].split(" of ")[0] for note in plain.notes] == [
        "The mix is clipped",
        "The mix has an offset (DC)",
    ]
    dry = master_song(tmp_path / "mix.wav", None)
    assert dry.notes == plain.notes
    mended = master_song(tmp_path / "mix.wav", tmp_path / "b.wav", MasterSettings(repair=("clips", "rumble")))
    assert not mended.notes


@pytest.mark.parametrize("seconds", [2.0, 20.0])
@pytest.mark.parametrize("amount", [100.0, 50.0])
def test_an_offset_is_gone_from_the_first_sample(tmp_path: Path, seconds: float, amount: float) -> None:
    samples, _ = soundfile.read(written(tmp_path / "clean.wav", seconds))
    soundfile.write(tmp_path / "mix.wav", samples + np.array([0.03, -0.02]), RATE, subtype="FLOAT")
    settings = MasterSettings(-20.0, repair=("rumble",), amount={"repair": amount})
    master_song(tmp_path / "mix.wav", tmp_path / "out.wav", settings, bits="32f")
    (finding,) = [
        each for each in check_file(tmp_path / "out.wav", "streaming").findings if each.name == "DC"
    ]
    assert finding.state == ("pass" if amount == 100.0 else "fail")
    untouched = master_song(
        tmp_path / "clean.wav", tmp_path / "c.wav", MasterSettings(amount={"level": 0}), bits="32f"
    )
    assert not untouched.notes
    assert np.array_equal(soundfile.read(tmp_path / "c.wav")[0], samples)


@pytest.mark.parametrize("target", target_names())
@pytest.mark.parametrize(("rate", "channels"), [(44_100, 2), (48_000, 1), (96_000, 2)])
def test_what_a_delivery_asks_for_is_made_or_said(
    tmp_path: Path, target: str, rate: int, channels: int
) -> None:
    """Its word length unasked, its rate with the option that the note names; then the check passes."""
    mix, out = written(tmp_path / "mix.wav", rate=rate, channels=channels), tmp_path / "out.wav"
    told = output(run("master", mix, "-o", out, "--target", target))
    found = {each.name: each.state for each in check_file(out, target).findings}
    assert found.get("bits", "pass") == "pass"
    if found["sample rate"] == "fail":
        wanted = told.partition("--rate ")[2].split()[0]
        told = output(run("master", mix, "-o", out, "--target", target, "--force", "--rate", wanted))
        assert soundfile.info(out).samplerate == int(wanted)
    assert "asks for" not in told
    assert check_file(out, target).passed


def test_another_rate_is_the_resamplers(tmp_path: Path) -> None:
    mix = written(tmp_path / "mix.wav", rate=44_100)
    run("master", mix, "-o", tmp_path / "out.wav", "--rate", 48_000, "--amount", 0, "--bits", "32f")
    got, rate = soundfile.read(tmp_path / "out.wav", dtype="float32")
    samples, _ = soundfile.read(mix, dtype="float32")
    assert rate == 48_000
    assert np.abs(got - soxr.resample(samples, 44_100, 48_000, "VHQ")[: len(got)]).max() < 1e-6


@pytest.mark.parametrize(
    ("frames", "said"), [(1, "no loudness"), (4_000, "no loudness"), (0, "holds no samples")]
)
def test_very_short_files_are_not_called_silent(tmp_path: Path, frames: int, said: str) -> None:
    soundfile.write(tmp_path / "mix.wav", 0.5 * np.ones(frames), RATE)
    told = output(run("master", tmp_path / "mix.wav", "-o", tmp_path / "out.wav", code=0 if frames else 2))
    assert said in told
    assert "silent" not in told
    if frames:
        (finding,) = [
            f for f in check_file(tmp_path / "out.wav", "streaming").findings if f.name == "loudness"
        ]
        assert "shorter than the 0.4 s" in finding.text
        with pytest.raises(AudioError, match=r"shorter than 0\.4 s"):
            master_song(tmp_path / "mix.wav", tmp_path / "r.wav", reference=tmp_path / "mix.wav")
    else:
        assert not (tmp_path / "out.wav").exists()


def test_silence_is_one_finding(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "mix.wav", np.zeros((3 * RATE, 2)), RATE, subtype="PCM_16")
    found = {f.name: f for f in check_file(tmp_path / "mix.wav", "streaming").findings}
    assert found["silence"].state == "fail"
    assert found["loudness"].text.startswith("silent")
    assert not {"end", "silence at the head", "silence at the tail"} & found.keys()


def test_a_dry_run_has_no_figures_of_a_master(tmp_path: Path) -> None:
    mix = written(tmp_path / "mix.wav")
    data = json.loads(run("master", mix, "--dry-run", "--json").stdout)["master"]
    lufs, _ = ebur128(soundfile.read(mix, dtype="float32")[0].T, RATE)
    assert data["loudness"] is None
    assert data["platforms"] == []
    assert data["mix"]["integrated_lufs"] == pytest.approx(lufs, abs=0.02)


@pytest.mark.parametrize(
    "tag", ["isrc=hello", "date=yesterday", "date=2026-13", "track=one", "track=3 of 12"]
)
def test_tags_that_no_player_reads_are_refused(tmp_path: Path, tag: str) -> None:
    mix = written(tmp_path / "mix.wav", 1.0)
    told = output(run("master", mix, "-o", tmp_path / "out.wav", "--tag", tag, code=2))
    assert f"tag {tag.partition('=')[0]} =" in told
    assert not (tmp_path / "out.wav").exists()


def test_a_stem_over_the_ceiling_of_the_sum_is_said(tmp_path: Path) -> None:
    """Two stems that work against each other; so loud that 24 bits cannot hold them they are cut, and that is said."""
    one, _ = soundfile.read(written(tmp_path / "mix.wav", level=0.9))
    for name, sign in (("a.wav", 1.0), ("b.wav", -0.7)):
        soundfile.write(tmp_path / name, sign * one, RATE, subtype="FLOAT")
    stems = [tmp_path / "a.wav", tmp_path / "b.wav"]
    gentle = master_stems(stems, tmp_path / "gentle", MasterSettings(-20.0))
    assert [note.split(":")[0] for note in gentle.notes] == [
        file.name for file, loudness in gentle.files if loudness.true_peak_dbtp > -0.95
    ]
    loud = master_stems(stems, tmp_path / "loud", MasterSettings(-10.0))
    assert all("clipped in the file" in note for note in loud.notes)
    assert len(loud.notes) == 2
    whole = master_stems(stems, tmp_path / "whole", MasterSettings(-10.0), form=StemFiles("32f"))
    assert all("that of the sum" in note for note in whole.notes)


def test_songs_of_several_rates_and_their_faults_are_said(tmp_path: Path) -> None:
    songs = [written(tmp_path / f"{name}.wav", rate=rate) for name, rate in (("a", 44_100), ("b", 48_000))]
    samples, rate = soundfile.read(songs[1])
    soundfile.write(songs[1], samples + 0.05, rate, subtype="FLOAT")
    told = output(run("album", *songs, "-o", tmp_path / "album"))
    assert "Note: The songs are at 44.1, 48 kHz and each keeps its rate" in told
    assert "Note: 02 b.wav: The mix has an offset" in told


def test_what_is_listened_to_is_never_written_over(tmp_path: Path) -> None:
    """A mix or a reference, by its own name, another way or a link, with --force."""
    for name in ("a.wav", "b.wav"):
        written(tmp_path / name, 2.0)
    (tmp_path / "out").mkdir()
    (tmp_path / "link.wav").symlink_to(tmp_path / "b.wav")
    for name in ("01 a.wav", "a.wav"):
        written(tmp_path / "out" / name, 2.0)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.wav")}
    a, b, out = tmp_path / "a.wav", tmp_path / "b.wav", tmp_path / "out"
    for words in (
        ("master", a, "-o", a),
        ("master", a, "--reference", b, "-o", b),
        ("master", a, "--reference", f"{b}:0.5", "-o", tmp_path / "out" / ".." / "b.wav"),
        ("master", a, "--reference", b, "-o", tmp_path / "link.wav"),
        ("album", a, b, "-o", out, "--reference", out / "01 a.wav"),
        ("stems", a, b, "-o", out, "--reference", out / "a.wav"),
        ("master", a, "-o", tmp_path / "new.wav", "--save-plan", b),
    ):
        told = output(run(*words, "--force", code=2))
        assert "inputs are never touched" in told or "ends in .toml" in told
        assert {path: path.read_bytes() for path in tmp_path.rglob("*.wav")} == before


def test_an_offset_that_the_limiter_makes_is_said(tmp_path: Path) -> None:
    """Lopsided peaks, driven hard: the mix has none, the master has, and its check fails by it."""
    time_s = np.arange(4 * RATE) / RATE
    spikes = np.where(time_s % 0.25 < 0.005, 1.0, 0.0) + 0.02 * noise(1, len(time_s), 3)[0]
    soundfile.write(tmp_path / "mix.wav", 0.9 * (spikes - spikes.mean()), RATE, subtype="FLOAT")
    result = master_song(tmp_path / "mix.wav", tmp_path / "out.wav", MasterSettings(-7.0))
    (finding,) = [f for f in check_file(tmp_path / "out.wav", "club").findings if f.name == "DC"]
    assert finding.state == "fail"
    assert any(note.startswith("The master has an offset (DC) of") for note in result.notes)


def test_an_album_for_a_cd_is_one(tmp_path: Path) -> None:
    songs = [written(tmp_path / f"{name}.wav", rate=rate) for name, rate in (("a", 44_100), ("b", 48_000))]
    told = output(run("album", *songs, "-o", tmp_path / "one", "--target", "cd"))
    assert "CD asks for 44.1 kHz, this file is at 48: --rate 44100 makes it" in told
    told = output(run("album", *songs, "-o", tmp_path / "two", "--target", "cd", "--rate", 44_100))
    assert "Note" not in told
    for file in sorted((tmp_path / "two").glob("*.wav")):
        info = soundfile.info(file)
        assert (info.samplerate, info.subtype) == (44_100, "PCM_16")
        assert check_file(file, "cd").passed


def test_stems_for_a_target_have_its_bits_and_say_its_rate(tmp_path: Path) -> None:
    stems = [written(tmp_path / f"{name}.wav", rate=44_100) for name in "ab"]
    told = output(run("stems", *stems, "-o", tmp_path / "out", "--target", "apple"))
    assert "asks for" not in told
    told = output(run("stems", *stems, "-o", tmp_path / "cd", "--target", "broadcast-r128"))
    assert "asks for 48 kHz, this file is at 44.1." in told


def test_numbers_that_are_no_samples_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "mix.wav", np.full((RATE, 2), 1e30), RATE, subtype="FLOAT")
    for reference in (None, written(tmp_path / "b.wav", 2.0)):
        with pytest.raises(AudioError, match=r"a peak of \+?600 dBFS is no sound"):
            master_song(tmp_path / "mix.wav", tmp_path / "out.wav", reference=reference)


def test_a_flac_without_a_length_is_named(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "mix.flac", 0.1 * noise(1, RATE, 3).T, RATE, subtype="PCM_16")
    data = bytearray((tmp_path / "mix.flac").read_bytes())
    data[21] &= 0xF0  # STREAMINFO: the 36 bits of the total number of samples
    data[22:26] = bytes(4)
    (tmp_path / "mix.flac").write_bytes(data)
    with pytest.raises(AudioError, match="does not say how long it is"):
        master_song(tmp_path / "mix.flac", tmp_path / "out.wav")


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names are text there")
def test_names_that_are_no_text_are_taken(tmp_path: Path) -> None:
    name = os.fsdecode(b"lat\xe9.wav")
    songs = [written(tmp_path / "in.wav", 2.0).rename(tmp_path / name), written(tmp_path / "b.wav", 2.0)]
    run("album", *songs, "-o", tmp_path / "album")
    assert (tmp_path / "album" / "album.txt").is_file()
    done = tmp_path / "album" / os.fsdecode(b"01 lat\xe9.wav")
    assert "laté".encode() in done.read_bytes()
    (tmp_path / "songs").mkdir()
    for song in songs:
        song.rename(tmp_path / "songs" / song.name)
    for more in ((), ("--resume",)):
        run("batch", "master", tmp_path / "songs", "-o", tmp_path / "batch", *more, "--jobs", 1)
    assert len(list((tmp_path / "batch").glob("*.wav"))) == 2


def test_only_a_plan_of_a_master_is_replaced_by_one(tmp_path: Path) -> None:
    """A chain, a session, a mix plan: known before the work is done, with --force too."""
    mix = written(tmp_path / "mix.wav", 2.0)
    for text in ('format = 1\nname = "x"\n', "format = 1\nsession = 'x'\n", "no toml at all ["):
        (tmp_path / "kept.toml").write_text(text)
        run(
            "master",
            mix,
            "-o",
            tmp_path / "out.wav",
            "--save-plan",
            tmp_path / "kept.toml",
            "--force",
            code=2,
        )
        assert (tmp_path / "kept.toml").read_text() == text
        assert not (tmp_path / "out.wav").exists()
    run("master", mix, "-o", tmp_path / "out.wav", "--save-plan", tmp_path / "own.toml")
    again = ("master", mix, "-o", tmp_path / "out.wav", "--plan", tmp_path / "own.toml")
    run(*again, "--save-plan", tmp_path / "own.toml", "--force")
    (tmp_path / "in").mkdir()
    mix.rename(tmp_path / "in" / "mix.wav")
    words = (
        "batch",
        "master",
        tmp_path / "in",
        "-o",
        tmp_path / "b",
        "--",
        "--save-plan",
        tmp_path / "own.toml",
    )
    assert "every job would write the same file" in output(run(*words, code=2))


@pytest.mark.parametrize("command", ["album", "stems"])
def test_files_that_belong_together_appear_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Broken off at the second of them: none is there, nothing hidden, and the same command goes through."""
    mixes = [written(tmp_path / f"{name}.wav", 2.0) for name in "ab"]
    count = [0]
    leave = DeliveryWriter.__exit__

    def broken(self: DeliveryWriter, *gone: object) -> None:
        count[0] += self.path.parent.name == "done"
        if count[0] == 2:
            self._inner.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
            raise KeyboardInterrupt
        leave(self, *gone)  # type: ignore[arg-type]

    make = master_album if command == "album" else master_stems
    with monkeypatch.context() as patch:
        patch.setattr(DeliveryWriter, "__exit__", broken)
        with pytest.raises(KeyboardInterrupt):
            make(mixes, tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())
    make(mixes, tmp_path / "out")
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_intents_that_nothing_fits_here_are_said(tmp_path: Path) -> None:
    chain = tmp_path / "c.toml"
    chain.write_text(
        'format = 1\nname = "c"\n[[device]]\nid = "a"\nkind = "native"\nname = "parametric_eq"\n'
        '[[device.intent]]\nkind = "eq"\n[[device.intent.band]]\nshape = "bell"\nfreq_hz = 300.0\ngain_db = -3.0\n'
    )
    settings = MasterSettings(-20.0, chains={"eq": chain})
    result = master_song(written(tmp_path / "mix.wav", 2.0), tmp_path / "out.wav", settings)
    assert any("1 intent of c.toml (stage eq) not fitted" in note for note in result.notes)


def test_lossy_files_can_pass(tmp_path: Path) -> None:
    out = tmp_path / "out.mp3"
    master_song(written(tmp_path / "mix.wav"), out, MasterSettings(-14.0, -2.0))
    check = check_file(out, "streaming")
    assert check.passed, check.findings
    assert next(f for f in check.findings if f.name == "bits").state == "note"
