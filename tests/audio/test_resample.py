"""StreamResampler: same samples for any cut, exact lengths, and what it does to a tone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmix.audio.resample import StreamResampler, resample, resampled_frames
from smartmix.errors import AudioError

RATES = [8_000, 22_050, 44_100, 48_000, 88_200, 96_000, 192_000]


@settings(max_examples=40, deadline=None)
@given(
    from_hz=st.sampled_from(RATES),
    to_hz=st.sampled_from(RATES),
    lengths=st.lists(st.integers(0, 700), max_size=6),
)
def test_any_cut_gives_the_same_samples(from_hz: int, to_hz: int, lengths: list[int]) -> None:
    total = sum(lengths)
    samples = np.random.default_rng(total).standard_normal((2, total)).astype(np.float32)
    resampler = StreamResampler(from_hz, to_hz, 2)
    cuts = np.cumsum(lengths[:-1], dtype=int).tolist()
    pieces = [resampler.push(piece) for piece in np.split(samples, cuts, axis=1)] + [resampler.finish()]
    got = np.concatenate(pieces, axis=1)
    assert np.array_equal(got, resample(samples, from_hz, to_hz))
    assert got.shape[1] == resampled_frames(total, from_hz, to_hz)
    if from_hz == to_hz:
        assert np.array_equal(got, samples)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(44_100, 48_000), (96_000, 44_100), (8_000, 192_000)])
def test_a_tone_keeps_level_and_phase(from_hz: int, to_hz: int) -> None:
    hz = 997.0
    tone = np.sin(2 * np.pi * hz / from_hz * np.arange(from_hz)).astype(np.float32)[np.newaxis]
    got = resample(tone, from_hz, to_hz)[0]
    expected = np.sin(2 * np.pi * hz / to_hz * np.arange(to_hz))
    middle = slice(to_hz // 4, 3 * to_hz // 4)  # away from the edges, where the tone starts out of nothing
    assert 20 * np.log10(np.abs(got[middle] - expected[middle]).max()) < -120


def test_lengths() -> None:
    assert resampled_frames(1, 48_000, 24_000) == 1  # a half goes up
    assert resampled_frames(44_100 * 3_600, 44_100, 48_000) == 48_000 * 3_600
    with pytest.raises(AudioError):
        StreamResampler(48_000, 1, 1)
