"""Esses of a made voice: where they are, how loud against the vowels."""

from __future__ import annotations

import numpy as np
import pytest

from smartmix.analysis.sibilance import Sibilance, SibilanceMeter
from sources import RATE, noise
from tones import voice


def esses(x: np.ndarray, block: int = 65_536) -> Sibilance | None:
    meter = SibilanceMeter(RATE)
    for start in range(0, x.shape[1], block):
        meter.push(np.ascontiguousarray(x[:, start : start + block], dtype=np.float32))
    return meter.facts()


@pytest.mark.parametrize("ess_db", [-9.0, 0.0, 6.0])
def test_esses_are_found_at_their_times_and_levels(ess_db):
    found = esses(voice(ess_db))
    assert found is not None and len(found.events_s) == 16
    for second, (start, end) in enumerate(found.events_s):
        assert start == pytest.approx(second, abs=0.03) and end == pytest.approx(second + 0.09, abs=0.03)
    assert found.over_voice_db == pytest.approx(ess_db, abs=2.0)
    assert found.voice_db == pytest.approx(-20.0, abs=1.0)
    assert 5500.0 <= found.centre_hz <= 8500.0


def test_blocks_change_nothing():
    x = voice(0.0, seconds=4)
    whole, pieces = esses(x), esses(x, block=1001)
    assert whole is not None and pieces is not None
    assert whole.events_s == pieces.events_s and whole.event_db == pieces.event_db
    assert np.array_equal(whole.frames_db, pieces.frames_db)


def test_what_has_no_vowels_has_no_esses():
    assert esses(noise(2.0)) is None
    assert esses(np.zeros((1, RATE))) is None
    assert esses(np.zeros((1, 10))) is None
