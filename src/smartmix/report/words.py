"""Figures and words as engineers read them: true minus, 1 decimal, m:ss, "sure / likely / have a listen"."""

from __future__ import annotations

import math
import re
import unicodedata

from smartmix.units import format_time

MINUS = "\u2212"
NOTHING = "\u2013"
SILENT = "silent"

SURE, LIKELY = 0.85, 0.7

_HYPHEN_MINUS = re.compile(r"(?<![\w\-./])-(?=\d)")
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def printable(text: str) -> str:
    """The text without characters that steer a terminal or reorder a line (file names may hold them)."""
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in "\n\t":
        return " "
    hidden = character in _BIDI_CONTROLS or unicodedata.category(character) in ("Cc", "Cs")
    return "\ufffd" if hidden else character


def number(value: float, decimals: int = 1, *, plus: bool = False) -> str:
    """A figure with a true minus; a value that does not exist (infinite, not a number) is an en dash."""
    if not math.isfinite(value):
        return NOTHING
    text = f"{abs(value):.{decimals}f}"
    if float(text) == 0.0:
        return text
    return (MINUS if value < 0 else "+" if plus else "") + text


def level(value: float, unit: str, decimals: int = 1) -> str:
    """A level with its unit; minus infinity is "silent"."""
    if value == -math.inf:
        return SILENT
    return f"{number(value, decimals)} {unit}" if math.isfinite(value) else NOTHING


def change(value_db: float, decimals: int = 1) -> str:
    """A level change in dB with its sign; minus infinity is "muted"."""
    if value_db == -math.inf:
        return "muted"
    return f"{number(value_db, decimals, plus=True)} dB" if math.isfinite(value_db) else NOTHING


def hertz(frequency_hz: float) -> str:
    """A frequency: 310 Hz, 2.5 kHz, 12 kHz."""
    if not math.isfinite(frequency_hz):
        return NOTHING
    if frequency_hz < 1000.0:
        return f"{frequency_hz:.0f} Hz"
    return f"{frequency_hz / 1000.0:.1f}".removesuffix(".0") + " kHz"


def note_name(frequency_hz: float) -> str:
    """The nearest note, A4 = 440 Hz: 41.2 Hz is E1."""
    if not (math.isfinite(frequency_hz) and frequency_hz > 0.0):
        return NOTHING
    midi = round(69 + 12 * math.log2(frequency_hz / 440.0))
    return f"{_NOTES[midi % 12]}{midi // 12 - 1}"


def span(span_s: tuple[float, float]) -> str:
    """A stretch of the song: 1:04–1:35."""
    return f"{format_time(span_s[0])}{NOTHING}{format_time(span_s[1])}"


def setting(value: float, unit: str, *, plus: bool = False) -> str:
    """A parameter's value in its unit, with the decimals that unit deserves."""
    if unit == "Hz":
        return hertz(value)
    if unit in ("dB", "LU"):
        return f"{number(value, plus=plus)} {unit}"
    if unit == "pan":
        return pan(value)
    figure = number(value, 2)
    if "." in figure:
        figure = figure.rstrip("0").rstrip(".")
    return f"{figure} {unit}".rstrip()


def pan(position: float) -> str:
    """A pan position −1..1 as on a console: L30, C, R100."""
    amount = round(abs(position) * 100)
    if amount == 0:
        return "C"
    return f"{'L' if position < 0 else 'R'}{amount}"


def confidence_word(confidence: float) -> str:
    """How sure a move is, in words: sure (0.85 and up), likely (0.7 and up), have a listen."""
    if confidence >= SURE:
        return "sure"
    return "likely" if confidence >= LIKELY else "have a listen"


def prose(text: str) -> str:
    """Prose with true minus signs before figures and nothing that steers a terminal."""
    return _HYPHEN_MINUS.sub(MINUS, printable(text))


def sentence(text: str) -> str:
    """Prose that ends with a full stop; nothing stays nothing."""
    shown = prose(text).rstrip()
    return shown if not shown or shown.endswith((".", "!", "?")) else f"{shown}."


def count(amount: int, one: str, many: str = "") -> str:
    """ "1 move", "3 moves"."""
    return f"{amount} {one if amount == 1 else many or one + 's'}"


def target_source(source: str) -> str:
    """Where the master's target loudness comes from."""
    return {"asked": "asked for", "rough": "the rough mix's loudness", "default": "house default"}.get(
        source, source
    )
