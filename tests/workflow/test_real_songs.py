"""The pass on real recordings, where there are any beside the checkout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyebur128
import pytest
import soundfile

import smartmix

SONGS = ("audiokit_funk_loop", "eif_rubidium", "lmms_reggaetry", "sectoid_escape")


@pytest.mark.parametrize("name", SONGS)
def test_a_real_song_gets_a_master_at_the_target_or_a_reason(
    dev_songs: Path, name: str, tmp_path: Path
) -> None:
    result = smartmix.mix(dev_songs / name, tmp_path / "out", target_lufs=-14.0)
    samples, rate = soundfile.read(result.files["master"], dtype="float32", always_2d=True)
    state = pyebur128.R128State(
        samples.shape[1], rate, pyebur128.MeasurementMode.MODE_I | pyebur128.MeasurementMode.MODE_TRUE_PEAK
    )
    state.add_frames(np.ascontiguousarray(samples).ravel(), samples.shape[0])
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(samples.shape[1]))
    assert 20.0 * np.log10(peak) <= -1.0
    loudness = pyebur128.get_loudness_global(state)
    if result.master.reached:
        assert loudness == pytest.approx(-14.0, abs=0.1)
    else:
        assert "reachable" in result.master.reason
        assert loudness < -14.0
