"""Moves a person writes: fader, trim, pan, bell, high-pass. In force as soon as they are added."""

from __future__ import annotations

from smartmix.parameter import ParamRef
from smartmix.plan.move import Move, MoveSet, move_id

SOURCE = "person"

Span = tuple[float, float] | None


def level_move(track: str, device: str, change_db: float, span_s: Span = None) -> Move:
    """Turn a track up or down by ``change_db`` with its "fader" or its "trim"."""
    item = MoveSet(ParamRef(track, device, "gain_db"), "dB", 0.0, change_db)
    return _move(track, device, f"{device.capitalize()} {_signed(change_db)} dB", (item,), span_s=span_s)


def pan_move(track: str, position: float, span_s: Span = None) -> Move:
    """Put a track at a pan position, -1 (left) to 1 (right)."""
    side = "centre" if position == 0 else f"{'L' if position < 0 else 'R'}{abs(position) * 100:.0f}"
    item = MoveSet(ParamRef(track, "pan", "pan"), "", 0.0, position)
    return _move(track, "pan", f"Pan {side}", (item,), span_s=span_s)


def bell_move(track: str, freq_hz: float, gain_db: float, q: float, *, span_s: Span = None) -> Move:
    """Boost or cut a track by ``gain_db`` around ``freq_hz``; a higher ``q`` is narrower."""
    title = f"Bell {_signed(gain_db)} dB at {freq_hz:.0f} Hz, Q {q:g}"
    key = _id(track, "bell", span_s, freq_hz)
    sets = (
        _eq(track, key, "shape", "", "off", "bell"),
        _eq(track, key, "freq_hz", "Hz", freq_hz, freq_hz),
        _eq(track, key, "gain_db", "dB", 0.0, gain_db),
        _eq(track, key, "q", "", q, q),
    )
    return _move(track, "bell", title, sets, span_s=span_s, band_hz=freq_hz)


def high_pass_move(track: str, freq_hz: float, slope_db_oct: float = 12.0, span_s: Span = None) -> Move:
    """Take away what is under ``freq_hz``, by ``slope_db_oct`` dB per octave."""
    title = f"High-pass at {freq_hz:.0f} Hz, {slope_db_oct:g} dB/oct"
    key = _id(track, "high_pass", span_s, freq_hz)
    sets = (
        _eq(track, key, "shape", "", "off", "high_pass"),
        _eq(track, key, "freq_hz", "Hz", freq_hz, freq_hz),
        _eq(track, key, "slope_db_oct", "dB/oct", slope_db_oct, slope_db_oct),
    )
    return _move(track, "high_pass", title, sets, span_s=span_s, band_hz=freq_hz)


def _move(
    track: str,
    device: str,
    title: str,
    sets: tuple[MoveSet, ...],
    *,
    span_s: Span,
    band_hz: float | None = None,
) -> Move:
    return Move(
        id=_id(track, device, span_s, band_hz),
        track=track,
        title=title,
        source=SOURCE,
        confidence=1.0,
        reason="Your own move.",
        sets=sets,
        status="accepted",
        authority="person",
        span_s=span_s,
    )


def _id(track: str, device: str, span_s: Span, band_hz: float | None = None) -> str:
    section = "" if span_s is None else f"{span_s[0]:.1f}-{span_s[1]:.1f}"
    return move_id(track, SOURCE, device, section, band_hz)


def _eq(  # noqa: PLR0917 (the fields of a setting)
    track: str, key: str, name: str, unit: str, before: float | str, value: float | str
) -> MoveSet:
    return MoveSet(ParamRef(track, "eq", f"{key}.{name}"), unit, before, value)


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "\u2212")
