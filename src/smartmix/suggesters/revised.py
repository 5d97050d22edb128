"""Moves a revised file calls for: the trim that keeps its level, and the shift that puts it back in its place."""

from __future__ import annotations

from dataclasses import dataclass

from smartmix.figures import number
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.session import Session, Track

NAME = "revision"
BENEFIT = 15.0
SMALLEST_TRIM_DB = 0.1
"""Smaller level changes between two exports are left alone (house)."""
LARGEST_TRIM_DB = 24.0
SHIFT_CONFIDENCE = 0.65
"""A file that came late may be meant so: never moved unasked."""


@dataclass(frozen=True, slots=True)
class Changed:
    """How a track's new file differs from the one decisions were made about: dB hotter, frames later."""

    track: str
    gain_db: float = 0.0
    offset_frames: float = 0.0


def trims_db(plan: MixPlan | None, changed: tuple[Changed, ...]) -> dict[str, float]:
    """The trim each track needs so that what comes behind it sees the level it was set up for, dB.

    What an earlier plan trims already is carried on: a file that has not changed since then still needs it.
    """
    trims: dict[str, float] = {}
    for move in plan.moves if plan is not None else ():
        if move.source == NAME:
            for setting in move.sets:
                if setting.ref.device == "trim" and isinstance(setting.suggested, float):
                    trims[setting.ref.track] = setting.suggested
    for item in changed:
        trims[item.track] = trims.get(item.track, 0.0) - item.gain_db
    return {
        t: max(-LARGEST_TRIM_DB, min(v, LARGEST_TRIM_DB))
        for t, v in trims.items()
        if abs(v) >= SMALLEST_TRIM_DB
    }


def trims_in_force_db(plan: MixPlan | None, changed: tuple[Changed, ...]) -> dict[str, float]:
    """The trims nobody refused, as a person may have edited them: what is suggested next is suggested behind them."""
    refused = (
        {m.track for m in plan.moves if m.source == NAME and m.status == "rejected"}
        if plan is not None
        else set()
    )
    anew = {item.track for item in changed}
    edited = {
        s.ref.track: s.value
        for m in (plan.moves if plan is not None else ())
        for s in m.sets
        if m.source == NAME and m.status == "edited" and s.ref.device == "trim" and s.ref.track not in anew
    }
    chosen = {track: value for track, value in edited.items() if isinstance(value, float)}
    return {t: chosen.get(t, trim) for t, trim in trims_db(plan, changed).items() if t not in refused}


def revision_moves(session: Session, plan: MixPlan | None, changed: tuple[Changed, ...]) -> list[Move]:
    """A trim for every track that came back hotter or quieter, a shift for every one that came back late or early."""
    tracks = {t.id: t for t in session.audible_tracks if not t.locked}
    moves = [_trim(tracks[i], v) for i, v in sorted(trims_db(plan, changed).items()) if i in tracks]
    late = [c for c in changed if abs(c.offset_frames) >= 1.0 and c.track in tracks]
    return [*moves, *(_shift(tracks[c.track], c.offset_frames, session.sample_rate) for c in late)]


def _trim(track: Track, value: float) -> Move:
    hotter = f"{number(abs(value))} dB {'hotter' if value < 0 else 'quieter'}"
    fact = f"the new file of {track.name} is {hotter} where it is the same"
    return Move(
        id=move_id(track.id, NAME, "trim"),
        track=track.id,
        title=f"{track.name}: trim {number(value, plus=True)} dB",
        source=NAME,
        confidence=0.95,
        reason=f"The new file is {hotter}: fader, thresholds and sends were set up for the old level.",
        sets=(MoveSet(ParamRef(track.id, "trim", "gain_db"), "dB", 0.0, value),),
        interval=(value - 0.05, value + 0.05),
        result="Every earlier decision meets the level it was made for.",
        cost="If the new level is meant, reject this.",
        benefit=BENEFIT,
        evidence=(Evidence("revision", fact, -value, "dB", (track.id,)),),
    )


def _shift(track: Track, frames: float, sample_rate: int) -> Move:
    ms = frames / sample_rate * 1000.0
    where = "late" if frames > 0 else "early"
    far = f"{abs(round(frames)):,} samples ({number(abs(ms), 1)} ms)"
    fact = f"the new file of {track.name} lies {abs(round(frames)):,} samples {where} against the old one"
    return Move(
        id=move_id(track.id, NAME, "shift"),
        track=track.id,
        title=f"{track.name}: {'earlier' if frames > 0 else 'later'} by {number(abs(ms), 2)} ms",
        source=NAME,
        confidence=SHIFT_CONFIDENCE,
        reason=f"The new file lies {far} {where} against the old one.",
        sets=(MoveSet(ParamRef(track.id, "input", "shift_ms"), "ms", 0.0, -ms),),
        interval=(min(-0.9 * ms, -1.1 * ms), max(-0.9 * ms, -1.1 * ms)),
        result="It lies where the old one lay.",
        cost="If it was moved on purpose, leave it.",
        benefit=5.0,
        evidence=(Evidence("revision", fact, ms, "ms", (track.id,)),),
    )
