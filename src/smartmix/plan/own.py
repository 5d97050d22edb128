"""What a person asks for in one word: filters, a compressor, a de-esser, a send; for ``MixPlan.add``."""

from __future__ import annotations

from smartmix.errors import PlanError
from smartmix.parameter import ParamRef
from smartmix.plan.keyed import KeyedBand, free_band, keyed_compressor_sets
from smartmix.plan.mixplan import MixPlan
from smartmix.plan.move import Move, MoveSet, Value, move_id
from smartmix.plan.ranges import RANGES, check_value
from smartmix.session.returns import RETURNS

DUCK_RELEASE_MS = 150.0
"""House: over the 120 ms under which dynamics are heard to pump."""

Span = tuple[float, float] | None

_Settings = dict[str, tuple[str, float | str, float | str]]
"""Unit, value before and value suggested of each parameter of the section."""


def bell_move(track: str, freq_hz: float, gain_db: float, q: float, *, span_s: Span = None) -> Move:
    """Boost or cut a track by ``gain_db`` around ``freq_hz``; a higher ``q`` is narrower."""
    key = _id(track, "bell", freq_hz, span_s)
    settings: _Settings = {
        "shape": ("", "off", "bell"),
        "freq_hz": ("Hz", freq_hz, freq_hz),
        "gain_db": ("dB", 0.0, gain_db),
        "q": ("", q, q),
    }
    return _move(key, track, "Bell", settings, span_s)


def high_pass_move(track: str, freq_hz: float, slope_db_oct: float = 12.0, *, span_s: Span = None) -> Move:
    """Take away what is under ``freq_hz``, by ``slope_db_oct`` dB per octave."""
    key = _id(track, "high_pass", freq_hz, span_s)
    settings: _Settings = {
        "shape": ("", "off", "high_pass"),
        "freq_hz": ("Hz", freq_hz, freq_hz),
        "slope_db_oct": ("dB/oct", slope_db_oct, slope_db_oct),
    }
    return _move(key, track, "High-pass", settings, span_s)


def compressor_move(track: str, threshold_db: float, ratio: float, *, span_s: Span = None) -> Move:
    """Turn a track down by 1 - 1/``ratio`` of what it is over ``threshold_db``, with attack and release that follow
    the material.
    """
    settings: dict[str, float | str] = {"threshold_db": threshold_db, "ratio": ratio, "auto_times": "on"}
    return _dynamics_move(track, "compressor", "Compressor", settings, span_s)


def de_esser_move(track: str, freq_hz: float, range_db: float, *, span_s: Span = None) -> Move:
    """Turn the sibilance of a track around ``freq_hz`` down by ``range_db`` at most."""
    return _dynamics_move(track, "de_esser", "De-esser", {"freq_hz": freq_hz, "range_db": range_db}, span_s)


def duck_move(plan: MixPlan, track: str, asked: tuple[str, float, float], *, span_s: Span = None) -> Move:
    """Turn a track down while another plays: ``asked`` is its id, the threshold in dB on it, the ratio. A release of
    ``DUCK_RELEASE_MS`` lets the track come back without being heard to pump.
    """
    key, threshold_db, ratio = asked
    settings: dict[str, Value] = {"threshold_db": threshold_db, "ratio": ratio, "release_ms": DUCK_RELEASE_MS}
    sets = keyed_compressor_sets(track, _known(plan, key), settings)
    return _person(
        move_id(track, "person", f"compressor {key}", _section(span_s)), track, "Ducking", sets, span_s
    )


def duck_band_move(
    plan: MixPlan, track: str, asked: tuple[str, float, float, float], *, span_s: Span = None
) -> Move:
    """Move a bell of a track while another plays there: ``asked`` is its id, Hz, the most dB, the threshold in dB on
    the same band of it. Takes the first band of the dynamic EQ that is free; PlanError when none is.
    """
    key, freq_hz, range_db, threshold_db = asked
    band = free_band(plan.moves, track)
    if band is None:
        raise PlanError(
            f"all four bands of the dynamic EQ of {track} are taken; edit the move that has one of them"
        )
    sets = KeyedBand(_known(plan, key), freq_hz, range_db, threshold_db).sets(track, band)
    name = move_id(track, "person", f"duck {key}", _section(span_s), max(freq_hz, 1.0))
    return _person(name, track, "Ducking band", sets, span_s)


def _known(plan: MixPlan, key: str) -> str:
    known = sorted({move.track for move in plan.moves} | set(plan.input_hashes) - {"rough"})
    if plan.input_hashes and key not in known:
        raise PlanError(f"no track {key!r} in the plan; tracks: {', '.join(known)}")
    return key


def _person(key: str, track: str, title: str, sets: tuple[MoveSet, ...], span_s: Span) -> Move:
    return Move(key, track, title, "person", 1.0, "", sets, authority="person", span_s=span_s)


def send_move(track: str, effect: str, level_db: float, *, span_s: Span = None) -> Move:
    """Send a track to the "reverb" or the "delay" (or a return by its id) at ``level_db``."""
    target = next((item for item in RETURNS if effect in (item.id, item.device)), None)
    if target is None:
        raise PlanError(f"send to {effect!r}: expected {' or '.join(item.device for item in RETURNS)}")
    ref = ParamRef(track, "send", f"{target.id}.level_db")
    key = move_id(track, "person", f"send {target.id}", _section(span_s))
    setting = MoveSet(ref, "dB", RANGES["send", "level_db"].default, check_value(ref, level_db))
    title = f"Send to the {target.device}"
    return Move(key, track, title, "person", 1.0, "", (setting,), authority="person", span_s=span_s)


def _dynamics_move(
    track: str, device: str, title: str, settings: dict[str, float | str], span_s: Span
) -> Move:
    refs = {name: ParamRef(track, device, name) for name in settings}
    sets = tuple(
        MoveSet(ref, RANGES[device, name].unit, _neutral(device, name), check_value(ref, settings[name]))
        for name, ref in refs.items()
    )
    key = move_id(track, "person", device, _section(span_s))
    return Move(key, track, title, "person", 1.0, "", sets, authority="person", span_s=span_s)


def _neutral(device: str, name: str) -> float | str:
    allowed = RANGES[device, name]
    return allowed.choices[0] if allowed.choices else allowed.default


def _section(span_s: Span) -> str:
    return "" if span_s is None else f"{span_s[0]:.1f}-{span_s[1]:.1f}"


def _id(track: str, device: str, freq_hz: float, span_s: Span) -> str:
    return move_id(track, "person", device, _section(span_s), max(freq_hz, 1.0))


def _move(key: str, track: str, title: str, settings: _Settings, span_s: Span) -> Move:
    sets = tuple(
        MoveSet(ParamRef(track, "eq", f"{key}.{name}"), unit, before, value)
        for name, (unit, before, value) in settings.items()
    )
    return Move(key, track, title, "person", 1.0, "", sets, authority="person", span_s=span_s)
