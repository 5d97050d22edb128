"""A keyed band as a move: how much, from which level on, and the sentence that explains it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from smartmix.analysis.masking_facts import band_words, over_words
from smartmix.figures import hertz, number
from smartmix.plan.evidence import Evidence
from smartmix.plan.keyed import KeyedBand, free_band
from smartmix.plan.move import Move, move_id
from smartmix.plan.ranges import DYNAMIC_BANDS
from smartmix.suggesters.limits import DUCK_DB
from smartmix.suggesters.pairs.hearing import PairFacts, Q
from smartmix.suggesters.pairs.kinds import Kind
from smartmix.suggesters.suggester import Context

NAME = "pairs"
RATIO = 3.0
UNDER_KEY_DB = 9.0
"""The threshold lies this far under what the key usually has: two thirds of it are more than the range, so that each
hit or word gets all of it."""
OVER_SPILL_DB = 3.0
LEAST_UNDER_KEY_DB = 5.0
"""Where spill between the hits comes nearer than this and 3 dB, the band could not tell one from the other."""
LIKELY = 0.72
LISTEN = 0.55
OFTEN = 0.5
DB_PER_DB_OVER = 0.25


def keyed_move(context: Context, kind: Kind, pair: PairFacts, others: Sequence[Move]) -> Move | None:
    """The band that gives way; None where the key cannot be told from its spill, or all bands are taken."""
    threshold_db = _threshold_db(pair)
    id_ = move_id(pair.covering.id, NAME, f"dynamic_eq {pair.covered.id}", kind.name)
    band = _band(context, id_, pair.covering.id, others)
    if threshold_db is None or band is None:
        return None
    range_db = round(min(DUCK_DB[1], DUCK_DB[0] + DB_PER_DB_OVER * pair.over_db), 1)
    freq_hz = float(f"{pair.freq_hz:.2g}")
    keyed = KeyedBand(
        pair.covered.id, freq_hz, -range_db, threshold_db, Q, RATIO, kind.attack_ms, kind.release_ms
    )
    return Move(
        id=id_,
        track=pair.covering.id,
        title=f"{pair.covering.name}: {number(-range_db)} dB at {hertz(freq_hz)} {kind.when}",
        source=NAME,
        confidence=_confidence(kind, pair),
        reason=_reason(pair),
        sets=keyed.sets(pair.covering.id, band),
        interval=(-range_db, -0.5 * range_db),
        result=f"{over_words(pair.over_db - range_db).capitalize()} {pair.covered.name} there {kind.when}; "
        "untouched otherwise.",
        cost=kind.cost,
        benefit=round(0.4 * range_db * pair.together, 3),
        evidence=_evidence(pair),
    )


def _threshold_db(pair: PairFacts) -> float | None:
    wanted = max(pair.key_db - UNDER_KEY_DB, pair.spill_db + OVER_SPILL_DB)
    if not math.isfinite(wanted) or wanted > pair.key_db - LEAST_UNDER_KEY_DB:
        return None
    return round(min(0.0, max(-80.0, wanted)), 1)


def _band(context: Context, id_: str, track: str, others: Sequence[Move]) -> str | None:
    """The band this move had in the pass before, if it is still free: a decision about it then stays valid."""
    free = free_band(others, track)
    before = context.earlier
    known = next((m for m in before.moves if m.id == id_), None) if before is not None else None
    had = known.sets[0].ref.parameter.partition(".")[0] if known is not None and known.sets else ""
    if had not in DYNAMIC_BANDS:
        return free
    taken = any(
        s.ref.track == track and s.ref.device == "dynamic_eq" and s.ref.parameter.startswith(f"{had}.")
        for move in others
        for s in move.sets
    )
    return free if taken else had


def _confidence(kind: Kind, pair: PairFacts) -> float:
    sure = kind.sure_over_db is not None and pair.over_db >= kind.sure_over_db and pair.together >= OFTEN
    return LIKELY if sure else LISTEN


def _reason(pair: PairFacts) -> str:
    often = f"{100.0 * pair.together:.0f} % of the time {pair.covered.name} plays"
    begins = ""
    if pair.begins_with is not None:
        often = f"{100.0 * pair.together:.0f} % of the hits of {pair.covered.name}"
        begins = f", and begins with {100.0 * pair.begins_with:.0f} % of them"
    over = f"It sits {over_words(pair.over_db)} {pair.covered.name} at {band_words(pair.band_hz)}"
    return f"{over}. It sounds in {often}{begins}."


def _evidence(pair: PairFacts) -> tuple[Evidence, ...]:
    tracks = (pair.covering.id, pair.covered.id)
    over = Evidence(
        kind="pair",
        text=f"{over_words(pair.over_db)} {pair.covered.name} at {band_words(pair.band_hz)}",
        amount=pair.over_db,
        unit="dB",
        tracks=tracks,
        band_hz=pair.band_hz,
    )
    together = Evidence(
        kind="together",
        text=f"both sound for {pair.seconds:.0f} s",
        amount=100.0 * pair.together,
        unit="%",
        tracks=tracks,
    )
    if pair.begins_with is None:
        return over, together
    begins = Evidence(
        kind="onsets",
        text=f"begins with {100.0 * pair.begins_with:.0f} % of the hits of {pair.covered.name}",
        amount=100.0 * pair.begins_with,
        unit="%",
        tracks=tracks,
    )
    return over, together, begins
