"""Accepted EQ moves carried out by a plugin: bands that move in time become lanes of its knobs, the error measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from smartmix.automation.lane import FrameLane
from smartmix.parameter import ParameterInfo
from smartmix.plan.ranges import EQ_SHAPES
from smartmix.rack.device import Device
from smartmix.rack.intents.eq_fit import Found, Frame, fit_frame, found, frame_of, solve
from smartmix.rack.intents.fit import TOLERANCE_DB
from smartmix.rack.intents.intent import WITHOUT_GAIN, EQBand, Shape, curve_db
from smartmix.rack.intents.probe import Curves, points_hz
from smartmix.rack.intents.search import Places, Search, off_db
from smartmix.rack.intents.survey import place, position

DEFAULT_Q = float(np.sqrt(0.5))
REFINED_DB = 0.25
"""Where the lanes are further off between two of their points, they get another point there."""
REFINEMENTS = 3
STEP_OCTAVES = 1.0 / 3.0
"""A frequency that moves is fitted at least this often on its way."""
MOST_STATES = 512


@dataclass(frozen=True, slots=True)
class MovingBand:
    """A band of an EQ over time, as accepted moves have it: lanes in frames, straight between (Hz in octaves)."""

    name: str
    shape: Shape
    gain_db: FrameLane
    freq_hz: FrameLane
    q: FrameLane
    slope_db_oct: int = 12

    @classmethod
    def from_lanes(cls, name: str, lanes: Mapping[str, FrameLane]) -> MovingBand:
        """From the lanes of a section (``EqSection.lanes``): its shape as an index that is 0 where it is off."""
        index = int(np.max(lanes["shape"].values))
        slope = lanes.get("slope_db_oct")
        slopes = (6, 12, 18, 24, 36, 48)
        return cls(
            name,
            str(EQ_SHAPES[index]),  # type: ignore[arg-type]
            lanes.get("gain_db", FrameLane.constant(0.0)),
            lanes["freq_hz"],
            lanes.get("q", FrameLane.constant(DEFAULT_Q)),
            12 if slope is None else slopes[int(slope.values[0])],
        )

    def at(self, frame: int, *, arriving: bool = False) -> EQBand:
        """The band on a frame; ``arriving``: just before a jump there."""
        return EQBand(
            self.shape,
            float(self.freq_hz.value_at(frame, arriving=arriving, log_scale=True)),
            float(self.gain_db.value_at(frame, arriving=arriving)),
            float(self.q.value_at(frame, arriving=arriving, log_scale=True)),
            self.slope_db_oct,
        )

    def largest(self) -> EQBand:
        """The band where it does most."""
        frame = int(self.gain_db.frames[int(np.argmax(np.abs(self.gain_db.values)))])
        both = (self.at(frame), self.at(frame, arriving=True))
        return max(both, key=lambda band: abs(band.gain_db))

    @property
    def turns(self) -> bool:
        """Whether more than its gain moves."""
        return bool(np.ptp(self.freq_hz.values) or np.ptp(self.q.values))


@dataclass(frozen=True, slots=True)
class PointError:
    """How far the device is from the moves at a frame, dB: rms over where they act, and at the worst frequency."""

    frame: int
    error_db: float
    worst_db: float


@dataclass(frozen=True, slots=True)
class CarriedMoves:
    """Lanes of a device's parameters that carry out moves. ``left`` are bands that it cannot do: another EQ's.

    ``points`` has the error measured at every point of the lanes and half-way between; ``error_db`` the largest of
    them; ``stated_limit`` why bands were left, or why the error is over half a decibel.
    """

    lanes: Mapping[str, FrameLane]
    points: tuple[PointError, ...]
    carried: tuple[str, ...]
    left: tuple[str, ...]
    stated_limit: str = ""
    renders: int = 0

    @property
    def error_db(self) -> float:
        """The largest rms error at any time, dB."""
        return max((p.error_db for p in self.points), default=0.0)

    def automation(self, sample_rate: float) -> dict[str, list[tuple[float, float]]]:
        """The lanes in seconds, as ``Device.process`` takes them."""
        return {
            name: list(zip((lane.frames / sample_rate).tolist(), lane.values.tolist(), strict=True))
            for name, lane in self.lanes.items()
        }


def fit_moves(device: Device, bands: Sequence[MovingBand], sample_rate: float) -> CarriedMoves:
    """Lanes of an EQ's parameters that do what ``bands`` do, on top of how the device is set.

    Bands without a gain (passes, notches), more bands than the device has free, and bands it cannot follow within
    half a decibel are ``left``. PluginError for a device that is no EQ.
    """
    frame = frame_of(device, sample_rate)
    carried, whole, said = _carried(frame, bands)
    left = tuple(b.name for b in bands if b.name not in {c.name for c in carried})
    if whole is None:
        return CarriedMoves({}, (), (), left, said)
    lanes, points, renders = _Follower(whole, carried).run()
    worst = max(points, key=lambda p: p.error_db)
    if not said and worst.error_db > TOLERANCE_DB:
        said = f"{device.name} is {worst.error_db:.2f} dB rms off at {worst.frame / sample_rate:.2f} s"
    return CarriedMoves(lanes, points, tuple(b.name for b in carried), left, said, renders)


def _carried(frame: Frame, bands: Sequence[MovingBand]) -> tuple[list[MovingBand], Found | None, str]:
    """The bands the device can do together, where it then stands with all of them on, and what is said of the rest."""
    said = [
        f"{b.name}: a {b.shape.replace('_', '-')} has no gain to carry"
        for b in bands
        if b.shape in WITHOUT_GAIN
    ]
    able = [b for b in bands if b.shape not in WITHOUT_GAIN and np.any(b.gain_db.values)]
    able.sort(key=lambda b: -abs(b.largest().gain_db))
    if any(s.freq for s in frame.sections) and len(able) > len(frame.sections):
        more = able[len(frame.sections) :]
        said += [f"{b.name}: all {len(frame.sections)} free bands are in use" for b in more]
        able = able[: len(frame.sections)]
    while able:
        whole = found(frame, [b.largest() for b in able])
        if whole.off_db <= TOLERANCE_DB:
            return able, whole, "; ".join(said)
        alone = {b.name: fit_frame(frame, [b.largest()]) for b in able}
        worst = max(able, key=lambda b: alone[b.name].error_db) if len(able) > 1 else able[0]
        if alone[worst.name].reached:
            worst = able[-1]
            said.append(f"{worst.name}: not together with the others ({whole.fit().stated_limit})")
        else:
            said.append(f"{worst.name}: {alone[worst.name].stated_limit}")
        able.remove(worst)
    return [], None, "; ".join(said)


_State = tuple[EQBand, ...]


class _Follower:
    """The settings with all bands on, followed through time: gains as they move, places only where bands turn."""

    def __init__(self, whole: Found, bands: Sequence[MovingBand]) -> None:
        self.frame = whole.frame
        self.bands = bands
        self.full = tuple(b.largest() for b in bands)
        self.fixed = whole.search.settings(whole.at)
        knobs = whole.search.knobs
        turning = any(b.turns for b in bands)
        gains = {s.gain for s in self.frame.sections}
        self.knobs: list[ParameterInfo] = [k for k in knobs if turning or k.id in gains]
        self.gains = [k.id in gains for k in self.knobs]
        self.search = Search(self.frame.device, self.frame.sample_rate, self.knobs, self.fixed)
        self.fitted: dict[_State, Places] = {}
        self.errors: dict[_State, Curves] = {}

    def run(self) -> tuple[dict[str, FrameLane], tuple[PointError, ...], int]:
        """The lanes, the error at each of their points and between, and how many settings were heard."""
        marks = self._marks()
        for _ in range(REFINEMENTS):
            self._fit([state for _, state in marks])
            between, points = self._between(marks)
            far = [mark for mark, error in zip(between, points, strict=True) if error.error_db > REFINED_DB]
            if not far or len(marks) + len(far) > MOST_STATES:
                break
            marks = sorted([*marks, *far], key=lambda mark: mark[0])
        else:
            self._fit([state for _, state in marks])
            between, points = self._between(marks)
        own = [self._error(frame, state, self.errors[state]) for frame, state in marks]
        everywhere = tuple(sorted([*own, *points], key=lambda p: p.frame))
        return self._lanes(marks), everywhere, self.search.renders

    def _marks(self) -> list[tuple[int, _State]]:
        """Frames where a lane has a point, with the bands there; twice where they jump."""
        frames: set[int] = {0}
        for band in self.bands:
            for lane in (band.gain_db, band.freq_hz, band.q):
                frames |= {max(f, 0) for f in lane.frames.tolist()}
            frames |= set(_steps(band.freq_hz))
        marks = []
        for frame in sorted(frames):
            before = tuple(b.at(frame, arriving=True) for b in self.bands)
            after = tuple(b.at(frame) for b in self.bands)
            if frame and before != after:
                marks.append((frame, before))
            marks.append((frame, after))
        return marks

    def _target(self, state: _State) -> Curves:
        hz = points_hz(self.frame.sample_rate)
        return self.frame.base_db + curve_db(tuple(b for b in state if b.gain_db), hz, self.frame.sample_rate)

    def _start(self, state: _State) -> Places:
        """The settings with all bands on, gains by how much of each band is left."""
        shares = np.array([s.gain_db / f.gain_db for s, f in zip(state, self.full, strict=True)])
        turned = np.array([s.freq_hz / f.freq_hz for s, f in zip(state, self.full, strict=True)])
        wanted = np.array([f.freq_hz for f in self.full])
        places = []
        for knob, is_gain in zip(self.knobs, self.gains, strict=True):
            value = self.fixed[knob.id]
            if is_gain:
                value *= float(shares.mean())
            elif knob.unit.lower() == "hz":  # goes with the band that is nearest to it
                value *= float(turned[np.argmin(np.abs(np.log(wanted / value)))])
            places.append(place(knob, value))
        return np.array(places)

    def _fit(self, states: Sequence[_State]) -> None:
        new = [s for s in dict.fromkeys(states) if s not in self.fitted]
        still = [s for s in new if not any(b.gain_db for b in s)]
        for state in still:
            rest = [0.0 if g else self.fixed[k.id] for k, g in zip(self.knobs, self.gains, strict=True)]
            self.fitted[state] = np.array([place(k, v) for k, v in zip(self.knobs, rest, strict=True)])
            self.errors[state] = np.zeros_like(self.frame.base_db)
        moving = [s for s in new if s not in still]
        if not moving:
            return
        targets = np.stack([self._target(s) for s in moving])
        at, curves = solve(self.frame, self.search, [self._start(s) for s in moving], targets)
        for state, places, error in zip(moving, at, curves - targets, strict=True):
            self.fitted[state], self.errors[state] = places, error

    def _between(self, marks: list[tuple[int, _State]]) -> tuple[list[tuple[int, _State]], list[PointError]]:
        """Half-way between points where something moves: what is wanted, and how far the straight lines are off."""
        between: list[tuple[int, _State]] = []
        rows: list[Places] = []
        for (first, a), (end, b) in pairwise(marks):
            middle = (first + end) // 2
            if a != b and first < middle < end:
                between.append((middle, tuple(band.at(middle) for band in self.bands)))
                rows.append(self._half_way(self.fitted[a], self.fitted[b]))
        if not rows:
            return [], []
        seen: dict[tuple[_State, bytes], Curves] = {}
        keys = [(state, row.tobytes()) for (_, state), row in zip(between, rows, strict=True)]
        once = dict(zip(keys, rows, strict=True))
        for (state, _), key, curve in zip(once, once, self.search.heard(list(once.values())), strict=True):
            seen[key] = curve - self._target(state)
        return between, [
            self._error(f, state, seen[key]) for (f, state), key in zip(between, keys, strict=True)
        ]

    def _half_way(self, a: Places, b: Places) -> Places:
        """Where lanes are half-way: in the scale in which a device moves straight."""
        out = []
        for knob, first, second in zip(self.knobs, a, b, strict=True):
            ends = np.array([position(knob, float(first)), position(knob, float(second))])
            middle = float(np.sqrt(ends.prod())) if knob.scale == "log" else float(ends.mean())
            out.append(place(knob, middle))
        return np.array(out)

    def _error(self, frame: int, state: _State, error: Curves) -> PointError:
        wanted = self._target(state) - self.frame.base_db
        return PointError(frame, off_db(error, wanted), float(np.abs(error).max()))

    def _lanes(self, marks: list[tuple[int, _State]]) -> dict[str, FrameLane]:
        lanes = {}
        settings = [self.search.settings(self.fitted[state]) for _, state in marks]
        for name in self.fixed:
            values = [row[name] for row in settings]
            if np.ptp(values) == 0.0:
                lanes[name] = FrameLane.constant(values[0])
            else:
                points = [(frame, value) for (frame, _), value in zip(marks, values, strict=True)]
                lanes[name] = FrameLane.from_points(points).tidy()
        return lanes


def _steps(lane: FrameLane) -> list[int]:
    """Frames on the way of a moving frequency, a third of an octave apart."""
    found: list[int] = []
    for k in range(len(lane.frames) - 1):
        first, end = int(lane.frames[k]), int(lane.frames[k + 1])
        parts = int(abs(np.log2(lane.values[k + 1] / lane.values[k])) / STEP_OCTAVES) + 1
        found += [first + (end - first) * n // parts for n in range(1, parts)]
    return [max(f, 0) for f in found]
