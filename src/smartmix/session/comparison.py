"""How alike two tracks are: the same samples, the same signal, the same part, or what a sum of tracks explains."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from smartmix.session.listening import BIN_HZ, BINS, Floats, Spectra, band_levels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FEWEST_WINDOWS = 6
"""With fewer windows in which both sound nothing can be said."""
COHERENCE_LOW_HZ = 100.0
COHERENCE_HIGH_HZ = 4_000.0
LONGEST_LAG_S = 0.02
RIDGE = 1e-3
"""Share of the members' mean power added to their Gram matrix: microphones that hear the same thing share the gain."""


def coherence(first: Spectra, second: Spectra, both: NDArray[np.bool_]) -> float | None:
    """Magnitude-squared coherence 0..1 of two mono spectra (windows, BINS), 100 Hz to 4 kHz, weighted by power.

    Near 1: one performance seen by two microphones. Near 0: two performances, even of the same notes, because the
    phase between them wanders from window to window. Less its bias of 1 / windows (Carter 1987, from memory). None when
    they hardly ever sound together.
    """
    count = int(both.sum())
    if count < FEWEST_WINDOWS:
        return None
    bins = slice(round(COHERENCE_LOW_HZ / BIN_HZ), round(COHERENCE_HIGH_HZ / BIN_HZ))
    a, b = (s[both, bins].astype(np.complex128) for s in (first, second))
    power_a, power_b = (np.square(np.abs(s)).sum(axis=0) for s in (a, b))
    weight = np.sqrt(power_a * power_b)
    if float(weight.sum()) <= 0.0:
        return None
    shared = np.square(np.abs((a * b.conj()).sum(axis=0))) / np.maximum(power_a * power_b, 1e-30)
    raw = float((shared * weight).sum() / weight.sum())
    return max(0.0, (raw - 1.0 / count) / (1.0 - 1.0 / count))


@dataclass(frozen=True, slots=True)
class SamePart:
    """``together`` is the share of the sounding windows in which both sound (0..1), ``content`` how far the levels in
    their third-octave bands rise and fall alike while they do (correlation, -1..1).
    """

    together: float
    content: float


def same_part(
    first: Spectra, second: Spectra, sounds: tuple[NDArray[np.bool_], NDArray[np.bool_]]
) -> SamePart | None:
    """Whether two tracks (mono spectra) play the same part at the same time; None when too little sounds."""
    both, either = sounds[0] & sounds[1], sounds[0] | sounds[1]
    if int(either.sum()) < FEWEST_WINDOWS:
        return None
    together = float(both.sum() / either.sum())
    if int(both.sum()) < FEWEST_WINDOWS:
        return SamePart(together, 0.0)
    shapes = [_content(band_levels(s[both])) for s in (first, second)]
    energy = float(np.sqrt(np.square(shapes[0]).sum() * np.square(shapes[1]).sum()))
    return SamePart(together, float((shapes[0] * shapes[1]).sum()) / energy if energy > 0.0 else 0.0)


def _content(levels: Floats) -> Floats:
    """Band levels within 40 dB of the window's loudest, without each band's and each window's mean: what is played,
    not how loud or with which microphone.
    """
    shape = np.maximum(levels, levels.max(axis=1, keepdims=True) - 40.0)
    shape = shape - shape.mean(axis=1, keepdims=True)
    return np.asarray(shape - shape.mean(axis=0, keepdims=True))


@dataclass(frozen=True, slots=True)
class Explained:
    """``share`` of a track's power that a linear mix of others gives (0..1); ``opposed`` is the part of that mix that
    enters upside down (0..1): a track that is a print holds its members upright. ``parts`` are the members' shares of
    it.
    """

    share: float
    opposed: float
    parts: tuple[float, ...] = ()


def explained_by(target: Spectra, members: Sequence[Spectra]) -> Explained:
    """How much of a track (channels, windows, BINS) is the sum of others: least squares with one complex gain per
    member channel and octave band, so that faders, pans, EQ and mild bus compression are allowed for, and a common
    delay of up to 20 ms. Rows of unrelated recordings explain little; samples fired by the same notes some.
    """
    columns = np.concatenate([m.astype(np.complex128) for m in members], axis=0)
    wanted = target.astype(np.complex128)
    columns = columns * _delay(columns.sum(axis=0), wanted.mean(axis=0))
    total = float(np.square(np.abs(wanted)).sum())
    if total <= 0.0 or not np.any(columns):
        return Explained(0.0, 0.0, (0.0,) * len(members))
    left, opposed = 0.0, 0.0
    powers = np.zeros(len(columns))
    for low, high in _octaves():
        basis = columns[:, :, low:high].reshape(len(columns), -1)
        gram = basis @ basis.conj().T
        gram += np.eye(len(gram)) * (RIDGE * float(np.trace(gram).real) / len(gram) + 1e-30)
        for side in wanted[:, :, low:high].reshape(len(wanted), -1):
            gains = np.linalg.solve(gram.T, basis.conj() @ side)
            left += float(np.square(np.abs(side - gains @ basis)).sum())
            brought = np.square(np.abs(gains)) * np.diag(gram).real
            powers += brought
            opposed += float(brought[gains.real < 0.0].sum())
    used = max(float(powers.sum()), 1e-30)
    ends = np.cumsum([0, *(len(m) for m in members)])
    parts = tuple(float(powers[a:b].sum()) / used for a, b in pairwise(ends.tolist()))
    return Explained(max(0.0, 1.0 - left / total), opposed / used, parts)


def _octaves() -> list[tuple[int, int]]:
    edges = [2, 5, 10, 20, 40, 80, 160, 320, BINS]
    return list(pairwise(edges))


def _delay(source: NDArray[np.complex128], target: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """The turn of phase per bin that lines the source up with the target (generalised cross-correlation)."""
    cross = (target * source.conj()).sum(axis=0)
    size = 16 * BINS
    correlation = np.abs(np.fft.irfft(cross / np.maximum(np.abs(cross), 1e-30) ** 0.5, size))
    step_s = 1.0 / (BIN_HZ * size)
    reach = int(LONGEST_LAG_S / step_s)
    window = np.concatenate((correlation[-reach:], correlation[: reach + 1]))
    lag_s = (int(np.argmax(window)) - reach) * step_s
    return np.asarray(np.exp(-2j * np.pi * BIN_HZ * np.arange(BINS) * lag_s))
