"""Known pairs: kick and bass, voice and guitars, snare and voice; and lows that belong in the middle."""

from __future__ import annotations

from collections.abc import Sequence

from smartmix.plan.keyed import keys_of
from smartmix.plan.move import Move
from smartmix.suggesters.pairs.hearing import Hearing, PairFacts
from smartmix.suggesters.pairs.kinds import KINDS, Kind
from smartmix.suggesters.pairs.moves import NAME, keyed_move
from smartmix.suggesters.pairs.sub_mono import sub_mono_moves
from smartmix.suggesters.suggester import Context

__all__ = ["KnownPairs"]


class KnownPairs:
    """A band of the one that covers gives way while the other plays, 1 to 2 dB, and only where that is heard.

    ``moves`` are those that are suggested already: levels are judged behind their faders and trims, bands of a dynamic
    EQ that they take are left to them, and a pair that one of them has dealt with gets no second move.
    """

    name = NAME

    def __init__(self, moves: Sequence[Move] = ()) -> None:
        self._moves = tuple(moves)

    def suggest(self, context: Context) -> list[Move]:
        """The moves, the kinds in their order; [] on prints, which somebody has mixed already."""
        if context.analysis.material == "prints":
            return []
        hearing = Hearing(context, self._moves)
        found: list[Move] = []
        for kind in KINDS:
            found += self._of_kind(context, hearing, kind, found)
        return [*found, *sub_mono_moves(context)]

    def _of_kind(self, context: Context, hearing: Hearing, kind: Kind, found: list[Move]) -> list[Move]:
        covered = hearing.loudest(kind.covered, kind.region_hz)
        if covered is None:
            return []
        facts = [
            pair
            for track in context.session.audible_tracks
            if track.role in kind.covering
            and not track.locked
            and not self._is_dealt_with(covered.id, track.id)
            if (pair := hearing.pair(kind, covered, track)) is not None
        ]
        moves: list[Move] = []
        for pair in _gravest(facts, kind.most):
            move = keyed_move(context, kind, pair, [*self._moves, *found, *moves])
            moves += [] if move is None else [move]
        return moves

    def _is_dealt_with(self, covered: str, covering: str) -> bool:
        """Whether another opinion makes the one give way to the other already."""
        pair = {covered, covering}
        return any(
            move.track == covering
            and (
                covered in keys_of(move)
                or any(e.kind == "masking" and pair <= set(e.tracks) for e in move.evidence)
            )
            for move in self._moves
        )


def _gravest(facts: list[PairFacts], most: int) -> list[PairFacts]:
    return sorted(facts, key=lambda pair: (-pair.over_db, pair.covering.id))[:most]
