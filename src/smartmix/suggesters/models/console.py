"""The native strip in torch: gain, pan, high-pass, EQ, width and compressor, with gradients.

The same closed forms as the native core (docs/dsp/parametric_eq.md, compressor.md): designs in float64, since in
float32 coefficients of low bands are off by tenths of a dB. Two ways to run it: as responses for powers and
cross-spectra (what fits use), and on samples (what checks use).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

HIGHEST_PART = 0.49
BELL_EASE, SHELF_EASE = 0.8, 0.97
EDGE = 7.0 / 3.0
SHELF_NODE = 0.97
RESONANCE, SPREAD, SPREAD_Q, MOST_MISSING = 15.0, 0.19, 2.5, 0.15
TOPMOST_ZERO = 0.9999 * math.pi

Section = tuple["torch.Tensor", ...]
"""(product, sum, low, slope, high): (low product + slope t + high t^2) / (product + sum t + t^2), t = j tan(w / 2)."""


def pan_gains(pan: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Left and right gain of a pan position -1..1: constant power, 0 dB at the centre."""
    import torch

    angle = (pan.double().clamp(-1.0, 1.0) + 1.0) * (math.pi / 4.0)
    return math.sqrt(2.0) * torch.cos(angle), math.sqrt(2.0) * torch.sin(angle)


def gain(gain_db: torch.Tensor) -> torch.Tensor:
    """Amplitude of a level in dB."""
    import torch

    return torch.exp(gain_db.double() * (math.log(10.0) / 20.0))


def bell(hz: torch.Tensor, gain_db: torch.Tensor, q: torch.Tensor, sample_rate: float) -> Section:
    """A matched bell (native ``matched_bell``); tensors of any one shape."""
    import torch

    hz, gain_db, q = hz.double(), gain_db.double(), q.double()
    root = 10.0 ** (gain_db.abs() / 40.0)
    peak = root**4
    product, total, along, high_power, kept = _band_pass(_radians(hz, sample_rate), 1.0 / (q * root))
    high = (1.0 + (peak - 1.0) * high_power).clamp_min(0.0).sqrt()
    slope = (peak * along + 2.0 * product * (high - kept)).clamp_min(1e-30).sqrt()
    boost = (product, total, torch.ones_like(high), slope, high)
    return _signed(gain_db, boost)


def low_shelf(hz: torch.Tensor, gain_db: torch.Tensor, q: torch.Tensor, sample_rate: float) -> Section:
    """A matched low shelf (native ``matched_low_shelf``)."""
    gain_db = gain_db.double()
    return _signed(
        gain_db, _shelf(_radians(hz.double(), sample_rate), 10.0 ** (gain_db.abs() / 40.0), 1.0 / q.double())
    )


def high_shelf(hz: torch.Tensor, gain_db: torch.Tensor, q: torch.Tensor, sample_rate: float) -> Section:
    """A matched high shelf: its gain over the low shelf."""
    import torch

    gain_db = gain_db.double()
    root = 10.0 ** (gain_db.abs() / 40.0)
    low = _shelf(_radians(hz.double(), sample_rate), root, 1.0 / q.double())
    up, down = _scaled(_reciprocal(low), root**2), _scaled(low, root**-2)
    return tuple(torch.where(gain_db >= 0.0, a, b) for a, b in zip(up, down, strict=True))


def high_pass(hz: torch.Tensor, q: torch.Tensor, sample_rate: float) -> Section:
    """A bilinear 12 dB/oct high-pass."""
    import torch

    g = torch.tan(math.pi * (hz.double() / sample_rate).clamp_max(HIGHEST_PART))
    nothing = torch.zeros_like(g)
    return g**2, g / q.double(), nothing, nothing, torch.ones_like(g)


def response(section: Section, hz: torch.Tensor, sample_rate: float) -> torch.Tensor:
    """Complex response (..., frequencies) of sections (...,) at ``hz`` (frequencies,)."""
    import torch

    product, total, low, slope, high = (x[..., None] for x in section)
    t = 1j * torch.tan(math.pi * (hz.double() / sample_rate).clamp_max(0.4999999)).to(torch.complex128)
    return (low * product + slope * t + high * t**2) / (product + total * t + t**2)


def filtered(samples: torch.Tensor, sections: list[Section], sample_rate: float) -> torch.Tensor:
    """Samples (..., frames) through single sections, by FFT with as much silence as the filters ring (1 s)."""
    import torch

    frames = samples.shape[-1]
    size = 1 << (frames + round(sample_rate) - 1).bit_length()
    hz = torch.fft.rfftfreq(size, 1.0 / sample_rate, dtype=torch.float64)
    total = torch.ones(hz.shape, dtype=torch.complex128)
    for section in sections:
        total = total * response(section, hz, sample_rate)
    filtered: torch.Tensor = torch.fft.irfft(torch.fft.rfft(samples.double(), size) * total, size)
    return filtered[..., :frames]


def widened(
    left: torch.Tensor, right: torch.Tensor, side_db: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Sides with their difference turned up or down, dB; the mono sum stays as it is."""
    middle, side = 0.5 * (left + right), 0.5 * (left - right) * gain(side_db)
    return middle + side, middle - side


def reduction_wanted(
    level_db: torch.Tensor, threshold_db: torch.Tensor, ratio: torch.Tensor, knee_db: torch.Tensor
) -> torch.Tensor:
    """Static curve of the compressor (Giannoulis, Massberg & Reiss 2012, eq. 4): dB of reduction, positive."""
    over, half = level_db - threshold_db, 0.5 * knee_db
    inside = (over + half).clamp_min(0.0).minimum(knee_db)
    return (1.0 - 1.0 / ratio) * (inside**2 / (2.0 * knee_db).clamp_min(1e-9) + (over - half).clamp_min(0.0))


STEP_MS = 1.0
"""The detector moves once in this time; within it, it sees the mean of what the samples ask for."""


def compressor_reduction(
    samples: torch.Tensor,
    sample_rate: float,
    curve: dict[str, torch.Tensor],
    times_ms: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    """Gain reduction (steps,) in dB of samples (channels, frames), one value each STEP_MS.

    ``curve`` has threshold_db, ratio and knee_db; ``times_ms`` attack and release. The native detector goes sample by
    sample: within a step the samples that ask for more pull with the attack, the others let go with the release. What a
    step does is both at once, so the state moves by the mean pull of its samples (one Euler step of that mean).
    """
    import torch

    size = max(1, round(STEP_MS * sample_rate / 1000.0))
    peaks = samples.double().abs().amax(dim=0)
    peaks = torch.nn.functional.pad(peaks, (0, -peaks.shape[0] % size)).reshape(-1, size)
    level = 20.0 * torch.log10(peaks.clamp_min(1e-10))
    wanted = reduction_wanted(level, curve["threshold_db"], curve["ratio"], curve["knee_db"])
    rise, fall = (1.0 - torch.exp(-1000.0 * size / (t.double() * sample_rate)) for t in times_ms)
    state = torch.zeros((), dtype=torch.float64)
    states = []
    for goals in wanted:
        apart = goals - state
        pull = torch.where(apart > 0.0, rise * apart, fall * apart).mean()
        state = (state + pull).clamp_min(0.0)
        states.append(state)
    return torch.stack(states)


def _radians(hz: torch.Tensor, sample_rate: float) -> torch.Tensor:
    return 2.0 * math.pi * (hz / sample_rate).clamp_max(HIGHEST_PART)


def _warped(radians: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.tan(0.5 * radians) ** 2


def _far(radians: torch.Tensor) -> torch.Tensor:
    n = (math.pi / radians) ** 2
    return (1.0 - n) ** 2 / n


def _band_pass(radians: torch.Tensor, k: torch.Tensor) -> Section:
    """product, sum, along, high (power), root of one minus high: the native ``match_band_pass``."""
    far = BELL_EASE * _far(radians)
    high, rest = k**2 / (k**2 + far), far / (k**2 + far)
    root = rest.sqrt()
    centre = _warped(radians)
    width = math.sqrt(EDGE) * k
    x = _warped(radians * 2.0 / (width + (width**2 + 4.0).sqrt()))
    along = (centre - x) ** 2 * rest / (EDGE * x) - high * x
    total = (along + 2.0 * centre * root * high / (1.0 + root)).sqrt()
    return centre * root, total, along, high, root


def _shelf_power(root: torch.Tensor, k2: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    above = (root - x) ** 2 + root * k2 * x
    below = (1.0 - root * x) ** 2 + root * k2 * x
    return root**2 * above / below


def _shelf(radians: torch.Tensor, root: torch.Tensor, k: torch.Tensor) -> Section:
    """The low shelf that lifts by root^2: the native ``match_low_shelf``."""
    import torch

    lift, k2 = root**2, k**2
    pole = _band_pass(radians / root.sqrt(), k)
    zero_at = (radians * root.sqrt()).clamp_max(TOPMOST_ZERO)
    zero, far = _band_pass(zero_at, k), _far(zero_at)
    resonant = (far / (RESONANCE * k2 + far)).sqrt()
    met = _shelf_power(root, k2, (SHELF_EASE * math.pi / radians) ** 2).sqrt()
    kept = lift * pole[0] / zero[0]
    missing = ((met - kept) / (met + kept)).clamp(-MOST_MISSING, MOST_MISSING)
    apart = SPREAD * missing * k / (1.0 + SPREAD_Q * k)
    up = (1.0 + apart) / (1.0 - apart)
    product, total = up**2 * pole[0], up * pole[1]
    scale = up**4 * kept
    high = met + resonant * (scale - met)
    x = _warped(SHELF_NODE * radians)
    power = _shelf_power(root, k2, torch.full_like(root, SHELF_NODE**2))
    below = (x - product) ** 2 + total**2 * x
    slope = ((power * below - (high * x - lift * product) ** 2) / x).clamp_min(1e-30).sqrt()
    return product, total, lift, slope + resonant * (scale * zero[1] / up - slope), high


def _reciprocal(section: Section) -> Section:
    product, total, low, slope, high = section
    return low * product / high, slope / high, 1.0 / low, total / high, 1.0 / high


def _scaled(section: Section, factor: torch.Tensor) -> Section:
    product, total, low, slope, high = section
    return product, total, factor * low, factor * slope, factor * high


def _signed(gain_db: torch.Tensor, boost: Section) -> Section:
    """The boost, or its mirror where the gain is under 0."""
    import torch

    cut = _reciprocal(boost)
    return tuple(torch.where(gain_db >= 0.0, a, b) for a, b in zip(boost, cut, strict=True))
