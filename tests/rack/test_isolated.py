"""A plugin that misbehaves costs itself, never the mix."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import numpy as np
import pytest

from smartmix.rack import isolated, load_vst3
from smartmix.rack.process import stop_all
from smartmix.rack.timeline import BLOCK_FRAMES

RATE = 48_000


def noise(frames=RATE, seed=0):
    return (0.2 * np.random.default_rng(seed).standard_normal((2, frames))).astype(np.float32)


@pytest.fixture
def device(known):
    yield load_vst3(known)
    stop_all()


def engine_of(device):
    return device._engines[0]


FAULTS = [(1, "segmentation fault"), (3, "NaN"), (5, "abort")]


@pytest.mark.parametrize(("fault", "said"), FAULTS)
def test_a_plugin_that_fails_in_the_middle_goes_on_dry_and_in_time(device, fault, said):
    audio = noise()
    device.delay = 100.0
    parts = [device.process(audio[:, :20_000], RATE, reset=False)]
    device.set("fault", fault)
    parts.append(device.process(audio[:, 20_000:], RATE, reset=False))
    late = device.stream_latency_frames
    parts.append(device.process(np.zeros((2, late), np.float32), RATE, reset=False))
    assert late == 100 + BLOCK_FRAMES
    assert np.array_equal(np.concatenate(parts, axis=1)[:, late:], audio)
    assert said in device.incidents[0].what


@pytest.mark.parametrize(("fault", "said"), FAULTS)
def test_what_cannot_be_saved_is_bypassed_in_time_with_the_dry_sound(device, fault, said):
    audio = noise()
    device.delay = 100.0
    device.set("fault", fault)
    out = device(audio, RATE)
    assert np.array_equal(out, audio)
    (incident,) = device.incidents
    assert said in incident.what and "bypassed" in incident.text
    assert np.array_equal(device(audio, RATE), audio)


def test_a_hang_ends_at_its_deadline(device, monkeypatch):
    monkeypatch.setattr(isolated, "SHORTEST_DEADLINE_S", 0.5)
    monkeypatch.setattr(isolated, "SLOWEST", 0.1)
    before = device.process(noise(2048), RATE, reset=False)
    device.set("fault", 2)
    began = time.monotonic()
    after = device.process(noise(), RATE, reset=False)
    assert time.monotonic() - began < 30.0
    assert np.array_equal(np.concatenate([before, after], axis=1)[:, 1024:3072], noise(2048))
    assert "no answer within 0.5 s" in device.incidents[0].what


def test_a_flood_of_words_is_kept_short_and_harmless(device):
    device.set("fault", 4)
    device.gain_db = -6.0
    out = device(noise(), RATE)
    assert np.abs(out - noise() * np.float32(10 ** (-6 / 20))).max() < 2e-7
    assert not device.incidents
    assert len(engine_of(device)._process.last_words()) <= 200


def test_one_crash_is_played_over_without_a_trace(known, tmp_path, monkeypatch):
    stop_all()
    monkeypatch.setenv("SMARTMIX_TEST_MARK", str(tmp_path / "mark"))
    device = load_vst3(known)
    device.delay, device.gain_db = 100.0, -3.0
    lane = {"gain_db": [(0.0, -20.0), (1.9, 0.0)]}
    audio = noise(2 * RATE)
    (tmp_path / "mark").touch()
    whole = device.process(audio, RATE, automation=lane)
    device.gain_db = -3.0
    parts = []
    for k in range(8):
        if k == 5:
            device.set("fault", 6)
            (tmp_path / "mark").unlink()
        part = audio[:, k * RATE // 4 : (k + 1) * RATE // 4]
        parts.append(device.process(part, RATE, reset=False, automation=lane if k == 0 else None))
    late = device.stream_latency_frames
    parts.append(device.process(np.zeros((2, late), np.float32), RATE, reset=False))
    assert np.array_equal(np.concatenate(parts, axis=1)[:, late:], whole)
    (incident,) = device.incidents
    assert "segmentation fault" in incident.what and incident.recovered_s > 0
    stop_all()


def test_a_process_killed_between_calls_comes_back(device):
    device.gain_db = -6.0
    first = device(noise(), RATE)
    engine_of(device)._process._child.kill()
    assert np.array_equal(device(noise(), RATE), first)


def test_two_instances_share_a_process_and_one_going_does_not_hurt_the_other(known):
    one, two = load_vst3(known), load_vst3(known)
    one.gain_db, two.gain_db = -6.0, -12.0
    assert engine_of(one)._process is engine_of(two)._process
    before = two(noise(), RATE)
    one.set("fault", 1)
    one(noise(), RATE)
    assert np.array_equal(two(noise(), RATE), before)
    assert not two.incidents
    stop_all()


def test_nobody_outlives_us(known, tmp_path):
    """A parent that is killed while its plugin hangs leaves no process behind."""
    code = (
        "import os, sys, threading, numpy as np\n"
        "from smartmix.rack import load_vst3\n"
        f"d = load_vst3({str(known)!r}); d.set('fault', 2)\n"
        "child = d._engines[0]._process._child.pid\n"
        "print(child, flush=True)\n"
        "d(np.zeros((2, 480000), np.float32), 48000)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.3)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        with open(f"/proc/{child}/stat") as file:  # noqa: PTH123
            if file.read().split(")")[1].split()[0] == "Z":
                return
        time.sleep(0.1)
    pytest.fail("the plugin's process is still there")
