"""The figures a head sees: the same whatever the fader did, none for silence, one row per stretch."""

from __future__ import annotations

import numpy as np
import pytest

from smartmix.analysis.features import extract
from smartmix.suggesters.models.track_vector import SIZE, STRETCHES, track_vectors
from smartmix.training.bank import ROLES, one_track
from smartmix.training.sounds.parts import FAMILIES, part

RATE = 48_000


def vectors(samples: np.ndarray) -> np.ndarray | None:
    blocks = [samples.astype(np.float32)]
    return track_vectors(extract(blocks, RATE, samples.shape[0], "x", low_end=False))


@pytest.mark.parametrize("gain_db", [-20.0, 6.0])
def test_a_fader_before_the_file_changes_nothing(gain_db: float) -> None:
    sound = 0.2 * part("guitar", "physical", np.random.default_rng(3))[np.newaxis]
    one, other = vectors(sound), vectors(sound * 10 ** (gain_db / 20))
    assert one is not None
    assert other is not None
    np.testing.assert_allclose(one, other, atol=2e-3)
    assert np.abs(one).max() > 1.0


def test_silence_has_no_figures() -> None:
    assert vectors(np.zeros((1, RATE))) is None
    assert vectors(np.zeros((2, 10))) is None


def test_a_short_blip_and_broken_samples_have_finite_figures() -> None:
    blip = np.zeros((2, RATE * 2))
    blip[:, 1000:2000] = 0.5
    blip[0, 1500] = np.nan
    found = vectors(blip)
    assert found is not None
    assert np.isfinite(found).all()


def test_a_long_track_is_heard_where_it_plays() -> None:
    bar = 0.2 * part("keys", "fm", np.random.default_rng(5))
    alone = vectors(bar[np.newaxis])
    song = np.zeros(10 * bar.size)
    song[3 * bar.size : 4 * bar.size] = bar
    in_song = vectors(song[np.newaxis])
    assert alone is not None
    assert in_song is not None
    assert in_song.shape == (1, SIZE)
    # Where it plays nothing has changed: the spectrum is that of the bar alone.
    np.testing.assert_allclose(in_song[0, :40], alone[0, :40], atol=0.05)
    whole = vectors(np.tile(bar, 9)[np.newaxis])
    assert whole is not None
    assert whole.shape == (STRETCHES, SIZE)


@pytest.mark.parametrize("number", range(len(ROLES)))
def test_every_role_sounds_and_is_the_same_every_time(number: int) -> None:
    role, family = ROLES[number], FAMILIES[number % len(FAMILIES)]
    found = one_track(role, family, 4, 0)
    assert found.shape == (SIZE,)
    assert np.isfinite(found).all()
    if number < 3:
        np.testing.assert_array_equal(found, one_track(role, family, 4, 0))
        assert np.abs(found - one_track(role, family, 4, 1)).max() > 0.1
