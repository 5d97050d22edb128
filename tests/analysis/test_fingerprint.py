"""A revised file is recognised: gain, offset to the sample, polarity, and where it is new."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soxr

from smartmix.analysis.fingerprint import Fingerprint, fingerprint
from smartmix.analysis.likeness import match
from sources import RATE, noise

SECONDS = 40.0


def song(seed: int, seconds: float = SECONDS) -> np.ndarray:
    """Bursts of filtered noise at random times and levels, some rests: no two seconds alike."""
    rng = np.random.default_rng(seed)
    levels = np.repeat(10 ** (rng.uniform(-24, 0, int(seconds * 4)) / 20), RATE // 4)
    levels *= np.repeat(rng.random(int(seconds)) > 0.1, RATE)
    x = noise(seconds, seed=seed)
    smooth = np.convolve(x[0], np.hanning(9) / 4, "same")[np.newaxis]
    return (smooth * levels).astype(np.float32)


def of(x: np.ndarray, rate: int = RATE, block: int = 65_536) -> Fingerprint:
    x = np.asarray(x, np.float32)
    return fingerprint((x[:, i : i + block] for i in range(0, x.shape[1], block)), rate, x.shape[0])


@pytest.fixture(scope="module")
def old() -> Fingerprint:
    return of(song(1))


def late(x: np.ndarray, frames: int) -> np.ndarray:
    return np.concatenate((np.zeros((x.shape[0], frames)), x), axis=1) if frames > 0 else x[:, -frames:]


@pytest.mark.parametrize("gain_db", [-9.3, 0.0, 1.8])
@pytest.mark.parametrize("frames", [-100_003, -480, -1, 0, 1, 1024, 77_777])
def test_gain_and_offset_are_found_to_the_sample(old, gain_db, frames):
    found = match(old, of(late(song(1) * 10 ** (gain_db / 20), frames)))
    assert found.offset_frames == frames
    assert found.gain_db == pytest.approx(gain_db, abs=0.01)
    assert found.exact and found.polarity == 1
    assert found.same_share > 0.97 and found.new_spans_s == ()


def test_a_flipped_file_is_said_to_be_flipped(old):
    found = match(old, of(-0.5 * song(1)))
    assert found.polarity == -1 and found.offset_frames == 0
    assert found.gain_db == pytest.approx(-6.02, abs=0.01)


@pytest.mark.parametrize(("start_s", "end_s"), [(0.0, 8.0), (13.3, 22.1), (30.0, SECONDS)])
def test_one_new_section_is_found_where_it_is(old, start_s, end_s):
    x, first, last = song(1), int(start_s * RATE), int(end_s * RATE)
    x[:, first:last] = song(7)[:, first:last]
    found = match(old, of(late(1.23 * x, 1024)))
    assert found.offset_frames == 1024 and found.gain_db == pytest.approx(1.8, abs=0.02)
    assert len(found.new_spans_s) == 1
    heard_start, heard_end = found.new_spans_s[0]
    assert abs(heard_start - start_s - 1024 / RATE) < 1.1 and abs(heard_end - end_s - 1024 / RATE) < 1.1
    assert found.same_share == pytest.approx(1 - (end_s - start_s) / SECONDS, abs=0.08)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(44_100, 48_000), (48_000, 44_100), (96_000, 48_000)])
def test_an_export_at_another_rate_is_lined_up_within_a_millisecond(old, from_hz, to_hz):
    lower = soxr.resample(late(song(1), 4800)[0], RATE, from_hz)
    again = soxr.resample(lower, from_hz, to_hz)
    found = match(old, of(0.8 * again[np.newaxis], to_hz))
    assert abs(found.offset_frames - 4800 * to_hz / RATE) < 1e-3 * to_hz
    assert found.gain_db == pytest.approx(-1.94, abs=0.2)
    assert found.same_share > 0.9


def test_other_music_shares_nothing(old):
    for seed in range(20, 30):
        found = match(old, of(song(seed)))
        assert found.same_share == 0.0 and found.new_spans_s and found.offset_frames == 0.0
        assert found.new_spans_s[0][0] < 2.0 and found.new_spans_s[-1][1] > SECONDS - 2.0


def test_any_cut_into_blocks_gives_the_same_fingerprint(old):
    for block in (480, 777, 10_000_000):
        other = of(song(1), block=block)
        np.testing.assert_array_equal(other.positions, old.positions)
        np.testing.assert_array_equal(other.values, old.values)
        np.testing.assert_array_equal(other.levels, old.levels)


def test_a_landmark_is_the_highest_sample_around(old):
    x = song(1)[0]
    assert 20 <= old.positions.size <= 1.5 * SECONDS
    for position, value in zip(old.positions, old.values, strict=True):
        near = x[max(0, position - int(0.47 * RATE)) : position + int(0.47 * RATE)]
        assert x[position] == value and abs(value) == np.abs(near).max()
    expected = 10 * np.log10((x[: RATE // 4 * 8].reshape(8, -1).astype(float) ** 2).mean(axis=1) + 1e-30)
    heard = old.levels_db[:8]
    sounding = expected > -120
    np.testing.assert_allclose(heard[sounding], expected[sounding], atol=0.26)


def test_it_survives_json(old):
    back = Fingerprint.from_plain(json.loads(json.dumps(old.to_plain())))
    np.testing.assert_array_equal(back.positions, old.positions)
    np.testing.assert_array_equal(back.values, old.values)
    np.testing.assert_array_equal(back.levels, old.levels)
    assert (back.sample_rate, back.frames) == (old.sample_rate, old.frames)
    assert len(json.dumps(old.to_plain())) < 20 * SECONDS + 200
    with pytest.raises(ValueError, match="fingerprint"):
        Fingerprint.from_plain({**old.to_plain(), "values": ""})


@pytest.mark.parametrize("frames", [0, 1, 300, 5000])
def test_short_and_silent_sources_are_taken(frames):
    silent, click = of(np.zeros((2, frames))), of(np.pad(np.ones((1, min(frames, 1))), ((0, 0), (0, 3))))
    for first in (silent, click):
        for second in (silent, click):
            found = match(first, second)
            assert 0.0 <= found.same_share <= 1.0 and np.isfinite(found.gain_db)
