"""The settings sheet: what to type into any DAW to get the same faders, pans, EQ, dynamics and sends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smartmix.parameter import Breakpoint
from smartmix.plan.conflicts import resolve
from smartmix.plan.move import Move, MoveSet
from smartmix.plan.ranges import is_key
from smartmix.report import words
from smartmix.report.markup import Html, join, tag
from smartmix.report.settings import parameter_name, value_words
from smartmix.session.returns import RETURNS

if TYPE_CHECKING:
    from smartmix.workflow.result import MixResult

_SHAPES = {"bell": "bell", "low_shelf": "low shelf", "high_shelf": "high shelf", "high_pass": "high-pass"}
_SHAPES |= {"low_pass": "low-pass", "notch": "notch", "tilt": "tilt"}
_DEVICES = {"dynamic_eq": "Dynamic EQ", "compressor": "Compressor", "de_esser": "De-esser"}
_DEVICES |= {"reverb": "Reverb", "delay": "Delay"}
SHOWN_POINTS = 8


@dataclass(slots=True)
class Strip:
    """One channel of the sheet: fader and trim in dB, pan, and lines for everything else in signal order."""

    name: str
    fader_db: float = 0.0
    trim_db: float = 0.0
    pan: float = 0.0
    lines: list[str] = field(default_factory=list)
    rides: list[str] = field(default_factory=list)


def sheet(result: MixResult) -> Html:
    """A table a person can type from: one row a channel, then the returns and the master."""
    rows = [_row(strip) for strip in strips(result)]
    head = tag(
        "tr", *(tag("th", t, scope="col") for t in ("Channel", "Trim", "Fader", "Pan", "Then, in this order"))
    )
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="list sheet")
    master = result.master
    last = (
        f"Master: {words.change(master.gain_db)} into a true-peak limiter at "
        f"{words.level(master.ceiling_dbtp, 'dBTP')}. "
        "Pan law: 0 dB at the centre, constant power; stereo tracks use balance."
    )
    return join(tag("div", table, class_="scroll"), tag("p", last, class_="note"))


def strips(result: MixResult) -> list[Strip]:
    """The channels of the mix as the moves in force leave them, then buses and returns that do something."""
    moves = resolve(result.plan)[0]
    session = result.session
    rows = []
    for track in session.audible_tracks:
        strip = Strip(track.name, track.gain_db, 0.0, track.pan)
        _fill(strip, track.id, moves)
        rows.append(strip)
    others = [(bus.id, f"{bus.name} (group)", bus.gain_db) for bus in session.buses]
    others += [(back.id, back.name, 0.0) for back in RETURNS]
    for id_, name, gain_db in others:
        strip = Strip(name, gain_db)
        if _fill(strip, id_, moves) or gain_db:
            rows.append(strip)
    return rows


def _fill(strip: Strip, id_: str, moves: Iterable[Move]) -> bool:
    """Add what the moves set on one channel, in signal order; whether there was anything."""
    own = [(move, [s for s in move.sets if s.ref.track == id_]) for move in moves]
    own = [(move, sets) for move, sets in own if sets]
    for device in (
        "input",
        "trim",
        "eq",
        "dynamic_eq",
        "de_esser",
        "compressor",
        "fader",
        "pan",
        "send",
        "reverb",
        "delay",
    ):
        for move, sets in own:
            of = [s for s in sets if s.ref.device == device]
            if of:
                _add(strip, move, device, of)
    return bool(own)


def _add(strip: Strip, move: Move, device: str, sets: list[MoveSet]) -> None:
    where = f" ({words.span(move.span_s)} only)" if move.span_s else ""
    if device in ("fader", "trim"):
        _add_level(strip, move, device, sets, where)
    elif device == "pan":
        value = sets[-1].value
        if isinstance(value, float) and not where:
            strip.pan = value
        else:
            strip.rides.append(f"Pan {value_words(sets[-1], value)}{where}")
    elif device == "eq":
        strip.lines.append(f"EQ {_section(sets)}{where}")
    elif device == "input":
        strip.lines += [f"{parameter_name(s)} {value_words(s, s.value)}" for s in sets]
    elif device == "send":
        strip.lines += [f"{_send_name(s)} send {value_words(s, s.value)}{where}" for s in sets]
    else:
        shown = ", ".join(_setting(s) for s in sets)
        strip.lines.append(f"{_DEVICES.get(device, device)}: {shown}{where}")


def _add_level(strip: Strip, move: Move, device: str, sets: list[MoveSet], where: str) -> None:
    for item in sets:
        value = item.value
        if isinstance(value, tuple):
            strip.rides.append(f"Ride {_points(value)}")
        elif isinstance(value, float) and not where:
            if device == "fader":
                strip.fader_db += value
            else:
                strip.trim_db += value
        elif isinstance(value, float):
            strip.rides.append(f"{device.capitalize()} {words.change(value)}{where}")


def _points(points: tuple[Breakpoint, ...]) -> str:
    shown = [f"{_time(p.time_s)} {words.number(p.value, plus=True)}" for p in points[:SHOWN_POINTS]]
    more = len(points) - SHOWN_POINTS
    return f"{', '.join(shown)} dB" + (f" and {more} more points (plan.toml)" if more > 0 else "")


def _time(seconds: float) -> str:
    """A breakpoint's time to a tenth: 1:04.3."""
    minutes, rest = divmod(round(seconds * 10.0), 600)
    return f"{minutes}:{rest / 10.0:04.1f}"


def _section(sets: list[MoveSet]) -> str:
    """ "bell 310 Hz −2.5 dB Q 1.2"."""
    values = {s.ref.parameter.rpartition(".")[2]: s for s in sets}
    shape = str(values["shape"].value) if "shape" in values else "bell"
    parts = [_SHAPES.get(shape, shape)]
    if "freq_hz" in values:
        parts.append(value_words(values["freq_hz"], values["freq_hz"].value))
    if "gain_db" in values and shape not in ("high_pass", "low_pass", "notch"):
        parts.append(value_words(values["gain_db"], values["gain_db"].value))
    if "slope_db_oct" in values and shape in ("high_pass", "low_pass"):
        slope = values["slope_db_oct"]
        parts.append(value_words(slope, slope.value).removesuffix(" dB/oct") + " dB/oct")
    elif "q" in values and shape != "tilt":
        parts.append(f"Q {value_words(values['q'], values['q'].value)}")
    return " ".join(parts)


def _setting(item: MoveSet) -> str:
    if is_key(item.ref):
        return f"listens to {item.value}"
    name = parameter_name(item).removeprefix(f"{item.ref.device} ").removeprefix("dynamic EQ ")
    return f"{name} {value_words(item, item.value)}"


def _send_name(item: MoveSet) -> str:
    back = item.ref.parameter.rpartition(".")[0]
    return next((r.name.removesuffix(" return") for r in RETURNS if r.id == back), back)


def _row(strip: Strip) -> Html:
    then = [*strip.lines, *strip.rides]
    return tag(
        "tr",
        tag("td", strip.name, class_="name"),
        tag(
            "td", words.number(strip.trim_db, plus=True) if strip.trim_db else words.NOTHING, class_="number"
        ),
        tag(
            "td",
            "off" if strip.fader_db <= -120.0 else words.number(strip.fader_db, plus=True),
            class_="number",
        ),
        tag("td", words.pan_position(strip.pan), class_="number"),
        tag("td", tag("ul", *(tag("li", line) for line in then)) if then else words.NOTHING, class_="then"),
    )
