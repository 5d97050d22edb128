"""Puffs of breath are found where they are; low notes, rumble and thumps that go on are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from smartmix import _core
from smartmix.analysis.faults.plosives import plosives
from smartmix.analysis.plosives import PlosiveMeter, band_sections, low_pass_sections
from smartmix.analysis.registers import track_meter
from smartmix.audio import io
from smartmix.session.session import Track
from sources import RATE, melody, noise, tone

AT_S = (1.3, 3.1, 4.9, 8.2)
VOICE = Track("vox", "Lead Vocal", Path("vox.wav"), "lead_vocal", "session", sample_rate=RATE, channels=1)


def voice(lowest_hz: float = 196.0) -> np.ndarray:
    """Ten seconds of notes with short gaps, from a pitch up, and a little noise."""
    notes = melody([lowest_hz * 2 ** (k / 12) for k in (0, 4, 7, 5, 0, 2, 4, 7, 9, 0)], harmonics=20)
    return (notes + noise(10.0, level=1e-4)).astype(np.float32)


def popped(x: np.ndarray, hz: float = 45.0, gain: float = 4.0) -> np.ndarray:
    t = np.arange(round(0.12 * RATE)) / RATE
    puff = np.exp(-t / 0.03) * np.sin(2 * np.pi * hz * t) * np.minimum(t / 0.004, 1)
    y = x.copy()
    for at_s in AT_S:
        y[:, round(at_s * RATE) :][:, : t.size] += (gain * x.std() * puff).astype(np.float32)
    return y


def heard(x: np.ndarray, block: int = 65_536) -> tuple[float, ...]:
    meter = PlosiveMeter(RATE)
    for start in range(0, x.shape[1], block):
        meter.push(x[:, start : start + block])
    return tuple(puff.time_s for puff in meter.facts())


@pytest.mark.parametrize("hz", [30.0, 45.0, 60.0])
@pytest.mark.parametrize("lowest_hz", [85.0, 196.0])
def test_puffs_are_found_where_they_are_whatever_the_voice(hz, lowest_hz):
    found = heard(popped(voice(lowest_hz), hz))
    assert len(found) == len(AT_S)
    np.testing.assert_allclose(found, np.array(AT_S) + 0.02, atol=0.03)


def test_blocks_change_nothing():
    x = popped(voice())
    assert heard(x) == heard(x, 480) == heard(x, 1001)


def test_what_is_no_puff():
    assert heard(voice()) == () and heard(voice(82.0)) == ()
    # a bass note of half a second, rumble, silence, and next to nothing
    t = np.arange(10 * RATE) / RATE
    low = 0.3 * tone(41.2, 0.5)[np.newaxis]
    long = voice().copy()
    long[:, 4 * RATE : 4 * RATE + low.shape[1]] += low.astype(np.float32)
    assert heard(long) == ()
    assert heard((voice() + 0.05 * np.sin(2 * np.pi * 31 * t)).astype(np.float32)) == ()
    assert heard(np.zeros((1, RATE), np.float32)) == () and heard(voice()[:, :1000]) == ()


def test_it_is_told_of_voices_only():
    x = popped(voice())
    for track, told in ((VOICE, True), (replace(VOICE, role="bass"), False)):
        meter = track_meter(track, RATE)
        meter.push(x)
        meter.facts()
        problem = plosives(track, meter, 60.0)
        assert (problem is not None) == told
        if problem is not None:
            assert problem.amount == 4 and "4 plosives, first at 1:01" in problem.text
            assert problem.span_s == pytest.approx((61.32, 68.22), abs=0.03)
    meter = track_meter(VOICE, RATE)
    meter.push(popped(voice(), gain=0.02))
    meter.facts()
    assert plosives(VOICE, meter, 0.0) is None


def test_real_voices_give_no_alarm_but_a_chop_that_thumps(dev_songs: Path):
    """eif_caesium's bgvox_alt has a thump of its own in every chop: one a second is how it sounds."""
    for song, name in (
        ("eif_lithium", "vox_lead"),
        ("eif_rubidium", "vox_lead"),
        ("eif_caesium", "bgvox_alt"),
    ):
        audio = io.read(dev_songs / song / f"{name}.flac")
        meter = track_meter(replace(VOICE, channels=audio.samples.shape[0]), audio.sample_rate)
        meter.push(audio.samples)
        meter.facts()
        assert plosives(VOICE, meter, 0.0) is None


@pytest.mark.parametrize("rate_hz", [4000.0, 6000.0, 6300.0, 6400.0])
def test_filters_are_scipys(rate_hz: float) -> None:
    low = signal.butter(4, 60.0, fs=rate_hz, output="sos")
    band = signal.butter(1, (150.0, 1600.0), "band", fs=rate_hz, output="sos")
    np.testing.assert_allclose(low_pass_sections(60.0, rate_hz), low, rtol=1e-9)
    np.testing.assert_allclose(band_sections(150.0, 1600.0, rate_hz), band, rtol=1e-12, atol=1e-15)


def test_sections_run_as_scipys_and_go_on_where_they_ended() -> None:
    sections = signal.butter(4, (80.0, 900.0), "band", fs=6000.0, output="sos")
    samples = np.random.default_rng(3).standard_normal((2, 5_000))
    there = signal.sosfilt(sections, samples, axis=1)
    here, states = samples.copy(), np.zeros((len(sections), 2, 2))
    for start, end in ((0, 1), (1, 1), (1, 700), (700, 5_000)):
        piece = here[:, start:end].copy()
        _core.filter_sections(sections, piece, states)
        here[:, start:end] = piece
    np.testing.assert_array_equal(here, there)


def test_sections_of_other_shapes_are_refused() -> None:
    samples, states = np.zeros((2, 8)), np.zeros((1, 2, 2))
    for sections, given in (
        (np.zeros((1, 5)), states),
        (np.zeros((2, 6)), states),
        (np.zeros((1, 6)), states[:, :1]),
    ):
        with pytest.raises(ValueError, match="expected sections"):
            _core.filter_sections(sections, samples, given.copy())
