"""pedalboard's effects as devices: what pedalboard gives at once, however the audio is cut, lanes and all."""

from __future__ import annotations

import inspect

import numpy as np
import pedalboard
import pytest

from smartmix.errors import PluginError
from smartmix.rack.effect import PARAMETERS, WHOLE, PedalboardDevice

RATE = 48_000
FRAMES = 24_000
RAGGED = (1, 333, 2, 5000, 64, 3)
OSCILLATING = ("Chorus", "Phaser")
"""They begin elsewhere in their cycle: 1024 frames of silence came first."""
FRAMED = ("MP3Compressor", "Resample")
"""Their inner frames fall elsewhere after those."""


def noise(channels=2):
    return (0.2 * np.random.default_rng(0).standard_normal((channels, FRAMES))).astype(np.float32)


def streamed(device, audio, lane):
    out, at, k = [], 0, 0
    while at < FRAMES:
        count = min(RAGGED[k % len(RAGGED)], FRAMES - at)
        part = audio[:, at : at + count]
        out.append(device.process(part, RATE, reset=False, automation=lane if k == 0 else None))
        at, k = at + count, k + 1
    late = device.stream_latency_frames
    out.append(device.process(np.zeros((audio.shape[0], late), np.float32), RATE, reset=False))
    return np.concatenate(out, axis=1)[:, late : late + FRAMES]


def moving(device):
    if not device.automatable:
        return {}
    info = device.info(device.automatable[0])
    return {info.id: [(0.0, info.default), (0.2, info.high), (0.2, info.low), (0.4, info.default)]}


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - set(WHOLE)))
def test_ragged_calls_equal_one_call_with_a_moving_lane(name):
    device = PedalboardDevice(name)
    lane = moving(device)
    whole = device.process(noise(), RATE, automation=lane)
    assert np.array_equal(streamed(PedalboardDevice(name), noise(), lane), whole)


@pytest.mark.parametrize("name", sorted(set(PARAMETERS) - set(OSCILLATING) - set(FRAMED)))
def test_at_rest_it_is_what_pedalboard_gives(name):
    theirs = getattr(pedalboard, name)().process(noise(), RATE)
    assert np.array_equal(PedalboardDevice(name)(noise(), RATE), theirs)


@pytest.mark.parametrize("name", WHOLE)
def test_what_does_not_stream_says_so(name):
    device = PedalboardDevice(name)
    with pytest.raises(PluginError, match="whole recording"):
        device.process(noise(), RATE, reset=False)
    assert device.automatable == ()


def test_every_effect_of_pedalboard_is_known():
    needs_a_file_or_others = {"Convolution", "Chain", "Mix", "ExternalPlugin", "Plugin", "PluginContainer"}
    needs_a_file_or_others |= {"VST3Plugin", "AudioUnitPlugin", "Pedalboard", "IIRFilter"}
    theirs = {
        name
        for name, thing in inspect.getmembers(pedalboard, inspect.isclass)
        if issubclass(thing, pedalboard.Plugin) and not name.startswith("_")
    }
    assert theirs - needs_a_file_or_others == set(PARAMETERS)


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_every_parameter_is_one_of_theirs_and_can_be_set(name):
    device = PedalboardDevice(name)
    theirs = getattr(pedalboard, name)()
    for info in device.parameters:
        for value in (info.low, info.high):
            setattr(theirs, info.id, value)
        device.set(info.id, info.low)
        assert device.get(info.id) == info.low


def test_a_step_is_on_its_frame_and_an_attribute_is_exact():
    audio = np.ones((2, FRAMES), np.float32)
    out = PedalboardDevice("Gain", gain_db=0.0).process(
        audio, RATE, automation={"gain_db": [(0.0, -6.0), (0.1234, -6.0), (0.1234, -12.34567)]}
    )
    step = round(0.1234 * RATE)
    assert out[0, step - 1] == pytest.approx(10 ** (-6 / 20), rel=1e-6)
    assert out[0, step] == pytest.approx(10 ** (-12.34567 / 20), rel=1e-6)


def test_what_it_has_not_is_said():
    with pytest.raises(PluginError, match="no pedalboard effect 'Gane'"):
        PedalboardDevice("Gane")
    with pytest.raises(PluginError, match="no side chain"):
        PedalboardDevice("Compressor").process(noise(), RATE, side_chain=noise())
