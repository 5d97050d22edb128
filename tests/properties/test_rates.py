"""What must hold at any sample rate, on every registered processor."""

from __future__ import annotations

import numpy as np
import pytest

from properties.support import (
    Samples,
    channel_count,
    noise,
    parameters,
    prepared,
    random_events,
    random_settings,
    run,
    same_bits,
)
from smartmix import _core

RATES = (8_000.0, 22_050.0, 44_100.0, 88_200.0, 96_000.0, 176_400.0, 192_000.0, 384_000.0)
NAMES = _core.processor_names()
every_processor = pytest.mark.parametrize("name", NAMES)
every_rate = pytest.mark.parametrize("rate", RATES)


def takes_side_chain(name: str) -> bool:
    try:
        _core.Processor(name).prepare(48_000.0, channel_count(name), 1)
    except ValueError:
        return False
    return True


def damaged(channels: int, frames: int) -> Samples:
    """Noise with all that a broken file may hold: what no number is, and numbers that are no sound."""
    samples = noise(channels, frames, seed=2)
    samples[:, ::97] = np.nan
    samples[:, 3::101] = -np.inf
    samples[:, 5::103] = 3e38
    samples[:, 7::107] = -2e9
    return samples


@every_rate
@every_processor
def test_any_cut_gives_the_same_bits_and_all_of_them_finite(name: str, rate: float) -> None:
    rng = np.random.default_rng(int(rate))
    frames, channels = 1200, channel_count(name)
    settings, events = random_settings(name, rng), random_events(name, rng, frames, 20)
    samples = damaged(channels, frames)
    whole = run(prepared(name, settings, sample_rate=rate), samples, events)
    cuts = sorted({int(c) for c in rng.integers(1, frames, 20)})
    assert np.all(np.isfinite(whole))
    assert same_bits(run(prepared(name, settings, sample_rate=rate), samples, events, cuts), whole)


@every_rate
@every_processor
def test_neutral_is_the_input_at_the_declared_latency(name: str, rate: float) -> None:
    processor = prepared(name, sample_rate=rate)
    latency = processor.latency_frames
    quiet = noise(channel_count(name), 600 + latency, seed=3, level=0.02)
    out = run(processor, quiet, cuts=[1, 77, 300])
    assert same_bits(
        np.ascontiguousarray(out[:, latency:]), np.ascontiguousarray(quiet[:, : quiet.shape[1] - latency])
    )
    assert not np.any(out[:, :latency])


@pytest.mark.parametrize("value", [2.0**30 * 1.001, -3e38, np.nan, np.inf])
@every_processor
def test_a_damaged_sample_is_silence(name: str, value: float) -> None:
    """NaN, infinity and anything over 2^30: one such sample must not be heard for ever."""
    settings = random_settings(name, np.random.default_rng(5))
    clean = noise(channel_count(name), 800, seed=4)
    with_damage = clean.copy()
    clean[0, 400], with_damage[0, 400] = 0.0, value
    assert same_bits(run(prepared(name, settings), with_damage), run(prepared(name, settings), clean))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", [name for name in NAMES if takes_side_chain(name)])
def test_any_cut_of_audio_and_side_chain_gives_the_same_bits(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames, channels = 1500, channel_count(name)
    settings = random_settings(name, rng)
    audio, heard = noise(channels, frames, seed=6), damaged(3, frames)
    index, frame = int(rng.integers(len(parameters(name)))), 700
    event = (index, parameters(name)[index].low)

    def played(cuts: list[int]) -> Samples:
        processor = _core.Processor(name)
        for parameter_id, value in settings.items():
            processor.set(parameter_id, value)
        processor.prepare(48_000.0, channels, 3)
        pieces = []
        for first, end in zip([0, *cuts], [*cuts, frames], strict=True):
            now = ([frame - first], [event[0]], [event[1]], [50]) if first <= frame < end else ()
            blocks = (np.ascontiguousarray(x[:, first:end]) for x in (audio, heard))
            pieces.append(processor.process(next(blocks), *now, side_chain=next(blocks)))
        return np.concatenate(pieces, axis=1)

    whole = played([])
    assert np.all(np.isfinite(whole))
    assert same_bits(played([1, 64, 65, 511, 700, 701, 1300]), whole)
