"""The settings of one device in the words of the trade: an EQ band, a compressor, a send, polarity, an effect."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from smartmix.figures import hertz, number, pan_position, span
from smartmix.figures import setting as in_unit
from smartmix.plan.ranges import DYNAMICS, OFF_DB, RETURN_DEVICES
from smartmix.session.returns import RETURNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.parameter import Breakpoint
    from smartmix.plan.move import MoveSet, Value

_SHAPES = {
    "bell": "",
    "low_shelf": "low shelf ",
    "high_shelf": "high shelf ",
    "high_pass": "high-pass",
    "low_pass": "low-pass",
    "notch": "notch",
    "tilt": "tilt ",
    "off": "band off",
}
_POLARITIES = {
    "normal": "polarity as recorded",
    "inverted": "polarity inverted",
    "left_inverted": "polarity of the left side inverted",
    "right_inverted": "polarity of the right side inverted",
}
_KNOBS = {
    ("fader", "gain_db"): "fader",
    ("trim", "gain_db"): "trim",
    ("pan", "pan"): "pan",
    ("width", "side_db"): "side",
    ("width", "mono_below_hz"): "mono below",
}
_ENDINGS = ("_db", "_hz", "_ms", "_s")
_SENT_TO = {item.id: item.device for item in RETURNS}


def shape_word(shape: str) -> str:
    """The shape of an EQ band as a move's title has it: "high-pass"; "" for a bell."""
    return _SHAPES.get(shape, shape).strip()


def device_words(sets: Sequence[MoveSet]) -> str:
    """Settings of one device (of an EQ: of one band) as an engineer would say them."""
    device = sets[0].ref.device
    by_key = {s.ref.parameter.rpartition(".")[2]: s for s in sets}
    if device == "eq":
        return _eq(by_key) or sets[0].ref.parameter
    if device == "compressor":
        return _compressor(by_key)
    if device == "de_esser":
        return _de_esser(by_key)
    if device == "dynamic_eq":
        return _dynamic_band(by_key)
    if device in RETURN_DEVICES:
        return f"{device} {', '.join(knob_words(s) for s in sets)}"
    return ", ".join(setting_words(s) for s in sets)


def device_key(setting: MoveSet) -> str:
    """What is told together: the settings of one band (of an EQ or dynamic EQ), compressor, de-esser or effect; else
    one setting.
    """
    device, parameter = setting.ref.device, setting.ref.parameter
    if device in ("eq", "dynamic_eq"):
        return f"{device}/{parameter.rpartition('.')[0]}"
    return device if device in (*DYNAMICS, *RETURN_DEVICES) else str(setting.ref)


def setting_words(setting: MoveSet, *, bare: bool = False) -> str:
    """One setting; ``bare`` leaves out the name of the knob where the title says it."""
    ref = setting.ref
    if ref.device == "input" and ref.parameter == "polarity":
        return _POLARITIES.get(str(setting.value), str(setting.value))
    text = with_suggestion(setting)
    if bare:
        return text
    if ref.device == "input":
        return text if setting.value == 0.0 else f"moved {text}"
    if ref.device == "send":
        return _send(setting, text)
    knob = _KNOBS.get((ref.device, ref.parameter))
    if isinstance(setting.value, tuple):
        return f"ride the {knob or ref.parameter} {text}"
    if knob == "pan" and isinstance(setting.before, float) and pan_position(setting.before) != "C":
        return f"pan from {value_words(setting, setting.before)} to {text}"
    if ref.device in (*DYNAMICS, *RETURN_DEVICES):
        return knob_words(setting)
    return f"{knob or f'{ref.device} {ref.parameter}'} {text}"


def with_suggestion(setting: MoveSet) -> str:
    """The value in force; an edited one with the value that was suggested."""
    text = value_words(setting, setting.value)
    if setting.chosen is not None and setting.chosen != setting.suggested:
        text += f" (suggested {value_words(setting, setting.suggested)})"
    return text


def value_words(setting: MoveSet, value: Value) -> str:
    """A value of a setting in words: a figure with its unit, a choice, a lane by its ends."""
    if isinstance(value, str):
        return value.replace("_", " ")
    if isinstance(value, tuple):
        return _lane_words(setting, value)
    return figure(setting, value)


def figure(setting: MoveSet, value: float) -> str:
    """A number of a setting as it stands on the knob: "L30", "+1.5 dB", "2.8 kHz", "3:1", "4.2 ms earlier"."""
    device, key = setting.ref.device, setting.ref.parameter.rpartition(".")[2]
    if device == "pan":
        return pan_position(value)
    if key == "shift_ms":
        return "in its own time" if value == 0.0 else f"{in_unit(abs(value), 'ms')} {_direction(value)}"
    if key == "ratio" and device in DYNAMICS:
        return f"{in_unit(value, '')}:1"
    if device == "send" or key in ("threshold_db", "relative_db", "knee_db"):
        return "off" if device == "send" and value <= OFF_DB else _position_db(value)
    if key.endswith("_db") or setting.unit.casefold() == "db":
        return decibels(value)
    if key.endswith("_hz") or setting.unit.casefold() == "hz":
        return hertz(value)
    return in_unit(value, setting.unit)


def knob_words(setting: MoveSet) -> str:
    """A knob of a device with its value: "pre delay 20 ms", "decay 1.6 s"."""
    name = setting.ref.parameter.rpartition(".")[2]
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return f"{name.replace('_', ' ')} {with_suggestion(setting)}"


def decibels(value_db: float) -> str:
    """A change in dB with its sign, a true minus, and one decimal: "+1.5 dB"."""
    return f"{number(value_db, plus=True)} dB"


def _position_db(value_db: float) -> str:
    """Where a knob in dB stands; it is no change, so there is no plus."""
    return f"{number(value_db)} dB"


def _direction(shift_ms: float) -> str:
    return "earlier" if shift_ms < 0.0 else "later"


def _send(setting: MoveSet, text: str) -> str:
    return_id = setting.ref.parameter.rpartition(".")[0]
    target = f"the {_SENT_TO.get(return_id, return_id)}"
    if isinstance(setting.value, tuple):
        return f"ride the send to {target} {text}"
    if setting.value == OFF_DB:
        return f"send to {target} {text}"
    return f"send to {target} at {text}"


def _compressor(by_key: dict[str, MoveSet]) -> str:
    """ "compress 3:1 over -24.0 dB, attack 12 ms, release 120 ms, +2.0 dB make-up"."""
    words = "compress"
    if "ratio" in by_key:
        words += f" {with_suggestion(by_key['ratio'])}"
    if "threshold_db" in by_key:
        words += f" over {with_suggestion(by_key['threshold_db'])}"
    if key := _key(by_key):
        words += f" of {key}"
    parts = [words]
    parts += [knob_words(by_key[key]) for key in ("attack_ms", "release_ms", "knee_db") if key in by_key]
    if "auto_times" in by_key and by_key["auto_times"].value in ("on", 1.0):
        parts.append("automatic times")
    if "detection" in by_key:
        parts.append("on the RMS level" if by_key["detection"].value == "rms" else "on the peaks")
    if "makeup_db" in by_key and by_key["makeup_db"].value != 0.0:
        parts.append(f"{with_suggestion(by_key['makeup_db'])} make-up")
    if "mix" in by_key and by_key["mix"].value != 1.0:
        parts.append(_share(by_key["mix"]))
    return ", ".join(parts)


def _key(by_key: dict[str, MoveSet]) -> str:
    """The track that is listened to, "" for the one the device is on."""
    return with_suggestion(by_key["key"]) if "key" in by_key and by_key["key"].value else ""


def _share(setting: MoveSet) -> str:
    if isinstance(setting.value, float):
        return f"{100.0 * setting.value:.0f} % in parallel"
    return f"mix {with_suggestion(setting)}"


def _de_esser(by_key: dict[str, MoveSet]) -> str:
    """ "de-ess around 6.5 kHz by at most 4.0 dB, from -36.0 dB up"."""
    words = "de-ess"
    if "freq_hz" in by_key:
        words += f" around {with_suggestion(by_key['freq_hz'])}"
    if "range_db" in by_key:
        words += f" by at most {with_suggestion(by_key['range_db']).removeprefix('+')}"
    parts = [words]
    if "threshold_db" in by_key:
        parts.append(f"from {with_suggestion(by_key['threshold_db'])} up")
    named = ("freq_hz", "range_db", "threshold_db")
    as_usual = {"relative_db": 0.0, "shape": "bell"}
    parts += [
        f"Q {with_suggestion(setting)}" if key == "q" else knob_words(setting)
        for key, setting in by_key.items()
        if key not in named and (key not in as_usual or setting.value != as_usual[key])
    ]
    return ", ".join(parts)


def _dynamic_band(by_key: dict[str, MoveSet]) -> str:
    """ "turn down around 2.8 kHz by at most 3.0 dB while it (or vox-lead) is over -30.0 dB"."""
    size = by_key.get("range_db")
    up = size is not None and isinstance(size.value, float) and size.value > 0.0
    words = "turn up" if up else "turn down"
    if "freq_hz" in by_key:
        words += f" around {with_suggestion(by_key['freq_hz'])}"
    if size is not None:
        most = with_suggestion(size).lstrip("+\N{MINUS SIGN}")
        words += f" by at most {most}"
    if "threshold_db" in by_key:
        words += f" while {_key(by_key) or 'it'} is over {with_suggestion(by_key['threshold_db'])}"
    named = ("freq_hz", "range_db", "threshold_db", "key")
    as_usual = {"shape": "bell", "detector": "band"}
    parts = [
        f"Q {with_suggestion(setting)}" if key == "q" else knob_words(setting)
        for key, setting in by_key.items()
        if key not in named and (key not in as_usual or setting.value != as_usual[key])
    ]
    return ", ".join([words, *parts])


def _lane_words(setting: MoveSet, points: tuple[Breakpoint, ...]) -> str:
    values = [p.value for p in points]
    low, high = figure(setting, min(values)), figure(setting, max(values))
    if low == high:
        return low
    deepest = max(values, key=abs)
    if set(values) == {0.0, deepest} and values[0] == values[-1] == 0.0:
        places = sum(1 for p, q in pairwise(points) if p.value == 0.0 and q.value == deepest)
        where = f"{places} places " if places > 1 else ""
        return f"{figure(setting, deepest)} in {where}{span((points[0].time_s, points[-1].time_s))}"
    between = f"between {low} and {high}"
    return f"{between} ({len(points)} points, {span((points[0].time_s, points[-1].time_s))})"


def _eq(by_key: dict[str, MoveSet]) -> str:
    """One EQ band: "-2.5 dB at 310 Hz, Q 1.2" or "high-pass at 80 Hz, 12 dB/oct"."""
    shape = str(by_key["shape"].value) if "shape" in by_key else "bell"
    words = _SHAPES.get(shape, shape)
    if shape == "off":
        return words
    if "gain_db" in by_key and shape in ("bell", "low_shelf", "high_shelf", "tilt"):
        words += setting_words(by_key["gain_db"], bare=True)
    if "freq_hz" in by_key:
        words = f"{words} at {setting_words(by_key['freq_hz'], bare=True)}".lstrip()
    if "q" in by_key and shape in ("bell", "notch"):
        words += f", Q {setting_words(by_key['q'], bare=True)}"
    if "slope_db_oct" in by_key and shape in ("high_pass", "low_pass"):
        slope = by_key["slope_db_oct"].value
        words += f", {slope:g} dB/oct" if isinstance(slope, float) else ""
    return words.strip()
