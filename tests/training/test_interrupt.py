"""Ctrl-C while tracks are played, once and again: every process ends, and the next run goes on from there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from smartmix.training import bank as bank_module


def begin(out: Path) -> subprocess.Popen[str]:
    words = ["-m", "smartmix.cli.main", "train", "-o", str(out), "--tracks", "8", "--steps", "1", "-j", "2"]
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell ignores Ctrl-C
    try:
        return subprocess.Popen(
            [sys.executable, *words],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ,
            start_new_session=True,
        )
    finally:
        signal.signal(signal.SIGINT, earlier)


def test_a_second_ctrl_c_leaves_no_process_and_loses_no_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "heads"
    process = begin(out)
    wait_for(lambda: len(chunks(out)) >= 2, process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    time.sleep(0.15)
    os.killpg(process.pid, signal.SIGINT)
    try:
        _, said = process.communicate(timeout=20)
        assert said.strip() == "interrupted; nothing was left half-written"
        assert process.returncode in (
            130,
            -signal.SIGINT,
        )  # the latter where Python was already on its way out
    finally:
        left = not gone(process.pid)
        if left:
            os.killpg(process.pid, signal.SIGKILL)
    assert not left, "a process was left behind"
    assert not list((out / "bank").glob(".smartmix-*"))
    before = {path: path.stat().st_mtime_ns for path in chunks(out)}
    assert len(before) < 52  # it was broken off
    monkeypatch.setattr(
        bank_module, "ROLES", bank_module.ROLES[:1]
    )  # kick alone: the first chunks of any run
    bank = bank_module.build_bank(out / "bank", 8, 0, processes=2)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert bank.vectors.shape[0] == 8 * len(bank_module.FAMILIES)
    assert np.array_equal(bank.vectors[5], bank_module.one_track("kick", bank_module.FAMILIES[0], 0, 5))


def test_a_process_that_keeps_dying_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank_module, "play_chunk", os._exit)  # what it is called with makes it fail at once
    with pytest.raises(
        bank_module.SmartmixError, match=r"v\d+-s3-kick-.*: could not be played: its process died"
    ):
        bank_module._play(tmp_path, [(0, 0, 0), (0, 1, 0)], 3, 2, lambda *_: None)


def chunks(out: Path) -> list[Path]:
    return sorted((out / "bank").glob("*.npy"))


def wait_for(there: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60.0
    while not there():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)


def gone(group: int) -> bool:
    """Whether the processes of a group end within a moment."""
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
