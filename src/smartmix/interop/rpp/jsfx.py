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

from smartmix.interop.model import Compressor, Control, Equalizer
from smartmix.interop.rpp.fxchain import FxBlock, FxEnvelope
from smartmix.interop.rpp.parts import number as shown
from smartmix.parameter import Breakpoint
from smartmix.plan.ranges import RANGES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from smartmix.interop.model import Device

EQUALISER, COMPRESSOR = "smartmix_equaliser.jsfx", "smartmix_compressor.jsfx"
FOLDER = "smartmix"
"""Of the sources, below REAPER's folder Effects."""
BANDS = 8
"""Of one equaliser; one that has more becomes several in a row."""
SHAPES = ("bell", "low_shelf", "high_shelf", "high_pass", "low_pass", "notch", "tilt")
SLOPES_DB_OCT = tuple(float(slope) for slope in RANGES["eq", "slope_db_oct"].choices)
FIELDS = ("on", "shape", "freq_hz", "gain_db", "q", "slope_db_oct")
KNOBS = ("trim", "threshold_db", "ratio", "knee_db", "attack_ms", "release_ms", "makeup_db", "mix")
LOGARITHMIC = ("freq_hz", "q", "attack_ms", "release_ms")
_VALUES = 64
TRIM, RMS, AUTO_TIMES = 1, 9, 10
LONGEST_STEP = 0.05
"""Of a line straight in its logarithm: a straight line over it is at most 0.03 % off (step^2 / 8)."""
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
    return tuple(sorted({file for effect in effects if (file := file_of(effect)) is not None}))


def _equaliser(device: Equalizer) -> FxBlock:
    sets = [_Set(TRIM, device.trim)]
    for index, band in enumerate(device.bands):
        at = first_slider(index)
        values = (
            Control(1.0 if band.enabled else 0.0),
            Control(float(SHAPES.index(band.shape))),
            band.freq_hz,
            band.gain_db,
            band.q,
            Control(_slope_step(band.slope_db_oct)),
        )
        sets += [
            _Set(at + place, value, name in LOGARITHMIC)
            for place, (name, value) in enumerate(zip(FIELDS, values, strict=True))
        ]
    return _effect(EQUALISER, sets, device.enabled, device.comment)


def _slope_step(slope_db_oct: float) -> float:
    """The step of the slider that is nearest; 12 dB/oct where none is said."""
    wanted = slope_db_oct or 12.0
    return float(min(range(len(SLOPES_DB_OCT)), key=lambda step: abs(SLOPES_DB_OCT[step] - wanted)))


def _compressor(device: Compressor) -> FxBlock:
    sets = [_Set(number, getattr(device, name), name in LOGARITHMIC) for number, name in enumerate(KNOBS, 1)]
    sets += [_Set(RMS, Control(float(device.rms))), _Set(AUTO_TIMES, Control(float(device.auto_times)))]
    return _effect(COMPRESSOR, sets, device.enabled, device.comment)


def first_slider(band: int) -> int:
    """The first slider of a band, which is counted from 0."""
    return 2 + band * len(FIELDS)


def _effect(file: str, sets: Sequence[_Set], enabled: bool, comment: str) -> FxBlock:
    known = sliders(file)
    values = {number: slider.default for number, slider in known.items()}
    envelopes = []
    for each in sets:
        slider = known[each.slider]
        values[each.slider] = inside(each.control.value, slider)
        if each.control.points:
            envelopes.append(_envelope(each, slider))
    row = [shown(values[number]) if number in values else "-" for number in range(1, _VALUES + 1)]
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
        points=tuple(replace(point, value=inside(point.value, slider)) for point in points),
        low=slider.low,
        high=slider.high,
        middle=0.5 * (slider.low + slider.high),
        name=slider.name,
    )


def inside(value: float, slider: Slider) -> float:
    """A value where the slider's range has it."""
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


def file_of(effect: FxBlock) -> str | None:
    """The source of an effect of ours; None for any other."""
    if effect.tag != "JS" or len(effect.words) < 2:
        return None
    name = PurePosixPath(effect.words[1].replace("\\", "/")).name
    return name if name in (EQUALISER, COMPRESSOR) else None
