"""The strip bank: exact sums, pan law, ramps, events to the frame, and the same bits in any blocks."""

from __future__ import annotations

import numpy as np
import pytest

from core.strip_support import RATE, bank_run, cuts_of, double_sum, random_bank, random_events, tracks
from properties.support import inside, noise, prepared, run, same_bits
from smartmix import _core


@pytest.mark.parametrize("channels", [[1], [2], [1, 1, 1], [2, 1, 2, 1, 1] * 6])
def test_neutral_strips_give_the_exact_sum(channels: list[int]) -> None:
    inputs = tracks(channels, 3000)
    for i in range(len(inputs)):
        inputs[i] *= np.float32(10.0) ** (i % 7 - 3)  # sums in float32 or in another order would differ
    inputs[0][:, :5] = [1e-40, -1e-40, 1e-45, 0.0, -0.0]
    for x in inputs[1:]:
        x[:, :5] = 0.0
    assert np.array_equal(bank_run(_core.StripBank(RATE, channels), inputs), double_sum(inputs))


def test_the_sum_is_rounded_once() -> None:
    """Each of the small values alone would be lost beside 1 in float32; together they are one step of it."""
    values = [1.0, 2.0**-25, 2.0**-25, 2.0**-24]
    inputs = [np.full((1, 10), v, dtype=np.float32) for v in values]
    assert np.all(bank_run(_core.StripBank(RATE, [1] * 4), inputs) == np.float32(1.0 + 2.0**-23))


@pytest.mark.parametrize("channels", [1, 2])
def test_pan_law(channels: int) -> None:
    """Constant power over the two sides, unity on both in the centre, +3.01 dB and silence at the ends."""
    bank = _core.StripBank(RATE, [channels])
    ones = np.ones((channels, 4), dtype=np.float32)
    for pan in np.linspace(-1.0, 1.0, 41):
        bank.set(0, "pan.pan", float(pan))
        left, right = bank.process([ones])[:, 0].astype(np.float64)
        assert left**2 + right**2 == pytest.approx(2.0, rel=1e-6)
        assert np.arctan2(right, left) == pytest.approx((pan + 1.0) * np.pi / 4.0, abs=1e-6)
    bank.set(0, "pan.pan", 0.0)
    assert np.all(bank.process([ones]) == 1.0)
    bank.set(0, "pan.pan", 1.0)
    assert bank.process([ones])[:, 0].tolist() == [0.0, np.float32(np.sqrt(2.0))]


def test_balance_keeps_the_sides_apart() -> None:
    bank = _core.StripBank(RATE, [2])
    x = np.array([[1.0] * 4, [0.0] * 4], dtype=np.float32)
    bank.set(0, "pan.pan", 0.5)
    assert np.all(bank.process([x])[1] == 0.0)


@pytest.mark.parametrize("knob", ["trim.gain_db", "fader.gain_db"])
def test_a_level_ramp_is_straight_in_db(knob: str) -> None:
    bank = _core.StripBank(RATE, [1])
    ones = np.ones((1, 3000), dtype=np.float32)
    start, frames = 77, 2001
    out = bank_run(bank, [ones], [(start, 0, bank.parameter_index(knob), -30.0, frames)])[0]
    db = 20.0 * np.log10(out.astype(np.float64))
    k = np.clip(np.arange(3000) - start, 0, frames)
    np.testing.assert_allclose(db, -30.0 * k / frames, atol=2e-6)
    assert np.all(out[: start + 1] == 1.0)
    assert np.all(out[start + frames :] == np.float32(10.0 ** (-30.0 / 20.0)))


def test_a_fader_at_minus_120_is_off_and_comes_back() -> None:
    bank = _core.StripBank(RATE, [1])
    fader = bank.parameter_index("fader.gain_db")
    ones = np.ones((1, 1000), dtype=np.float32)
    out = bank_run(bank, [ones], [(100, 0, fader, -120.0, 0), (300, 0, fader, 0.0, 240)])[0]
    assert np.all(out[:100] == 1.0)
    assert np.all(out[100:301] == 0.0)
    assert 20.0 * np.log10(out[420].astype(np.float64)) == pytest.approx(-60.0, abs=1e-4)
    assert np.all(out[540:] == 1.0)


def test_a_pan_ramp_is_straight() -> None:
    bank = _core.StripBank(RATE, [1])
    ones = np.ones((1, 1000), dtype=np.float32)
    left, right = bank_run(bank, [ones], [(50, 0, bank.parameter_index("pan.pan"), 1.0, 800)]).astype(
        np.float64
    )
    pan = np.arctan2(right, left) / (np.pi / 4.0) - 1.0
    np.testing.assert_allclose(pan, np.clip(np.arange(1000) - 50, 0, 800) / 800, atol=1e-6)


def test_a_new_ramp_starts_from_where_the_value_is() -> None:
    bank = _core.StripBank(RATE, [1])
    fader = bank.parameter_index("fader.gain_db")
    ones = np.ones((1, 1000), dtype=np.float32)
    out = bank_run(bank, [ones], [(0, 0, fader, -40.0, 800), (400, 0, fader, 0.0, 200)])[0]
    db = 20.0 * np.log10(out.astype(np.float64))
    assert [db[i] for i in (200, 400, 500, 600)] == pytest.approx([-10.0, -20.0, -10.0, 0.0], abs=1e-5)


@pytest.mark.parametrize("frame", [0, 1, 255, 256, 257, 999])
def test_an_event_is_heard_at_its_frame_and_in_its_strip_only(frame: int) -> None:
    channels = [1, 2, 1]
    inputs = tracks(channels, 1000)
    for knob, value in (("trim.gain_db", 6.0), ("fader.gain_db", 6.0), ("pan.pan", -0.5)):
        bank = _core.StripBank(RATE, channels)
        out = bank_run(bank, inputs, [(frame, 1, bank.parameter_index(knob), value, 0)])
        changed = np.flatnonzero(np.any(out != double_sum(inputs), axis=0))
        assert changed[0] == frame
        assert bank.get(1, knob) == value
        assert bank.get(0, knob) == bank.get(2, knob) == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_any_cut_into_blocks_gives_the_same_bits(seed: int) -> None:
    channels, frames = [1, 2, 2, 1, 1], 2500
    inputs = tracks(channels, frames, seed)
    bank = random_bank(channels, np.random.default_rng(seed))
    ids = [*(info.id for info in bank.parameters()[:21]), "fader.gain_db", "pan.pan"]
    events = random_events(bank, ids, frames, 120, np.random.default_rng(seed))
    whole = bank_run(bank, inputs, events)
    for cuts in cuts_of(frames, seed):
        cut = bank_run(random_bank(channels, np.random.default_rng(seed)), inputs, events, cuts)
        assert same_bits(cut, whole)


def test_a_strip_sounds_like_the_processors_it_is_made_of() -> None:
    """Trim and equaliser of a strip give the very samples of Gain and ParametricEQ; reset begins anew."""
    rng = np.random.default_rng(3)
    for channels in (1, 2):
        x = noise(channels, 4000)
        bank = _core.StripBank(RATE, [channels])
        gain = prepared("gain", {"gain_db": -3.7}, channels=channels)
        eq = prepared("parametric_eq", channels=channels)
        bank.set(0, "trim.gain_db", -3.7)
        for info in eq.parameters()[:40]:
            value = inside(info, rng.uniform(0.1, 0.9))
            eq.set(info.id, value)
            bank.set(0, f"eq.{info.id}", value)
        wanted = run(eq, run(gain, x))
        for _ in range(2):
            out = bank.process([x])
            assert np.array_equal(out[0], wanted[0])
            assert np.array_equal(out[1], wanted[-1])
            bank.reset()
        hz = np.array([50.0, 1000.0, 9000.0])
        np.testing.assert_allclose(bank.response_db(0, hz), eq.response_db(hz) - 3.7, atol=1e-9)


def test_non_finite_samples_are_silence() -> None:
    bank = _core.StripBank(RATE, [1, 2])
    bank.set(0, "eq.band1.shape", 1.0)
    bank.set(0, "eq.band1.gain_db", 6.0)
    inputs = tracks([1, 2], 600)
    clean = [x.copy() for x in inputs]
    for x, y in zip(inputs, clean, strict=True):
        x[0, [0, 256, 599]] = [np.nan, np.inf, -np.inf]
        y[0, [0, 256, 599]] = 0.0
    out = bank.process(inputs)
    bank.reset()
    assert same_bits(out, bank.process(clean))
    assert np.isnan(inputs[0][0, 0])  # the caller's samples are not touched


def test_no_strips_and_no_frames() -> None:
    assert _core.StripBank(RATE, []).process([]).shape == (2, 0)
    assert _core.StripBank(RATE, [1, 2]).process(tracks([1, 2], 0)).shape == (2, 0)


def test_process_allocates_nothing() -> None:
    if not _core.rtcheck_enabled:
        pytest.skip("allocation guard: built without SMARTMIX_RTCHECK=1")
    before = _core.realtime_violations()
    bank = random_bank([1, 2, 2], np.random.default_rng(1))
    bank_run(bank, tracks([1, 2, 2], 3000), [(500, 1, 3, 6.0, 700), (900, 2, 121, -6.0, 300)], [1, 700])
    assert _core.realtime_violations() == before


def test_wrong_calls_are_refused() -> None:
    with pytest.raises(ValueError, match="strip 1 has 3 channels: expected 1 or 2"):
        _core.StripBank(RATE, [1, 3])
    with pytest.raises(ValueError, match="sample rate"):
        _core.StripBank(1.0, [1])
    bank = _core.StripBank(RATE, [1, 2])
    good = tracks([1, 2], 10)
    with pytest.raises(ValueError, match=r"one array per strip \(2\), got 1"):
        bank.process(good[:1])
    with pytest.raises(ValueError, match="strip 1: expected 2 channels"):
        bank.process([good[0], good[0]])
    with pytest.raises(ValueError, match="strip 1 has 9 frames, strip 0 has 10"):
        bank.process([good[0], np.ascontiguousarray(good[1][:, :9])])
    with pytest.raises(IndexError, match="strip 2: the bank has 2 strips"):
        bank.process(good, [0], [2], [0], [0.0], [0])
    with pytest.raises(IndexError, match="strip -1"):
        bank.get(-1, "pan.pan")
    with pytest.raises(ValueError, match=r"strip 0: pan.pan = 1.5: expected -1 to 1"):
        bank.set(0, "pan.pan", 1.5)
    with pytest.raises(IndexError, match=r"no parameter 'eq\.band25\.q'"):
        bank.set(0, "eq.band25.q", 1.0)
