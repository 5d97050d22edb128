"""The promises of the Processor contract, checked on every registered processor, new ones too."""

from __future__ import annotations

import numpy as np
import pytest

from properties.support import (
    SAMPLE_RATE,
    Samples,
    channel_count,
    counts_from_prepare,
    curves_of,
    groups,
    inside,
    knob_contexts,
    noise,
    parameters,
    prepared,
    random_curves,
    random_events,
    random_settings,
    run,
    same_bits,
)
from smartmix import _core

NAMES = _core.processor_names()
every_processor = pytest.mark.parametrize("name", NAMES)
seeds = pytest.mark.parametrize("seed", range(6))


def bursts(channels: int, frames: int) -> Samples:
    """Noise, low, loud and dying away in turn, another in each channel: work for every kind of effect."""
    part, frame = np.arange(frames) // 600 % 3, np.arange(frames) % 600
    level = np.select([part == 0, part == 1], [0.1, 1.0], 10.0 ** (-3.0 * frame / 600.0)).astype(np.float32)
    return noise(channels, frames, seed=5, level=0.5) * level


def damaged(channels: int, frames: int) -> Samples:
    """Low noise with a thump, a few clicks of all sizes and lengths and a clipped sweep: work for what mends."""
    samples = noise(channels, frames, seed=7, level=0.02)
    rng = np.random.default_rng(8)
    for at, length in zip((9500, 10_650, 12_400, 13_700, 15_900), (2, 20, 30, 60, 80), strict=True):
        samples[:, at : at + length] += (0.8 * rng.choice([-1.0, 1.0], length)).astype(np.float32)
    t = np.arange(3000) / SAMPLE_RATE
    samples[:, 17_600:20_600] += (0.8 * np.sin(2.0 * np.pi * (200.0 + 8000.0 * t) * t)).astype(np.float32)
    samples[:, 17_600:20_600] = np.clip(samples[:, 17_600:20_600], -0.5, 0.5)
    samples[:, 5000:8000] += (0.9 * np.sin(2.0 * np.pi * 50.0 * t) * np.exp(-30.0 * t)).astype(np.float32)
    return samples


@every_processor
def test_default_settings_change_no_bit(name: str) -> None:
    processor = prepared(name)
    quiet = noise(channel_count(name), 4000, level=0.02)
    quiet[0, 10:20] = [0.0, -0.0, 1e-40, -1e-40, 1e-45, 0.5, -0.5, 1e-30, -1e-30, 0.0]
    out = run(processor, quiet)
    latency = processor.latency_frames
    assert not np.any(out[:, :latency])
    if latency == 0:
        assert same_bits(out, quiet)
    else:
        assert np.array_equal(out[:, latency:], quiet[:, :-latency])


@every_processor
def test_the_impulse_comes_out_at_the_declared_latency(name: str) -> None:
    processor = prepared(name)
    channels = channel_count(name)
    impulse = np.zeros((channels, 500 + processor.latency_frames), dtype=np.float32)
    impulse[:, 100] = 0.05
    out = run(processor, impulse)
    assert np.abs(out).argmax(axis=1).tolist() == [100 + processor.latency_frames] * channels


@seeds
@every_processor
def test_any_cut_into_blocks_gives_the_same_bits(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = 3000
    settings = random_settings(name, rng)
    events = random_events(name, rng, frames, 40)
    samples = bursts(channel_count(name), frames)
    curves = random_curves(name, rng)
    whole = run(prepared(name, settings, curves=curves), samples, events)
    around_events = {frame + d for frame, *_ in events for d in (0, 1) if 0 < frame + d < frames}
    for cuts in (
        list(range(64, frames, 64)),
        sorted(around_events),
        sorted({int(c) for c in rng.integers(1, frames, 25)}),
        list(range(1, 700)),
    ):
        again = run(prepared(name, settings, curves=curves), samples, events, cuts)
        assert same_bits(again, whole), cuts[:5]


@seeds
@every_processor
def test_a_ramp_is_the_same_in_any_blocks(name: str, seed: int) -> None:
    """A single long ramp of each parameter in turn, over a signal that is there from the start."""
    rng = np.random.default_rng(100 + seed)
    samples = bursts(channel_count(name), 2500)
    settings = random_settings(name, rng, groups_used=len(groups(name)) if len(groups(name)) < 5 else 2)
    active = [i for i, info in enumerate(parameters(name)) if info.id in settings]
    for index in active:
        events = [(137, index, inside(parameters(name)[index], rng.uniform()), 1777)]
        whole = run(prepared(name, settings), samples, events)
        cut = run(
            prepared(name, settings), samples, events, [100, 137, 138, 200, 487, 1003, 1004, 1914, 1915]
        )
        assert same_bits(cut, whole), parameters(name)[index].id


@seeds
@every_processor
def test_reset_is_as_good_as_new(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    samples = bursts(channel_count(name), 2000)
    used = prepared(name, random_settings(name, rng), curves=random_curves(name, rng))
    events = random_events(name, rng, 2000, 20)
    fixed = counts_from_prepare(name)
    run(used, samples, [e for e in events if parameters(name)[e[1]].id not in fixed])
    used.reset()
    settings = {info.id: used.get(info.id) for info in parameters(name)}
    fresh = prepared(name, settings, curves=curves_of(used))
    assert same_bits(run(used, samples), run(fresh, samples))


def hostile_signals(channels: int) -> dict[str, Samples]:
    frames = 4000
    t = np.arange(frames)
    signals = {
        "silence": np.zeros(frames),
        "constant": np.ones(frames),
        "square at full scale": np.where(t // 50 % 2, 1.0, -1.0),
        "far over full scale": 100.0 * np.sin(t),
        "denormals": np.full(frames, 1e-40),
        "a click then silence": np.where(t == 5, 1.0, 0.0),
        "NaN": np.where(t % 700 == 3, np.nan, 0.1),
        "infinity": np.where(t % 700 == 3, np.where(t % 1400 == 3, np.inf, -np.inf), 0.1),
    }
    return {key: np.tile(x, (channels, 1)).astype(np.float32) for key, x in signals.items()}


@every_processor
def test_latency_stays_until_the_next_prepare(name: str) -> None:
    """A parameter that decides the latency changes nothing between two prepares, sound included."""
    samples = bursts(channel_count(name), 1000)
    for parameter_id in sorted(counts_from_prepare(name)):
        info = next(i for i in parameters(name) if i.id == parameter_id)
        processor = prepared(name, {parameter_id: info.high})
        latency = processor.latency_frames
        index = processor.parameter_index(parameter_id)
        moved = run(processor, samples, [(100, index, info.low, 0)])
        assert processor.latency_frames == latency
        processor.reset()
        assert processor.latency_frames == latency
        assert same_bits(moved, run(prepared(name, {parameter_id: info.high}), samples))
        processor.prepare(SAMPLE_RATE, channel_count(name))
        assert processor.latency_frames == prepared(name, {parameter_id: info.low}).latency_frames < latency


@seeds
@every_processor
def test_hostile_samples_stay_finite(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    settings = random_settings(name, rng)
    processor = prepared(name, settings)
    for key, samples in hostile_signals(channel_count(name)).items():
        events = random_events(name, rng, samples.shape[1], 30)
        assert np.all(np.isfinite(run(processor, samples, events, [1, 2, 1000]))), key


@every_processor
def test_non_finite_samples_are_silence(name: str) -> None:
    settings = random_settings(name, np.random.default_rng(3))
    samples = bursts(channel_count(name), 1000)
    with_holes = samples.copy()
    samples[0, [1, 500, 999]] = 0.0
    with_holes[0, [1, 500, 999]] = [np.nan, np.inf, -np.inf]
    assert same_bits(run(prepared(name, settings), with_holes), run(prepared(name, settings), samples))


@seeds
@pytest.mark.parametrize("name", [n for n in NAMES if prepared(n).tail_frames > 0])
def test_the_sound_is_over_after_the_declared_tail(name: str, seed: int) -> None:
    """Noise, then silence: after the tail everything is 60 dB under what the noise made."""
    rng = np.random.default_rng(seed)
    processor = prepared(name, random_settings(name, rng))
    samples = noise(channel_count(name), 12_000, seed=seed)
    loud = np.abs(run(processor, samples)).max()
    tail = processor.tail_frames
    silence = np.zeros((channel_count(name), tail + 24_000), dtype=np.float32)
    left = run(processor, silence)[:, tail:]
    assert np.abs(left).max() <= 1e-3 * max(loud, 0.25), name


@every_processor
def test_a_block_of_no_frames_is_no_block(name: str) -> None:
    settings = random_settings(name, np.random.default_rng(4))
    samples = bursts(channel_count(name), 300)
    processor = prepared(name, settings)
    empty = processor.process(np.zeros((channel_count(name), 0), np.float32))
    assert empty.shape == (channel_count(name), 0)
    assert same_bits(run(processor, samples, cuts=[100, 100, 101]), run(prepared(name, settings), samples))


@pytest.mark.parametrize(("name", "parameter_id"), [(n, info.id) for n in NAMES for info in parameters(n)])
def test_no_dead_knob(name: str, parameter_id: str) -> None:
    """Every parameter, and every step of a choice, changes the sound in some setting of its neighbours."""
    more = LISTENS_FIRST.get(name, min(prepared(name).tail_frames, 12_000))
    info = next(info for info in parameters(name) if info.id == parameter_id)
    unheard: set[tuple[float, float]] = set()
    heard: set[tuple[float, float]] = set()
    rng = np.random.default_rng(11)
    for samples in (bursts(channel_count(name), 3000 + more), damaged(channel_count(name), 21_000 + more)):
        for knob in knob_contexts(name, info):
            curves = random_curves(name, rng)
            if knob.values in heard:
                continue
            a, b = (
                run(prepared(name, {**knob.context, parameter_id: v}, curves=curves), samples)
                for v in knob.values
            )
            (heard if np.abs(a - b).max() > 1e-4 * np.abs(samples).max() else unheard).add(knob.values)
    assert not unheard - heard, f"{parameter_id} is not heard between {sorted(unheard - heard)}"


LISTENS_FIRST = {"hum_removal": 40_000, "match_eq": 40_000, "rumble_filter": 65_000}
"""Frames it takes until what is learned can be heard."""


def has_response(name: str) -> bool:
    try:
        prepared(name).response_db(np.array([1000.0]))
    except NotImplementedError:
        return False
    return True


def measured_db(impulse_response: np.ndarray, hz: np.ndarray, sample_rate: float) -> np.ndarray:
    """Level of the response at any frequencies, by a plain Fourier sum over the part that is not silent."""
    live = np.flatnonzero(np.abs(impulse_response) > 1e-8 * np.abs(impulse_response).max())
    n = np.arange(live[-1] + 1)
    phase = -2j * np.pi / sample_rate * hz
    h = np.array([np.dot(impulse_response[: n.size], np.exp(p * n)) for p in phase])
    return 20.0 * np.log10(np.abs(h) + 1e-30)


@pytest.mark.parametrize("sample_rate", [44_100.0, 48_000.0, 96_000.0, 192_000.0])
@pytest.mark.parametrize("name", [n for n in NAMES if has_response(n)])
def test_the_measured_response_is_the_declared_one(name: str, sample_rate: float) -> None:
    rng = np.random.default_rng(int(sample_rate))
    hz = np.geomspace(20.0, 0.45 * sample_rate, 24)
    heard = 0
    for _ in range(10):
        # What learns has no response of its own: it moves with what it hears.
        found = random_settings(name, rng, groups_used=1)
        settings = {k: v for k, v in found.items() if not k.startswith("learn_")}
        processor = prepared(name, settings, sample_rate=sample_rate, curves=random_curves(name, rng))
        impulse = np.zeros((channel_count(name), int(8 * sample_rate)), dtype=np.float32)
        impulse[:, 0] = 1.0
        measured = measured_db(run(processor, impulse)[0].astype(np.float64), hz, sample_rate)
        declared = processor.response_db(hz)
        seen = declared > -60.0
        heard += int(np.any(np.abs(declared[seen]) > 0.5))
        np.testing.assert_allclose(measured[seen], declared[seen], atol=0.01, err_msg=str(settings))
    assert heard > 0


TWO_DIFFERENT_SIDES = {"reverb"}
"""Left and right come out of different echoes on purpose: a mono source has to become wide."""


@seeds
@pytest.mark.parametrize("name", [n for n in NAMES if channel_count(n) == 2 and n not in TWO_DIFFERENT_SIDES])
def test_channels_may_change_places(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sides = {"pan", "balance", "ping_pong"}
    settings = {k: v for k, v in random_settings(name, rng).items() if k not in sides}
    events = [e for e in random_events(name, rng, 2000, 20) if parameters(name)[e[1]].id not in sides]
    samples = bursts(2, 2000)
    out = run(prepared(name, settings), samples, events)
    swapped = run(prepared(name, settings), np.ascontiguousarray(samples[::-1]), events)
    assert same_bits(np.ascontiguousarray(swapped[::-1]), out)


@every_processor
def test_process_allocates_nothing(name: str) -> None:
    if not _core.rtcheck_enabled:
        pytest.skip("allocation guard: built without SMARTMIX_RTCHECK=1")
    rng = np.random.default_rng(8)
    before = _core.realtime_violations()
    processor = prepared(name, random_settings(name, rng, groups_used=30))
    samples = bursts(channel_count(name), 5000)
    run(processor, samples, random_events(name, rng, 5000, 100), [1, 2, 600, 4000])
    processor.reset()
    run(processor, samples)
    assert _core.realtime_violations() == before


@every_processor
def test_parameters_keep_what_they_are_given(name: str) -> None:
    processor = _core.Processor(name)
    for position in (0.0, 0.3, 1.0):
        wanted = {info.id: inside(info, position) for info in parameters(name)}
        for parameter_id, value in wanted.items():
            processor.set(parameter_id, value)
        processor.prepare(SAMPLE_RATE, channel_count(name))
        processor.reset()
        assert {key: processor.get(key) for key in wanted} == wanted


@every_processor
def test_an_event_leaves_the_parameter_at_its_value(name: str) -> None:
    for index, info in enumerate(parameters(name)[:15]):
        processor = prepared(name)
        value = inside(info, 0.6)
        run(processor, noise(channel_count(name), 50), [(20, index, value, 200)])
        assert processor.get(info.id) == value


@every_processor
def test_values_out_of_range_are_refused_naming_the_range(name: str) -> None:
    processor = prepared(name)
    for index, info in enumerate(parameters(name)):
        for bad in (info.low - 1.0, info.high + 1.0, np.nan, np.inf):
            with pytest.raises(ValueError, match=rf"{info.id} = .*expected {info.low:g} to {info.high:g}"):
                processor.set(info.id, bad)
            with pytest.raises(ValueError, match=rf"{info.id} = .*expected"):
                processor.process(noise(channel_count(name), 4), [0], [index], [bad], [0])
        assert processor.get(info.id) == info.default


@every_processor
def test_parameters_describe_themselves(name: str) -> None:
    infos = parameters(name)
    assert len({info.id for info in infos}) == len(infos)
    for info in infos:
        assert info.low <= info.default <= info.high
        assert info.low < info.high
        assert info.scale != "log" or info.low > 0.0
        assert (info.scale == "choice") == bool(info.choices)
        assert not info.choices or (info.low, info.high) == (0.0, len(info.choices) - 1.0)


@every_processor
def test_wrong_calls_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="call prepare"):
        _core.Processor(name).process(noise(channel_count(name), 10))
    processor = prepared(name)
    good = noise(channel_count(name), 10)
    for bad, message in (
        (good[0], r"expected an array \(channels, frames\), got shape \(10,\)"),
        (good.astype(np.float64), "float32"),
        (np.asfortranarray(noise(channel_count(name), 10))[:, ::2], "C-ordered"),
        (noise(channel_count(name) + 1, 10), "channels"),
    ):
        with pytest.raises(ValueError, match=message):
            processor.process(bad)
    default = parameters(name)[0].default
    for columns, error, message in (
        (([10], [0], [default], [0]), ValueError, "event at frame 10: expected"),
        (([5, 4], [0, 0], [default, default], [0, 0]), ValueError, "rising"),
        (([0], [len(parameters(name))], [0.0], [0]), IndexError, "expected 0 to"),
        (([0], [0], [default], [-1]), ValueError, "ramp of -1"),
        (([0.5], [0], [0.0], [0]), ValueError, "whole numbers"),
        (([0], [0], [default, default], [0]), ValueError, "one entry per event"),
    ):
        with pytest.raises(error, match=message):
            processor.process(good, *columns)
    with pytest.raises(IndexError, match="no parameter 'nonsense'"):
        processor.set("nonsense", 0.0)
    with pytest.raises(ValueError, match="sample rate"):
        processor.prepare(0.0, channel_count(name))
