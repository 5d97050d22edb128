"""Planted faults are found, with where and how much; clean sources are left in peace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from smartmix.analysis.delay import find_delay
from smartmix.analysis.faults.mic_names import pairs
from smartmix.analysis.features import SourceMeter
from smartmix.analysis.problems import find_problems, source_problems
from smartmix.analysis.scan import SourceScan
from smartmix.session.session import Session, Track
from sources import RATE, melody, noise, sine, write_session


def problems_of(samples: np.ndarray, block: int = 65_536) -> dict[str, object]:
    samples = np.asarray(samples, np.float32)
    meter = SourceMeter("x", RATE, samples.shape[0])
    for start in range(0, samples.shape[1], block):
        meter.push(samples[:, start : start + block])
    meter.facts()
    track = Track(
        "x", "X", Path("x.wav"), sample_rate=RATE, channels=samples.shape[0], frames=samples.shape[1]
    )
    return {p.kind: p for p in source_problems(track, meter)}


def phrases(seconds: float = 12.0) -> np.ndarray:
    sung = melody([220, 262, 247, 294] * 3)[:, : int(seconds * RATE)]
    gate = (np.arange(sung.shape[1]) // (2 * RATE)) % 2 == 0
    return sung * gate + noise(seconds, level=1e-5)


def test_clipping_below_full_scale_is_found_and_counted():
    x = noise(3.0, level=0.15)
    smooth = signal.sosfilt(signal.butter(2, 3000, fs=RATE, output="sos"), x)
    ceiling = float(2 * smooth.std())
    clipped = np.clip(smooth, -ceiling, ceiling).astype(np.float32)
    flat = np.abs(clipped[0]) >= ceiling - 1e-7
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flat.astype(int), [0]))))
    runs = int(np.sum(edges[1::2] - edges[::2] >= 3))
    found = problems_of(clipped)["clipping"]
    assert found.amount == pytest.approx(runs, abs=max(1, 0.02 * runs)) and runs > 5
    assert f"{20 * np.log10(ceiling):.1f} dBFS" in found.text
    assert "clipping" not in problems_of(smooth)


def test_clip_count_does_not_depend_on_blocks():
    clipped = np.clip(4 * sine(331, 2.0, 0.3), -0.5, 0.5)
    counts = []
    for block in (1, 3, 64, 10_000, 96_000):
        scan = SourceScan(RATE, 1)
        for start in range(0, 9600 if block < 64 else clipped.shape[1], block):
            scan.push(clipped[:, start : start + block])
        counts.append(scan.clip_runs)
    assert counts[2] == counts[3] == counts[4] == pytest.approx(2 * 331 * 2, abs=2)
    assert counts[0] == counts[1] == pytest.approx(2 * 331 * 0.2, abs=2)


@pytest.mark.parametrize("hz", [35.0, 60.0, 110.0, 440.0])
def test_a_slow_sine_a_square_wave_and_one_touch_of_full_scale_are_not_clipping(hz):
    assert "clipping" not in problems_of(sine(hz, 2.0, 0.8))
    assert "clipping" not in problems_of(np.sign(sine(hz, 2.0)) * 0.5)
    touched = sine(hz, 2.0, 0.5)
    touched[0, 5000:5006] = 1.0
    assert "clipping" not in problems_of(touched)


def test_dc_is_measured_and_low_notes_are_not_dc():
    assert problems_of(sine(50, 3.0, 0.5) + 0.01)["dc"].amount == pytest.approx(-40.0, abs=0.1)
    assert "dc" not in problems_of(sine(30, 3.0, 0.9))
    # a loud low note is in the way of a plain mean: half a second holds no whole number of its waves
    low = problems_of(sine(41.2, 6.0, 0.8) + 0.0105)["dc"]
    assert low.amount == pytest.approx(20 * np.log10(0.0105), abs=0.2)
    # a drum whose wave leans to one side is no offset: between the hits it is gone
    t = np.arange(4 * RATE) / RATE
    hits = np.exp(-(t % 1.0) / 0.1) * (np.sin(2 * np.pi * 60 * t) + 0.4) * (t % 1.0 < 0.5)
    assert abs(hits.mean()) > 0.02 and "dc" not in problems_of(hits[np.newaxis])


@pytest.mark.parametrize("mains_hz", [50, 60])
def test_hum_in_the_pauses_is_found_with_its_level(mains_hz):
    t = np.arange(12 * RATE) / RATE
    hum = sum(np.sin(2 * np.pi * mains_hz * k * t + k) / k for k in range(1, 6))
    level_dbfs = -62.0
    hum *= 10 ** (level_dbfs / 20) / np.sqrt(np.mean(hum**2))
    found = problems_of(phrases() + hum)["hum"]
    assert f"{mains_hz} Hz" in found.text
    assert found.amount == pytest.approx(level_dbfs, abs=1.5)


def test_no_hum_in_clean_pauses_nor_in_low_notes():
    assert "hum" not in problems_of(phrases())
    gate = (np.arange(12 * RATE) // RATE) % 2 == 0
    bass = melody([49.0, 61.7, 55.0, 98.0] * 3) * np.where(gate, 1.0, 0.02)
    assert "hum" not in problems_of(bass + noise(12.0, level=1e-5))


def test_inverted_side_silence_and_non_numbers():
    x = noise(2.0, channels=1)
    wide = np.concatenate((x + 0.3 * noise(2.0, seed=7), -x + 0.3 * noise(2.0, seed=8)))
    assert "Flip one side" in problems_of(wide)["polarity"].text
    assert "polarity" not in problems_of(noise(2.0, channels=2))
    assert set(problems_of(np.zeros((1, RATE)))) == {"silence"}
    broken = noise(2.0)
    broken[0, RATE] = np.nan
    assert problems_of(broken)["nonfinite"].text.endswith("first at 0:01; export it again")


def test_delay_and_polarity_against_scipy():
    rng = np.random.default_rng(0)
    source = signal.sosfiltfilt(
        signal.butter(1, [100, 6000], "band", fs=RATE, output="sos"), rng.standard_normal(RATE * 3)
    )
    for frames, polarity in ((37, 1), (-120, -1), (480, 1), (0, -1)):
        other = polarity * np.roll(source, frames) + 0.2 * source.std() * rng.standard_normal(source.size)
        found = find_delay(source, other, RATE)
        lags = signal.correlation_lags(source.size, source.size)
        direct = signal.correlate(other, source, method="fft")
        assert found.frames == pytest.approx(lags[np.argmax(np.abs(direct))], abs=0.6)
        assert found.frames == pytest.approx(frames, abs=0.1) and found.polarity == polarity
        assert found.clearness > 3
    unrelated = find_delay(source, rng.standard_normal(source.size), RATE)
    assert unrelated.clearness < 1.5


def test_a_late_bass_amp_is_a_fault_and_late_overheads_are_not(tmp_path):
    rng = np.random.default_rng(3)
    source = melody([55, 61.7, 82.4, 49] * 2)[0] + 0.01 * rng.standard_normal(8 * RATE)
    late = np.concatenate((np.zeros(144), source))[: source.size]
    amp = -0.5 * np.tanh(6 * late)
    files = {
        "Bass DI": ("bass_di", source[np.newaxis]),
        "Bass Amp": ("bass_amp", amp[np.newaxis]),
        "Snare": ("snare", source[np.newaxis]),
        "OH": ("overheads", late[np.newaxis]),
    }
    session = write_session(tmp_path, files)
    found = [p for p in find_problems(session) if p.kind in ("delay", "polarity")]
    assert [(p.kind, p.track, p.other_track) for p in found] == [
        ("delay", "Bass Amp", "Bass DI"),
        ("polarity", "Bass Amp", "Bass DI"),
    ]
    assert found[0].amount == pytest.approx(3.0, abs=0.05)


def test_pairs_are_two_pick_ups_of_one_source():
    names = {"Kick In": "kick", "Kick Out": "kick", "Snare Top": "snare", "Snare 2 Bottom": "snare",
             "Bass DI": "bass_di", "Bass Amp": "bass_amp", "OH": "overheads", "Room": "room"}  # fmt: skip
    tracks = tuple(Track(n, n, Path(n), role) for n, role in names.items())
    found = list(pairs(Session("s", Path(), tracks, RATE, 1.0)))
    assert [(a.id, b.id) for a, b, _ in found] == [("Kick In", "Kick Out"), ("Bass DI", "Bass Amp")]
