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


def up_to_045_fs(x: Samples) -> Samples:
    spectrum = np.fft.rfft(x.astype(float), axis=1)
    spectrum[:, np.fft.rfftfreq(x.shape[1]) > 0.45] = 0.0
    return np.ascontiguousarray(np.fft.irfft(spectrum, x.shape[1], axis=1), np.float32)


def limit(
    x: Samples, ceiling_dbtp: float, rate: int = RATE, *, exact: bool = False
) -> tuple[Samples, _core.TruePeakLimiter]:
    limiter = _core.TruePeakLimiter(rate, x.shape[0], ceiling_dbtp, exact=exact)
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


@pytest.mark.parametrize("name", HOSTILE)
def test_the_exact_pass_of_mastering_is_within_2_hundredths_of_a_db(name: str) -> None:
    """For content up to 0.45 fs; what lies nearer to the Nyquist frequency is held like by the plain one."""
    for x, over_db in ((up_to_045_fs(HOSTILE[name]), 0.02), (HOSTILE[name], 0.05)):
        limited, _ = limit(x, -1.0, exact=True)
        assert fft_peak_dbtp(limited) <= -1.0 + over_db
        assert ebur128(limited, RATE)[1] <= -1.0 + over_db


@pytest.mark.parametrize("seed", range(4))
def test_the_ceiling_holds_for_random_programmes_up_to_045_fs(seed: int) -> None:
    """Noise in a random band under random gates, a random number of channels; both passes."""
    rng = np.random.default_rng(seed)
    n, channels = RATE, int(rng.integers(1, 9))
    low = rng.uniform(0.0, 0.25)
    spectrum = np.fft.rfft(rng.standard_normal((channels, n)), axis=1)
    at = np.fft.rfftfreq(n)
    spectrum[:, (at < low) | (at > 0.45)] = 0.0
    gates = np.convolve(
        np.repeat(rng.uniform(0.0, 1.0, n // 1_000) ** 3, 1_000), np.hanning(400) / 200.0, "same"
    )
    x = np.fft.irfft(spectrum, n, axis=1) * gates
    x = np.ascontiguousarray(x * 10 ** rng.uniform(0.1, 1.0) / np.abs(x).max(), np.float32)
    for exact, over_db in ((False, 0.05), (True, 0.02)):
        peak = fft_peak_dbtp(limit(x, -1.0, exact=exact)[0])
        assert -1.2 < peak <= -1.0 + over_db


def test_exact_is_louder_by_the_margin_and_leaves_alone_what_is_under_the_ceiling() -> None:
    x = HOSTILE["dense mix"]
    plain, exact = (limit(x, -1.0, exact=e)[0] for e in (False, True))
    gained = 10 * np.log10(np.square(exact, dtype=float).sum() / np.square(plain, dtype=float).sum())
    assert 0.05 < gained < 0.11
    quiet = np.ascontiguousarray(0.1 * x)
    assert np.array_equal(limit(quiet, -1.0, exact=True)[0], quiet)


@pytest.mark.parametrize("hz", [31, 40, 50, 100, 1_000])
def test_a_steady_tone_6_db_over_meets_a_steady_gain(hz: int) -> None:
    """Harmonics of the settled part under -100 dB: a gain that breathes with every half wave would make -30."""
    t = np.arange(3 * RATE) / RATE
    tone = np.tile(2.0 * np.sin(2 * np.pi * hz * t), (2, 1)).astype(np.float32)
    settled = limit(tone, 0.0)[0][0, RATE : 2 * RATE].astype(float)
    power = np.abs(np.fft.rfft(settled)) ** 2
    assert 10 * np.log10(power[2 * hz :: hz].sum() / power[hz]) < -100.0
    assert np.abs(settled).max() > 0.98


def test_two_tones_whose_crests_differ_a_little_meet_a_steady_gain() -> None:
    """SMPTE 4:1: crests of 60 Hz under 7 kHz differ by thousandths of a dB; sidebands under -100 dB."""
    t = np.arange(3 * RATE) / RATE
    tone = 1.6 * np.sin(2 * np.pi * 60 * t) + 0.4 * np.sin(2 * np.pi * 7_000 * t)
    settled = limit(np.tile(tone, (2, 1)).astype(np.float32), 0.0)[0][0, RATE : 2 * RATE].astype(float)
    power = np.abs(np.fft.rfft(settled)) ** 2
    sides = sum(power[7_000 + 60 * k] for k in range(-10, 11) if k)
    assert 10 * np.log10(sides / power[7_000]) < -100.0


def test_a_single_peak_is_let_go_of_at_once() -> None:
    """What recurs is held; after one peak the gain is back within 1 % of unity in four release times and a window."""
    x = np.full((1, RATE), 0.2, np.float32)
    x[0, RATE // 2] = 4.0
    limiter = _core.TruePeakLimiter(RATE, 1, -1.0, 10.0)
    gain = limiter.process(x)[0] / np.float32(0.2)
    at = RATE // 2 + limiter.latency_frames
    assert gain[at] < 20.0 * 0.23
    assert gain[at + 480] > 0.5, "10 ms on it has come back by a release time already"
    assert gain[at + 4 * 480 + 73] > 0.9


@pytest.mark.parametrize("release_ms", [5.0, 1_000.0])
def test_the_declared_tail_is_all_there_is(release_ms: float) -> None:
    """The gain comes back for a second, but what it multiplies is silence: nothing after the latency."""
    limiter = _core.Processor("true_peak_limiter")
    limiter.set("release_ms", release_ms)
    limiter.prepare(RATE, 2)
    limiter.process(np.ascontiguousarray(HOSTILE["dense mix"][:, :RATE]))
    rest = limiter.process(np.zeros((2, RATE), np.float32))
    tail = limiter.tail_frames
    assert tail == limiter.latency_frames
    assert np.abs(rest[:, tail - 1]).max() > 0.0
    assert np.count_nonzero(rest[:, tail:]) == 0


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
