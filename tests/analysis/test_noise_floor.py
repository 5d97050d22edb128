"""Noise floor: reported where it is high and heard; spill, tails, hum and covered noise are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from smartmix.analysis.problems import find_problems
from sources import RATE, melody, noise, write_session


def phrases() -> np.ndarray:
    x = melody([220, 262, 247, 294] * 3)
    return x * ((np.arange(x.shape[1]) // (2 * RATE)) % 2 == 0)


def noises(folder, **sources) -> dict[str, object]:
    session = write_session(folder, sources)
    return {p.track: p for p in find_problems(session) if p.kind == "noise"}


def test_a_hissy_vocal_is_reported_with_its_level_and_a_good_one_is_not(tmp_path):
    hiss_dbfs = -52.0
    hissy = phrases() + noise(12.0, level=10 ** (hiss_dbfs / 20))
    good = phrases() + noise(12.0, level=10 ** (-78.0 / 20))
    found = noises(tmp_path, vox=("lead_vocal", hissy), other=("backing_vocal", good))
    assert set(found) == {"vox"}
    # white to 24 kHz; the bands end at 16 kHz
    assert found["vox"].amount == pytest.approx(hiss_dbfs + 10 * np.log10(15.8 / 24), abs=0.7)


def test_noise_under_a_loud_band_is_covered(tmp_path):
    hissy = phrases() + noise(12.0, level=10 ** (-61.5 / 20))
    assert set(noises(tmp_path / "alone", vox=("lead_vocal", hissy))) == {"vox"}
    band = noise(12.0, level=0.05, seed=3)
    assert noises(tmp_path, vox=("lead_vocal", hissy), band=("drums", band)) == {}


def test_spill_tails_and_rumble_are_not_noise(tmp_path):
    t = np.arange(12 * RATE) / RATE
    spill = phrases() + 0.003 * (signal.square(2 * np.pi * 1.5 * t) > 0) * noise(12.0, level=1.0)
    tail = phrases() + 0.01 * np.exp(-(t % 4.0) / 0.7) * noise(12.0, level=1.0, seed=2)
    low = signal.butter(4, (25, 60), "band", fs=RATE, output="sos")
    rumble = phrases() + 0.02 * signal.sosfilt(low, noise(12.0, level=1.0, seed=4))
    for name, x in (("spill", spill), ("tail", tail), ("rumble", rumble)):
        assert noises(tmp_path / name, vox=("lead_vocal", x)) == {}, name
