"""The few things a chart is made of: scales, ticks, axes, lines with gaps, labels that do not collide."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from smartmix.figures import format_time
from smartmix.report.markup import Attribute, Child, Html, coordinate, join, tag
from smartmix.report.words import number
from smartmix.session.session import Section

WIDTH = 920.0
"""Width of a chart on the page, in its own units; data lies between LEFT and RIGHT."""
LEFT, RIGHT = 52.0, 848.0
TIME_STEPS_S = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values low..high to positions start..end, logarithmically if ``log``; clamps values outside."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Position of a value."""
        clamped = min(max(value, min(self.low, self.high)), max(self.low, self.high))
        if self.log:
            share = math.log(clamped / self.low) / math.log(self.high / self.low)
        else:
            share = (clamped - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Box:
    """The rectangle data is drawn in."""

    left: float
    top: float
    right: float
    bottom: float


def figure(key: str, size: tuple[float, float], title: str, description: str, *children: Child) -> Html:
    """An SVG drawing that scales to the column, with a text alternative for people who do not see it."""
    width, height = size
    return tag(
        "svg",
        tag("title", title, id=f"{key}-title"),
        tag("desc", description, id=f"{key}-desc"),
        *children,
        viewBox=f"0 0 {coordinate(width)} {coordinate(height)}",
        role="img",
        aria_labelledby=f"{key}-title {key}-desc",
        class_="chart",
    )


def label(x: float, y: float, text: str, class_: str = "label", anchor: str | None = None) -> Html:
    """A word on a chart; ``anchor`` is start, middle or end."""
    return tag("text", text, x=x, y=y, class_=class_, text_anchor=anchor)


def rule(x1: float, y1: float, x2: float, y2: float, class_: str = "grid") -> Html:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def block(x: float, y: float, width: float, height: float, class_: str, **attributes: Attribute) -> Html:
    """A rectangle."""
    return tag("rect", x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), class_=class_, **attributes)


def curve(xs: Sequence[float], ys: Sequence[float], class_: str) -> Html:
    """A line through the points; a y that is not finite lifts the pen."""
    steps: list[str] = []
    pen_down = False
    for x, y in zip(xs, ys, strict=True):
        if not math.isfinite(y):
            pen_down = False
            continue
        steps.append(f"{'L' if pen_down else 'M'}{x:.1f} {y:.1f}")
        pen_down = True
    return tag("path", d="".join(steps), class_=class_)


def area(xs: Sequence[float], ys: Sequence[float], base: float, class_: str) -> Html:
    """The surface between a line and a level; all values must be finite."""
    if not xs:
        return Html("")
    points = "".join(f"L{x:.1f} {y:.1f}" for x, y in zip(xs, ys, strict=True))
    return tag("path", d=f"M{xs[0]:.1f} {base:.1f}{points}L{xs[-1]:.1f} {base:.1f}Z", class_=class_)


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most ``most`` round values (1, 2 or 5 times a power of ten apart) from low to high."""
    rough_step = max((high - low) / most, 1e-9)
    magnitude = 10.0 ** math.floor(math.log10(rough_step))
    step = next(magnitude * m for m in (1, 2, 5, 10) if magnitude * m >= rough_step * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [index * step for index in range(first, math.floor(high / step + 1e-9) + 1)]


def time_ticks(duration_s: float, most: int = 10) -> list[float]:
    """Times a person would put on a ruler, from 0 to the end of the song."""
    step = next((s for s in TIME_STEPS_S if duration_s / s <= most), TIME_STEPS_S[-1])
    return [float(t) for t in range(0, math.floor(duration_s) + 1, step)]


def time_axis(box: Box, x: Scale, duration_s: float) -> Html:
    """Ticks in m:ss under the box."""
    marks = []
    for time_s in time_ticks(duration_s):
        at = x(time_s)
        marks.append(rule(at, box.bottom, at, box.bottom + 4, "axis"))
        marks.append(label(at, box.bottom + 17, format_time(time_s), "tick", "middle"))
    return join(rule(box.left, box.bottom, box.right, box.bottom, "axis"), *marks)


def level_axis(box: Box, y: Scale, values: Iterable[float], unit: str, *, plus: bool = False) -> Html:
    """Horizontal grid lines with their values on the left; the unit stands over the top value."""
    marks = []
    for value in values:
        at = y(value)
        marks.append(rule(box.left, at, box.right, at, "zero" if plus and value == 0 else "grid"))
        decimals = 0 if float(value).is_integer() else 1
        marks.append(label(box.left - 7, at + 4, number(value, decimals, plus=plus), "tick", "end"))
    return join(*marks, label(box.left - 7, box.top - 12, unit, "unit", "end"))


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Label positions near the wanted ones, at least ``gap`` apart, inside low..high when there is room."""
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    placed = [0.0] * len(positions)
    floor = low
    for index in order:
        placed[index] = max(positions[index], floor)
        floor = placed[index] + gap
    ceiling = high
    for index in reversed(order):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    return placed


def fitting(text: str, width: float, letter_width: float) -> str:
    """The text, shortened with an ellipsis to the width; empty when not even three letters fit."""
    letters = int(width / letter_width)
    if len(text) <= letters:
        return text
    return f"{text[: letters - 1].rstrip()}…" if letters >= 4 else ""


def end_labels(box: Box, wanted: Sequence[tuple[str, float]]) -> Html:
    """Names of lines at their right ends, moved apart where they would overlap; (name, y) pairs."""
    places = spread([position for _, position in wanted], 17.0, box.top + 6, box.bottom - 2)
    return join(
        *(
            label(box.right + 8, place + 4, name, f"name {name}")
            for (name, _), place in zip(wanted, places, strict=True)
        )
    )


def section_bands(sections: Sequence[Section], x: Scale, box: Box, bottom: float) -> Html:
    """Every other section of the song shaded, with its name above the chart."""
    parts = []
    for index, section in enumerate(sections):
        start, end = x(section.start_s), x(section.end_s)
        if index % 2 == 0:
            parts.append(block(start, box.top, end - start, bottom - box.top, "band"))
        name = fitting(section.name, end - start - 6, 7.0)
        if name:
            parts.append(label((start + end) / 2, box.top - 9, name, "section", "middle"))
    return join(*parts)
