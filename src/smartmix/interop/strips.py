"""One strip of the mixer as channel and generic devices, and what of it no generic device can do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from smartmix.interop.model import Compressor, Control, EqBand, Equalizer
from smartmix.parameter import Breakpoint
from smartmix.plan.ranges import EQ_SHAPES, RANGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartmix.automation.events import StripSettings
    from smartmix.automation.lane import FrameLane
    from smartmix.interop.model import Device

PASSES = ("high_pass", "low_pass", "notch")
SLOPES_DB_OCT = RANGES["eq", "slope_db_oct"].choices
_UNTOLD = {"dynamic_eq": "dynamic EQ", "de_esser": "de-esser", "width": "stereo width"}
_COMPRESSOR = {"knee_db": "a knee", "detection": "RMS detection", "auto_times": "automatic times"}

Lanes = dict[str, "FrameLane"]


@dataclass(slots=True)
class Told:
    """What of a strip can be said: ``trim`` to ``pan``, and its devices. ``lost`` is what cannot, in the trade's words;
    ``near`` what is said but sounds a little otherwise.
    """

    trim: Control = field(default_factory=Control)
    volume: Control = field(default_factory=Control)
    pan: Control = field(default_factory=Control)
    devices: tuple[Device, ...] = ()
    sends: dict[int, Control] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    near: list[str] = field(default_factory=list)
    own: bool = False
    """Whether equaliser and compressor are smartmix's own, over there too."""


def tell(strip: StripSettings, sample_rate: float, carries: frozenset[str]) -> Told:
    """A compiled strip as far as a format that ``carries`` "eq" and "compressor" has words for it; one that carries
    "own_devices" has words for all that these do here.
    """
    lanes, told = dict(strip.lanes), Told(own="own_devices" in carries)
    told.trim = control(lanes.pop("trim.gain_db", None), sample_rate)
    told.volume = control(lanes.pop("fader.gain_db", None), sample_rate)
    told.pan = control(lanes.pop("pan.pan", None), sample_rate)
    devices: list[Device] = []
    if bands := _bands(lanes, sample_rate, told):
        if "eq" in carries:
            devices.append(Equalizer(tuple(bands)))
        else:
            told.lost.append(f"EQ ({len(bands)} bands)" if len(bands) > 1 else "an EQ band")
    if "compressor" in strip.keys:
        for name in [n for n in lanes if n.startswith("compressor.")]:
            del lanes[name]
        told.lost.append(f"a compressor that listens to {strip.keys['compressor']}")
    if (compressor := _compressor(lanes, sample_rate, told)) is not None:
        if "compressor" in carries:
            devices.append(compressor)
        else:
            told.lost.append("a compressor")
    told.devices = tuple(devices)
    told.lost += _rest(lanes)
    for name in [n for n in lanes if n.startswith("send")]:
        told.sends[int(name.removeprefix("send").partition(".")[0])] = control(lanes[name], sample_rate)
    return told


def control(lane: FrameLane | None, sample_rate: float, *, rest: float = 0.0) -> Control:
    """A lane in frames as a control in seconds."""
    if lane is None:
        return Control(rest)
    if len(set(lane.values.tolist())) == 1:
        return Control(float(lane.values[0]))
    pairs = zip((lane.frames / sample_rate).tolist(), lane.values.tolist(), strict=True)
    return Control(lane.value_at(0), tuple(Breakpoint(time_s, value) for time_s, value in pairs))


def _bands(lanes: Lanes, sample_rate: float, told: Told) -> list[EqBand]:
    """Bands of the strip's equaliser; a tilt is lost where it is not our own, for no format has the word."""
    tables: dict[int, dict[str, FrameLane]] = {}
    for name in [n for n in lanes if n.startswith("eq.")]:
        _, band, parameter = name.split(".")
        tables.setdefault(int(band.removeprefix("band")), {})[parameter] = lanes.pop(name)
    bands = []
    for _, table in sorted(tables.items()):
        shape = str(EQ_SHAPES[int(table["shape"].values.max())])
        if shape == "tilt" and not told.own:
            told.lost.append("a tilt EQ")
            continue
        if shape in PASSES and len(table["freq_hz"].frames) > 1:
            told.near.append(f"the {shape.replace('_', '-')} rests at the end of its range outside its span")
        slope = table.get("slope_db_oct")
        has_slope = shape in ("high_pass", "low_pass")
        bands.append(
            EqBand(
                shape,
                control(table["freq_hz"], sample_rate),
                control(table.get("gain_db"), sample_rate),
                control(table.get("q"), sample_rate, rest=RANGES["eq", "q"].default),
                (float(SLOPES_DB_OCT[1 if slope is None else int(slope.values[0])]) if has_slope else 0.0),
            )
        )
    return bands


def _compressor(lanes: Lanes, sample_rate: float, told: Told) -> Compressor | None:
    """The strip's compressor, if a plain one does the same; else it is lost."""
    own = {n.partition(".")[2]: lanes.pop(n) for n in [n for n in lanes if n.startswith("compressor.")]}
    if not own:
        return None
    if told.own:
        return _own_compressor(own, sample_rate)
    mix = own.pop("mix", None)
    ratio = own.get("ratio")
    if mix is not None and (mix.values != 1.0).any():
        held = (
            ratio is not None and {float(v) for v in mix.values} <= {0.0, 1.0} and ratio.values.min() == 1.0
        )
        if not held:
            told.lost.append("a parallel compressor")
            return None
        told.near.append("outside its span the compressor stands at 1:1, where it still lets go")
    odd = [
        word
        for name, word in _COMPRESSOR.items()
        if name in own and name != "knee_db" and own[name].values.any()
    ]
    if odd:
        told.lost.append(f"the compressor's {' and '.join(odd)}")
    told.near.append("a DAW's own compressor has its own knee and detector: match the reduction by ear")

    return _with_knobs(own, sample_rate)


def _own_compressor(own: Lanes, sample_rate: float) -> Compressor:
    """All of it: how it listens is fixed for a song."""
    switches = {
        name: bool(own[name].values.any()) if name in own else False for name in ("detection", "auto_times")
    }
    return replace(
        _with_knobs(own, sample_rate),
        mix=control(own.get("mix"), sample_rate, rest=RANGES["compressor", "mix"].default),
        rms=switches["detection"],
        auto_times=switches["auto_times"],
    )


def _with_knobs(own: Lanes, sample_rate: float) -> Compressor:
    def knob(name: str) -> Control:
        return control(own.get(name), sample_rate, rest=RANGES["compressor", name].default)

    return Compressor(
        threshold_db=knob("threshold_db"),
        ratio=knob("ratio"),
        attack_ms=knob("attack_ms"),
        release_ms=knob("release_ms"),
        makeup_db=knob("makeup_db"),
        knee_db=knob("knee_db"),
    )


def _rest(lanes: Mapping[str, FrameLane]) -> list[str]:
    """Devices that no format has."""
    found = dict.fromkeys(_UNTOLD[d] for n in lanes if (d := n.partition(".")[0]) in _UNTOLD)
    return [f"a {word}" if word != "stereo width" else word for word in found]
