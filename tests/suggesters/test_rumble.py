"""High-passes: half an octave under the lowest note, only where the track shows something to take away."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from smartmix.analysis import analyze
from smartmix.suggesters import suggest
from sources import RATE, melody, noise, write_session


def with_rumble(x: np.ndarray, db: float, band_hz=(24.0, 38.0)) -> np.ndarray:
    sos = signal.butter(4, band_hz, "band", fs=RATE, output="sos")
    low = signal.sosfilt(sos, noise(x.shape[1] / RATE, level=1.0, seed=5))
    return x + low / low.std() * x.std() * 10 ** (db / 20)


def cuts(folder, sources) -> dict[str, dict[str, object]]:
    session = write_session(folder, sources)
    found = {}
    for move in suggest(session, analyze(session)).moves:
        values = {s.ref.parameter.split(".")[1]: s.suggested for s in move.sets if s.ref.device == "eq"}
        if values and move.source != "unmask":
            assert all(s.ref.parameter.startswith(move.id + ".") for s in move.sets)
            found[move.track] = values
    return found


VOICE = [196, 220, 262, 233, 294, 220]
GUITAR = [82.4, 110, 98, 123.5, 165, 110]


@pytest.mark.parametrize(
    ("role", "notes", "expected_hz"),
    [
        ("lead_vocal", VOICE, 100.0),
        ("lead_vocal", [98.0, 110, 123.5, 147, 131, 110], 98.0 / np.sqrt(2)),
        ("guitar", GUITAR, 82.4 / np.sqrt(2)),
        ("keys", VOICE, 196 / np.sqrt(2)),
        ("unknown", VOICE, 60.0),
    ],
)
def test_the_cut_sits_half_an_octave_under_the_lowest_note(tmp_path, role, notes, expected_hz):
    found = cuts(tmp_path, {"x": (role, with_rumble(melody(notes * 2), -12.0))})["x"]
    assert found["shape"] == "high_pass" and found["slope_db_oct"] == 12.0
    assert found["freq_hz"] == pytest.approx(expected_hz, rel=0.04)


def test_a_clean_track_is_left_alone(tmp_path):
    sources = {
        "vox": ("lead_vocal", melody(VOICE * 2)),
        "gtr": ("guitar", with_rumble(melody(GUITAR * 2), -40.0)),
    }
    assert cuts(tmp_path, sources) == {}


def test_kick_and_bass_keep_their_weight(tmp_path):
    t = np.arange(RATE // 2) / RATE
    kick = np.tile(0.8 * np.sin(2 * np.pi * (50 * t + 1.5 * (1 - np.exp(-t / 0.02)))) * np.exp(-t / 0.12), 12)
    bass = melody([41.2, 55, 49, 61.7] * 3)
    assert cuts(tmp_path / "clean", {"kick": ("kick", kick[np.newaxis]), "bass": ("bass", bass)}) == {}
    found = cuts(tmp_path / "dirty", {"bass": ("bass", with_rumble(bass, -10.0, (12.0, 22.0)))})
    assert found["bass"]["freq_hz"] <= 30.0


def test_more_rumble_is_surer(tmp_path):
    sources = {f"v{-db}": ("lead_vocal", with_rumble(melody(VOICE * 2), db)) for db in (-24, -18, -12)}
    session = write_session(tmp_path, sources)
    sure = {m.track: m.confidence for m in suggest(session, analyze(session)).moves if m.source == "rumble"}
    assert sure["v24"] < 0.7 < sure["v18"] < sure["v12"] <= 0.95


def test_gliding_low_voices_without_a_pitch_are_not_rumble(tmp_path):
    t = np.arange(12 * RATE) / RATE
    glide = np.sin(2 * np.pi * (90 * t + 12 / 0.7 * np.sin(2 * np.pi * 0.7 * t) / 2 / np.pi * 7))
    sources = {"low": ("backing_vocal", melody(VOICE * 2) + 0.08 * glide[np.newaxis])}
    assert cuts(tmp_path, sources) == {}
