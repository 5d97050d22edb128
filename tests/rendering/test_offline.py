"""Rendering from files: the exact sum, moves followed to the sample, blocks, offsets, rates and files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

from mixes import RATE, eq_move, lane, move_of, noise, plan_of, recorded, session_of
from smartmix import rendering
from smartmix.analysis import analyze
from smartmix.analysis.features import extract
from smartmix.errors import AudioError, AudioShapeError, OutputExistsError, PlanError, SessionError
from smartmix.plan.move import Move
from smartmix.session.session import Bus, Session


def whole(session: Session, *moves: Move, **options: Any) -> np.ndarray:
    return np.concatenate(list(rendering.stream(session, plan_of(*moves), **options)), axis=1)


def stereo(samples: np.ndarray) -> np.ndarray:
    """A mono track goes to both sides at unity."""
    return np.repeat(samples, 2, axis=0) if samples.shape[0] == 1 else samples


def exact_sum(*tracks: np.ndarray) -> np.ndarray:
    return np.sum([stereo(t).astype(np.float64) for t in tracks], axis=0).astype(np.float32)


@pytest.fixture
def band(tmp_path: Path) -> tuple[Session, list[np.ndarray]]:
    sounds = [noise(1 + i % 2, RATE, seed=i, level=0.3) for i in range(5)]
    tracks = [recorded(tmp_path, f"t{i}", sound) for i, sound in enumerate(sounds)]
    return session_of(*tracks, duration_s=1.0), sounds


SOME_MOVES = (
    eq_move("m1", "t0", "bell", 310.0, gain_db=-2.5, q=1.2, span_s=(0.2, 0.7)),
    eq_move("m2", "t1", "high_pass", 90.0, span_s=(0.3, 0.8)),
    move_of("m3", {"t2/fader/gain_db": lane((0.1, 0.0), (0.4, -6.0), (0.4001, 2.0), (0.9, -1.0))}),
    move_of("m4", {"t3/pan/pan": -0.4, "t4/trim/gain_db": 3.0}),
    move_of("m5", {"t4/pan/pan": lane((0.0, -1.0), (1.0, 1.0))}),
)


def test_no_moves_is_the_exact_sum(band: tuple[Session, list[np.ndarray]]) -> None:
    session, sounds = band
    assert whole(session).tobytes() == exact_sum(*sounds).tobytes()
    proposed = [replace(move, status="proposed") for move in SOME_MOVES]
    assert whole(session, *proposed).tobytes() == exact_sum(*sounds).tobytes()


def test_scale_0_is_the_exact_sum(band: tuple[Session, list[np.ndarray]]) -> None:
    session, sounds = band
    assert whole(session, *SOME_MOVES, scale=0.0).tobytes() == exact_sum(*sounds).tobytes()
    assert whole(session, *SOME_MOVES).tobytes() != exact_sum(*sounds).tobytes()


def test_one_mono_track_comes_out_on_both_sides(tmp_path: Path) -> None:
    sound = noise(1, 1_000)
    session = session_of(recorded(tmp_path, "a", sound), duration_s=1_000 / RATE)
    assert np.array_equal(whole(session), np.repeat(sound, 2, axis=0))


def test_blocks_change_nothing(band: tuple[Session, list[np.ndarray]]) -> None:
    session, _ = band
    reference = whole(session, *SOME_MOVES)
    for block in (1_000, 4_801, 100_000):
        blocks = list(rendering.stream(session, plan_of(*SOME_MOVES), block_frames=block))
        assert all(b.shape == (2, block) for b in blocks[:-1])
        assert np.concatenate(blocks, axis=1).tobytes() == reference.tobytes()


def test_two_runs_and_all_ways_out_agree(band: tuple[Session, list[np.ndarray]], tmp_path: Path) -> None:
    session, _ = band
    plan = plan_of(*SOME_MOVES)
    audio = rendering.render(session, plan)
    assert (audio.sample_rate, audio.frames) == (RATE, session.frames)
    assert audio.samples.tobytes() == whole(session, *SOME_MOVES).tobytes()
    heard: list[tuple[str, float]] = []
    first = rendering.render_file(session, plan, tmp_path / "1.wav", progress=lambda *p: heard.append(p))
    second = rendering.render_file(session, plan, tmp_path / "2.wav")
    assert first.read_bytes() == second.read_bytes()
    assert soundfile.read(first, dtype="float32")[0].T.tobytes() == audio.samples.tobytes()
    assert [fraction for _, fraction in heard] == sorted(fraction for _, fraction in heard)
    assert heard[-1][1] == 1.0
    with pytest.raises(OutputExistsError):
        rendering.render_file(session, plan, first)


def test_the_tracks_alone_add_up_to_the_mix(band: tuple[Session, list[np.ndarray]]) -> None:
    session, _ = band
    plan = plan_of(*SOME_MOVES)
    alone = [
        np.concatenate(list(rendering.stream_track(session, plan, track.id)), axis=1)
        for track in session.tracks
    ]
    assert all(part.shape == (2, session.frames) for part in alone)
    assert np.abs(exact_sum(*alone) - whole(session, *SOME_MOVES)).max() < 1e-6
    with pytest.raises(PlanError, match="nobody"):
        rendering.stream_track(session, plan, "nobody")


def test_solo_move_and_conflicts(band: tuple[Session, list[np.ndarray]]) -> None:
    session, sounds = band
    down = move_of("m1", {"t0/fader/gain_db": -6.0}, status="proposed")
    left = move_of("m2", {"t1/pan/pan": -1.0}, authority="rule")
    right = move_of("m3", {"t1/pan/pan": 1.0}, authority="person")
    soloed = whole(session, down, left, right, solo_move="m1")
    expected = exact_sum(sounds[0] * np.float32(10 ** (-6 / 20)), *sounds[1:])
    assert np.abs(soloed - expected).max() < 1e-6
    alone = np.concatenate(list(rendering.stream_track(session, plan_of(down, left, right), "t1")), axis=1)
    assert not alone[0].any()
    assert alone[1] == pytest.approx(sounds[1][1] * np.sqrt(2), abs=1e-6)


@pytest.mark.parametrize("start", [0, 1, 999, 16_384, 40_000, 70_000, -1, -20_000, -70_000])
def test_tracks_start_where_the_session_says(tmp_path: Path, start: int) -> None:
    sound, other = noise(2, 30_000, seed=1), noise(1, 60_000, seed=2)
    tracks = recorded(tmp_path, "a", sound, offset_frames=start), recorded(tmp_path, "b", other)
    session = session_of(*tracks, duration_s=60_000 / RATE)
    placed = np.zeros((2, 200_000), np.float32)
    placed[:, 100_000 + start : 130_000 + start] = sound
    expected = exact_sum(placed[:, 100_000:160_000], other)
    for block in (1_000, 16_384):
        assert np.array_equal(whole(session, block_frames=block), expected)


def test_tracks_shorter_and_longer_than_the_session(tmp_path: Path) -> None:
    short, long = noise(1, 500, seed=1), noise(2, 90_000, seed=2)
    session = session_of(
        recorded(tmp_path, "a", short),
        recorded(tmp_path, "b", long),
        recorded(tmp_path, "empty", noise(1, 0)),
        duration_s=40_000 / RATE,
    )
    expected = exact_sum(np.pad(short, ((0, 0), (0, 39_500))), long[:, :40_000])
    assert np.array_equal(whole(session), expected)


def test_files_of_other_rates_stay_in_time(tmp_path: Path) -> None:
    rates = [8_000, 22_050, 44_100, 48_000, 96_000, 192_000]
    tracks = []
    for rate in rates:
        click = np.zeros((1, rate), np.float32)
        click[0, rate // 5] = 0.5 * rate / RATE  # same area, so same height where the band is enough
        tracks.append(recorded(tmp_path, f"r{rate}", click, rate))
    session = session_of(*tracks, duration_s=1.0)
    for track in tracks:
        alone = np.concatenate(list(rendering.stream_track(session, plan_of(), track.id)), axis=1)
        assert alone.shape == (2, RATE)
        assert np.abs(alone[0]).argmax() == RATE // 5
    read = soundfile.read(tracks[2].path, dtype="float32", always_2d=True)[0]
    expected = soxr.resample(read, 44_100, RATE, quality="VHQ").T
    alone = np.concatenate(list(rendering.stream_track(session, plan_of(), "r44100")), axis=1)
    assert np.array_equal(alone, np.repeat(expected, 2, axis=0))


def test_session_gains_pans_and_mutes(tmp_path: Path) -> None:
    sound = noise(2, 1_000)
    tracks = (
        recorded(tmp_path, "a", sound, gain_db=-3.0, pan=0.5),
        recorded(tmp_path, "click", noise(1, 1_000, seed=9), muted=True),
    )
    got = whole(session_of(*tracks, duration_s=1_000 / RATE))
    angle = (0.5 + 1) * np.pi / 4
    gains = 10 ** (-3 / 20) * np.sqrt(2) * np.array([[np.cos(angle)], [np.sin(angle)]])
    assert np.abs(got - sound * gains).max() < 1e-6


def test_what_cannot_be_rendered_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="no track sounds"):
        rendering.stream(session_of(duration_s=1.0), plan_of())
    with pytest.raises(AudioShapeError, match="3 channels"):
        rendering.stream(session_of(recorded(tmp_path, "a", noise(3, 10)), duration_s=1.0), plan_of())
    bad = noise(1, RATE)
    bad[0, 30_000] = np.nan
    session = session_of(recorded(tmp_path, "b", bad), duration_s=1.0)
    with pytest.raises(AudioError, match=r"b\.wav.*30000"):
        rendering.render_file(session, plan_of(), tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()
    assert not list(tmp_path.glob(".*"))


def test_memory_does_not_grow_with_the_song(tmp_path: Path) -> None:
    """Ten times the song, the same peak (numpy reports its arrays to tracemalloc)."""
    import tracemalloc

    peaks = []
    for seconds in (4, 40):
        tracks = [
            recorded(tmp_path, f"m{seconds}_{i}", noise(2, seconds * 8_000, seed=i), 8_000) for i in range(3)
        ]
        session = session_of(*tracks, duration_s=float(seconds), rate=8_000)
        tracemalloc.start()
        for _ in rendering.stream(session, plan_of(), block_frames=4_096):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


def test_the_analysis_hears_the_same_plain_sum(tmp_path: Path) -> None:
    """Two places add the tracks up, the analysis on its way through the files and the strips: the same gains, buses
    included, in double; they differ by less than a float32 can tell (the strips fuse product and sum).
    """
    tracks = (
        recorded(
            tmp_path,
            "a",
            noise(2, RATE, 1),
            gain_db=-3.0,
            pan=0.25,
            channels=2,
            frames=RATE,
            sample_rate=RATE,
        ),
        recorded(tmp_path, "b", noise(1, RATE, 2), channels=1, frames=RATE, sample_rate=RATE),
    )
    buses = (Bus("all", "All", ("a", "b"), -2.0),)
    session = session_of(*tracks, duration_s=1.0, buses=buses)
    heard = analyze(session).sum
    rendered = extract(rendering.stream(session, plan_of()), RATE, 2, "sum")
    assert heard.loudness.integrated_lufs == pytest.approx(rendered.loudness.integrated_lufs, abs=1e-7)
    assert heard.loudness.sample_peak_dbfs == pytest.approx(rendered.loudness.sample_peak_dbfs, abs=1e-6)
    assert np.allclose(heard.spectrum_db, rendered.spectrum_db, atol=1e-4)
