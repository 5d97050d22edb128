"""The naive baseline of the benchmark of problems: one plain threshold per kind of fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Audio
from smartmix.synth.recording import BASS_AMP, BASS_DI


def naive_alarms(tracks: Mapping[str, Audio]) -> Iterator[tuple[str, str, str]]:
    """(kind, track, "") of every threshold passed."""
    for name, audio in tracks.items():
        x, rate = audio.samples.astype(np.float64), audio.sample_rate
        if x.shape[0] == 2 and np.sum(x[0] * x[1]) < 0.0:
            yield "side inverted", name, ""
        mono = x.mean(axis=0)
        top = np.abs(x[0]) >= 0.999 * np.abs(x).max()
        if np.any(top[:-2] & top[1:-1] & top[2:]):
            yield "clipping", name, ""
        second = np.abs(np.diff(mono, n=2))
        if second.max() > 50.0 * np.median(second):
            yield "bad edits", name, ""
        yield from ((kind, name, "") for kind in _spectral(mono, rate))
    if _lag(tracks[BASS_DI].samples[0], tracks[BASS_AMP].samples[0]) != 0:
        yield "amp late", BASS_AMP, ""


def _spectral(mono: NDArray[np.float64], rate: int) -> Iterator[str]:
    power = np.abs(np.fft.rfft(mono[: mono.size // rate * rate])) ** 2
    seconds = mono.size // rate
    for mains in (50, 60):
        line = power[(mains - 1) * seconds : (mains + 1) * seconds]
        if line.max() > 100.0 * np.median(power[(mains - 8) * seconds : (mains + 8) * seconds]):
            yield "hum"
            break
    if power[: 40 * seconds].sum() > 10**-2.6 * power.sum():
        yield "rumble"
    pieces = mono[: mono.size // 2400 * 2400].reshape(-1, 2400)
    if np.percentile(10.0 * np.log10(np.mean(pieces**2, axis=1) + 1e-20), 3.0) > -65.0:
        yield "noise"


def _lag(first: NDArray[np.float32], second: NDArray[np.float32]) -> int:
    size = 1 << 22
    cross = np.fft.irfft(np.fft.rfft(second, size) * np.conj(np.fft.rfft(first, size)), size)
    lag = int(np.argmax(np.abs(cross)))
    return lag if lag < size // 2 else lag - size
