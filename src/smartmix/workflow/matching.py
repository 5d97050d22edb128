"""EQ match in the pass: tones of the mix as the plan leaves it, moves towards what the session names, what they did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from smartmix.audio import Samples
from smartmix.automation.targets import MIX
from smartmix.errors import AudioError, SessionError, SmartmixError
from smartmix.figures import number
from smartmix.matching.match import tone_of_file
from smartmix.matching.tone import Tone, tone_of_blocks
from smartmix.plan import MixPlan, Move
from smartmix.processors import ParametricEQ
from smartmix.processors.presets import load_preset
from smartmix.progress import Progress
from smartmix.rendering import stream, stream_bus, stream_track
from smartmix.session import Session
from smartmix.suggesters.eq_match import (
    NAME,
    Wanted,
    difference_db,
    match_moves,
    mean_tone,
    without_matches,
)

NEARER_DB = 0.1
"""A match that comes no nearer than this to what it is for did not earn its place."""


def has_targets(session: Session) -> bool:
    """Whether the session names anything its mix, a bus or a track is to sound like."""
    return bool(session.references or session.match)


def check_targets(session: Session) -> None:
    """SessionError or AudioError for a reference or preset that cannot be used: before minutes of listening."""
    for owner, files in _targets(session).items():
        if session.locks & {owner} or any(t.id == owner and t.locked for t in session.tracks):
            continue
        _reference(owner, files)


def with_matches(session: Session, plan: MixPlan, base: MixPlan, *, progress: Progress) -> MixPlan:
    """The plan with a move for each target; ``base`` is the plan whose moves in force the tones are measured behind.

    Locked and muted tracks get none. Errors as ``check_targets`` and ``stream``.
    """
    base = replace(base, moves=without_matches(base.moves))
    wanted = []
    targets = {k: v for k, v in _targets(session).items() if _is_free(session, base, k)}
    for number_, (owner, files) in enumerate(targets.items()):
        progress(f"listening to {' and '.join(f.name for f in files)}", number_ / len(targets))
        source = _tone(session, base, owner)
        if source is not None:
            names = " and ".join(f.stem for f in files)
            wanted.append(Wanted(owner, _name(session, owner), names, source, _reference(owner, files)))
    return replace(plan, moves=(*without_matches(plan.moves), *match_moves(wanted)))


def is_match(move: Move) -> bool:
    """Whether a move is an EQ match."""
    return move.source == NAME and bool(move.sets)


def match_outcome(session: Session, plan: MixPlan, move: Move) -> tuple[str, bool]:
    """How far the owner is from what it is to sound like without the move and with it, everything else in force; and
    whether it comes nearer. A preset has nothing to come nearer to: it is told, and stays.
    """
    owner = move.sets[0].ref.track
    files = _targets(session).get(owner)
    reference = None if files is None else _reference(owner, files)
    if reference is None or isinstance(reference, ParametricEQ):
        return f"{len(move.sets)} settings as written", True
    others = tuple(m for m in plan.moves if m.id != move.id)
    here = tuple(m.with_status("accepted") if m.id == move.id else m for m in plan.moves)
    before = _tone(session, replace(plan, moves=others), owner)
    after = _tone(session, replace(plan, moves=here), owner)
    if before is None or after is None:
        return "it is silent", False
    was, now = difference_db(before, reference), difference_db(after, reference)
    names = " and ".join(f.stem for f in files or ())
    return f"{number(was)} dB from {names}, now {number(now)}", was - now >= NEARER_DB


def _targets(session: Session) -> dict[str, tuple[Path, ...]]:
    """Files by owner; a file that is named for the mix stands before the references of the session."""
    targets = {MIX: session.references} if session.references else {}
    return targets | {owner: (file,) for owner, file in session.match}


def _is_free(session: Session, plan: MixPlan, owner: str) -> bool:
    track = next((t for t in session.tracks if t.id == owner), None)
    return owner not in plan.locks | session.locks and (track is None or not (track.locked or track.muted))


def _name(session: Session, owner: str) -> str:
    names = {MIX: "Mix"} | {b.id: b.name for b in session.buses} | {t.id: t.name for t in session.tracks}
    return names[owner]


def _tone(session: Session, plan: MixPlan, owner: str) -> Tone | None:
    """The tone of the mix, a bus or a track as the plan has it; None where it is silent."""
    try:
        return tone_of_blocks(_blocks(session, plan, owner), session.sample_rate, 2)
    except AudioError:
        return None


def _blocks(session: Session, plan: MixPlan, owner: str) -> Iterator[Samples]:
    if any(track.id == owner for track in session.tracks):
        return stream_track(session, plan, owner)
    return stream(session, plan) if owner == MIX else stream_bus(session, plan, owner)


def _reference(owner: str, files: tuple[Path, ...]) -> Tone | ParametricEQ:
    if len(files) == 1 and files[0].suffix.lower() == ".toml":
        return _preset(owner, files[0])
    return mean_tone([_tone_of_file(str(file), file.stat().st_mtime_ns) for file in files])


def _preset(owner: str, file: Path) -> ParametricEQ:
    try:
        eq = load_preset(file)
    except SmartmixError as error:
        raise SessionError(f"match, {owner}: {error}") from None
    if not isinstance(eq, ParametricEQ):
        raise SessionError(
            f"match, {owner}: {file} is a preset of {eq.native_name}; expected one of parametric_eq"
        )
    return eq


@lru_cache(maxsize=16)
def _tone_of_file(file: str, changed_ns: int) -> Tone:
    """Tones are measured once a run; ``changed_ns`` is when the file was written."""
    return tone_of_file(Path(file))
