"""Real plugins: Debian's zam-plugins, where they are installed. The second host is pedalboard's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pedalboard
import pytest

from smartmix.rack import load_vst3, scan

RATE = 48_000
FOLDER = Path("/usr/lib/vst3")
NAMES = [
    *("ZaMaximX2", "ZaMultiComp", "ZaMultiCompX2", "ZamAutoSat", "ZamComp", "ZamCompX2", "ZamDelay"),
    *(
        "ZamDynamicEQ",
        "ZamEQ2",
        "ZamGEQ31",
        "ZamGate",
        "ZamGateX2",
        "ZamGrains",
        "ZamPhono",
        "ZamTube",
        "ZamVerb",
    ),
]
pytestmark = pytest.mark.skipif(not (FOLDER / "ZamEQ2.vst3").exists(), reason="zam-plugins are not installed")


@pytest.fixture(autouse=True)
def quiet(capfd):
    yield
    capfd.readouterr()


def noise(frames=12_000):
    return (0.2 * np.random.default_rng(0).standard_normal((2, frames))).astype(np.float32)


def streamed(device, audio, sizes):
    out, at, k = [], 0, 0
    while at < audio.shape[1]:
        part = audio[:, at : at + sizes[k % len(sizes)]]
        out.append(device.process(part, RATE, reset=False))
        at, k = at + part.shape[1], k + 1
    late = device.stream_latency_frames
    out.append(device.process(np.zeros((2, late), np.float32), RATE, reset=False))
    return np.concatenate(out, axis=1)[:, late:]


@pytest.mark.parametrize("name", NAMES)
def test_ragged_calls_equal_one_call_in_a_process_of_its_own(name):
    device = load_vst3(FOLDER / f"{name}.vst3")
    whole = device(noise(), RATE)
    assert np.abs(whole).max() > 1e-4
    assert np.array_equal(streamed(device, noise(), [1, 333, 64, 2000, 2]), whole)


def test_all_seventeen_can_be_used():
    found = {p.name: p for file in scan([FOLDER]) for p in file.plugins if p.name.startswith("Za")}
    assert len(found) == 17 and not any(p.problem for p in found.values())
    assert found["ZaMaximX2"].latency_frames == 480
    assert found["ZamCompX2"].side_chain_channels == 1
    assert not found["ZamHeadX2"].repeatable and not found["ZamTube"].resets


@pytest.mark.parametrize("name", ["ZamCompX2", "ZaMultiCompX2", "ZamGateX2"])
def test_pedalboards_host_gives_the_same_samples(name, float_mode):
    device = load_vst3(FOLDER / f"{name}.vst3", isolated=False)
    theirs = pedalboard.load_plugin(str(FOLDER / f"{name}.vst3"))
    rng = np.random.default_rng(1)
    for info in device.parameters:
        parameter = theirs._parameters[[p.name for p in theirs._parameters].index(info.name)]
        position = round(rng.random()) if info.scale == "toggle" else rng.uniform(0.2, 0.8)
        if "idechain" in info.name:
            position = 0.0
        parameter.raw_value = position
        device.set(info.id, info.low + position * (info.high - info.low))
    theirs.process(np.zeros((2, 1024), np.float32), RATE, 1024, True)
    expected = theirs.process(noise(), RATE, 1024, True)
    assert np.abs(device(noise(), RATE) - expected).max() < 1e-6
