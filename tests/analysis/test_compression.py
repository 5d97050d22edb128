"""Levels of 10 ms, and the prediction of a compressor from them, against the native Compressor."""

from __future__ import annotations

import numpy as np
import pytest

from core.dynamics_oracles import static_curve_db
from smartmix._core import LoudnessMeter
from smartmix.analysis.compression import CompressorSettings, crest_squared, predict, static_reduction_db
from smartmix.analysis.fast_levels import FastLevelMeter, FastLevels
from smartmix.processors import Compressor
from sources import RATE, noise
from tones import voice

LEVELS = (0.0, -9.0, 3.0, -4.0, -12.0, 1.0)


def levels_of(x: np.ndarray, block: int = 65_536, rate: int = RATE) -> FastLevels:
    meter, loudness = FastLevelMeter(rate), LoudnessMeter(float(rate), x.shape[0])
    for start in range(0, x.shape[1], block):
        piece = np.ascontiguousarray(x[:, start : start + block], dtype=np.float32)
        meter.push(piece)
        loudness.process(piece)
    found = meter.facts(np.asarray(loudness.energies_10ms(), dtype=np.float64))
    assert found is not None
    return found


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_levels_are_those_of_their_10_ms(rate):
    x = np.concatenate([noise(1.0, rate, 2, 0.1, seed=1), noise(1.0, rate, 2, 0.01, seed=2)], axis=1)
    found = levels_of(x, block=777, rate=rate)
    hop = rate // 100
    pieces = x[:, : 200 * hop].astype(float).reshape(2, -1, hop)
    assert found.rms_db[:200].astype(float) == pytest.approx(
        10 * np.log10((pieces**2).mean(axis=2).max(axis=0)), abs=0.035
    )
    assert found.peak_db[:200].astype(float) == pytest.approx(
        20 * np.log10(np.abs(pieces).max(axis=(0, 2))), abs=0.035
    )
    assert np.array_equal(found.rms_db, levels_of(x, rate=rate).rms_db)


def test_spread_is_that_of_the_phrases_and_not_of_the_pauses():
    even, wide = levels_of(voice(-9.0)), levels_of(voice(-9.0, level_db=LEVELS))
    assert even.spread_db < 3.0
    assert wide.spread_db == pytest.approx(13.5, abs=3.0)
    clipped = levels_of(np.clip(10.0 * voice(-9.0), -0.2, 0.2))
    assert clipped.crest_db < 6.0 < even.crest_db
    assert FastLevelMeter(RATE).facts(np.zeros(0)) is None


@pytest.mark.parametrize("over_db", [-30.0, -3.0, -1.0, 0.0, 2.0, 3.0, 14.0])
def test_the_static_curve_is_that_of_the_paper(over_db):
    settings = CompressorSettings(-20.0, 3.0, 6.0, 80.0, 1000.0)
    reduction = static_reduction_db(np.array([-20.0 + over_db]), settings)[0]
    level = -20.0 + over_db
    assert reduction == pytest.approx(level - static_curve_db(level, -20.0, 3.0, 6.0), abs=1e-9)


@pytest.mark.parametrize(("ratio", "threshold_db"), [(3.0, -24.0), (2.0, -30.0), (1.7, -20.0)])
def test_the_prediction_is_what_the_native_compressor_does(ratio, threshold_db):
    x = np.ascontiguousarray(voice(-9.0, level_db=LEVELS), dtype=np.float32)
    levels = levels_of(x)
    settings = CompressorSettings(threshold_db, ratio, 6.0, 80.0, 1000.0)
    got = predict(levels, settings, crest_squared(levels))
    effect = Compressor(
        threshold_db=threshold_db,
        ratio=ratio,
        knee_db=6.0,
        attack_ms=80.0,
        release_ms=1000.0,
        detection="rms",
    )
    effect.auto_times = True
    after = levels_of(effect.process(x, RATE))
    heard = levels.sounding
    loudness = 10 * np.log10(
        np.sum(10 ** (after.weighted_db[heard] / 10.0)) / np.sum(10 ** (levels.weighted_db[heard] / 10.0))
    )
    assert got.mean_db == pytest.approx(effect.mean_reduction_db, abs=0.25)
    assert got.max_db == pytest.approx(effect.max_reduction_db, abs=0.5)
    assert got.loudness_lu == pytest.approx(loudness, abs=0.2)
