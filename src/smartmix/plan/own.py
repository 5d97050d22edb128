"""Filters a person asks for: moves of several settings, for ``MixPlan.add``."""

from __future__ import annotations

from smartmix.parameter import ParamRef
from smartmix.plan.move import Move, MoveSet, move_id

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


def _id(track: str, device: str, freq_hz: float, span_s: Span) -> str:
    section = "" if span_s is None else f"{span_s[0]:.1f}-{span_s[1]:.1f}"
    return move_id(track, "person", device, section, max(freq_hz, 1.0))


def _move(key: str, track: str, title: str, settings: _Settings, span_s: Span) -> Move:
    sets = tuple(
        MoveSet(ParamRef(track, "eq", f"{key}.{name}"), unit, before, value)
        for name, (unit, before, value) in settings.items()
    )
    return Move(key, track, title, "person", 1.0, "", sets, authority="person", span_s=span_s)
