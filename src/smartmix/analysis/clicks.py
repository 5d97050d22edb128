"""Clicks: short spikes that the sound around them does not explain, found in one pass over the blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ORDER = 32
"""Order of the linear prediction that says what the sound around a click would have gone on to do."""
CONTEXT_S = 0.06
"""A click must stand out over this long on either side: longer than one period of the lowest bass note (17 Hz), so
that the spikes of a saw wave, which return every period, are no clicks."""
CORE_S = 0.0015
"""First look: what belongs to one spike."""
WIDTH_S = 0.00035
"""Second look: a click or a splice is over within this; what stays unpredictable for longer is the attack of a stick
or a string."""
FIT_S = 0.08
SCREEN_RATIO = 2.5
"""First look, on third differences: this many times over everything else in the context."""
RATIO = 5.0
"""Second look, on the prediction residual. 3.5 finds a little more, and fires on attacks of a synthesizer (measured on
dev)."""
WHITE_SHARE = 1e-6
"""White noise 60 dB under the sound is taken to be in it: else the empty top of a lossy file would be blown up."""
LOWEST_HEIGHT = 1e-3
"""Spikes under -60 dBFS are left alone (house)."""
LEVEL_STEP = 2.0
"""Where the level before and after differ by more (6 dB), something starts or ends there: a note, not a click."""
MOST_KEPT = 64
CHUNK_BINS = 2048


@dataclass(frozen=True, slots=True)
class Click:
    """One spike: seconds from the start of the source, height (full scale 1.0), times over the residual around it,
    and whether sound goes on on both sides of it (else it lies in a pause).
    """

    time_s: float
    height: float
    ratio: float
    in_sound: bool


class ClickMeter:
    """Finds clicks and bad splices. ``push`` blocks (channels, frames), then ``facts``.

    Two steps: third differences per millisecond pick the spikes that stand alone, then a linear predictor of order
    32 is fitted to what lies around each (autocorrelation method, Levinson's equations) and its residual judged:
    how far the spike stands over the largest residual within 60 ms, its own 1.5 ms left out. Plain thresholds on
    the residual would fire on every pulse of a voice or a saw. The result does not depend on the blocks.
    """

    def __init__(self, sample_rate: float, channels: int) -> None:
        self._rate = sample_rate
        self._bin = max(1, round(sample_rate / 1000.0))
        self._around = max(1, round(CONTEXT_S * sample_rate / self._bin))
        self._core = max(1, round(CORE_S * sample_rate / self._bin + 0.499))
        # Room to fit the predictor on both sides, counted in bins.
        self._margin = max(self._around, round(FIT_S * sample_rate / self._bin)) + self._core + 2
        self._pending = np.zeros((channels, self._margin * self._bin), dtype=np.float32)
        self._first = -self._margin * self._bin
        self._frames = 0
        self._found: list[Click] = []

    def push(self, block: NDArray[np.float32]) -> None:
        """Take in the next block (channels, frames)."""
        self._frames += block.shape[1]
        self._pending = np.concatenate((self._pending, block), axis=1)
        if self._pending.shape[1] >= (2 * self._margin + CHUNK_BINS) * self._bin:
            self._look()

    def facts(self) -> tuple[Click, ...]:
        """The clicks in order of time; at most 64, the clearest."""
        silence = np.zeros((self._pending.shape[0], (self._margin + 1) * self._bin), dtype=np.float32)
        self._pending = np.concatenate((self._pending, silence), axis=1)
        self._look()
        clearest = sorted(_one_each(self._found), key=lambda click: -click.ratio)[:MOST_KEPT]
        return tuple(sorted(clearest, key=lambda click: click.time_s))

    def _look(self) -> None:
        """Judge every whole bin that has its margin on both sides, and let it go."""
        bins = self._pending.shape[1] // self._bin
        judged = bins - 2 * self._margin
        if judged <= 0:
            return
        for channel in self._pending:
            self._judge(channel, _peaks(channel, bins, self._bin), judged)
        drop = judged * self._bin
        self._pending = self._pending[:, drop:].copy()
        self._first += drop

    def _judge(self, channel: NDArray[np.float32], peaks: NDArray[np.float32], judged: int) -> None:
        for at in self._candidates(peaks, judged).tolist():
            click = self._click(channel, at)
            if click is not None and 0.0 <= click.time_s < self._frames / self._rate:
                self._found.append(click)
        if len(self._found) > 4 * MOST_KEPT:
            self._found = sorted(self._found, key=lambda found: -found.ratio)[: 2 * MOST_KEPT]

    def _candidates(self, peaks: NDArray[np.float32], judged: int) -> NDArray[np.intp]:
        """Bins whose third difference stands alone, and is the largest of its core."""
        inner = slice(self._margin, self._margin + judged)
        loud = np.flatnonzero(peaks[inner] >= LOWEST_HEIGHT) + self._margin
        before = np.lib.stride_tricks.sliding_window_view(peaks, self._around - self._core).max(axis=1)
        core = np.lib.stride_tricks.sliding_window_view(peaks, 2 * self._core + 1).max(axis=1)
        outside = np.maximum(before[loud - self._around], before[loud + self._core + 1])
        alone = (peaks[loud] > SCREEN_RATIO * outside) & (peaks[loud] >= core[loud - self._core])
        return np.asarray(loud[alone])

    def _click(self, channel: NDArray[np.float32], at: int) -> Click | None:
        """The spike in bin ``at``, judged by a predictor of what lies around it; None when it is none."""
        middle, core = at * self._bin + self._bin // 2, self._core * self._bin
        fit, around = round(FIT_S * self._rate), self._around * self._bin
        before = channel[middle - fit : middle - core].astype(np.float64)
        after = channel[middle + core : middle + fit].astype(np.float64)
        if not self._level_holds(before, after):
            return None
        whole = channel[middle - around - ORDER : middle + around + ORDER].astype(np.float64)
        peak, frame, others = _alone(whole, predictor(before, after), core, round(WIDTH_S * self._rate))
        at_frame = middle - around - ORDER + frame
        height = float(_third(channel[at_frame - 8 : at_frame + 8]).max())
        if height < LOWEST_HEIGHT or peak < RATIO * others:
            return None
        time_s = (self._first + at_frame) / self._rate
        ratio = peak / max(others, 1e-9)
        return Click(time_s, height, ratio, bool(np.abs(before).max() > LOWEST_HEIGHT))

    def _level_holds(self, before: NDArray[np.float64], after: NDArray[np.float64]) -> bool:
        near = round(0.03 * self._rate)
        floor = LOWEST_HEIGHT * LOWEST_HEIGHT
        old, new = float(np.mean(before[-near:] ** 2)) + floor, float(np.mean(after[:near] ** 2)) + floor
        return max(old, new) <= LEVEL_STEP**2 * min(old, new)


def _one_each(found: list[Click]) -> list[Click]:
    """The same spike in both channels counts once: the clearer of two within a core."""
    single: list[Click] = []
    for click in sorted(found, key=lambda item: item.time_s):
        if single and click.time_s - single[-1].time_s < CORE_S:
            single[-1] = max(single[-1], click, key=lambda item: item.ratio)
        else:
            single.append(click)
    return single


def _peaks(channel: NDArray[np.float32], bins: int, bin_frames: int) -> NDArray[np.float32]:
    """Largest third difference per bin (bins,)."""
    samples = channel[: bins * bin_frames]
    return np.asarray(_third(samples).reshape(bins, bin_frames).max(axis=1))


def _third(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Size of the third difference (frames,), scaled so that a spike of one sample reads its own height."""
    return np.asarray(np.abs(np.diff(samples, n=3, prepend=samples[:3])) * np.float32(1.0 / 3.0))


def _alone(
    whole: NDArray[np.float64], error_filter: NDArray[np.float64], core: int, width: int
) -> tuple[float, int, float]:
    """Largest prediction residual near the middle, its frame, and the largest one that is not its own.

    A spike upsets a predictor for ORDER frames after it, so what comes after is judged backwards in time.
    """
    forward = np.abs(np.convolve(whole, error_filter, "valid"))[: whole.size - 2 * ORDER]
    backward = np.abs(np.convolve(whole[::-1], error_filter, "valid"))[: whole.size - 2 * ORDER][::-1]
    middle = forward.size // 2
    start = middle - core + int(np.argmax(forward[middle - core : middle + core]))
    others = max(float(forward[: start - width].max()), float(backward[start + width :].max()))
    return float(forward[start]), start + ORDER, others


def predictor(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    """Prediction error filter (ORDER + 1,) with leading 1, fitted to two stretches of sound."""
    lags = sum(_autocorrelation(part) for part in (before, after))
    lags = np.asarray(lags, dtype=np.float64)
    lags[0] = lags[0] * (1.0 + WHITE_SHARE) + 1e-12
    index = np.abs(np.subtract.outer(np.arange(ORDER), np.arange(ORDER)))
    return np.concatenate(([1.0], -np.linalg.solve(lags[index], lags[1:])))


def _autocorrelation(part: NDArray[np.float64]) -> NDArray[np.float64]:
    tapered = part * np.hanning(part.size)
    return np.array([tapered[lag:] @ tapered[: tapered.size - lag] for lag in range(ORDER + 1)])
