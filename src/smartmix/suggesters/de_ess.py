"""De-ess a voice whose esses stand clearly over its body; solved on its own esses, through the native filters."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from smartmix.analysis.sibilance import BAND_HZ, ESS_HZ, FINE_BANDS, Sibilance
from smartmix.figures import hertz, number
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet, move_id
from smartmix.session.roles import family
from smartmix.session.session import Track
from smartmix.suggesters.limits import ESS_DB, ESS_RANGE_DB
from smartmix.suggesters.suggester import Context
from smartmix.units import power_to_db

USUAL_DB = -6.0
"""Where the esses of a finished vocal lie against its vowels: -6 to -9 dB on the dev leads (measured on dev)."""
WORTH_DB = -2.5
"""Esses quieter than this against the vowels are left alone (house)."""
FEWEST_ESSES = 5
MOST_ESSES_PER_S = 3.0
"""More than this is breath, a hi-hat or an effect, not speech sounds (house)."""
SURE_FROM_DB = 0.0
SURE_PER_DB = 0.02
RATIO = 4.0
KNEE_DB = 6.0
"""The de-esser's own (docs/dsp/de_esser.md)."""
Q = 0.8
RELATIVE_DB = 0.0
ATTACK_MS = 1.0
RELEASE_MS = 60.0
FREQ_RANGE_HZ = (5000.0, 8500.0)
LOWEST_THRESHOLD_DB = -70.0
PRINTS_CONFIDENCE = 0.6

Levels = NDArray[np.floating]


class DeEss:
    """At most one de-esser a voice."""

    name = "de-ess"

    def suggest(self, context: Context) -> list[Move]:
        """A move for each voice whose esses stand out; [] for the rest, and for what only hisses."""
        moves = []
        for track in context.session.audible_tracks:
            tone = context.analysis.tracks[track.id].tone
            if track.locked or family(track.role) != "vocals" or tone is None or tone.sibilance is None:
                continue
            if stands_out(tone.sibilance):
                moves.extend(self._for(track, tone.sibilance, prints=context.analysis.material == "prints"))
        return moves

    def _for(self, track: Track, esses: Sibilance, *, prints: bool) -> list[Move]:
        over_db = esses.over_voice_db
        wanted_db = min(ESS_DB[1], max(ESS_DB[0], 0.5 * (over_db - USUAL_DB)))
        freq_hz = float(round(min(FREQ_RANGE_HZ[1], max(FREQ_RANGE_HZ[0], esses.centre_hz)), -2))
        threshold_db = solve_threshold_db(esses, freq_hz, wanted_db)
        if (
            threshold_db is None
        ):  # the esses hardly differ from what is sung with them: the least that is worth it
            threshold_db = solve_threshold_db(esses, freq_hz, ESS_DB[0])
        if threshold_db is None:
            return []
        got_db = ess_change_db(esses, freq_hz, threshold_db)
        confidence = (
            min(0.8, 0.7 + SURE_PER_DB * (over_db - SURE_FROM_DB)) if over_db >= SURE_FROM_DB else 0.6
        )
        if prints or track.role != "lead_vocal":
            confidence = min(confidence, PRINTS_CONFIDENCE)
        return [_move(track, esses, settings_of(track.id, freq_hz, threshold_db), got_db, confidence)]


def stands_out(esses: Sibilance) -> bool:
    """Whether there are enough esses to judge, few enough to be esses, and loud ones."""
    count = len(esses.events_s)
    rate = count / max(esses.sounding_s, 1e-9)
    return count >= FEWEST_ESSES and rate <= MOST_ESSES_PER_S and esses.over_voice_db >= WORTH_DB


def ess_change_db(esses: Sibilance, freq_hz: float, threshold_db: float) -> float:
    """Mean change (dB, <= 0) of 4.5-10 kHz over the frames of esses, with the de-esser at rest in time."""
    hz = (np.arange(FINE_BANDS) + 0.5) * BAND_HZ
    power = np.power(10.0, esses.frames_db.astype(np.float64) / 10.0)
    reduction = _reduction_db(power, hz, freq_hz, threshold_db)
    inside = (hz >= ESS_HZ[0]) & (hz < ESS_HZ[1])
    before = power[:, inside].sum(axis=1)
    after = (power[:, inside] * _bell_power(hz[inside], freq_hz, reduction)).sum(axis=1)
    return float(np.mean(power_to_db(np.maximum(after, 1e-15)) - power_to_db(np.maximum(before, 1e-15))))


def solve_threshold_db(esses: Sibilance, freq_hz: float, wanted_db: float) -> float | None:
    """The threshold that takes ``wanted_db`` off the esses on average; None where the range does not reach that far."""
    low, high = LOWEST_THRESHOLD_DB, 0.0
    if -ess_change_db(esses, freq_hz, low) < wanted_db:
        return None
    for _ in range(30):
        middle = 0.5 * (low + high)
        if -ess_change_db(esses, freq_hz, middle) >= wanted_db:
            low = middle
        else:
            high = middle
    return round(low, 1)


def _reduction_db(power: Levels, hz: Levels, freq_hz: float, threshold_db: float) -> Levels:
    """The side chain of docs/dsp/de_esser.md on power spectra: band pass at freq, low pass at half of it, 6 dB knee."""
    ratio = hz / freq_hz
    band = 1.0 / (1.0 + Q * Q * np.square(ratio - 1.0 / ratio))
    below = 1.0 / (1.0 + np.power(hz / (0.5 * freq_hz), 4.0))
    band_db = power_to_db(np.maximum(power @ band, 1e-15))
    below_db = power_to_db(np.maximum(power @ below, 1e-15))
    over = np.minimum(band_db - threshold_db, band_db - below_db - RELATIVE_DB)
    inside = np.clip(over + 0.5 * KNEE_DB, 0.0, KNEE_DB)
    wanted = (1.0 - 1.0 / RATIO) * (inside * inside / (2.0 * KNEE_DB) + np.maximum(over - 0.5 * KNEE_DB, 0.0))
    return np.asarray(np.minimum(ESS_RANGE_DB, wanted))


def _bell_power(hz: Levels, freq_hz: float, reduction_db: Levels) -> Levels:
    """|H|^2 (frames, bands) of a bell cut: the analogue prototype of the RBJ cookbook."""
    a = np.power(10.0, -reduction_db / 40.0)[:, None]
    x = np.square(hz / freq_hz - freq_hz / hz)[None, :]
    return np.asarray((x + np.square(a / Q)) / (x + np.square(1.0 / (a * Q))))


def _move(
    track: Track, esses: Sibilance, sets: tuple[MoveSet, ...], got_db: float, confidence: float
) -> Move:
    over, count = esses.over_voice_db, len(esses.events_s)
    freq_hz = next(s.suggested for s in sets if s.ref.parameter == "freq_hz")
    assert isinstance(freq_hz, float)
    against = f"{number(abs(over))} dB {'over' if over >= 0.0 else 'under'} the vowels"
    return Move(
        id=move_id(track.id, DeEss.name, "de_esser"),
        track=track.id,
        title=f"{track.name}: de-ess at {hertz(freq_hz)}",
        source=DeEss.name,
        confidence=confidence,
        reason=f"The esses are too loud: {count} of them, {hertz(ESS_HZ[0])} to {hertz(ESS_HZ[1])} at {against} "
        f"(a finished vocal: {number(-USUAL_DB, 0)} or more under).",
        sets=sets,
        interval=(got_db - 1.5, got_db + 1.5),
        result=f"Esses {number(got_db)} dB on average, at most {number(-ESS_RANGE_DB, 0)}; nothing between them.",
        cost="Too much of it lisps: listen to the loudest s.",
        benefit=-0.5 * got_db,
        evidence=(
            Evidence(
                kind="sibilance",
                text=f"{count} esses at {against}",
                amount=over,
                unit="dB",
                tracks=(track.id,),
                band_hz=ESS_HZ,
                span_s=(esses.events_s[0][0], math.ceil(esses.events_s[-1][1])),
            ),
        ),
    )


def settings_of(track: str, freq_hz: float, threshold_db: float) -> tuple[MoveSet, ...]:
    """The settings of a strip's de-esser for this frequency and threshold."""

    def item(parameter: str, unit: str, before: float | str, value: float | str) -> MoveSet:
        return MoveSet(ParamRef(track, "de_esser", parameter), unit, before, value)

    return (
        item("range_db", "dB", 0.0, ESS_RANGE_DB),
        item("threshold_db", "dB", 0.0, threshold_db),
        item("freq_hz", "Hz", freq_hz, freq_hz),
        item("q", "", Q, Q),
        item("ratio", "", RATIO, RATIO),
        item("relative_db", "dB", RELATIVE_DB, RELATIVE_DB),
        item("attack_ms", "ms", ATTACK_MS, ATTACK_MS),
        item("release_ms", "ms", RELEASE_MS, RELEASE_MS),
        item("shape", "", "bell", "bell"),
    )
