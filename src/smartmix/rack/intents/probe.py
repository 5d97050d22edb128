"""A device's response at many settings, heard in one run: an impulse for each, settings in force before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from smartmix.audio.buffer import Samples
from smartmix.errors import PluginError
from smartmix.parameter import Breakpoint
from smartmix.processors import create
from smartmix.processors.events import Lane
from smartmix.rack.device import Device
from smartmix.rack.effect import PedalboardDevice
from smartmix.rack.native import NativeDevice
from smartmix.rack.vst3 import Vst3Device

Curves = NDArray[np.float64]
Settings = Mapping[str, float]

SECONDS = 1.3
"""How long a setting is listened to: a bell of one fifth octave at 30 Hz has then died down by 100 dB."""
LEAD_FRAMES = 2048
"""Silence between new settings and their impulse: two blocks, so that no plugin is still on its way to them."""
PULSE = 0.1
"""Height of the impulse (-20 dBFS), which leaves room for 20 dB of boost."""
FLOOR_DB = -120.0
AT_ONCE = 96
"""Settings heard in one run (two minutes of sound, 25 MB): more would take memory and gain nothing."""


def twin(device: Device) -> Device:
    """Another device of the same kind, set alike: measuring must not touch the one that plays."""
    if isinstance(device, Vst3Device):
        return device.another()
    if isinstance(device, PedalboardDevice):
        return PedalboardDevice(device.name, **device.settings())
    if isinstance(device, NativeDevice):
        other = create(device.name)
        for name, value in device.settings().items():
            other.set(name, value)
        return NativeDevice(other)
    raise TypeError(f"{device.kind} {device.name} cannot be made twice")


def play(
    device: Device, audio: Samples, sample_rate: float, automation: Mapping[str, Lane] | None = None
) -> Samples:
    """The device's output; PluginError for a plugin that was given up on the way: its dry sound is no measurement."""
    heard = device.process(audio, sample_rate, automation=automation)
    lost = [i for i in getattr(device, "incidents", ()) if not i.recovered_s]
    if lost:
        raise PluginError(f"{device.name} cannot be measured: it {lost[0].what}")
    return heard


def points_hz(sample_rate: float) -> NDArray[np.float64]:
    """Where curves are compared: 24 points an octave from 20 Hz to 20 kHz, or to 0.45 of the rate."""
    top = min(20_000.0, 0.45 * sample_rate)
    return 20.0 * 2.0 ** (np.arange(int(24 * np.log2(top / 20.0)) + 1) / 24.0)


def segment_frames(sample_rate: float) -> int:
    """Frames for each setting: a power of two."""
    return 1 << int(np.ceil(np.log2(SECONDS * sample_rate)))


def curves_db(
    device: Device, settings: Sequence[Settings], sample_rate: float, *, pulse: float = PULSE
) -> Curves:
    """Magnitudes in dB at ``points_hz`` for each of ``settings`` (one row each); what they leave out stays as it is.

    They are heard in one run of a twin of ``device``, stepped from one to the next (in several where there are many).
    """
    parts = [settings[k : k + AT_ONCE] for k in range(0, len(settings), AT_ONCE)]
    return np.concatenate([_heard(device, part, sample_rate, pulse) for part in parts])


def _heard(device: Device, settings: Sequence[Settings], sample_rate: float, pulse: float) -> Curves:
    length = segment_frames(sample_rate)
    audio = np.zeros((1, length * len(settings)), np.float32)
    late = LEAD_FRAMES
    audio[0, late::length] = pulse
    other = twin(device)
    names = sorted({name for each in settings for name in each})
    missing = {name: float(other.get(name)) for name in names}
    lanes: dict[str, Lane] = {
        name: [
            Breakpoint(k * length / sample_rate, float(each.get(name, missing[name])), "hold")
            for k, each in enumerate(settings)
        ]
        for name in names
    }
    heard = play(other, audio, sample_rate, lanes).reshape(len(settings), length)
    spectra = np.abs(np.fft.rfft(heard[:, late:], n=length, axis=1))
    bins = points_hz(sample_rate) * length / sample_rate
    low = np.floor(bins).astype(int)
    part = bins - low
    magnitudes = spectra[:, low] * (1.0 - part) + spectra[:, low + 1] * part
    return np.asarray(20.0 * np.log10(np.maximum(magnitudes / pulse, 10.0 ** (FLOOR_DB / 20.0))))


def noise_gain_db(device: Device, sample_rate: float, level_db: float) -> float:
    """By how many dB a device raises a second of white noise of this level (rms, dBFS)."""
    noise = np.random.default_rng(3).standard_normal((1, round(sample_rate)))
    audio = (10.0 ** (level_db / 20.0) * noise).astype(np.float32)
    other = twin(device)
    late = slice(audio.shape[1] // 4, None)
    heard = play(other, audio, sample_rate)[:, late]
    return float(20.0 * np.log10(max(_rms(heard), 1e-9) / _rms(audio[:, late])))


def _rms(audio: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))
