"""Tempo against patterns whose beats are known; octaves are told, not guessed away."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from smartmix import _core
from smartmix.analysis.hop_trace import GROUPS
from smartmix.analysis.onsets import OnsetCurve
from smartmix.analysis.tempo import find_tempo, session_tempo
from smartmix.session.session import Session, TempoPoint
from smartmix.synth.song import TEMPO_BPM
from sources import RATE

BPMS = (60, 72, 84, 96, 107.5, 120, 128, 140, 155, 174, 187, 200)
SECONDS = 24.0


def onsets(x: np.ndarray, rate: int = RATE) -> list[np.ndarray]:
    meter, curve = _core.HopMeter(float(rate), x.shape[0]), OnsetCurve()
    for start in range(0, x.shape[1], 65_536):
        meter.process(np.ascontiguousarray(x[:, start : start + 65_536], np.float32))
        curve.push(meter.take_hops()[:, GROUPS:])
    return curve.curves()


def hit(hz: float, decay_s: float, noisy: float, seed: int) -> np.ndarray:
    t = np.arange(int(0.25 * RATE)) / RATE
    rng = np.random.default_rng(seed)
    return (np.sin(2 * np.pi * hz * t) * (1 - noisy) + noisy * rng.standard_normal(t.size)) * np.exp(
        -t / decay_s
    )


def drums(bpm: float, swing: float = 0.0, seed: int = 0) -> np.ndarray:
    """Kick on 1 and 3, snare on 2 and 4, hats in eighths, levels and times as a drummer has them (3 ms)."""
    rng = np.random.default_rng(seed)
    x = 1e-3 * rng.standard_normal(int(SECONDS * RATE))
    sounds = {
        "kick": hit(55, 0.08, 0.02, 1),
        "snare": 0.6 * hit(190, 0.06, 0.6, 2),
        "hat": 0.25 * hit(9000, 0.02, 0.9, 3),
    }
    for eighth in range(int((SECONDS - 0.5) * bpm / 60 * 2)):
        late = swing / 3 if eighth % 2 else 0.0
        names = ["hat"] if eighth % 2 else ["hat", "kick" if eighth % 4 == 0 else "snare"]
        at = int(max(0.0, (eighth / 2 + late) * 60 / bpm + 0.1 + rng.normal(0, 0.003)) * RATE)
        for name in names:
            x[at : at + sounds[name].size] += sounds[name] * rng.uniform(0.7, 1.0)
    return x[np.newaxis]


def clicks(bpm: float) -> np.ndarray:
    x = np.zeros((1, int(SECONDS * RATE)))
    for beat in range(int((SECONDS - 0.1) * bpm / 60)):
        at = round(beat * 60 / bpm * RATE)
        x[0, at : at + 480] = 0.5 * np.sin(np.arange(480) * 0.13)
    return x


@pytest.mark.parametrize("bpm", BPMS)
@pytest.mark.parametrize("pattern", [clicks, drums])
def test_one_of_the_two_tempos_is_right_to_a_thousandth(pattern, bpm):
    tempo = find_tempo(onsets(pattern(bpm)))
    assert tempo is not None and tempo.source == "heard" and tempo.other_bpm is not None
    nearest = min((tempo.bpm, tempo.other_bpm), key=lambda found: abs(found - bpm))
    assert nearest == pytest.approx(bpm, rel=1e-3)
    assert tempo.other_bpm / tempo.bpm in (0.5, 2.0)


def test_saying_120_always_is_right_only_once():
    """The do-nothing row of the table above."""
    assert (
        sum(bpm / octave == pytest.approx(120, rel=1e-3) for bpm in BPMS for octave in (0.5, 1, 2)) == 2
    )  # 60, 120


def test_swung_eighths_are_counted_in_quarters():
    tempo = find_tempo(onsets(drums(120.0, swing=1.0)))
    assert tempo is not None and min(abs(tempo.bpm - 120), abs(tempo.other_bpm - 120)) < 0.5


@pytest.mark.parametrize("seed", range(4))
def test_what_has_no_pulse_has_no_tempo(seed):
    rng = np.random.default_rng(seed)
    steady = 0.1 * rng.standard_normal((1, int(SECONDS * RATE)))
    swells = steady * np.repeat(rng.uniform(0.2, 1.0, int(SECONDS)), RATE)
    spoken = np.zeros_like(steady)
    at = 0.0
    while at < SECONDS - 0.5:
        first = int(at * RATE)
        spoken[0, first : first + 6000] += np.hanning(6000) * rng.standard_normal(6000) * 0.2
        at += rng.uniform(0.12, 0.7)
    for x in (steady, swells, spoken, np.zeros((1, RATE)), np.zeros((1, 0)), np.zeros_like(steady)):
        assert find_tempo(onsets(x)) is None


def test_a_drummer_who_speeds_up_still_has_a_tempo():
    slow, fast = drums(100.0), drums(103.0, seed=1)
    tempo = find_tempo(onsets(np.concatenate((slow, fast), axis=1)))
    assert tempo is not None and any(99 <= bpm <= 104 for bpm in (tempo.bpm, tempo.other_bpm))


def test_the_demo_song(demo):
    mixed = sum(np.broadcast_to(x.samples, (2, x.samples.shape[1])) for x in demo.tracks.values())
    tempo = find_tempo(onsets(mixed))
    assert tempo is not None and tempo.bpm == pytest.approx(TEMPO_BPM, rel=1e-3)
    assert tempo.confidence > 0.4


def test_the_session_knows_better():
    song = Session("s", Path(), (), RATE, 100.0)
    assert session_tempo(song) is None
    points = (TempoPoint(0.0, 90.0), TempoPoint(20.0, 92.0), TempoPoint(60.0, 90.0))
    tempo = session_tempo(dataclasses.replace(song, tempo_map=points))
    assert tempo is not None and (tempo.bpm, tempo.source, tempo.confidence) == (90.0, "session", 1.0)


KNOWN_BPM = {
    "eif_caesium": 130, "eif_lithium": 124, "eif_potassium": 90, "eif_rubidium": 132,
    "lmms_mauiwowi": 102, "lmms_reggaetry": 180, "lmms_finalstep": 140,
}  # fmt: skip
"""What the makers say: the LMMS project files, the table in ichbinsoftware/everythingisremixed."""


@pytest.mark.parametrize("song", KNOWN_BPM)
def test_real_songs(dev_songs, song):
    from smartmix.audio.io import read

    files = [f for f in sorted((dev_songs / song).glob("*.flac")) if not f.name.startswith("_")]
    sources = [read(f) for f in files]
    frames = max(s.samples.shape[1] for s in sources)
    total = np.zeros((2, frames))
    for source in sources:
        total[:, : source.samples.shape[1]] += source.samples
    tempo = find_tempo(onsets(total, sources[0].sample_rate))
    assert tempo is not None
    nearest = min((tempo.bpm, tempo.other_bpm), key=lambda found: abs(found - KNOWN_BPM[song]))
    assert nearest == pytest.approx(KNOWN_BPM[song], rel=2e-3)
