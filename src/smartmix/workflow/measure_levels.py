"""What moves of level and place did on the render: faders, groups, sections, rides, pans, sends, first balances.

Each outcome is (what changed, in words; whether the move beats its own bypass).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from smartmix.analysis.analysis import FRAME_RATE_HZ, Analysis, TrackFacts
from smartmix.analysis.features import extract
from smartmix.analysis.loudness import measure_blocks
from smartmix.analysis.stereo import mono_loss_db
from smartmix.audio import Samples
from smartmix.figures import number
from smartmix.plan import MixPlan, Move
from smartmix.plan.staging import bypass, staging
from smartmix.rendering import stream, stream_bus, stream_track
from smartmix.session import Session
from smartmix.session.returns import RETURNS
from smartmix.units import mean_db, power_to_db
from smartmix.workflow.after import Rendered, rendered
from smartmix.workflow.before import track_before

Outcome = tuple[str, bool]

LEVEL_TOLERANCE_DB = 0.1
NEARER_DB = 0.05
"""A start from the rough mix that brings the mix nearer to it by less than this changes nothing one can read."""
LARGEST_TILT_DB = 1.5
"""A pan spread may leave one side this much louder; more is a crooked mix."""
LARGEST_MONO_LOSS_DB = 1.5
"""A pan spread may cost this much more in mono."""
RETURN_RANGE_LU = (5.0, 20.0)
"""Nearer, a return is an effect of its own; further, nobody hears it."""
SILENT_LUFS = -150.0


def level_outcome(session: Session, analysis: Analysis, plan: MixPlan, move: Move) -> Outcome | None:
    """The outcome of a move that concerns only faders, trims, pans and sends; None for any other move."""
    devices = {item.ref.device for item in move.sets}
    if "send" in devices:
        return _sends(session, plan, move)
    if devices == {"pan"} and len(move.sets) == 1 and not move.grouped:
        return _pan_of_track(session, analysis, plan, move)
    if devices == {"pan"} and analysis.rough is None:
        return _pans(session, analysis, plan, move)
    if not devices or not devices <= {"fader", "trim", "pan"}:
        return None
    if move.grouped or len({item.ref.track for item in move.sets}) > 1:
        return _first_balance(session, analysis, plan, move)
    if devices == {"pan"} or any(item.ref.track in _return_ids() for item in move.sets):
        return None
    before, after = _before_and_after(session, analysis, plan, move)
    return _ride(before, after, move) if move.span_s or _has_lane(move) else _fader(before, after, move)


def _return_ids() -> frozenset[str]:
    return frozenset(item.id for item in RETURNS)


def _has_lane(move: Move) -> bool:
    return any(isinstance(item.value, tuple) for item in move.sets)


def _before_and_after(
    session: Session, analysis: Analysis, plan: MixPlan, move: Move
) -> tuple[TrackFacts | Rendered, Rendered]:
    """The track or bus as it plays without and with the move alone."""
    name, rate = move.sets[0].ref.track, session.sample_rate
    if any(bus.id == name for bus in session.buses):
        blocks = [
            stream_bus(session, bypass(plan, move.id), name),
            stream_bus(session, plan, name, solo_move=move.id),
        ]
        before, after = (rendered(b, rate, bands=False) for b in blocks)
        return before, after
    after = rendered(stream_track(session, plan, name, solo_move=move.id), rate, bands=False)
    return track_before(session, analysis, plan, move, name, bands=False), after


def _change_lu(before: TrackFacts | Rendered, after: Rendered, use: slice = slice(None)) -> float | None:
    """Change of level over the frames in which the source sounds, LU; None where it does not."""
    frames = min(before.features.active.size, after.features.loudness_lufs.size)
    active = before.features.active[:frames][use]
    if not active.any():
        return None
    old, new = (f.features.loudness_lufs[:frames][use][active] for f in (before, after))
    return max(mean_db(new), SILENT_LUFS) - max(mean_db(old), SILENT_LUFS)


def _fader(before: TrackFacts | Rendered, after: Rendered, move: Move) -> Outcome:
    asked = sum(item.value for item in move.sets if isinstance(item.value, float))
    level = _change_lu(before, after)
    if level is None:
        return "the track is silent", False
    return f"level {number(level, plus=True)} LU", abs(level - asked) <= LEVEL_TOLERANCE_DB


def _ride(before: TrackFacts | Rendered, after: Rendered, move: Move) -> Outcome:
    """How much the rendered track changed inside the ridden part, and where that leaves it against the rest."""
    lane = next((s.value for s in move.sets if isinstance(s.value, tuple)), None)
    span_s = move.span_s or ((lane[0].time_s, lane[-1].time_s) if lane else (0.0, math.inf))
    last = before.features.active.size
    start, end = (round(min(s * FRAME_RATE_HZ, last)) for s in span_s)
    change = _change_lu(before, after, slice(start, end))
    if change is None:
        return "the track is silent there", False
    moved = number(change, plus=True)
    was = next((fact.amount for fact in move.evidence if fact.kind == "level"), None)
    if was is not None:
        now, then = (number(value, plus=True) for value in (was + change, was))
        text = f"{moved} LU there: {now} LU from its usual place instead of {then}"
        return text, abs(was + change) < abs(was)
    if lane is None:
        asked = sum(item.value for item in move.sets if isinstance(item.value, float))
        # Frames at the edges hold some of both.
        return f"{moved} LU there", abs(change - asked) <= 0.2 * abs(asked) + LEVEL_TOLERANCE_DB
    return f"{moved} LU there", abs(change) >= LEVEL_TOLERANCE_DB


def _pans(session: Session, analysis: Analysis, plan: MixPlan, move: Move) -> Outcome:
    """Balance of the sides, correlation and what mono loses, against the sum without the move."""
    rate = session.sample_rate
    before = analysis.sum
    if staging(plan, move.id):
        before = extract(stream(session, bypass(plan, move.id)), rate, 2, "sum")
    after = extract(stream(session, plan, solo_move=move.id), rate, 2, "mix")
    tilt, loss = _tilt_db(after), _mono_loss_db(after)
    was_tilt, was_loss = _tilt_db(before), _mono_loss_db(before)
    side = (
        "level"
        if abs(tilt) < LEVEL_TOLERANCE_DB
        else f"{number(abs(tilt))} dB {'right' if tilt > 0 else 'left'}"
    )
    text = (
        f"sides {side}, correlation {number(after.correlation, 2, plus=True)} "
        f"(was {number(before.correlation, 2, plus=True)}), mono loses {number(loss)} dB (was {number(was_loss)})"
    )
    wider = after.correlation < before.correlation
    straight = abs(tilt) <= max(LARGEST_TILT_DB, abs(was_tilt))
    return text, wider and straight and loss - was_loss <= LARGEST_MONO_LOSS_DB


def _pan_of_track(session: Session, analysis: Analysis, plan: MixPlan, move: Move) -> Outcome:
    """How much louder one side of the track is than the other, without and with the move."""
    name = move.sets[0].ref.track
    blocks = stream_track(session, plan, name, solo_move=move.id)
    was = _tilt_db(track_before(session, analysis, plan, move, name, bands=True))
    now = _tilt_db(rendered(blocks, session.sample_rate, bands=True))
    side = (
        "level"
        if abs(now) < LEVEL_TOLERANCE_DB
        else f"{number(abs(now))} dB {'right' if now > 0 else 'left'}"
    )
    return f"sides {side} (was {number(was, plus=True)} dB)", abs(now - was) >= LEVEL_TOLERANCE_DB


def _sides(facts: TrackFacts | Rendered) -> tuple[float, float]:
    left, right = facts.features.left_power, facts.features.right_power
    return float(np.sum(left, dtype=np.float64)), float(np.sum(right, dtype=np.float64))


def _tilt_db(facts: TrackFacts | Rendered) -> float:
    left, right = _sides(facts)
    return power_to_db(right / left) if left > 0.0 and right > 0.0 else 0.0


def _mono_loss_db(facts: TrackFacts) -> float:
    return mono_loss_db(facts.correlation, *_sides(facts))


def _sends(session: Session, plan: MixPlan, move: Move) -> Outcome:
    """How far what comes back of each track lies under the track itself."""
    under = {
        name: _return_under_lu(session, plan, move, name)
        for name in dict.fromkeys(s.ref.track for s in move.sets if s.ref.device == "send")
    }
    words = [
        f"{number(lu)} LU under {session.track(name).name}" for name, lu in under.items() if math.isfinite(lu)
    ]
    if not words:
        return "nothing comes back", False
    low, high = RETURN_RANGE_LU
    return f"return {', '.join(words)}", all(low <= lu <= high for lu in under.values())


def _return_under_lu(session: Session, plan: MixPlan, move: Move, track: str) -> float:
    """Integrated loudness of the track over that of all it gets back; inf when nothing comes back."""
    rate = session.sample_rate
    dry = measure_blocks(stream_track(session, plan, track, solo_move=move.id), rate, 2)
    both = stream_track(session, plan, track, solo_move=move.id, with_returns=True)
    wet = measure_blocks(_apart(both, stream_track(session, plan, track, solo_move=move.id)), rate, 2)
    if not (math.isfinite(dry.integrated_lufs) and math.isfinite(wet.integrated_lufs)):
        return math.inf
    return dry.integrated_lufs - wet.integrated_lufs


def _apart(both: Iterable[Samples], dry: Iterable[Samples]) -> Iterator[Samples]:
    """One stream less the other, block by block; the tail the dry one does not have is kept."""
    rest = iter(dry)
    for block in both:
        alone = next(rest, None)
        if alone is None:
            yield block
            continue
        difference = block.copy()
        difference[:, : alone.shape[1]] -= alone[:, : block.shape[1]]
        yield difference


def _first_balance(session: Session, analysis: Analysis, plan: MixPlan, move: Move) -> Outcome:
    """A balance or pan spread: how far the mix is from the rough mix, without and with it."""
    if analysis.rough is None:
        return f"{len(move.sets)} settings as written", True
    rate = session.sample_rate
    before: TrackFacts | Rendered = analysis.sum
    if staging(plan, move.id):
        before = rendered(stream(session, bypass(plan, move.id)), rate, bands=True)
    after = rendered(stream(session, plan, solo_move=move.id), rate, bands=True)
    was = rough_distance_db(before, analysis.rough)
    now = rough_distance_db(after, analysis.rough)
    nearer = was - now >= NEARER_DB
    return f"{now:.1f} dB from the rough mix on average (was {was:.1f})", nearer


def rough_distance_db(mix: TrackFacts | Rendered, rough: TrackFacts) -> float:
    """Mean distance of the two sides' spectra over time (dB), levels aligned, where the rough mix is audible."""
    frames = min(mix.features.loudness_lufs.size, rough.features.loudness_lufs.size)
    ours, theirs = (
        np.stack([f.features.left_power[:frames], f.features.right_power[:frames]]).astype(np.float64)
        for f in (mix, rough)
    )
    audible = theirs > theirs.max(initial=0.0) * 1e-5
    if not audible.any():
        return 0.0
    difference = power_to_db(ours[audible] + 1e-15) - power_to_db(theirs[audible])
    return float(np.mean(np.abs(difference - np.median(difference))))
