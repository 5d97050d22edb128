"""Dynamic EQ, de-esser, compressor and width of a strip: the same bits as the processors one after the other, to the frame."""

from __future__ import annotations

import numpy as np
import pytest

from core.strip_support import RATE, Event, bank_run, cuts_of, random_bank, random_events, tracks
from properties.support import Row, Samples, inside, noise, prepared, run, same_bits
from smartmix import _core

CHAIN = ("parametric_eq", "dynamic_eq", "de_esser", "compressor")
STRIP_NAME = {"parametric_eq": "eq", "stereo_width": "width"}
SETTINGS = {
    "parametric_eq": {"band1.shape": 1.0, "band1.freq_hz": 6000.0, "band1.gain_db": 9.0, "band1.q": 0.8},
    "dynamic_eq": {"band2.range_db": -8.0, "band2.threshold_db": -45.0, "band4.range_db": 3.0},
    "de_esser": {"range_db": 9.0, "threshold_db": -46.0, "relative_db": -20.0, "freq_hz": 6200.0},
    "compressor": {"ratio": 4.0, "threshold_db": -30.0, "attack_ms": 2.0, "makeup_db": 5.0, "mix": 0.8},
    "stereo_width": {"side_db": -4.0, "mono_below_hz": 150.0},
}
EVENTS = {
    "parametric_eq": [(700, "band1.gain_db", -6.0, 500), (2600, "band1.freq_hz", 3000.0, 0)],
    "de_esser": [(300, "range_db", 3.0, 700), (700, "shape", 1.0, 0), (2100, "freq_hz", 8000.0, 333)],
    "dynamic_eq": [(650, "band2.range_db", -4.0, 300), (1500, "band4.shape", 3.0, 0)],
    "compressor": [(700, "threshold_db", -40.0, 900), (1801, "detection", 1.0, 0), (2500, "mix", 0.3, 64)],
    "stereo_width": [
        (800, "side_db", 3.0, 200),
        (1900, "mono_below_hz", 20.0, 0),
        (2600, "mono_below_hz", 90.0, 0),
    ],
}
MOVING = [
    "eq.band1.gain_db",
    "dynamic_eq.band1.range_db",
    "dynamic_eq.band2.threshold_db",
    "dynamic_eq.band3.freq_hz",
    "width.side_db",
    "width.mono_below_hz",
    "de_esser.range_db",
    "de_esser.freq_hz",
    "de_esser.shape",
    "compressor.ratio",
    "compressor.threshold_db",
    "compressor.makeup_db",
    "compressor.mix",
    "compressor.detection",
    "compressor.auto_times",
    "fader.gain_db",
    "send1.level_db",
    "send2.level_db",
]


def bursts(channels: int, frames: int, seed: int = 5) -> Samples:
    """Noise that jumps between quiet and loud: work for compressor and de-esser."""
    level = np.where(np.arange(frames) // 450 % 2 == 0, 0.05, 1.0).astype(np.float32)
    return noise(channels, frames, seed=seed, level=0.5) * level


def one_strip(channels: int, **more: float) -> _core.StripBank:
    bank = _core.StripBank(RATE, [channels], [True])
    for name in CHAIN:
        for parameter, value in SETTINGS[name].items():
            bank.set(0, f"{STRIP_NAME.get(name, name)}.{parameter}", value)
    for parameter, value in more.items():
        bank.set(0, parameter.replace("_at_", "."), value)
    return bank


def strip_events(bank: _core.StripBank, chain: tuple[str, ...] = CHAIN) -> list[Event]:
    rows = [
        (frame, 0, bank.parameter_index(f"{STRIP_NAME.get(name, name)}.{parameter}"), value, ramp)
        for name in chain
        for frame, parameter, value, ramp in EVENTS[name]
    ]
    return sorted(rows, key=lambda row: row[0])


def processors_in_a_row(x: Samples, chain: tuple[str, ...] = CHAIN) -> tuple[Samples, dict[str, float]]:
    """What the processors give one after the other, and how deep those that turn down went."""
    deepest = {}
    for name in chain:
        processor = prepared(name, SETTINGS[name], channels=x.shape[0])
        rows: list[Row] = [(f, processor.parameter_index(p), v, r) for f, p, v, r in EVENTS[name]]
        x = run(processor, x, rows)
        if name not in ("parametric_eq", "stereo_width"):
            deepest[name] = processor.reduction_db[1]
    return x, deepest


@pytest.mark.parametrize("channels", [1, 2])
def test_a_strip_gives_the_bits_of_the_processors_in_a_row(channels: int) -> None:
    x = bursts(channels, 4000)
    wanted, deepest = processors_in_a_row(x)
    assert deepest["dynamic_eq"] > 2.0
    assert deepest["de_esser"] > 2.0
    assert deepest["compressor"] > 5.0
    bank = one_strip(channels)
    for cuts in ([], [1, 299, 300, 301, 700, 1801, 3000]):
        fresh = one_strip(channels)
        out = bank_run(fresh, [x], strip_events(fresh), cuts)
        assert same_bits(out[0], wanted[0])
        assert same_bits(out[1], wanted[-1])
    bank_run(bank, [x], strip_events(bank))
    assert {k: v["max_db"] for k, v in bank.reduction(0).items()} == deepest


def test_the_order_of_the_chain_can_be_heard() -> None:
    """Otherwise the test above would say nothing about it."""
    x = bursts(2, 4000)
    wanted, _ = processors_in_a_row(x)
    eq, dynamic_eq, de_esser, compressor = CHAIN
    for other in (
        (eq, dynamic_eq, compressor, de_esser),
        (eq, de_esser, dynamic_eq, compressor),
        (dynamic_eq, eq, de_esser, compressor),
    ):
        assert np.abs(processors_in_a_row(x, other)[0] - wanted).max() > 0.001


def test_width_of_a_stereo_strip_is_that_of_the_processor_and_a_mono_strip_has_none() -> None:
    x, chain = bursts(2, 4000), (*CHAIN, "stereo_width")
    wanted, _ = processors_in_a_row(x, chain)
    for cuts in ([], [1, 799, 801, 1900, 1901, 3000]):
        bank = one_strip(2, width_at_side_db=-4.0, width_at_mono_below_hz=150.0)
        assert same_bits(bank_run(bank, [x], strip_events(bank, chain), cuts), wanted)
    plain = processors_in_a_row(x)[0]
    assert np.abs(plain[0] - plain[1] - (wanted[0] - wanted[1])).max() > 0.01
    mono = one_strip(1, width_at_side_db=-4.0, width_at_mono_below_hz=150.0)
    one = bank_run(mono, [x[:1]], strip_events(mono, chain))
    assert same_bits(one, bank_run(one_strip(1), [x[:1]], strip_events(one_strip(1))))


def test_width_needs_no_dynamics_and_stands_behind_the_tap_before_the_fader() -> None:
    x = bursts(2, 900)
    bank = _core.StripBank(RATE, [2])
    bank.set(0, "width.side_db", -60.0)
    tap = np.empty_like(x)
    out = bank.process([x], before_fader=[tap])
    assert same_bits(tap, x)
    assert np.abs(out[0] - out[1]).max() < 0.004  # 60 dB under the side


@pytest.mark.parametrize("channels", [1, 2])
def test_trim_stands_before_and_fader_and_pan_behind_the_dynamics(channels: int) -> None:
    """Processors round to float32 after each of fader and pan (factor and product: four times), a strip once."""
    x = bursts(channels, 3000)
    wanted, _ = processors_in_a_row(run(prepared("gain", {"gain_db": 4.0}, channels=channels), x))
    wanted = run(prepared("gain", {"gain_db": -7.3}, channels=channels), wanted)
    pan = prepared("pan", {"pan": 0.4}, channels=2)
    wanted = run(pan, np.ascontiguousarray(np.broadcast_to(wanted, (2, wanted.shape[1]))))
    bank = one_strip(channels, trim_at_gain_db=4.0, fader_at_gain_db=-7.3, pan_at_pan=0.4)
    np.testing.assert_allclose(bank_run(bank, [x], strip_events(bank)), wanted, rtol=5 * 2.0**-24, atol=0.0)


@pytest.mark.parametrize("seed", range(3))
def test_neutral_dynamics_and_silent_sends_change_no_bit(seed: int) -> None:
    channels, frames = [1, 2, 2, 1, 1], 2500
    inputs = tracks(channels, frames, seed)
    inputs[0][:, :5] = [1e-40, -1e-40, 1e-45, 0.0, -0.0]
    inputs[1][0, 700] = np.nan
    plain = random_bank(channels, np.random.default_rng(seed))
    ids = [*(info.id for info in plain.parameters()[:21]), "fader.gain_db", "pan.pan"]
    events = random_events(plain, ids, frames, 60, np.random.default_rng(seed))
    more = random_bank(
        channels, np.random.default_rng(seed), dynamics=[True, False, True, True, False], sends=2
    )
    out = bank_run(more, inputs, events)
    assert same_bits(out[:2], bank_run(plain, inputs, events))
    assert not np.any(out[2:])
    neutral = _core.StripBank(RATE, channels, [True] * 5, 1)
    assert same_bits(bank_run(neutral, inputs)[:2], bank_run(_core.StripBank(RATE, channels), inputs))


def busy_bank(seed: int) -> _core.StripBank:
    rng = np.random.default_rng(seed)
    bank = random_bank([1, 2, 2, 1, 1], rng, dynamics=[True, True, False, True, False], sends=2)
    infos = {info.id: info for info in bank.parameters()}
    for strip in (0, 1, 3):
        for parameter, value in SETTINGS["dynamic_eq"].items():
            bank.set(strip, f"dynamic_eq.{parameter}", value)
        for parameter, value in SETTINGS["de_esser"].items():
            bank.set(strip, f"de_esser.{parameter}", value)
        for parameter, value in SETTINGS["compressor"].items():
            bank.set(strip, f"compressor.{parameter}", value)
    for strip in range(5):
        bank.set(strip, "send1.level_db", inside(infos["send1.level_db"], rng.uniform(0.7, 1.0)))
    return bank


@pytest.mark.parametrize("seed", range(5))
def test_any_cut_into_blocks_gives_the_same_bits(seed: int) -> None:
    frames = 2500
    inputs = [bursts(c, frames, seed + i) for i, c in enumerate([1, 2, 2, 1, 1])]
    whole_bank = busy_bank(seed)
    events = random_events(whole_bank, MOVING, frames, 150, np.random.default_rng(seed))
    whole = bank_run(whole_bank, inputs, events)
    for cuts in cuts_of(frames, seed):
        bank = busy_bank(seed)
        assert same_bits(bank_run(bank, inputs, events, cuts), whole)
        assert [bank.reduction(s) for s in range(5)] == [whole_bank.reduction(s) for s in range(5)]


def test_more_events_than_a_tile_has_room_for() -> None:
    """At every frame, of every kind: the tile is cut shorter, no event is lost or late."""
    x = bursts(2, 1200)
    bank = one_strip(2)
    ratio, gain = bank.parameter_index("compressor.ratio"), bank.parameter_index("de_esser.range_db")
    events: list[Event] = []
    for f in range(1200):
        events += [(f, 0, ratio, 2.0 + f % 7, 3), (f, 0, gain, 3.0 + f % 5, 0), (f, 0, 0, f % 3, 1)]
    whole = bank_run(bank, [x], events)
    assert same_bits(bank_run(one_strip(2), [x], events, list(range(1, 1200))), whole)
    assert bank.get(0, "compressor.ratio") == 2.0 + 1199 % 7


@pytest.mark.parametrize("frame", [0, 1, 255, 256, 257, 999])
@pytest.mark.parametrize(("knob", "value"), [("compressor.makeup_db", 6.0), ("compressor.mix", 0.5)])
def test_an_event_is_heard_at_its_frame_and_in_its_strip_only(frame: int, knob: str, value: float) -> None:
    bank = _core.StripBank(RATE, [1, 1, 1], [True] * 3, 3)
    for strip in range(3):
        bank.set(strip, f"send{strip + 1}.level_db", 0.0)
        bank.set(strip, "compressor.makeup_db", 3.0)
    inputs = [np.full((1, 1000), 0.25, np.float32)] * 3
    before = bank_run(bank, inputs)
    out = bank_run(bank, inputs, [(frame, 1, bank.parameter_index(knob), value, 0)])
    changed = np.flatnonzero(out[4] != before[4])
    assert changed[0] == frame
    assert changed.size == 1000 - frame
    assert same_bits(out[[2, 3, 6, 7]], before[[2, 3, 6, 7]])
    assert bank.get(1, knob) == value
    assert bank.get(0, knob) == bank.get(2, knob) != value


def test_reset_begins_anew_with_the_last_settings() -> None:
    x = bursts(2, 3000)
    bank = one_strip(2)
    bank_run(bank, [x], strip_events(bank))
    bank.reset()
    assert bank.reduction(0)["compressor"] == {"max_db": 0.0, "mean_db": 0.0}
    fresh = _core.StripBank(RATE, [2], [True])
    for info in bank.parameters():
        fresh.set(0, info.id, bank.get(0, info.id))
    assert same_bits(bank_run(bank, [x]), bank_run(fresh, [x]))


def test_a_strip_without_dynamics_takes_nothing_away_and_no_settings() -> None:
    bank = _core.StripBank(RATE, [1, 1], [False, True])
    x = [bursts(1, 800), bursts(1, 800)]
    ratio = bank.parameter_index("compressor.ratio")
    plain = bank_run(_core.StripBank(RATE, [1, 1]), x)
    assert same_bits(bank_run(bank, x, [(5, 0, ratio, 20.0, 0)]), plain)
    assert bank.get(0, "compressor.ratio") == 1.0
    none = {"max_db": 0.0, "mean_db": 0.0}
    assert bank.reduction(0) == {"dynamic_eq": none, "de_esser": none, "compressor": none}
    with pytest.raises(ValueError, match=r"strip 0: compressor.ratio: the strip was made without dynamics"):
        bank.set(0, "compressor.ratio", 2.0)
    with pytest.raises(ValueError, match=r"strip 1: compressor.ratio = 30: expected 1 to 20"):
        bank.set(1, "compressor.ratio", 30.0)
    with pytest.raises(IndexError, match=r"no parameter 'compressor\.lookahead_ms'"):
        bank.set(1, "compressor.lookahead_ms", 1.0)
    with pytest.raises(IndexError, match="strip 2: the bank has 2 strips"):
        bank.reduction(2)
    with pytest.raises(ValueError, match=r"dynamics: expected an entry per strip \(2\), got 1"):
        _core.StripBank(RATE, [1, 1], [True])


def test_the_parameters_are_those_of_the_processors() -> None:
    infos = {info.id: info for info in _core.StripBank(RATE, [1], [True], 2).parameters()}
    for name in ("dynamic_eq", "de_esser", "compressor", "stereo_width"):
        prefix = STRIP_NAME.get(name, name)
        of_processor = {i.id: i for i in _core.Processor(name).parameters() if i.id != "lookahead_ms"}
        assert {i.removeprefix(f"{prefix}.") for i in infos if i.startswith(f"{prefix}.")} == set(
            of_processor
        )
        for parameter, info in of_processor.items():
            there = infos[f"{prefix}.{parameter}"]
            assert (there.low, there.high, there.default) == (info.low, info.high, info.default)
            assert (there.scale, there.choices, there.unit) == (info.scale, info.choices, info.unit)


def test_non_finite_samples_are_silence() -> None:
    clean = bursts(2, 900)
    clean[0, [0, 256, 899]] = 0.0
    dirty = clean.copy()
    dirty[0, [0, 256, 899]] = [np.nan, np.inf, -np.inf]
    out = bank_run(one_strip(2), [dirty])
    assert np.all(np.isfinite(out))
    assert same_bits(out, bank_run(one_strip(2), [clean]))


def test_process_allocates_nothing() -> None:
    if not _core.rtcheck_enabled:
        pytest.skip("allocation guard: built without SMARTMIX_RTCHECK=1")
    before = _core.realtime_violations()
    bank = busy_bank(1)
    inputs = [bursts(c, 3000) for c in (1, 2, 2, 1, 1)]
    bank_run(bank, inputs, random_events(bank, MOVING, 3000, 200, np.random.default_rng(2)), [1, 700])
    bank.reset()
    assert _core.realtime_violations() == before
