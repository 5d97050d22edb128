"""A plugin's own window: what is set in it is saved, and whatever it does costs one line."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smartmix.rack import load_vst3

LONGEST_S = 60.0
"""A busy machine takes its time; nothing here is a measure of speed."""


def wait_for(place):
    until = time.monotonic() + LONGEST_S
    while not place.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert place.exists(), place


@pytest.fixture(scope="module")
def display():
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    server = subprocess.Popen(["Xvfb", ":93"], stderr=subprocess.DEVNULL)
    wait_for(Path("/tmp/.X11-unix/X93"))
    yield ":93"
    server.terminate()
    server.wait()


def show(known, folder, display, how="", *, mark=None):
    """The command, ended by Ctrl-C when the window has made the file ``mark``; None: it ends by itself."""
    command = [sys.executable, "-m", "smartmix.cli.main", "plugins", "show", str(known), "--editor"]
    env = os.environ | {"DISPLAY": display, "SMARTMIX_TEST_VIEW": how, "SMARTMIX_TEST_MARK": str(mark or "")}
    # A shell's background job ignores Ctrl-C, and so would what it starts.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=-1, stderr=-1, text=True)
    finally:
        signal.signal(signal.SIGINT, handler)
    try:
        if mark is not None:
            wait_for(mark)
            process.send_signal(signal.SIGINT)
        return process, *process.communicate(timeout=LONGEST_S)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_what_the_window_sets_is_saved(known, tmp_path, tmp_path_factory, display):
    process, out, _ = show(known, tmp_path, display, mark=tmp_path_factory.mktemp("mark") / "done")
    assert process.returncode == 0
    assert "0 → -12" in out and "Soft → Hard" in out
    device = load_vst3(known)
    device.load_preset(tmp_path / "Known Answer.vstpreset")
    assert device.gain_db == pytest.approx(-12.0) and device.shape == "Hard"
    assert device.cutoff_hz == pytest.approx(20 * 1000**0.32, rel=1e-2)  # the size it asked for came back


@pytest.mark.parametrize(("how", "said"), [("none", "no window of its own"), ("crash", "segmentation fault")])
def test_a_bad_window_is_a_line_and_2(known, tmp_path, display, how, said):
    process, _, err = show(known, tmp_path, display, how)
    assert process.returncode == 2 and said in err and not list(tmp_path.iterdir())


def test_no_display_is_a_line_and_2(known, tmp_path):
    process, _, err = show(known, tmp_path, "")
    assert process.returncode == 2 and "no window can be shown" in err
