"""Effects of ours in a REAPER chain as devices again: what a person moved there counts."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from smartmix.interop.lanes import without_between
from smartmix.interop.model import Compressor, Control, EqBand, Equalizer, Loss
from smartmix.interop.rpp.jsfx import (
    AUTO_TIMES,
    BANDS,
    EQUALISER,
    FIELDS,
    KNOBS,
    LOGARITHMIC,
    RMS,
    SHAPES,
    SLOPES_DB_OCT,
    TRIM,
    file_of,
    first_slider,
    inside,
    sliders,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.interop.model import Device
    from smartmix.interop.rpp.fxchain import FxBlock, FxEnvelope
    from smartmix.parameter import Breakpoint

SAME_LINE = 1e-4
"""Points this close (in the logarithm) to the line of their neighbours were put in between."""
_UNHEARD = "kept for the way back, not heard here"


def jsfx_device(effect: FxBlock, where: str) -> tuple[Device, list[Loss]] | None:
    """What an effect of ours does as a device, with what of it is not heard here; None for any other effect.

    Sliders a person moved count, values past their ends are held there. ``where`` is the track's name.
    """
    file = file_of(effect)
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


class _Knobs:
    """The sliders of an effect that was read."""

    def __init__(self, file: str, effect: FxBlock) -> None:
        self.sliders = sliders(file)
        self.effect = effect
        words = " ".join(effect.lines).split()
        self.values = {
            number: inside(_figure(words, number - 1, slider.default), slider)
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
        points = [replace(point, value=inside(point.value, slider)) for point in lane.points]
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
        at = first_slider(index)
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
    return Equalizer(
        tuple(bands), comment=knobs.effect.comment, enabled=_is_on(knobs.effect), trim=knobs.control(TRIM)
    )


def _touched(knobs: _Knobs, at: int) -> bool:
    """Whether a band that is off has ever been set: it keeps its place."""
    numbers = range(at + 1, at + len(FIELDS))
    return any(n in knobs.lanes or knobs.values[n] != knobs.sliders[n].default for n in numbers)


def _read_compressor(knobs: _Knobs) -> Compressor:
    def knob(name: str) -> Control:
        return knobs.control(KNOBS.index(name) + 1, is_log=name in LOGARITHMIC)

    return Compressor(
        threshold_db=knob("threshold_db"),
        ratio=knob("ratio"),
        attack_ms=knob("attack_ms"),
        release_ms=knob("release_ms"),
        makeup_db=knob("makeup_db"),
        knee_db=knob("knee_db"),
        comment=knobs.effect.comment,
        enabled=_is_on(knobs.effect),
        mix=knob("mix"),
        rms=bool(knobs.switch(RMS)),
        auto_times=bool(knobs.switch(AUTO_TIMES)),
        trim=knob("trim"),
    )


def _is_on(effect: FxBlock) -> bool:
    return effect.enabled and not effect.offline


def _without_between(points: Sequence[Breakpoint]) -> list[Breakpoint]:
    """The points without those that lie on a line straight in the logarithm, as ``_between`` puts them."""
    logs = [replace(point, value=math.log(point.value)) for point in points]
    return [replace(p, value=math.exp(p.value)) for p in without_between(logs, SAME_LINE)]
