"""VST3 devices: exact answers, any cut the same samples, in this process and in another."""

from __future__ import annotations

import numpy as np
import pedalboard
import pytest

from smartmix.errors import PluginError, SmartmixError
from smartmix.rack import load_vst3
from smartmix.rack.preset_file import parse_preset, preset_bytes, read_preset
from smartmix.rack.timeline import BLOCK_FRAMES, GRID_FRAMES

RATE = 48_000
EXACT = 2e-7
"""Relative: a float32 product and the gain that the plugin works out in double, rounded."""


def noise(frames=RATE, channels=2, seed=0):
    return (0.2 * np.random.default_rng(seed).standard_normal((channels, frames))).astype(np.float32)


@pytest.fixture(params=[True, False], ids=["isolated", "local"])
def device(request, known):
    return load_vst3(known, isolated=request.param)


def streamed(device, audio, sizes, automation=None):
    """The audio in calls of ragged sizes, the lane given with the first; what lies behind the latency."""
    out, at, k = [], 0, 0
    while at < audio.shape[1]:
        count = min(sizes[k % len(sizes)], audio.shape[1] - at)
        lane = automation if k == 0 else None
        out.append(device.process(audio[:, at : at + count], RATE, reset=False, automation=lane))
        at, k = at + count, k + 1
    late = device.stream_latency_frames
    flush = np.zeros((audio.shape[0], late), np.float32)
    out.append(device.process(flush, RATE, reset=False))
    return np.concatenate(out, axis=1)[:, late : late + audio.shape[1]]


def test_a_setting_is_exact(device):
    audio = noise()
    device.gain_db = -6.25
    assert device.gain_db == -6.25
    out = device(audio, RATE)
    assert np.abs(out - audio * np.float32(10 ** (-6.25 / 20))).max() < EXACT
    assert device.meters["level"] == pytest.approx(float(np.abs(out[:, -(RATE % BLOCK_FRAMES) :]).max()))


def test_latency_is_taken_out_of_a_call_and_stays_in_a_stream(device):
    audio = noise()
    device.delay = 100.0
    assert np.array_equal(device(audio, RATE), audio)
    assert device.latency_frames == 100
    assert np.array_equal(streamed(device, audio, [512]), audio)


@pytest.mark.parametrize("sizes", [[1, 333, 64, 5000, 2], [64], [48_000], [1023, 1025]])
def test_ragged_calls_equal_one_call(device, sizes):
    audio = noise()
    device.delay = 37.0
    lane = {"gain_db": [(0.1, -10.0), (0.4, -30.0), (0.4, -3.0), (0.9, 6.0)]}
    whole = device.process(audio, RATE, automation=lane)
    device.gain_db = 0.0
    device.process(audio[:, :1], RATE)  # settings back where the first call found them
    assert np.array_equal(streamed(device, audio, sizes, lane), whole)


def test_a_lane_moves_on_the_grid_and_steps_are_exact(device):
    audio = np.full((2, RATE), 0.5, np.float32)
    out = device.process(
        audio, RATE, automation={"gain_db": [(0.25, 0.0), (0.5, -12.0), (0.7, -12.0), (0.7, 0.0)]}
    )
    db = 20 * np.log10(out[0] / 0.5)
    assert np.abs(db[: RATE // 4]).max() < 1e-5
    changes = np.nonzero(np.diff(db))[0] + 1
    inside = changes[(changes > RATE // 4) & (changes < RATE // 2)]
    assert set(inside % GRID_FRAMES) == {0} and len(inside) >= RATE // 4 // GRID_FRAMES - 1
    step = round(0.7 * RATE)
    assert db[step - 1] == pytest.approx(-12.0, abs=1e-4) and db[step] == pytest.approx(0.0, abs=1e-4)
    ramp = db[RATE // 4 : RATE // 2]
    ideal = -12.0 * (np.arange(len(ramp)) / len(ramp))
    assert np.abs(ramp - ideal).max() <= 12.0 / (RATE / 4) * GRID_FRAMES / 2 + 1e-4


def test_a_lane_has_its_first_value_before_its_first_point(device):
    audio = noise()
    out = device.process(audio, RATE, automation={"gain_db": [(0.5, -6.0), (0.6, -6.0)]})
    assert np.abs(out - audio * np.float32(10 ** (-6 / 20))).max() < EXACT


def test_a_side_chain_is_heard(device):
    audio, key = noise(), noise(channels=1, seed=1)
    assert np.abs(device.process(audio, RATE, side_chain=key) - (audio - key)).max() < EXACT
    with pytest.raises(SmartmixError, match="frames"):
        device.process(audio, RATE, side_chain=key[:, :-1])


def test_parameters_read_as_people_know_them(device):
    infos = {i.id: i for i in device.parameters}
    assert set(infos) == {"gain_db", "delay", "fault", "cutoff_hz", "shape"}
    cutoff = infos["cutoff_hz"]
    assert (cutoff.unit, cutoff.low, cutoff.high, cutoff.scale) == ("Hz", 20.0, 20_000.0, "log")
    assert infos["shape"].choices == ("Soft", "Hard", "Fold")
    device.cutoff_hz = 1000.0
    assert device.text("cutoff_hz").startswith(("999.9", "1000.0"))
    device.shape = "Hard"
    assert device.shape == "Hard" and device.text("shape") == "Hard"
    assert device.settings() == {"cutoff_hz": 1000.0, "shape": "Hard"}
    with pytest.raises(SmartmixError, match="-60 to 12 dB"):
        device.gain_db = 13.0
    with pytest.raises(PluginError, match="no parameter 'gian_db'"):
        device.set("gian_db", 1.0)


def test_a_state_comes_back_and_its_file_is_any_hosts(device, known, tmp_path):
    device.gain_db, device.shape = -9.5, "Fold"
    file = device.save_preset(tmp_path / "set.vstpreset")
    other = load_vst3(known, isolated=False)
    other.load_preset(file)
    assert other.gain_db == pytest.approx(-9.5, abs=1e-9) and other.shape == "Fold"
    assert other.state.hash == device.state.hash == read_preset(file).hash
    device.gain_db = 0.0
    assert other.state.hash != device.state.hash


def test_pedalboard_reads_the_same_preset(known, tmp_path, float_mode):
    device = load_vst3(known, isolated=False)
    device.gain_db = -9.5
    file = device.save_preset(tmp_path / "set.vstpreset")
    theirs = pedalboard.load_plugin(str(known))
    theirs.load_preset(str(file))
    audio = noise()
    assert np.abs(theirs.process(audio, RATE) - device(audio, RATE)).max() < EXACT


@pytest.mark.parametrize("damage", ["none", "cut", "list", "class", "huge"])
def test_damaged_presets_are_refused(known, damage):
    device = load_vst3(known, isolated=False)
    data = bytearray(preset_bytes(device.state))
    if damage == "none":
        assert parse_preset(bytes(data)) == device.state
        return
    if damage == "cut":
        data = data[: len(data) - 5]
    if damage == "list":
        data[40:48] = (2**40).to_bytes(8, "little")
    if damage == "huge":
        data[-8:] = (2**40).to_bytes(8, "little")
    if damage == "class":
        data[8:40] = b"0" * 32
        with pytest.raises(PluginError, match="another plugin"):
            device.state = parse_preset(bytes(data))
        return
    with pytest.raises(PluginError, match="damaged"):
        parse_preset(bytes(data))


def test_a_plugin_does_not_change_how_this_program_computes(device):
    device(noise(), RATE)
    assert np.float64(5e-324) / 1.0 != 0.0
    assert np.float32(1e-45) * np.float32(1.0) != 0.0


def test_one_channel_and_bad_samples(device):
    audio = noise(channels=1)
    audio[0, 5] = np.nan
    out = device(audio, RATE)
    assert out.shape == audio.shape and np.isfinite(out).all() and out[0, 5] == 0.0
    assert device(np.zeros((2, 0), np.float32), RATE).shape == (2, 0)
    with pytest.raises(PluginError, match="channels"):
        device(noise(channels=3), RATE)


def test_a_mono_plugin_runs_once_per_channel_set_alike_and_begins_from_silence(kinds):
    device = load_vst3(kinds / "Mono.vst3")
    device.delay = 150.0
    lane = {"gain_db": [(0.2, 0.0), (0.6, -12.0)]}
    first = device.process(noise(), RATE, automation=lane)
    for side in (0, 1):
        device.gain_db = 0.0
        alone = device.process(noise()[side : side + 1], RATE, automation=lane)
        assert np.array_equal(alone[0], first[side])
    device.gain_db = 0.0
    device.process(noise(4096, seed=5), RATE, reset=False)  # it is full of sound
    assert np.array_equal(device.process(noise(), RATE, automation=lane), first)
    assert np.array_equal(streamed(device, noise(), [700, 3]), device(noise(), RATE))


def test_a_stereo_plugin_takes_a_mono_track_on_both_sides(kinds):
    device = load_vst3(kinds / "Stereo.vst3")
    device.gain_db = -6.0
    audio = noise(channels=1)
    assert np.abs(device(audio, RATE) - audio * np.float32(10 ** (-6 / 20))).max() < EXACT


def test_what_was_asked_and_what_became_of_it(device):
    device.set("fault", 2.4)
    device.gain_db = -3.5
    asked, actual = zip(*(device.asked_and_actual()[i] for i in ("fault", "gain_db")), strict=True)
    assert asked == (2.4, -3.5) and actual == pytest.approx((2.0, -3.5))


def test_a_long_recording_is_handed_on_in_parts_without_a_seam(device, monkeypatch):
    device.delay = 100.0
    lane = {"gain_db": [(0.1, 0.0), (0.9, -20.0)]}
    whole = device.process(noise(), RATE, automation=lane)
    device.gain_db = 0.0
    monkeypatch.setattr("smartmix.rack.device.PART_FRAMES", 8 * BLOCK_FRAMES)
    assert np.array_equal(device.process(noise(), RATE, automation=lane), whole)


def test_a_plugin_that_is_not_there_is_named(plugin_folder):
    with pytest.raises(PluginError, match="crashes"):
        load_vst3(plugin_folder / "Crash.vst3")
    with pytest.raises(PluginError, match="no plugin 'Nowhere'"):
        load_vst3("Nowhere")
