"""Names from files, made safe to show: a file name may hold anything."""

from __future__ import annotations

import unicodedata

_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """The text without characters that steer a terminal or reorder a line; each becomes U+FFFD."""
    if text.isascii() and text.isprintable():  # nearly all of a page: its pictures and clips
        return text
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character in "\n\t":
        return " "
    hidden = character in _BIDI_CONTROLS or unicodedata.category(character) in ("Cc", "Cs")
    return "\ufffd" if hidden else character
