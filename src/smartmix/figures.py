"""Figures as engineers read and write them: true minus, dB with its sign, Hz and kHz, L30, E2, 1:04–1:35."""

from __future__ import annotations

import math

MINUS = "\u2212"
EN_DASH = "\u2013"
_NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def number(value: float, decimals: int = 1, *, plus: bool = False) -> str:
    """A figure with a true minus; a value that does not exist (infinite, not a number) is an en dash.

    ``plus`` writes the sign of a rise, for changes: "+1.5". What rounds to 0 has no sign.
    """
    if not math.isfinite(value):
        return EN_DASH
    text = f"{abs(value):.{decimals}f}"
    if float(text) == 0.0:
        return text
    return (MINUS if value < 0 else "+" if plus else "") + text


def hertz(frequency_hz: float) -> str:
    """A frequency as read on an analyser: "310 Hz", "2.8 kHz", "12 kHz"."""
    if frequency_hz < 999.5:
        return f"{frequency_hz:.0f} Hz"
    return f"{frequency_hz / 1000.0:.2f}".rstrip("0").rstrip(".") + " kHz"


def setting(value: float, unit: str, *, plus: bool = False) -> str:
    """A parameter's value in its unit, with the decimals that unit deserves: "2.8 kHz", "+1.5 dB", "0.71"."""
    if unit.casefold() == "hz":
        return hertz(value)
    if unit in ("dB", "LU"):
        return f"{number(value, plus=plus)} {unit}"
    figure = number(value, 2)
    if "." in figure:
        figure = figure.rstrip("0").rstrip(".")
    return f"{figure} {unit}".rstrip()


def pan_position(pan: float) -> str:
    """A pan of -1 (left) to 1 (right) as it stands on a console: "L30", "C", "R100"."""
    percent = round(abs(pan) * 100.0)
    return "C" if percent == 0 else f"{'L' if pan < 0 else 'R'}{percent}"


def note_name(frequency_hz: float) -> str:
    """The nearest note in equal temperament, A4 = 440 Hz: 41.2 Hz is E1; an en dash where there is none."""
    if not (math.isfinite(frequency_hz) and frequency_hz > 0.0):
        return EN_DASH
    midi = round(69 + 12 * math.log2(frequency_hz / 440.0))
    return f"{_NOTES[midi % 12]}{midi // 12 - 1}"


def span(span_s: tuple[float, float]) -> str:
    """A stretch of the song: "1:04–1:35"; where both ends read the same, one time."""
    first, last = format_time(span_s[0]), format_time(span_s[1])
    return first if first == last else f"{first}{EN_DASH}{last}"


def format_time(seconds: float) -> str:
    """Seconds as an engineer reads them: 64.2 -> '1:04', 3723 -> '1:02:03'."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"
