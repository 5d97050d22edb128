"""The client's rides and tone as moves: one grouped move each, every member editable."""

from __future__ import annotations

import numpy as np

from smartmix.figures import hertz, number
from smartmix.parameter import Breakpoint, ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import MAX_LANE_POINTS, Move, MoveSet, move_id
from smartmix.session.session import Track
from smartmix.suggesters.balance import MIX, recall_confidence
from smartmix.suggesters.limits import SECTION_RIDE_DB
from smartmix.suggesters.recalled import Array, Recalled
from smartmix.suggesters.suggester import Context
from smartmix.units import Z80, db_to_power, power_to_db

HEARD_SHARE = 0.02
"""A second in which a track makes up less of the rough than this in every band says nothing about its fader."""
SMALLEST_RIDE_DB = 0.5
BEYOND_ERROR = 2.5
LANE_TOLERANCE_DB = 0.15
"""The drawn lane stays this near to what was read."""
SMALLEST_TONE_DB = 1.0
TONE_DB = 9.0
"""Largest band recalled (house): beyond, it is sooner another sound than an EQ."""
TONE_Q = 4.0
MOST_BANDS = 3
WORTH_A_BAND = 25.0
"""Another band must make the fit better by this (chi squared): three settings, and twice over (tuned on dev)."""
CERTAIN_DB = 1.5
"""Bands of the curve known less well than this do not speak."""


class RoughRides:
    """Where the client rode a fader in the rough, second by second: one lane a track. Nothing without a recall."""

    name = "rough-rides"

    def suggest(self, context: Context) -> list[Move]:
        """One grouped move with a lane for every track whose rides stand out of the error; [] for prints."""
        found = context.recalled
        if found is None or context.analysis.material == "prints":
            return []
        lanes: list[tuple[Track, tuple[Breakpoint, ...], float]] = []
        for index, name in enumerate(found.fit.tracks):
            track = context.session.track(name)
            lane = _lane(found, index) if found.fit.heard[index] and not track.locked else ()
            if lane:
                lanes.append((track, lane, float(max(abs(p.value) for p in lane))))
        if not lanes:
            return []
        mean = float(np.mean([most for _, _, most in lanes]))
        return [
            Move(
                id=move_id(MIX, self.name, "fader"),
                track=MIX,
                title="Rides: start from the rough",
                source=self.name,
                confidence=min(0.85, recall_confidence(found)),
                reason=f"The rough rides {_count(len(lanes))} against the rest of the song, by up to "
                f"{number(max(m for _, _, m in lanes))} dB.",
                sets=tuple(
                    MoveSet(ParamRef(t.id, "fader", "gain_db"), "dB", 0.0, lane) for t, lane, _ in lanes
                ),
                authority="rough",
                interval=(max(0.1, mean - 1.0), mean + 1.0),
                result="The faders move as the client's did.",
                cost="What the client's compressors did rides along: look here first if you compress again.",
                benefit=mean + 3.0,
                grouped=True,
                evidence=tuple(
                    Evidence(
                        "rough", f"the rough rides {t.name} by up to {number(most)} dB", most, "dB", (t.id,)
                    )
                    for t, _, most in lanes
                ),
            )
        ]


class RoughTone:
    """EQ the client had on a track, as bells and shelves, where it is audible and certain. Nothing without a recall."""

    name = "rough-tone"

    def suggest(self, context: Context) -> list[Move]:
        """One grouped move with at most three bands a track; [] for prints."""
        found = context.recalled
        if found is None or context.analysis.material == "prints":
            return []
        id_ = move_id(MIX, self.name, "eq")
        sets: list[MoveSet] = []
        facts: list[Evidence] = []
        largest: list[float] = []
        for index, name in enumerate(found.fit.tracks):
            track = context.session.track(name)
            if not found.fit.heard[index] or track.locked:
                continue
            power = _mean_power(context, name)
            rows = tone_bands(found, index, power, context.session.sample_rate)
            if rows:
                sets += _same_level(name, rows, found.band_hz, power, context.session.sample_rate)
            for place, row in enumerate(rows, start=1):
                shape, hz, gain, q = row
                sets += _band_sets(name, f"{id_}-{place}", row)
                largest.append(abs(gain))
                kind = shape.replace("_", " ")
                what = f"the rough has {track.name} {number(gain, plus=True)} dB at {hertz(hz)} ({kind})"
                facts.append(
                    Evidence(
                        "rough", what, gain, "dB", (name,), band_hz=(hz / (1 + 0.5 / q), hz * (1 + 0.5 / q))
                    )
                )
        if not sets:
            return []
        tracks = len({s.ref.track for s in sets})
        mean = float(np.mean(largest))
        return [
            Move(
                id=id_,
                track=MIX,
                title="Tone: start from the rough",
                source=self.name,
                confidence=min(0.8, recall_confidence(found)),
                reason=f"The rough has another tone than the files on {_count(tracks)}.",
                sets=tuple(sets),
                authority="rough",
                interval=(max(0.1, mean - Z80 * CERTAIN_DB), mean + Z80 * CERTAIN_DB),
                result="The tracks sound as the client had them.",
                cost="Read from a mix: judge each band against its bypass.",
                benefit=mean + 2.0,
                grouped=True,
                evidence=tuple(facts),
            )
        ]


def tone_bands(
    found: Recalled, index: int, power: Array, sample_rate: float
) -> list[tuple[str, float, float, float]]:
    """At most three bands (shape, Hz, dB, q) for what is certain of a track's tone, as few as say it; [] for none."""
    error = found.tone_error_db[index]
    known = (error < CERTAIN_DB) & (power > power.max() * 1e-4)
    if known.sum() < 4:
        return []
    hz, curve, weight = found.band_hz[known], found.tone_db[index, known], error[known] ** -2
    curve = curve - np.average(curve, weights=weight)
    best = float((weight * curve**2).sum())
    chosen: list[tuple[str, float, float, float]] = []
    for count in range(1, MOST_BANDS + 1):
        # A level of its own goes along: the curve is known but for the fader.
        rows, left = _fitted(hz, curve, weight, count, sample_rate)
        if best - left < WORTH_A_BAND:
            break
        best, chosen = left, rows
    return [r for r in chosen if abs(r[2]) >= SMALLEST_TONE_DB]


def _fitted(
    hz: Array, curve: Array, weight: Array, count: int, sample_rate: float
) -> tuple[list[tuple[str, float, float, float]], float]:
    """Bands for a curve whose overall level is free: fitted in turns with that level."""
    from smartmix import _core

    shapes = {1: "bell", 2: "low_shelf", 3: "high_shelf"}
    level = float(np.median(curve))
    rows: list[tuple[str, float, float, float]] = []
    left = np.inf
    for _ in range(4):
        found, _, _ = _core.fit_bands(
            hz, curve - level, weight / weight.max(), sample_rate, count, max_gain_db=TONE_DB, max_q=TONE_Q
        )
        rows = [
            (shapes[int(s)], float(f"{f:.3g}"), round(float(g), 1), round(float(q), 2))
            for s, f, g, q in found
        ]
        apart = curve - response_db(rows, hz, sample_rate)
        level = float(np.average(apart, weights=weight))
        left = float((weight * (apart - level) ** 2).sum())
    return rows, left


def response_db(rows: list[tuple[str, float, float, float]], hz: Array, sample_rate: float) -> Array:
    """What the bands do at these frequencies, dB, as the mixer plays them."""
    from smartmix.processors import ParametricEQ

    eq = ParametricEQ()
    for place, row in enumerate(rows, start=1):
        shape, freq_hz, gain_db, q = row
        eq.set(f"band{place}.shape", shape)
        eq.set(f"band{place}.freq_hz", freq_hz)
        eq.set(f"band{place}.gain_db", gain_db)
        eq.set(f"band{place}.q", q)
    eq(np.zeros((1, 1), np.float32), sample_rate)
    return np.asarray(eq.response_db(np.minimum(hz, 0.5 * sample_rate)))


def _same_level(
    track: str, rows: list[tuple[str, float, float, float]], hz: Array, power: Array, sample_rate: float
) -> list[MoveSet]:
    """The fader that takes back what the bands do to the level: tone and balance can be judged apart."""
    played = db_to_power(response_db(rows, hz, sample_rate))
    louder_db = power_to_db(float((power * played).sum()) / max(float(power.sum()), 1e-30))
    change = round(-louder_db, 1)
    return [MoveSet(ParamRef(track, "fader", "gain_db"), "dB", 0.0, change)] if change else []


def _mean_power(context: Context, name: str) -> Array:
    return np.asarray(context.analysis.tracks[name].features.band_power.mean(axis=0), dtype=np.float64)


def _band_sets(track: str, section: str, row: tuple[str, float, float, float]) -> list[MoveSet]:
    shape, hz, gain, q = row

    def ref(parameter: str) -> ParamRef:
        return ParamRef(track, "eq", f"{section}.{parameter}")

    return [
        MoveSet(ref("shape"), "", "off", shape),
        MoveSet(ref("freq_hz"), "Hz", hz, hz),
        MoveSet(ref("gain_db"), "dB", 0.0, gain),
        MoveSet(ref("q"), "", q, q),
    ]


def _lane(found: Recalled, index: int) -> tuple[Breakpoint, ...]:
    """The ride of one track in few points; () where it hardly moves, or no more than the error."""
    heard = np.flatnonzero(found.share[:, index] >= HEARD_SHARE)
    if heard.size < 2:
        return ()
    ride: Array = np.clip(found.ride_db[heard, index], -SECTION_RIDE_DB, SECTION_RIDE_DB)
    error = found.ride_error_db[heard, index]
    if not np.any(np.abs(ride) > np.maximum(SMALLEST_RIDE_DB, BEYOND_ERROR * error)):
        return ()
    times = np.asarray((heard + 0.5) * found.segment_s, dtype=np.float64)
    tolerance = LANE_TOLERANCE_DB
    kept = few_points(times, ride, tolerance)
    while len(kept) > MAX_LANE_POINTS:
        tolerance *= 1.5
        kept = few_points(times, ride, tolerance)
    return tuple(Breakpoint(round(float(times[i]), 3), round(float(ride[i]), 2)) for i in kept)


def few_points(times: Array, values: Array, tolerance: float) -> list[int]:
    """Which points keep straight lines within ``tolerance`` of all of them (Douglas and Peucker 1973)."""
    kept = {0, len(times) - 1}
    waiting = [(0, len(times) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        inside = slice(first + 1, last)
        line = np.interp(times[inside], times[[first, last]], values[[first, last]])
        worst = int(np.argmax(np.abs(values[inside] - line)))
        if abs(values[inside][worst] - line[worst]) > tolerance:
            kept.add(first + 1 + worst)
            waiting += [(first, first + 1 + worst), (first + 1 + worst, last)]
    return sorted(kept)


def _count(tracks: int) -> str:
    return "one track" if tracks == 1 else f"{tracks} tracks"
