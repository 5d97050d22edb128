"""Compression and ceiling intents: depth heard from outside and checked against the device's own account of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from smartmix.analysis import measure_loudness
from smartmix.errors import PluginError, SmartmixError
from smartmix.processors import Compressor, MultibandCompressor, TruePeakLimiter
from smartmix.rack import PedalboardDevice, fit_chain, load_chain, load_vst3
from smartmix.rack.intents import (
    CeilingIntent,
    CompressionIntent,
    fit_ceiling,
    fit_compression,
    fit_compressor_move,
)
from smartmix.rack.intents.compressor_survey import survey_compressor
from smartmix.rack.intents.reduction import on_peaks_db, powers
from smartmix.rack.native import NativeDevice

RATE = 48_000
ZAM = pytest.mark.skipif(
    not Path("/usr/lib/vst3/ZamComp.vst3").exists(), reason="zam-plugins are not installed"
)


def words(seconds=6.0, channels=1):
    """Noise in words of 300 ms, each as loud as it happens, with pauses."""
    rng = np.random.default_rng(4)
    audio = np.zeros(round(seconds * RATE))
    for start in range(0, len(audio) - RATE // 2, RATE // 2):
        level = 10 ** (rng.uniform(-18, -6) / 20)
        audio[start : start + 14_400] = level * 0.3 * rng.standard_normal(14_400)
    # Nothing near half the rate, where no two meters of true peaks agree.
    audio = signal.sosfilt(signal.butter(8, 12_000, output="sos", fs=RATE), audio)
    return np.tile(audio.astype(np.float32), (channels, 1))


def test_reduction_heard_from_outside_is_what_the_compressor_says():
    compressor = Compressor(threshold_db=-30.0, ratio=4.0, knee_db=0.0, release_ms=500.0, detection="peak")
    tone = (10 ** (-10 / 20) * np.sin(2 * np.pi * 1000 / RATE * np.arange(4 * RATE)))[None].astype(np.float32)
    held = compressor.process(tone, RATE)
    heard = on_peaks_db(powers(held, RATE), powers(tone, RATE))
    assert heard == pytest.approx(np.median(np.abs(compressor.reduction_trace(rate_hz=10))), abs=0.1)
    assert heard == pytest.approx(20.0 * (1 - 1 / 4), abs=0.5)  # (level - threshold) (1 - 1/ratio)
    in_band = on_peaks_db(powers(held, RATE, 500, 2000), powers(tone, RATE, 500, 2000))
    assert in_band == pytest.approx(heard, abs=0.05)


def test_pauses_do_not_count():
    held = Compressor(threshold_db=-30.0, ratio=4.0).process(words(), RATE)
    silence = np.zeros((1, 20 * RATE), np.float32)
    alone = on_peaks_db(powers(held, RATE), powers(words(), RATE))
    longer = [powers(np.concatenate([audio, silence], axis=1), RATE) for audio in (held, words())]
    assert on_peaks_db(*longer) == pytest.approx(alone, abs=0.1) and alone > 3.0


@pytest.mark.parametrize("wanted_db", [1.5, 6.0])
@pytest.mark.parametrize(
    "device",
    [NativeDevice(Compressor()), PedalboardDevice("Compressor", ratio=3.0)],
    ids=["native", "pedalboard"],
)
def test_peaks_are_held_by_what_is_wanted(device, wanted_db):
    intent = CompressionIntent(wanted_db, ratio=3.0, attack_ms=8.0, release_ms=100.0)
    fit = fit_compression(device, intent, words(), RATE)
    assert fit.reached and fit.error_db < 0.2
    assert fit.values["ratio"] == 3.0 and fit.values["attack_ms"] == 8.0
    made = dict(fit.values)
    opened = made | {"threshold_db": 0.0}
    heard = [_with(device, values).process(words(), RATE) for values in (made, opened)]
    levels = [
        10 * np.log10(np.convolve(h[0].astype(float) ** 2, np.ones(960) / 960, "same")[::480] + 1e-12)
        for h in heard
    ]
    loud = levels[1] > np.percentile(levels[1], 95) - 25
    assert np.percentile((levels[1] - levels[0])[loud], 95) == pytest.approx(wanted_db, abs=0.3)


def _with(device, values):
    other = type(device)(Compressor()) if isinstance(device, NativeDevice) else PedalboardDevice("Compressor")
    for name, value in values.items():
        other.set(name, value)
    return other


def test_what_goes_in_comes_out_as_loud():
    fit = fit_compression(NativeDevice(Compressor()), CompressionIntent(4.0, ratio=4.0), words(), RATE)
    out = _with(NativeDevice(Compressor()), fit.values).process(words(), RATE)
    before, after = (measure_loudness(a, RATE).integrated_lufs for a in (words(), out))
    assert fit.values["makeup_db"] > 0.5 and after == pytest.approx(before, abs=0.1)


def test_bands_of_a_multiband_compressor_are_found_where_they_are():
    native = MultibandCompressor()
    found = survey_compressor(NativeDevice(native), RATE, 1)
    assert len(found.bands) == len({b.threshold for b in found.bands}) >= 3
    edges = [b.from_hz for b in found.bands]
    assert edges == sorted(edges) and found.bands[0].from_hz == 0.0
    by_number = [b.threshold.split(".")[0] == b.ratio.split(".")[0] for b in found.bands]
    assert all(by_number)


def test_a_depth_that_is_out_of_reach_is_said():
    soft = words() * np.float32(0.02)
    fit = fit_compression(
        PedalboardDevice("Compressor", ratio=2.0), CompressionIntent(9.0, ratio=2.0), soft, RATE
    )
    assert not fit.reached and fit.error_db > 1.0
    assert "dB of 9 on peaks" in fit.stated_limit


def test_a_ratio_that_is_free_is_raised_where_the_threshold_ends():
    soft = words() * np.float32(0.05)
    fixed = fit_compression(
        PedalboardDevice("Compressor", ratio=1.2), CompressionIntent(6.0, ratio=1.2), soft, RATE
    )
    free = fit_compression(PedalboardDevice("Compressor", ratio=1.2), CompressionIntent(6.0), soft, RATE)
    assert not fixed.reached and free.reached and free.values["ratio"] > 1.2


def test_what_is_no_compressor_or_limiter_is_refused():
    with pytest.raises(PluginError, match="cannot carry out a compression"):
        fit_compression(PedalboardDevice("Reverb"), CompressionIntent(3.0), words(), RATE)
    with pytest.raises(PluginError, match="cannot keep a ceiling"):
        fit_ceiling(PedalboardDevice("PeakFilter"), CeilingIntent(-1.0), words(), RATE)


def oversampled_peak_db(audio):
    return 20 * np.log10(np.abs(signal.resample_poly(audio.astype(float), 16, 1, axis=1)).max())


@pytest.mark.parametrize(
    "device",
    [NativeDevice(TruePeakLimiter()), PedalboardDevice("BrickwallLimiter")],
    ids=["native", "pedalboard"],
)
def test_no_peak_is_over_the_ceiling(device):
    loud = words() * np.float32(4.0)
    fit = fit_ceiling(device, CeilingIntent(-1.0), loud, RATE)
    assert fit.reached and fit.told["true_peak_dbtp"] <= -1.0
    for name, value in fit.values.items():
        device.set(name, value)
    assert -1.15 < oversampled_peak_db(device.process(loud, RATE)) < -0.93


def test_drive_that_a_limiter_has_no_knob_for_is_said():
    fit = fit_ceiling(PedalboardDevice("BrickwallLimiter"), CeilingIntent(-1.0, drive_db=6.0), words(), RATE)
    assert "soft sound comes out" in fit.stated_limit


@ZAM
def test_zam_comp_does_what_our_compressor_was_asked_to(dev_songs, capfd):
    import soundfile

    audio, rate = soundfile.read(dev_songs / "eif_lithium" / "vox_lead.flac", dtype="float32", always_2d=True)
    loudest = int(np.argmax(np.abs(audio[:, 0])))
    vocal = np.ascontiguousarray(audio[max(0, loudest - 3 * rate) : loudest + 3 * rate, :1].T)
    settings = {"threshold_db": -24.0, "ratio": 2.5, "attack_ms": 12.0, "release_ms": 140.0}
    fit = fit_compressor_move(load_vst3("/usr/lib/vst3/ZamComp.vst3"), settings, vocal, rate)
    assert fit.reached and fit.told["wanted_db"] > 1.0
    assert fit.told["trace_db"] < 0.5
    capfd.readouterr()


@ZAM
def test_zam_switches_are_put_on_and_drive_goes_the_right_way(capfd):
    audio = words(3.0, channels=2)
    bands = load_vst3("/usr/lib/vst3/ZaMultiCompX2.vst3")
    held = fit_compression(bands, CompressionIntent(3.0, from_hz=2000.0), audio, RATE)
    assert held.reached and held.values["zamcomp_3_on"] == 1.0
    assert held.values["threshold_3_db"] < -10.0 < held.values["threshold_1_db"]
    limiter = load_vst3("/usr/lib/vst3/ZaMaximX2.vst3")
    top = fit_ceiling(limiter, CeilingIntent(-3.0, drive_db=6.0), audio, RATE)
    assert top.reached and top.told["true_peak_dbtp"] <= -3.0
    for name, value in top.values.items():
        limiter.set(name, value)
    soft = audio * np.float32(0.01)
    raised = limiter.process(soft, RATE)
    assert 10 * np.log10(np.sum(raised**2) / np.sum(soft**2)) == pytest.approx(6.0, abs=0.1)
    capfd.readouterr()


CHAIN = """\
format = 1
name = "Stand-ins"

[[device]]
id = "eq"
kind = "{kind}"
name = "{name}"

[[device.intent]]
kind = "eq"
during = "{during}"

[[device.intent.band]]
freq_hz = 2000.0
gain_db = {gain_db}

[[device]]
id = "comp"
kind = "native"
name = "compressor"

[[device.intent]]
kind = "compression"
reduction_db = 3.0

[[device]]
id = "limit"
kind = "native"
name = "true_peak_limiter"

[[device.intent]]
kind = "ceiling"
dbtp = -6.0
"""


def fitted(folder, kind, name, during="", gain_db=-3.0, **keys):
    path = folder / "chain.toml"
    path.write_text(CHAIN.format(kind=kind, name=name, during=during, gain_db=gain_db))
    chain = load_chain(path, RATE, 1, search=[folder])
    return fit_chain(chain, words(), RATE, keys=keys)


def test_a_chain_does_all_it_is_meant_to(tmp_path):
    made = fitted(tmp_path, "pedalboard", "PeakFilter")
    assert [f.carried_by for f in made.fits] == ["eq", "comp", "limit"]
    assert all(f.fit.error_db < 0.5 and f.fit.reached for f in made.fits)
    assert oversampled_peak_db(made(words(), RATE)) < -5.9


def test_each_device_is_fitted_to_what_comes_to_it(tmp_path):
    chain = fitted(tmp_path, "pedalboard", "PeakFilter", gain_db=15.0).chain
    comes = chain["eq"].process(words(), RATE)
    held = chain["comp"].process(comes, RATE)
    opened = NativeDevice(Compressor(makeup_db=chain["comp"].get("makeup_db"))).process(comes, RATE)
    assert on_peaks_db(powers(held, RATE), powers(opened, RATE)) == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [("vst3", "Nowhere", "is not here"), ("pedalboard", "Reverb", "cannot carry out an EQ")],
)
def test_our_own_eq_stands_in_and_it_is_said_why(tmp_path, kind, name, said):
    made = fitted(tmp_path, kind, name)
    first = made.fits[0]
    assert first.carried_by == "eq_instead" and said in first.fit.stated_limit
    assert made.chain.ids == ("eq", "eq_instead", "comp", "limit")
    assert made.chain["eq_instead"].get("band1.gain_db") == -3.0
    assert said in first.text


def test_a_move_holds_while_another_track_sounds(tmp_path):
    key = words()
    key[:, : 2 * RATE] = 0.0
    made = fitted(tmp_path, "pedalboard", "PeakFilter", during="vocal", vocal=key)
    (lane,) = made.automation.values()
    times, gains = np.transpose(lane)
    assert np.interp([1.5, 3.0], times, gains) == pytest.approx([0.0, -3.0], abs=0.05)
    with pytest.raises(SmartmixError, match="while 'vocal' sounds: give it in keys"):
        fitted(tmp_path, "pedalboard", "PeakFilter", during="vocal")


def test_what_a_device_in_a_split_is_to_do_is_refused(tmp_path):
    path = tmp_path / "chain.toml"
    path.write_text(
        'format = 1\nname = "Split"\n[[device]]\nid = "sides"\nkind = "mid_side"\n'
        '[[device.branch]]\npart = "side"\n[[device.branch.device]]\nid = "low"\nkind = "native"\n'
        'name = "parametric_eq"\nintent = [{ kind = "eq", band = [{ freq_hz = 100.0, gain_db = -3.0 }] }]\n'
    )
    chain = load_chain(path, RATE, 2)
    with pytest.raises(PluginError, match="low: what a device in a split is to do cannot be fitted"):
        fit_chain(chain, words(channels=2), RATE)


def test_silence_says_nothing(tmp_path):
    path = tmp_path / "chain.toml"
    path.write_text(CHAIN.format(kind="pedalboard", name="PeakFilter", during="", gain_db=-3.0))
    with pytest.raises(SmartmixError, match="the track is silent"):
        fit_chain(load_chain(path, RATE, 1), np.zeros((1, RATE), np.float32), RATE)
