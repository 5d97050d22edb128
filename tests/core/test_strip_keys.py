"""Dynamics of a strip that listen to a key: the bits of processors with that side chain, for any cut and threads."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.strip_support import RATE, Event, cuts_of, tracks
from core.test_strip_dynamics import bursts
from properties.support import Samples, noise, same_bits
from smartmix import _core

BANDS = {
    1: {"freq_hz": 200.0, "range_db": -9.0, "threshold_db": -50.0, "release_ms": 40.0},
    2: {"freq_hz": 900.0, "range_db": -6.0, "threshold_db": -48.0, "attack_ms": 2.0},
    3: {"freq_hz": 2500.0, "range_db": 5.0, "threshold_db": -46.0},
    4: {"freq_hz": 7000.0, "range_db": -7.0, "threshold_db": -45.0, "q": 0.6},
}
COMPRESSOR = {"ratio": 6.0, "threshold_db": -30.0, "attack_ms": 2.0, "release_ms": 60.0}
MOVING: list[tuple[int, str, float, int]] = [
    (700, "dynamic_eq.band1.range_db", -3.0, 500),
    (1801, "dynamic_eq.band2.freq_hz", 1200.0, 0),
    (2600, "compressor.threshold_db", -40.0, 300),
]


def bank_with(
    channels: list[int],
    keys: list[int],
    listeners: dict[tuple[int, str], int],
    **options: int,
) -> _core.StripBank:
    """Bands and compressor at work in every strip."""
    bank = _core.StripBank(
        RATE, channels, [True] * len(channels), 1, keys=keys, listeners=listeners, **options
    )
    for strip in range(len(channels)):
        for band, settings in BANDS.items():
            for name, value in settings.items():
                bank.set(strip, f"dynamic_eq.band{band}.{name}", value)
        for name, value in COMPRESSOR.items():
            bank.set(strip, f"compressor.{name}", value)
    return bank


def keyed_run(
    bank: _core.StripBank,
    inputs: list[Samples],
    keys: list[Samples],
    events: list[Event] | None = None,
    cuts: list[int] | None = None,
) -> Samples:
    pieces = []
    for first, end in pairwise([0, *(cuts or []), inputs[0].shape[1]]):
        rows = [(f - first, s, p, v, r) for f, s, p, v, r in events or [] if first <= f < end]
        columns = [list(column) for column in zip(*rows, strict=True)] if rows else []
        strips, heard = ([np.ascontiguousarray(x[:, first:end]) for x in of] for of in (inputs, keys))
        pieces.append(bank.process(strips, *columns, keys=heard))
    return np.concatenate(pieces, axis=1)


def moving(bank: _core.StripBank, strip: int = 0) -> list[Event]:
    return [(frame, strip, bank.parameter_index(name), value, ramp) for frame, name, value, ramp in MOVING]


def processor_with_key(
    name: str, settings: dict[str, float], x: Samples, key: Samples, *, moves: bool = True
) -> Samples:
    """The processor of the house with the whole of ``key`` as its side chain."""
    processor = _core.Processor(name)
    for parameter, value in settings.items():
        processor.set(parameter, value)
    processor.prepare(RATE, x.shape[0], key.shape[0])
    rows = [
        (frame, processor.parameter_index(knob), value, ramp)
        for frame, parameter, value, ramp in MOVING
        for device, _, knob in [parameter.partition(".")]
        if device == name and moves
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else []
    result: Samples = processor.process(x.copy(), *columns, side_chain=key.copy())
    return result


def bands(*numbers: int) -> dict[str, float]:
    return {f"band{n}.{name}": value for n in numbers for name, value in BANDS[n].items()}


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("key_channels", [1, 2])
def test_a_keyed_strip_is_the_processors_with_that_side_chain(channels: int, key_channels: int) -> None:
    x, key = bursts(channels, 4000), bursts(key_channels, 4000, seed=9)[:, ::-1].copy()
    listeners = {(0, f"dynamic_eq.band{b}"): 0 for b in BANDS} | {(0, "compressor"): 0}
    ducked = processor_with_key("dynamic_eq", bands(1, 2, 3, 4), x, key)
    wanted = processor_with_key("compressor", COMPRESSOR, ducked, key)
    bank = bank_with([channels], [key_channels], listeners)
    out = keyed_run(bank, [x], [key], moving(bank))
    assert same_bits(out[0], wanted[0])
    assert same_bits(out[1], wanted[-1])
    assert bank.reduction(0)["dynamic_eq"]["max_db"] > 3.0
    assert bank.reduction(0)["compressor"]["max_db"] > 3.0


def test_each_band_listens_to_its_own_key() -> None:
    """Band by band: each hears its key, or what came in at the dynamic EQ, not what the bands before made of it."""
    x = bursts(2, 4000)
    keys = [bursts(2, 4000, seed=21)[:, ::-1].copy(), noise(1, 4000, seed=4, level=0.1)]
    listeners = {(0, "dynamic_eq.band1"): 1, (0, "dynamic_eq.band3"): 0, (0, "dynamic_eq.band4"): 1}
    wanted = x
    for band, key in ((1, keys[1]), (2, x), (3, keys[0]), (4, keys[1])):
        wanted = processor_with_key("dynamic_eq", bands(band), wanted, key, moves=False)
    wanted = processor_with_key("compressor", COMPRESSOR, wanted, wanted, moves=False)
    out = keyed_run(bank_with([2], [2, 1], listeners), [x], keys)[:2]
    assert same_bits(out, wanted)
    for other in ({(0, "dynamic_eq.band2"): 0}, {(0, "dynamic_eq.band3"): 1}, {(0, "compressor"): 1}):
        changed = keyed_run(bank_with([2], [2, 1], listeners | other), [x], keys)[:2]
        assert np.abs(changed - out).max() > 1e-4  # or the test would say nothing about who listens to what


def busy(seed: int) -> tuple[list[int], list[Samples], list[Samples], dict[tuple[int, str], int]]:
    """Three groups of strips and a bit, any of whose dynamics listen to any of five keys."""
    rng = np.random.default_rng(seed)
    channels = [int(c) for c in rng.integers(1, 3, 15)]
    keys = [bursts(int(c), 6000, seed=100 + i) for i, c in enumerate(rng.integers(1, 3, 5))]
    parts = [f"dynamic_eq.band{b}" for b in BANDS] + ["compressor"]
    listeners = {(s, p): int(rng.integers(5)) for s in range(15) for p in parts if rng.uniform() < 0.5}
    return channels, tracks(channels, 6000), keys, listeners


@pytest.mark.parametrize("seed", [1, 2])
def test_any_cut_tile_and_thread_count_gives_the_same_bits(seed: int) -> None:
    channels, inputs, keys, listeners = busy(seed)
    key_channels = [k.shape[0] for k in keys]
    whole = bank_with(channels, key_channels, listeners)
    events = sorted(e for s in range(len(channels)) for e in moving(whole, s))
    wanted = keyed_run(whole, inputs, keys, events)
    for cuts in cuts_of(6000, seed):
        assert same_bits(
            keyed_run(bank_with(channels, key_channels, listeners), inputs, keys, events, cuts), wanted
        )
    for options in ({"tile_frames": 17}, {"threads": 3, "tile_frames": 64}, {"threads": 2}):
        bank = bank_with(channels, key_channels, listeners, **options)
        assert same_bits(keyed_run(bank, inputs, keys, events), wanted)
        bank.reset()
        for strip in range(len(channels)):
            bank.set(strip, "dynamic_eq.band1.range_db", -9.0)
            bank.set(strip, "dynamic_eq.band2.freq_hz", 900.0)
            bank.set(strip, "compressor.threshold_db", -30.0)
        assert same_bits(keyed_run(bank, inputs, keys, events), wanted)


def test_keys_nobody_listens_to_change_nothing() -> None:
    channels, inputs, keys, _ = busy(3)
    plain = keyed_run(bank_with(channels, [], {}), inputs, [])
    assert same_bits(keyed_run(bank_with(channels, [k.shape[0] for k in keys], {}), inputs, keys), plain)


def test_a_silent_key_leaves_the_strip_alone() -> None:
    x = bursts(2, 3000)
    listeners = {(0, f"dynamic_eq.band{b}"): 0 for b in BANDS} | {(0, "compressor"): 0}
    bank = bank_with([2], [1], listeners)
    assert same_bits(keyed_run(bank, [x], [np.zeros((1, 3000), np.float32)])[:2], x)


def test_what_is_not_finite_in_a_key_is_silence_and_stays_with_its_owner() -> None:
    x, key = bursts(1, 3000), bursts(2, 3000, seed=3)
    clean, bad = key.copy(), key.copy()
    for at, value in ((5, np.nan), (1000, np.inf), (2000, -np.inf), (2500, 1e30)):
        clean[:, at], bad[:, at] = 0.0, value
    listeners = {(0, "dynamic_eq.band2"): 0, (0, "compressor"): 0}
    given = bad.copy()
    out = bank_with([1], [2], listeners).process([x], keys=[given])
    assert same_bits(out, keyed_run(bank_with([1], [2], listeners), [x], [clean]))
    assert np.array_equal(given, bad, equal_nan=True)


def test_what_a_bank_with_keys_refuses() -> None:
    with pytest.raises(ValueError, match="3 channels of a key: expected 1 to 2"):
        _core.StripBank(RATE, [1], [True], keys=[3])
    with pytest.raises(ValueError, match="2 as number of a key: expected -1 to 1"):
        _core.StripBank(RATE, [1], [True], keys=[1, 1], listeners={(0, "compressor"): 2})
    with pytest.raises(ValueError, match="strip 1 was made without dynamics: nothing listens to a key"):
        _core.StripBank(RATE, [1, 1], [True, False], keys=[1], listeners={(1, "dynamic_eq.band1"): 0})
    with pytest.raises(ValueError, match=r"dynamic_eq\.band1 to dynamic_eq\.band4 or compressor"):
        _core.StripBank(RATE, [1], [True], keys=[1], listeners={(0, "de_esser"): 0})
    with pytest.raises(IndexError, match="strip 4: the bank has 1 strips"):
        _core.StripBank(RATE, [1], [True], keys=[1], listeners={(4, "compressor"): 0})
    bank = _core.StripBank(RATE, [1], [True], keys=[2], listeners={(0, "compressor"): 0})
    block = np.zeros((1, 10), np.float32)
    with pytest.raises(ValueError, match=r"keys: expected one array per key \(1\), got 0"):
        bank.process([block])
    with pytest.raises(ValueError, match="key 0: 9 frames, the block has 10"):
        bank.process([block], keys=[np.zeros((2, 9), np.float32)])
    with pytest.raises(ValueError, match="key 0"):
        bank.process([block], keys=[block])
