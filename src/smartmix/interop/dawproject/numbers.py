"""Numbers and texts as DAWproject writes and reads them."""

from __future__ import annotations

import math
import re

from smartmix.errors import InteropError

_UNSAID = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, as a character or as a reference (W3C XML 1.0, production 2)."""


def told(value: float) -> str:
    """A number without exponent, to 12 decimals (a gain is then exact to -240 dB): "0.5", "-2.5", "48"."""
    if not math.isfinite(value):
        raise InteropError(f"{value!r}: a project file holds finite numbers only")
    text = f"{value:.12f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def flag(value: object) -> str:
    """A switch: "true" or "false"."""
    return "true" if value else "false"


def plain(text: str) -> str:
    """A text without characters that XML has no way to hold."""
    return _UNSAID.sub("\ufffd", text)


def number(text: str | None, what: str, default: float | None = None) -> float:
    """A number as read; "inf" and "-inf" are allowed by the format. InteropError names what it belongs to."""
    if text is None:
        if default is None:
            raise InteropError(f"{what}: is missing")
        return default
    try:
        value = float(text)
    except ValueError:
        raise InteropError(f"{what} = {text[:40]!r}: expected a number") from None
    if math.isnan(value):
        raise InteropError(f"{what} = {text[:40]!r}: expected a number")
    return value


def switch(text: str | None, default: bool) -> bool:
    """A switch as read: xs:boolean has "1" and "0" too."""
    return default if text is None else text.strip() in ("true", "1")


def finite(value: float, what: str, most: float = 1e9) -> float:
    """The number, if it is one a song can have; else InteropError."""
    if abs(value) > most:
        raise InteropError(f"{what} = {value:g}: expected a number between -{most:g} and {most:g}")
    return value
