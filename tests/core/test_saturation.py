"""Saturation against the Fourier coefficients of its curves, an ideal oversampler and a loudness meter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.space_oracles import pink
from properties.support import Samples, same_bits
from smartmix.audio import io
from smartmix.processors import Saturation, load_preset
from standards.oracles import ebur128

RATE = 48_000
CHARACTERS = ("tape", "tube", "clip")
Values = NDArray[np.float64]


def curve(character: str, drive_db: float, x: Values) -> Values:
    """The curves of docs/dsp/saturation.md."""
    k = 10.0 ** (drive_db / 20.0) - 1.0
    if character == "clip":
        v = np.clip(k * x, -1.5, 1.5)
        return (v - 4.0 / 27.0 * v**3) / k
    bias = 0.4 if character == "tube" else 0.0
    root = np.sqrt(1.0 + bias**2)
    return root**3 * ((k * x + bias) / np.sqrt(1.0 + (k * x + bias) ** 2) - bias / root) / k


def on_the_way(hz: NDArray[np.floating] | float, factor: int, rate: int = RATE) -> NDArray[np.complex128]:
    """What the path of the curve does to what it adds: the mean of two oversampled samples, and 5 Hz high pass."""
    return np.asarray(np.cos(np.pi * hz / (factor * rate)) / (1.0 - 5.0j / hz))


def kept_share(character: str, drive_db: float) -> float:
    """What a line through the curve has for slope, for noise of -18 dBFS RMS: this much goes around the curve."""
    x = 10.0**-0.9 * np.linspace(-5.0, 5.0, 2001)
    weight = np.exp(-0.5 * (x / 10.0**-0.9) ** 2)
    return float(np.sum(weight * x * curve(character, drive_db, x)) / np.sum(weight * x * x))


def sine(hz: float, *, level: float = 1.0, frames: int = 2 * RATE, rate: int = RATE) -> Samples:
    return (level * np.sin(2.0 * np.pi * hz * np.arange(frames) / rate)).astype(np.float32)[np.newaxis]


def lines(audio: NDArray[np.floating], rate: int = RATE) -> NDArray[np.complex128]:
    """Complex amplitudes of whole hertz over the last second."""
    return np.asarray(np.fft.rfft(audio[0, -rate:].astype(np.float64)) / (0.5 * rate))


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("character", CHARACTERS)
def test_harmonics_are_those_of_the_curve(character: str, rate: int) -> None:
    """Magnitude and phase of 1 to 9; the second and fourth only where the curve leans."""
    for drive_db, level in ((3.0, 1.0), (12.0, 0.5), (24.0, 1.0)):
        tone = sine(400.0, level=level, frames=2 * rate, rate=rate)
        saturation = Saturation(drive_db=drive_db, character=character, auto_level=False)
        found = lines(saturation(tone, rate), rate)[400:4000:400]
        phase = 2.0 * np.pi * (np.arange(4096) + 0.5) / 4096
        ideal = curve(character, drive_db, level * np.sin(phase))
        kept = kept_share(character, drive_db)
        added = ideal - kept * level * np.sin(phase)
        harmonics = np.array([2.0 * np.mean(added * np.exp(-1j * n * phase)) for n in range(1, 10)])
        wanted = harmonics * on_the_way(400.0 * np.arange(1, 10), 8, rate)
        wanted[0] -= 1j * kept * level
        np.testing.assert_allclose(found, wanted, atol=2e-5)
        assert (abs(found[1]) > 0.01 * abs(found[0])) == (character == "tube")


@pytest.mark.parametrize("oversampling", ["2x", "4x", "8x"])
@pytest.mark.parametrize("character", CHARACTERS)
def test_what_is_added_is_in_phase_with_the_signal_to_the_top(character: str, oversampling: str) -> None:
    """The first harmonic of a high tone: in phase, and as high as an ideal curve has it."""
    for hz in (1000.0, 8000.0, 15_000.0, 19_000.0):
        out = Saturation(drive_db=9.0, character=character, oversampling=oversampling, auto_level=False)(
            sine(hz), RATE
        )
        ideal = curve(character, 9.0, np.sin(2.0 * np.pi * (np.arange(4096) + 0.5) / 4096))
        first = 2.0 * np.mean(ideal * np.sin(2.0 * np.pi * (np.arange(4096) + 0.5) / 4096))
        found = lines(out)[int(hz)] * 1j  # of a sine
        assert abs(np.angle(found)) < 0.004  # 5 Hz, at 1 kHz
        assert hz < 2000.0 or abs(np.angle(found)) < 5e-4
        # Next to the top the means take a little off what is added: the curve bends less.
        most = {"2x": 0.13, "4x": 0.035, "8x": 0.014}[oversampling] * min(1.0, hz / 15_000.0)
        assert first - 1e-3 < found.real < first + most + 1e-3


ALIASING_DB = {  # docs/dsp/saturation.md: drive -> limit for 2x, 4x, 8x
    6.0: (-59.0, -100.0, -100.0),
    12.0: (-38.0, -72.0, -88.0),
    18.0: (-31.0, -57.0, -75.0),
}


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("drive_db", sorted(ALIASING_DB))
def test_aliasing_of_a_full_scale_tone(character: str, drive_db: float) -> None:
    """Against the first harmonic, for tones of 5 to 15 kHz; the same curve without oversampling as the naive row."""
    limits = dict(zip(("2x", "4x", "8x"), ALIASING_DB[drive_db], strict=True))
    for hz in (5003.0, 9001.0, 11_003.0, 14_983.0):
        naive = aliasing_db(curve(character, drive_db, sine(hz).astype(np.float64)), hz)
        assert naive > -30.0 or hz < 6000.0
        for oversampling, limit_db in limits.items():
            saturation = Saturation(drive_db=drive_db, character=character, oversampling=oversampling)
            assert aliasing_db(saturation(sine(hz), RATE), hz) < limit_db, (hz, oversampling)


def aliasing_db(audio: NDArray[np.floating], hz: float) -> float:
    levels = np.abs(lines(audio))
    first = levels[int(hz)]
    levels[:: int(hz)] = 0.0
    return float(20.0 * np.log10(levels.max() / first))


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("hz", [5003.0, 9001.0, 11_003.0, 14_983.0])
def test_aliasing_at_the_level_tracks_have(character: str, hz: float) -> None:
    """-12 dBFS, 12 dB of drive: under -80 dB from four times on."""
    for oversampling in ("4x", "8x"):
        saturation = Saturation(drive_db=12.0, character=character, oversampling=oversampling)
        assert aliasing_db(saturation(sine(hz, level=0.25), RATE), hz) < -80.0


def test_a_parallel_mix_is_the_sum_of_dry_and_wet() -> None:
    audio = pink(1.0)
    for oversampling in ("2x", "4x", "8x"):
        assert same_bits(Saturation(oversampling=oversampling, mix=0.5)(audio, RATE), audio)
        settings = {"drive_db": 18.0, "character": "tube", "oversampling": oversampling, "output_db": -3.0}
        wet = Saturation(**settings)(audio, RATE)
        half = Saturation(**settings, mix=0.5)(audio, RATE)
        np.testing.assert_allclose(half, 0.5 * audio + 0.5 * wet, atol=1e-7)
        assert same_bits(Saturation(**settings, mix=0.0)(audio, RATE), audio)


@pytest.mark.parametrize("character", CHARACTERS)
def test_level_matched_programme_is_as_loud_as_before(character: str) -> None:
    noise = pink(4.0) * np.float32(10.0 ** (2.0 / 20.0))  # -18 dBFS RMS
    for drive_db in (3.0, 12.0, 24.0, 36.0):
        out = Saturation(drive_db=drive_db, character=character, oversampling="2x")(noise, RATE)
        assert ebur128(out, RATE)[0] - ebur128(noise, RATE)[0] == pytest.approx(0.0, abs=0.5), drive_db


def test_level_matched_songs_are_about_as_loud_as_before(dev_songs: Path) -> None:
    """Real mixes brought to -18 dBFS RMS: their peaks lie further out than those of noise."""
    for path in sorted(dev_songs.glob("*/_mix.flac"))[:3]:
        read = io.read(path)
        audio, rate = read.samples, read.sample_rate
        piece = audio[:, audio.shape[1] // 2 :][:, : 10 * rate]
        piece = np.ascontiguousarray(piece * (10.0**-0.9 / np.sqrt(np.mean(piece**2))), dtype=np.float32)
        for drive_db in (6.0, 12.0):
            out = Saturation(drive_db=drive_db, oversampling="2x")(piece, rate)
            assert ebur128(out, rate)[0] - ebur128(piece, rate)[0] == pytest.approx(0.0, abs=0.7), path


def test_a_curve_that_leans_leaves_no_offset() -> None:
    out = Saturation(drive_db=24.0, character="tube")(sine(200.0), RATE)
    ideal = curve("tube", 24.0, sine(200.0).astype(np.float64))
    assert abs(ideal.mean()) > 0.01
    assert abs(out[0, -RATE:].mean()) < 1e-5


@pytest.mark.parametrize("parameter", ["drive_db", "mix", "output_db"])
def test_a_moving_setting_neither_clicks_nor_zips(parameter: str) -> None:
    """A low tone; what appears over 12 kHz while the setting goes up, down and to rest."""
    audio = sine(100.0, level=0.25, frames=3 * RATE)
    low, high = {"drive_db": (0.0, 18.0), "mix": (0.0, 1.0), "output_db": (-24.0, 12.0)}[parameter]
    lane = {parameter: [(0.5, low), (0.52, high), (1.2, high), (1.22, low), (2.5, low)]}
    settings = {"drive_db": 6.0, parameter: low}
    out = Saturation(**settings)(audio, RATE, automation=lane)[0].astype(np.float64)
    window = np.hanning(2048)
    for start in range(2048, out.size - 2048, 1024):
        high_band = np.abs(np.fft.rfft(out[start : start + 2048] * window))[512:] / (0.5 * window.sum())
        assert high_band.max() < 10.0 ** (-95.0 / 20.0), start
    if parameter != "output_db":
        assert same_bits(out[np.newaxis, -RATE // 4 :].astype(np.float32), audio[:, -RATE // 4 :]) == (
            low == 0.0
        )


@pytest.mark.parametrize("oversampling", ["2x", "4x", "8x"])
def test_it_wakes_as_if_it_had_never_slept(oversampling: str) -> None:
    audio = pink(0.3)
    frames = audio.shape[1] / 3.0 / RATE
    awake = Saturation(drive_db=12.0, oversampling=oversampling)(audio, RATE)
    woken = Saturation(oversampling=oversampling)(
        audio, RATE, automation={"drive_db": [(0.0, 0.0), (frames, 0.0), (frames, 12.0)]}
    )
    first = round(frames * RATE)
    assert same_bits(woken[:, : first - 200], audio[:, : first - 200])
    difference = np.abs(woken - awake)[:, first + 200 :]
    assert np.abs(np.diff(woken - awake)[:, first + 200 :]).max() < 2e-6
    assert difference.max() < 1e-3  # what differs is the slow memory of the offset


_RUN = """
import numpy as np, hashlib
from smartmix.processors import Saturation
audio = (0.5 * np.random.default_rng(1).standard_normal((2, 5000))).astype(np.float32)
digest = hashlib.sha256()
for character in ("tape", "tube", "clip"):
    for over in ("2x", "4x", "8x"):
        run = Saturation(drive_db=14.0, character=character, oversampling=over)
        digest.update(run(audio, 48000, 333, automation={"drive_db": [(0.02, 3.0), (0.05, 20.0)]}).tobytes())
print(digest.hexdigest())
"""


def test_every_instruction_set_gives_the_same_bits() -> None:
    digests = set()
    for isa in ("baseline", "avx2"):
        environment = {**os.environ, "SMARTMIX_ISA": isa}
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", _RUN],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout)
    assert len(digests) == 1


def test_the_colour_presets_are_heard(repo_root: Path) -> None:
    paths = sorted((repo_root / "presets" / "colour").glob("*.toml"))
    assert len(paths) >= 2
    audio = pink(1.0)
    for path in paths:
        change = np.abs(load_preset(path)(audio, RATE) - audio).max()
        assert 1e-3 < change < 0.2, path.name
