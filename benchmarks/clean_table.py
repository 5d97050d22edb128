"""Clean-up beside noisereduce and doing nothing, on real recordings with noise and hum added.

python benchmarks/clean_table.py REFERENCES   (folder with the recordings of ../shared/data/references)

SNR in dB of the result against the clean recording, and log-spectral distance in dB, both over the whole
excerpt. noisereduce is left out, with a word, where it is not installed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from smartmix.cleanup import learn_hum, learn_noise_profile, reduce_noise, remove_hum

Values = NDArray[np.float64]
SECONDS = 12
RECORDINGS = (
    "speech_librispeech_comira",
    "speech_librispeech_barnett",
    "folk_vocal_lets_go_fishin",
    "celesta_sugar_plum",
    "solo_trumpet",
    "strings_hungarian_dance_5",
)


def level_db(x: Values) -> float:
    """RMS in dBFS."""
    return float(10.0 * np.log10(np.mean(np.square(x)) + 1e-20))


def snr_db(clean: Values, out: Values) -> float:
    """Level of the clean sound over all that is not it."""
    return level_db(clean) - level_db(out - clean)


def distance_db(clean: Values, out: Values) -> float:
    """Log-spectral distance, frames of 1024, levels under -90 dBFS taken there."""

    def levels(x: Values) -> Values:
        frames = np.lib.stride_tricks.sliding_window_view(x, 1024)[::512] * np.hanning(1024)
        return np.maximum(20.0 * np.log10(np.abs(np.fft.rfft(frames)) / 256.0 + 1e-12), -90.0)

    return float(np.sqrt(np.mean((levels(clean) - levels(out)) ** 2, axis=1)).mean())


def high_pass_all(x: Values, rate: int) -> Values:
    """The naive way with hum: everything under 200 Hz goes."""
    from scipy.signal import butter, sosfilt

    return np.asarray(sosfilt(butter(4, 200.0, "highpass", fs=rate, output="sos"), x))


def spectral_subtraction(x: Values, noise: Values, rate: int) -> Values:
    """The naive way with noise: subtract its mean magnitude, floor at -20 dB."""
    from scipy.signal import istft, stft

    _, _, spectrum = stft(x, rate, nperseg=1024)
    _, _, profile = stft(noise, rate, nperseg=1024)
    mean = np.abs(profile).mean(axis=1, keepdims=True)
    gain = np.maximum(1.0 - mean / np.maximum(np.abs(spectrum), 1e-12), 0.1)
    return np.asarray(istft(gain * spectrum, rate, nperseg=1024)[1][: x.size])


def noise_reduce() -> Callable[..., Values] | None:
    """The rival, if it is there."""
    try:
        from noisereduce import reduce_noise as rival
    except ImportError:
        print("noisereduce is not installed: its columns are left out")
        return None
    found: Callable[..., Values] = rival
    return found


def ours(x: Values, noise: Values | None, rate: int, *, reduction_db: float = 20.0) -> Values:
    """With a profile from a noise print, or one that it finds."""
    audio = x[np.newaxis].astype(np.float32)
    span = None if noise is None else (0.0, noise.size / rate)
    source = audio if noise is None else noise[np.newaxis].astype(np.float32)
    profile = learn_noise_profile(source, rate, span_s=span)
    return reduce_noise(audio, rate, profile, reduction_db=reduction_db)[0].astype(np.float64)


def noise_rows(name: str, clean: Values, rate: int, rival: Callable[..., Values] | None) -> None:
    rng = np.random.default_rng(7)
    for snr in (10.0, 25.0):
        white = rng.standard_normal(clean.size + 2 * rate)
        white *= 10.0 ** ((level_db(clean) - snr - level_db(white)) / 20.0)
        x, noise = clean + white[: clean.size], white[clean.size :]
        out = {
            "nothing": x,
            "naive": spectral_subtraction(x, noise, rate),
            "learned": ours(x, noise, rate),
            "found": ours(x, None, rate),
            "fault": ours(x, 0.1 * noise, rate),  # planted: a profile 20 dB too low
        }
        if rival is not None:
            out["nr print"] = rival(y=x, sr=rate, y_noise=noise, stationary=True)
            out["nr found"] = rival(y=x, sr=rate)
        cells = "  ".join(f"{k} {snr_db(clean, y):.1f}/{distance_db(clean, y):.1f}" for k, y in out.items())
        print(f"noise {snr:g} dB  {name[:28]:28s}  {cells}", flush=True)


def hum_rows(name: str, clean: Values, rate: int) -> None:
    t = np.arange(clean.size) / rate
    rng = np.random.default_rng(3)
    for hz, drift_hz, level in ((50.03, 0.0, -40.0), (59.95, 0.1, -40.0)):
        turns = np.cumsum(hz + drift_hz * np.sin(2.0 * np.pi * t / 20.0)) / rate
        parts = [
            rng.uniform(0.3, 1.0) / k * np.sin(2.0 * np.pi * (k * turns + rng.uniform()))
            for k in range(1, 11)
        ]
        hum = np.sum(parts, axis=0)
        hum *= 10.0 ** ((level - level_db(hum)) / 20.0)
        x = clean + hum
        audio = x[np.newaxis].astype(np.float32)
        profile = learn_hum(audio, rate)
        out = remove_hum(audio, rate, profile)[0].astype(np.float64)
        wrong = remove_hum(audio, rate, type(profile)(profile.mains_hz + 3.0, profile.levels_db))[0]
        print(
            f"hum {hz:g} Hz drift {drift_hz:g}  {name[:28]:28s}  error dBFS: nothing {level_db(x - clean):.1f}"
            f"  naive {level_db(high_pass_all(x, rate) - clean):.1f}  ours {level_db(out - clean):.1f}"
            f"  last half {level_db((out - clean)[clean.size // 2 :]):.1f}"
            f"  fault {level_db(wrong - clean):.1f}  (found {profile.mains_hz:.2f} Hz, {profile.harmonics} of 10)",
            flush=True,
        )


def clean_row(name: str, clean: Values, rate: int) -> None:
    audio = clean[np.newaxis].astype(np.float32)
    quiet = reduce_noise(audio, rate)
    still = remove_hum(audio, rate)
    noise = "null" if np.array_equal(quiet, audio) else f"{level_db(quiet - audio):.1f} dBFS changed"
    hum = "null" if np.array_equal(still, audio) else f"{level_db(still - audio):.1f} dBFS changed"
    print(f"clean  {name[:28]:28s}  noise: {noise}  hum: {hum}", flush=True)


def main() -> None:
    """Print the tables."""
    folder = Path(sys.argv[1])
    rival = noise_reduce()
    for name in RECORDINGS:
        samples, rate = soundfile.read(folder / f"{name}.flac", always_2d=True)
        clean = samples[: SECONDS * rate, 0]
        noise_rows(name, clean, rate, rival)
        hum_rows(name, clean, rate)
        clean_row(name, clean, rate)


if __name__ == "__main__":
    main()
