"""A limiter's ceiling fitted to a true peak, its drive to a gain."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis import measure_loudness
from smartmix.audio.buffer import Samples, check_samples
from smartmix.errors import PluginError
from smartmix.parameter import ParameterInfo
from smartmix.rack.device import Device
from smartmix.rack.intents.fit import CEILING_TOLERANCE_DB, Fit
from smartmix.rack.intents.intent import CeilingIntent
from smartmix.rack.intents.kept import kept
from smartmix.rack.intents.probe import play, twin
from smartmix.rack.intents.survey import movable

SECONDS = 1.0
LOUD_DB, SOFT_DB = 0.0, -60.0
NEAR_DB, FAR_DB = -3.0, -9.0
"""Two places of a knob, under the upper end of its range (at most 0 dB), between which it is heard."""
FOLLOWS = 0.25
"""A knob is a ceiling when peaks follow it within this share of its way."""
ROUNDS = 10
CLOSE_DB = 0.02


@dataclass(frozen=True, slots=True)
class LimiterSurvey:
    """The knob that peaks follow, the knob that turns soft sound up, by how many dB a dB, and what is wrong ("")."""

    ceiling: str
    drive: str
    drive_slope: float
    problem: str = ""


def survey_limiter(device: Device, sample_rate: float, channels: int) -> LimiterSurvey:
    """Ceiling and drive of a limiter, measured and kept."""

    def measure() -> str:
        return json.dumps(asdict(_surveyed(device, sample_rate, channels)))

    return LimiterSurvey(**json.loads(kept(f"limiter{channels}", device, sample_rate, measure)))


def _surveyed(device: Device, sample_rate: float, channels: int) -> LimiterSurvey:
    knobs = [
        i for i in movable(device) if i.unit.lower().startswith("db") and i.low <= FAR_DB and i.high <= 6.0
    ]
    loud = _noise(LOUD_DB, sample_rate, channels)
    soft = _noise(SOFT_DB, sample_rate, channels)
    ceiling, drive, slope = "", "", 0.0
    for knob in knobs:
        peaks, gains = [], []
        for below in (NEAR_DB, FAR_DB):
            values = {knob.id: min(knob.high, 0.0) + below}
            peaks.append(_peak_db(play(_set(device, values), loud, sample_rate)))
            gains.append(_level_db(play(_set(device, values), soft, sample_rate)) - _level_db(soft))
        way = FAR_DB - NEAR_DB
        follows, turns = (peaks[1] - peaks[0]) / way, (gains[1] - gains[0]) / way
        if abs(follows - 1.0) < FOLLOWS:
            ceiling = ceiling or knob.id
        elif abs(follows) < FOLLOWS and abs(abs(turns) - 1.0) < FOLLOWS:
            drive, slope = knob.id, turns
    if not ceiling:
        return LimiterSurvey("", "", 0.0, "no parameter is a ceiling that the peaks of loud noise follow")
    return LimiterSurvey(ceiling, drive, slope)


def fit_ceiling(
    device: Device, intent: CeilingIntent, audio: NDArray[np.floating], sample_rate: float
) -> Fit:
    """Settings of a limiter that keeps the true peak of ``audio`` (channels, frames) at the intent's ceiling.

    Soft sound comes out with the intent's drive, whatever the ceiling. The error is what the true peak is over the
    ceiling, or under it where it would reach it without a limiter. PluginError for a device that is no limiter.
    """
    samples = check_samples(audio)
    survey = survey_limiter(device, sample_rate, samples.shape[0])
    if survey.problem:
        raise PluginError(f"{device.name} cannot keep a ceiling: {survey.problem}")
    return _Fitting(device, intent, survey, samples, sample_rate).run()


@dataclass(slots=True)
class _Fitting:
    device: Device
    intent: CeilingIntent
    survey: LimiterSurvey
    samples: Samples
    sample_rate: float
    values: dict[str, float] = field(default_factory=dict)
    renders: int = 0

    def run(self) -> Fit:
        """Ceiling and drive in turn: on many limiters one turns the other's sound up."""
        info = self.device.info(self.survey.ceiling)
        self.values[info.id] = _inside(info, self.intent.dbtp)
        before = measure_loudness(self.samples, self.sample_rate).true_peak_dbtp
        tries: list[tuple[float, float, dict[str, float]]] = []
        last, faster = 0.0, 1.0
        for _ in range(ROUNDS):
            gain, peak = self._drive(), self._true_peak()
            natural = before + gain  # what it would be without a limiter
            wanted = min(self.intent.dbtp, natural)
            tries.append((peak, gain, dict(self.values)))
            if wanted - CLOSE_DB <= peak <= self.intent.dbtp:
                break
            # A little under: a ceiling is not to be passed. Peaks between samples follow it unevenly, so that steps
            # in one direction become longer.
            missing = wanted - CLOSE_DB / 2 - peak
            faster = 2.0 * faster if missing * last > 0.0 else 1.0
            last = missing
            moved = _inside(info, self.values[info.id] + faster * missing)
            if moved == self.values[info.id]:
                break
            self.values[info.id] = moved
        kept = [t for t in tries if t[0] <= self.intent.dbtp] or [min(tries, key=lambda t: t[0])]
        peak, gain, values = max(kept, key=lambda t: t[0])
        error = max(peak - self.intent.dbtp, wanted - peak, 0.0) if np.isfinite(peak) else 0.0
        told = {"true_peak_dbtp": peak, "gain_db": gain, "drive_off_db": gain - self.intent.drive_db}
        return Fit(values, error, self._limit(peak, error, gain), renders=self.renders, told=told)

    def _drive(self) -> float:
        """The gain of soft sound, after it was set to what is wanted where there is a knob for it, dB."""
        soft = _noise(SOFT_DB, self.sample_rate, self.samples.shape[0])
        for _ in range(2):
            self.renders += 1
            gain = _level_db(play(_set(self.device, self.values), soft, self.sample_rate)) - _level_db(soft)
            missing = self.intent.drive_db - gain
            if not self.survey.drive or abs(missing) < CLOSE_DB:
                break
            info = self.device.info(self.survey.drive)
            now = self.values.get(info.id, float(self.device.get(info.id)))
            self.values[info.id] = _inside(info, now + missing / self.survey.drive_slope)
        return gain

    def _true_peak(self) -> float:
        self.renders += 1
        heard = play(_set(self.device, self.values), self.samples, self.sample_rate)
        return measure_loudness(heard, self.sample_rate).true_peak_dbtp

    def _limit(self, peak: float, error: float, gain: float) -> str:
        if error > CEILING_TOLERANCE_DB:
            return f"{self.device.name} gives {peak:.2f} dBTP for {self.intent.dbtp:g}"
        if abs(gain - self.intent.drive_db) > CEILING_TOLERANCE_DB:
            return (
                f"{self.device.name} keeps {self.intent.dbtp:g} dBTP, but soft sound comes out {gain:+.1f} dB "
                f"for {self.intent.drive_db:+g}"
            )
        return ""


def _set(device: Device, values: Mapping[str, float]) -> Device:
    other = twin(device)
    for name, value in values.items():
        other.set(name, value)
    return other


def _inside(info: ParameterInfo, value: float) -> float:
    return min(max(value, info.low), info.high)


def _noise(level_db: float, sample_rate: float, channels: int) -> Samples:
    noise = np.random.default_rng(2).standard_normal(round(SECONDS * sample_rate))
    scaled = (10.0 ** (level_db / 20.0) * noise).astype(np.float32)
    return np.tile(scaled, (channels, 1))


def _peak_db(audio: Samples) -> float:
    return float(20.0 * np.log10(max(float(np.abs(audio[:, audio.shape[1] // 4 :]).max()), 1e-9)))


def _level_db(audio: Samples) -> float:
    late: Sequence[float] = np.square(audio[:, audio.shape[1] // 4 :], dtype=np.float64).mean(axis=1).tolist()
    return float(10.0 * np.log10(max(sum(late) / len(late), 1e-18)))
