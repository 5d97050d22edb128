"""A plan's accepted moves to what the strips and returns of a session are set to, and the events that change it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from smartmix.automation.allocate import allocate_bands
from smartmix.automation.dynamics import Dynamics, dynamics_lanes
from smartmix.automation.events import (
    BusSettings,
    CompiledMix,
    EventCollector,
    EventStream,
    ReturnSettings,
    StripSettings,
    SumEq,
)
from smartmix.automation.lane import FrameLane, FrameSpan
from smartmix.automation.levels import FADER, PAN, TRIM, Levels
from smartmix.automation.sections import EqSection
from smartmix.automation.sends import Sends
from smartmix.automation.side_chains import keys_of_strip, leave_out_silent
from smartmix.automation.spans import edge_frames, frame_span, is_outside, to_frame
from smartmix.automation.targets import MIX, is_locked, tracks_of
from smartmix.automation.values import value_lane
from smartmix.automation.width import SIDE, corner_lane
from smartmix.errors import PlanError
from smartmix.plan.ranges import DYNAMICS, RETURN_DEVICES, check_address, check_value, is_return, range_named
from smartmix.session.routing import bus_gain_db, bus_members

if TYPE_CHECKING:
    from smartmix.parameter import ParamRef
    from smartmix.plan.conflicts import Conflict
    from smartmix.plan.mixplan import MixPlan
    from smartmix.plan.move import Move, MoveSet
    from smartmix.session.session import Session, Track

__all__ = ["MIX", "CompiledMix", "EventStream", "ReturnSettings", "StripSettings", "compile_plan"]

MAX_SCALE = 1.5


def compile_plan(
    session: Session, plan: MixPlan, *, scale: float = 1.0, solo_move: str | None = None
) -> CompiledMix:
    """Settings and events of every audible track, and of the returns in use, for the moves in force.

    Fader and trim moves are dB deltas on top of the session's own gains (buses folded in) and add up, lanes
    with lanes included; sums are drawn with the fewest points that stay within 0.05 dB. A pan move names the
    position; an EQ move gets a band of its own (that of a bus or the mix is an EQ on its sum); a band of the
    dynamic EQ, a compressor, de-esser, width, send, polarity or shift is set. What listens to another track
    hears it as it is read, trimmed, before its EQ; what listens to a muted one stays out. A move with a span
    starts on the span's first frame, is complete 20 ms later (dynamics: as their attack has it) and gone
    where the span ends; a lane that jumps takes 5 ms. ``scale`` 0..1.5 scales gains, EQ gains, make-up, the
    ranges of de-esser and dynamic EQ, the side of a width, what a ratio is over 1, sends as amplitudes, and
    the way from the session's pan; filters without gain, polarity, shifts and the settings of the returns'
    effects are on for any scale above 0; 0 leaves the session as it is. ``solo_move`` puts that move alone in
    force, whatever its status, behind the trims in force: its thresholds were made for the level they leave.
    PlanError for what cannot be done.
    """
    if not 0.0 <= scale <= MAX_SCALE:
        raise PlanError(f"scale {scale!r}: expected 0 to {MAX_SCALE}")
    moves, set_aside = _moves_in_force(plan, solo_move)
    gathered = _Gathered(session, plan, scale)
    if scale > 0.0:
        for move in moves:
            gathered.take_move(move)
    return gathered.compile(set_aside)


def _moves_in_force(plan: MixPlan, solo_move: str | None) -> tuple[tuple[Move, ...], tuple[Conflict, ...]]:
    if solo_move is not None:
        from smartmix.plan.staging import staging

        return (*staging(plan, solo_move), plan.move(solo_move)), ()
    from smartmix.plan.conflicts import resolve

    moves, conflicts = resolve(plan)
    return moves, tuple(conflicts)


@dataclass(slots=True)
class _Gathered:
    """What the moves ask of each strip, before it becomes settings and events."""

    session: Session
    plan: MixPlan
    scale: float
    sections: dict[tuple[str, str], EqSection] = field(default_factory=dict)
    dynamics: dict[tuple[str, str], list[Dynamics]] = field(default_factory=dict)
    corners: dict[str, list[tuple[FrameSpan | None, FrameLane]]] = field(default_factory=dict)
    sources: dict[str, dict[str, float | str]] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    levels: Levels = field(init=False)
    sends: Sends = field(init=False)

    def __post_init__(self) -> None:
        self.levels = Levels(self.session.sample_rate, notices=self.notices)
        self.sends = Sends(self.session.sample_rate, self.scale)

    def take_move(self, move: Move) -> None:
        span = frame_span(self.session, move)
        for setting in move.sets:
            try:
                check_address(setting.ref)
                check_value(setting.ref, setting.value)
                tracks = self._tracks_of(move, setting.ref)
            except PlanError as error:
                raise PlanError(f"move {move.id}: {error}") from None
            if is_outside(self.session, span):
                continue
            if is_return(setting.ref.track):
                self._take_return(move, setting, span)
            for track in tracks:
                self._take_set(move, setting, track, span)
            if setting.ref.device == "eq" and not tracks and self._is_sum(setting.ref.track):
                self._take_section(move, setting, setting.ref.track, span)

    def _tracks_of(self, move: Move, ref: ParamRef) -> list[Track]:
        if is_return(ref.track):
            return []
        tracks = tracks_of(self.session, ref.track, ref.device)
        if ref.track in {track.id for track in self.session.tracks}:
            return tracks
        held = [track for track in tracks if is_locked(self.session, self.plan, track)]
        self.notices += [f"{move.title}: {track.name} is locked and stays where it is" for track in held]
        return [track for track in tracks if track not in held]

    def _is_sum(self, name: str) -> bool:
        """Whether a name is that of a bus or the mix, and of no track."""
        return name not in {t.id for t in self.session.tracks}

    def _take_return(self, move: Move, setting: MoveSet, span: FrameSpan | None) -> None:
        if setting.ref.device in RETURN_DEVICES:
            self.sends.take_effect(move, setting)
        else:
            self._take_level(move, setting, setting.ref.track, 0.0, span)

    def _take_set(self, move: Move, setting: MoveSet, track: Track, span: FrameSpan | None) -> None:
        device = setting.ref.device
        if device == "eq":
            self._take_section(move, setting, track.id, span)
        elif device in DYNAMICS:
            self._take_dynamics(move, setting, track.id, span)
        elif device == "send":
            self.sends.take_level(move, setting, track.id, span)
        elif device == "input":
            self._take_source(move, setting, track)
        elif device == "width":
            self._take_width(move, setting, track, span)
        else:
            start = track.pan if device == "pan" else 0.0
            self._take_level(move, setting, track.id, start, span)

    def _take_level(
        self, move: Move, setting: MoveSet, strip: str, start: float, span: FrameSpan | None
    ) -> None:
        ref, rate = setting.ref, self.session.sample_rate
        lane = value_lane(setting.value, rate, f"move {move.id}: {ref}")
        lane = lane.mapped(lambda values: (values - start) * self.scale)
        if span is not None:
            lane = lane.limited(span, edge_frames(rate), rest=0.0)
        self.levels.take(strip, f"{ref.device}.{ref.parameter}", lane)

    def _take_section(self, move: Move, setting: MoveSet, track_id: str, span: FrameSpan | None) -> None:
        name, _, parameter = setting.ref.parameter.rpartition(".")
        section = self.sections.setdefault((track_id, name), EqSection(move.id, name, span))
        if section.move_id != move.id:
            raise PlanError(
                f"moves {section.move_id} and {move.id} both set EQ section {name} of {track_id}; "
                "a section belongs to one move"
            )
        section.values[parameter] = setting.value

    def _take_dynamics(self, move: Move, setting: MoveSet, track_id: str, span: FrameSpan | None) -> None:
        band, dot, name = setting.ref.parameter.rpartition(".")
        device = setting.ref.device + dot + band  # bands of a dynamic EQ go their own ways
        moves = self.dynamics.setdefault((track_id, device), [])
        if not moves or moves[-1].move_id != move.id:
            moves.append(Dynamics(move.id, device, span))
        moves[-1].values[name] = setting.value

    def _take_width(self, move: Move, setting: MoveSet, track: Track, span: FrameSpan | None) -> None:
        ref, rate = setting.ref, self.session.sample_rate
        if track.channels == 1:
            raise PlanError(f"move {move.id}: {ref}: the track is mono; it has no width")
        if ref.parameter == SIDE:
            self._take_level(move, setting, track.id, 0.0, span)
        else:
            lane = value_lane(setting.value, rate, f"move {move.id}: {ref}")
            self.corners.setdefault(track.id, []).append((span, lane))

    def _take_source(self, move: Move, setting: MoveSet, track: Track) -> None:
        """Polarity and shift: how the track is read, for the whole song."""
        ref, value = setting.ref, setting.value
        if move.span_s is not None:
            raise PlanError(f"move {move.id}: {ref}: holds for the whole song; take the span away")
        if track.channels == 1 and value in ("left_inverted", "right_inverted"):
            raise PlanError(
                f"move {move.id}: {ref} = {value!r}: the track is mono; expected normal or inverted"
            )
        if not isinstance(value, tuple):
            self.sources.setdefault(track.id, {})[ref.parameter] = value

    def compile(self, set_aside: tuple[Conflict, ...]) -> CompiledMix:
        self.notices += leave_out_silent(self.session, self.dynamics)
        collector = EventCollector(self.session.frames)
        bands = self._band_lanes()
        strips = []
        for index, track in enumerate(self.session.audible_tracks):
            dynamics = self._dynamics_lanes(track.id)
            lanes = {
                **self._level_lanes(track),
                **bands.get(track.id, {}),
                **dynamics,
                **corner_lane(self.corners.get(track.id, []), self.session.sample_rate),
                **self.sends.lanes(track.id),
            }
            static = {
                name: collector.take(index, name, lane, log_scale=_is_log(name))
                for name, lane in lanes.items()
            }
            strip = replace(self._strip(track.id, static, dynamics=bool(dynamics)), keys=self._keys(track.id))
            strips.append(replace(strip, chain=self._chain(track.id), lanes=lanes))
        self._tell_unknown_chains()
        keys, key_events = self._key_tracks({key for strip in strips for key in strip.keys.values()})
        returns, return_events = self.sends.returns(self.levels, self.session.frames)
        notices = tuple(dict.fromkeys(self.notices))
        return CompiledMix(
            tuple(strips),
            collector.sorted(),
            set_aside,
            returns,
            return_events,
            notices,
            buses=self._buses(bands),
            mix_eq=self._sum_eq(bands, MIX),
            mix_chain=self._chain(MIX),
            keys=keys,
            key_events=key_events,
        )

    def _chain(self, name: str) -> str:
        """The chain file of a track, bus or the mix; a scale of 0 leaves the session as it is."""
        return self.plan.chains.get(name, "") if self.scale > 0.0 else ""

    def _tell_unknown_chains(self) -> None:
        known = {MIX, *(t.id for t in self.session.tracks), *(b.id for b in self.session.buses)}
        self.notices += [
            f"the plan has a chain for {name!r}, which the session does not have"
            for name in sorted(set(self.plan.chains) - known)
        ]

    def _buses(self, bands: dict[str, dict[str, FrameLane]]) -> tuple[BusSettings, ...]:
        """Buses with an EQ or a chain. PlanError where one would have to run into another."""
        found: list[BusSettings] = []
        for bus in self.session.buses:
            chain, eq = self._chain(bus.id), self._sum_eq(bands, bus.id)
            if not chain and eq is None:
                continue
            members = bus_members(self.session, bus.id)
            for other in found:
                if shared := sorted(members & other.members):
                    raise PlanError(
                        f"EQ or chains of {other.bus_id} and {bus.id} both take {shared[0]}: a track can run through "
                        "those of one bus"
                    )
            found.append(BusSettings(bus.id, members, chain, eq))
        return tuple(found)

    def _sum_eq(self, bands: dict[str, dict[str, FrameLane]], owner: str) -> SumEq | None:
        """The EQ of a bus or the mix."""
        if owner not in bands or not self._is_sum(owner):
            return None
        collector = EventCollector(self.session.frames)
        static = {
            name: collector.take(0, name, lane, log_scale=_is_log(name))
            for name, lane in bands[owner].items()
        }
        return SumEq(static, collector.sorted(), bands[owner])

    def _strip(self, track_id: str, static: dict[str, float], *, dynamics: bool) -> StripSettings:
        source = self.sources.get(track_id, {})
        shift_ms = source.get("shift_ms", 0.0)
        shift = to_frame(float(shift_ms) / 1000.0, self.session.sample_rate)
        return StripSettings(track_id, static, str(source.get("polarity", "normal")), shift, dynamics)

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

    def _dynamics_lanes(self, track_id: str) -> dict[str, FrameLane]:
        return {
            f"{device}.{name}": lane
            for (track, device), moves in self.dynamics.items()
            if track == track_id
            for name, lane in dynamics_lanes(moves, self.session.sample_rate, self.scale).items()
        }

    def _keys(self, track_id: str) -> dict[str, str]:
        return keys_of_strip(self.dynamics, track_id, self.session.sample_rate, self.scale)

    def _key_tracks(self, names: set[str]) -> tuple[tuple[StripSettings, ...], EventStream]:
        """Settings of the tracks that are listened to, and the events of their trims."""
        collector = EventCollector(self.session.frames)
        settings: list[StripSettings] = []
        for track in self.session.audible_tracks:
            if track.id in names:
                lanes = self.levels.lanes(track.id, {TRIM: 0.0})
                static = {name: collector.take(len(settings), name, lane) for name, lane in lanes.items()}
                settings.append(self._strip(track.id, static, dynamics=False))
        return tuple(settings), collector.sorted()

    def _level_lanes(self, track: Track) -> dict[str, FrameLane]:
        fader_db = track.gain_db + bus_gain_db(self.session, track.id)
        return self.levels.lanes(track.id, {TRIM: 0.0, FADER: fader_db, PAN: track.pan, f"width.{SIDE}": 0.0})


def _is_log(parameter_id: str) -> bool:
    """Whether a strip parameter moves in straight lines of its logarithm."""
    device, _, name = parameter_id.partition(".")
    allowed = range_named(device, name)
    return allowed is not None and allowed.is_log
