"""The noise of TPDF dither: its level, its shape, and that it is the same however the samples are cut."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest, triang

from smartmix import _core
from smartmix.audio.dither import TpdfDither


@pytest.mark.parametrize("bits", [16, 24])
def test_noise_level_is_the_theory(bits: int) -> None:
    frames = 1_000_000
    tone = 0.25 * np.sin(2 * np.pi * 997.0 / 48_000 * np.arange(frames))
    samples = tone.astype(np.float32)[np.newaxis]
    codes = TpdfDither(bits, 1).quantise(samples)[:, 0]
    error = codes / 2 ** (bits - 1) - samples[0].astype(np.float64)
    step = 2.0 ** -(bits - 1)
    theory_db = 20 * np.log10(step * np.sqrt(3 / 12))
    assert 20 * np.log10(error.std()) == pytest.approx(theory_db, abs=0.02)
    if bits == 16:
        assert theory_db == pytest.approx(-96.33, abs=0.005)


def test_error_does_not_follow_the_signal() -> None:
    """Without dither a tone of one step makes harmonics; with it no spectral line stands out of the noise."""
    frames = 1 << 18
    k = 4_001
    tone = 2.0**-15 * 0.6 * np.sin(2 * np.pi * k / frames * np.arange(frames))
    codes = TpdfDither(16, 1).quantise(tone.astype(np.float32)[np.newaxis])[:, 0]
    power = np.abs(np.fft.rfft(codes / 2**15)) ** 2
    floor = np.median(power)
    assert power[k] > 1_000 * floor
    harmonics = [power[n * k] for n in (2, 3, 4, 5, 7)]
    assert max(harmonics) < 20 * floor  # undithered, the third alone stands 40 dB above
    plain = np.abs(np.fft.rfft(np.floor(tone * 2**15 + 0.5) / 2**15)) ** 2
    assert plain[3 * k] > 1_000 * floor


def test_noise_is_triangular_two_steps_wide_and_independent_between_channels() -> None:
    noise = TpdfDither(16, 2).noise(200_000)
    assert np.abs(noise).max() < 1.0
    assert kstest(noise[:, 0], triang(0.5, loc=-1, scale=2).cdf).pvalue > 1e-3
    assert abs(np.corrcoef(noise.T)[0, 1]) < 0.01
    assert abs(np.corrcoef(noise[1:, 0], noise[:-1, 0])[0, 1]) < 0.01


@pytest.mark.parametrize("channels", [1, 2])
def test_any_cut_and_any_start_gives_the_same_codes(channels: int) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, (channels, 4_001)).astype(np.float32)
    whole = TpdfDither(24, channels, seed=5).quantise(samples)
    cut = TpdfDither(24, channels, seed=5)
    pieces = [cut.quantise(piece) for piece in np.split(samples, [1, 2, 5, 6, 1_000, 1_003], axis=1)]
    assert np.array_equal(np.concatenate(pieces), whole)
    for start in (1, 2, 3, 4, 1_777):
        later = TpdfDither(24, channels, seed=5, start_frame=start)
        assert np.array_equal(later.quantise(samples[:, start:]), whole[start:])


def by_numpy(samples: np.ndarray, bits: int, seed: int, start_frame: int) -> tuple[np.ndarray, int]:
    """The definition: the words of numpy's Philox, one half less the other, floor, held at full scale."""
    words = np.random.Philox(key=seed).random_raw(start_frame * samples.shape[0] + samples.size)
    words = words[start_frame * samples.shape[0] :].reshape(-1, samples.shape[0])
    noise = (
        (words >> np.uint64(32)).astype(float) - (words & np.uint64(0xFFFFFFFF)).astype(float)
    ) * 2.0**-32
    full_scale = 2 ** (bits - 1)
    codes = np.floor(samples.T.astype(float) * full_scale + noise + 0.5)
    held = np.clip(codes, -full_scale, full_scale - 1)
    return held.astype(np.int32), int(np.count_nonzero(held != codes))


@pytest.mark.parametrize("seed", [0, 7, 2**64 - 1, 2**64 + 3, 2**127 + 5])
@pytest.mark.parametrize(("bits", "channels"), [(16, 1), (24, 2), (8, 3), (16, 7)])
def test_codes_are_those_of_numpy(bits: int, channels: int, seed: int) -> None:
    """Also past full scale, and of samples so small that only the last bit of a double tells their sign."""
    rng = np.random.default_rng(seed % 1000)
    samples = rng.uniform(-1.2, 1.2, (channels, 2_003)).astype(np.float32)
    samples[:, ::3] *= np.float32(1e-12)
    for start_frame in (0, 1, 3, 1_777):
        dither = TpdfDither(bits, channels, seed=seed, start_frame=start_frame)
        codes, clipped = by_numpy(samples, bits, seed, start_frame)
        assert np.array_equal(dither.quantise(samples), codes)
        assert dither.clipped_samples == clipped > 0


def test_what_is_no_file_format_is_refused() -> None:
    for bits, channels, seed, told in (
        (1, 2, 0, "bits"),
        (24, 0, 0, "channels"),
        (24, 2, -1, "seed -1"),
        (24, 2, 2**128, "seed"),
    ):
        with pytest.raises(ValueError, match=told):
            TpdfDither(bits, channels, seed=seed)
    with pytest.raises(ValueError, match="channels"):
        TpdfDither(24, 2).quantise(np.zeros((1, 8), np.float32))


def test_packed_codes_are_the_bytes_of_a_file() -> None:
    codes = np.array([[0, 1, -1], [2**23 - 1, -(2**23), 300]], np.int32)
    assert _core.packed_codes(codes, 3) == b"".join(
        int(c).to_bytes(3, "little", signed=True) for c in codes.ravel()
    )
    assert _core.packed_codes(codes % 1000 - 500, 2) == (codes % 1000 - 500).astype("<i2").tobytes()
    with pytest.raises(ValueError, match="bytes"):
        _core.packed_codes(codes, 4)


def test_first_codes_stay_as_they_are() -> None:
    """Masters made before must come out the same: the noise itself is part of the format."""
    codes = TpdfDither(24, 2, seed=0).quantise(np.zeros((2, 24), np.float32))
    assert codes.ravel().tolist() == GOLDEN


GOLDEN = [
    0,
    0,
    0,
    0,
    0,
    -1,
    0,
    1,
    -1,
    0,
    0,
    -1,
    0,
    0,
    1,
    0,
    0,
    0,
    1,
    0,
    0,
    -1,
    0,
    1,
    1,
    -1,
    0,
    1,
    0,
    0,
    0,
    0,
    -1,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    1,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
]
