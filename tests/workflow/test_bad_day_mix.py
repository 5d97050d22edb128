"""The pass over a bad day's folder runs to its end, and what intake found is the first thing it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

import bad_day
from smartmix.workflow import mix


def test_the_pass_runs_to_its_end(tmp_path: Path) -> None:
    folder = tmp_path / "Bad Day"
    folder.mkdir()
    bad_day.build(folder)
    before = {p: p.lstat().st_mtime_ns for p in folder.rglob("*")}
    result = mix(folder, tmp_path / "out")
    assert {p: p.lstat().st_mtime_ns for p in folder.rglob("*")} == before, "inputs are not touched"
    assert result.notices[: len(result.session.notices)] == result.session.notices
    assert "Organ.wav says 48000 Hz" in result.notices[0]
    samples, rate = soundfile.read(tmp_path / "out" / "mix.wav")
    assert rate == 48_000 and len(samples) == bad_day.FRAMES
    assert np.isfinite(samples).all() and np.abs(samples).max() > 0.05
    for name in ("master.wav", "plan.toml", "analysis.json"):
        assert (tmp_path / "out" / name).stat().st_size > 0
