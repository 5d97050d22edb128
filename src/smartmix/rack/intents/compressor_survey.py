"""What the knobs of a compressor do, found with loud and soft noise: thresholds, ratios, make-up, switches.

Attack and release go by their names, with a number where there are several: from outside they are one time constant
of many. Results are kept in the user's cache folder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from smartmix.errors import PluginError
from smartmix.parameter import Breakpoint, ParameterInfo
from smartmix.processors.events import Lane
from smartmix.processors.values import Value
from smartmix.rack.device import Device
from smartmix.rack.intents.kept import kept
from smartmix.rack.intents.probe import Curves, play, twin

SECONDS = 1.5
LOUD_DB, SOFT_DB = -12.0, -50.0
HELD_DB = -40.0
"""Where thresholds are put to be heard: well under the loud noise, above most of the soft one."""
RATIO = 4.0
"""What knobs that may be ratios are put to at least: a compressor at 1:1 does not show where its threshold is."""
LEAST_DB = 1.0
SAME_DB = 0.4
EDGES_HZ = 20.0 * 2.0 ** (np.arange(31) / 3.0)


@dataclass(frozen=True, slots=True)
class CompressorBand:
    """One band of a compressor and where it works; "" for a knob it does not have."""

    threshold: str
    ratio: str
    makeup: str
    attack: str
    release: str
    from_hz: float
    to_hz: float


@dataclass(frozen=True, slots=True)
class CompressorSurvey:
    """The bands of a device, the switches that have to be on, and why it is no compressor ("" when it is one)."""

    bands: tuple[CompressorBand, ...]
    switches: tuple[str, ...]
    problem: str = ""


def survey_compressor(device: Device, sample_rate: float, channels: int) -> CompressorSurvey:
    """The knobs of a compressor, measured."""

    def measure() -> str:
        return json.dumps(asdict(_surveyed(device, sample_rate, channels)))

    data = json.loads(kept(f"compressor{channels}", device, sample_rate, measure))
    bands = tuple(CompressorBand(**row) for row in data["bands"])
    return CompressorSurvey(bands, tuple(data["switches"]), data["problem"])


def require_compressor(device: Device, survey: CompressorSurvey) -> None:
    """PluginError for a device that is no compressor."""
    if survey.problem:
        raise PluginError(f"{device.name} cannot carry out a compression: {survey.problem}")


Rows = Sequence[Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class _Ear:
    """Noise through a device at many settings, levels in third octaves."""

    device: Device
    sample_rate: float
    channels: int

    def levels_db(self, rows: Rows, level_db: float) -> Curves:
        """Output levels of each row, dB, by third octave from 20 Hz to 20 kHz."""
        length = int(SECONDS * self.sample_rate)
        noise = np.random.default_rng(1).standard_normal(length)
        shaped = np.fft.irfft(np.fft.rfft(noise) / np.sqrt(np.arange(length // 2 + 1) + 20.0), n=length)
        shaped *= 10.0 ** (level_db / 20.0) / np.sqrt(np.mean(shaped**2))
        audio = np.tile(shaped.astype(np.float32), (self.channels, len(rows)))
        out = self._stepped(rows, audio, length)
        late = out[0].reshape(len(rows), length)[:, length // 3 :]
        spectra = np.square(np.abs(np.fft.rfft(late * np.hanning(late.shape[1]), axis=1)))
        hz = np.fft.rfftfreq(late.shape[1], 1.0 / self.sample_rate)
        at = np.searchsorted(hz, np.minimum(EDGES_HZ, 0.49 * self.sample_rate))
        sums = np.add.reduceat(spectra, at, axis=1)[:, :-1]
        return np.asarray(10.0 * np.log10(np.maximum(sums, 1e-20)))

    def _stepped(self, rows: Rows, audio: Any, length: int) -> Any:
        names = sorted({name for row in rows for name in row})
        lanes: dict[str, Lane] = {
            name: [
                Breakpoint(k * length / self.sample_rate, row.get(name, self.device.get(name)), "hold")  # type: ignore[arg-type]
                for k, row in enumerate(rows)
            ]
            for name in names
        }
        return play(twin(self.device), audio, self.sample_rate, lanes)


def _surveyed(device: Device, sample_rate: float, channels: int) -> CompressorSurvey:
    ear = _Ear(device, sample_rate, channels)
    infos = [
        i
        for i in device.parameters
        if i.id in getattr(device, "automatable", [p.id for p in device.parameters])
    ]
    candidates = [i for i in infos if i.unit.lower() == "db" and i.low <= -20.0 and -20.0 < i.high <= 6.0]
    if not candidates:
        return CompressorSurvey((), (), "none of its parameters looks like a threshold in dB")
    ratios = {i.id: max(i.default, RATIO) for i in infos if _like_a_ratio(i)}
    opened: dict[str, Value] = {**ratios, **{i.id: i.high for i in candidates}}
    held: dict[str, Value] = {**ratios, **{i.id: _held(i) for i in candidates}}
    switches = _switches(ear, [i for i in infos if i.scale == "toggle"], opened, held)
    on: dict[str, Value] = dict.fromkeys(switches, True)
    drops = _drops(ear, candidates, opened | on)
    if not drops:
        return CompressorSurvey(
            (), (), "no parameter makes loud sound softer without making soft sound softer"
        )
    others = [i for i in infos if i not in candidates and i.scale not in ("toggle", "choice")]
    harder = _effects(ear, others, held | on, LOUD_DB)
    louder = _effects(ear, others, opened | on, SOFT_DB)
    most = np.argmax([drop for _, drop in drops], axis=0)
    bands = []
    for k, (info, drop) in enumerate(drops):
        where = drop > 0.5 * drop.max()
        bands.append(
            CompressorBand(
                info.id,
                _owner(harder, where, [i.id for i in others if _like_a_ratio(i)], -1.0),
                _owner(
                    louder, where, [i.id for i in others if i.unit.lower() == "db" and i.high >= 6.0], 1.0
                ),
                _named(infos, "attack", info.id),
                _named(infos, "release", info.id),
                *_range(most == k),
            )
        )
    return CompressorSurvey(tuple(bands), tuple(switches))


def _drops(
    ear: _Ear, candidates: Sequence[ParameterInfo], opened: dict[str, Value]
) -> list[tuple[ParameterInfo, Curves]]:
    """What each threshold takes from loud noise, by third octave; those that take from soft noise too are none."""
    rows = [opened, *(opened | {i.id: _held(i)} for i in candidates)]
    loud, soft = ear.levels_db(rows, LOUD_DB), ear.levels_db(rows, SOFT_DB)
    drops: list[tuple[ParameterInfo, Curves]] = []
    for k, info in enumerate(candidates, start=1):
        drop, soft_drop = loud[0] - loud[k], soft[0] - soft[k]
        if drop.max() > LEAST_DB and drop.max() > soft_drop.max() + LEAST_DB:
            drops.append((info, drop))
    return drops


def _like_a_ratio(info: ParameterInfo) -> bool:
    return info.scale in ("linear", "log") and info.unit in ("", ":1") and 1.0 <= info.low < RATIO < info.high


def _held(info: ParameterInfo) -> float:
    return max(HELD_DB, info.low)


def _switches(
    ear: _Ear, toggles: Sequence[ParameterInfo], opened: dict[str, Value], held: dict[str, Value]
) -> list[str]:
    """Switches without which thresholds do nothing: on, they take away where thresholds are low and only there."""
    if not toggles:
        return []
    flips: list[dict[str, Value]] = [{t.id: True} for t in toggles]
    low = ear.levels_db([held, *(held | flip for flip in flips)], LOUD_DB)
    open_ = ear.levels_db([opened, *(opened | flip for flip in flips)], LOUD_DB)
    return [
        t.id
        for k, t in enumerate(toggles, start=1)
        if not ear.device.get(t.id)
        and (low[0] - low[k]).max() > LEAST_DB
        and np.abs(open_[0] - open_[k]).max() < SAME_DB
    ]


def _effects(
    ear: _Ear, infos: Sequence[ParameterInfo], base: dict[str, Value], level_db: float
) -> dict[str, Curves]:
    """By how many dB each knob changes the level from a fifth of its way to four fifths, by third octave."""
    if not infos:
        return {}
    rows: list[dict[str, Value]] = [base | {i.id: i.from_unit(at)} for i in infos for at in (0.2, 0.8)]
    levels = ear.levels_db(rows, level_db)
    return {i.id: levels[2 * k + 1] - levels[2 * k] for k, i in enumerate(infos)}


def _owner(effects: Mapping[str, Curves], where: Curves, able: Sequence[str], sign: float) -> str:
    """The knob that does most where the band works."""
    sizes = {i: sign * float(effects[i][where].mean()) for i in able}
    best = max(sizes, key=lambda i: sizes[i], default="")
    return best if best and sizes[best] > LEAST_DB else ""


def _named(infos: Sequence[ParameterInfo], word: str, threshold: str) -> str:
    """The knob of that name; of several the one with the threshold's number."""
    named = [i.id for i in infos if word in i.id and i.unit.lower() in ("ms", "s")]
    number = re.findall(r"\d+", threshold)
    same = [i for i in named if re.findall(r"\d+", i) == number]
    return (same or named or [""])[0]


def _range(where: Curves) -> tuple[float, float]:
    """From where to where a band works, Hz; the ends of hearing are no ends."""
    at = np.nonzero(where)[0]
    low = 0.0 if at[0] <= 1 else float(EDGES_HZ[at[0]])
    return low, 24_000.0 if at[-1] >= len(where) - 2 else float(EDGES_HZ[at[-1] + 1])
