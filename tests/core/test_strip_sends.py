"""Sends of the strip bank: behind fader and pan, straight in dB, exactly nothing at -120 dB, one rounding a row."""

from __future__ import annotations

import numpy as np
import pytest

from core.strip_support import RATE, bank_run, double, random_bank, tracks
from properties.support import same_bits
from smartmix import _core


def test_a_send_at_unity_is_the_main_sum_bit_for_bit() -> None:
    """With everything moving: what goes to the send is what goes to the sum."""
    channels = [1, 2, 1]
    bank = random_bank(channels, np.random.default_rng(4), sends=2)
    for strip in range(3):
        bank.set(strip, "send2.level_db", 0.0)
    fader, pan = bank.parameter_index("fader.gain_db"), bank.parameter_index("pan.pan")
    events = [(100, 0, fader, -30.0, 700), (300, 1, pan, -1.0, 500), (777, 2, fader, 3.0, 0)]
    out = bank_run(bank, tracks(channels, 2000), events)
    assert np.any(out[0])
    assert not np.any(out[2:4])
    assert same_bits(out[4:6], out[:2])


def test_what_is_sent_follows_fader_and_pan() -> None:
    """Against the formula in numpy: x * fader * pan * send, summed in double, rounded to float32 once."""
    channels = [1, 2]
    inputs = tracks(channels, 500)
    bank = _core.StripBank(RATE, channels, sends=1)
    wanted = np.zeros((2, 500))
    for strip, (fader, pan, send) in enumerate([(-9.0, 0.6, -4.0), (3.5, -0.2, -20.0)]):
        bank.set(strip, "fader.gain_db", fader)
        bank.set(strip, "pan.pan", pan)
        bank.set(strip, "send1.level_db", send)
        angle = (pan + 1.0) * np.pi / 4.0
        side = np.sqrt(2.0) * np.array([[np.cos(angle)], [np.sin(angle)]])
        wanted += double(inputs[strip]) * 10.0 ** ((fader + send) / 20.0) * side
    np.testing.assert_allclose(bank_run(bank, inputs)[2:], wanted, rtol=2.0**-23, atol=2.0**-29)


def test_a_faded_out_track_sends_nothing() -> None:
    bank = _core.StripBank(RATE, [1], sends=1)
    bank.set(0, "send1.level_db", 0.0)
    bank.set(0, "fader.gain_db", -120.0)
    assert not np.any(bank_run(bank, tracks([1], 300)))


def test_sends_do_not_touch_the_main_sum() -> None:
    channels = [2, 1]
    inputs = tracks(channels, 1500)
    plain = bank_run(random_bank(channels, np.random.default_rng(1)), inputs)
    bank = random_bank(channels, np.random.default_rng(1), sends=3)
    bank.set(0, "send1.level_db", 12.0)
    bank.set(1, "send3.level_db", -6.0)
    out = bank_run(bank, inputs, [(50, 1, bank.parameter_index("send2.level_db"), 0.0, 900)])
    assert out.shape == (8, 1500)
    assert same_bits(out[:2], plain)
    assert all(np.any(out[2 * k : 2 * k + 2]) for k in (1, 2, 3))


def test_each_strip_goes_to_its_own_send() -> None:
    inputs = tracks([1] * 4, 300)
    bank = _core.StripBank(RATE, [1] * 4, sends=4)
    for strip in range(4):
        bank.set(strip, f"send{4 - strip}.level_db", 0.0)
    out = bank_run(bank, inputs)
    for strip in range(4):
        first = 2 * (4 - strip)
        assert np.array_equal(out[first : first + 2], np.repeat(inputs[strip], 2, axis=0))


@pytest.mark.parametrize("fader_moves", [False, True])
def test_a_level_ramp_is_straight_in_db(fader_moves: bool) -> None:
    bank = _core.StripBank(RATE, [1], sends=1)
    bank.set(0, "send1.level_db", 0.0)
    ones = np.ones((1, 3000), dtype=np.float32)
    start, frames = 77, 2001
    events = [(start, 0, bank.parameter_index("send1.level_db"), -30.0, frames)]
    if fader_moves:
        events.append((start, 0, bank.parameter_index("fader.gain_db"), -10.0, frames))
    db = 20.0 * np.log10(double(bank_run(bank, [ones], events)[2]))
    k = np.clip(np.arange(3000) - start, 0, frames)
    np.testing.assert_allclose(db, (-40.0 if fader_moves else -30.0) * k / frames, atol=2e-6)


def test_a_send_at_minus_120_is_off_and_comes_back_to_the_frame() -> None:
    bank = _core.StripBank(RATE, [1], sends=1)
    send = bank.parameter_index("send1.level_db")
    ones = np.ones((1, 1000), dtype=np.float32)
    events = [(100, 0, send, 0.0, 0), (300, 0, send, -120.0, 0), (500, 0, send, 0.0, 240)]
    out = bank_run(bank, [ones], events)[3]
    assert not np.any(out[:100])
    assert np.all(out[100:300] == 1.0)
    assert not np.any(out[300:501])
    assert 20.0 * np.log10(double(out)[620]) == pytest.approx(-60.0, abs=1e-4)
    assert np.all(out[740:] == 1.0)


def test_a_row_is_rounded_once() -> None:
    """Each of the small values alone would be lost beside 1 in float32; together they are one step of it."""
    values = [1.0, 2.0**-25, 2.0**-25, 2.0**-24]
    bank = _core.StripBank(RATE, [1] * 4, sends=1)
    for strip in range(4):
        bank.set(strip, "send1.level_db", 0.0)
    out = bank_run(bank, [np.full((1, 10), v, dtype=np.float32) for v in values])
    assert np.all(out[2:] == np.float32(1.0 + 2.0**-23))


def test_how_many_sends_there_can_be() -> None:
    ids = {info.id for info in _core.StripBank(RATE, [1], sends=2).parameters()}
    assert {i for i in ids if i.startswith("send")} == {"send1.level_db", "send2.level_db"}
    assert _core.StripBank(RATE, [], sends=16).process([]).shape == (34, 0)
    with pytest.raises(ValueError, match="17 sends: expected 0 to 16"):
        _core.StripBank(RATE, [1], sends=17)
    with pytest.raises(ValueError, match="-1 sends"):
        _core.StripBank(RATE, [1], sends=-1)
    bank = _core.StripBank(RATE, [1], sends=1)
    with pytest.raises(ValueError, match=r"send1.level_db = 13: expected -120 to 12 dB"):
        bank.set(0, "send1.level_db", 13.0)
    with pytest.raises(IndexError, match=r"no parameter 'send2\.level_db'"):
        bank.set(0, "send2.level_db", 0.0)
