"""Polarity and alignment: microphones of one source that work against each other, put right as a group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from smartmix.analysis.pickup import KIT, Pickup
from smartmix.figures import number
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.suggesters.suggester import Context

WORTH_DB = 0.5
"""What a repair must gain the sum in its band; less is nobody's trouble (house)."""
LEAST_SURE = 0.6
"""A turn less sure than this stays out of a group's move: one doubtful microphone would spoil it."""
MEANT_ROLES = ("synth", "pad", "effects", "unknown")
"""Here opposed sides may be the sound (a widener): never taken unasked."""
MEANT_CONFIDENCE = 0.55
PRINTS_CONFIDENCE = 0.6
"""Prints went through somebody's hands already: have a listen."""
REPAIR_BENEFIT = 20.0
"""Repairs come before everything that is judged on top of them."""
FRAMES_UNSURE = 3.0
"""A delay is known to a few frames: amp and cabinet turn the phase."""


@dataclass(frozen=True, slots=True)
class _Repair:
    """What to do to one track, why, and how sure that is."""

    pickup: Pickup
    sets: tuple[MoveSet, ...]
    confidence: float
    evidence: Evidence


class Repairs:
    """One move per group of microphones: turn over what is out of polarity, line up an amp with its DI.

    Overheads and rooms are never moved in time. Nothing where the sum would not gain from it.
    """

    name = "repairs"

    def suggest(self, context: Context) -> list[Move]:
        """A grouped move for the kit, one for every other pair and for every track with opposed sides."""
        groups: dict[tuple[str, str], list[_Repair]] = {}
        for repair in self._repairs(context):
            pickup = repair.pickup
            key = (pickup.group, "" if pickup.group == KIT else pickup.track)
            groups.setdefault(key, []).append(repair)
        return [self._move(context, name, repairs) for (name, _), repairs in groups.items()]

    def _repairs(self, context: Context) -> Iterator[_Repair]:
        """Kit and sides first: what they turn over decides which of its partners follow."""
        free = [p for p in context.analysis.pickups if not context.session.track(p.track).locked]
        turned: set[str] = set()
        for pickup in (p for p in free if p.kind != "pair"):
            if pickup.inverted and pickup.gained_db >= WORTH_DB:
                repair = _repair(context, pickup, turn=True)
                if repair.confidence >= LEAST_SURE or pickup.kind == "sides":
                    if pickup.side == "both":
                        turned.add(pickup.track)
                    yield repair
        for pickup in (p for p in free if p.kind == "pair"):
            turn = pickup.inverted != (pickup.reference in turned)
            follows = pickup.reference in turned
            worth = pickup.gained_db >= WORTH_DB or follows
            if (turn or pickup.shift_ms) and worth:
                repair = _repair(context, pickup, turn=turn)
                if repair.confidence >= LEAST_SURE or follows:
                    yield repair

    def _move(self, context: Context, group: str, repairs: list[_Repair]) -> Move:
        sets = tuple(s for repair in repairs for s in repair.sets)
        tracks = list(dict.fromkeys(r.pickup.track for r in repairs))
        main = tracks[0]
        gained = max(r.pickup.gained_db for r in repairs)
        grouped = len(tracks) > 1
        device = "polarity" if any(s.ref.parameter == "polarity" for s in sets) else "shift_ms"
        return Move(
            id=move_id(group if grouped else main, self.name, "input"),
            track=main,
            title=_title(context, group, tracks, sets),
            source=self.name,
            confidence=min(r.confidence for r in repairs),
            reason=" ".join(f"{_fact(context, r.pickup)}." for r in repairs),
            sets=sets,
            interval=_interval(context, repairs, device),
            result=_result(context, repairs),
            cost=_cost(context, tracks),
            benefit=REPAIR_BENEFIT + gained,
            grouped=grouped,
            evidence=tuple(r.evidence for r in repairs),
        )


def _repair(context: Context, pickup: Pickup, *, turn: bool) -> _Repair:
    sets = []
    if turn:
        value = "inverted" if pickup.side == "both" else f"{pickup.side}_inverted"
        sets.append(MoveSet(ParamRef(pickup.track, "input", "polarity"), "", "normal", value))
    if pickup.shift_ms:
        sets.append(
            MoveSet(ParamRef(pickup.track, "input", "shift_ms"), "ms", 0.0, round(pickup.shift_ms, 4))
        )
    return _Repair(pickup, tuple(sets), _confidence(context, pickup), _evidence(context, pickup))


def _confidence(context: Context, pickup: Pickup) -> float:
    """0.6 where they are barely alike in the band, 0.95 where they are the same there; a gain under 1 dB costs 0.15."""
    sure = 0.55 + 0.4 * pickup.match
    if pickup.gained_db < 1.0:
        sure -= 0.15
    role = context.session.track(pickup.track).role
    if pickup.kind == "sides" and role in MEANT_ROLES:
        sure = min(sure, MEANT_CONFIDENCE)
    if context.analysis.material == "prints":
        sure = min(sure, PRINTS_CONFIDENCE)
    return round(min(0.95, max(0.3, sure)), 3)


def _evidence(context: Context, pickup: Pickup) -> Evidence:
    ids = tuple(dict.fromkeys((pickup.track, pickup.reference)))
    kind = "delay" if pickup.shift_ms else "polarity"
    text = f"{_fact(context, pickup)}; put right, {_gain(pickup)}"
    return Evidence(kind, text, pickup.gained_db, "dB", ids, pickup.band_hz)


def _fact(context: Context, pickup: Pickup) -> str:
    """What is wrong with a track: "Bass Amp comes 2.50 ms (120 samples) after Bass DI"."""
    track, other = context.session.track(pickup.track), context.session.track(pickup.reference)
    if pickup.kind == "sides":
        return f"{track.name} plays its sides against each other"
    if pickup.shift_ms:
        frames = abs(pickup.late_ms) * context.session.sample_rate / 1000.0
        place = "after" if pickup.late_ms > 0.0 else "before"
        upside = " and upside down" if pickup.inverted else ""
        distance = f"{number(abs(pickup.late_ms), 2)} ms ({frames:.0f} samples)"
        return f"{track.name} comes {distance} {place} {other.name}{upside}"
    if pickup.inverted:
        distance = ", their distance taken out" if pickup.kind == "kit" else ""
        return f"{track.name} is upside down against {other.name}{distance}"
    return f"{track.name} goes with {other.name}, which is turned over"


def _gain(pickup: Pickup) -> str:
    low, high = pickup.band_hz
    where = "in mono" if pickup.kind == "sides" else "together"
    return f"{number(pickup.gained_db)} dB more at {low:.0f}\u2013{high:.0f} Hz {where}"


def _title(context: Context, group: str, tracks: list[str], sets: tuple[MoveSet, ...]) -> str:
    name = f"{group[0].upper()}{group[1:]}" if len(tracks) > 1 else context.session.track(tracks[0]).name
    parts = {s.ref.parameter for s in sets}
    what = {frozenset({"polarity"}): "polarity", frozenset({"shift_ms"}): "lined up with its DI"}
    return f"{name}: {what.get(frozenset(parts), 'polarity, and lined up with its DI')}"


def _interval(context: Context, repairs: list[_Repair], device: str) -> tuple[float, float]:
    """Milliseconds for a lone shift, else dB gained."""
    if device == "shift_ms" and len(repairs) == 1:
        middle, wide = repairs[0].pickup.shift_ms, 1000.0 * FRAMES_UNSURE / context.session.sample_rate
        return middle - wide, middle + wide
    gains = [r.pickup.gained_db for r in repairs if r.pickup.gained_db > 0.0]
    return 0.5 * min(gains), max(gains)


def _result(context: Context, repairs: list[_Repair]) -> str:
    """What the sums gain: "10.3 dB more at 60-120 Hz together", with the names where there are several."""
    gains = [
        (context.session.track(r.pickup.track).name, _gain(r.pickup))
        for r in repairs
        if r.pickup.gained_db > 0.0
    ]
    if len(repairs) == 1:
        return f"{gains[0][1]}."
    return f"{', '.join(f'{name} {gain}' for name, gain in gains)}."


def _cost(context: Context, tracks: Iterable[str]) -> str:
    if not context.has_rough:
        return ""
    names = " and ".join(context.session.track(t).name for t in tracks)
    return f"The rough mix was balanced with it as it was: judge the level of {names} again."
