"""Notes about tone: "muddy", "brighter", "thin". Where exactly, the track's own spectrum says."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from smartmix.figures import hertz, number
from smartmix.figures import span as span_text
from smartmix.parameter import ParamRef
from smartmix.plan.evidence import Evidence
from smartmix.plan.move import Move, MoveSet
from smartmix.session.roles import family
from smartmix.session.session import Track
from smartmix.suggesters.notes.build import Ask, CannotDoError, move, note_id, sized, unlocked

SMOOTH_BANDS = 9
"""A band is compared with the mean of this many around it (of 40): about two octaves."""
CLEAR_DB = 1.0
"""Less than this over its surroundings is not worth a sentence."""
SIGNAL_DB = 36.0
"""A band this far under the track's strongest holds nothing to raise (house)."""
MOST_TRACKS = 2
"""So many tracks of a group are turned down: those that hold the most of what the note is about (house)."""
SHARE_OF_BAND = 0.25
"""A track that holds less of the band than this is not the cause."""


@dataclass(frozen=True, slots=True)
class Curve:
    """An EQ move for a trade word: shape, where to look (Hz), figures for "a touch", nothing said and "a lot" (dB)."""

    shape: str
    low_hz: float
    high_hz: float
    amounts_db: tuple[float, float, float]
    q: float
    cost: str


CURVES: dict[tuple[str, int], Curve] = {
    ("mud", -1): Curve("bell", 180.0, 450.0, (1.5, 2.5, 3.0), 1.2, "Thinner in solo: judge it in the mix."),
    ("box", -1): Curve("bell", 300.0, 800.0, (1.5, 2.5, 3.0), 1.4, "Less wood and body."),
    ("boom", -1): Curve("bell", 70.0, 220.0, (1.5, 2.5, 3.0), 1.4, "Less weight."),
    ("nasal", -1): Curve("bell", 700.0, 1600.0, (1.5, 2.5, 3.0), 1.6, "Less forward."),
    ("harsh", -1): Curve("bell", 2200.0, 5500.0, (1.5, 2.5, 3.0), 1.6, "Less bite."),
    ("low_end", 1): Curve("low_shelf", 60.0, 110.0, (1.0, 1.5, 2.0), 0.7071, "Takes headroom."),
    ("low_end", -1): Curve("low_shelf", 80.0, 140.0, (1.5, 2.5, 3.0), 0.7071, "Less weight."),
    ("body", 1): Curve("bell", 130.0, 320.0, (1.0, 1.5, 2.0), 0.8, "Too much of it is mud."),
    ("body", -1): Curve("bell", 150.0, 350.0, (1.5, 2.0, 3.0), 0.9, "Thinner."),
    ("presence", 1): Curve("bell", 2000.0, 4500.0, (1.0, 1.5, 2.0), 1.0, "Too much of it is harsh."),
    ("presence", -1): Curve("bell", 2000.0, 4500.0, (1.5, 2.0, 3.0), 1.0, "Steps back in the mix."),
    ("bright", 1): Curve(
        "high_shelf", 6000.0, 6000.0, (1.0, 1.5, 2.5), 0.7071, "Hiss and spill come up too."
    ),
    ("bright", -1): Curve("high_shelf", 5000.0, 5000.0, (1.0, 2.0, 3.0), 0.7071, "Less air."),
    ("air", 1): Curve("high_shelf", 11_000.0, 11_000.0, (1.0, 1.5, 2.5), 0.7071, "Hiss comes up too."),
    ("air", -1): Curve("high_shelf", 10_000.0, 10_000.0, (1.0, 2.0, 3.0), 0.7071, "Less air."),
    ("rumble", -1): Curve("high_pass", 20.0, 100.0, (0.0, 0.0, 0.0), 0.7071, "What lies under it is gone."),
}
"""Where a trade word lies in the spectrum: usual ranges of the trade (house), narrowed by the track's own spectrum."""


def tone(ask: Ask) -> list[Move]:
    """EQ moves on the tracks that hold what the note is about."""
    curve = CURVES.get((ask.request.axis, ask.request.sign))
    if curve is None:
        raise CannotDoError("there is no move for more of that")
    tracks = [t for t in unlocked(ask) if np.isfinite(ask.context.analysis.tracks[t.id].active_lufs)]
    if not tracks:
        raise CannotDoError(f"{ask.meant.label} is silent")
    if curve.shape == "high_pass":
        return [_high_pass(ask, t) for t in tracks]
    if len(tracks) > 1:
        tracks = _causes(ask, curve, tracks)
    spans = ask.spans or (None,)
    return [_eq(ask, curve, t, s) for t in tracks for s in spans]


def _band(ask: Ask, low_hz: float, high_hz: float) -> NDArray[np.intp]:
    hz = ask.context.analysis.band_hz
    inside = (hz >= low_hz) & (hz <= high_hz)
    if inside.any():
        return np.flatnonzero(inside)
    return np.asarray([np.argmin(np.abs(np.log2(hz / np.sqrt(low_hz * high_hz))))])


def _causes(ask: Ask, curve: Curve, tracks: list[Track]) -> list[Track]:
    """Of several tracks those with the most energy in the band; what carries the low end is not its mud."""
    bands = _band(ask, curve.low_hz, curve.high_hz)
    if ask.request.axis in ("mud", "box", "body") and len(tracks) > 2:
        others = [t for t in tracks if family(t.role) != "bass" and t.role not in ("kick", "lead_vocal")]
        tracks = others or tracks
    analysis = ask.context.analysis
    power = {
        t.id: float(np.sum(10.0 ** ((analysis.tracks[t.id].spectrum_db[bands] + t.gain_db) / 10.0)))
        * analysis.tracks[t.id].active_share
        for t in tracks
    }
    total = sum(power.values())
    ranked = sorted(tracks, key=lambda t: (-power[t.id], t.id))
    chosen = [t for t in ranked[:MOST_TRACKS] if total > 0.0 and power[t.id] >= SHARE_OF_BAND * total]
    return chosen or ranked[:1]


def _eq(ask: Ask, curve: Curve, track: Track, span: tuple[float, float] | None) -> Move:
    change = ask.request.sign * sized(ask.request, *curve.amounts_db)
    freq, excess = _where(ask, curve, track)
    if change > 0.0 and not _has_signal(ask, curve, track, freq):
        raise CannotDoError(f"{track.name} has no signal around {hertz(freq)} to raise")
    key = note_id(ask, track.id, "eq" if span is None else f"eq {span[0]:.1f}", freq)
    kind = curve.shape.replace("_", " ")
    where = "" if span is None else f", {span_text(span)}"
    gain = MoveSet(ParamRef(track.id, "eq", f"{key}.gain_db"), "dB", 0.0, change)
    title = f"{track.name}: {number(change, plus=True)} dB at {hertz(freq)}, {kind}{where}"
    sets = (*_section(track, key, curve.shape, freq), gain, _set(track, key, "q", "", curve.q))
    answer = move(ask, track.id, key, title, sets, interval=(0.5 * change, 1.5 * change))
    answer = replace(answer, cost=curve.cost, span_s=span)
    if curve.shape != "bell" or change > 0.0:
        return answer
    stands = f"{track.name} stands {number(excess)} dB over its surroundings at {hertz(freq)}"
    around = (freq / 2.0**0.5, freq * 2.0**0.5)
    evidence = Evidence("spectrum", stands, excess, "dB", (track.id,), band_hz=around)
    why = (
        f"{stands}."
        if excess >= CLEAR_DB
        else f"Nothing stands out there; {hertz(freq)} is where most of it lies."
    )
    return replace(answer, reason=f"{answer.reason} {why}", evidence=(evidence,))


def _section(track: Track, key: str, shape: str, freq_hz: float) -> tuple[MoveSet, MoveSet]:
    """Shape and frequency of a section of its own."""
    off = MoveSet(ParamRef(track.id, "eq", f"{key}.shape"), "", "off", shape)
    return off, _set(track, key, "freq_hz", "Hz", freq_hz)


def _set(track: Track, key: str, name: str, unit: str, value: float) -> MoveSet:
    return MoveSet(ParamRef(track.id, "eq", f"{key}.{name}"), unit, value, value)


def _where(ask: Ask, curve: Curve, track: Track) -> tuple[float, float]:
    """(Hz, dB over its surroundings): where in the range the track stands out; a boost goes to its middle."""
    if curve.shape != "bell" or ask.request.sign > 0:
        return float(round(np.sqrt(curve.low_hz * curve.high_hz))), 0.0
    analysis = ask.context.analysis
    level = np.maximum(analysis.tracks[track.id].spectrum_db.astype(np.float64), -120.0)
    padded = np.pad(level, SMOOTH_BANDS // 2, mode="edge")
    trend = np.convolve(padded, np.full(SMOOTH_BANDS, 1.0 / SMOOTH_BANDS), "valid")
    bands = _band(ask, curve.low_hz, curve.high_hz)
    best = int(bands[np.argmax((level - trend)[bands])])
    return float(round(float(analysis.band_hz[best]))), float((level - trend)[best])


def _has_signal(ask: Ask, curve: Curve, track: Track, freq: float) -> bool:
    level = ask.context.analysis.tracks[track.id].spectrum_db
    reach = 2.0 if "shelf" in curve.shape else 1.3
    bands = _band(ask, freq / reach, freq * reach)
    return bool(level[bands].max() >= level.max() - SIGNAL_DB)


def _high_pass(ask: Ask, track: Track) -> Move:
    """A 12 dB/oct high-pass half an octave under the lowest note."""
    lowest = ask.context.analysis.tracks[track.id].lowest_note_hz
    edge = 40.0 if lowest is None else lowest / 2.0**0.5
    limit = 30.0 if family(track.role) == "bass" or track.role == "kick" else 100.0
    freq = float(round(min(max(edge, 20.0), limit)))
    key = note_id(ask, track.id, "eq", freq)
    sets = (*_section(track, key, "high_pass", freq), _set(track, key, "slope_db_oct", "dB/oct", 12.0))
    title = f"{track.name}: high-pass at {hertz(freq)}"
    answer = move(ask, track.id, key, title, sets, interval=(0.8 * freq, 1.2 * freq))
    return replace(answer, cost="What lies under it is gone.")
