"""Chains: any cut the same samples, latencies made good, dry/wet without combing, bypass without a jump in time."""

from __future__ import annotations

import numpy as np
import pytest

from smartmix.errors import AudioError, PluginError
from smartmix.processors import Compressor, Gain, ParametricEQ, TruePeakLimiter
from smartmix.rack import Chain, PedalboardDevice, load_vst3

RATE = 48_000
FRAMES = 30_000


def noise(channels=2, seed=0):
    return (0.2 * np.random.default_rng(seed).standard_normal((channels, FRAMES))).astype(np.float32)


def mixed_chain(known):
    eq = ParametricEQ()
    eq.band1.shape = "bell"
    eq.band1.gain_db = 6.0
    plugin = load_vst3(known, isolated=False)
    plugin.delay = 150.0
    effects = (eq, plugin, PedalboardDevice("Compressor", threshold_db=-20.0, ratio=3.0), TruePeakLimiter())
    return Chain(*effects, ids=["eq", "vst", "comp", "limit"])


LANES = {
    "eq.band1.gain_db": [(0.0, 0.0), (0.3, 9.0), (0.3, -9.0), (0.5, 0.0)],
    "vst.gain_db": [(0.1, 0.0), (0.4, -12.0)],
    "comp.threshold_db": [(0.0, -10.0), (0.6, -30.0)],
    "comp.dry_wet": [(0.2, 1.0), (0.4, 0.0), (0.5, 1.0)],
    "vst.bypassed": [(0.0, False), (0.45, True), (0.55, False)],
}


def streamed(chain, audio, sizes, lanes, keys=None):
    out, at, k = [], 0, 0
    while at < FRAMES:
        count = min(sizes[k % len(sizes)], FRAMES - at)
        cut = slice(at, at + count)
        heard = None if keys is None else {i: key[:, cut] for i, key in keys.items()}
        lane = lanes if k == 0 else None
        out.append(chain.process(audio[:, cut], RATE, reset=False, automation=lane, side_chain=heard))
        at, k = at + count, k + 1
    late = chain.stream_latency_frames
    rest = {i: np.zeros((key.shape[0], late), np.float32) for i, key in keys.items()} if keys else None
    silence = np.zeros((audio.shape[0], late), np.float32)
    out.append(chain.process(silence, RATE, reset=False, side_chain=rest))
    return np.concatenate(out, axis=1)[:, late : late + FRAMES]


@pytest.mark.parametrize("sizes", [[1, 333, 2, 5000, 64], [1024], [FRAMES]])
def test_ragged_calls_equal_one_call(known, sizes):
    whole = mixed_chain(known).process(noise(), RATE, automation=LANES)
    assert np.array_equal(streamed(mixed_chain(known), noise(), sizes, LANES), whole)


def test_latent_members_stay_in_time(known):
    plugin = load_vst3(known, isolated=False)
    plugin.delay = 150.0
    chain = Chain(Gain(), plugin, Gain())
    assert np.array_equal(chain(noise(), RATE), noise())
    assert chain.latency_frames == 150
    assert np.array_equal(streamed(chain, noise(), [777], {}), noise())


def test_half_dry_does_not_comb_and_bypass_keeps_the_time(known):
    plugin = load_vst3(known, isolated=False)
    plugin.delay, plugin.gain_db = 150.0, -6.0
    chain = Chain(plugin, ids=["vst"])
    chain.set("vst.dry_wet", 0.5)
    gain = 0.5 + 0.5 * 10 ** (-6 / 20)
    assert np.abs(chain(noise(), RATE) - noise() * gain).max() < 2e-7
    chain.set("vst.bypassed", True)
    assert np.array_equal(chain(noise(), RATE), noise())
    assert chain.latency_frames == 150


def test_it_is_its_members_one_after_the_other():
    comp, gain = Compressor(threshold_db=-30.0, ratio=4.0), Gain(gain_db=-3.0)
    one_by_one = gain(comp(noise(), RATE), RATE)
    assert np.array_equal(Chain(comp, gain)(noise(), RATE), one_by_one)


def test_a_native_lane_in_a_chain_is_the_one_of_the_effect_alone():
    lane = [(0.05, -20.0), (0.3, 0.0), (0.3, -6.0), (0.5, -6.0)]
    alone = Gain().process(noise(), RATE, automation={"gain_db": lane})
    assert np.array_equal(Chain(Gain()).process(noise(), RATE, automation={"gain.gain_db": lane}), alone)


def test_a_member_listens_to_its_side_chain():
    key = noise(1, seed=3)
    comp = Compressor(threshold_db=-40.0, ratio=8.0)
    alone = comp.process(noise(), RATE, side_chain=key)
    chain = Chain(Gain(), Compressor(threshold_db=-40.0, ratio=8.0), ids=["g", "c"])
    assert np.array_equal(chain.process(noise(), RATE, side_chain={"c": key}), alone)
    assert np.array_equal(streamed(chain, noise(), [500], {}, {"c": key}), alone)


def test_a_members_own_mix_is_its_own():
    chain = Chain(PedalboardDevice("Chorus"))
    chain.set("chorus.mix", 0.0)
    assert chain["chorus"].mix == 0.0 and chain.get("chorus.dry_wet") == 1.0
    assert len({i.id for i in chain.parameters}) == len(chain.parameters)
    assert np.array_equal(chain(noise(), RATE), noise())


def test_wrong_words_are_told():
    chain = Chain(Gain(), Gain())
    assert chain.ids == ("gain", "gain_2")
    with pytest.raises(PluginError, match="no device 'comp'; there are: gain, gain_2"):
        chain.set("comp.dry_wet", 0.5)
    with pytest.raises(PluginError, match="at least one"):
        Chain()
    with pytest.raises(PluginError, match="one of its own"):
        Chain(Gain(), Gain(), ids=["a", "a"])
    with pytest.raises(AudioError, match="frames"):
        chain.process(noise(), RATE, side_chain={"gain": noise()[:, 1:]})
    with pytest.raises(PluginError, match="whole recording"):
        Chain(PedalboardDevice("PitchShift"))(noise(), RATE)
