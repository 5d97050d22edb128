"""What else a strip bank gives: sums before they are rounded, and strips as they are before their fader."""

from __future__ import annotations

import numpy as np
import pytest

from smartmix import _core

RATE = 48_000.0
FRAMES = 5_000


def bank() -> _core.StripBank:
    made = _core.StripBank(RATE, [2, 1, 2], [True, False, False], 1)
    made.set(0, "compressor.ratio", 4.0)
    made.set(0, "compressor.threshold_db", -30.0)
    made.set(1, "eq.band1.shape", 1.0)
    made.set(1, "eq.band1.gain_db", -6.0)
    made.set(2, "trim.gain_db", 2.0)
    after_fader(made)
    return made


def after_fader(made: _core.StripBank) -> None:
    made.set(0, "fader.gain_db", -3.0)
    made.set(1, "pan.pan", 0.4)
    made.set(1, "send1.level_db", -9.0)


def sounds() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [(0.3 * rng.standard_normal((c, FRAMES))).astype(np.float32) for c in (2, 1, 2)]


def test_exact_sums_round_to_the_sums() -> None:
    exact, rounded = bank().process(sounds(), exact=True), bank().process(sounds())
    assert (exact.dtype, exact.shape) == (np.float64, (4, FRAMES))
    assert exact.astype(np.float32).tobytes() == rounded.tobytes()
    assert (exact != rounded).any()


def test_neutral_strips_fed_with_what_is_before_the_fader_give_the_same_bits() -> None:
    taps = [np.zeros(sound.shape, np.float32) for sound in sounds()]
    whole = bank().process(sounds(), before_fader=[taps[0], taps[1], None])
    assert whole.tobytes() == bank().process(sounds()).tobytes()
    assert not taps[2].any()
    assert not np.array_equal(taps[0], sounds()[0])
    again = _core.StripBank(RATE, [2, 1, 2], None, 1)
    again.set(2, "trim.gain_db", 2.0)
    after_fader(again)
    assert again.process([taps[0], taps[1], sounds()[2]]).tobytes() == whole.tobytes()


@pytest.mark.parametrize(
    ("before_fader", "text"),
    [
        ([None], "array or None per strip"),
        ([None, np.zeros((2, FRAMES), np.float32), None], "expected 1 channels"),
        ([None, np.zeros((1, 7), np.float32), None], "strip 1 has 7 frames"),
        ([None, np.zeros((1, FRAMES)), None], "float32"),
    ],
)
def test_room_that_does_not_fit_is_refused(before_fader: list[np.ndarray | None], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        bank().process(sounds(), before_fader=before_fader)
