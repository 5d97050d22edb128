"""Figures and words as engineers read them: true minus, 1 decimal, m:ss, "sure / likely / have a listen"."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from smartmix.figures import EN_DASH, MINUS, hertz, note_name, number, pan_position, setting, span
from smartmix.plan.explain import confidence_word
from smartmix.report.printable import printable

if TYPE_CHECKING:
    from smartmix.analysis.loudness import Loudness
    from smartmix.mastering.result import MasterResult

__all__ = [
    "change",
    "closed",
    "confidence_word",
    "count",
    "explanation",
    "hertz",
    "level",
    "limiter",
    "note_name",
    "number",
    "pan_position",
    "printable",
    "prose",
    "sentence",
    "sentence_start",
    "setting",
    "span",
    "target_source",
    "without_name",
]

NOTHING = EN_DASH
SILENT = "silent"
SELDOM_DB = 0.05
"""Less reduction than this reads 0.0 to a tenth of a dB."""
HEARD_DBTP = -90.0
"""Peaks under this are the dither of silence."""

_HYPHEN_MINUS = re.compile(r"(?<![\w\-./])-(?=\d)")
_STANDING = re.compile(
    r" (?:(?:Sure|Likely|Have a listen) \(\d\.\d\d\)(?:; edited by you)?"
    r"|Your own move|Asked for in a note|Asked for by [^.]*)\.$"
)
_SPELT = re.compile(r"\S*(?:\w\.\w|_|\d)")
"""A first word with a dot, an underscore or a figure inside is a name, not the start of a sentence."""


def level(value: float, unit: str, decimals: int = 1) -> str:
    """A level with its unit; minus infinity is "silent"."""
    if value == -math.inf:
        return SILENT
    return f"{number(value, decimals)} {unit}" if math.isfinite(value) else NOTHING


def loudness(figures: Loudness) -> str:
    """An integrated loudness; "no loudness" for what sounds and is too short or too quiet to have one."""
    if figures.integrated_lufs == -math.inf and figures.true_peak_dbtp > HEARD_DBTP:
        return "no loudness"
    return level(figures.integrated_lufs, "LUFS")


def change(value_db: float, decimals: int = 1) -> str:
    """A level change in dB with its sign; minus infinity is "muted"."""
    if value_db == -math.inf:
        return "muted"
    return f"{number(value_db, decimals, plus=True)} dB" if math.isfinite(value_db) else NOTHING


def prose(text: str) -> str:
    """Prose with true minus signs before figures and nothing that steers a terminal."""
    return _HYPHEN_MINUS.sub(MINUS, printable(text))


def sentence_start(text: str) -> str:
    """Prose with a capital; a file or track name in front ("kick.wav", "vox_lead") stays as it is spelt."""
    shown = prose(text).strip()
    if _SPELT.match(shown):
        return shown
    return shown[:1].upper() + shown[1:]


def sentence(text: str) -> str:
    """Prose with a capital and a full stop; nothing stays nothing."""
    return closed(sentence_start(text))


def closed(text: str) -> str:
    """Prose with a full stop and the capitals it came with, for text that starts with a track's name."""
    shown = prose(text).strip()
    return shown if not shown or shown.endswith((".", "!", "?")) else f"{shown}."


def explanation(text: str) -> str:
    """A move's sentence without its last words on how sure it is: those are shown beside it."""
    return prose(_STANDING.sub("", text))


def without_name(text: str, name: str) -> str:
    """The text without the track's name in front, where it stands beside the name anyway."""
    for start in (f"{name}: ", f"{name} "):
        if text.startswith(start) and len(text) > len(start):
            return text.removeprefix(start)
    return text


def limiter(master: MasterResult) -> str:
    """What the limiter did, in words."""
    if master.max_gain_reduction_db <= 0.0:
        return "the limiter has nothing to do"
    if master.max_gain_reduction_db < SELDOM_DB:
        return f"limiter {number(master.max_gain_reduction_db, 2)} dB at most"
    most, mean = number(master.max_gain_reduction_db), number(master.mean_gain_reduction_db)
    return f"limiter {most} dB at most and {mean} dB on average while it works"


def count(amount: int, one: str, many: str = "") -> str:
    """ "1 move", "3 moves"."""
    return f"{amount} {one if amount == 1 else many or one + 's'}"


def target_source(source: str) -> str:
    """Where the master's target loudness comes from."""
    return {
        "asked": "asked for",
        "hand": "set by hand",
        "rough": "the rough mix's loudness",
        "reference": "the reference's loudness",
        "default": "house default",
    }.get(source, source)
