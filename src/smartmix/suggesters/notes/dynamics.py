"""Notes about dynamics: "uneven", "punchier", "sibilant". Thresholds come from the track's own levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from smartmix.analysis.tone import ToneFacts
from smartmix.figures import hertz, number
from smartmix.parameter import ParamRef
from smartmix.plan.move import Move, MoveSet
from smartmix.session.session import Track
from smartmix.suggesters import compression, de_ess
from smartmix.suggesters.notes.build import Ask, CannotDoError, move, note_id, sized, unlocked

ESSES_DB = (2.0, 3.0, 4.0)
""" "A touch", nothing said, "a lot": average reduction on the esses (house)."""
PUNCH_RATIO = {"small": 2.0, "large": 4.0}
PUNCH_USUAL_RATIO = 3.0
PUNCH_ATTACK_MS = 40.0
"""Long enough to let the hit through, so that what follows it is what comes down (house)."""
PUNCH_RELEASE_MS = 120.0
PUNCH_PERCENTILE = 60.0
"""The threshold: this share of the sounding time lies under it (house)."""


def esses(ask: Ask) -> list[Move]:
    """A de-esser on voices with esses to be found."""
    return [_esses(ask, track) for track in unlocked(ask)]


def _esses(ask: Ask, track: Track) -> Move:
    found = _tone(ask, track).sibilance
    if found is None or not found.events_s:
        raise CannotDoError(f"no esses were found in {track.name}; is it called a vocal?")
    low, high = de_ess.FREQ_RANGE_HZ
    freq_hz = float(round(min(high, max(low, found.centre_hz)), -2))
    wanted = sized(ask.request, *ESSES_DB)
    threshold = de_ess.solve_threshold_db(found, freq_hz, wanted)
    if threshold is None:
        raise CannotDoError(f"the esses of {track.name} hardly differ from what is sung with them")
    got = de_ess.ess_change_db(found, freq_hz, threshold)
    answer = move(
        ask,
        track.id,
        note_id(ask, track.id, "de_esser"),
        f"{track.name}: de-ess at {hertz(freq_hz)}{ask.where}",
        de_ess.settings_of(track.id, freq_hz, threshold),
        interval=(1.5 * got, 0.5 * got),
    )
    return replace(answer, result=f"Esses {number(got)} dB on average.", cost="Too much of it lisps.")


def even(ask: Ask) -> list[Move]:
    """A compressor that evens out the level from phrase to phrase, level-matched."""
    if ask.request.sign < 0:
        raise CannotDoError(
            f"compression that is in the recording of {ask.meant.label} cannot be taken out: ask for it"
        )
    return [_even(ask, track) for track in unlocked(ask)]


def _even(ask: Ask, track: Track) -> Move:
    levels = _tone(ask, track).levels
    solved = compression.solve(levels) if levels is not None else None
    if levels is None or solved is None or levels.spread_db - solved.spread_db < compression.EVENS_OUT_DB:
        raise CannotDoError(f"a compressor within 3:1 and 6 dB would not even out {track.name}: ride it")
    got = solved.reduction
    ratio, threshold = solved.settings.ratio, number(solved.settings.threshold_db)
    answer = move(
        ask,
        track.id,
        note_id(ask, track.id, "compressor"),
        f"{track.name}: compress {ratio:g}:1 over {threshold} dB{ask.where}",
        compression.settings_of(track.id, solved),
        interval=(0.5 * got.mean_db, 1.5 * got.mean_db),
    )
    wanders = f"the level wanders by {number(solved.spread_db)} dB instead of {number(levels.spread_db)}"
    result = f"{number(got.mean_db)} dB of reduction on average; {wanders}, as loud as before."
    return replace(answer, result=result, cost="Room and spill come up in the pauses.")


def punch(ask: Ask) -> list[Move]:
    """A compressor that lets the hits through and holds what follows them."""
    if ask.request.sign < 0:
        raise CannotDoError(
            "there is no move for less punch: pull the fader, or soften it with a darker tone"
        )
    tracks = [t for t in unlocked(ask) if _tone(ask, t).levels is not None]
    if not tracks:
        raise CannotDoError(f"{ask.meant.label} is silent")
    return [_punch(ask, track) for track in tracks]


def _punch(ask: Ask, track: Track) -> Move:
    levels = _tone(ask, track).levels
    assert levels is not None
    heard = levels.rms_db[levels.sounding].astype(np.float64)
    if heard.size == 0:
        raise CannotDoError(f"{track.name} is silent")
    ratio = PUNCH_RATIO.get(ask.request.size or "", PUNCH_USUAL_RATIO)
    threshold = float(np.clip(round(float(np.percentile(heard, PUNCH_PERCENTILE)), 1), -60.0, 0.0))
    over = np.maximum(heard - threshold, 0.0) * (1.0 - 1.0 / ratio)
    power = np.power(10.0, heard / 10.0)
    makeup = float(10.0 * np.log10(power.sum() / np.sum(power * np.power(10.0, -over / 10.0))))
    values: tuple[tuple[str, str, float | str, float | str], ...] = (
        ("ratio", "", 1.0, ratio),
        ("threshold_db", "dB", 0.0, threshold),
        ("attack_ms", "ms", PUNCH_ATTACK_MS, PUNCH_ATTACK_MS),
        ("release_ms", "ms", PUNCH_RELEASE_MS, PUNCH_RELEASE_MS),
        ("detection", "", "peak", "rms"),
        ("makeup_db", "dB", 0.0, round(0.5 * makeup, 1)),
    )
    answer = move(
        ask,
        track.id,
        note_id(ask, track.id, "compressor"),
        f"{track.name}: compress {ratio:g}:1 over {number(threshold)} dB, slow attack{ask.where}",
        tuple(MoveSet(ParamRef(track.id, "compressor", n), u, b, v) for n, u, b, v in values),
        interval=(0.5, 4.0),
    )
    return replace(
        answer, result="The hit stands, what follows it comes down.", cost="Less body between the hits."
    )


def _tone(ask: Ask, track: Track) -> ToneFacts:
    facts = ask.context.analysis.tracks[track.id].tone
    if facts is None:
        raise CannotDoError(f"the levels of {track.name} are not known")
    return facts
