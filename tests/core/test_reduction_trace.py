"""How deep the limiter went in each tenth of a second, against the gains read off its output."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from properties.support import Samples, noise
from smartmix import _core
from smartmix.processors import Compressor, DeEsser, create


def programme(rate: int, seconds: float, *, peaks: tuple[float, ...] = (0.31, 0.77, 1.42)) -> Samples:
    """Audio no frame of which is near zero, with short loud parts at `peaks` seconds."""
    frames = round(rate * seconds)
    x = np.where(noise(1, frames, seed=2) > 0.0, 0.3, -0.2)
    for number, at in enumerate(peaks, 1):
        x[0, round(at * rate) : round((at + 0.01) * rate)] *= 3.0 + 2.0 * number
    return np.repeat(x, 2, axis=0).astype(np.float32)


def limited(limiter: _core.TruePeakLimiter, audio: Samples, block: int) -> Samples:
    """Latency taken out, as LimitedStream of the mastering does."""
    late = limiter.latency_frames
    padded = np.pad(audio, ((0, 0), (0, late)))
    pieces = [
        limiter.process(np.ascontiguousarray(padded[:, first : first + block]))
        for first in range(0, padded.shape[1], block)
    ]
    return np.concatenate(pieces, axis=1)[:, late:]


def deepest_db(audio: Samples, out: Samples, rate: float, cells_per_s: int) -> NDArray[np.float64]:
    reduction = -20.0 * np.log10(out[0].astype(np.float64) / audio[0].astype(np.float64))
    bounds = [0]
    while bounds[-1] < reduction.size:
        bounds.append(min(reduction.size, int(np.floor(len(bounds) * rate / cells_per_s + 0.5))))
    return np.array([reduction[a:b].max() for a, b in pairwise(bounds)])


@pytest.mark.parametrize("rate", [44_100, 48_000, 11_025])
@pytest.mark.parametrize("block", [10**9, 512, 4801])
def test_every_cell_is_the_deepest_gain_of_its_tenth_of_a_second(rate: int, block: int) -> None:
    audio = programme(rate, 1.87)
    limiter = _core.TruePeakLimiter(rate, 2, release_ms=20.0)
    out = limited(limiter, audio, block)
    for rate_hz in (10, 5, 2, 1):
        expected = deepest_db(audio, out, rate, rate_hz)
        np.testing.assert_allclose(limiter.reduction_trace_db(rate_hz), expected, atol=2e-6)
    assert limiter.reduction_trace_db().max() == pytest.approx(limiter.max_reduction_db, abs=2e-6)
    assert limiter.reduction_trace_db().size == 19
    quiet = limiter.reduction_trace_db()[[0, 1, 2, 6, 13]]
    assert quiet[:3].tolist() == [0.0] * 3
    assert np.all(limiter.reduction_trace_db()[[3, 7, 14]] > 3.0)


def test_the_trace_is_as_long_as_the_programme() -> None:
    """More tenths of a second in one call than the processor itself has room for."""
    rate = 8000
    audio = programme(rate, 61.0, peaks=(0.5, 30.05, 60.65))
    limiter = _core.TruePeakLimiter(rate, 2)
    out = limited(limiter, audio, 10**9)
    trace = limiter.reduction_trace_db()
    np.testing.assert_allclose(trace, deepest_db(audio, out, rate, 10), atol=2e-6)
    assert trace.size == 610


def test_a_reset_begins_a_new_trace_and_quiet_audio_has_none() -> None:
    limiter = _core.TruePeakLimiter(48_000, 2)
    assert limiter.reduction_trace_db().size == 0
    limited(limiter, programme(48_000, 1.0), 1000)
    limiter.reset()
    assert limiter.reduction_trace_db().size == 0
    limited(limiter, programme(48_000, 0.55, peaks=()), 1000)
    assert limiter.reduction_trace_db().tolist() == [0.0] * 6


@pytest.mark.parametrize("rate_hz", [0, -1, 3, 20])
def test_other_rates_are_refused(rate_hz: int) -> None:
    with pytest.raises(ValueError, match=f"rate_hz = {rate_hz}: expected 1, 2, 5 or 10"):
        _core.TruePeakLimiter(48_000, 2).reduction_trace_db(rate_hz)


def effect_deepest_db(audio: Samples, out: Samples, cells_per_s: int) -> NDArray[np.float64]:
    return np.maximum(deepest_db(audio, out, 48_000, cells_per_s), 0.0)


@pytest.mark.parametrize("buffer_size", [10**9, 8192, 701])
@pytest.mark.parametrize("lookahead_ms", [0.0, 7.0])
@pytest.mark.parametrize("name", ["compressor", "gate"])
def test_the_trace_of_an_effect_is_the_gain_it_gave(name: str, lookahead_ms: float, buffer_size: int) -> None:
    """Read off the audio, which is nowhere zero; the look-ahead is taken out of both."""
    level = 10.0 ** (np.repeat([-50.0, -6.0, -30.0, -12.0, -60.0, -3.0, -40.0], 9301) / 20.0)
    audio = (level * np.where(np.arange(level.size) % 4 < 2, 1.0, -1.0)).astype(np.float32)[None, :]
    settings = {"compressor": {"threshold_db": -30, "ratio": 4}, "gate": {"range_db": 20, "hold_ms": 2}}[name]
    effect = create(name, lookahead_ms=lookahead_ms, release_ms=15, **settings)
    out = effect(audio, 48_000, buffer_size)
    for rate_hz in (10, 5, 2, 1):
        expected = effect_deepest_db(audio, out, rate_hz)
        np.testing.assert_allclose(effect.reduction_trace(rate_hz), expected, atol=2e-4)
    assert effect.reduction_trace().max() > 5.0
    effect(audio[:, :100], 48_000)
    assert effect.reduction_trace().size == 1


def test_the_trace_of_a_long_call_is_whole() -> None:
    """Three minutes in one native call: more cells than the processor itself has room for."""
    audio = np.zeros((1, 180 * 8000), np.float32)
    audio[:, 8000 * 3 :: 8000 * 20] = 0.9
    compressor = Compressor(threshold_db=-30, ratio=4, attack_ms=0.1, release_ms=5)
    compressor(audio, 8000, 10**9)
    trace = compressor.reduction_trace(1)
    assert trace.size == 180
    assert np.flatnonzero(trace > 1.0).tolist() == list(range(3, 180, 20))


@pytest.mark.parametrize("name", ["compressor", "de_esser", "dynamic_eq", "gate", "multiband_compressor"])
def test_time_with_nothing_to_do_counts(name: str) -> None:
    effect = create(name)
    effect(programme(48_000, 1.45), 48_000, 1000)
    trace = effect.reduction_trace()
    assert trace.shape[-1] == 15
    assert not trace.any()


def test_an_idle_effect_has_an_empty_trace_and_a_gain_none() -> None:
    de_esser = DeEsser()
    de_esser(programme(48_000, 0.55, peaks=()), 48_000)
    assert de_esser.reduction_trace().tolist() == [0.0] * 6
    with pytest.raises(NotImplementedError, match="gain: this processor has no gain reduction"):
        _core.Processor("gain").reduction_trace_db()
    with pytest.raises(ValueError, match="rate_hz = 3: expected 1, 2, 5 or 10"):
        de_esser.reduction_trace(3)


def test_process_allocates_nothing() -> None:
    if not _core.rtcheck_enabled:
        pytest.skip("allocation guard: built without SMARTMIX_RTCHECK=1")
    before = _core.realtime_violations()
    limited(_core.TruePeakLimiter(48_000, 2), programme(48_000, 1.0), 700)
    assert _core.realtime_violations() == before
