"""The lowest note of synthetic players."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from sources import RATE, facts_of, melody, noise


@pytest.mark.parametrize(
    "notes", [[41.2, 55, 61.7, 82.4], [110, 131, 165, 147], [196, 262, 220, 330, 294], [65.4, 98, 131, 262]]
)
def test_the_lowest_note_of_a_melody(notes):
    found = facts_of(melody(notes * 2)).lowest_note_hz
    assert found == pytest.approx(min(notes), rel=0.03)


def test_a_voice_with_a_weak_fundamental_is_not_heard_an_octave_up():
    weak = melody([147, 165, 196, 220] * 2) - 0.09 * np.concatenate(
        [np.sin(2 * np.pi * hz * np.arange(RATE) / RATE + 1) for hz in [147, 165, 196, 220] * 2]
    )
    assert facts_of(weak).lowest_note_hz == pytest.approx(147, rel=0.03)


def test_rumble_and_hum_are_no_notes():
    voice = melody([220, 247, 262, 294] * 3)
    rumble = signal.sosfilt(
        signal.butter(4, [25, 45], "band", fs=RATE, output="sos"), noise(12.0, level=1.0)[0]
    )
    hum = sum(np.sin(2 * np.pi * 50 * k * np.arange(voice.shape[1]) / RATE) / k for k in range(1, 6))
    mixed = voice + 0.02 * rumble / rumble.std() + 0.003 * hum
    assert facts_of(mixed, floor_hz=70).lowest_note_hz == pytest.approx(220, rel=0.03)


def test_noise_has_no_lowest_note():
    hats = signal.sosfilt(signal.butter(4, 5000, "high", fs=RATE, output="sos"), noise(6.0)[0])[np.newaxis]
    assert facts_of(noise(6.0)).lowest_note_hz is None
    assert facts_of(hats).lowest_note_hz is None


def test_a_kick_is_as_low_as_its_fundamental():
    t = np.arange(RATE // 2) / RATE
    hit = np.sin(2 * np.pi * (55 * t + 1.5 * (1 - np.exp(-t / 0.02)))) * np.exp(-t / 0.12)
    kick = np.tile(0.8 * hit, 12)[np.newaxis]
    assert facts_of(kick).lowest_note_hz == pytest.approx(55, rel=0.12)


def test_rumble_is_what_lies_half_an_octave_under_the_lowest_note():
    voice = melody([220, 262, 247, 294] * 3)
    t = np.arange(voice.shape[1]) / RATE
    low = np.sin(2 * np.pi * 60 * t)[np.newaxis] * voice.std() * np.sqrt(2) * 10 ** (-20 / 20)
    clean, dirty = facts_of(voice, floor_hz=70), facts_of(voice + low, floor_hz=70)
    assert dirty.rumble_db == pytest.approx(-20.0, abs=0.3)
    assert clean.rumble_db < -45
