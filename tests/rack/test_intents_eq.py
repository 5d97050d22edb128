"""EQ intents: what a device's knobs do is found, curves are met on the device itself, moves keep their time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smartmix.automation.lane import FrameLane
from smartmix.automation.sections import EqSection
from smartmix.errors import PluginError
from smartmix.processors import Compressor, DynamicEQ, ParametricEQ
from smartmix.rack import PedalboardDevice, load_vst3
from smartmix.rack.intents import EQBand, EQIntent, MovingBand, fit_eq, fit_moves, survey
from smartmix.rack.intents.probe import curves_db, points_hz
from smartmix.rack.intents.search import off_db
from smartmix.rack.native import NativeDevice

RATE = 48_000
ZAM = pytest.mark.skipif(
    not Path("/usr/lib/vst3/ZamEQ2.vst3").exists(), reason="zam-plugins are not installed"
)
BELL = EQBand("bell", 2672.0, -2.5, 2.05)
VOCAL = EQIntent(
    (EQBand("bell", 260.0, -2.0, 1.0), EQBand("bell", 3200.0, 1.5, 0.8), EQBand("high_shelf", 9e3, 1.5))
)


def rbj_bell_db(hz, freq_hz, gain_db, q):
    """The bell of the Audio EQ Cookbook (Bristow-Johnson), which is what pedalboard's PeakFilter is."""
    w, a = 2 * np.pi * freq_hz / RATE, 10 ** (gain_db / 40)
    alpha = np.sin(w) / (2 * q)
    z = np.exp(-2j * np.pi * np.asarray(hz) / RATE)
    top = (1 + alpha * a) - 2 * np.cos(w) * z + (1 - alpha * a) * z**2
    low = (1 + alpha / a) - 2 * np.cos(w) * z + (1 - alpha / a) * z**2
    return 20 * np.log10(np.abs(top / low))


def own_eq_db(bands, hz):
    """smartmix's own EQ with these bands, heard by an impulse of its own and not by its formula."""
    eq = ParametricEQ()
    for n, band in enumerate(bands, start=1):
        for name in ("shape", "freq_hz", "gain_db", "q"):
            eq.set(f"band{n}.{name}", getattr(band, name))
    impulse = np.zeros((1, 1 << 17), np.float32)
    impulse[0, 0] = 1.0
    spectrum = np.abs(np.fft.rfft(eq.process(impulse, RATE)[0].astype(np.float64)))
    return 20 * np.log10(np.interp(hz, np.fft.rfftfreq(1 << 17, 1 / RATE), spectrum))


def test_curves_are_those_of_the_formula():
    settings = [
        {"cutoff_frequency_hz": f, "gain_db": g, "q": q}
        for f, g, q in ((100.0, 6.0, 5.0), (1000.0, -9.0, 0.5), (8000.0, 12.0, 2.0))
    ]
    heard = curves_db(PedalboardDevice("PeakFilter"), settings, RATE)
    for row, each in zip(heard, settings, strict=True):
        expected = rbj_bell_db(points_hz(RATE), *each.values())
        assert np.abs(row - expected).max() < 0.02


def test_a_knob_that_a_setting_leaves_out_stays_where_the_device_has_it():
    device = PedalboardDevice("PeakFilter", gain_db=6.0, q=4.0)
    first, second = curves_db(device, [{"q": 1.0}, {"gain_db": -6.0}], RATE)
    assert np.abs(first - rbj_bell_db(points_hz(RATE), 440.0, 6.0, 1.0)).max() < 0.02
    assert np.abs(second - rbj_bell_db(points_hz(RATE), 440.0, -6.0, 4.0)).max() < 0.02


def test_knobs_are_found_by_what_they_do_and_the_device_is_left_alone():
    device = PedalboardDevice("PeakFilter", gain_db=0.0, q=3.0)
    (section,) = survey.survey_eq(device, RATE).sections
    assert (section.gain, section.freq, section.width) == ("gain_db", "cutoff_frequency_hz", "q")
    assert section.kind == "bell" and section.centre_hz == pytest.approx(440.0, rel=0.03)
    shelf = survey.survey_eq(PedalboardDevice("HighShelfFilter"), RATE).sections[0]
    assert shelf.kind == "high_shelf"
    assert device.q == 3.0 and device.gain_db == 0.0


def test_a_bell_is_carried_by_anothers_bell():
    fit = fit_eq(PedalboardDevice("PeakFilter"), EQIntent((BELL,)), RATE)
    assert fit.reached and fit.error_db < 0.02
    given = rbj_bell_db(points_hz(RATE), *(fit.values[k] for k in ("cutoff_frequency_hz", "gain_db", "q")))
    assert np.sqrt(np.mean((given - own_eq_db([BELL], points_hz(RATE))) ** 2)) == pytest.approx(
        fit.error_db, abs=0.01
    )


def test_a_narrow_cut_that_is_not_made_is_no_success():
    wanted = rbj_bell_db(points_hz(RATE), 2672.0, -2.5, 4.0)
    assert np.sqrt(np.mean(wanted**2)) < 0.5
    assert off_db(-wanted, wanted) > 1.0
    assert off_db(np.zeros_like(wanted), wanted) == 0.0
    assert off_db(wanted, np.zeros_like(wanted)) > 1.0  # nor is one that nobody asked for


def test_what_cannot_be_done_is_said_with_its_figure():
    wide = EQIntent((EQBand("low_shelf", 120.0, -6.0), EQBand("high_shelf", 6000.0, 6.0)))
    fit = fit_eq(PedalboardDevice("PeakFilter"), wide, RATE)
    assert not fit.reached and fit.error_db > 0.5
    assert f"within {fit.error_db:.2f} dB rms" in fit.stated_limit


def dynamic_eq():
    """A dynamic EQ at work."""
    eq = DynamicEQ()
    eq.set("band1.range_db", -12.0)
    eq.set("band1.threshold_db", -40.0)
    return eq


@pytest.mark.parametrize(
    ("device", "said"),
    [
        (PedalboardDevice("Reverb"), "none of its parameters is a gain"),
        (NativeDevice(Compressor(threshold_db=-50.0, ratio=8.0)), "none of its knobs shapes the spectrum"),
        (NativeDevice(dynamic_eq()), "none of its knobs shapes the spectrum"),
    ],
    ids=["a reverb", "a compressor", "an EQ that listens"],
)
def test_what_is_no_eq_is_refused(device, said):
    with pytest.raises(PluginError, match=said):
        fit_eq(device, EQIntent((BELL,)), RATE)


def test_an_eq_that_sounds_other_when_loud_is_refused(monkeypatch):
    monkeypatch.setattr(survey, "noise_gain_db", lambda _device, _rate, level_db: level_db / 100.0)
    with pytest.raises(PluginError, match="its response depends on the level"):
        fit_eq(PedalboardDevice("PeakFilter"), EQIntent((BELL,)), RATE)


def test_bands_in_use_stay_and_the_intent_comes_on_top():
    device = NativeDevice(ParametricEQ())
    device.set("band1.shape", "bell")
    device.set("band2.shape", "bell")
    device.set("band1.gain_db", 4.0)
    before = curves_db(device, [{}], RATE)[0]
    fit = fit_eq(device, EQIntent((BELL,)), RATE)
    assert not any(name.startswith("band1.") for name in fit.values)
    after = curves_db(device, [fit.values], RATE)[0]
    assert np.abs(after - before - own_eq_db([BELL], points_hz(RATE))).max() < 0.05


def test_a_plugin_that_crashes_is_not_measured_and_nothing_is_kept(known, monkeypatch, tmp_path):
    monkeypatch.setenv("SMARTMIX_CACHE", str(tmp_path))
    device = load_vst3(known)
    device.set("fault", 1)
    with pytest.raises(PluginError, match="cannot be measured: it crashed"):
        survey.survey_eq(device, RATE)
    assert not (tmp_path / "responses").exists()


def test_what_was_measured_is_kept_until_the_file_changes(known, monkeypatch, tmp_path):
    monkeypatch.setenv("SMARTMIX_CACHE", str(tmp_path))
    device = load_vst3(known)
    first = survey.survey_eq(device, RATE)
    with monkeypatch.context() as patch:
        patch.setattr(survey, "curves_db", lambda *_, **__: pytest.fail("measured again"))
        assert survey.survey_eq(load_vst3(known), RATE) == first
        (file,) = (tmp_path / "responses").iterdir()
        file.write_text("{half a fi")
        with pytest.raises(pytest.fail.Exception):
            survey.survey_eq(load_vst3(known), RATE)
    device.library = file  # another file than it was measured from
    assert survey.survey_eq(device, RATE) == first
    assert len(list((tmp_path / "responses").iterdir())) == 2


def span(gain_db, start_s, end_s):
    return FrameLane.constant(gain_db).limited((round(start_s * RATE), round(end_s * RATE)), 960, rest=0.0)


def moving(name="m1", shape="bell", gain=None, freq=None, q=1.0):
    gain = span(-4.0, 1.0, 2.0) if gain is None else gain
    return MovingBand(name, shape, gain, freq or FrameLane.constant(1000.0), FrameLane.constant(q))


def heard_db(device, automation, at_s):
    """The curve a device has at a time, by a click there in a stream that is silent but for it."""
    audio = np.zeros((1, 3 * RATE), np.float32)
    audio[0, round(at_s * RATE)] = 0.1
    made = device.process(audio, RATE, automation=automation)[0, round(at_s * RATE) :]
    spectrum = np.abs(np.fft.rfft(made.astype(np.float64), 1 << 17)) / 0.1
    return 20 * np.log10(np.interp(points_hz(RATE), np.fft.rfftfreq(1 << 17, 1 / RATE), spectrum))


def test_a_move_is_there_in_its_span_and_gone_outside():
    device = PedalboardDevice("PeakFilter")
    carried = fit_moves(device, [moving()], RATE)
    assert carried.carried == ("m1",) and not carried.left and carried.error_db < 0.1
    lanes = carried.automation(RATE)
    full = own_eq_db([EQBand("bell", 1000.0, -4.0, 1.0)], points_hz(RATE))
    assert np.abs(heard_db(device, lanes, 0.9)).max() < 1e-3
    assert np.abs(heard_db(device, lanes, 1.5) - full).max() < 0.1
    assert np.abs(heard_db(device, lanes, 2.1)).max() < 1e-3
    assert {p.frame for p in carried.points} >= {0, 47_999, 48_959, 96_000}


def test_a_jump_is_a_jump():
    jump = FrameLane.from_points([(0, -4.0), (RATE, -4.0), (RATE, 3.0)])
    device = PedalboardDevice("PeakFilter")
    carried = fit_moves(device, [moving(gain=jump)], RATE)
    lanes = carried.automation(RATE)
    for at_s, gain_db in ((0.5, -4.0), (1.1, 3.0)):
        wanted = own_eq_db([EQBand("bell", 1000.0, gain_db, 1.0)], points_hz(RATE))
        assert np.abs(heard_db(device, lanes, at_s) - wanted).max() < 0.1
    assert [t for t, _ in lanes["gain_db"]].count(1.0) == 2


def test_a_sweep_is_followed_between_its_points():
    freq = FrameLane.from_points([(0, 300.0), (3 * RATE, 3000.0)])
    sweep = moving(gain=FrameLane.constant(-6.0), freq=freq, q=2.0)
    device = PedalboardDevice("PeakFilter")
    carried = fit_moves(device, [sweep], RATE)
    assert carried.error_db < 0.1 and len(carried.points) > 12
    static = fit_eq(device, EQIntent((sweep.at(round(1.1 * RATE)),)), RATE)
    at = {n: float(np.interp(1.1, *zip(*lane, strict=True))) for n, lane in carried.automation(RATE).items()}
    assert at["cutoff_frequency_hz"] == pytest.approx(static.values["cutoff_frequency_hz"], rel=0.03)


def test_bands_it_cannot_do_are_left_and_named():
    bands = [
        moving("low", "high_pass"),
        moving("big", gain=FrameLane.constant(-5.0)),
        moving("small", gain=FrameLane.constant(1.0), freq=FrameLane.constant(200.0)),
    ]
    carried = fit_moves(PedalboardDevice("PeakFilter"), bands, RATE)
    assert carried.carried == ("big",) and carried.left == ("low", "small")
    assert (
        "low: a high-pass has no gain" in carried.stated_limit and "small: all 1 free" in carried.stated_limit
    )


def test_bands_come_from_the_sections_of_a_plan():
    values = {"shape": "bell", "freq_hz": 900.0, "gain_db": -3.0, "q": 1.4}
    band = MovingBand.from_lanes("m", EqSection("m", "m", (RATE, 2 * RATE), values).lanes(RATE, 1.0))
    assert band.largest() == EQBand("bell", 900.0, -3.0, 1.4)
    assert band.at(0).gain_db == 0.0 and band.at(RATE + 2000).gain_db == -3.0


def third_octaves_db(audio):
    power = np.abs(np.fft.rfft(audio.astype(np.float64), axis=1)) ** 2
    hz = np.fft.rfftfreq(audio.shape[1], 1 / RATE)
    edges = 100.0 * 2.0 ** (np.arange(22) / 3)
    at = np.searchsorted(hz, edges)
    return 10 * np.log10(np.add.reduceat(power.sum(axis=0), at)[:-1])


@ZAM
@pytest.mark.parametrize(("name", "most_db"), [("ZamEQ2", 0.1), ("ZamGEQ31", 0.5)])
def test_a_move_on_a_real_vocal_by_a_real_plugin(name, most_db, dev_songs, capfd):
    import soundfile

    audio, rate = soundfile.read(dev_songs / "eif_lithium" / "vox_lead.flac", dtype="float32", always_2d=True)
    loudest = int(np.argmax(np.abs(audio[:, 0])))
    vocal = np.ascontiguousarray(audio[max(0, loudest - 2 * rate) : loudest + 2 * rate, :1].T)
    assert rate == RATE
    device = load_vst3(f"/usr/lib/vst3/{name}.vst3")
    fit = fit_eq(device, VOCAL, RATE)
    assert fit.reached and fit.error_db < 0.5
    for knob, value in fit.values.items():
        device.set(knob, value)
    eq = ParametricEQ()
    for n, band in enumerate(VOCAL.bands, start=1):
        for knob in ("shape", "freq_hz", "gain_db", "q"):
            eq.set(f"band{n}.{knob}", getattr(band, knob))
    off = third_octaves_db(device.process(vocal, RATE)) - third_octaves_db(eq.process(vocal, RATE))
    nothing = third_octaves_db(vocal) - third_octaves_db(eq.process(vocal, RATE))
    rms = float(np.sqrt(np.mean(off**2)))
    assert rms < most_db < np.sqrt(np.mean(nothing**2))
    capfd.readouterr()
