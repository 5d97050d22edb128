"""What each knob of an EQ does, found by measuring: which are gains, of what shape, and which move or widen them.

Names decide nothing here but the unit dB of a gain. Results are kept in the user's cache folder.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass

import numpy as np

from smartmix.errors import PluginError
from smartmix.parameter import ParameterInfo
from smartmix.rack.device import Device
from smartmix.rack.intents.kept import kept
from smartmix.rack.intents.probe import PULSE, Curves, curves_db, noise_gain_db, points_hz

PROBE_DB = 6.0
LEAST_DB = 0.3
"""A knob that changes less than this anywhere does nothing here."""
FLAT_DB = 0.25
"""A gain whose curve is as level as this over the whole range is an overall gain."""
BENT_DB = 0.1
"""A response that differs by more at another level is not an EQ's."""
MOVES_OCTAVES = 0.2


@dataclass(frozen=True, slots=True)
class Section:
    """One band of an EQ: its gain, what moves it, what widens it ("" where there is no such knob), and its shape."""

    gain: str
    freq: str
    width: str
    kind: str
    centre_hz: float


@dataclass(frozen=True, slots=True)
class EqSurvey:
    """The bands of a device, its overall gains, and why it is no EQ ("" when it is one)."""

    sections: tuple[Section, ...]
    overall: tuple[str, ...]
    problem: str = ""


def survey_eq(device: Device, sample_rate: float) -> EqSurvey:
    """The bands of an EQ, measured; what is not continuous (switches, choices) stays as the device has it."""
    text = kept("eq", device, sample_rate, lambda: json.dumps(asdict(_surveyed(device, sample_rate))))
    data = json.loads(text)
    sections = tuple(Section(**row) for row in data["sections"])
    return EqSurvey(sections, tuple(data["overall"]), data["problem"])


def movable(device: Device) -> tuple[ParameterInfo, ...]:
    """The continuous parameters a host may move."""
    free = getattr(device, "automatable", tuple(i.id for i in device.parameters))
    return tuple(i for i in device.parameters if i.scale in ("linear", "db", "log") and i.id in free)


def neutral(device: Device) -> dict[str, float]:
    """Every gain at 0 dB, everything else as the plugin comes."""
    return {i.id: 0.0 if _is_gain(i) else i.default for i in movable(device)}


def probe_gain(info: ParameterInfo) -> float:
    """A gain that is easily measured: +6 dB, or what the knob has."""
    return min(PROBE_DB, info.high) if info.high > 1.0 else max(-PROBE_DB, info.low)


def _is_gain(info: ParameterInfo) -> bool:
    return info.unit.lower() == "db" and info.low <= 0.0 <= info.high


def _surveyed(device: Device, sample_rate: float) -> EqSurvey:
    infos = movable(device)
    zero = neutral(device)
    gains = [i for i in infos if _is_gain(i)]
    if not gains:
        return EqSurvey((), (), "none of its parameters is a gain in dB")
    rows = [zero, *({**zero, g.id: probe_gain(g)} for g in gains)]
    measured = curves_db(device, rows, sample_rate)
    if _is_bent(device, rows, measured, sample_rate):
        return EqSurvey((), (), "its response depends on the level")
    rises = {g.id: row - measured[0] for g, row in zip(gains, measured[1:], strict=True)}
    overall = tuple(
        i for i, rise in rises.items() if np.ptp(rise) < FLAT_DB and np.ptp([0, *rise]) > LEAST_DB
    )
    shaped = [g for g in gains if g.id not in overall and np.abs(rises[g.id]).max() > LEAST_DB]
    others = [i for i in infos if not _is_gain(i)]
    owners = _owners(device, shaped, others, measured[0], sample_rate)
    hz = points_hz(sample_rate)
    return EqSurvey(tuple(_section(g.id, rises[g.id], owners[g.id], hz) for g in shaped), overall)


def _is_bent(device: Device, rows: list[dict[str, float]], measured: Curves, sample_rate: float) -> bool:
    """Whether a louder click gets another response."""
    louder = curves_db(device, rows[:1], sample_rate, pulse=4.0 * PULSE)[0]
    return bool(np.abs(louder - measured[0]).max() > BENT_DB)


_Owned = list[tuple[str, float]]


def _owners(
    device: Device,
    gains: list[ParameterInfo],
    others: list[ParameterInfo],
    flat: Curves,
    sample_rate: float,
) -> dict[str, _Owned]:
    """For each gain, the knobs that change its curve and by how many octaves they move its middle."""
    zero = neutral(device)
    rows = [
        {**zero, g.id: probe_gain(g), o.id: position(o, at)}
        for g in gains
        for o in others
        for at in (0.35, 0.65)
    ]
    owned: dict[str, _Owned] = {g.id: [] for g in gains}
    if not rows:
        return owned
    pairs = iter(curves_db(device, rows, sample_rate).reshape(-1, 2, len(flat)) - flat)
    users: dict[str, int] = {}
    for g in gains:
        for o in others:
            low, high = next(pairs)
            if np.abs(high - low).max() > LEAST_DB:
                moved = float(np.log2(_middle(high, sample_rate) / _middle(low, sample_rate)))
                owned[g.id].append((o.id, moved))
                users[o.id] = users.get(o.id, 0) + 1
    # A knob that several gains share cannot be set for one of them: it stays where it is.
    return {g: [(o, m) for o, m in knobs if users[o] == 1] for g, knobs in owned.items()}


def position(info: ParameterInfo, unit: float) -> float:
    """Plain value at a place 0..1 of the knob's way; even in octaves where the range spans more than two."""
    if info.low > 0.0 and info.high / info.low > 4.0:
        return float(min(max(info.low * (info.high / info.low) ** unit, info.low), info.high))
    return float(info.low + unit * (info.high - info.low))


def place(info: ParameterInfo, plain: float) -> float:
    """The place 0..1 of a plain value on the knob's way: the inverse of ``position``."""
    plain = min(max(plain, info.low), info.high)
    if info.low > 0.0 and info.high / info.low > 4.0:
        return math.log(plain / info.low) / math.log(info.high / info.low)
    return (plain - info.low) / (info.high - info.low)


def _middle(rise: Curves, sample_rate: float) -> float:
    """Where the middle of a curve's area lies, Hz; for a shelf that is where it turns."""
    hz = points_hz(sample_rate)
    size = np.abs(rise)
    steps = np.abs(np.gradient(rise)) if _shape(rise) != "bell" else size
    weight = steps if steps.sum() > 0 else np.ones_like(size)
    return float(2.0 ** (np.sum(np.log2(hz) * weight) / weight.sum()))


def _shape(rise: Curves) -> str:
    """Bell, or a shelf: a side that stays up while the other is down."""
    peak = np.abs(rise).max()
    low, high = abs(rise[:6]).mean(), abs(rise[-6:]).mean()
    if low > 0.6 * peak and high < 0.4 * peak:
        return "low_shelf"
    return "high_shelf" if high > 0.6 * peak and low < 0.4 * peak else "bell"


def _section(gain: str, rise: Curves, owned: _Owned, hz: Curves) -> Section:
    freq = max(owned, key=lambda each: abs(each[1]), default=("", 0.0))
    freq_id = freq[0] if abs(freq[1]) > MOVES_OCTAVES else ""
    widths = [o for o, _ in owned if o != freq_id]
    kind = _shape(rise)
    weight = np.abs(rise) if kind == "bell" else np.abs(np.gradient(rise))
    centre = float(2.0 ** (np.sum(np.log2(hz) * weight) / weight.sum()))
    return Section(gain, freq_id, widths[0] if widths else "", kind, centre)


def require_eq(device: Device, survey: EqSurvey, sample_rate: float) -> None:
    """PluginError for a device that is no EQ, or not as it is set now."""
    problem = survey.problem or ("" if survey.sections else "none of its knobs shapes the spectrum")
    if not problem:
        loud, soft = (noise_gain_db(device, sample_rate, level_db) for level_db in (-10.0, -50.0))
        problem = "its response depends on the level" if abs(loud - soft) > BENT_DB else ""
    if problem:
        raise PluginError(f"{device.name} cannot carry out an EQ: {problem}")
