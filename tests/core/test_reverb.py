"""The reverb against what rooms are measured by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.space_oracles import (
    RATE,
    decay_time_s,
    echo_density,
    impulse,
    narrow,
    octave,
    pink,
    response,
    third_octaves_db,
)
from properties.support import Samples, same_bits
from smartmix.errors import AudioError
from smartmix.processors import Reverb, load_preset
from standards.oracles import ebur128


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("decay_s", [0.3, 1.0, 5.0])
def test_the_middle_of_the_spectrum_decays_in_the_time_set(rate: int, decay_s: float) -> None:
    out = response(max(1.3 * decay_s, 0.8), rate, decay_s=decay_s)
    measured = np.mean([decay_time_s(octave(out, hz, rate), rate) for hz in (500.0, 1000.0)])
    assert measured == pytest.approx(decay_s, rel=0.05)


@pytest.mark.parametrize("damping_hz", [2000.0, 4000.0, 8000.0])
def test_at_the_damping_frequency_the_decay_is_half_as_long(damping_hz: float) -> None:
    out = response(2.5, decay_s=2.0, damping_hz=damping_hz, high_cut_hz=20_000.0)
    there = decay_time_s(narrow(out, damping_hz))
    assert there == pytest.approx(1.0, rel=0.08)
    assert decay_time_s(octave(out, 250.0)) == pytest.approx(2.0, rel=0.05)
    assert decay_time_s(narrow(out, 2.0 * damping_hz)) < 0.6 * there


def test_echoes_are_as_dense_as_noise_within_80_ms() -> None:
    out = response(0.6)
    for side in out:
        density = [echo_density(side, at) for at in np.arange(0.080, 0.4, 0.01)]
        assert np.mean(density) == pytest.approx(1.0, abs=0.03)
        assert min(density) > 0.85
    assert echo_density(out[0], 0.030) < 0.3  # single reflections at first: the measure can tell


@pytest.mark.parametrize("decay_s", [1.6, 5.0])
def test_the_late_part_has_no_colour_of_its_own(decay_s: float) -> None:
    """Third octaves from 80 Hz of the tail, its decay taken out: within 3 dB."""
    out = response(
        1.2 * decay_s,
        decay_s=decay_s,
        damping_hz=20_000.0,
        early_db=-60.0,
        low_cut_hz=20.0,
        high_cut_hz=20_000.0,
    )
    t = np.arange(out.shape[1]) / RATE
    late = out * 10.0 ** (3.0 * t / decay_s) * ((t > 0.15) & (t < 0.15 + 0.8 * decay_s))
    for side in late:
        assert np.abs(third_octaves_db(side)[1:]).max() < 3.2
    both = 10.0 * np.log10(np.mean([10.0 ** (third_octaves_db(side) / 10.0) for side in late], axis=0))
    assert np.abs(both).max() < 2.5


@pytest.mark.parametrize("decay_s", [1.6, 8.0])
def test_no_mode_rings_on(decay_s: float) -> None:
    """No narrow band outlives the rest: the last quarter is as flat as the first."""
    out = response(1.2 * decay_s, decay_s=decay_s, damping_hz=20_000.0, high_cut_hz=20_000.0)[0]
    t = np.arange(out.size) / RATE
    flat = out * 10.0 ** (3.0 * t / decay_s)
    crest = []
    for start in (0.2, 0.7 * decay_s):
        piece = flat[(t > start) & (t < start + 0.3 * decay_s)]
        power = np.abs(np.fft.rfft(piece * np.hanning(piece.size))) ** 2
        hz = np.fft.rfftfreq(piece.size, 1.0 / RATE)
        band = power[(hz > 200.0) & (hz < 8000.0)]
        crest.append(10.0 * np.log10(band.max() / band.mean()))
    assert crest[1] < crest[0] + 3.0


def bursts(seconds: float) -> Samples:
    """Words: pink, 320 ms on, 180 ms off."""
    audio = pink(seconds)
    on = np.arange(audio.shape[1]) / RATE % 0.5 < 0.32
    return (audio * on).astype(np.float32)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"decay_s": 0.3},
        {"decay_s": 5.0},
        {"size": 0.0},
        {"size": 1.0},
        {"damping_hz": 2000.0},
        {"early_db": -60.0},
        {"early_db": 12.0},
        {"width": 0.0},
    ],
)
def test_wet_is_as_loud_as_dry(settings: dict[str, float]) -> None:
    for audio in (pink(5.0), np.repeat(pink(5.0, channels=1), 2, axis=0), bursts(5.0)):
        wet = Reverb(mix=1.0, **settings)(audio, RATE)
        change = ebur128(wet, RATE)[0] - ebur128(audio, RATE)[0]
        assert abs(change) < 0.5, settings


def test_a_source_in_the_middle_becomes_wide() -> None:
    out = response(1.5)[:, round(0.1 * RATE) :]
    assert abs(np.corrcoef(out)[0, 1]) < 0.15
    left, right = (out**2).sum(axis=1)
    assert abs(10.0 * np.log10(left / right)) < 1.0
    narrow = response(1.0, width=0.0)
    assert np.array_equal(narrow[0], narrow[1])


def test_a_source_on_one_side_stays_on_it_at_first_and_then_fills_the_room() -> None:
    out = Reverb(mix=1.0)(impulse(RATE, right=0.0), RATE).astype(np.float64)
    early, late = out[:, : round(0.045 * RATE)], out[:, round(0.15 * RATE) :]
    assert np.sum(early[0] ** 2) > 1.3 * np.sum(early[1] ** 2)
    assert abs(10.0 * np.log10(np.sum(late[0] ** 2) / np.sum(late[1] ** 2))) < 2.0


def test_one_channel_hears_what_the_left_of_two_equal_ones_hears() -> None:
    audio = pink(0.5, channels=1)
    two = Reverb(mix=0.4)(np.repeat(audio, 2, axis=0), RATE)
    assert same_bits(Reverb(mix=0.4)(audio, RATE)[0], two[0])
    with pytest.raises(AudioError, match="3 channels: a reverb takes 1 or 2"):
        Reverb()(np.zeros((3, 100), dtype=np.float32), RATE)


def test_a_constant_leaves_nothing_behind() -> None:
    audio = np.ones((2, 4 * RATE), dtype=np.float32)
    out = Reverb(mix=1.0, low_cut_hz=20.0)(audio, RATE)
    assert np.abs(out[:, 3 * RATE :]).max() < 1e-3


@pytest.mark.parametrize("settings", [{"decay_s": 0.3}, {"decay_s": 2.0, "size": 1.0, "pre_delay_ms": 120.0}])
def test_pre_delay_is_to_the_frame(settings: dict[str, float]) -> None:
    first = {}
    for ms in (0.0, 100.0):
        out = response(0.5, **{**settings, "pre_delay_ms": ms, "high_cut_hz": 20_000.0})
        first[ms] = int(np.argmax(np.abs(out).max(axis=0) > 1e-4))
    assert first[100.0] - first[0.0] == 4800


def test_size_stretches_the_reflections() -> None:
    starts = []
    for size in (0.0, 0.5, 1.0):
        out = response(0.5, size=size, pre_delay_ms=0.0, high_cut_hz=20_000.0)
        starts.append(int(np.argmax(np.abs(out[0]) > 1e-3)))
    assert starts[1] / starts[0] == pytest.approx(2.5, rel=0.03)
    assert starts[2] / starts[1] == pytest.approx(2.5, rel=0.03)


@pytest.mark.parametrize("parameter", ["size", "pre_delay_ms", "decay_s", "damping_hz", "early_db", "width"])
def test_a_moving_setting_does_not_click(parameter: str) -> None:
    """A low tone, the setting thrown from end to end: nothing appears far above the tone."""
    tone = 0.5 * np.sin(2.0 * np.pi * 200.0 * np.arange(3 * RATE) / RATE)
    audio = np.repeat(tone[np.newaxis], 2, axis=0).astype(np.float32)
    info = next(i for i in Reverb().parameters if i.id == parameter)
    lane = [
        (0.0, info.low),
        (1.5, info.low),
        (1.5, info.high),
        (2.2, info.high),
        (2.2, info.low),
        (3.0, info.low),
    ]
    out = Reverb(mix=1.0, decay_s=1.0)(audio, RATE, automation={parameter: lane}).astype(np.float64)
    high = octave(octave(out, 8000.0), 8000.0)[:, RATE:]
    assert np.abs(high).max() < 10.0 ** (-60.0 / 20.0)


@pytest.mark.parametrize(
    "lane",
    [[(0.1, 0.2), (1.0, 0.83)], [(0.5, 0.2), (0.5, 0.1), (0.51, 0.1), (0.51, 0.83)]],
    ids=["slowly", "again within a crossfade"],
)
def test_a_lane_of_size_is_followed_to_its_end(lane: list[tuple[float, float]]) -> None:
    """After the lane the room is the one the last value says: the same tail for the same impulse."""
    audio = np.zeros((2, 4 * RATE), dtype=np.float32)
    audio[:, 2 * RATE] = 1.0
    moved = Reverb(mix=1.0, size=0.2)(audio, RATE, automation={"size": lane})
    still = Reverb(mix=1.0, size=0.83)(audio, RATE)
    assert np.abs(moved - still).max() < 1e-6


def test_the_space_presets_are_heard(repo_root: Path) -> None:
    paths = sorted((repo_root / "presets" / "space").glob("*.toml"))
    assert len(paths) >= 6
    audio = pink(1.0)
    for path in paths:
        assert np.abs(load_preset(path)(audio, RATE) - audio).max() > 0.01, path.name
