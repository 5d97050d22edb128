"""A first balance: from the rough where there is one, else by role."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from smartmix.analysis.rough_cells import as_placed
from smartmix.analysis.rough_fit import RoughFit, fit_rough
from smartmix.audio.panning import pan_gains, pan_of
from smartmix.figures import pan_position
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.session import Track
from smartmix.suggesters.groups import Wanted, grouped_faders
from smartmix.suggesters.limits import FADER_PRINTS_DB, FADER_TO_ROUGH_DB, SMALLEST_PAN
from smartmix.suggesters.recalled import Recalled
from smartmix.suggesters.suggester import Context
from smartmix.units import Z80, db_to_gain, gain_to_db, power_to_db

MIX = "mix"
"""Track name of a move that concerns the whole mix."""
LEAST_EXPLAINED = 0.6
"""A fit that explains less than this of the rough is no brief."""
FAULT_ERROR_DB = 1.5
"""A microphone that works against its partner: whether the rough was made before or after that was put right nobody
knows, and its fit is off by up to 2.7 dB where it was after (measured on the demo)."""
PRINTS_CONFIDENCE = 0.6
"""Where the plain sum is already the rough, what is left is sooner the bus processing than a fader: have a listen."""
SIDE_WORTH_DB = 1.0
"""Right and left must differ by this, and by twice the error, before a track is panned."""

RECALLED_SIDE_DB, RECALLED_PAN = 0.5, 0.03
"""The same where the rough was read sample by sample (house)."""


@dataclass(frozen=True, slots=True)
class _Setting:
    """Where one track sits in the rough: fader delta, its error, pan (None: leave)."""

    track: Track
    fader_db: float
    error_db: float
    pan: float | None


class RoughBalance:
    """Two grouped moves that recall the client's rough: faders, and pans. Nothing when the sum is there already."""

    name = "rough-balance"

    def suggest(self, context: Context) -> list[Move]:
        """The moves that start the mix from the rough; [] without one, or when it is not of these tracks."""
        analysis = context.analysis
        if analysis.rough is None:
            return []
        prints = analysis.material == "prints"
        fit = _fit_of(context, pan=not prints)
        if fit is None:
            return []
        settings = _settings(context, fit, pan=not prints)
        limit = FADER_PRINTS_DB if prints else FADER_TO_ROUGH_DB
        return [*self._faders(context, fit, settings, limit), *self._pans(context, fit, settings)]

    def _faders(self, context: Context, fit: RoughFit, settings: list[_Setting], limit: float) -> list[Move]:
        wanted = {s.track.id: Wanted(float(np.clip(s.fader_db, -limit, limit)), s.error_db) for s in settings}
        moved = grouped_faders(context.session, wanted)
        if not moved:
            return []
        mean = float(np.mean([abs(w.change_db) for w in moved.values()]))
        error = Z80 * float(np.sqrt(np.mean([w.error_db**2 for w in moved.values()])))
        prints = context.analysis.material == "prints"
        return [
            Move(
                id=move_id(MIX, self.name, "fader"),
                track=MIX,
                title="Balance: start from the rough",
                source=self.name,
                confidence=min(_sureness(context, fit), PRINTS_CONFIDENCE if prints else 1.0),
                reason=_fader_reason(fit, recalled=context.recalled is not None),
                sets=tuple(
                    MoveSet(ParamRef(name, "fader", "gain_db"), "dB", 0.0, w.change_db)
                    for name, w in moved.items()
                ),
                authority="rough",
                interval=(mean - error, mean + error),
                result="The mix starts where the client left off.",
                cost=_fader_cost(context, fit),
                benefit=mean + 10.0,
                grouped=True,
                evidence=tuple(_fader_evidence(context, name, w) for name, w in moved.items()),
            )
        ]

    def _pans(self, context: Context, fit: RoughFit, settings: list[_Setting]) -> list[Move]:
        panned = [(s, s.pan) for s in settings if s.pan is not None]
        if not panned:
            return []
        return [
            Move(
                id=move_id(MIX, self.name, "pan"),
                track=MIX,
                title="Pan spread: start from the rough",
                source=self.name,
                confidence=_sureness(context, fit),
                reason=_pan_reason(len(panned)),
                sets=tuple(
                    MoveSet(ParamRef(s.track.id, "pan", "pan"), "", s.track.pan, p) for s, p in panned
                ),
                authority="rough",
                interval=(
                    min(abs(p - s.track.pan) for s, p in panned) / 2,
                    max(abs(p - s.track.pan) for s, p in panned),
                ),
                result="The picture is the client's to start with.",
                benefit=9.0,
                grouped=True,
                evidence=tuple(
                    Evidence(
                        "rough",
                        f"{s.track.name} sits {pan_position(p)} in the rough",
                        p,
                        "pan",
                        (s.track.id,),
                    )
                    for s, p in panned
                ),
            )
        ]


def _fit_of(context: Context, *, pan: bool) -> RoughFit | None:
    """What was recalled sample by sample, else the fit of levels if that explains enough; None: no brief."""
    if context.recalled is not None:
        fit = context.recalled.fit
        return fit if pan else replace(fit, side_db=np.zeros_like(fit.side_db))
    analysis = context.analysis
    if analysis.rough is None:
        return None
    fitted = fit_rough(as_placed(context.session, analysis.tracks), analysis.sum, analysis.rough, pan=pan)
    return fitted if fitted is not None and is_brief(fitted) else None


def is_brief(fit: RoughFit) -> bool:
    """Whether a fit explains enough of the rough to be told anything by it."""
    return bool(fit.heard.any()) and fit.explained >= LEAST_EXPLAINED


def _settings(context: Context, fit: RoughFit, *, pan: bool) -> list[_Setting]:
    """Fader deltas against the middle of the mix, and pans, for the tracks the rough tells about."""
    found = []
    faulty = _faulty(context)
    for index, id_ in enumerate(fit.tracks):
        track = context.session.track(id_)
        if not fit.heard[index] or track.locked:
            continue
        gain, side, error = (float(a[index]) for a in (fit.gain_db, fit.side_db, fit.error_db))
        if id_ in faulty:
            error = float(np.hypot(error, FAULT_ERROR_DB))
        certain = (
            context.recalled is not None
        )  # sample by sample, sides are known ten times better than levels
        clear = pan and abs(side) >= (RECALLED_SIDE_DB if certain else max(SIDE_WORTH_DB, 4.0 * error))
        place = _pan_from(track, side, RECALLED_PAN if certain else SMALLEST_PAN) if clear else None
        found.append(_Setting(track, gain + _side_gain_db(side if clear else 0.0), error, place))
    stood = _earlier_faders(context)
    middle = weighted_median(
        [s.fader_db - stood.get(s.track.id, 0.0) for s in found], [1.0 / (0.1 + s.error_db) for s in found]
    )
    return [_Setting(s.track, s.fader_db - middle, s.error_db, s.pan) for s in found]


def _earlier_faders(context: Context) -> dict[str, float]:
    """Where an earlier pass had recalled each fader, dB. A fit tells faders apart but not the level of them all: that
    stays where it was, or one revised track would shift every other fader and with it what a person had decided."""
    if context.earlier is None:
        return {}
    wanted = move_id(MIX, RoughBalance.name, "fader")
    sets = [s for m in context.earlier.moves if m.id == wanted for s in m.sets if s.ref.device == "fader"]
    faders: dict[str, float] = {}
    for each in sets:
        if not isinstance(each.suggested, float | int):
            continue
        bus = next((b for b in context.session.buses if b.id == each.ref.track), None)
        for id_ in (each.ref.track,) if bus is None else bus.members:
            faders[id_] = faders.get(id_, 0.0) + each.suggested
    return faders


def _faulty(context: Context) -> set[str]:
    """Tracks that are out of polarity or out of time with another microphone of their source, and that other one."""
    wrong = [p for p in context.analysis.pickups if p.inverted or p.shift_ms]
    return {id_ for p in wrong for id_ in (p.track, p.reference)}


def weighted_median(values: list[float], weights: list[float]) -> float:
    """The value with half the weight on either side (the lower one of two); 0 for no values."""
    if not values:
        return 0.0
    order = np.argsort(values, kind="stable")
    running = np.cumsum(np.asarray(weights)[order])
    return float(np.asarray(values)[order][np.searchsorted(running, running[-1] / 2.0)])


def _pan_from(track: Track, side_db: float, least: float) -> float | None:
    """Absolute pan position for a side difference on top of the track's own pan; None when hardly moved."""
    left, right = pan_gains(track.pan)
    own_db = gain_to_db(max(right, 1e-3) / max(left, 1e-3))
    place = round(pan_of(own_db + side_db), 2)
    return place if abs(place - track.pan) >= least else None


def _side_gain_db(side_db: float) -> float:
    """Fader dB that belong to a side difference, so that the sides come out at -side/2 and +side/2."""
    return power_to_db(0.5 * (db_to_gain(-side_db) + db_to_gain(side_db)))


def _sureness(context: Context, fit: RoughFit) -> float:
    return rough_confidence(fit) if context.recalled is None else recall_confidence(context.recalled)


def recall_confidence(found: Recalled) -> float:
    """0.7 where standing faders give a quarter of the rough sample by sample, 0.95 from two thirds on."""
    return float(np.clip(0.7 + 0.6 * (found.explained - 0.25), 0.5, 0.95))


def rough_confidence(fit: RoughFit) -> float:
    """0.5 at 60 % of the rough explained, 0.9 from 92 % on."""
    return float(np.clip(0.5 + 0.4 * (fit.explained - LEAST_EXPLAINED) / 0.32, 0.3, 0.9))


def _fader_reason(fit: RoughFit, *, recalled: bool) -> str:
    how = "sample by sample, " if recalled else ""
    return (
        f"The rough is the client's balance: {how}the plain sum explains {100 * fit.sum_explained:.0f} % of it, "
        f"these faders {100 * fit.explained:.0f} %."
    )


def _pan_reason(panned: int) -> str:
    tracks = "one track" if panned == 1 else f"{panned} tracks"
    return f"The rough has {tracks} in another place than the session."


def _fader_cost(context: Context, fit: RoughFit) -> str:
    silent = [
        context.session.track(t).name for t, heard in zip(fit.tracks, fit.heard, strict=True) if not heard
    ]
    told = [f"Not heard in the rough, so left alone: {', '.join(silent)}."] if silent else []
    faulty = _faulty(context)
    names = [context.session.track(t).name for t in fit.tracks if t in faulty]
    if names:
        told.append(f"Judge these again once polarity and timing are put right: {', '.join(names)}.")
    return " ".join(told)


def _fader_evidence(context: Context, name: str, wanted: Wanted) -> Evidence:
    where = "higher" if wanted.change_db > 0 else "lower"
    bus = next((b for b in context.session.buses if b.id == name), None)
    label = context.session.track(name).name if bus is None else f"all of {bus.name}"
    text = f"the rough has {label} {abs(wanted.change_db):.1f} dB {where} (±{Z80 * wanted.error_db:.1f})"
    return Evidence("rough", text, wanted.change_db, "dB", (name,) if bus is None else bus.members)
