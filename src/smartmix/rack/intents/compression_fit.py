"""A compressor's thresholds fitted so that it goes as deep on the peaks of a track as is wanted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis import measure_loudness
from smartmix.audio.buffer import Samples, check_samples
from smartmix.processors import Compressor
from smartmix.processors.values import Value
from smartmix.rack.device import Device
from smartmix.rack.intents.bracket import CLOSE_DB, Bracket
from smartmix.rack.intents.compressor_survey import (
    CompressorBand,
    CompressorSurvey,
    require_compressor,
    survey_compressor,
)
from smartmix.rack.intents.fit import REDUCTION_TOLERANCE_DB, Fit
from smartmix.rack.intents.intent import CompressionIntent
from smartmix.rack.intents.probe import play, twin
from smartmix.rack.intents.reduction import Powers, active, on_peaks_db, powers, trace_db
from smartmix.rack.native import NativeDevice

ROUNDS = 14
LONGEST_S = 60.0
"""A longer track is fitted on its loudest minute and measured whole at the end."""
SHARE = 0.5
"""A band of a multiband device is meant when this much of its range, in octaves, lies in the intent's."""


def fit_compression(
    device: Device, intent: CompressionIntent, audio: NDArray[np.floating], sample_rate: float
) -> Fit:
    """Settings of a compressor that holds the peaks of ``audio`` (channels, frames) by what the intent says.

    A multiband device goes as deep in each of its bands that lie in the intent's range, and stays open in the others.
    Thresholds do it; where they end too early, the ratio is raised if the intent leaves it free. PluginError for a
    device that is no compressor.
    """
    samples = check_samples(audio)
    survey = survey_compressor(device, sample_rate, samples.shape[0])
    require_compressor(device, survey)
    bands = [b for b in survey.bands if len(survey.bands) == 1 or _share(b, intent) >= SHARE]
    if not bands:
        low, high = intent.from_hz, intent.to_hz
        return Fit(
            {}, intent.reduction_db, f"{device.name} has no band of its own from {low:g} to {high:g} Hz"
        )
    fitting = _Fitting(device, intent, survey, bands, samples, sample_rate)
    return fitting.run()


def fit_compressor_move(
    device: Device, settings: Mapping[str, Value], audio: NDArray[np.floating], sample_rate: float
) -> Fit:
    """Settings of a plugin that does to a track what smartmix's compressor does with ``settings``.

    As deep on the peaks, with the same ratio and times as near as it has them, and as loud. ``told`` has how far the
    two reductions are apart through time, rms ("trace_db"). Outside the span of a move the plugin is to be dry: its
    ``dry_wet`` goes as the move's ``mix``.
    """
    samples = check_samples(audio)
    own = NativeDevice(Compressor(**(dict(settings) | {"lookahead_ms": 0.0, "mix": 1.0})))
    opened = NativeDevice(Compressor(**(dict(settings) | {"lookahead_ms": 0.0, "mix": 1.0, "ratio": 1.0})))
    held = own.process(samples, sample_rate)
    before, after = powers(opened.process(samples, sample_rate), sample_rate), powers(held, sample_rate)
    ratio, attack, release = (float(own.get(n)) for n in ("ratio", "attack_ms", "release_ms"))
    wanted = on_peaks_db(after, before)
    intent = CompressionIntent(wanted, ratio, attack, release, level_matched=False)
    survey = survey_compressor(device, sample_rate, samples.shape[0])
    require_compressor(device, survey)
    loudness = measure_loudness(held, sample_rate).integrated_lufs
    fitting = _Fitting(device, intent, survey, list(survey.bands), samples, sample_rate, loudness)
    fit = fitting.run()
    return replace(fit, told={**fit.told, "wanted_db": wanted, "trace_db": fitting.apart(after, before)})


def loudest(samples: Samples, sample_rate: float, seconds: float = LONGEST_S) -> Samples:
    """The loudest stretch of at most ``seconds``."""
    frames = round(seconds * sample_rate)
    if samples.shape[1] <= frames:
        return samples
    sums = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64).sum(axis=0))])
    step = round(sample_rate)
    starts = np.arange(0, samples.shape[1] - frames + 1, step)
    first = int(starts[np.argmax(sums[starts + frames] - sums[starts])])
    return np.ascontiguousarray(samples[:, first : first + frames])


def _share(band: CompressorBand, intent: CompressionIntent) -> float:
    low, high = max(band.from_hz, 20.0), min(band.to_hz, 20_000.0)
    inside = min(high, intent.to_hz) / max(low, intent.from_hz)
    return math.log(max(inside, 1.0)) / math.log(high / low)


@dataclass(slots=True)
class _Fitting:
    device: Device
    intent: CompressionIntent
    survey: CompressorSurvey
    bands: list[CompressorBand]
    samples: Samples
    sample_rate: float
    as_loud_as_lufs: float | None = None
    """None: as loud as the track came in, where the intent is level-matched."""
    values: dict[str, float] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    renders: int = 0

    def run(self) -> Fit:
        """Times and ratios, then thresholds, then make-up, then the whole track once more."""
        for band in self.survey.bands:
            self.values[band.threshold] = self.device.info(band.threshold).high
        self.values |= dict.fromkeys(self.survey.switches, 1.0)
        for band in self.bands:
            for name, wanted in (
                (band.ratio, self.intent.ratio),
                (band.attack, self.intent.attack_ms),
                (band.release, self.intent.release_ms),
            ):
                self._near(name, wanted)
        excerpt = loudest(self.samples, self.sample_rate)
        reached = self._thresholds(excerpt)
        if self.intent.ratio is None and min(reached) < self.intent.reduction_db - CLOSE_DB:
            reached = self._ratios(excerpt)
        loudness = self._make_up()
        if excerpt is not self.samples:
            reached = self._reductions(self.samples, self.values)
        return self._fit(reached, loudness)

    def _near(self, name: str, wanted: float | None) -> None:
        """A setting as near as the device allows; the way there is said when it is not the same."""
        if wanted is None:
            return
        if not name:
            self.said.append(f"{self.device.name} has no knob for {wanted:g}")
            return
        info = self.device.info(name)
        scaled = wanted / 1000.0 if info.unit.lower() == "s" else wanted
        self.values[name] = min(max(scaled, info.low), info.high)
        if self.values[name] != scaled:
            self.said.append(f"{name} is at its end ({self.values[name]:g} {info.unit})".replace(" )", ")"))

    def _heard(self, samples: Samples, values: dict[str, float]) -> Samples:
        self.renders += 1
        other = twin(self.device)
        for name, value in values.items():
            info = other.info(name)
            other.set(name, bool(value) if info.scale == "toggle" else value)
        return play(other, samples, self.sample_rate)

    def _open(self, values: dict[str, float]) -> dict[str, float]:
        return values | {b.threshold: self.device.info(b.threshold).high for b in self.bands}

    def _powers(self, samples: Samples) -> list[Powers]:
        return [powers(samples, self.sample_rate, *_range(b, self.bands, self.survey)) for b in self.bands]

    def _reductions(self, samples: Samples, values: dict[str, float]) -> list[float]:
        opened = self._powers(self._heard(samples, self._open(values)))
        held = self._powers(self._heard(samples, values))
        return [on_peaks_db(h, o) for h, o in zip(held, opened, strict=True)]

    def _thresholds(self, excerpt: Samples) -> list[float]:
        return self._bracketed(excerpt, [b.threshold for b in self.bands], falling=True)

    def _ratios(self, excerpt: Samples) -> list[float]:
        """Thresholds as low as they go: the ratio does the rest."""
        names = [b.ratio for b in self.bands]
        if not all(names):
            return self._reductions(excerpt, self.values)
        before = {n: self.values.get(n, float(self.device.get(n))) for n in names}
        reached = self._bracketed(excerpt, names, falling=False)
        if any(self.values[n] > before[n] for n in names):
            self.said.append(f"the ratio was raised to {max(self.values[n] for n in names):.3g}")
        return reached

    def _bracketed(self, excerpt: Samples, names: Sequence[str], *, falling: bool) -> list[float]:
        """Each knob between ends of which one does too little and one too much; all bands are heard at once.

        The next try is where a straight line between the two ends meets the target (regula falsi, with the weight of
        an end that stays halved: Illinois), which thresholds and percentiles suit well.
        """
        opened = self._powers(self._heard(excerpt, self._open(self.values)))
        ends = []
        for name in names:
            info = self.device.info(name)
            least = info.high if falling else self.values.get(name, float(self.device.get(name)))
            ends.append(Bracket(least, info.low if falling else info.high, -self.intent.reduction_db))
        for bracket, off in zip(ends, self._off(excerpt, names, [b.most for b in ends], opened), strict=True):
            bracket.begin(off)
        for _ in range(ROUNDS):
            if all(b.done for b in ends):
                break
            tries = [b.next() for b in ends]
            for bracket, at, off in zip(ends, tries, self._off(excerpt, names, tries, opened), strict=True):
                bracket.take(at, off)
        best = [b.best for b in ends]
        offs = self._off(excerpt, names, best, opened)
        self.values |= dict(zip(names, best, strict=True))
        return [off + self.intent.reduction_db for off in offs]

    def _off(
        self, excerpt: Samples, names: Sequence[str], values: Sequence[float], opened: Sequence[Powers]
    ) -> list[float]:
        held = self._powers(self._heard(excerpt, self.values | dict(zip(names, values, strict=True))))
        return [on_peaks_db(h, o) - self.intent.reduction_db for h, o in zip(held, opened, strict=True)]

    def _make_up(self) -> float:
        """As loud as it came in, and how far off that is, LU."""
        if not self.intent.level_matched and self.as_loud_as_lufs is None:
            return 0.0
        names = sorted({b.makeup for b in self.survey.bands if b.makeup})
        before = self.as_loud_as_lufs
        if before is None:
            before = measure_loudness(self.samples, self.sample_rate).integrated_lufs
        if not math.isfinite(before):
            return 0.0
        missing = before - self._lufs()
        for _ in range(2):
            for name in names:
                info = self.device.info(name)
                now = self.values.get(name, float(self.device.get(name)))
                self.values[name] = min(max(now + missing, info.low), info.high)
            missing = before - self._lufs()
        return missing

    def apart(self, held: Powers, opened: Powers) -> float:
        """How far this reduction is from another one through time, dB rms while the track sounds."""
        mine = powers(self._heard(self.samples, self.values), self.sample_rate)
        free = powers(self._heard(self.samples, self._open(self.values)), self.sample_rate)
        sounding = active(opened)
        apart = (trace_db(mine, free) - trace_db(held, opened))[sounding]
        return float(np.sqrt(np.mean(np.square(apart)))) if apart.size else 0.0

    def _lufs(self) -> float:
        heard = self._heard(self.samples, self.values)
        return measure_loudness(heard, self.sample_rate).integrated_lufs

    def _fit(self, reached: Sequence[float], missing_lu: float) -> Fit:
        error = max(abs(r - self.intent.reduction_db) for r in reached)
        told = {f"reduction_{k}_db": r for k, r in enumerate(reached, start=1)} | {"missing_lu": missing_lu}
        limit = ""
        if error > REDUCTION_TOLERANCE_DB:
            got = ", ".join(f"{r:.1f}" for r in reached)
            limit = f"{self.device.name} reaches {got} dB of {self.intent.reduction_db:g} on peaks"
            limit += "".join(f"; {each}" for each in self.said)
        return Fit(dict(self.values), error, limit, renders=self.renders, told=told)


def _range(
    band: CompressorBand, bands: Sequence[CompressorBand], survey: CompressorSurvey
) -> tuple[float, float]:
    return (0.0, math.inf) if len(survey.bands) == 1 else (band.from_hz, band.to_hz)
