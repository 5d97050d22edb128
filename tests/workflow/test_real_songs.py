"""The pass on real recordings, where there are any beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

import smartmix
from standards.oracles import ebur128

SONGS = ("audiokit_funk_loop", "eif_rubidium", "lmms_reggaetry", "sectoid_escape")


@pytest.mark.parametrize("name", SONGS)
def test_a_real_song_gets_a_master_at_the_target_or_a_reason(
    dev_songs: Path, name: str, tmp_path: Path
) -> None:
    result = smartmix.mix(dev_songs / name, tmp_path / "out", target_lufs=-14.0)
    samples, rate = soundfile.read(result.files["master"], dtype="float32", always_2d=True)
    loudness, peak_dbtp = ebur128(samples.T, rate)
    assert peak_dbtp <= -1.0
    if result.master.reached:
        assert loudness == pytest.approx(-14.0, abs=0.1)
    else:
        assert "reachable" in result.master.reason
        assert loudness < -14.0
