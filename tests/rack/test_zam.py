"""Real plugins: Debian's zam-plugins, where they are installed. The second host is pedalboard's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pedalboard
import pytest

from chained import chain_file, session_with_bus
from mixes import eq_move, lane, plan_of
from smartmix.rack import load_vst3, scan
from smartmix.rendering import stream, stream_track

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


def test_accepted_eq_moves_are_carried_out_by_zameq2(tmp_path):
    """The mix with the plugin is the mix with smartmix's own EQ, and the pass it cannot do stays in the strip."""
    session = session_with_bus(tmp_path)
    moves = (
        eq_move("a", "vox", "bell", 2_700.0, gain_db=-2.5, q=1.5, span_s=(0.2, 0.6)),
        eq_move("b", "vox", "bell", 400.0, gain_db=lane((0.1, 0.0), (0.5, -3.0)), q=0.9),
        eq_move("c", "vox", "high_pass", 100.0),
    )
    file = chain_file(tmp_path, ("vst3", FOLDER / "ZamEQ2.vst3", {}), carries=["eq"])
    told: list[str] = []
    mixes = [
        np.concatenate(list(stream_track(session, replace(plan_of(*moves), chains=chains), "vox")), axis=1)
        for chains in ({}, {"vox": str(file)})
    ]
    list(stream(session, replace(plan_of(*moves), chains={"vox": str(file)}), notices=told))
    assert "carries out 2 EQ bands" in told[0]
    assert "own EQ does 1" in told[1] and "high-pass at 100 Hz" in told[1]
    own, theirs = mixes
    bare = np.concatenate(list(stream_track(session, plan_of(moves[2]), "vox")), axis=1)
    left = np.square(own - theirs).mean() / np.square(own - bare).mean()
    assert 10 * np.log10(left) < -30.0
