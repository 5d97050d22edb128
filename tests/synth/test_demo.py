"""The demo song as a recording: levels, lengths, repeatability, its rough mix, and the files it becomes."""

from __future__ import annotations

import hashlib
import tomllib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from conftest import WrittenDemo
from smartmix.errors import OutputExistsError
from smartmix.synth import demo as demo_module
from smartmix.synth import recording
from smartmix.synth.demo import ROUGH_NAME, DemoSong, write_demo
from smartmix.synth.recording import TRACKS
from smartmix.synth.song import BAR_S, CHORDS, SECTIONS, is_chorus


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_every_file_is_45_s_of_finite_sound_at_48_khz(demo: DemoSong) -> None:
    assert list(demo.tracks) == [setup.name for setup in TRACKS]
    for audio in (*demo.tracks.values(), demo.rough):
        assert (audio.sample_rate, audio.frames) == (48_000, 2_160_000)
        assert np.isfinite(audio.samples).all()


def test_tracks_have_the_levels_of_raw_recordings(demo: DemoSong) -> None:
    for name, audio in demo.tracks.items():
        peak_dbfs = 20.0 * np.log10(np.abs(audio.samples).max())
        assert -12.5 <= peak_dbfs <= -3.0, name
        blocks = audio.samples[:, : 2_160_000 // 2400 * 2400].reshape(audio.channels, -1, 2400)
        quietest_db = 10.0 * np.log10(np.mean(np.square(blocks, dtype=np.float64), axis=2).min())
        assert -90.0 < quietest_db < -25.0, name  # a noise floor, never digital silence
        assert abs(float(np.mean(audio.samples, dtype=np.float64))) < 1e-3, name


def test_stereo_tracks_are_stereo_and_mono_tracks_mono(demo: DemoSong) -> None:
    stereo = {recording.OVERHEADS, recording.KEYS, recording.PAD, recording.BACKING_VOCALS}
    for name, audio in demo.tracks.items():
        assert audio.channels == (2 if name in stereo else 1), name
        if name in stereo:
            assert np.abs(audio.samples[0] - audio.samples[1]).max() > 0.01, name


def test_rough_mix_is_the_sum_the_truth_describes(demo: DemoSong) -> None:
    mixed = np.zeros((2, demo.rough.frames))
    for fader in demo.truth.rough:
        samples = demo.tracks[fader.track].samples.astype(np.float64)
        gain = 10.0 ** ((fader.gain_db + demo.truth.rough_bus_gain_db) / 20.0)
        if samples.shape[0] == 1:
            turn = np.pi / 4.0 * (fader.pan + 1.0)
            mixed += gain * np.sqrt(2.0) * np.array([[np.cos(turn)], [np.sin(turn)]]) * samples
        else:
            assert fader.pan == 0.0
            mixed += gain * samples
    rest = demo.rough.samples - mixed
    assert 20.0 * np.log10(np.abs(rest).max()) < -140.0
    assert -3.02 < 20.0 * np.log10(np.abs(demo.rough.samples).max()) <= -2.99


def test_rough_faders_can_be_found_by_least_squares(demo: DemoSong) -> None:
    """No two tracks are so alike that the balance cannot be read back from the mix."""
    columns = [
        channel for audio in demo.tracks.values() for channel in audio.samples[:, ::7].astype(np.float64)
    ]
    found, *_ = np.linalg.lstsq(np.stack(columns, axis=1), demo.rough.samples[0, ::7].astype(np.float64))
    position = list(demo.tracks).index(recording.LEAD_VOCAL) + 3  # three stereo tracks come before
    fader = next(fader for fader in demo.truth.rough if fader.track == recording.LEAD_VOCAL)
    expected_db = fader.gain_db + demo.truth.rough_bus_gain_db
    assert abs(20.0 * np.log10(found[position]) - expected_db) < 0.01


def test_sections_follow_one_another_and_choruses_are_louder(demo: DemoSong) -> None:
    assert SECTIONS[0].start_s == 0.0
    assert SECTIONS[-1].end_s == pytest.approx(45.0)
    assert all(a.end_bar == b.first_bar for a, b in pairwise(SECTIONS))
    level_db = {}
    for part in SECTIONS:
        span = demo.rough.samples[:, round(part.start_s * 48_000) : round(part.end_s * 48_000)]
        level_db[part.name] = 10.0 * np.log10(np.mean(np.square(span, dtype=np.float64)))
    assert level_db["intro"] < level_db["verse 1"] < level_db["chorus 1"] - 2.0
    assert level_db["verse 2"] < level_db["chorus 2"] - 2.0


def strongest_hz(samples: np.ndarray, start_s: float, low_hz: float, high_hz: float) -> float:
    # as long as the shortest note: two strokes in one window would beat against each other
    piece = samples[round(start_s * 48_000) :][:10_000] * np.hanning(10_000)
    power = np.abs(np.fft.rfft(piece, 1 << 18)) ** 2
    frequency_hz = np.fft.rfftfreq(1 << 18, 1.0 / 48_000)
    power[(frequency_hz < low_hz) | (frequency_hz > high_hz)] = 0.0
    return float(frequency_hz[np.argmax(power)])


def test_band_plays_the_score_in_tune(demo: DemoSong) -> None:
    bass = demo.tracks[recording.BASS_DI].samples[0]
    for bar in range(2, 20):
        root_hz = 440.0 * 2.0 ** ((CHORDS[bar].bass - 69) / 12.0)
        # the second partial: a bass string's fundamental is often the weaker one
        found_hz = strongest_hz(bass, bar * BAR_S + 0.03, 1.9 * root_hz, 2.1 * root_hz)
        assert abs(1200.0 * np.log2(found_hz / (2.0 * root_hz))) < 12.0, bar
    guitar = demo.tracks[recording.GUITAR_RIGHT].samples[0]
    for bar in (bar for bar in range(20) if is_chorus(bar)):
        root_hz = 440.0 * 2.0 ** ((CHORDS[bar].guitar[0] - 69) / 12.0)
        # the fourth partial, two octaves up: the cabinet lets little of the fundamental through
        found_hz = strongest_hz(guitar, bar * BAR_S + 0.1, 3.88 * root_hz, 4.12 * root_hz)
        assert abs(1200.0 * np.log2(found_hz / (4.0 * root_hz))) < 15.0, bar


def test_guitars_are_two_performances(demo: DemoSong) -> None:
    span = slice(round(SECTIONS[2].start_s * 48_000), round(SECTIONS[2].end_s * 48_000))
    left, right = (
        demo.tracks[name].samples[0, span].astype(np.float64)
        for name in (recording.GUITAR_LEFT, recording.GUITAR_RIGHT)
    )
    size = 1 << 20
    cross = np.fft.irfft(np.fft.rfft(left, size) * np.conj(np.fft.rfft(right, size)))
    assert np.abs(cross).max() / np.sqrt(np.sum(left**2) * np.sum(right**2)) < 0.6


def test_the_written_demo_opens_elsewhere(demo_song: WrittenDemo) -> None:
    assert demo_song.progress == sorted(demo_song.progress)
    assert demo_song.progress[-1] == 1.0
    names = {f"{setup.name}.wav" for setup in TRACKS} | {f"{ROUGH_NAME}.wav", "session.toml"}
    assert {path.name for path in demo_song.folder.iterdir()} == names
    for path in demo_song.folder.glob("*.wav"):
        info = soundfile.info(path)
        assert (info.samplerate, info.frames, info.subtype) == (48_000, 2_160_000, "PCM_24")
    clipped = demo_song.truth.clipped
    snare, _ = soundfile.read(demo_song.folder / f"{clipped.track}.wav")
    assert int(np.sum(np.abs(snare) > np.abs(snare).max() - 1e-4)) >= clipped.flat_frames


def test_two_renders_are_the_same_bytes_and_only_force_replaces(
    demo_song: WrittenDemo, instant_demo: DemoSong, tmp_path: Path
) -> None:
    assert instant_demo.truth == demo_song.truth
    assert write_demo(tmp_path) == demo_song.truth
    assert digests(tmp_path) == digests(demo_song.folder)
    with pytest.raises(OutputExistsError, match="--force"):
        write_demo(tmp_path)
    (tmp_path / "session.toml").write_text("mine")
    write_demo(tmp_path, force=True)
    assert digests(tmp_path) == digests(demo_song.folder)


def test_a_folder_with_other_files_is_used_and_they_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "04 OH.wav").write_bytes(b"mine")
    monkeypatch.setattr(demo_module, "perform", lambda _: pytest.fail("rendered before refusing"))
    with pytest.raises(OutputExistsError, match="04 OH"):
        write_demo(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["04 OH.wav", "notes.txt"]


def test_session_toml_says_tempo_and_sections() -> None:
    document = tomllib.loads(demo_module.session_toml())
    assert document["format"] == 1
    assert document["rough"] == "Demo Rough Mix.wav"
    assert document["tempo"] == [{"time_s": 0.0, "bpm": 112.0, "beats_per_bar": 4}]
    assert [part["name"] for part in document["section"]] == [part.name for part in SECTIONS]
    assert document["section"][-1]["end_s"] == 45.0
    assert document["section"][1]["start_s"] == pytest.approx(2 * 4 * 60 / 112, abs=1e-3)
