"""The console in torch plays what the native strip plays."""

from __future__ import annotations

import math

import numpy as np
import pytest

from smartmix.audio import panning
from smartmix.processors import Compressor, ParametricEQ, StereoWidth

torch = pytest.importorskip("torch")

from smartmix.suggesters.models import console  # noqa: E402

RATE = 44_100.0
HZ = np.geomspace(20.0, 20_000.0, 200)
SHAPES = {"bell": console.bell, "low_shelf": console.low_shelf, "high_shelf": console.high_shelf}


def double(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64)


def native_db(settings: dict[str, float | str]) -> np.ndarray:
    eq = ParametricEQ(**{f"band1.{name}": value for name, value in settings.items()})
    eq(np.zeros((1, 1), np.float32), RATE)
    return eq.response_db(HZ)


@pytest.mark.parametrize("shape", list(SHAPES))
def test_eq_agrees_with_the_native_one_to_a_hundredth_of_a_db(shape):
    rng = np.random.default_rng(3)
    worst = 0.0
    for _ in range(60):
        hz, gain, q = (
            float(np.exp(rng.uniform(math.log(30), math.log(16_000)))),
            rng.uniform(-15, 15),
            rng.uniform(0.4, 4),
        )
        ours = console.response(
            SHAPES[shape](double(hz), double(gain), double(q), RATE), torch.from_numpy(HZ), RATE
        )
        native = native_db({"shape": shape, "freq_hz": hz, "gain_db": gain, "q": q})
        worst = max(worst, float(np.abs(20 * np.log10(ours.abs().numpy()) - native).max()))
    assert worst <= 0.01


def test_the_high_pass_agrees_with_the_native_one():
    ours = console.response(console.high_pass(double(90.0), double(0.7071), RATE), torch.from_numpy(HZ), RATE)
    native = native_db({"shape": "high_pass", "freq_hz": 90.0, "q": 0.7071})
    assert np.abs(20 * np.log10(ours.abs().numpy()) - native).max() <= 0.01


def test_on_samples_the_eq_is_the_native_one_phase_and_all():
    noise = np.random.default_rng(4).normal(0, 0.1, (1, 20_000)).astype(np.float32)
    eq = ParametricEQ(**{"band1.shape": "bell", "band1.freq_hz": 900.0, "band1.gain_db": 6.0, "band1.q": 1.2})
    ours = console.filtered(
        torch.from_numpy(noise), [console.bell(double(900.0), double(6.0), double(1.2), RATE)], RATE
    )
    apart = ours.numpy() - eq(noise, RATE)
    assert 20 * math.log10(np.sqrt((apart**2).mean() / (noise**2).mean())) < -90


def test_gain_and_pan_are_exact():
    for pan in (-1.0, -0.37, 0.0, 0.62, 1.0):
        ours = [float(side) for side in console.pan_gains(double(pan))]
        assert ours == pytest.approx(panning.pan_gains(pan), abs=1e-12)
    assert float(console.gain(double(-6.0))) == pytest.approx(10 ** (-6 / 20), rel=1e-15)


def test_width_agrees():
    stereo = np.random.default_rng(5).normal(0, 0.1, (2, 2_000)).astype(np.float32)
    native = StereoWidth(side_db=-4.0)(stereo, RATE)
    ours = console.widened(*torch.from_numpy(stereo).double(), double(-4.0))
    assert np.abs(np.stack([x.numpy() for x in ours]) - native).max() < 1e-6


@pytest.mark.parametrize(("attack", "release"), [(2.0, 60.0), (10.0, 100.0), (30.0, 300.0)])
def test_gain_reduction_agrees_within_a_db(attack, release):
    rng = np.random.default_rng(6)
    times = np.arange(int(3 * RATE)) / RATE
    hits = np.exp(-((times * 2.0) % 1.0) * 8.0)
    samples = (hits * rng.normal(0, 0.2, times.size) + 0.1 * np.sin(2 * np.pi * 220 * times)).astype(
        np.float32
    )[None]
    native = Compressor(threshold_db=-24.0, ratio=4.0, attack_ms=attack, release_ms=release)
    out = native(samples, RATE)
    loud = np.abs(samples) > 1e-3
    true = np.where(loud, 20 * np.log10(np.abs(samples) / np.maximum(np.abs(out), 1e-9)), np.nan)[0]
    ours = console.compressor_reduction(
        torch.from_numpy(samples),
        RATE,
        {"threshold_db": double(-24.0), "ratio": double(4.0), "knee_db": double(6.0)},
        (double(attack), double(release)),
    ).numpy()
    step = round(console.STEP_MS * RATE / 1000)
    steps = true.size // step
    middle = np.nanmean(true[: steps * step].reshape(steps, step), axis=1)
    held = np.isfinite(middle)
    assert np.sqrt(np.mean((ours[:steps][held] - middle[held]) ** 2)) <= 1.0
    assert middle[held].max() > 4.0


def test_gradients_reach_every_setting():
    settings = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (800.0, 3.0, 1.0)]
    console.response(console.bell(*settings, RATE), torch.from_numpy(HZ), RATE).abs().sum().backward()
    assert all(s.grad is not None and torch.isfinite(s.grad) and s.grad != 0 for s in settings)
