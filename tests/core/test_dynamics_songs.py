"""The new dynamics on real recordings: what ought to move moves, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from properties.support import Samples, same_bits
from smartmix.processors import DynamicEQ, MultibandCompressor, load_preset

TRACKS = ("eif_lithium/vox_lead.flac", "audiokit_funk_loop/bass.flac", "eif_caesium/_mix.flac")
THIRDS_HZ = 1000.0 * 2.0 ** (np.arange(-14, 13) / 3.0)  # 40 Hz to 16 kHz


def ten_seconds(songs: Path, track: str) -> tuple[Samples, int]:
    """Around the loudest second, faded at both ends, with half a second of silence behind."""
    audio, rate = soundfile.read(songs / track, dtype="float32", always_2d=True)
    power = np.add.reduceat((audio**2).sum(axis=1), np.arange(0, audio.shape[0], rate))
    first = int(np.clip(int(power.argmax()) - 5, 0, max(power.size - 11, 0))) * rate
    piece = audio[first : first + 10 * rate].T.copy()
    fade = np.sin(0.5 * np.pi * np.arange(rate) / rate).astype(np.float32) ** 2
    piece[:, :rate] *= fade
    piece[:, -rate:] *= fade[::-1]
    return np.pad(piece, ((0, 0), (0, rate // 2))), rate


def thirds_db(audio: Samples, rate: int) -> NDArray[np.float64]:
    """Level in thirds of an octave over the whole piece, those without sound left at -60 dB of the loudest."""
    power = (np.abs(np.fft.rfft(audio.astype(np.float64))) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(audio.shape[1], 1.0 / rate)
    edge = 2.0 ** (1.0 / 6.0)
    sums = np.array([power[(hz >= f / edge) & (hz < f * edge)].sum() for f in THIRDS_HZ])
    return np.asarray(10.0 * np.log10(np.maximum(sums, 1e-6 * sums.max())))


@pytest.mark.parametrize("track", TRACKS)
def test_a_dynamic_band_moves_its_own_band_only(dev_songs: Path, track: str) -> None:
    audio, rate = ten_seconds(dev_songs, track)
    eq = DynamicEQ(**{"band2.freq_hz": 250, "band2.q": 2.0, "band2.threshold_db": -45, "band2.range_db": -6})
    change = thirds_db(eq(audio, rate), rate) - thirds_db(audio, rate)
    inside = (THIRDS_HZ > 220) & (THIRDS_HZ < 280)
    outside = (THIRDS_HZ > 2500) | (THIRDS_HZ < 45)
    assert change[inside].min() < -1.0
    assert change.min() > -6.0
    assert np.abs(change[outside]).max() < 0.2
    assert eq.max_reduction_db > 3.0


@pytest.mark.parametrize("track", TRACKS)
def test_crossovers_with_nothing_to_compress_change_no_level(dev_songs: Path, track: str) -> None:
    """They turn the phase (which may raise a peak) and no third of an octave by 0.05 dB, its edges included."""
    audio, rate = ten_seconds(dev_songs, track)
    quiet = np.float32(0.05) * audio
    out = MultibandCompressor(**{f"band{i}.{k}": v for i in range(1, 5) for k, v in (("ratio", 4), ("knee_db", 0), ("threshold_db", 0))})(quiet, rate)  # fmt: skip  # noqa: E501
    assert not np.array_equal(out, quiet)
    assert np.abs(thirds_db(out, rate) - thirds_db(quiet, rate)).max() < 0.05


@pytest.mark.parametrize("preset", ["low_mid_bloom", "mix_bus_gentle", "vocal_expander"])
def test_real_audio_in_any_blocks_gives_the_same_bits(dev_songs: Path, preset: str, repo_root: Path) -> None:
    audio, rate = ten_seconds(dev_songs, TRACKS[2])
    path = repo_root / "presets" / "dynamics" / f"{preset}.toml"
    assert same_bits(load_preset(path)(audio, rate, 333), load_preset(path)(audio, rate, 48_000))
