"""Several programmes under one gate, against libebur128's own answer for several states."""

from __future__ import annotations

import math

import numpy as np
import pyebur128
import pytest
from numpy.typing import NDArray

from smartmix import _core
from smartmix.analysis.album import measure_album_loudness
from smartmix.analysis.loudness import measure_loudness
from standards.test_loudness import music

RATE = 48_000


def state_of(samples: NDArray[np.float32]) -> pyebur128.R128State:
    mode = pyebur128.MeasurementMode
    state = pyebur128.R128State(samples.shape[0], RATE, mode.MODE_I | mode.MODE_LRA)
    state.add_frames(np.ascontiguousarray(samples.T).ravel(), samples.shape[1])
    return state


def songs() -> list[NDArray[np.float32]]:
    """Three songs 14 dB apart, so that the joint gate drops what a song's own gate keeps; one is mono."""
    gains = (1.0, 0.2, 0.5)
    lengths = (7.0, 12.0, 5.0)
    found = [g * music(RATE, s, seed=i) for i, (g, s) in enumerate(zip(gains, lengths, strict=True))]
    return [np.ascontiguousarray(x[:1] if i == 2 else x, np.float32) for i, x in enumerate(found)]


def test_an_album_is_what_libebur128_says_of_several_states() -> None:
    album = measure_album_loudness(songs(), RATE)
    states = [state_of(x) for x in songs()]
    assert album.integrated_lufs == pytest.approx(pyebur128.get_loudness_global_multiple(states), abs=1e-6)


def test_one_gate_over_all_blocks_is_neither_the_mean_of_the_songs_nor_the_songs_in_a_row() -> None:
    """Power mean of the songs' own figures, weighted by length, is what a gate per song would give: 0.5 LU less."""
    album = measure_album_loudness(songs(), RATE).integrated_lufs
    own = [(measure_loudness(x, RATE).integrated_lufs, x.shape[1]) for x in songs()]
    mean = 10 * math.log10(sum(10 ** (lufs / 10) * n for lufs, n in own) / sum(n for _, n in own))
    assert album - mean > 0.5
    stereo = songs()[:2]
    joined = measure_loudness(np.concatenate(stereo, axis=1), RATE).integrated_lufs
    apart = measure_album_loudness(stereo, RATE).integrated_lufs
    assert joined != apart, "no block spans two songs"
    assert joined == pytest.approx(apart, abs=0.2)


def test_one_programme_is_its_own_album_and_order_does_not_matter() -> None:
    song = songs()[0]
    alone, album = measure_loudness(song, RATE), measure_album_loudness([song], RATE)
    assert album.integrated_lufs == alone.integrated_lufs
    assert (album.range_lu, album.true_peak_dbtp, album.plr_lu) == (
        alone.range_lu,
        alone.true_peak_dbtp,
        alone.plr_lu,
    )
    forwards, backwards = (measure_album_loudness(x, RATE) for x in (songs(), songs()[::-1]))
    assert forwards.integrated_lufs == pytest.approx(backwards.integrated_lufs, abs=1e-9)
    assert forwards.true_peak_dbtp == max(measure_loudness(x, RATE).true_peak_dbtp for x in songs())


def test_silence_and_short_songs_add_nothing_and_an_empty_album_has_no_loudness() -> None:
    silence = np.zeros((2, 5 * RATE), np.float32)
    tick = np.full((2, RATE // 10), 0.5, np.float32)
    with_them = measure_album_loudness([*songs(), silence, tick], RATE)
    assert with_them.integrated_lufs == measure_album_loudness(songs(), RATE).integrated_lufs
    for nothing in ([], [silence]):
        empty = measure_album_loudness(nothing, RATE)
        assert empty.integrated_lufs == empty.true_peak_dbtp == -math.inf
        assert empty.range_lu == empty.plr_lu == 0.0


def test_the_blocks_of_a_meter_give_its_own_figures() -> None:
    meter = _core.LoudnessMeter(RATE, 2, False)
    meter.process(songs()[1])
    assert _core.loudness_of_blocks(meter.gating_blocks()) == meter.integrated_lufs()
    assert _core.range_of_blocks(meter.range_blocks()) == meter.range_lu()
