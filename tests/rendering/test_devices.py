"""Polarity, shift, dynamics and sends in a render, against the same done by hand on the samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mixes import RATE, eq_move, lane, move_of, noise, plan_of, recorded, session_of
from smartmix import rendering
from smartmix.errors import PlanError
from smartmix.plan.move import Move, Value
from smartmix.processors import Compressor, DeEsser, ParametricEQ
from smartmix.session.session import Bus, Session

SECONDS = 2
FRAMES = SECONDS * RATE
Band = tuple[Session, list[np.ndarray]]


def programme(channels: int, seed: int) -> np.ndarray:
    """Noise that comes and goes, so that a compressor has something to do."""
    time = np.arange(FRAMES) / RATE
    return (noise(channels, FRAMES, seed, 0.3) * (0.55 + 0.45 * np.sin(2 * np.pi * 3 * time))).astype(
        np.float32
    )


@pytest.fixture
def band(tmp_path: Path) -> Band:
    sounds = [programme(2, 0), programme(1, 1)]
    tracks = [recorded(tmp_path, name, sound) for name, sound in zip(("gtr", "vox"), sounds, strict=True)]
    return session_of(*tracks, duration_s=float(SECONDS), buses=(Bus("bus-x", "X", ("vox",)),)), sounds


def whole(session: Session, *moves: Move, **options: Any) -> np.ndarray:
    return np.concatenate(list(rendering.stream(session, plan_of(*moves), **options)), axis=1)


def alone(session: Session, track: str, *moves: Move, **options: Any) -> np.ndarray:
    blocks = rendering.stream_track(session, plan_of(*moves), track, **options)
    return np.concatenate(list(blocks), axis=1)


def stereo(samples: np.ndarray) -> np.ndarray:
    return np.repeat(samples, 2, axis=0) if samples.shape[0] == 1 else samples


def moved(samples: np.ndarray, frames: int) -> np.ndarray:
    out = np.zeros_like(samples)
    if frames >= 0:
        out[:, frames:] = samples[:, : samples.shape[1] - frames]
    else:
        out[:, :frames] = samples[:, -frames:]
    return out


@pytest.mark.parametrize(
    ("polarity", "signs"),
    [("normal", (1, 1)), ("inverted", (-1, -1)), ("left_inverted", (-1, 1)), ("right_inverted", (1, -1))],
)
def test_polarity_is_exact(band: Band, polarity: str, signs: tuple[int, int]) -> None:
    session, sounds = band
    mix = alone(session, "gtr", move_of("m1", {"gtr/input/polarity": polarity}))
    assert np.array_equal(mix, sounds[0] * np.array(signs, np.float32)[:, np.newaxis])


def test_two_copies_with_opposite_polarity_are_silence(tmp_path: Path) -> None:
    sound = programme(1, 3)
    tracks = [recorded(tmp_path, name, sound) for name in ("a", "b")]
    session = session_of(*tracks, duration_s=float(SECONDS))
    assert not whole(session, move_of("m1", {"b/input/polarity": "inverted"})).any()
    with pytest.raises(PlanError, match="mono"):
        whole(session, move_of("m1", {"b/input/polarity": "left_inverted"}))


@pytest.mark.parametrize("frames", [-24_000, -1_000, -1, 1, 48, 999, 24_000])
def test_a_shift_is_exact_to_the_frame(band: Band, frames: int) -> None:
    session, sounds = band
    mix = alone(session, "gtr", move_of("m1", {"gtr/input/shift_ms": round(frames * 1000 / RATE, 4)}))
    assert np.array_equal(mix, moved(sounds[0], frames))


def test_a_shift_adds_to_where_the_track_starts(tmp_path: Path) -> None:
    sound = programme(1, 4)
    session = session_of(recorded(tmp_path, "a", sound, offset_frames=-300), duration_s=float(SECONDS))
    mix = whole(session, move_of("m1", {"a/input/shift_ms": 10.0}))
    assert np.array_equal(mix[0], moved(sound, 180)[0])


SQUEEZE: dict[str, Value] = {
    "threshold_db": -24.0,
    "ratio": 3.0,
    "attack_ms": 8.0,
    "release_ms": 90.0,
    "knee_db": 4.0,
    "makeup_db": 2.5,
}


def settings_of(track: str, device: str, values: dict[str, Value]) -> dict[str, Value]:
    return {f"{track}/{device}/{name}": value for name, value in values.items()}


@pytest.mark.parametrize("more", [{}, {"detection": "rms"}, {"auto_times": "on"}, {"mix": 0.4}])
@pytest.mark.parametrize(("track", "index"), [("gtr", 0), ("vox", 1)])
def test_a_compressor_move_is_the_native_compressor(
    band: Band, track: str, index: int, more: dict[str, Value]
) -> None:
    session, sounds = band
    mix = alone(session, track, move_of("m1", settings_of(track, "compressor", SQUEEZE | more)))
    by_hand = Compressor(**{k: v == "on" if k == "auto_times" else v for k, v in (SQUEEZE | more).items()})
    expected = by_hand(sounds[index], RATE)
    assert np.array_equal(mix, stereo(expected))
    assert np.abs(mix - stereo(sounds[index])).max() > 0.05


def test_a_strip_runs_eq_then_de_esser_then_compressor_then_fader(band: Band) -> None:
    session, sounds = band
    mix = alone(
        session,
        "gtr",
        move_of("m1", settings_of("gtr", "compressor", dict(SQUEEZE))),
        eq_move("m2", "gtr", "bell", 3_000.0, gain_db=9.0, q=1.0),
        move_of("m3", {"gtr/fader/gain_db": -6.0, "gtr/trim/gain_db": 4.0}),
        move_of(
            "m4",
            settings_of("gtr", "de_esser", {"range_db": 8.0, "threshold_db": -40.0, "relative_db": -20.0}),
        ),
    )
    eq = ParametricEQ()
    eq.band1.shape, eq.band1.freq_hz, eq.band1.gain_db, eq.band1.q = "bell", 3_000.0, 9.0, 1.0
    sound = eq(sounds[0] * np.float32(10 ** (4 / 20)), RATE)
    sound = DeEsser(range_db=8.0, threshold_db=-40.0, relative_db=-20.0)(sound, RATE)
    expected = Compressor(**SQUEEZE)(sound, RATE) * 10 ** (-6 / 20)
    assert np.abs(mix - expected).max() < 2e-5
    # The same devices in another order are far away: the figure above would see it.
    swapped = DeEsser(range_db=8.0, threshold_db=-40.0, relative_db=-20.0)(
        eq(Compressor(**SQUEEZE)(sounds[0] * np.float32(10 ** (4 / 20)), RATE), RATE), RATE
    )
    assert np.abs(mix - swapped * 10 ** (-6 / 20)).max() > 0.02


@pytest.mark.parametrize(
    ("device", "values"),
    [
        ("compressor", SQUEEZE | {"release_ms": 2_000.0}),
        ("de_esser", {"range_db": 12.0, "threshold_db": -50.0, "relative_db": -30.0, "release_ms": 500.0}),
    ],
)
def test_dynamics_with_a_span_are_neutral_outside(band: Band, device: str, values: dict[str, Value]) -> None:
    session, sounds = band
    mix = alone(session, "gtr", move_of("m1", settings_of("gtr", device, values), span_s=(0.5, 1.25)))
    changed = np.flatnonzero((mix != sounds[0]).any(axis=0))
    assert RATE // 2 <= changed[0] < RATE // 2 + 2_400
    assert changed[-1] < 60_000
    assert changed[-1] > 60_000 - 6_000
    middle = slice(40_000, 50_000)
    assert np.abs(mix - sounds[0])[:, middle].max() > 0.05


def test_blocks_change_nothing_with_every_device(band: Band) -> None:
    session, _ = band
    moves = (
        move_of("m1", settings_of("gtr", "compressor", SQUEEZE), span_s=(0.3, 1.1)),
        move_of("m2", settings_of("vox", "de_esser", {"range_db": 6.0, "threshold_db": -50.0})),
        move_of("m3", {"vox/input/polarity": "inverted", "vox/input/shift_ms": 3.7}),
        move_of(
            "m4",
            {"vox/compressor/ratio": 4.0, "vox/compressor/threshold_db": lane((0.1, -10.0), (1.5, -40.0))},
        ),
        move_of("m5", {"gtr/fader/gain_db": lane((0.1, 0.0), (1.5, -9.0)), "gtr/pan/pan": 0.4}),
    )
    reference = whole(session, *moves)
    for block in (997, 4_096, 70_000):
        assert whole(session, *moves, block_frames=block).tobytes() == reference.tobytes()


def test_scale_0_is_the_exact_sum_with_every_device(band: Band) -> None:
    session, sounds = band
    moves = (
        move_of("m1", settings_of("gtr", "compressor", SQUEEZE)),
        move_of("m2", {"vox/input/polarity": "inverted", "vox/input/shift_ms": 3.7}),
        move_of("m3", {"vox/send/return-reverb.level_db": -6.0}),
    )
    exact = np.sum([stereo(s).astype(np.float64) for s in sounds], axis=0).astype(np.float32)
    assert whole(session, *moves, scale=0.0).tobytes() == exact.tobytes()


def test_a_bus_alone_is_its_tracks(band: Band) -> None:
    session, sounds = band
    moves = (move_of("m1", {"bus-x/fader/gain_db": -3.0}), move_of("m2", {"vox/pan/pan": -1.0}))
    blocks = rendering.stream_bus(session, plan_of(*moves), "bus-x")
    bus = np.concatenate(list(blocks), axis=1)
    assert bus[0] == pytest.approx(sounds[1][0] * np.sqrt(2) * 10 ** (-3 / 20), abs=1e-6)
    assert not bus[1].any()
    with pytest.raises(PlanError, match=r"bus-y.*bus-x"):
        rendering.stream_bus(session, plan_of(), "bus-y")
