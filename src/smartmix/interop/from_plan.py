"""A session and its plan as a DAW session: every fader, pan, send, ride, EQ and plugin that a format has words for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from smartmix.automation import compile_plan
from smartmix.automation.events import StripSettings
from smartmix.automation.lane import FrameLane
from smartmix.automation.levels import FADER, Levels
from smartmix.automation.spans import edge_frames, frame_span, is_outside
from smartmix.automation.values import value_lane
from smartmix.interop.comments import sentences
from smartmix.interop.groups import Groups, groups_of
from smartmix.interop.lanes import added
from smartmix.interop.model import Clip, Control, Loss, Marker, Project, Send, Tempo, Track
from smartmix.interop.names import model_ids
from smartmix.interop.racks import told_chain
from smartmix.interop.strips import Told, control, tell
from smartmix.plan.conflicts import resolve
from smartmix.session.returns import RETURNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartmix.automation.events import CompiledMix, SumEq
    from smartmix.plan.mixplan import MixPlan
    from smartmix.plan.move import Move
    from smartmix.session import session as sessions

MASTER = "master"
PAN_LAW = Loss(
    "project",
    "pan law: smartmix's is 0 dB at the centre and +3 dB at a side, stereo tracks balanced",
    "set the DAW's to the same, or bring panned tracks back by ear",
)


@dataclass(frozen=True, slots=True)
class Handover:
    """The DAW session, without prints yet. ``printed``: session tracks whose sound it cannot tell in full;
    ``returns``: effect returns, which no DAW has as they are. ``names``: the project's track id by session id.
    """

    project: Project
    printed: tuple[str, ...]
    returns: tuple[str, ...]
    names: dict[str, str]


def hand_over(session: sessions.Session, plan: MixPlan, carries: frozenset[str]) -> Handover:
    """What a plan makes of a session, for a format that ``carries`` the devices named (``formats.Format.carries``).

    Original tracks stay what they are: one clip each, where it starts. Faders of buses become faders of groups, and the
    sends of a track in a group follow the group's fader, as they do here. PlanError as ``compile_plan``.
    """
    return _Handing(session, plan, carries).done()


@dataclass(slots=True)
class _Handing:
    session: sessions.Session
    plan: MixPlan
    carries: frozenset[str]
    losses: list[Loss] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    groups: Groups = field(init=False)
    moves: tuple[Move, ...] = ()
    comments: dict[str, list[str]] = field(default_factory=dict)
    levels: dict[str, Control] = field(default_factory=dict)

    def done(self) -> Handover:
        """Everything, in the order of a mixer: groups, tracks, returns, the master."""
        self.groups = groups_of(self.session, self.plan)
        self.moves = resolve(self.plan)[0]
        self.comments = sentences(self.session, self.moves)
        compiled = self._compiled()
        owners = [
            *(bus.id for bus in self.groups.buses),
            *(track.id for track in self.session.tracks),
            *(item.return_id for item in compiled.returns),
        ]
        self.names = model_ids(owners, own=(MASTER,))
        tracks = [
            *(self._group(bus, compiled) for bus in self.groups.buses),
            *self._tracks(compiled),
            *self._returns(compiled),
        ]
        tracks.append(self._master(compiled))
        self.losses += [*self.groups.losses, *(Loss("project", text) for text in compiled.notices)]
        if "pan_law" not in self.carries and any(not t.pan.is_neutral for t in tracks):
            self.losses.append(PAN_LAW)
        project = Project(
            name=self.session.name,
            sample_rate=self.session.sample_rate,
            duration_s=self.session.duration_s,
            tracks=tuple(tracks),
            tempo=tuple(Tempo(t.time_s, t.bpm, t.beats_per_bar, t.beat_unit) for t in self.session.tempo_map),
            markers=tuple(Marker(s.start_s, s.name, end_s=s.end_s) for s in self.session.sections),
            comment=f"{len(self.moves)} moves of smartmix in force",
            losses=tuple(self.losses),
        )
        returns = tuple(item.return_id for item in compiled.returns)
        return Handover(project, tuple(self.printed), returns, self.names)

    def _compiled(self) -> CompiledMix:
        """The strips without the faders that become those of groups, which are noted."""
        riding = self.groups.riding
        faders = Levels(self.session.sample_rate)
        others = []
        for move in self.moves:
            mine = [s for s in move.sets if s.ref.track in riding or s.ref.track in {r.id for r in RETURNS}]
            for item in mine:
                if item.ref.device == "fader":
                    self._take(faders, move, item.ref.track, item.value)
            left = tuple(s for s in move.sets if s.ref.track not in riding or s.ref.device != "fader")
            if left:
                others.append(replace(move, sets=left, status=move.status))
        for bus in self.session.buses:
            if bus.id in riding:
                lane = faders.lanes(bus.id, {FADER: bus.gain_db}).get(FADER)
                self.levels[bus.id] = control(lane, self.session.sample_rate)
        for back in RETURNS:
            lane = faders.lanes(back.id, {FADER: 0.0}).get(FADER)
            self.levels[back.id] = control(lane, self.session.sample_rate)
        buses = tuple(replace(b, gain_db=0.0) if b.id in riding else b for b in self.session.buses)
        return compile_plan(replace(self.session, buses=buses), replace(self.plan, moves=tuple(others)))

    def _take(self, faders: Levels, move: Move, owner: str, value: object) -> None:
        span, rate = frame_span(self.session, move), self.session.sample_rate
        if is_outside(self.session, span):
            return
        lane: FrameLane = value_lane(value, rate, f"move {move.id}: {owner}")  # type: ignore[arg-type]
        if span is not None:
            lane = lane.limited(span, edge_frames(rate), rest=0.0)
        faders.take(owner, FADER, lane)

    def _group(self, bus: sessions.Bus, compiled: CompiledMix) -> Track:
        found = next((each for each in compiled.buses if each.bus_id == bus.id), None)
        told = self._sum_eq(bus.id, None if found is None else found.eq)
        if chain := self.plan.chains.get(bus.id, ""):
            told = self._through(chain, told, 2, bus.name)
        self._lose(
            bus.name, told, "they are missing in the group: take smartmix's print of the mix as the model"
        )
        return Track(
            id=self.names[bus.id],
            source=bus.id,
            name=bus.name,
            kind="group",
            parent=self._parent(bus.id),
            devices=told.devices,
            volume=self.levels.get(bus.id, Control()),
            comment=self._comment(bus.id),
        )

    def _tracks(self, compiled: CompiledMix) -> list[Track]:
        strips = {strip.track_id: strip for strip in compiled.strips}
        fed = [item.return_id for item in compiled.returns]
        return [self._track(track, strips.get(track.id), fed) for track in self.session.tracks]

    def _track(self, track: sessions.Track, strip: StripSettings | None, fed: Sequence[str]) -> Track:
        rate = self.session.sample_rate
        told = Told(volume=Control(track.gain_db), pan=Control(track.pan))
        if strip is not None:
            told = self._told(track, strip)
            if told.lost:
                self.printed.append(track.id)
        self._lose(track.name, told, "a print of the whole sound is on the muted track beside it")
        above = [self.levels[b] for b in self._above(track.id) if b in self.levels]
        return Track(
            id=self.names[track.id],
            source=track.id,
            name=track.name,
            parent=self._parent(track.id),
            clips=(_clip(track, 0 if strip is None else strip.shift_frames, rate),),
            polarity="normal" if strip is None else strip.polarity,  # type: ignore[arg-type]
            trim=told.trim,
            devices=told.devices,
            volume=told.volume,
            pan=told.pan,
            muted=track.muted,
            sends=tuple(
                Send(self.names[fed[number - 1]], added(level, *above) if above else level)
                for number, level in sorted(told.sends.items())
            ),
            comment=self._comment(track.id),
            channels=track.channels or 2,
        )

    def _told(self, track: sessions.Track, strip: StripSettings) -> Told:
        rate = self.session.sample_rate
        if not strip.chain:
            return tell(strip, rate, self.carries)
        chain = told_chain(strip.chain, strip, rate, track.channels or 2, track.id)
        left = {name: lane for name, lane in strip.lanes.items() if not chain.carried(name)}
        return self._joined(tell(replace(strip, lanes=left), rate, self.carries), chain)

    def _through(self, file: str, told: Told, channels: int, owner: str) -> Told:
        nothing = StripSettings(owner, {})
        return self._joined(told, told_chain(file, nothing, self.session.sample_rate, channels, owner))

    def _sum_eq(self, owner: str, eq: SumEq | None) -> Told:
        """The EQ of a bus or the mix, as a strip of its own would have it."""
        if eq is None:
            return Told()
        return tell(StripSettings(owner, eq.static, lanes=eq.lanes), self.session.sample_rate, self.carries)

    def _joined(self, told: Told, chain: object) -> Told:
        from smartmix.interop.racks import ToldChain

        assert isinstance(chain, ToldChain)
        if "vst3" not in self.carries:
            told.lost += [plugin.name for plugin in chain.plugins]
        else:
            plain = [p for p in chain.plugins if p.wet == 1.0 or "dry_wet" in self.carries]
            told.lost += [f"{p.name} mixed with the dry sound" for p in chain.plugins if p not in plain]
            told.devices = (*plain, *told.devices) if chain.first else (*told.devices, *plain)
        told.lost += chain.lost
        told.near += chain.near
        return told

    def _returns(self, compiled: CompiledMix) -> list[Track]:
        names = {item.id: item.name for item in RETURNS}
        tracks = []
        for item in compiled.returns:
            settings = ", ".join(f"{k} {v:g}" for k, v in sorted(item.static.items()) if k != "mix")
            told = "\n".join(
                filter(None, [f"{item.device}: {settings or 'as it comes'}", self._comment(item.return_id)])
            )
            tracks.append(
                Track(
                    self.names[item.return_id],
                    names[item.return_id],
                    "return",
                    volume=self.levels[item.return_id],
                    muted=True,
                    comment=told,
                )
            )
            self.losses.append(
                Loss(
                    names[item.return_id],
                    f"smartmix's own {item.device}",
                    "its print plays; put your own on the muted return, which the sends feed, and mute the print",
                )
            )
        return tracks

    def _master(self, compiled: CompiledMix) -> Track:
        told = self._sum_eq("mix", compiled.mix_eq)
        if compiled.mix_chain:
            told = self._through(compiled.mix_chain, told, 2, "the mix")
        self._lose("Master", told, "they are missing on the master")
        return Track(MASTER, "Master", "master", devices=told.devices)

    def _parent(self, owner: str) -> str | None:
        parent = self.groups.parents.get(owner)
        return None if parent is None else self.names[parent]

    def _above(self, owner: str) -> list[str]:
        found: list[str] = []
        while (owner := self.groups.parents.get(owner, "")) and owner not in found:
            found.append(owner)
        return found

    def _comment(self, owner: str) -> str:
        return "\n".join(self.comments.get(owner, ()))

    def _lose(self, where: str, told: Told, done: str) -> None:
        if told.lost:
            self.losses.append(Loss(where, ", ".join(told.lost), done))
        self.losses += [Loss(where, text) for text in told.near]


def _clip(track: sessions.Track, shift_frames: int, sample_rate: int) -> Clip:
    """The whole file, where it starts; what lies before 0 is not heard, as here."""
    place = track.offset_frames + shift_frames
    start_s = max(-place, 0) / sample_rate
    length_s = track.frames / track.sample_rate if track.sample_rate else 0.0
    return Clip(
        time_s=max(place, 0) / sample_rate,
        duration_s=max(length_s - start_s, 0.0),
        file=track.path,
        start_s=start_s,
        name=track.name,
        sample_rate=track.sample_rate,
        channels=track.channels,
        frames=track.frames,
    )
