"""Opinions: moves a person may take or leave, each with its reason, its evidence and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from smartmix.analysis.analysis import Analysis, TrackFacts
from smartmix.analysis.trimmed import with_trims
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move
from smartmix.session.session import Session
from smartmix.suggesters.balance import RoughBalance
from smartmix.suggesters.compression import Compression
from smartmix.suggesters.corrective_eq import CorrectiveEq
from smartmix.suggesters.de_ess import DeEss
from smartmix.suggesters.fader_curves import fader_curves
from smartmix.suggesters.habits import HabitsFile, with_habits
from smartmix.suggesters.locks import is_idle, without_locked
from smartmix.suggesters.notes import read_notes
from smartmix.suggesters.pairs import KnownPairs
from smartmix.suggesters.pan_spread import PanSpread
from smartmix.suggesters.recall_moves import RoughRides, RoughTone
from smartmix.suggesters.recalled import Recalled
from smartmix.suggesters.repairs import Repairs
from smartmix.suggesters.revised import Changed, revision_moves, trims_in_force_db
from smartmix.suggesters.ride import VocalRide
from smartmix.suggesters.role_balance import RoleBalance
from smartmix.suggesters.rumble import Rumble
from smartmix.suggesters.section_balance import SectionBalance
from smartmix.suggesters.sends import Space
from smartmix.suggesters.suggester import Context, Suggester
from smartmix.suggesters.unmask import Unmask

RULES = "1"
"""Version of the rules, kept in the plan: changes when a rule would say something else about the same facts."""

__all__ = ["Changed", "Context", "Suggester", "suggest"]


def suggest(  # noqa: PLR0913 (one per option)
    session: Session,
    analysis: Analysis,
    rough: TrackFacts | None = None,
    references: Sequence[object] = (),
    notes: Sequence[str] = (),
    *,
    earlier: MixPlan | None = None,
    changed: tuple[Changed, ...] = (),
    most_cuts: int | None = None,
    recalled: Recalled | None = None,
    habits: HabitsFile | None = None,
) -> MixPlan:
    """Every suggester's moves, in a fixed order: balance, pans, repairs, high-passes, EQ, de-essers, compressors,
    rides, room for what must be heard, pairs that get in each other's way, sends, notes. The same facts, the same plan.

    ``rough`` replaces the rough of the analysis. ``references`` are other songs: they say nothing about this
    song's balance (measured: matching one is worse than doing nothing), so no move here follows from them;
    the master uses them. ``recalled`` is what ``models.recall`` read from the rough (None: the rough's levels are
    fitted instead). ``notes`` are a client's notes in words; their moves quote them, and tracks a note wants
    left alone get no other move. ``changed`` are tracks whose file was revised since the plan ``earlier``: each
    gets a trim back to its old level, and everything else is suggested behind those trims. ``most_cuts`` is how many
    cuts in others a track that must be heard may cost (None: three). ``habits`` are what the person usually makes of
    suggestions; they move faders, EQ gains and sends a little. Locked and muted tracks, and locked settings, get no
    move.
    """
    trims_db = trims_in_force_db(earlier, changed)
    heard = with_trims(session, analysis, trims_db)
    context = Context(
        session,
        heard if rough is None else replace(heard, rough=rough),
        earlier,
        None if recalled is None else recalled.behind(trims_db),
    )
    moves: list[Move] = revision_moves(session, earlier, changed)
    for recalling in (RoughBalance(), RoughRides(), RoughTone()):
        moves.extend(recalling.suggest(context))
    for suggester in (RoleBalance(), SectionBalance(), PanSpread(), Repairs()):
        moves.extend(suggester.suggest(context))
    moves.extend(Rumble().suggest(context))
    for tonal in (CorrectiveEq(), DeEss(), Compression()):
        moves.extend(tonal.suggest(context))
    if habits is not None:
        moves = with_habits(session, context.analysis, moves, habits)
    frames = analysis.sum.features.loudness_lufs.size
    moves.extend(VocalRide(fader_curves(session, moves, frames)).suggest(context))
    moves.extend(Unmask(moves, most_cuts).suggest(context))
    moves.extend(KnownPairs(moves).suggest(context))
    moves.extend(Space().suggest(context))
    reading = read_notes(context, notes, moves)
    moves = [m for m in _not_touching(reading.leave_alone, moves) if m.id not in reading.replaced]
    moves += reading.moves
    kept = tuple(m for m in (without_locked(m, session) for m in moves) if m is not None and not is_idle(m))
    plan = MixPlan(
        session=session.name,
        moves=kept,
        input_hashes=dict(sorted(analysis.input_hashes.items())),
        versions={"analysis": analysis.content_hash, "rules": RULES},
        notes=reading.notes,
    )
    return plan.with_locks(session)


def _not_touching(tracks: frozenset[str], moves: list[Move]) -> list[Move]:
    """The moves without what they set on these tracks."""
    kept = []
    for move in moves:
        sets = tuple(s for s in move.sets if s.ref.track not in tracks)
        if len(sets) == len(move.sets) or (sets and move.grouped):
            kept.append(replace(move, sets=sets))
    return kept
