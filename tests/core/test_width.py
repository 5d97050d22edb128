"""Stereo width against mid and side in numpy, its high pass against scipy's."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, sosfilt, sosfreqz

from core.space_oracles import pink
from properties.support import Samples, same_bits
from smartmix.errors import AudioError
from smartmix.processors import StereoWidth, load_preset

RATE = 48_000
Oracle = np.ndarray


def programme(frames: int = RATE, *, seed: int = 0) -> Samples:
    """Pink, peaking near full scale, its sides half alike."""
    audio = pink(frames / RATE, seed=seed)
    audio = audio + 0.5 * audio[::-1]
    return (0.9 * audio / np.abs(audio).max()).astype(np.float32)


def mid_side(audio: np.ndarray) -> tuple[Oracle, Oracle]:
    left, right = audio.astype(np.float64)
    return 0.5 * (left + right), 0.5 * (left - right)


@pytest.mark.parametrize("rate", [44_100, 48_000, 192_000])
@pytest.mark.parametrize(("side_db", "corner_hz"), [(-60.0, 20.0), (-3.0, 120.0), (6.0, 500.0), (0.0, 80.0)])
def test_the_side_is_what_numpy_and_scipy_say(rate: int, side_db: float, corner_hz: float) -> None:
    audio = programme()
    mid, side = mid_side(audio)
    if corner_hz > 20.0:
        side = sosfilt(butter(2, corner_hz, "highpass", fs=rate, output="sos"), side)
    side *= 10.0 ** (side_db / 20.0)
    out = StereoWidth(side_db=side_db, mono_below_hz=corner_hz)(audio, rate)
    np.testing.assert_allclose(out, [mid + side, mid - side], atol=3e-7)


def moving(parameter: str) -> dict[str, list[tuple[float, float]]]:
    low, high = {"side_db": (-60.0, 12.0), "mono_below_hz": (20.0, 500.0)}[parameter]
    return {parameter: [(0.0, low), (0.3, high), (0.35, low), (0.9, high)]}


@pytest.mark.parametrize("lane", ["", "side_db", "mono_below_hz"])
def test_the_mono_sum_never_changes(lane: str) -> None:
    """Within the rounding of two samples: 1e-7 of full scale, also while everything moves."""
    audio = programme()
    out = StereoWidth(side_db=9.0, mono_below_hz=200.0)(
        audio, RATE, automation=moving(lane) if lane else None
    )
    assert np.abs(out - audio).max() > 0.1
    before, after = mid_side(audio)[0], mid_side(out)[0]
    assert np.abs(after - before).max() < 1e-7 * max(1.0, float(np.abs(out).max()))


def test_what_is_in_the_middle_stays_bit_for_bit() -> None:
    audio = np.repeat(programme()[:1], 2, axis=0)
    lanes = moving("side_db") | moving("mono_below_hz")
    assert same_bits(StereoWidth()(audio, RATE, automation=lanes), audio)


def test_one_channel_has_no_side_and_three_are_refused() -> None:
    audio = programme()
    assert same_bits(StereoWidth(side_db=6.0, mono_below_hz=200.0)(audio[:1], RATE), audio[:1])
    with pytest.raises(AudioError, match="3 channels: width is that of 1 or 2"):
        StereoWidth()(np.zeros((3, 100), dtype=np.float32), RATE)


def test_the_level_moves_frame_by_frame_in_db() -> None:
    audio = np.stack([np.full(2000, 0.5), np.full(2000, -0.5)]).astype(np.float32)
    lane = {"side_db": [(0.0, 0.0), (1500 / RATE, -30.0)]}
    out = StereoWidth()(audio, RATE, automation=lane)
    wanted = 0.5 * 10.0 ** (-30.0 / 20.0 * np.minimum(np.arange(2000) / 1500.0, 1.0))
    np.testing.assert_allclose(out, [wanted, -wanted], rtol=3e-6)


@pytest.mark.parametrize("frames", [64, 4800, 24_000])
def test_a_corner_that_comes_and_goes_does_not_click(frames: int) -> None:
    """A low tone on the side while the corner is swept from off and back: nothing an octave band at 8 kHz would see."""
    tone = 0.5 * np.sin(2.0 * np.pi * 50.0 * np.arange(2 * RATE) / RATE)
    audio = np.stack([tone, -tone]).astype(np.float32)
    lane = {
        "mono_below_hz": [
            (0.5, 20.0),
            (0.5 + frames / RATE, 300.0),
            (1.2, 300.0),
            (1.2 + frames / RATE, 20.0),
        ]
    }
    out = StereoWidth()(audio, RATE, automation=lane)
    high = sosfilt(butter(4, 4000.0, "highpass", fs=RATE, output="sos"), out.astype(np.float64))
    limit_db = -60.0 if frames > 64 else -45.0  # 1.3 ms is a step in itself
    assert np.abs(high[:, 1000:]).max() < 10.0 ** (limit_db / 20.0)
    assert same_bits(out[:, -RATE // 4 :], audio[:, -RATE // 4 :])


def test_the_page_says_how_far_the_high_pass_turns_the_side(repo_root: Path) -> None:
    """The table of docs/dsp/stereo_width.md: level and phase of the side, and what a hard left source leaks."""
    rows = {}
    for line in (repo_root / "docs" / "dsp" / "stereo_width.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| ") and cells[0].endswith("×") and len(cells) == 4:
            rows[float(cells[0][:-1])] = [float(c.replace("−", "-")) for c in cells[1:]]
    assert sorted(rows) == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0]
    sos = butter(2, 120.0, "highpass", fs=RATE, output="sos")
    for times, (level_db, degrees, leak_db) in rows.items():
        h = sosfreqz(sos, [times * 120.0], fs=RATE)[1][0]
        assert 20.0 * np.log10(abs(h)) == pytest.approx(level_db, abs=0.06)
        assert np.degrees(np.angle(h)) == pytest.approx(degrees, abs=0.6)
        assert 20.0 * np.log10(abs(0.5 * (1.0 - h))) == pytest.approx(leak_db, abs=0.06)
    assert [a > b for a, b in pairwise(rows[t][2] for t in sorted(rows))][-3:] == [True] * 3


def test_the_preset_narrows_the_bass_only(repo_root: Path) -> None:
    width = load_preset(repo_root / "presets" / "stereo" / "bass_in_the_middle.toml")
    audio = programme()
    low, high = (
        butter(4, hz, kind, fs=RATE, output="sos") for hz, kind in ((60.0, "lowpass"), (500.0, "highpass"))
    )
    before, after = mid_side(audio)[1], mid_side(width(audio, RATE))[1]
    change_db = [
        10.0 * np.log10(np.mean(sosfilt(f, after) ** 2) / np.mean(sosfilt(f, before) ** 2))
        for f in (low, high)
    ]
    assert change_db[0] < -9.0
    assert change_db[1] == pytest.approx(1.0, abs=0.1)
