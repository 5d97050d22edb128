"""Splits: nothing changed gives the sound back, cuts change nothing, branches of other latencies come together."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.signal

from smartmix.errors import PluginError
from smartmix.processors import Compressor, Gain, ParametricEQ, TruePeakLimiter
from smartmix.rack import Bands, Chain, MidSide, Parallel, PedalboardDevice, load_vst3

RATE = 48_000
FRAMES = 20_000


def noise(channels=2, seed=0):
    return (0.2 * np.random.default_rng(seed).standard_normal((channels, FRAMES))).astype(np.float32)


def late(known, frames):
    plugin = load_vst3(known, isolated=False)
    plugin.delay = float(frames)
    return plugin


def streamed(device, audio, sizes, lanes=None):
    out, at, k = [], 0, 0
    while at < audio.shape[1]:
        count = min(sizes[k % len(sizes)], audio.shape[1] - at)
        block = audio[:, at : at + count]
        out.append(device.process(block, RATE, reset=False, automation=lanes if k == 0 else None))
        at, k = at + count, k + 1
    wait = device.stream_latency_frames
    out.append(device.process(np.zeros((audio.shape[0], wait), np.float32), RATE, reset=False))
    return np.concatenate(out, axis=1)[:, wait : wait + audio.shape[1]]


def all_kinds(known):
    return {
        "mid/side": MidSide(mid=late(known, 37), side=Chain(Compressor(), PedalboardDevice("Gain"))),
        "band": Bands([200.0, 3_000.0], low=Compressor(threshold_db=-30.0), high=late(known, 100)),
        "parallel": Parallel(late=late(known, 64), driven=PedalboardDevice("Distortion", drive_db=12.0)),
    }


@pytest.mark.parametrize("kind", ["mid/side", "band", "parallel"])
def test_any_cut_gives_the_same_samples(known, kind):
    member = next(iter(all_kinds(known)[kind].ids))
    lanes = {f"{member}.level_db": [(0.1, 0.0), (0.3, -6.0)], f"{member}.bypassed": [(0, False), (0.2, True)]}
    whole = all_kinds(known)[kind].process(noise(), RATE, automation=lanes)
    for sizes in ([1, 700, 64, 5000], [1024]):
        assert np.array_equal(streamed(all_kinds(known)[kind], noise(), sizes, lanes), whole)


def test_middle_and_side_unchanged_is_the_very_sound(known):
    split = MidSide(mid=late(known, 300), side=Gain())
    assert np.array_equal(split(noise(), RATE), noise())
    assert split.latency_frames == 300


def test_side_gain_is_the_width():
    stereo = noise()
    out = MidSide(side=Gain(gain_db=-6.0))(stereo, RATE)
    mid, side = (stereo[0] + stereo[1]) / 2, (stereo[0] - stereo[1]) / 2 * 10 ** (-6 / 20)
    assert np.abs(out - np.stack([mid + side, mid - side])).max() < 1e-7


def test_middle_and_side_of_mono_are_refused():
    with pytest.raises(PluginError, match=r"stereo, got 1 channel$"):
        MidSide(side=Gain())(noise(1), RATE)


@pytest.mark.parametrize("hz", [[120.0], [200.0, 3_000.0], [100.0, 900.0, 6_000.0]])
def test_bands_add_up_flat(hz):
    names = {1: "high", 2: "mid", 3: "low_mid"}
    pulse = np.zeros((1, 1 << 16), np.float32)
    pulse[0, 0] = 1.0
    out = Bands(hz, **{names[len(hz)]: Gain()})(pulse, RATE)
    magnitude = np.abs(np.fft.rfft(out[0].astype(np.float64)))[1:-1]
    assert np.abs(20 * np.log10(magnitude)).max() < 0.01


def test_a_band_is_that_of_a_linkwitz_riley_crossover():
    pulse = np.zeros((1, 1 << 16), np.float32)
    pulse[0, 0] = 1.0
    split = Bands([1_000.0], high=Gain(gain_db=-60.0))
    split.set("high.level_db", -120.0)
    low = np.abs(np.fft.rfft(split(pulse, RATE)[0].astype(np.float64)))
    b, a = scipy.signal.butter(2, 1_000.0, fs=RATE)
    _, h = scipy.signal.freqz(b, a, worN=len(low), include_nyquist=True)
    heard = np.abs(h) ** 2 > 1e-4
    assert np.abs(20 * np.log10(low[heard] / np.abs(h[heard]) ** 2)).max() < 0.01


def test_branches_of_other_latencies_come_together(known):
    split = Parallel(dry_db=None, early=Gain(), late=late(known, 250))
    assert np.abs(split(noise(), RATE) - 2 * noise()).max() < 1e-7


def test_levels_of_parallel_branches_add_up():
    split = Parallel(dry_db=-6.0, boost=Gain(gain_db=6.0))
    split.set("boost.level_db", -12.0)
    gain = 10 ** (-6 / 20) + 10 ** (6 / 20) * 10 ** (-12 / 20)
    assert np.abs(split(noise(), RATE) - gain * noise()).max() < 1e-6
    split.set("boost.level_db", -120.0)
    assert np.abs(split(noise(), RATE) - 10 ** (-6 / 20) * noise()).max() < 1e-7


def test_splits_go_into_chains_and_chains_into_splits(known):
    eq = ParametricEQ()
    eq.band1.shape, eq.band1.gain_db = "bell", 4.0

    def made():
        wide = MidSide(side=Chain(late(known, 90), Gain(gain_db=2.0), ids=["late", "up"]))
        return Chain(eq, wide, TruePeakLimiter(), ids=["eq", "wide", "limit"])

    lanes = {"wide.side.up.gain_db": [(0.05, 2.0), (0.3, 6.0)], "wide.dry_wet": [(0.2, 1.0), (0.4, 0.5)]}
    whole = made().process(noise(), RATE, automation=lanes)
    assert np.array_equal(streamed(made(), noise(), [333, 4096, 7], lanes), whole)
    unmoved = made().process(noise(), RATE)
    assert np.array_equal(whole[:, : int(0.04 * RATE)], unmoved[:, : int(0.04 * RATE)])
    assert not np.array_equal(whole, unmoved)


def test_wrong_words_are_told():
    with pytest.raises(PluginError, match="no band 'mid'; there are: low, high"):
        Bands([100.0], mid=Gain())
    with pytest.raises(PluginError, match="1 to 3 frequencies, got 4"):
        Bands([1.0, 2.0, 3.0, 4.0], low=Gain())
    with pytest.raises(PluginError, match="third of an octave"):
        Bands([1000.0, 1001.0], low=Gain())(noise(), RATE)
    with pytest.raises(PluginError, match="a branch at least"):
        MidSide()
    with pytest.raises(PluginError, match="dry_db"):
        Parallel(dry_db=99.0, x=Gain())
