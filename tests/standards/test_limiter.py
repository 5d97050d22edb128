"""The true peak limiter against two independent peaks: the FFT's and libebur128's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from smartmix import _core
from standards.oracles import ebur128, fft_peak_dbtp

RATE = 48_000
Samples = NDArray[np.float32]


def drum_bursts(rng: np.random.Generator, frames: int) -> NDArray[np.float64]:
    out = np.zeros((2, frames))
    length = RATE // 5
    for start in range(0, frames - length, RATE // 4):
        hit = rng.standard_normal((2, length)) * np.exp(-np.arange(length) / RATE * 60.0)
        out[:, start : start + length] += 2.0 * hit
    return out


def hostile() -> dict[str, Samples]:
    rng = np.random.default_rng(1)
    n = 2 * RATE
    t = np.arange(n) / RATE
    square = 1.6 * sum(np.sin(2 * np.pi * 997.0 * k * t) / k for k in range(1, 24, 2))
    tones = sum(
        np.sin(2 * np.pi * (hz * t + rng.random()))
        * (0.5 + 0.5 * np.sin(2 * np.pi * t * rng.uniform(0.2, 3.0)))
        for hz in rng.uniform(50.0, 9_000.0, 40)
    )
    drums = drum_bursts(rng, n)
    dense = np.stack([0.25 * tones, 0.25 * np.roll(tones, 37)]) + 0.4 * drums
    clicks = np.zeros(n)
    clicks[::997] = 2.0
    signals = {
        "noise": 0.5 * rng.standard_normal((2, n)),
        "fs/4 at 45 degrees": np.tile(1.41 * np.sin(np.pi / 2 * np.arange(n) + np.pi / 4), (2, 1)),
        "square": np.stack([square, 0.9 * square]),
        "drum bursts": drums,
        "dense mix": dense,
        "clipped mix": np.clip(3.0 * dense, -1.0, 1.0),
        "11.9 kHz": np.tile(1.5 * np.sin(2 * np.pi * 11_900.0 * t), (2, 1)),
        "clicks": np.stack([clicks, -clicks]),
    }
    return {name: np.ascontiguousarray(x, np.float32) for name, x in signals.items()}


HOSTILE = hostile()


def limit(x: Samples, ceiling_dbtp: float, rate: int = RATE) -> tuple[Samples, _core.TruePeakLimiter]:
    limiter = _core.TruePeakLimiter(rate, x.shape[0], ceiling_dbtp)
    late = limiter.latency_frames
    padded = np.ascontiguousarray(np.pad(x, ((0, 0), (0, late))))
    return np.ascontiguousarray(limiter.process(padded)[:, late:]), limiter


@pytest.mark.parametrize("name", HOSTILE)
def test_the_ceiling_holds_between_the_samples_of_hostile_signals(name: str) -> None:
    limited, limiter = limit(HOSTILE[name], -1.0)
    assert limiter.max_reduction_db > 2.0
    assert fft_peak_dbtp(limited) <= -1.0 + 0.05
    assert ebur128(limited, RATE)[1] <= -1.0
    assert fft_peak_dbtp(limited) > -1.0 - 0.6, "and it gives no more away than it has to"


@pytest.mark.parametrize(
    ("rate", "ceiling_dbtp"), [(8_000, -1.0), (44_100, 0.0), (96_000, -3.0), (192_000, -1.0)]
)
def test_the_ceiling_holds_at_other_rates_and_ceilings(rate: int, ceiling_dbtp: float) -> None:
    limited, _ = limit(HOSTILE["dense mix"][:, :RATE], ceiling_dbtp, rate)
    assert fft_peak_dbtp(limited) <= ceiling_dbtp + 0.05
    assert ebur128(limited, rate)[1] <= ceiling_dbtp


def test_a_real_mix_stays_just_under_the_ceiling(dev_songs: Path) -> None:
    stems = [
        soundfile.read(path, start=15 * RATE, frames=4 * RATE, dtype="float32", always_2d=True)[0]
        for path in sorted((dev_songs / "eif_lithium").glob("*.flac"))
    ]
    mix = np.zeros((4 * RATE, 2), np.float32)
    for stem in stems:
        mix[: len(stem)] += stem if stem.shape[1] == 2 else np.repeat(stem, 2, axis=1)
    driven = np.ascontiguousarray(4.0 * mix.T / np.abs(mix).max())
    limited, _ = limit(driven, -1.0)
    assert -1.12 < fft_peak_dbtp(limited) <= -1.0
    assert ebur128(limited, RATE)[1] <= -1.0


def test_what_stays_under_the_ceiling_comes_out_bit_for_bit() -> None:
    x = np.ascontiguousarray(HOSTILE["dense mix"] * 0.1)
    limited, limiter = limit(x, -1.0)
    assert np.array_equal(limited, x)
    assert limiter.max_reduction_db == limiter.mean_reduction_db == 0.0


def test_after_a_peak_the_gain_comes_all_the_way_back() -> None:
    x = np.full((1, 8 * RATE), 0.25, np.float32)
    x[0, RATE : RATE + 4_800] = 2.0 * np.sin(2 * np.pi * 500.0 * np.arange(4_800) / RATE)
    limited, _ = limit(x, -1.0)
    assert np.array_equal(limited[:, :40_000], x[:, :40_000])
    assert np.array_equal(limited[:, -RATE:], x[:, -RATE:])


def test_channels_go_down_together() -> None:
    loud = HOSTILE["11.9 kHz"][0]
    quiet = (0.1 * np.sin(2 * np.pi * 440.0 * np.arange(loud.size) / RATE)).astype(np.float32)
    limited, limiter = limit(np.stack([loud, quiet]), -1.0)
    middle = slice(RATE, RATE + 4_800)
    gain_db = 20 * np.log10(np.abs(limited[1, middle]).max() / np.abs(quiet[middle]).max())
    assert gain_db == pytest.approx(-limiter.mean_reduction_db, abs=0.1)
    assert gain_db < -4.0


def test_reduction_readings_are_what_the_gain_did() -> None:
    x = HOSTILE["drum bursts"]
    limited, limiter = limit(x, -1.0)
    busy = np.abs(x) > 0.05
    gain_db = 20 * np.log10(np.abs(limited[busy] / x[busy]))
    assert limiter.max_reduction_db == pytest.approx(-gain_db.min(), abs=0.01)
    assert 0.1 < limiter.mean_reduction_db < limiter.max_reduction_db


def test_any_cut_gives_the_same_samples() -> None:
    x = HOSTILE["drum bursts"]
    whole = _core.TruePeakLimiter(RATE, 2)
    expected = whole.process(x)
    rng = np.random.default_rng(2)
    for largest in (3, 700, 9_000):
        cut = _core.TruePeakLimiter(RATE, 2)
        end = min(x.shape[1], 3_000 * largest)
        pieces, at = [], 0
        while at < end:
            to = min(end, at + int(rng.integers(1, largest + 1)))
            pieces.append(cut.process(np.ascontiguousarray(x[:, at:to])))
            at = to
        assert np.array_equal(np.concatenate(pieces, axis=1), expected[:, :end])


def test_a_long_release_holds_longer() -> None:
    x = np.full((1, 2 * RATE), 0.2, np.float32)
    x[0, RATE // 2] = 4.0
    held = []
    for release_ms in (10.0, 300.0):
        limiter = _core.TruePeakLimiter(RATE, 1, -1.0, release_ms)
        held.append(int(np.count_nonzero(limiter.process(x) < np.float32(0.19))))
    assert held[1] > 5 * held[0]
