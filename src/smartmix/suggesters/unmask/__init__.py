"""Unmask: make room for the tracks that must be heard, with the fewest cuts that do it, or say that none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from smartmix.plan.move import Move
from smartmix.session.session import Track
from smartmix.suggesters.limits import FADER_PRINTS_DB, RIDE_DB
from smartmix.suggesters.section_balance import song_sections
from smartmix.suggesters.suggester import Context
from smartmix.suggesters.unmask.covered import covered_in
from smartmix.suggesters.unmask.exact import Giver
from smartmix.suggesters.unmask.givers import givers_for, must_be_heard
from smartmix.suggesters.unmask.moves import NAME, Found, Lift, cut_move, level_move, no_move, ride_move
from smartmix.suggesters.unmask.scene import Scene, scene_of, taken_for_granted
from smartmix.suggesters.unmask.solver import GOAL_PHON, Cut, solve_for
from smartmix.suggesters.unmask.when import When, on_share, when_needed

MOST_MOVES = 3
"""Cuts for one track that must be heard (house)."""
MOST_COVERED = 3
"""Tracks room is made for in one pass: a third lead is not one (house)."""
LEAST_LOST_PHON = 10.0
"""A track that loses less is heard well enough: the model overstates losses by up to 5 phon (docs/dsp/masking.md)."""
KNOWN, GUESSED, PRINTED = 0.72, 0.62, 0.52
"""How sure: where the balance is the client's (a rough, or a told priority); where it is only that of the files; where
somebody has mixed the tracks already."""
LEAST_RIDE_PHON = 1.0
"""A fader that wins less is not worth riding (house)."""
LEAST_MISSING_PHON = 0.5
"""The lead's own fader is not moved for less (house)."""
LEAST_TOLD_PHON = 0.3
"""... unless a person said that the track must be heard."""
LIFT_DB = FADER_PRINTS_DB
"""The most the covered track's own fader is raised (house: as with a rough)."""


class Unmask:
    """Cuts in what covers the tracks that must be heard. Needs the masking map; behind the moves given to it.

    ``most_moves`` is how many cuts one track may cost others.
    """

    name = NAME

    def __init__(self, moves: Sequence[Move] = (), most_moves: int | None = None) -> None:
        self._moves = tuple(moves)
        self._most = MOST_MOVES if most_moves is None else most_moves

    def suggest(self, context: Context) -> list[Move]:
        """Cuts, the covered track's fader where they do not reach, or why there is no move; [] where all is heard."""
        granted = taken_for_granted(self._moves, context.earlier)
        scene = scene_of(context.session, context.analysis, granted)
        if scene is None:
            return []
        found: list[Move] = []
        for track in must_be_heard(context.session)[:MOST_COVERED]:
            if track.id not in scene.facts.tracks:
                continue
            found += self._for(context, scene, track)
            scene = (
                scene_of(context.session, context.analysis, [*granted, *(m for m in found if _cuts(m))])
                or scene
            )
        return found

    def _for(self, context: Context, scene: Scene, track: Track) -> list[Move]:
        covered = covered_in(scene, scene.facts.index(track.id))
        if covered is None or covered.alone_phon - covered.phon({}) < LEAST_LOST_PHON:
            return []
        locks = context.session.locks
        givers = givers_for(context.session, context.analysis, scene, covered, locks)
        solution = solve_for(covered, givers, scene.facts.band_edges_hz, self._most)
        found = Found(scene, solution, track, _confidence(context, track))
        if not solution.is_worth_it:
            found, moves = _instead(context, found, givers)
        else:
            found = replace(found, whens=tuple(_when(context, found, cut) for cut in solution.cuts))
            names = [scene.facts.tracks[cut.giver.track] for cut in solution.cuts]
            moves = [cut_move(found, n, context.session.track(name)) for n, name in enumerate(names)]
        return moves + _lift(context, found)


def _instead(context: Context, found: Found, givers: Sequence[Giver]) -> tuple[Found, list[Move]]:
    """What is left where EQ does not help: faders of what covers most while the lead plays, or only a word.

    A track a person said must be heard may cost up to three faders, any other one, and that one has to be worth it.
    """
    scene, solution, told = found.scene, found.solution, found.covered.priority is not None
    covered = solution.covered
    lift = _lifted(found, LIFT_DB)
    order = [c.giver for c in solution.cuts] or list(givers)
    named = context.session.track(scene.facts.tracks[order[0].track]) if order else None
    moves: list[Move] = []
    for giver in order[: MOST_MOVES if told else 1] if solution.why_not in ("overlap", "little") else []:
        if told and found.ride_phon + _lifted(found, LIFT_DB).gain_phon >= GOAL_PHON:
            break
        down = _ride_db(context, solution.broadband_db, told=told)
        cut = {giver.track: np.full(scene.band_hz.size, down)}
        when = when_needed(
            context.analysis, scene, covered, found.rides | cut, giver.track, sections=song_sections(context)
        )
        timed = {giver.track: on_share(when.spans, scene, covered)[:, np.newaxis] * cut[giver.track]}
        ride = Lift(
            round(down, 1),
            covered.phon(found.rides | timed) - covered.phon(found.rides),
            covered.heard_share(found.rides),
            covered.heard_share(found.rides | timed),
        )
        if ride.gain_phon < (LEAST_TOLD_PHON if told else LEAST_RIDE_PHON):
            continue
        found = replace(found, rides=found.rides | timed)
        moves.append(ride_move(found, context.session.track(scene.facts.tracks[giver.track]), when, ride))
    return found, moves or [no_move(found, named, lift)]


def _ride_db(context: Context, broadband_db: float, *, told: bool) -> float:
    """How far a covering fader goes down, dB: to the goal, within the house's limits."""
    most = FADER_PRINTS_DB if context.has_rough or context.analysis.material == "prints" else RIDE_DB
    return -most if told else -min(abs(broadband_db) or most, most)


def _when(context: Context, found: Found, cut: Cut) -> When:
    solution = found.solution
    sections = song_sections(context)
    return when_needed(
        context.analysis, found.scene, solution.covered, solution.curves, cut.giver.track, sections=sections
    )


def _cuts(move: Move) -> bool:
    return any(s.ref.device == "eq" for s in move.sets)


def _lift(context: Context, found: Found) -> list[Move]:
    """The covered track's own fader, for what is left of the goal, where the person said that it must be heard: else
    its level is the rough's, or its role's, and not the map's to change.
    """
    track = found.covered
    if track.locked or track.id in context.session.locks or track.priority is None:
        return []
    wanted = GOAL_PHON - found.gain_phon(0, len(found.whens)) - found.ride_phon
    if wanted < LEAST_MISSING_PHON:
        return []
    steps = [_lifted(found, float(up_db)) for up_db in np.arange(0.5, LIFT_DB + 0.01, 0.25)]
    return [level_move(found, next((lift for lift in steps if lift.gain_phon >= wanted), steps[-1]))]


def _lifted(found: Found, up_db: float) -> Lift:
    """What raising the covered track wins, behind the cuts made for it."""
    covered, curves = found.solution.covered, found.steps(len(found.whens)) | found.rides
    up = covered_in(found.scene, covered.track, up_db=up_db) or covered
    return Lift(
        up_db, up.phon(curves) - covered.phon(curves), covered.heard_share(curves), up.heard_share(curves)
    )


def _confidence(context: Context, track: Track) -> float:
    if context.analysis.material == "prints":
        return PRINTED
    return KNOWN if context.has_rough or track.priority is not None else GUESSED


__all__ = ["Unmask"]
