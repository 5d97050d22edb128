"""EQ towards another recording: the mix to a reference, and what a person paired, a third of the way in few bands."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartmix.errors import SmartmixError
from smartmix.figures import hertz, number
from smartmix.matching.match import EQMatch, match_tones
from smartmix.matching.preset import used_bands
from smartmix.matching.tone import Tone
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, Value, move_id
from smartmix.processors import ParametricEQ

NAME = "eq-match"
AMOUNT = 0.35
MOST_DB = 3.0
"""House: a third of the way and at most 3 dB; the rest of the difference is another arrangement."""
APART_OCTAVES = 1.0
"""A cut and a boost nearer to one another than this work against each other (house)."""
BANDS = 5
"""Few enough to be edited by hand; what they miss of the curve is said."""
MOST_Q = 2.0
"""Broad strokes: what is narrower belongs to the other song's arrangement (house)."""
FITS = 4
LEAST_DB = 1.0
"""A curve that goes nowhere further than this is not shown (house: EQ under 1 dB)."""
LEAST_LEVEL_DB = 0.1
SURE, LISTEN = 0.75, 0.6
SURE_FROM = 0.5
MIX = "mix"


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What is to sound like what: ``owner`` (a track's or bus's id, or "mix") with its name and its tone as the plan
    leaves it; the reference by the name of its file, as a tone or as an EQ somebody saved.
    """

    owner: str
    owner_name: str
    reference_name: str
    source: Tone
    reference: Tone | ParametricEQ


def match_moves(wanted: Sequence[Wanted]) -> list[Move]:
    """One move for each pair that differs; its bands are those of an EQ on the track, the bus or the mix.

    Tracks and buses keep their loudness (a fader goes against what the bands do to it); the mix has no fader, its level
    is the master's business.
    """
    moves = []
    for pair in wanted:
        if isinstance(pair.reference, ParametricEQ):
            moves.append(_preset_move(pair, pair.reference))
        elif (move := _match_move(pair, pair.reference)) is not None:
            moves.append(move)
    return moves


def mean_tone(tones: Sequence[Tone]) -> Tone:
    """The tone of several recordings, each as loud as the others; SmartmixError for none."""
    if not tones:
        raise SmartmixError("mean_tone: expected at least one tone")
    powers = [tone.band_power / 10.0 ** (tone.loudness_lufs / 10.0) for tone in tones]
    loudness = float(np.mean([tone.loudness_lufs for tone in tones]))
    return Tone(
        np.asarray(np.mean(powers, axis=0) * 10.0 ** (loudness / 10.0)),
        float(sum(tone.heard_s for tone in tones)),
        loudness,
        min(tone.sample_rate for tone in tones),
    )


def difference_db(source: Tone, reference: Tone) -> float:
    """How far two tones are apart: mean of the curve's size over what both can tell, dB."""
    curve = match_tones(source, reference, 1, limit_db=12.0).curve
    total = float(curve.confidence.sum())
    return float(curve.confidence @ np.abs(curve.db)) / total if total > 0.0 else 0.0


def _match_move(pair: Wanted, reference: Tone) -> Move | None:
    match = _within_limits(pair.source, reference)
    bands = used_bands(match.eq)
    if not bands or np.abs(match.achieved_db).max() < LEAST_DB:
        return None
    id_ = move_id(pair.owner, NAME, "eq")
    apart_db = difference_db(pair.source, reference)
    moved = Tone(
        match.source.band_power * np.power(10.0, match.achieved_db / 10.0),
        pair.source.heard_s,
        pair.source.loudness_lufs,
        pair.source.sample_rate,
    )
    after_db = difference_db(moved, reference)
    heard = float(match.confidence[(match.hz >= 60.0) & (match.hz <= 10_000.0)].mean())
    most = int(np.argmax(np.abs(match.intended_db)))
    gain_db, at_hz = float(match.curve.db[most]), float(match.hz[most])
    more = "less" if gain_db < 0.0 else "more"
    return Move(
        id=id_,
        track=pair.owner,
        title=f"{pair.owner_name}: EQ towards {pair.reference_name}",
        source=NAME,
        confidence=SURE if heard >= SURE_FROM else LISTEN,
        reason=f"It is {number(apart_db)} dB from {pair.reference_name} on average, most at {hertz(at_hz)}: there "
        f"{pair.reference_name} has {number(abs(gain_db))} dB {more}, level and notes left out.",
        sets=(*_band_sets(pair.owner, id_, match.eq), *_level_sets(pair.owner, match)),
        interval=(0.5 * (apart_db - after_db), 1.5 * (apart_db - after_db)) if apart_db > after_db else None,
        result=f"{100.0 * match.amount:.0f} % of the way in {len(bands)} bands, at most "
        f"{number(float(np.abs(match.achieved_db).max()))} dB: {number(after_db)} dB apart.",
        cost="Another song's tone is another arrangement's, too: take back what does not suit this one.",
        benefit=round(max(0.0, apart_db - after_db), 3),
        evidence=(
            Evidence(
                "match", f"{number(apart_db)} dB from {pair.reference_name}", apart_db, "dB", _tracks(pair)
            ),
            Evidence(
                "promise", f"{number(after_db)} dB from {pair.reference_name}", after_db, "dB", _tracks(pair)
            ),
        ),
    )


def _within_limits(source: Tone, reference: Tone) -> EQMatch:
    """The bands an engineer would set: as many as do not work against one another."""
    for bands in range(BANDS, 1, -1):
        match = _no_further(source, reference, bands)
        if not fights(match.eq):
            return match
    return _no_further(source, reference, 1)


def fights(eq: ParametricEQ) -> bool:
    """Whether a cut and a boost stand within an octave: one mends what the other does; nobody sets that by hand."""
    bands = [(float(eq.get(f"band{n}.freq_hz")), float(eq.get(f"band{n}.gain_db"))) for n in used_bands(eq)]
    return any(
        first * second < 0.0 and abs(math.log2(hz / other_hz)) < APART_OCTAVES
        for number_, (hz, first) in enumerate(bands)
        for other_hz, second in bands[:number_]
    )


def _no_further(source: Tone, reference: Tone, bands: int) -> EQMatch:
    """So many bands, with less of the curve where one of them, or what they do together, would go too far."""
    amount = AMOUNT
    for _ in range(FITS):
        match = match_tones(source, reference, bands, amount=amount, limit_db=MOST_DB / AMOUNT, most_q=MOST_Q)
        gains = [abs(float(match.eq.get(f"band{n}.gain_db"))) for n in used_bands(match.eq)]
        most_db = max([float(np.abs(match.achieved_db).max()), *gains])
        if most_db <= MOST_DB:
            break
        amount *= 0.99 * MOST_DB / most_db
    return match


def _preset_move(pair: Wanted, eq: ParametricEQ) -> Move:
    """The bands of a preset as they are: a person named it."""
    id_ = move_id(pair.owner, NAME, "eq")
    count = len(used_bands(eq))
    gains = [float(eq.get(f"band{n}.gain_db")) for n in used_bands(eq)]
    gain_db = max(gains, key=abs, default=0.0)
    return Move(
        id=id_,
        track=pair.owner,
        title=f"{pair.owner_name}: EQ of {pair.reference_name}",
        source=NAME,
        confidence=SURE,
        reason=f"session.toml names {pair.reference_name} for it.",
        sets=_band_sets(pair.owner, id_, eq),
        interval=(0.5 * gain_db, 1.5 * gain_db) if gain_db else None,
        result=f"{count} band{'s'[: count != 1]} as they stand in the preset.",
        cost="It was made for another take.",
        evidence=(
            Evidence(
                "preset", f"{count} bands of {pair.reference_name}", float(count), "bands", _tracks(pair)
            ),
        ),
    )


def _tracks(pair: Wanted) -> tuple[str, ...]:
    return () if pair.owner == MIX else (pair.owner,)


def _band_sets(owner: str, id_: str, eq: ParametricEQ) -> tuple[MoveSet, ...]:
    sets: list[MoveSet] = []
    for place, number_ in enumerate(used_bands(eq), 1):
        shape, hz, gain_db, q = (
            eq.get(f"band{number_}.{name}") for name in ("shape", "freq_hz", "gain_db", "q")
        )
        values: list[tuple[str, str, Value, Value]] = [
            ("shape", "", "off", str(shape)),
            ("freq_hz", "Hz", float(hz), float(hz)),
            ("q", "", float(q), float(q)),
        ]
        if shape in ("high_pass", "low_pass"):
            slope = float(eq.get(f"band{number_}.slope_db_oct"))
            values.append(("slope_db_oct", "dB/oct", slope, slope))
        elif shape != "notch":
            values.insert(2, ("gain_db", "dB", 0.0, float(gain_db)))
        sets += [
            MoveSet(ParamRef(owner, "eq", f"{id_}-{place}.{name}"), unit, before, value)
            for name, unit, before, value in values
        ]
    return tuple(sets)


def _level_sets(owner: str, match: EQMatch) -> tuple[MoveSet, ...]:
    """The fader that takes back what the bands do to the loudness of a track or bus."""
    change = -round(match.loudness_change_lu, 1)
    if owner == MIX or abs(change) < LEAST_LEVEL_DB:
        return ()
    return (MoveSet(ParamRef(owner, "fader", "gain_db"), "dB", 0.0, change),)


def without_matches(moves: Sequence[Move]) -> tuple[Move, ...]:
    """The moves that are no EQ match: what a match is measured on."""
    return tuple(move for move in moves if move.source != NAME)
