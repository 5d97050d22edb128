"""smartmix's own equaliser and compressor as JSFX: effects whose source REAPER compiles, with a slider for every knob.

The sources lie in ``effects/``; an export puts them into "Effects/smartmix" beside the project. A chain holds
``<JS "folder/file" ""`` with one line of 64 values, "-" for a slider that is not there, and a PARMENV for each slider
that moves, in the slider's own unit (ReaTeam/Doc, "State Chunk Definitions"). REAPER draws straight lines of that unit;
what moves straight in its logarithm here is told with more points.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from smartmix.interop.model import Compressor, Control, EqBand, Equalizer, Loss
from smartmix.interop.rpp.fxchain import FxBlock, FxEnvelope
from smartmix.interop.rpp.parts import exact
from smartmix.parameter import Breakpoint
from smartmix.plan.ranges import RANGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from smartmix.interop.model import Device

EQUALISER, COMPRESSOR = "smartmix_equaliser.jsfx", "smartmix_compressor.jsfx"
FOLDER = "smartmix"
"""Of the sources, below REAPER's folder Effects."""
BANDS = 8
"""Of one equaliser; one that has more becomes several in a row."""
SHAPES = ("bell", "low_shelf", "high_shelf", "high_pass", "low_pass", "notch", "tilt")
SLOPES_DB_OCT = tuple(float(slope) for slope in RANGES["eq", "slope_db_oct"].choices)
_FIELDS = ("on", "shape", "freq_hz", "gain_db", "q", "slope_db_oct")
_KNOBS = ("trim", "threshold_db", "ratio", "knee_db", "attack_ms", "release_ms", "makeup_db", "mix")
_LOGARITHMIC = ("freq_hz", "q", "attack_ms", "release_ms")
_VALUES = 64
_TRIM, _RMS, _AUTO = 1, 9, 10
LONGEST_STEP = 0.05
"""Of a line straight in its logarithm: a straight line over it is at most 0.03 % off (step^2 / 8)."""
SAME_LINE = 1e-4
"""Points this close (in the logarithm) to the line of their neighbours were put in between."""
_UNHEARD = "kept for the way back, not heard here"
_SLIDER = re.compile(r"slider(\d+):([-\d.]+)<([-\d.]+),([-\d.]+),[^>]*>(.*)")


@dataclass(frozen=True, slots=True)
class Slider:
    """One slider of an effect, as its source has it."""

    name: str
    default: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Set:
    """Where a slider is put: a value, or a lane it follows."""

    slider: int
    control: Control
    is_log: bool = False


@lru_cache(maxsize=2)
def sliders(file: str) -> dict[int, Slider]:
    """The sliders of an effect by number, from 1."""
    found = {}
    for line in source(file).splitlines():
        if (match := _SLIDER.fullmatch(line)) is not None:
            number, default, low, high, name = match.groups()
            found[int(number)] = Slider(name, float(default), float(low), float(high))
    return found


def source(file: str) -> str:
    """The text of an effect."""
    return (Path(__file__).parent / "effects" / file).read_text("utf-8")


def jsfx_effects(device: Device) -> tuple[FxBlock, ...]:
    """The effects that do what a device does; none for one that is no equaliser or compressor of ours."""
    if isinstance(device, Compressor):
        return (_compressor(device),)
    if isinstance(device, Equalizer) and all(band.shape in SHAPES for band in device.bands):
        runs = [device.bands[at : at + BANDS] for at in range(0, len(device.bands), BANDS)] or [()]
        made = [replace(device, bands=bands, trim=Control()) for bands in runs]
        made[0] = replace(made[0], trim=device.trim)
        return tuple(_equaliser(each) for each in made)
    return ()


def files_of(effects: Iterable[FxBlock]) -> tuple[str, ...]:
    """The sources that effects of ours need."""
    return tuple(sorted({file for effect in effects if (file := _file(effect)) is not None}))


def _equaliser(device: Equalizer) -> FxBlock:
    sets = [_Set(_TRIM, device.trim)]
    for index, band in enumerate(device.bands):
        at = _first(index)
        slope = min(SLOPES_DB_OCT, key=lambda known, band=band: abs(known - (band.slope_db_oct or 12.0)))  # type: ignore[misc]
        values = (
            Control(1.0 if band.enabled else 0.0),
            Control(float(SHAPES.index(band.shape))),
            band.freq_hz,
            band.gain_db,
            band.q,
            Control(float(SLOPES_DB_OCT.index(slope))),
        )
        sets += [
            _Set(at + place, value, name in _LOGARITHMIC)
            for place, (name, value) in enumerate(zip(_FIELDS, values, strict=True))
        ]
    return _effect(EQUALISER, sets, device.enabled, device.comment)


def _compressor(device: Compressor) -> FxBlock:
    sets = [
        _Set(number, getattr(device, name), name in _LOGARITHMIC) for number, name in enumerate(_KNOBS, 1)
    ]
    sets += [_Set(_RMS, Control(float(device.rms))), _Set(_AUTO, Control(float(device.auto_times)))]
    return _effect(COMPRESSOR, sets, device.enabled, device.comment)


def _first(band: int) -> int:
    return 2 + band * len(_FIELDS)


def _effect(file: str, sets: Sequence[_Set], enabled: bool, comment: str) -> FxBlock:  # noqa: FBT001
    known = sliders(file)
    values = {number: slider.default for number, slider in known.items()}
    envelopes = []
    for each in sets:
        slider = known[each.slider]
        values[each.slider] = _inside(each.control.value, slider)
        if each.control.points:
            envelopes.append(_envelope(each, slider))
    row = [exact(values[number]) if number in values else "-" for number in range(1, _VALUES + 1)]
    return FxBlock(
        words=("JS", f"{FOLDER}/{file}", ""),
        lines=(" ".join(row),),
        envelopes=tuple(envelopes),
        enabled=enabled,
        comment=comment,
    )


def _envelope(each: _Set, slider: Slider) -> FxEnvelope:
    points = _between(each.control.points) if each.is_log else each.control.points
    return FxEnvelope(
        parameter=str(each.slider - 1),
        points=tuple(replace(point, value=_inside(point.value, slider)) for point in points),
        low=slider.low,
        high=slider.high,
        middle=0.5 * (slider.low + slider.high),
        name=slider.name,
    )


def _inside(value: float, slider: Slider) -> float:
    return min(max(value, slider.low), slider.high)


def _between(points: Sequence[Breakpoint]) -> list[Breakpoint]:
    """Lines straight in the logarithm as lines straight in the value."""
    drawn: list[Breakpoint] = []
    for start, end in pairwise(points):
        drawn.append(start)
        if start.curve != "linear" or end.time_s <= start.time_s:
            continue
        whole = math.log(end.value / start.value)
        steps = math.ceil(abs(whole) / LONGEST_STEP)
        drawn += [
            Breakpoint(
                start.time_s + step / steps * (end.time_s - start.time_s),
                start.value * math.exp(whole * step / steps),
            )
            for step in range(1, steps)
        ]
    return [*drawn, *points[-1:]]


def jsfx_device(effect: FxBlock, where: str) -> tuple[Device, list[Loss]] | None:
    """What an effect of ours does as a device, with what of it is not heard here; None for any other effect.

    Sliders a person moved count, values past their ends are held there. ``where`` is the track's name.
    """
    file = _file(effect)
    if file is None:
        return None
    knobs = _Knobs(file, effect)
    device = _read_equaliser(knobs) if file == EQUALISER else _read_compressor(knobs)
    said = knobs.unheard()
    if effect.wet != 1.0:
        said.append(f"mixed {effect.wet:.0%} with the dry sound")
    said += [f"{name} moves" for each in effect.envelopes if each.active and (name := each.ident)]
    if any(each.bent for each in effect.envelopes if each.active):
        said.append("curved points of a lane (straight lines between them are heard)")
    losses = [Loss(where, f"{device.name}: {text}", _UNHEARD) for text in said] if device.enabled else []
    return device, losses


def _file(effect: FxBlock) -> str | None:
    if effect.tag != "JS" or len(effect.words) < 2:
        return None
    name = PurePosixPath(effect.words[1].replace("\\", "/")).name
    return name if name in (EQUALISER, COMPRESSOR) else None


class _Knobs:
    """The sliders of an effect that was read."""

    def __init__(self, file: str, effect: FxBlock) -> None:
        self.sliders = sliders(file)
        self.effect = effect
        words = " ".join(effect.lines).split()
        self.values = {
            number: _inside(_figure(words, number - 1, slider.default), slider)
            for number, slider in self.sliders.items()
        }
        self.lanes = {each.index + 1: each for each in effect.envelopes if _moves(each)}
        self.taken: set[int] = set()

    def control(self, number: int, *, is_log: bool = False) -> Control:
        """A slider with its lane."""
        self.taken.add(number)
        lane = self.lanes.get(number)
        if lane is None:
            return Control(self.values[number])
        slider = self.sliders[number]
        points = [replace(point, value=_inside(point.value, slider)) for point in lane.points]
        if is_log:
            points = _without_between(points)
        return Control(points[0].value, tuple(points))

    def switch(self, number: int) -> int:
        """A slider that has steps; a lane of it is not heard."""
        return round(self.values[number])

    def unheard(self) -> list[str]:
        """The lanes that no control has taken."""
        rest = [number for number in self.lanes if number not in self.taken and number in self.sliders]
        return [f"{self.sliders[number].name} moves" for number in sorted(rest)]


def _moves(each: FxEnvelope) -> bool:
    return each.active and bool(each.points) and each.index >= 0 and not each.ident


def _figure(words: Sequence[str], index: int, default: float) -> float:
    try:
        value = float(words[index])
    except (IndexError, ValueError):
        return default
    return value if math.isfinite(value) else default


def _read_equaliser(knobs: _Knobs) -> Equalizer:
    bands = []
    for index in range(BANDS):
        at = _first(index)
        on, shape = knobs.switch(at), SHAPES[knobs.switch(at + 1)]
        if not on and not _touched(knobs, at):
            continue
        bands.append(
            EqBand(
                shape,
                knobs.control(at + 2, is_log=True),
                knobs.control(at + 3) if shape in ("bell", "low_shelf", "high_shelf", "tilt") else Control(),
                knobs.control(at + 4, is_log=True),
                SLOPES_DB_OCT[knobs.switch(at + 5)] if shape in ("high_pass", "low_pass") else 0.0,
                enabled=bool(on),
            )
        )
    on = knobs.effect.enabled and not knobs.effect.offline
    return Equalizer(
        tuple(bands), comment=knobs.effect.comment, enabled=on, trim=knobs.control(_TRIM)
    )


def _touched(knobs: _Knobs, at: int) -> bool:
    """Whether a band that is off has ever been set: it keeps its place."""
    numbers = range(at + 1, at + len(_FIELDS))
    return any(n in knobs.lanes or knobs.values[n] != knobs.sliders[n].default for n in numbers)


def _read_compressor(knobs: _Knobs) -> Compressor:
    read: Mapping[str, Control] = {
        name: knobs.control(number, is_log=name in _LOGARITHMIC) for number, name in enumerate(_KNOBS, 1)
    }
    return Compressor(
        **read,
        rms=bool(knobs.switch(_RMS)),
        auto_times=bool(knobs.switch(_AUTO)),
        comment=knobs.effect.comment,
        enabled=knobs.effect.enabled and not knobs.effect.offline,
    )


def _without_between(points: Sequence[Breakpoint]) -> list[Breakpoint]:
    """The points without those that lie on a line straight in the logarithm, as ``_between`` puts them."""
    from smartmix.interop.lanes import without_between

    logs = [replace(point, value=math.log(point.value)) for point in points]
    return [replace(p, value=math.exp(p.value)) for p in without_between(logs, SAME_LINE)]
