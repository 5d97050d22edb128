"""Settings of a DAW session as moves of a plan: rides, EQ bands and compressors the engineer made there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from smartmix import _automation
from smartmix.interop.model import Compressor, Control, Equalizer, Loss, Plugin
from smartmix.interop.order import leading
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.merging import FROM_DAW
from smartmix.plan.move import MAX_LANE_POINTS, Move, MoveSet, Value, move_id
from smartmix.plan.ranges import RANGES

if TYPE_CHECKING:
    from smartmix.interop.model import EqBand, Track

SOURCE = FROM_DAW
MUTED = "It was there when the session came in; the track is muted, accept this when you unmute it."
LOUDEST_DB, QUIETEST_DB = 24.0, -120.0
"""Where a session's fader ends."""
_FINEST_DB, _COARSEST_DB = 0.0005, 6.0
_SHAPES = ("bell", "low_shelf", "high_shelf", "high_pass", "low_pass", "notch", "tilt")
_WITH_GAIN = ("bell", "low_shelf", "high_shelf", "tilt")


@dataclass(slots=True)
class Rides:
    """Gathers moves; ``losses`` is what a plan has no words for."""

    moves: list[Move] = field(default_factory=list)
    silent: bool = False
    """Whether the track at hand is muted: its moves are noted, and out of force until a person unmutes it."""
    losses: list[Loss] = field(default_factory=list)

    def level(self, owner: str, name: str, control: Control, standing: float) -> None:
        """A ride of a fader, as what it adds to where the session has it."""
        if not control.points:
            return
        if max(p.value for p in control.points) > LOUDEST_DB:
            what = f"a fader ride over {LOUDEST_DB:+.0f} dB"
            self.losses.append(Loss(name, what, "held there"))
        held = [replace(p, value=min(p.value, LOUDEST_DB)) for p in control.points]
        moved = Control(control.value - standing, tuple(_less(p, standing) for p in held))
        self._add(
            owner, name, "fader", {"gain_db": self._value(moved, owner, "fader/gain_db", name)}, "fader ride"
        )

    def polarity(self, owner: str, name: str, polarity: str) -> None:
        """A polarity that is turned."""
        if polarity != "normal":
            self._add(owner, name, "input", {"polarity": polarity}, "polarity")

    def trim(self, owner: str, name: str, control: Control) -> None:
        """The gain in front of everything."""
        if not control.is_neutral:
            self._add(
                owner,
                name,
                "trim",
                {"gain_db": self._value(control, owner, "trim/gain_db", name)},
                "input gain",
            )

    def pan(self, owner: str, name: str, control: Control) -> None:
        """A pan that moves."""
        if control.points:
            self._add(owner, name, "pan", {"pan": self._value(control, owner, "pan/pan", name)}, "pan ride")

    def devices(self, owner: str, track: Track) -> None:
        """EQ bands and the compressor; a second compressor and whatever else is on the track are lost. Plugins are told
        elsewhere (``plugin_chains``)."""
        compressed = False
        first = leading(track.devices)
        for number, device in enumerate(track.devices, 1):
            if not device.enabled:
                continue
            if (
                device not in first
                and isinstance(device, Equalizer | Compressor)
                and not device.trim.is_neutral
            ):
                self.losses.append(Loss(track.name, f"{device.name}: its trim", "not heard here"))
            if isinstance(device, Equalizer):
                for index, band in enumerate(device.bands, 1):
                    self._band(owner, track.name, band, f"{number}.{index}")
            elif isinstance(device, Compressor) and not compressed:
                compressed = True
                self._compressor(owner, track.name, device)
            elif not isinstance(device, Plugin):
                self.losses.append(Loss(track.name, device.name, "kept for the way back, not heard here"))

    def _band(self, owner: str, name: str, band: EqBand, place: str) -> None:
        if not band.enabled:
            return
        if band.shape not in _SHAPES:
            self.losses.append(Loss(name, f"a {band.shape.replace('_', '-')} band", "not heard here"))
            return
        values: dict[str, Value] = {
            "shape": band.shape,
            "freq_hz": self._value(band.freq_hz, owner, "eq/x.freq_hz", name),
        }
        if band.shape != "tilt":
            values["q"] = self._value(band.q, owner, "eq/x.q", name)
        if band.shape in _WITH_GAIN:
            if band.gain_db.is_neutral:
                return
            values["gain_db"] = self._value(band.gain_db, owner, "eq/x.gain_db", name)
        if band.shape in ("high_pass", "low_pass"):
            slopes = [float(slope) for slope in RANGES["eq", "slope_db_oct"].choices]
            values["slope_db_oct"] = min(slopes, key=lambda slope: abs(slope - (band.slope_db_oct or 12.0)))
        self._add(owner, name, "eq", values, f"EQ {place}")

    def _compressor(self, owner: str, name: str, device: Compressor) -> None:
        knobs = ("threshold_db", "ratio", "attack_ms", "release_ms", "makeup_db", "knee_db")
        values: dict[str, Value] = {
            knob: self._value(getattr(device, knob), owner, f"compressor/{knob}", name) for knob in knobs
        }
        if device.mix != Control(1.0):
            values["mix"] = self._value(device.mix, owner, "compressor/mix", name)
        if device.rms:
            values["detection"] = "rms"
        if device.auto_times:
            values["auto_times"] = "on"
        self._add(owner, name, "compressor", values, "compressor")

    def _add(self, owner: str, name: str, device: str, values: dict[str, Value], what: str) -> None:
        id_ = move_id(owner, SOURCE, device, what)
        prefix = f"{id_}." if device == "eq" else ""
        sets = tuple(
            MoveSet(
                ParamRef(owner, device, f"{prefix}{key}"),
                RANGES[device, key].unit,
                RANGES[device, key].default,
                value,
            )
            for key, value in values.items()
        )
        self.moves.append(
            Move(
                id=id_,
                track=owner,
                title=f"{name}: {what} from the DAW",
                source=SOURCE,
                confidence=1.0,
                reason=MUTED if self.silent else "It was there when the session came in.",
                sets=sets,
                status="rejected" if self.silent else "accepted",
                authority="person",
            )
        )

    def _value(self, control: Control, owner: str, address: str, name: str) -> Value:
        """A control as a plan holds it: inside its range, of at most 200 points."""
        device, _, parameter = address.partition("/")
        allowed = RANGES[device, parameter.rpartition(".")[2]]

        def inside(value: float) -> float:
            return min(max(value, allowed.low), allowed.high)

        values = [control.value, *(p.value for p in control.points)]
        if any(abs(inside(v) - v) > 1e-6 for v in values):
            self.losses.append(
                Loss(name, f"{parameter.rpartition('.')[2]} past {allowed}", "held at the end of the range")
            )
        if not control.points:
            return inside(control.value)
        points = [Breakpoint(max(p.time_s, 0.0), inside(p.value), p.curve) for p in control.points]
        kept, off = fewer(points)
        if off > 0.05:
            told = f"a ride of {len(points)} points on {owner}"
            self.losses.append(
                Loss(
                    name,
                    told,
                    f"held with {len(kept)} points, at most {off:.2f} {allowed.unit or 'of a pan'} off",
                )
            )
        return kept


def _less(point: Breakpoint, amount: float) -> Breakpoint:
    return Breakpoint(point.time_s, point.value - amount, point.curve)


def held_db(level_db: float) -> float:
    """A fader where a session can have it."""
    return min(max(level_db, QUIETEST_DB), LOUDEST_DB)


def standing_level(control: Control) -> float:
    """Where a fader stands longest, to 0.1 dB; the value of one that does not move."""
    if not control.points:
        return control.value
    times = np.array([p.time_s for p in control.points])
    values = np.array([p.value for p in control.points])
    grid = np.linspace(times[0], times[-1], 2001) if times[-1] > times[0] else times
    heard = np.interp(grid, times, values)
    heard = heard[heard > -60.0]
    return round(float(np.median(heard)), 1) if len(heard) else 0.0


def fewer(points: list[Breakpoint], most: int = MAX_LANE_POINTS) -> tuple[tuple[Breakpoint, ...], float]:
    """At most ``most`` of the points, and how far the line through them is off at most: as few as that takes."""
    if len(points) <= most:
        return tuple(points), 0.0
    stepped = _without_holds(points)
    frames = np.array([round(p.time_s * 1e6) for p in stepped], np.int64)
    values = np.array([p.value for p in stepped], np.float64)
    tolerance = _FINEST_DB
    while tolerance < _COARSEST_DB:
        kept = _automation.thin(frames, values, tolerance).tolist()
        if len(kept) <= most:
            return tuple(stepped[i] for i in kept), tolerance
        tolerance *= 1.5
    return tuple(stepped[:: -(-len(stepped) // most)]), _COARSEST_DB


def _without_holds(points: list[Breakpoint]) -> list[Breakpoint]:
    """The same curve of straight lines and jumps only."""
    drawn: list[Breakpoint] = []
    for here, after in zip(points, [*points[1:], None], strict=True):
        drawn.append(Breakpoint(here.time_s, here.value))
        if here.curve == "hold" and after is not None and after.time_s > here.time_s:
            drawn.append(Breakpoint(after.time_s, here.value))
    return drawn
