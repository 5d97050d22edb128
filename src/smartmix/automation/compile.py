"""A plan's accepted moves to what the strips of a session are set to, and the events that change it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from smartmix.automation.allocate import allocate_bands
from smartmix.automation.events import CompiledMix, EventCollector, EventStream, StripSettings
from smartmix.automation.lane import EDGE_S, JUMP_S, FrameLane, FrameSpan, add
from smartmix.automation.sections import LOG_PARAMETERS, PARAMETERS, EqSection
from smartmix.automation.thin import thin
from smartmix.automation.values import check_range, value_lane
from smartmix.errors import PlanError
from smartmix.plan.ranges import RANGES, check_value

if TYPE_CHECKING:
    from smartmix.plan.conflicts import Conflict
    from smartmix.plan.mixplan import MixPlan
    from smartmix.plan.move import Move, MoveSet
    from smartmix.session.session import Session, Track

__all__ = ["CompiledMix", "EventStream", "StripSettings", "compile_plan"]

MAX_SCALE = 1.5
SILENCE_DB = RANGES["fader", "gain_db"].low


def compile_plan(
    session: Session, plan: MixPlan, *, scale: float = 1.0, solo_move: str | None = None
) -> CompiledMix:
    """Settings and events of every audible track for the moves in force.

    Fader and trim moves are dB deltas on top of the session's own gains (buses folded in) and add up, lanes
    with lanes included; sums are drawn with the fewest points that stay within 0.05 dB. A pan move names the
    position; an EQ move gets a band of its own. A move with a span starts on the span's first frame, is
    complete 20 ms later and gone where the span ends; a lane that jumps takes 5 ms. ``scale`` 0..1.5 scales
    gains, EQ gains and the way from the session's pan; filters without gain are on for any scale above 0;
    0 leaves the session as it is. ``solo_move`` puts that move alone in force, whatever its status.
    PlanError for what cannot be done.
    """
    if not 0.0 <= scale <= MAX_SCALE:
        raise PlanError(f"scale {scale!r}: expected 0 to {MAX_SCALE}")
    moves, set_aside = _moves_in_force(plan, solo_move)
    gathered = _Gathered(session, scale)
    if scale > 0.0:
        for move in moves:
            gathered.take_move(move)
    return gathered.compile(set_aside)


def _moves_in_force(plan: MixPlan, solo_move: str | None) -> tuple[tuple[Move, ...], tuple[Conflict, ...]]:
    if solo_move is not None:
        return (plan.move(solo_move),), ()
    from smartmix.plan.conflicts import resolve

    moves, conflicts = resolve(plan)
    return moves, tuple(conflicts)


@dataclass(slots=True)
class _Gathered:
    """What the moves ask of each strip, before it becomes settings and events."""

    session: Session
    scale: float
    sections: dict[tuple[str, str], EqSection] = field(default_factory=dict)
    deltas: dict[tuple[str, str], list[FrameLane]] = field(default_factory=dict)

    def take_move(self, move: Move) -> None:
        span = self._frame_span(move)
        if span is not None and (span[0] >= self.session.frames or (span[1] is not None and span[1] <= 0)):
            return
        for setting in move.sets:
            check_value(setting.ref, setting.value)
            for track in self._tracks_of(move, setting):
                self._take_set(move, setting, track, span)

    def _take_set(self, move: Move, setting: MoveSet, track: Track, span: FrameSpan | None) -> None:
        ref = setting.ref
        target = f"{ref.device}.{ref.parameter}"
        if ref.device == "eq":
            self._take_section(move, setting, track.id, span)
            return
        if target not in ("fader.gain_db", "trim.gain_db", "pan.pan"):
            raise PlanError(
                f"move {move.id}: {ref} is not a parameter of a strip; expected fader/gain_db, trim/gain_db, "
                "pan/pan or eq/<section>.<parameter>"
            )
        lane = value_lane(setting.value, self.session.sample_rate, f"move {move.id}: {ref}")
        start = track.pan if target == "pan.pan" else 0.0
        lane = lane.mapped(lambda values: (values - start) * self.scale)
        if span is not None:
            lane = lane.limited(span, self._edge_frames, rest=0.0)
        self.deltas.setdefault((track.id, target), []).append(lane)

    def _take_section(self, move: Move, setting: MoveSet, track_id: str, span: FrameSpan | None) -> None:
        name, dot, parameter = setting.ref.parameter.rpartition(".")
        if not dot or parameter not in PARAMETERS:
            raise PlanError(
                f"move {move.id}: {setting.ref}: expected eq/<section>. and one of {', '.join(PARAMETERS)}"
            )
        section = self.sections.setdefault((track_id, name), EqSection(move.id, name, span))
        if section.move_id != move.id:
            raise PlanError(
                f"moves {section.move_id} and {move.id} both set EQ section {name} of {track_id}; "
                "a section belongs to one move"
            )
        section.values[parameter] = setting.value

    @property
    def _edge_frames(self) -> int:
        return round(EDGE_S * self.session.sample_rate)

    @property
    def _jump_frames(self) -> int:
        return round(JUMP_S * self.session.sample_rate)

    def _frame_span(self, move: Move) -> FrameSpan | None:
        """The move's span in frames; None: all of the song. An end past the song's is none."""
        if move.span_s is None:
            return None
        rate = self.session.sample_rate
        start_s, end_s = move.span_s
        start = math.floor(start_s * rate + 0.5)
        end = math.floor(end_s * rate + 0.5)
        if end <= start:
            raise PlanError(f"move {move.id}: its span {start_s:g} to {end_s:g} s is empty")
        if end >= self.session.frames:
            return None if start <= 0 else (start, None)
        return max(start, 0), end

    def _tracks_of(self, move: Move, setting: MoveSet) -> list[Track]:
        """The audible tracks a setting acts on: the one it names, or all that a bus carries."""
        name = setting.ref.track
        named = [track for track in self.session.tracks if track.id == name]
        if not named and any(bus.id == name for bus in self.session.buses):
            if setting.ref.device != "fader":
                raise PlanError(f"move {move.id}: {setting.ref}: a bus has a fader only")
            members = bus_members(self.session, name)
            named = [track for track in self.session.tracks if track.id in members]
        if not named:
            known = ", ".join(track.id for track in self.session.tracks)
            raise PlanError(f"move {move.id}: there is no track {name!r}; tracks: {known}")
        return [track for track in named if not track.muted]

    def compile(self, set_aside: tuple[Conflict, ...]) -> CompiledMix:
        collector = EventCollector(self.session.frames)
        bands = self._band_lanes()
        strips = []
        for index, track in enumerate(self.session.audible_tracks):
            static: dict[str, float] = {}
            for parameter, lane in self._level_lanes(track).items():
                static[parameter] = collector.take(index, parameter, lane)
            for parameter, lane in bands.get(track.id, {}).items():
                log_scale = parameter.rpartition(".")[2] in LOG_PARAMETERS
                static[parameter] = collector.take(index, parameter, lane, log_scale=log_scale)
            strips.append(StripSettings(track.id, static))
        return CompiledMix(tuple(strips), collector.sorted(), set_aside)

    def _band_lanes(self) -> dict[str, dict[str, FrameLane]]:
        """Track id -> real parameter id -> lane, of the sections that do something."""
        lanes = {
            key: made
            for key, section in self.sections.items()
            if (made := section.lanes(self.session.sample_rate, self.scale))
        }
        result: dict[str, dict[str, FrameLane]] = {}
        for key, band in allocate_bands(lanes).items():
            real = result.setdefault(key[0], {})
            real |= {f"eq.band{band}.{name}": lane for name, lane in lanes[key].items()}
        return result

    def _level_lanes(self, track: Track) -> dict[str, FrameLane]:
        """Trim, fader and pan of a track: where the session has them and what the moves add."""
        starts = {
            ("trim", "gain_db"): 0.0,
            ("fader", "gain_db"): track.gain_db + bus_gain_db(self.session, track.id),
            ("pan", "pan"): track.pan,
        }
        lanes = {}
        for address, start in starts.items():
            parameter = ".".join(address)
            deltas = self.deltas.get((track.id, parameter), [])
            if not deltas and start == 0.0:
                continue
            lane = add([FrameLane.constant(start), *deltas]).without_jumps(self._jump_frames)
            if parameter == "pan.pan":
                lane = lane.mapped(lambda pan: np.clip(pan, -1.0, 1.0))
            else:
                lane = thin(lane).mapped(lambda gain_db: np.maximum(gain_db, SILENCE_DB))
            lanes[parameter] = check_range(lane, RANGES[address], f"track {track.id}: {parameter} in all")
        return lanes


def bus_gain_db(session: Session, track_id: str) -> float:
    """Gain (dB) of the buses a track runs through: a bus is a plain sum, its fader acts like its members'."""
    return sum(bus.gain_db for bus in session.buses if track_id in bus_members(session, bus.id))


def bus_members(session: Session, bus_id: str) -> frozenset[str]:
    """Ids of the tracks that reach a bus, through other buses too."""
    buses = {bus.id: bus for bus in session.buses}
    tracks: set[str] = set()
    seen: set[str] = set()
    waiting = [bus_id]
    while waiting:
        name = waiting.pop()
        if name in buses and name not in seen:
            seen.add(name)
            waiting += buses[name].members
        elif name not in buses:
            tracks.add(name)
    return frozenset(tracks)
