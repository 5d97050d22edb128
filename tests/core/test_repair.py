"""Declick, declip and plosive control: what is whole stays bit for bit, what is broken comes back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from scipy import signal
from scipy.linalg import solve_toeplitz

from properties.support import Samples, same_bits
from smartmix.processors import Declick, Declip, PlosiveControl, load_preset

RATE = 44_100
Values = NDArray[np.float64]
EAGER = Declick(amount=1.0, threshold_db=10.0)
TOPS = Declip(amount=1.0)


def time(seconds: float) -> Values:
    return np.arange(round(seconds * RATE)) / RATE


def one(values: Values) -> Samples:
    return values[np.newaxis].astype(np.float32)


def music(seconds: float, noise: float = 0.002) -> Values:
    t, rng = time(seconds), np.random.default_rng(3)
    tones = [(0.2, 220.0), (0.1, 667.0), (0.05, 1510.0)]
    return np.asarray(
        sum(a * np.sin(2.0 * np.pi * hz * t) for a, hz in tones) + noise * rng.standard_normal(t.size)
    )


def power_db(values: NDArray[np.floating]) -> float:
    return float(10.0 * np.log10(np.sum(np.square(values.astype(np.float64))) + 1e-30))


def whole_signals() -> dict[str, Values]:
    """What a plain threshold takes for damage."""
    t = time(1.2)
    phase = 2.0 * np.pi * np.cumsum(np.linspace(90.0, 180.0, t.size)) / RATE
    swell = np.minimum(1.0, 4.0 * t) * np.minimum(1.0, 4.0 * (t[-1] - t))
    glottis = signal.lfilter(
        [1.0], [1.0, -1.7, 0.85], (np.diff(np.floor(phase / (2.0 * np.pi)), prepend=0.0))
    )
    return {
        "saw of 41 Hz": 0.5 * swell * signal.sawtooth(2.0 * np.pi * 41.2 * t),
        "saw of 440 Hz": 0.5 * swell * signal.sawtooth(2.0 * np.pi * 440.0 * t),
        "square": 0.5 * swell * signal.square(2.0 * np.pi * 98.0 * t),
        "square that stays": 0.5 * signal.square(2.0 * np.pi * 98.0 * t + 0.5),
        "voice": 0.1 * swell * glottis,
        "low sine": 0.9 * np.sin(2.0 * np.pi * 40.0 * t),
        "noise": 0.1 * np.random.default_rng(1).standard_normal(t.size),
        "music": music(1.2),
    }


@pytest.mark.parametrize("name", whole_signals())
def test_what_is_whole_is_left_alone(name: str) -> None:
    # Sample for sample in the middle: where a saw is cut off at the end of a file there is a splice.
    sound = one(whole_signals()[name])
    inner = slice(2000, -2000)
    for effect in (EAGER, TOPS):
        assert same_bits(effect(sound, RATE)[:, inner].copy(), sound[:, inner].copy()), effect


def clicked(clean: Values, frames: int, height: float) -> tuple[Values, list[int]]:
    rng = np.random.default_rng(frames)
    damaged, places = clean.copy(), list(range(8000, clean.size - 8000, 7_919))
    for at in places:
        damaged[at : at + frames] += height * rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1.0, frames)
    return damaged, places


def filled_by_the_book(damaged: Values, first: int, end: int, order: int = 64) -> Values:
    """Janssen's equations, dense, in numpy, told where the click is: the error filter from both sides, then the gap."""
    taper = np.hanning(1060)
    sides = [
        taper * damaged[first - 1160 : first - 100],
        taper * damaged[end + 100 : end + 1160],
    ]
    lags = sum(np.array([s[k:] @ s[: s.size - k] for k in range(order + 1)]) for s in sides)
    lags = np.asarray(lags)
    lags[0] *= 1.0 + 1e-9
    a = np.concatenate(([1.0], -solve_toeplitz(lags[:-1], lags[1:])))
    b = np.correlate(a, a, "full")
    unknown = np.arange(first, end)
    sound = damaged.copy()
    sound[unknown] = 0.0
    apart = unknown[:, np.newaxis] - unknown
    matrix = np.where(np.abs(apart) <= order, b[np.clip(apart + order, 0, 2 * order)], 0.0)
    pull = np.array([b @ sound[i - order : i + order + 1] for i in unknown])
    sound[unknown] = np.linalg.solve(matrix, -pull)
    return sound


@pytest.mark.parametrize("frames", [1, 3, 12, 40])
def test_clicks_are_found_and_filled_as_well_as_by_the_book(frames: int) -> None:
    clean = music(1.6)
    damaged, places = clicked(clean, frames, 0.4)
    out = Declick(amount=1.0)(one(damaged), RATE)[0].astype(np.float64)
    changed = out != one(damaged)[0]
    allowed = np.zeros_like(changed)
    for at in places:
        assert changed[at : at + frames].all()
        allowed[at - 12 : at + frames + 12] = True
        near = slice(at - 30, at + frames + 30)
        left_db = power_db(out[near] - clean[near])
        assert left_db < power_db(damaged[near] - clean[near]) - (25.0 if frames < 40 else 12.0)
        if frames < 40:  # over a long gap what was heard counts for more, here and not in the book
            book = filled_by_the_book(damaged, at - 4, at + frames + 4)
            assert left_db < power_db(book[near] - clean[near]) + 6.0
    inner = slice(2000, -2000)
    assert not np.any(changed[inner] & ~allowed[inner])


def test_a_small_click_under_loud_music_does_less_harm_than_before() -> None:
    """Over a long gap what was heard says more than what can be predicted: no filling may be worse than its click."""
    rng = np.random.default_rng(2)
    poles = np.poly([0.995, 0.995 * np.exp(0.03j), 0.995 * np.exp(-0.03j)])
    drone = signal.lfilter([1.0], poles, rng.standard_normal(80_000))
    clean = np.asarray(0.3 * drone.real / np.abs(drone).max())
    damaged, places = clicked(clean, 60, 0.01)
    out = EAGER(one(damaged), RATE)[0].astype(np.float64)
    assert sum(bool(np.any(out[p : p + 60] != one(damaged)[0][p : p + 60])) for p in places) > len(places) / 2
    assert power_db(out - clean) < power_db(damaged - clean)


def test_dense_crackle_gets_better() -> None:
    rng = np.random.default_rng(4)
    clean = music(2.0)
    damaged = clean.copy()
    for at in rng.integers(3000, clean.size - 3000, 60):
        damaged[at : at + 6] += 0.3 * rng.standard_normal(6)
    out = EAGER(one(damaged), RATE)[0]
    assert power_db(out - clean) < power_db(damaged - clean) - 6.0


def test_a_longer_click_than_allowed_stays() -> None:
    damaged, places = clicked(music(1.0), 60, 0.4)
    sound = one(damaged)
    out = Declick(amount=1.0, longest_ms=0.5)(sound, RATE)
    assert all(np.array_equal(out[0, p : p + 60], sound[0, p : p + 60]) for p in places)


@pytest.mark.parametrize("make", [Declick, Declip])
def test_amount_and_delta_share_out_the_same_repair(make: type[Declick] | type[Declip]) -> None:
    damaged, _ = clicked(music(1.0), 5, 0.4)
    sound = one(np.clip(damaged, -0.31, 0.31))
    whole = make(amount=1.0)(sound, RATE)
    half = make(amount=0.5)(sound, RATE)
    taken = make(amount=1.0, delta=True)(sound, RATE)
    assert np.any(whole != sound)
    np.testing.assert_allclose(half - sound, 0.5 * (whole - sound), atol=1e-7)
    np.testing.assert_allclose(taken, sound - whole, atol=1e-7)
    assert not np.any(taken[whole == sound])


def test_channels_are_mended_apart() -> None:
    damaged, _ = clicked(music(1.0), 5, 0.4)
    both = np.concatenate([one(damaged), one(music(1.0))])
    out = Declick(amount=1.0)(both, RATE)
    assert same_bits(out[1:, 2000:-2000].copy(), both[1:, 2000:-2000].copy())
    assert same_bits(out[:1].copy(), Declick(amount=1.0)(both[:1].copy(), RATE))


@pytest.mark.parametrize("depth_db", [1.0, 3.0, 6.0])
def test_clipped_tops_come_back(depth_db: float) -> None:
    clean = music(1.0)
    limit = np.abs(clean).max() * 10.0 ** (-depth_db / 20.0)
    clipped = np.abs(clean) >= limit * (1.0 - 1e-4)
    sound = one(np.clip(clean, -limit, limit))
    out = TOPS(sound, RATE)
    assert power_db(out[0][clipped] - clean[clipped]) < power_db(sound[0][clipped] - clean[clipped]) - 12.0
    assert np.array_equal(out[0][~clipped], sound[0][~clipped])
    # Beyond the limit or at it, never inside.
    assert np.all(np.abs(out[0][clipped]) >= limit * (1.0 - 1.1e-4))


def test_a_level_given_is_the_level() -> None:
    clean = music(0.6)
    sound = one(np.clip(clean, -0.2, 0.2))
    noisy = sound + (1e-3 * np.random.default_rng(1).standard_normal(sound.shape)).astype(np.float32)
    assert same_bits(TOPS(noisy, RATE), noisy)  # no flat tops left
    level = Declip(amount=1.0, detection="level", level_db=float(20.0 * np.log10(0.197)))
    out = level(noisy, RATE)
    assert np.array_equal(out[np.abs(noisy) < 0.196], noisy[np.abs(noisy) < 0.196])
    assert power_db(out[0] - clean) < power_db(noisy[0] - clean) - 6.0


def lows(sound: NDArray[np.floating]) -> Values:
    return np.asarray(
        signal.sosfilt(signal.butter(4, 100.0, fs=RATE, output="sos"), sound.astype(np.float64))
    )


def voice(seconds: float, hz: float = 140.0) -> Values:
    t, rng = time(seconds), np.random.default_rng(5)
    tone = sum(0.1 / k * np.sin(2.0 * np.pi * hz * k * t) for k in range(1, 12))
    return np.asarray(tone * (0.6 + 0.4 * np.sin(2.0 * np.pi * 3.0 * t)) + 1e-4 * rng.standard_normal(t.size))


def popped(clean: Values, places: list[int]) -> Values:
    s, sound = time(0.09), clean.copy()
    for at in places:
        sound[at : at + s.size] += 0.6 * np.sin(2.0 * np.pi * 45.0 * s) * np.exp(-s / 0.03)
    return sound


def test_pops_go_down_and_the_voice_stays() -> None:
    clean, places = voice(4.0), [60_000, 95_000, 140_000]
    control = PlosiveControl(range_db=24.0)
    out = control(one(popped(clean, places)), RATE)[0]
    before = power_db(lows(popped(clean, places) - clean))
    assert power_db(lows(out - clean)) < before - 10.0
    assert control.max_reduction_db > 15.0
    trace = control.reduction_trace(10)
    assert np.count_nonzero(trace > 0.5) <= 4 * len(places)


@pytest.mark.parametrize("hz", [85.0, 140.0, 220.0])
def test_a_voice_without_pops_is_left_alone(hz: float) -> None:
    clean = one(voice(3.0, hz))
    for quieter in (1.0, 0.1):
        sound = (quieter * clean).astype(np.float32)
        assert power_db(PlosiveControl(range_db=24.0)(sound, RATE) - sound) < power_db(sound) - 60.0


def test_what_a_plosive_control_takes_away_is_the_difference() -> None:
    sound = one(popped(voice(2.0), [40_000]))
    control, delta = PlosiveControl(range_db=24.0), PlosiveControl(range_db=24.0, delta=True)
    np.testing.assert_allclose(delta(sound, RATE), sound - control(sound, RATE), atol=1e-6)


REAL = (
    "audiokit_funk_loop/guitar",
    "eif_lithium/vox_lead",
    "lmms_reggaetry/02_bass_slap_02",
    "sectoid_escape/guitar",
)


@pytest.mark.parametrize("track", REAL)
def test_real_tracks_come_through(track: str, dev_songs: Path) -> None:
    """At their defaults on whole recordings: next to nothing is taken for damage, and that does little."""
    read, rate = soundfile.read(dev_songs / f"{track}.flac", dtype="float32", always_2d=True)
    audio = read.T
    loudest = int(np.argmax(np.abs(audio).max(axis=0)))
    excerpt = np.ascontiguousarray(audio[:, max(0, loudest - 4 * rate) : loudest + 4 * rate])
    out = Declick(amount=1.0)(excerpt, rate)
    assert np.count_nonzero(out != excerpt) <= 1e-3 * excerpt.size
    assert power_db(out - excerpt) < power_db(excerpt) - 40.0
    assert np.count_nonzero(TOPS(excerpt, rate) != excerpt) <= 1e-4 * excerpt.size


@pytest.mark.parametrize("preset", ["vinyl_crackle", "bad_edits", "clipped_take", "vocal_pops"])
def test_shipped_presets_mend(preset: str, repo_root: Path) -> None:
    effect = load_preset(repo_root / "presets" / "repair" / f"{preset}.toml")
    damaged, _ = clicked(music(1.0), 5, 0.5)
    sound = one(np.clip(popped(damaged, [20_000]), -0.5, 0.5))
    assert np.any(effect(sound, RATE) != sound)
