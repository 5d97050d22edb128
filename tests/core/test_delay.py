"""The delay against echoes put together by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from core.space_oracles import RATE, impulse, octave, pink
from properties.support import Samples
from smartmix.errors import AudioError, SmartmixError
from smartmix.processors import Delay, note_ms

OPEN = {"low_cut_hz": 20.0, "high_cut_hz": 20_000.0}


def through(audio: np.ndarray, times: int, low_cut_hz: float, high_cut_hz: float) -> np.ndarray:
    """The cut filters as scipy has them: Butterworth of second order, bilinear."""
    for _ in range(times):
        audio = sosfilt(butter(2, low_cut_hz, "highpass", fs=RATE, output="sos"), audio)
        audio = sosfilt(butter(2, high_cut_hz, "lowpass", fs=RATE, output="sos"), audio)
    return audio


@pytest.mark.parametrize("time_ms", [1.0, 1.5, 37.0, 350.0])
@pytest.mark.parametrize("cuts", [(20.0, 20_000.0), (300.0, 3000.0)])
def test_every_echo_is_the_one_before_through_the_filters(time_ms: float, cuts: tuple[float, float]) -> None:
    frames = round(time_ms * 1e-3 * RATE)
    audio = pink(0.4).astype(np.float64)
    expected = np.zeros_like(audio)
    echo = audio
    for _ in range(min(audio.shape[1] // frames, 60)):
        echo = through(np.pad(echo, ((0, 0), (frames, 0)))[:, : audio.shape[1]], 1, *cuts)
        expected += echo
        echo = 0.6 * echo
    delay = Delay(mix=1.0, time_ms=time_ms, feedback=0.6, low_cut_hz=cuts[0], high_cut_hz=cuts[1])
    np.testing.assert_allclose(delay(audio.astype(np.float32), RATE), expected, atol=2e-5)


def test_mix_blends_with_the_input() -> None:
    audio = pink(0.3)
    wet = Delay(mix=1.0, time_ms=50.0)(audio, RATE)
    half = Delay(mix=0.25, time_ms=50.0)(audio, RATE)
    np.testing.assert_allclose(half, 0.75 * audio + 0.25 * wet, atol=1e-6)


def peaks(out: Samples, frames: int, count: int) -> np.ndarray:
    """Largest sample around each multiple of `frames`, by channel."""
    return np.array(
        [np.abs(out[:, k * frames - 20 : k * frames + 200]).max(axis=1) for k in range(1, count + 1)]
    )


@pytest.mark.parametrize(("left", "right"), [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0)])
def test_ping_pong_falls_left_and_right_in_turn(left: float, right: float) -> None:
    delay = Delay(mix=1.0, time_ms=100.0, feedback=0.5, ping_pong=True, **OPEN)
    found = peaks(delay(impulse(RATE, left=left, right=right), RATE), 4800, 6)
    assert np.all(found[::2, 1] < 1e-3)
    assert np.all(found[1::2, 0] < 1e-3)
    heights = found.max(axis=1)
    straight = Delay(mix=1.0, time_ms=100.0, feedback=0.5, **OPEN)
    alone = peaks(straight(impulse(RATE), RATE), 4800, 1).max()  # the filters take the edge off a click
    assert heights[0] == pytest.approx(0.5 * (left + right) * alone, rel=1e-3)
    assert np.all(heights[1:] / heights[:-1] < 0.55)
    assert np.all(heights[1:] / heights[:-1] > 0.35)


def test_one_channel_has_no_sides_to_play_between() -> None:
    audio = pink(0.5, channels=1)
    a, b = (Delay(mix=1.0, time_ms=60.0, ping_pong=p)(audio, RATE) for p in (False, True))
    assert np.array_equal(a, b)
    with pytest.raises(AudioError, match="3 channels: a delay takes 1 or 2"):
        Delay()(np.zeros((3, 100), dtype=np.float32), RATE)


@pytest.mark.parametrize(
    "lane", [[(0.0, 300.0), (1.0, 300.0), (1.0, 173.0)], [(0.0, 400.0), (0.5, 400.0), (2.0, 100.0)]]
)
def test_another_time_neither_clicks_nor_bends_the_pitch(lane: list[tuple[float, float]]) -> None:
    tone = 0.5 * np.sin(2.0 * np.pi * 200.0 * np.arange(3 * RATE) / RATE)
    audio = np.repeat(tone[np.newaxis], 2, axis=0).astype(np.float32)
    delay = Delay(mix=1.0, feedback=0.3, **OPEN)
    out = delay(audio, RATE, automation={"time_ms": lane}).astype(np.float64)
    settled = round(0.8 * RATE)
    assert np.abs(octave(octave(out, 8000.0), 8000.0)[:, settled:]).max() < 10.0 ** (-60.0 / 20.0)
    out = out[:, settled:]
    spectrum = np.abs(np.fft.rfft(out[0] * np.hanning(out.shape[1])))
    hz = np.fft.rfftfreq(out.shape[1], 1.0 / RATE)
    assert hz[spectrum.argmax()] == pytest.approx(200.0, abs=0.6)
    assert delay.time_ms == lane[-1][1]


def test_the_new_time_is_reached() -> None:
    audio = impulse(2 * RATE)
    audio = np.roll(audio, RATE, axis=1)
    out = Delay(mix=1.0, feedback=0.0, **OPEN)(
        audio, RATE, automation={"time_ms": [(0.2, 500.0), (0.8, 125.0)]}
    )
    assert abs(int(np.abs(out[0]).argmax()) - RATE - 6000) <= 3


@pytest.mark.parametrize(
    ("bpm", "note", "ms"),
    [
        (120.0, "1/4", 500.0),
        (120.0, "1/8.", 375.0),
        (120.0, "1/8", 250.0),
        (90.0, "1/8t", 222.2222),
        (60.0, "1/2", 2000.0),
        (174.0, "1/16.", 129.3103),
    ],
)
def test_notes(bpm: float, note: str, ms: float) -> None:
    assert note_ms(bpm, note) == pytest.approx(ms, abs=1e-3)
    delay = Delay()
    delay.set_note(bpm, note)
    assert delay.time_ms == pytest.approx(ms, abs=1e-3)


@pytest.mark.parametrize(
    ("bpm", "note", "message"),
    [
        (120.0, "1/5", r"note '1/5': expected \"1/1\" to \"1/32\""),
        (120.0, "eighth", "expected"),
        (0.0, "1/4", "tempo 0: expected 20 to 400 bpm"),
        (float("nan"), "1/4", "tempo nan"),
        (50.0, "1/1", r"1/1 at 50 bpm: .*time_ms = 4800: expected 1 to 2000 ms"),
    ],
)
def test_wrong_notes_are_refused(bpm: float, note: str, message: str) -> None:
    with pytest.raises(SmartmixError, match=message):
        Delay().set_note(bpm, note)
