"""Compress a voice, a bass or an acoustic guitar whose level wanders from phrase to phrase; level-matched."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from smartmix.analysis.compression import (
    CompressorSettings,
    Levels,
    PredictedReduction,
    crest_squared,
    predict,
    reduction_db,
)
from smartmix.analysis.fast_levels import FastLevels
from smartmix.figures import number
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.session import Track
from smartmix.suggesters.limits import COMPRESSION_DB, COMPRESSION_MAX_DB, COMPRESSION_RATIO
from smartmix.suggesters.suggester import Context

SPREAD_DB = {
    "lead_vocal": 8.0,
    "backing_vocal": 9.0,
    "bass": 7.0,
    "bass_di": 7.0,
    "bass_amp": 7.0,
    "acoustic_guitar": 9.0,
}
"""By role: a spread of 400 ms levels (90th less 10th percentile) from which compression is called for (house; the
finished leads among the dev songs have 3 to 5 dB). Other roles: dynamics are the player's."""
CLEAR_DB = 2.5
"""This much more spread makes it a clear case."""
WIDEST_DB = 15.0
"""More is not playing but arrangement, tails or a take to be ridden: no compressor mends it (tuned on dev:
an effect-laden harmony of 15.5)."""
SQUASHED_CREST_DB = 9.0
"""Peaks nearer than this to the mean have been through a limiter already (house)."""
RATIOS = (COMPRESSION_RATIO, 2.5, 2.0, 1.7)
KNEE_DB = 6.0
ATTACK_MS = 80.0
RELEASE_MS = 1000.0
"""Of a steady tone; the crest factor shortens them (2 x 80 ms and 2 x 1 s over C squared: Giannoulis 2013)."""
MEAN_DB = 0.5 * (COMPRESSION_DB[0] + COMPRESSION_DB[1])
LEAST_MEAN_DB = 1.5
"""Where the deepest reduction binds first the average may fall to this; below, only peaks would be caught (house)."""
EVENS_OUT_DB = 1.0
"""What does not narrow the spread by this is not worth a compressor."""
LOWEST_THRESHOLD_DB = -60.0
SURE_ROLES = ("lead_vocal", "bass", "bass_di", "bass_amp")
LIKELY = 0.72
LISTEN = 0.55


@dataclass(frozen=True, slots=True)
class Solved:
    """Settings that keep the house limits, what they do, and the spread they leave (dB)."""

    settings: CompressorSettings
    makeup_db: float
    reduction: PredictedReduction
    spread_db: float


class Compression:
    """At most one compressor a track; none on prints, on squashed material, or where nothing wanders."""

    name = "compression"

    def suggest(self, context: Context) -> list[Move]:
        """A move for each track that calls for it."""
        if context.analysis.material == "prints":
            return []
        moves = []
        for track in context.session.audible_tracks:
            tone = context.analysis.tracks[track.id].tone
            if track.locked or tone is None or tone.levels is None or not called_for(track.role, tone.levels):
                continue
            solved = solve(tone.levels)
            if solved is not None and tone.levels.spread_db - solved.spread_db >= EVENS_OUT_DB:
                moves.append(_move(track, tone.levels, solved))
        return moves


def called_for(role: str, levels: FastLevels) -> bool:
    """Whether the role is one that gets compressed and its level wanders, without being squashed already."""
    least = SPREAD_DB.get(role)
    return (
        least is not None and least <= levels.spread_db <= WIDEST_DB and levels.crest_db >= SQUASHED_CREST_DB
    )


def solve(levels: FastLevels) -> Solved | None:
    """Ratio and threshold that even the level out most: 2.5 dB on average, less where 6 dB at the deepest bind first.

    None where that would leave too little to be worth it.
    """
    crest = crest_squared(levels)
    found = [s for ratio in RATIOS if (s := _with_ratio(levels, crest, ratio)) is not None]
    return min(found, key=lambda s: (round(s.spread_db, 1), s.settings.ratio), default=None)


def _with_ratio(levels: FastLevels, crest: Levels, ratio: float) -> Solved | None:
    """The lowest threshold that keeps both limits; None where the average stays under LEAST_MEAN_DB."""
    settings = CompressorSettings(0.0, ratio, KNEE_DB, ATTACK_MS, RELEASE_MS)
    low, high = LOWEST_THRESHOLD_DB, 0.0
    for _ in range(12):
        middle = 0.5 * (low + high)
        got = predict(levels, replace(settings, threshold_db=middle), crest)
        if got.mean_db > MEAN_DB or got.max_db > COMPRESSION_MAX_DB:
            low = middle
        else:
            high = middle
    settings = replace(settings, threshold_db=math.ceil(10.0 * high) / 10.0)
    got = predict(levels, settings, crest)
    if got.mean_db < LEAST_MEAN_DB:
        return None
    wanders = levels.spread_of(levels.rms_db.astype(np.float64) - reduction_db(levels, settings, crest))
    return Solved(settings, round(-got.loudness_lu, 1), got, wanders)


def _move(track: Track, levels: FastLevels, solved: Solved) -> Move:
    spread, settings, got = levels.spread_db, solved.settings, solved.reduction
    clear = track.role in SURE_ROLES and spread >= SPREAD_DB[track.role] + CLEAR_DB
    return Move(
        id=move_id(track.id, Compression.name, "compressor"),
        track=track.id,
        title=f"{track.name}: compress {settings.ratio:g}:1 over {number(settings.threshold_db)} dB",
        source=Compression.name,
        confidence=LIKELY if clear else LISTEN,
        reason=f"The level wanders by {number(spread)} dB from phrase to phrase (400 ms levels, 10th to 90th "
        f"percentile), and the peaks stand {number(levels.crest_db, 0)} dB over the mean: nothing evened it out yet.",
        sets=settings_of(track.id, solved),
        interval=(got.mean_db - 1.0, got.mean_db + 1.0),
        result=f"{number(got.mean_db)} dB of reduction on average, {number(got.max_db)} at most; the level wanders by "
        f"{number(solved.spread_db)} dB, as loud as before.",
        cost="Breaths, room and spill come up by the make-up in the pauses.",
        benefit=spread - solved.spread_db,
        evidence=(
            Evidence(
                kind="spread",
                text=f"400 ms levels spread over {number(spread)} dB",
                amount=spread,
                unit="dB",
                tracks=(track.id,),
            ),
        ),
    )


def settings_of(track: str, solved: Solved) -> tuple[MoveSet, ...]:
    """The settings of a strip's compressor."""

    def item(parameter: str, unit: str, before: float | str, value: float | str) -> MoveSet:
        return MoveSet(ParamRef(track, "compressor", parameter), unit, before, value)

    settings = solved.settings
    return (
        item("ratio", "", 1.0, settings.ratio),
        item("threshold_db", "dB", 0.0, settings.threshold_db),
        item("knee_db", "dB", settings.knee_db, settings.knee_db),
        item("attack_ms", "ms", settings.attack_ms, settings.attack_ms),
        item("release_ms", "ms", settings.release_ms, settings.release_ms),
        item("auto_times", "", "off", "on"),
        item("detection", "", "peak", "rms"),
        item("makeup_db", "dB", 0.0, solved.makeup_db),
    )
