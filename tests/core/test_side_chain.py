"""Dynamics that listen to another track: against the float64 oracles of that track, frame by frame."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.dynamics_oracles import RATE, branching_detector, bursts, gain_db, level_db, static_curve_db, steps
from core.test_de_esser import expected_reduction
from core.test_gate import reference as gate_reference
from properties.support import SAMPLE_RATE, Row, Samples, noise, random_events, random_settings, same_bits
from smartmix import _core
from smartmix.errors import AudioError
from smartmix.processors import Compressor, DeEsser, Gain, Gate, Processor

NAMES = ("compressor", "de_esser", "dynamic_eq", "gate", "multiband_compressor")
every_listener = pytest.mark.parametrize("name", NAMES)
COMPRESSOR = {"threshold_db": -24.0, "ratio": 5.0, "attack_ms": 3.0, "release_ms": 80.0, "knee_db": 6.0}
GATE = {
    "threshold_db": -24.0,
    "range_db": 40.0,
    "ratio": 20.0,
    "hysteresis_db": 6.0,
    "attack_ms": 0.5,
    "release_ms": 20.0,
    "hold_ms": 5.0,
}
DE_ESSER = {
    "freq_hz": 6200.0,
    "q": 1.0,
    "threshold_db": -40.0,
    "relative_db": -2.0,
    "ratio": 3.0,
    "range_db": 9.0,
    "attack_ms": 0.5,
    "release_ms": 40.0,
}


def audible(channels: int, frames: int) -> Samples:
    """Audio no frame of which is near zero, so that every gain can be read off it."""
    return np.where(noise(channels, frames, seed=9) > 0.0, 0.5, -0.25).astype(np.float32)


@pytest.mark.parametrize("detection", ["peak", "rms"])
@pytest.mark.parametrize("key_channels", [1, 2, 3])
def test_a_compressor_follows_the_level_of_the_side_chain(key_channels: int, detection: str) -> None:
    audio, key = audible(2, 20_000), bursts(20_000, channels=key_channels)
    compressor = Compressor(**COMPRESSOR, detection=detection)
    measured, _ = gain_db(compressor(audio, RATE, 1000, side_chain=key), audio)
    levels = level_db(key, rms=detection == "rms")
    wanted = [level - static_curve_db(level, -24.0, 5.0, 6.0) for level in levels]
    expected = -branching_detector(wanted, 3.0, 80.0)
    np.testing.assert_allclose(measured, expected, atol=0.01)
    assert expected.min() < -6.0


def test_a_gate_opens_with_the_side_chain() -> None:
    audio, key = audible(1, 20_000), bursts(20_000)
    measured, _ = gain_db(Gate(**GATE)(audio, RATE, 1000, side_chain=key), audio)
    expected = gate_reference(key, GATE)
    np.testing.assert_allclose(measured, expected, atol=0.01)
    assert expected.min() < -30.0


def test_a_de_esser_follows_the_band_of_the_side_chain() -> None:
    audio, key = audible(2, 20_000), bursts(20_000, seed=1)
    key[:, ::2] *= np.float32(0.9)  # not quite white
    de_esser = DeEsser(**DE_ESSER)
    read = []
    for first in range(0, audio.shape[1], 100):
        piece = slice(first, first + 100)
        de_esser(audio[:, piece], RATE, reset=False, side_chain=key[:, piece])
        read.append(de_esser.gain_reduction_db)
    np.testing.assert_allclose(read, expected_reduction(key, DE_ESSER)[99::100], atol=0.01)
    assert max(read) > 2.0


@pytest.mark.parametrize("make", [lambda: Compressor(**COMPRESSOR), lambda: Gate(**GATE)])
def test_what_happens_to_the_audio_is_what_would_happen_to_the_side_chain(make: type[Processor]) -> None:
    """Bit for bit: the factors, read off a constant, times the side chain are the side chain processed itself."""
    key = bursts(9000)
    factors = make()(np.ones((1, 9000), np.float32), RATE, side_chain=key)
    assert same_bits(key * factors, make()(key, RATE))


def native(
    name: str,
    settings: dict[str, float],
    audio: Samples,
    key: Samples | None,
    events: list[Row],
    cuts: list[int],
) -> Samples:
    processor = _core.Processor(name)
    for parameter, value in settings.items():
        processor.set(parameter, value)
    processor.prepare(SAMPLE_RATE, audio.shape[0], 0 if key is None else key.shape[0])
    pieces = []
    bounds = [0, *cuts, audio.shape[1]]
    for first, end in pairwise(bounds):
        rows = [(f - first, p, v, r) for f, p, v, r in events if first <= f < end]
        columns = [list(column) for column in zip(*rows, strict=True)] if rows else []
        heard = None if key is None else np.ascontiguousarray(key[:, first:end])
        block = np.ascontiguousarray(audio[:, first:end])
        pieces.append(processor.process(block, *columns, side_chain=heard))
    return np.concatenate(pieces, axis=1)


@pytest.mark.parametrize("seed", range(4))
@every_listener
def test_the_audio_as_its_own_side_chain_changes_no_bit(name: str, seed: int) -> None:
    """Events included: the side chain is cut at them like the audio."""
    rng = np.random.default_rng(seed)
    settings, events = random_settings(name, rng), random_events(name, rng, 3000, 40)
    audio = bursts(3000, seed=seed)
    alone = native(name, settings, audio, None, events, [])
    assert same_bits(native(name, settings, audio, audio, events, []), alone)


@pytest.mark.parametrize("seed", range(4))
@every_listener
def test_any_cut_into_blocks_gives_the_same_bits(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    settings, events = random_settings(name, rng), random_events(name, rng, 3000, 40)
    audio, key = bursts(3000, seed=seed), bursts(3000, channels=3, seed=seed + 50)
    whole = native(name, settings, audio, key, events, [])
    for cuts in (
        list(range(64, 3000, 64)),
        list(range(1, 700)),
        sorted({int(c) for c in rng.integers(1, 3000, 25)}),
    ):
        assert same_bits(native(name, settings, audio, key, events, cuts), whole)


def test_look_ahead_acts_before_the_side_chain_rises() -> None:
    audio = audible(1, 9600)
    key = steps([-60.0, -6.0], 0.1)
    compressor = Compressor(threshold_db=-20, ratio=20, knee_db=0, attack_ms=0.1, lookahead_ms=5)
    measured, _ = gain_db(compressor(audio, RATE, side_chain=key), audio)
    assert np.all(measured[: 4800 - 240] == 0.0)
    assert measured[4800] == pytest.approx(-14.0 * 0.95, abs=0.01)


@every_listener
def test_non_finite_samples_of_the_side_chain_are_silence(name: str) -> None:
    settings = random_settings(name, np.random.default_rng(3))
    audio, key = bursts(2000), bursts(2000, seed=8)
    key[0, [1, 500, 1999]] = 0.0
    holes = key.copy()
    holes[0, [1, 500, 1999]] = [np.nan, np.inf, -np.inf]
    out = native(name, settings, audio, holes, [], [])
    assert same_bits(out, native(name, settings, audio, key, [], []))
    assert np.isnan(holes[0, 1])  # the caller's samples are not touched


def test_the_python_face_goes_on_with_the_same_side_chain_only() -> None:
    audio, key = bursts(2000), bursts(2000, channels=1)
    whole = Compressor(**COMPRESSOR)(audio, RATE, side_chain=key)
    compressor = Compressor(**COMPRESSOR)
    first = compressor(audio[:, :700], RATE, side_chain=key[:, :700])
    rest = compressor(audio[:, 700:], RATE, reset=False, side_chain=key[:, 700:])
    assert same_bits(np.concatenate([first, rest], axis=1), whole)
    with pytest.raises(AudioError, match="goes on with 2 channels and a side chain of 1 at 48000 Hz, got 2"):
        compressor(audio, RATE, reset=False)


def test_wrong_calls_are_refused() -> None:
    audio, key = bursts(100), bursts(100)
    with pytest.raises(AudioError, match="side_chain has 99 frames, the audio 100"):
        Compressor()(audio, RATE, side_chain=key[:, :99])
    with pytest.raises(AudioError, match=r"expected an array \(channels, frames\)"):
        Compressor()(audio, RATE, side_chain=key[0])
    with pytest.raises(AudioError, match="gain: takes no side chain"):
        Gain()(audio, RATE, side_chain=key)
    compressor = _core.Processor("compressor")
    with pytest.raises(ValueError, match="65 side chain channels: expected 0 to 64"):
        compressor.prepare(SAMPLE_RATE, 2, 65)
    compressor.prepare(SAMPLE_RATE, 2)
    with pytest.raises(ValueError, match="prepared for 0 side chain channels, got some"):
        compressor.process(audio, side_chain=key)
    compressor.prepare(SAMPLE_RATE, 2, 2)
    with pytest.raises(ValueError, match="prepared for 2 side chain channels, got none"):
        compressor.process(audio)
    with pytest.raises(ValueError, match="side_chain: expected 2 channels"):
        compressor.process(audio, side_chain=np.ascontiguousarray(key[:1]))
    with pytest.raises(ValueError, match="side_chain: expected 100 frames like the samples, got 99"):
        compressor.process(audio, side_chain=np.ascontiguousarray(key[:, :99]))


@every_listener
def test_process_allocates_nothing(name: str) -> None:
    if not _core.rtcheck_enabled:
        pytest.skip("allocation guard: built without SMARTMIX_RTCHECK=1")
    rng = np.random.default_rng(8)
    before = _core.realtime_violations()
    native(
        name, random_settings(name, rng), bursts(3000), bursts(3000), random_events(name, rng, 3000, 50), [1]
    )
    assert _core.realtime_violations() == before
